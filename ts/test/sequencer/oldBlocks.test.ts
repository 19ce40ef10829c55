import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { primaryRollupAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import type { Sequencer, SequencerOptions } from '../../sequencer/sequencer.ts';
import type { LeafAnswer } from '../../sequencer/view.ts';
import { depositFor, outboxOf, testClient, until } from './chain.ts';
import { deployRollups, type TestDeployment } from './deployment.ts';
import { alice, bob, committed, ether, fakeProver, folder, get, lines, newDataDir, send, start, status, stopAll, syncByOther } from './underTest.ts';

describe('a block that is too old for a chain by the time it takes it', () => {
  let test: TestDeployment;
  beforeEach(async () => {
    newDataDir();
    test = await deployRollups({ anvilOf: [0, 1, 2], verifier: 'VerifierDouble', logFolder: folder });
  });
  afterEach(async () => await stopAll(test));

  const pass = async (days: number, chains = test.deployment.chains): Promise<void> => {
    for (const chain of chains) {
      await testClient(chain).increaseTime({ seconds: days * 86_400 });
      await testClient(chain).mine({ blocks: 1 });
    }
  };
  /** Chain 1 makes no blocks: the commit of block 2 waits there while the others take it, and three days pass. */
  const withOldBlock = async (part: Partial<SequencerOptions>, meanwhile = async (): Promise<void> => {}, moved = test.deployment.chains): Promise<{ sequencer: Sequencer; id: string }> => {
    const { deploymentId, chains } = test.deployment;
    const [zero, one] = chains;
    const prover = fakeProver();
    prover.hold = true;
    const sequencer = await start(test, { prover, ...part });
    await depositFor(zero!, alice, 5n * ether);
    await until(committed(sequencer, [1, 1, 1]), 'first block');
    await testClient(one!).setAutomine(false);
    const id = await send(sequencer, deploymentId, alice, 0, { leafIndex: 0, nonce: 0, amount: ether, receiver: bob });
    await until(committed(sequencer, [2, 1, 2]), 'second block on two chains');
    await meanwhile();
    await pass(3, moved);
    await testClient(one!).setAutomine(true);
    return { sequencer, id };
  };

  it('is made anew when that is asked for; what is made from then on has the time of the chains', async () => {
    const { deployment } = test;
    const { sequencer, id } = await withOldBlock({ remakeOldBlocks: true });
    await until(() => lines.some((line) => line.includes('blocks from 2 on reverted on chain2')), 'revert');
    await until(async () => (await fetch(`${sequencer.url}/status`)).status === 200 && (await committed(sequencer, [2, 2, 2])()), 'second block anew');
    expect(lines.find((line) => line.startsWith('TOO OLD'))).toMatch(/block 2 is dated \d+, chain1 takes none from before \d+; it and those after it are made anew/);
    expect(lines.some((line) => line.includes('blocks from 2 on reverted on chain0'))).toBe(true);
    expect(await get<{ status: string }>(sequencer, `/transactions/${id}`)).toMatchObject({ status: 'included', blockNumber: 2 });
    expect(await get<LeafAnswer[]>(sequencer, `/users/${testAccount('bob').address}`)).toMatchObject([{ chainIndex: 0, balance: `${ether}` }]);
    lines.length = 0;
    await pass(2);
    await depositFor(deployment.chains[0]!, alice, ether);
    await until(committed(sequencer, [3, 3, 3]), 'third block');
    expect(lines.filter((line) => /TOO OLD|failed|reverted/.test(line))).toEqual([]);
    expect(sequencer.halted()).toBe(null);
  });

  const waits = async (sequencer: Sequencer): Promise<void> => {
    await until(() => lines.filter((line) => line.includes('Block 2 is too old for chain1')).length >= 2, 'two attempts');
    expect(lines.find((line) => line.includes('Block 2 is too old for chain1'))).toContain('raise timestampPastTolerance');
    expect(await committed(sequencer, [2, 1, 2])()).toBe(true);
    expect([sequencer.halted(), lines.filter((line) => /TOO OLD|reverted on/.test(line))]).toEqual([null, []]);
  };

  it('is left to a person otherwise: nothing is undone, and a greater tolerance lets it in', async () => {
    const { sequencer } = await withOldBlock({});
    await waits(sequencer);
    const one = test.deployment.chains[1]!;
    await outboxOf(one, 'deployer').send({ address: one.rollup, abi: primaryRollupAbi, functionName: 'setTimestampTolerances', args: [30 * 86_400, 900] });
    await until(committed(sequencer, [2, 2, 2]), 'second block');
  });

  it('stays when one chain alone is ahead: a new one would be refused as well', async () => {
    const [, one] = test.deployment.chains;
    const { sequencer } = await withOldBlock({ remakeOldBlocks: true }, undefined, [one!]);
    await waits(sequencer);
  });

  it('stays when a chain has sent it, which anyone may have it do', async () => {
    const { sequencer } = await withOldBlock({ remakeOldBlocks: true }, async () => await syncByOther(test.deployment, 2, 2));
    await until(async () => (await status(sequencer)).chains[2]!.synced === 2, 'sync');
    await waits(sequencer);
  });
});