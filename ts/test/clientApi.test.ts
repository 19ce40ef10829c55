import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { silentProgress } from '../base/progress.ts';
import { keyOfAccount } from '../chain/client/key.ts';
import { createRollupClient, type RollupClient } from '../chain/client/rollupClient.ts';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';
import { testAccount, type TestAccountName } from '../devnet/accounts.ts';
import { startApi, type Api } from '../sequencer/api.ts';
import { ChainClock } from '../sequencer/chainClock.ts';
import { Core } from '../sequencer/core.ts';
import { requestHashOf, type ChainEvent, type PriorityEvent } from '../sequencer/events.ts';
import { FakeWorld } from '../sequencer/fakeWorld.ts';
import { memoryStore } from '../sequencer/memoryStore.ts';
import { context, depositEvent, operator } from '../sequencer/testSupport.ts';
import type { LogSource } from '../sequencer/watcher.ts';

/* The client library against a sequencer's own API over HTTP: what one writes, the other reads. The chains behind it are doubles. */

const zero = '0x0000000000000000000000000000000000000000';
const deployment: Deployment = {
  name: 'test',
  deploymentId: context.deploymentId,
  arbitratorChainId: 1,
  arbitratorRpcUrl: 'http://127.0.0.1:1',
  arbitrator: zero,
  chains: ['linea', 'zksync', 'ethereum'].map((name, chainIndex): ChainDeployment => ({
    chainIndex,
    name,
    chainId: chainIndex + 1,
    rpcUrl: 'http://127.0.0.1:1',
    role: chainIndex === 0 ? 'primary' : 'secondary',
    rollup: zero,
    gateway: zero,
    l1Gateway: zero,
    verifier: zero,
    extension: zero,
    deployedAtBlock: 0,
    tokens: [
      { token: 1, symbol: 'ETH', decimals: 18, address: zero },
      { token: 2, symbol: 'TST', decimals: 18, address: zero },
    ],
    messageService: { kind: 'direct' },
  })),
};

/** One chain block, which holds all of a chain's requests. */
function logsOf(events: readonly PriorityEvent[]): LogSource & { requests: readonly PriorityEvent[] } {
  return {
    requests: events,
    head: async () => 1,
    blockHash: async (number) => (number <= 1 ? `0x0${number}` : null),
    events: async (from, to): Promise<ChainEvent[]> => (from <= 1 && to >= 1 ? events.map((event) => ({ ...event, blockNumber: 1, blockHash: '0x01' })) : []),
  };
}

let core: Core;
let api: Api;

async function userOf(name: TestAccountName): Promise<Parameters<typeof depositEvent>[1]> {
  const { address, signMessage } = privateKeyToAccount(testAccount(name).privateKey);
  const key = await keyOfAccount({ address, signMessage });
  return { key, owner: BigInt(address), keyX: key.publicKey.x, keyY: key.publicKey.y };
}

beforeAll(async () => {
  const [alice, carol, dave] = await Promise.all((['alice', 'carol', 'dave'] as const).map(userOf));
  if (!alice || !carol || !dave) throw new Error('three users');
  const world = new FakeWorld();
  const logs = [
    logsOf([depositEvent(0, alice, 1000n), depositEvent(1, carol, 1_000_000_000_000_000n, 2), depositEvent(2, dave, 100_000_000_000_000n, 2)]),
    logsOf([depositEvent(0, carol, 5_000_000_000_000n), depositEvent(1, dave, 1_000_000_000_000n)]),
    logsOf([]),
  ];
  core = await Core.start({
    connections: {
      context,
      chains: world.rollups.map((rollup, chainIndex) => ({
        chainIndex,
        name: rollup.name,
        logs: logs[chainIndex] ?? logsOf([]),
        deployedAtBlock: 1,
        priorityExpiration: 14 * 86_400,
        port: { ...rollup, requestHash: async (id: number) => (logs[chainIndex]?.requests[id] === undefined ? null : requestHashOf(logs[chainIndex].requests[id])) },
      })),
      arbitrator: world.arbitrator,
      arbitratorLogs: logsOf([]),
      arbitratorStart: 1,
    },
    operator,
    fees: [{ kind: 'withdraw', token: 1, amount: 2n }],
    store: memoryStore(),
    prove: async ({ trace }) => ({ proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] }, publicInputs: Object.values(trace.publicInputs) }),
    verifyProof: async () => true,
    confirmations: [1, 1, 1, 1],
    policy: { blockIntervalMs: 20 },
    pollMs: 5,
    now: Date.now,
    clock: new ChainClock({ chainCount: 3, now: Date.now }),
    progress: silentProgress,
    onLost: () => undefined,
    onTooOld: () => undefined,
  });
  api = await startApi({ view: core.view, port: 0 });
});

afterAll(async () => {
  await api.stop();
  await core.stop();
});

function clientOf(name: TestAccountName): RollupClient {
  return createRollupClient({ deployment, sequencerUrl: api.url, account: privateKeyToAccount(testAccount(name).privateKey) });
}

async function balanceOf(client: RollupClient): Promise<bigint | undefined> {
  return (await client.api.getLeaves(client.account.address)).at(0)?.balance;
}

test('several payments of one leaf at once, to a receiver without a leaf, end up in executed blocks', async () => {
  const [alice, bob] = [clientOf('alice'), clientOf('bob')];
  await expect.poll(async () => await balanceOf(alice), { timeout: 20_000 }).toBe(1000n);
  const where = { chainIndex: 0, token: 1 };
  const to = await bob.address();
  const sent = await Promise.all([
    alice.transfer({ ...where, amount: 100n, to }),
    alice.transfer({ ...where, amount: 200n, to }),
    alice.withdraw({ ...where, amount: 50n }),
  ]);
  expect(sent.map(({ nonce }) => nonce).sort()).toEqual([0, 1, 2]);
  const included = await Promise.all(sent.map(async ({ id }) => await alice.waitForTransaction({ id })));
  expect([await balanceOf(alice), await balanceOf(bob)]).toEqual([648n, 300n]);

  // A second client of the same wallet does not know what the first one did.
  const again = await clientOf('alice').transfer({ ...where, amount: 1n, to });
  expect(again.nonce).toBe(3);
  const { blockNumber } = await alice.waitForTransaction({ id: again.id });
  expect(blockNumber).toBeGreaterThanOrEqual(included[0]?.blockNumber ?? 0);
  await expect.poll(async () => (await alice.status()).chains.map(({ executed }) => executed), { timeout: 20_000 }).toEqual([blockNumber, blockNumber, blockNumber]);
  const block = await alice.api.getBlock(blockNumber);
  expect(block).toMatchObject({ blockNumber, chains: [{ chainIndex: 0, stage: 'executed' }, { stage: 'executed' }, { stage: 'executed' }], operations: [{ type: 'transfer', chainIndex: 0 }] });
  expect((await alice.api.getBlocks({ limit: 1 }))[0]?.blockNumber).toBe(blockNumber);
  expect(await alice.api.getBlock(blockNumber + 1)).toBeUndefined();
  expect(await alice.api.getLeaf(0, 0)).toMatchObject({ leafIndex: 0, balance: 647n });
  expect(await alice.api.getLeaf(0, 99)).toBeUndefined();
});

test("refusals keep the sequencer's words", async () => {
  const bob = clientOf('bob');
  await expect(bob.withdraw({ chainIndex: 0, token: 1, amount: 1n, validSeconds: 1 })).rejects.toMatchObject({ facts: { reason: 'expired' } });
  await expect(bob.waitForTransaction({ id: '0x99' })).rejects.toThrow('There is no such transaction');
});

test('fees reach the operator, and a changed key signs at once while the old one is refused', async () => {
  const alice = clientOf('alice');
  const next = createRollupClient({ deployment, sequencerUrl: api.url, account: alice.account, keyIndex: 1 });
  const where = { chainIndex: 0, token: 1 };
  const status = await alice.status();
  expect(status).toMatchObject({ operator: { keyX: operator.keyX, keyY: operator.keyY }, minimumFees: [{ kind: 'withdraw', token: 1, amount: 2n }] });
  await expect(alice.withdraw({ ...where, amount: 5n, fee: 1n })).rejects.toMatchObject({ facts: { reason: 'feeTooLow', minimum: '2' }, hint: expect.stringContaining('fee 2') as string });
  const collected = async (): Promise<bigint> => (await alice.api.getLeaves(status.operator.owner)).reduce((sum, { balance }) => sum + balance, 0n);
  const [before, balance] = [await collected(), (await balanceOf(alice)) ?? 0n];

  const change = await alice.changeKey({ chainIndex: 0, leafIndex: 0, to: await next.user(), fee: 3n });
  expect(await alice.api.getLeaf(0, 0)).toMatchObject({ nextKeyX: (await next.user()).keyX });
  await expect(alice.withdraw({ ...where, amount: 5n })).rejects.toMatchObject({ hint: expect.stringContaining('--key-index') as string });
  const transfer = await next.transfer({ ...where, amount: 10n, fee: 4n, to: await alice.address() });
  for (const { id } of [change, transfer]) await alice.waitForTransaction({ id });
  expect((await collected()) - before).toBe(7n);
  // The old key's user has a leaf again, because somebody sent to the old address.
  const own = await alice.api.getLeaves(alice.account.address);
  expect(own.map((leaf) => [leaf.balance, leaf.keyX === leaf.nextKeyX])).toEqual([[balance - 17n, true], [10n, true]]);
  expect(own.map(({ keyX }) => keyX)).toEqual([(await next.user()).keyX, (await alice.user()).keyX]);
});

test('pools: a pair over two chains is opened, filled, traded both ways and left, each signed once', async () => {
  const [carol, dave] = [clientOf('carol'), clientOf('dave')];
  const [tst, eth] = [{ chainIndex: 0, token: 2 }, { chainIndex: 1, token: 1 }];
  const held = async (client: RollupClient, { chainIndex, token }: typeof tst): Promise<bigint> =>
    (await client.api.getLeaves(client.account.address)).filter((leaf) => leaf.chainIndex === chainIndex && leaf.token === token).reduce((sum, { balance }) => sum + balance, 0n);
  await expect.poll(async () => [await held(carol, eth), await held(dave, tst)], { timeout: 20_000 }).toEqual([5_000_000_000_000n, 100_000_000_000_000n]);

  const pair = await carol.openPool({ first: tst, peer: eth });
  expect(pair).toMatchObject([{ ...tst, reserve: 0n, totalShares: 1000n }, { ...eth, reserve: 0n, totalShares: 1000n }]);
  await expect(carol.openPool({ first: eth, peer: tst })).rejects.toThrow(/There is a pair of these tokens already/);
  await expect(dave.swap({ from: tst, to: eth, amount: 1000n })).rejects.toThrow(/no liquidity yet/);
  await expect(carol.addLiquidity({ first: tst, peer: eth, amount: 400_000_000_000_000n, peerAmount: 5_000_001_000_000n })).rejects.toThrow(/does not hold enough for ETH on zksync/);

  const added = await carol.addLiquidity({ first: tst, peer: eth, amount: 400_000_000_000_000n, peerAmount: 2_000_000_000_000n });
  expect(added.quote.shares).toEqual([400_000_000_000_000n, 2_000_000_000_000n]);
  await carol.waitForTransaction({ id: added.id });
  expect((await carol.pools()).map((halves) => halves.map(({ reserve }) => reserve))).toEqual([[400_000_000_000_000n, 2_000_000_000_000n]]);

  // The first order fills at its quote, the second was signed on the price before it.
  const swap = await dave.swap({ from: tst, to: eth, amount: 20_000_000_000_000n });
  const tight = await dave.swap({ from: tst, to: eth, amount: 20_000_000_000_000n, minimum: swap.quote.amountOut });
  await dave.waitForTransaction({ id: swap.id });
  expect(await held(dave, eth)).toBe(1_000_000_000_000n + swap.quote.amountOut);
  await expect(dave.waitForTransaction({ id: tight.id })).rejects.toMatchObject({ facts: { reason: expect.stringMatching(/limit/i) as string } });
  expect(await held(dave, tst)).toBe(80_000_000_000_000n);
  await expect(dave.swap({ from: tst, to: eth, amount: 1000n, validSeconds: 1 })).rejects.toMatchObject({ facts: { reason: 'expired' } });

  const oneCoin = await dave.addLiquidity({ first: eth, peer: tst, amount: 200_000_000_000n, peerAmount: 'oneCoin' });
  await dave.waitForTransaction({ id: oneCoin.id });
  expect(await dave.positions()).toMatchObject([{ shares: [oneCoin.quote.shares[1], oneCoin.quote.shares[0]] }]);
  const back = await dave.swap({ from: eth, to: tst, amount: 100_000_000_000n });
  await dave.waitForTransaction({ id: back.id });
  expect(await held(dave, tst)).toBe(80_000_000_000_000n + back.quote.amountOut);

  const left = await carol.removeLiquidity({ first: eth, peer: tst });
  await carol.waitForTransaction({ id: left.id });
  const [received, brought] = [[await held(carol, tst) - 600_000_000_000_000n, await held(carol, eth) - 3_000_000_000_000n], [400_000_000_000_000n, 2_000_000_000_000n]];
  expect(received).toEqual([left.position.coins[1], left.position.coins[0]]);
  // The fees of the swaps: more than what a pair without fees would pay at any price.
  expect((received[0] ?? 0n) * (received[1] ?? 0n)).toBeGreaterThan((brought[0] ?? 0n) * (brought[1] ?? 0n));
  await expect(carol.removeLiquidity({ first: eth, peer: tst })).rejects.toThrow(/no shares/);
});
