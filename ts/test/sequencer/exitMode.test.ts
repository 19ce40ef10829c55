import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringifyPlain } from '../../base/json.ts';
import { requestFullExit as requestAtPrice } from '../../chain/actions/requestFullExit.ts';
import { publicClient } from '../../chain/clients.ts';
import { primaryRollup } from '../../chain/contracts.ts';
import type { ChainDeployment } from '../../chain/deployments.ts';
import { iArbitratorAbi, primaryRollupAbi } from '../../chain/generated/abi.ts';
import { testAccount } from '../../devnet/accounts.ts';
import { ChainWallets } from '../../recovery/chainWallets.ts';
import { prove } from '../../sequencer/coreWorld.ts';
import type { ProverPort } from '../../sequencer/proverPort.ts';
import { startSequencer, type Sequencer } from '../../sequencer/sequencer.ts';
import { operator, signedWithdraw, testUser, type TestUser } from '../../sequencer/testSupport.ts';
import type { BlockAnswer, LeafAnswer, StatusAnswer } from '../../sequencer/view.ts';
import { addressOf } from '../../spec/hex.ts';
import { depositFor, outboxOf, requestFullExit, testClient, until } from './chain.ts';
import { deployRollups, EXIT_BOND, MAX_OPEN_REQUESTS, PRIORITY_EXPIRATION, type TestDeployment } from './deployment.ts';

/* The sequencer when users put real contracts into exit mode; proofs are made up and the verifier takes all. */

const folder = mkdtempSync(join(tmpdir(), 'sequencer-exit-'));
const ether = 10n ** 18n;
const alice: TestUser = { ...testUser(1), owner: BigInt(testAccount('alice').address) };
const bob: TestUser = { ...testUser(2), owner: BigInt(testAccount('bob').address) };
const lines: string[] = [];

/** Makes no proof while it is held. */
const prover: ProverPort & { hold: boolean } = {
  hold: false,
  async prove(job, signal) {
    while (prover.hold) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      signal.throwIfAborted();
    }
    return await prove(job, signal);
  },
  verify: async () => true,
  stop: async () => {},
};

describe('sequencer in exit mode', () => {
  let test: TestDeployment;
  let sequencer: Sequencer;
  let chains: [ChainDeployment, ChainDeployment, ChainDeployment];
  let dataDirs = 0;

  beforeEach(async () => {
    dataDirs++;
    prover.hold = false;
    test = await deployRollups({ anvilOf: [0, 0, 0], verifier: 'VerifierDouble', logFolder: folder });
    chains = test.deployment.chains as typeof chains;
    sequencer = await start();
  });
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail') process.stderr.write(`${lines.slice(-60).join('\n')}\n`);
    lines.length = 0;
    await sequencer.stop();
    await test.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = async (): Promise<Sequencer> =>
    await startSequencer({
      deployment: test.deployment, operator, dataDir: join(folder, `data${dataDirs}`), port: 0, prover, pollMs: 20, policy: { blockIntervalMs: 100 },
      accounts: { validator: testAccount('validator').privateKey, anyone: testAccount('prover').privateKey }, progress: { report: (line) => lines.push(line) },
    });
  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${sequencer.url}${path}`)).json()) as T;
  const status = async (): Promise<StatusAnswer> => await get<StatusAnswer>('/status');
  const read = (chain: ChainDeployment) => primaryRollup({ address: chain.rollup, client: publicClient(chain) }).read;
  const executed = (block: number) => async (): Promise<boolean> => (await status()).chains.every((chain) => chain.executed === block);
  const committed = (block: number) => async (): Promise<boolean> => (await status()).chains.every((chain) => chain.committed === block);

  /** Lets the time of all chains pass. */
  async function pass(seconds: number): Promise<void> {
    await testClient(chains[0]).increaseTime({ seconds });
    await testClient(chains[0]).mine({ blocks: 1 });
  }
  async function trigger(chain: ChainDeployment): Promise<void> {
    await outboxOf(chain, 'carol').send({ address: chain.rollup, abi: primaryRollupAbi, functionName: 'triggerExitMode', args: [] });
  }
  async function sendHaltRequest(chain: ChainDeployment): Promise<void> {
    await outboxOf(chain, 'carol').send({ address: chain.rollup, abi: primaryRollupAbi, functionName: 'sendHaltRequest', args: [] });
  }
  async function sendHalt({ chainIndex }: ChainDeployment): Promise<void> {
    await outboxOf(chains[0], 'carol').send({ address: test.deployment.arbitrator, abi: iArbitratorAbi, functionName: 'sendHalt', args: [chainIndex] });
  }
  async function post(): Promise<{ status: number; body: { error?: { message: string; facts: Record<string, unknown>; hint: string } } }> {
    const { type, to, ...rest } = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n }) as Extract<ReturnType<typeof signedWithdraw>, { type: 'withdraw' }>;
    const response = await fetch(`${sequencer.url}/transactions`, { method: 'POST', body: stringifyPlain({ type, to: addressOf(to), ...rest }) });
    return { status: response.status, body: (await response.json()) as { error?: { message: string; facts: Record<string, unknown>; hint: string } } };
  }

  it('warns, stops, follows the halt to the open exits, and sends nothing that is refused', async () => {
    const [zero, one, two] = chains;
    await depositFor(zero, alice, 3n * ether);
    await until(executed(1), 'first block');
    prover.hold = true;
    await depositFor(one, bob, 2n * ether, 'bob');
    await until(committed(2), 'block without proof');
    await requestFullExit(two, 'bob', 5);
    // Both requests are in blocks before time jumps: a block that is sealed during the jump would be too old to be committed.
    const last = 3;
    await until(committed(last), 'another block without proof');

    await pass(PRIORITY_EXPIRATION / 2);
    await until(async () => (await status()).warnings.length === 2, 'warnings');
    expect((await status()).warnings).toEqual([expect.stringContaining('deposit 0 of chain1 is not executed and 50 %'), expect.stringContaining('full exit 0 of chain2')]);
    await until(() => lines.some((line) => line.startsWith('WARNING: deposit 0 of chain1')), 'the warning in the log');
    await pass(PRIORITY_EXPIRATION / 2 + 60);
    await until(async () => (await status()).warnings.every((warning) => warning.includes('has expired')), 'expiry');

    await trigger(one);
    await until(async () => (await status()).exitMode !== null, 'exit mode');
    expect((await status()).exitMode?.message).toContain('not served in time on chain1');
    const refused = await post();
    expect(refused).toMatchObject({ status: 503, body: { error: { facts: { reason: 'exitMode', lastConfirmed: 1 } } } });
    expect([refused.body.error?.message, refused.body.error?.hint]).toEqual([expect.stringContaining('takes no transactions any more'), expect.stringContaining('`exit --owner <address>`')]);
    // The proofs come too late.
    prover.hold = false;
    await trigger(two);
    await sendHaltRequest(one);
    await until(async () => (await status()).arbitrator.halted, 'halt');
    for (const chain of [two, zero, one]) await sendHalt(chain);
    await until(async () => (await status()).chains.every(({ exitsOpen }) => exitsOpen), 'exits');

    const halted = await status();
    const { finalRoot } = await get<BlockAnswer>('/blocks/1');
    expect(halted.chains.map(({ mode, haltBlock, haltRoot, executed: done }) => [mode, haltBlock, haltRoot, done])).toEqual(chains.map(() => ['halted', 1, finalRoot, 1]));
    expect(await read(two).haltRoot()).toBe(BigInt(finalRoot));
    expect(halted.exitMode?.message).toBe('Exits are open on every chain, at block 1');
    expect(halted.warnings).toEqual([]);
    await until(async () => (await status()).chains.every(({ exitTransactions }) => exitTransactions.halt !== undefined), 'events');
    expect((await status()).chains.map(({ exitTransactions }) => Object.keys(exitTransactions).sort())).toEqual([['halt'], ['halt', 'haltRequest', 'trigger'], ['halt', 'trigger']]);
    expect((await status()).arbitrator.haltTransaction).toMatch(/^0x[0-9a-f]{64}$/);
    expect([sequencer.halted(), halted.lastBlock]).toEqual([null, last]);
    expect(lines.filter((line) => line.includes('failed'))).toEqual([]);
    expect(await get<LeafAnswer>('/leaves/0/0')).toMatchObject({ balance: `${3n * ether}` });

    // What no block up to the halt has used goes back.
    await outboxOf(one, 'carol').send({ address: one.rollup, abi: primaryRollupAbi, functionName: 'refundDeposit', args: [0n, 1, addressOf(bob.owner), 2n * ether, bob.keyX, bob.keyY] });
    await outboxOf(two, 'carol').send({ address: two.rollup, abi: primaryRollupAbi, functionName: 'refundBond', args: [0n, 5, addressOf(bob.owner), 0n] });
    expect(await read(one).pendingBalance([addressOf(bob.owner), 1])).toBe(2n * ether);
    expect(await read(two).pendingBalance([addressOf(bob.owner), 1])).toBe(EXIT_BOND);
  });

  it('answers after a restart, and sends nothing', async () => {
    const [zero, one] = chains;
    await depositFor(zero, alice, 3n * ether);
    await until(executed(1), 'first block');
    prover.hold = true;
    await depositFor(one, bob, 2n * ether, 'bob');
    await until(committed(2), 'block without proofs');
    await sequencer.stop();
    await pass(PRIORITY_EXPIRATION + 60);
    await trigger(one);
    prover.hold = false;
    const nonces = async (): Promise<number[]> => await Promise.all((['validator', 'prover'] as const).map(async (name) => await publicClient(zero).getTransactionCount({ address: testAccount(name).address })));
    const before = await nonces();
    lines.length = 0;
    sequencer = await start();
    await until(async () => (await status()).exitMode !== null, 'exit mode');
    expect((await post()).status).toBe(503);
    expect(await get<LeafAnswer[]>(`/users/${testAccount('bob').address}`)).toMatchObject([{ chainIndex: 1, balance: `${2n * ether}` }]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await nonces()).toEqual(before);
    expect(lines.filter((line) => line.startsWith('EXIT MODE'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('failed'))).toEqual([]);
  });

  it('follows the halt at a later block, behind a full exit that was paid with its bond', async () => {
    const [zero, one, two] = chains;
    await depositFor(zero, alice, 3n * ether);
    await until(executed(1), 'first block');
    await requestFullExit(zero, 'alice', 0);
    await until(executed(2), 'full exit');
    await until(async () => (await read(zero).pendingBalance([addressOf(alice.owner), 1])) === 0n, 'what it pays, and its bond');
    prover.hold = true;
    await depositFor(two, bob, ether, 'bob');
    await until(committed(3), 'block without proofs');
    await pass(PRIORITY_EXPIRATION + 60);
    await trigger(two);
    await sendHaltRequest(two);
    for (const chain of [zero, one, two]) await sendHalt(chain);
    await until(async () => (await status()).exitMode?.message === 'Exits are open on every chain, at block 2', 'exits');
  });

  it('serves a queue that is full: what is too much is refused by the contract, not by the sequencer', async () => {
    const [zero] = chains;
    prover.hold = true;
    for (let i = 0; i < MAX_OPEN_REQUESTS / 2; i++) await depositFor(zero, alice, ether);
    await expect(depositFor(zero, alice, ether)).rejects.toThrow('QueueFull');
    for (let i = MAX_OPEN_REQUESTS / 2; i < MAX_OPEN_REQUESTS; i++) await requestFullExit(zero, 'bob', i);
    await expect(requestFullExit(zero, 'bob', 1)).rejects.toThrow('QueueFull');
    const account = privateKeyToAccount(testAccount('bob').privateKey);
    const request = { ...new ChainWallets({ deployment: test.deployment, account }).of(zero), leafIndex: 1, least: 0n };
    await expect(requestAtPrice(request)).rejects.toThrow('The queue of the chain is full');
    await expect(requestAtPrice({ ...request, maxPrice: 2n * EXIT_BOND - 1n })).rejects.toMatchObject({ facts: { price: `${2n * EXIT_BOND} wei`, allowed: `${2n * EXIT_BOND - 1n} wei` } });
    expect(await requestAtPrice({ ...request, maxPrice: 3n * EXIT_BOND })).toMatchObject({ bond: EXIT_BOND, price: 2n * EXIT_BOND });
    prover.hold = false;
    await until(async () => (await read(zero).priorityQueueState())[2] === BigInt(MAX_OPEN_REQUESTS) + 1n, 'all of them');
    await depositFor(zero, alice, ether);
    await until(async () => BigInt((await get<LeafAnswer>('/leaves/0/0')).balance) === 9n * ether, 'room again');
  });
});
