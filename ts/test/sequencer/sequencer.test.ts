import { beforeEach, afterEach, describe, expect, it } from 'vitest';
import { stringifyPlain } from '../../base/json.ts';
import { publicClient } from '../../chain/clients.ts';
import { primaryRollup } from '../../chain/contracts.ts';
import { primaryRollupAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import type { PairAnswer } from '../../sequencer/poolView.ts';
import type { Sequencer } from '../../sequencer/sequencer.ts';
import type { TestUser } from '../../sequencer/testSupport.ts';
import type { BlockAnswer, LeafAnswer } from '../../sequencer/view.ts';
import type { OrderType } from '../../spec/operation.ts';
import { signOperation } from '../../spec/signature.ts';
import { balance, depositFor, requestFullExit, testClient, until } from './chain.ts';
import { deployRollups, EXIT_BOND, type TestDeployment } from './deployment.ts';
import { alice, bob, committed, ether, executedEverywhere, fakeProver, folder, forgetRunning, get, lines, newDataDir, send, start, status, stopAll, syncByOther } from './underTest.ts';

/* The sequencer on real contracts; proofs are made up and the verifier takes all. */

async function post<T>(sequencer: Sequencer, path: string, body: unknown, expected = 202): Promise<T> {
  const response = await fetch(`${sequencer.url}${path}`, { method: 'POST', body: stringifyPlain(body) });
  const answer = (await response.json()) as T;
  expect(response.status, JSON.stringify(answer)).toBe(expected);
  return answer;
}

/** Signs an order with token 1 on both sides of the only pair, and sends it without owner and key. */
async function order(sequencer: Sequencer, deploymentId: bigint, user: TestUser, part: { type: OrderType; chainIndex: number; from: number; nonce: number; amount: bigint; peerAmount?: bigint; peerLimit?: bigint }): Promise<string> {
  const [{ first, second }] = await get<[PairAnswer]>(sequencer, '/pools');
  const [half, peer] = part.chainIndex === first.chainIndex ? [first, second] : [second, first];
  const { owner, keyX, keyY } = user;
  const signed = {
    token: 1n, peerToken: 1n, validUntil: 4_000_000_000, fee: 0n, limit: 0n, peerAmount: 0n, peerLimit: 0n, pool: half.leafIndex, peerChain: peer.chainIndex, peerLeaf: peer.leafIndex, ...part, nonce: BigInt(part.nonce),
  };
  const signature = signOperation({ ...signed, owner, keyX, keyY }, { deploymentId, chainIndex: part.chainIndex }, user.key);
  return (await post<{ id: string }>(sequencer, '/transactions', { ...signed, leafIndex: part.from, signature })).id;
}

describe('sequencer on one chain that carries three rollups', () => {
  let test: TestDeployment;
  beforeEach(async () => {
    newDataDir();
    test = await deployRollups({ anvilOf: [0, 0, 0], verifier: 'VerifierDouble', logFolder: folder });
  });
  afterEach(async () => await stopAll(test));

  it('takes deposits, a transfer, withdrawals and a full exit through all stages', async () => {
    const { deployment } = test;
    const [zero, one, two] = deployment.chains;
    const sequencer = await start(test);
    const depositHash = await depositFor(zero!, alice, 10n * ether);
    await depositFor(one!, bob, 4n * ether, 'bob');
    await depositFor(two!, alice, 3n * ether);
    await until(executedEverywhere(sequencer), 'deposits');
    expect(depositHash).toMatch(/^0x/);

    const id = await send(sequencer, deployment.deploymentId, alice, 0, { leafIndex: 0, nonce: 0, amount: 2n * ether, receiver: bob });
    await until(async () => (await get<{ status: string }>(sequencer, `/transactions/${id}`)).status === 'included', 'transfer');
    const fresh = '0x00000000000000000000000000000000000f4e54' as const;
    await send(sequencer, deployment.deploymentId, bob, 0, { leafIndex: 1, nonce: 0, amount: ether, to: fresh });
    await send(sequencer, deployment.deploymentId, alice, 0, { leafIndex: 0, nonce: 1, amount: 12_345_678_901_234_567n, to: fresh });
    const before = await balance(two!, testAccount('bob').address);
    await requestFullExit(one!, 'bob', 0);
    await requestFullExit(two!, 'bob', 0);
    await until(async () => (await balance(zero!, fresh)) === ether + 12_345_678_901_234_567n, 'withdrawals');
    await until(executedEverywhere(sequencer, 3), 'everything');
    await until(async () => (await balance(one!, testAccount('bob').address)) > before + 3n * ether, 'full exit');

    expect(await get<LeafAnswer[]>(sequencer, `/users/${testAccount('bob').address}`)).toMatchObject([
      { chainIndex: 0, leafIndex: 1, balance: `${ether}`, nonce: 1 }, { chainIndex: 1, leafIndex: 0, balance: '0', nonce: 0 },
    ]);
    // Bob's request for alice's leaf paid nothing; its bond waits for its receiver.
    expect(await get<LeafAnswer>(sequencer, '/leaves/2/0')).toMatchObject({ balance: `${3n * ether}` });
    for (const [chain, held] of [[zero, 10n * ether - ether - 12_345_678_901_234_567n], [one, 0n], [two, 3n * ether + EXIT_BOND]] as const) {
      expect(await balance(chain!, chain!.rollup)).toBe(held);
    }
    const block = await get<BlockAnswer>(sequencer, '/blocks/1');
    for (const chain of block.chains) {
      expect(chain.stage).toBe('executed');
      const verbs = Object.keys(chain.transactions).sort();
      expect(verbs).toEqual(chain.chainIndex === 0 ? ['commit', 'confirm', 'execute', 'prove', 'sync'] : ['commit', 'confirm', 'execute', 'sync']);
    }
    expect(block.arbitratorTransaction).toBe(block.chains[0]!.transactions.confirm);
    expect((await get<BlockAnswer[]>(sequencer, '/blocks?limit=2')).map(({ blockNumber }) => blockNumber)).toHaveLength(2);
    expect(sequencer.halted()).toBe(null);
  });

  it('trades on a pair across two rollups: what a swap brings is withdrawn on the other one', async () => {
    const { deployment } = test;
    const { deploymentId } = deployment;
    const [zero, one] = deployment.chains;
    const sequencer = await start(test);
    await depositFor(zero!, alice, 10n * ether);
    await depositFor(one!, alice, 40n * ether);
    await depositFor(zero!, bob, 2n * ether, 'bob');
    await until(executedEverywhere(sequencer), 'deposits');
    const pair = { chainIndex: 0, token: 1, peerChain: 1, peerToken: 1 };
    await post(sequencer, '/pools', { ...pair, peerToken: 7 }, 400);
    expect(await post(sequencer, '/pools', pair)).toEqual(pair);
    await until(async () => (await get<PairAnswer[]>(sequencer, '/pools')).length === 1, 'pair');
    await post(sequencer, '/pools', pair, 400);

    await order(sequencer, deploymentId, alice, { type: 'addLiquidity', chainIndex: 0, from: 0, nonce: 0, amount: 9n * ether, peerAmount: 36n * ether });
    await until(async () => BigInt((await get<[PairAnswer]>(sequencer, '/pools'))[0].first.reserve) === 9n * ether, 'liquidity');
    const [{ first }] = await get<[PairAnswer]>(sequencer, '/pools');
    const quote = await get<{ peerAmount: string; peerLimit: string }>(sequencer, `/quote?type=swapIn&chainIndex=0&pool=${first.leafIndex}&amount=${ether}&slippage=0`);
    const tooDear = await order(sequencer, deploymentId, bob, { type: 'swapIn', chainIndex: 0, from: 1, nonce: 0, amount: ether, peerLimit: BigInt(quote.peerLimit) + 1n });
    await until(async () => (await get<{ status: string }>(sequencer, `/transactions/${tooDear}`)).status === 'dropped', 'the order that asks too much');
    expect(await get<{ reason: string }>(sequencer, `/transactions/${tooDear}`)).toMatchObject({ reason: expect.stringContaining(`would get ${quote.peerAmount} coins of the peer`) as string });
    await order(sequencer, deploymentId, bob, { type: 'swapIn', chainIndex: 0, from: 1, nonce: 0, amount: ether, peerLimit: BigInt(quote.peerLimit) });
    const paid = async (): Promise<LeafAnswer | undefined> => (await get<LeafAnswer[]>(sequencer, `/users/${testAccount('bob').address}`)).find(({ chainIndex }) => chainIndex === 1);
    await until(async () => (await paid()) !== undefined, 'swap');
    const leaf = (await paid())!;
    expect(leaf.balance).toBe(quote.peerAmount);
    const fresh = '0x00000000000000000000000000000000000f4e55' as const;
    await send(sequencer, deploymentId, bob, 1, { leafIndex: leaf.leafIndex, nonce: 0, amount: BigInt(leaf.balance), to: fresh });
    await until(async () => (await balance(one!, fresh)) === BigInt(quote.peerAmount), 'withdrawal');
    await until(executedEverywhere(sequencer), 'everything');
    expect(await balance(one!, one!.rollup)).toBe(40n * ether - BigInt(quote.peerAmount));
    expect(sequencer.halted()).toBe(null);
  });

  it('is stopped again and again, at any stage, and still executes everything once', async () => {
    const { deployment } = test;
    for (const [i, chain] of deployment.chains.entries()) await depositFor(chain, alice, BigInt(i + 1) * ether);
    let runs = 0;
    for (let done = false; !done && runs < 40; runs++) {
      const sequencer = await start(test, { limits: { commit: 1, prove: 1, execute: 1 } });
      await new Promise((resolve) => setTimeout(resolve, 40 + 15 * (runs % 9)));
      done = await executedEverywhere(sequencer)();
      await sequencer.stop();
      forgetRunning();
    }
    expect(runs).toBeGreaterThan(1);
    for (const chain of deployment.chains) {
      const { read } = primaryRollup({ address: chain.rollup, client: publicClient(chain) });
      const last = await read.totalBlocksCommitted();
      expect(await read.totalBlocksExecuted()).toBe(last);
      const events = await publicClient(chain).getContractEvents({ address: chain.rollup, abi: primaryRollupAbi, fromBlock: 0n, strict: true });
      for (const name of ['BlockCommitted', 'BlockExecuted'] as const) expect(events.filter((event) => event.eventName === name)).toHaveLength(last);
    }
    expect(lines.filter((line) => line.includes('reverted with'))).toEqual([]);
  });

  it('goes on when somebody else syncs, confirms and executes', async () => {
    const { deployment } = test;
    const [zero] = deployment.chains;
    const prover = fakeProver();
    prover.hold = true;
    const sequencer = await start(test, { prover });
    await depositFor(zero!, alice, ether);
    await until(async () => (await status(sequencer)).chains.every(({ committed }) => committed === 1), 'commit');
    const block = await get<BlockAnswer>(sequencer, '/blocks/1');
    expect(block.chains.map(({ stage }) => stage)).toEqual(['committed', 'committed', 'committed']);
    expect(block.proofs).toEqual({ done: 0, total: 2 });
    await syncByOther(deployment, 1);
    prover.hold = false;
    await until(executedEverywhere(sequencer), 'execution');
    expect(sequencer.halted()).toBe(null);
  });

  it('sends a confirmation again that a gateway refused', async () => {
    const { deployment } = test;
    const { gateway } = deployment.chains[2]!;
    const client = testClient(deployment.chains[2]!);
    const prover = fakeProver();
    prover.hold = true;
    const sequencer = await start(test, { prover });
    await depositFor(deployment.chains[0]!, alice, ether);
    await until(async () => (await status(sequencer)).chains.every(({ committed }) => committed === 1), 'commit');
    await syncByOther(deployment, 2);
    const code = (await publicClient(deployment.chains[2]!).getCode({ address: gateway }))!;
    await client.setCode({ address: gateway, bytecode: '0x60006000fd' });
    prover.hold = false;
    await until(async () => (await status(sequencer)).chains.map(({ executed }) => executed).join() === '1,1,0', 'execution on the other chains');
    expect((await get<BlockAnswer>(sequencer, '/blocks/1')).chains[2]!.stage).toBe('synced');
    await client.setCode({ address: gateway, bytecode: code });
    await until(executedEverywhere(sequencer), 'execution everywhere');
    expect(lines.some((line) => line.includes('confirmation of block 1 sent again to chain2'))).toBe(true);
  });

  it('refuses a store that lost its blocks, and a description that does not fit', async () => {
    const { deployment } = test;
    const sequencer = await start(test);
    await depositFor(deployment.chains[0]!, alice, ether);
    await until(executedEverywhere(sequencer), 'deposit');
    await sequencer.stop();
    forgetRunning();
    newDataDir();
    await expect(start(test)).rejects.toThrow('blocks that the store does not have');
    const wrong = { ...deployment, deploymentId: deployment.deploymentId + 1n };
    await expect(start({ ...test, deployment: wrong })).rejects.toThrow('do not fit the deployment description: deploymentId');
    const elsewhere = { ...deployment, chains: deployment.chains.map((chain) => ({ ...chain, chainId: 5 })), arbitratorChainId: 5 };
    await expect(start({ ...test, deployment: elsewhere })).rejects.toThrow('Another chain');
  });
});

describe('sequencer on chains of their own', () => {
  let test: TestDeployment;
  beforeEach(async () => {
    newDataDir();
    test = await deployRollups({ anvilOf: [0, 1, 2], verifier: 'VerifierDouble', logFolder: folder });
  });
  afterEach(async () => await stopAll(test));

  it('commits again what a reorg took back when the deposit is still there', async () => {
    const { deployment } = test;
    const one = deployment.chains[1]!;
    const prover = fakeProver();
    prover.hold = true;
    const sequencer = await start(test, { prover });
    await depositFor(one, alice, ether);
    await until(committed(sequencer, [1, 1, 1]), 'commit');
    // The block with the commit is replaced by an empty one; the deposit below it stays.
    await testClient(one).request({ method: 'anvil_reorg' as never, params: [1, []] as never });
    const { read } = primaryRollup({ address: one.rollup, client: publicClient(one) });
    await until(async () => (await read.totalBlocksCommitted()) === 1 && lines.filter((line) => line.includes('block 1 committed on chain1')).length === 2, 'second commit');
    await until(() => lines.some((line) => line.includes('chain1: reorg')), 'the watcher sees it too');
    expect(sequencer.halted()).toBe(null);
  });

  it('drops and seals anew what used a deposit that a reorg replaced, on all chains', async () => {
    const { deployment } = test;
    const [zero, one, two] = deployment.chains;
    const prover = fakeProver();
    prover.hold = true;
    const sequencer = await start(test, { prover, policy: { blockIntervalMs: 50, maxUnproved: 10 } });
    await depositFor(two!, bob, 5n * ether, 'bob');
    await until(committed(sequencer, [1, 1, 1]), 'first block');
    const snapshot = await testClient(one!).snapshot();
    await depositFor(one!, alice, ether);
    await until(committed(sequencer, [2, 2, 2]), 'second block');
    const id = await send(sequencer, deployment.deploymentId, bob, 2, { leafIndex: 0, nonce: 0, amount: ether, to: '0x0000000000000000000000000000000000000bee' });
    await until(committed(sequencer, [3, 3, 3]), 'third block');
    await testClient(one!).revert({ id: snapshot });
    await depositFor(one!, bob, 7n * ether, 'bob');
    await until(async () => lines.some((line) => line.includes('blocks from 2 on reverted on chain0')) && (await fetch(`${sequencer.url}/status`)).status === 200, 'recovery');
    await until(async () => {
      const { chains, lastBlock, pendingOperations } = await status(sequencer);
      return pendingOperations === 0 && lastBlock >= 2 && chains.every((chain) => chain.committed === lastBlock);
    }, 'new blocks');
    expect(lines.some((line) => line.includes('REORG: request 0 of chain1'))).toBe(true);
    expect(lines.some((line) => line.includes('blocks from 2 on reverted on chain2'))).toBe(true);
    expect(await get<{ status: string }>(sequencer, `/transactions/${id}`)).toMatchObject({ status: 'included' });
    expect(await get<LeafAnswer[]>(sequencer, `/users/${testAccount('bob').address}`)).toMatchObject([{ chainIndex: 1, balance: `${7n * ether}` }, { chainIndex: 2, balance: `${4n * ether}` }]);
    expect(await get<LeafAnswer[]>(sequencer, `/users/${testAccount('alice').address}`)).toEqual([]);
    const { read } = primaryRollup({ address: zero!.rollup, client: publicClient(zero!) });
    expect(await read.totalBlocksCommitted()).toBe((await status(sequencer)).lastBlock);
    expect(sequencer.halted()).toBe(null);
  });

  it('halts when blocks that a lost deposit is in can no longer be taken back', async () => {
    const { deployment } = test;
    const one = deployment.chains[1]!;
    const prover = fakeProver();
    const sequencer = await start(test, { prover, lostRequestGraceMs: 100 });
    const snapshot = await testClient(one).snapshot();
    await depositFor(one, alice, ether);
    await until(async () => (await status(sequencer)).chains.every(({ synced }) => synced === 1), 'sync');
    await testClient(one).revert({ id: snapshot });
    await until(() => sequencer.halted() !== null, 'halt');
    expect(sequencer.halted()?.message).toContain('cannot be taken back');
    expect((await fetch(`${sequencer.url}/status`)).status).toBe(503);
  });

  it('waits for the configured confirmations', async () => {
    const { deployment } = test;
    const one = deployment.chains[1]!;
    const sequencer = await start(test, { confirmations: { chain1: 3 } });
    await depositFor(one, alice, ether);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect((await status(sequencer)).lastBlock).toBe(0);
    await testClient(one).mine({ blocks: 2 });
    await until(committed(sequencer, [1, 1, 1]), 'commit');
  });
});
