import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { context, depositEvent, farFuture, signedOrder, signedTransfer, signedWithdraw, testUser, type TestUser } from '../../sequencer/testSupport.ts';
import { allPairs, type PlacedHalf } from '../../sequencer/pairs.ts';
import { quoteAnswer } from '../../sequencer/poolView.ts';
import { dropBlocks } from '../../sequencer/recovery.ts';
import { restoreTip } from '../../sequencer/sealer.ts';
import type { BlockRecord, PairRequest, SignedTransaction } from '../../sequencer/store.ts';
import { floorFloat16 } from '../../spec/float16.ts';
import { floorFloat40 } from '../../spec/float40.ts';
import { isShareToken, shareToken } from '../../spec/leg.ts';
import type { OrderType } from '../../spec/operation.ts';
import { LOCKED_SHARES } from '../../spec/pool.ts';
import type { LeafEntry } from '../../state/chainState.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { Random } from '../random.ts';
import { TradingHouse } from './tradingHouse.ts';

/* Random trading on three chains through everything between the API and the chains; the files are all that survives a restart. */

const folder = mkdtempSync(join(tmpdir(), 'trading-'));
afterAll(() => rmSync(folder, { recursive: true }));

const users: TestUser[] = [1, 2, 3, 4].map((seed) => testUser(seed));
const rich = 10n ** 15n;
const pairs: PairRequest[] = [
  { chainIndex: 0, token: 1, peerChain: 1, peerToken: 2 },
  { chainIndex: 1, token: 1, peerChain: 2, peerToken: 1 },
  { chainIndex: 2, token: 1, peerChain: 2, peerToken: 2 },
];
/** Every user has both tokens on every chain, but the last user only token 1: so leaves have to be opened. */
const requests = [0, 1, 2].map((chainIndex) =>
  users
    .flatMap((user, i) => [1, 2].filter((token) => token === 1 || i < 3).map((token) => ({ user, token })))
    .map(({ user, token }, requestId) => depositEvent(requestId, user, rich + BigInt(chainIndex), token)),
);

interface Own {
  chainIndex: number;
  entry: LeafEntry;
}

function ownLeaves(state: LedgerState, user: TestUser): Own[] {
  return state.chains.flatMap((chain, chainIndex) => chain.leavesOf(user.owner).map((entry) => ({ chainIndex, entry })));
}

/** The halves that coins or shares of a leaf go to, each with its peer. */
function markets(state: LedgerState, { chainIndex, entry: { leaf } }: Own): [PlacedHalf, PlacedHalf][] {
  const turns = allPairs(state).flatMap(({ first, second }): [PlacedHalf, PlacedHalf][] => [[first, second], [second, first]]);
  return turns.filter(([half]) => half.chainIndex === chainIndex && (isShareToken(leaf.token) ? shareToken(half.leafIndex) : half.token) === leaf.token);
}

/** Anything a user might send; much of it cannot be filled, some cannot even be accepted. */
function randomTransaction(random: Random, house: TradingHouse): SignedTransaction | null {
  const { state } = house.producer.tip;
  const user = random.pick(users);
  const own = random.pick(ownLeaves(state, user).filter(({ entry }) => entry.leaf.balance > 0n));
  const { chainIndex, entry: { leafIndex, leaf } } = own;
  const nonce = Number(house.mempool.nextNonce(chainIndex, leafIndex)) + (random.below(25) === 0 ? 1 : 0);
  const part = (balance: bigint): bigint => balance / 10n ** BigInt(2 + random.below(9)) + BigInt(random.below(3));
  const fee = random.below(3) === 0 ? floorFloat16(part(leaf.balance)) : 0n;
  const validUntil = random.below(4) === 0 ? house.now + 10 + random.below(8) : farFuture;
  const amount = floorFloat40(part(leaf.balance));
  const common = { chainIndex, leafIndex, token: leaf.token, nonce, amount, fee, validUntil };
  const halves = markets(state, own);
  const choice = random.below(20);
  if (choice === 0) return signedTransfer(user, random.pick(users), common);
  if (choice === 1) return signedWithdraw(user, 9n, common);
  if (halves.length === 0) return null;
  const [half, peer] = random.pick(halves);
  const type: OrderType = isShareToken(leaf.token) ? 'removeLiquidity' : random.below(3) === 0 ? 'addLiquidity' : 'swapIn';
  const peerToken = type === 'removeLiquidity' ? shareToken(peer.leafIndex) : peer.token;
  const there = ownLeaves(state, user).find((other) => other.chainIndex === peer.chainIndex && other.entry.leaf.token === peerToken);
  const peerAmount = type === 'swapIn' || random.below(3) === 0 ? 0n : part(there?.entry.leaf.balance ?? 100n);
  const base = { type, chainIndex, from: leafIndex, token: leaf.token, nonce, fee, validUntil, pool: half.leafIndex, peerChain: peer.chainIndex, peerLeaf: peer.leafIndex, peerToken, amount, peerAmount };
  const limits = { limit: 0n, peerLimit: 0n };
  try {
    const quote = quoteAnswer(state, { type, chainIndex, pool: half.leafIndex, amount, peerAmount, slippage: random.pick([0, 0, 100, 1000]) });
    Object.assign(limits, { limit: quote.limit, peerLimit: quote.peerLimit + (random.below(12) === 0 ? 1n : 0n) });
  } catch {
    // Nothing to quote: sent without limits.
  }
  return signedOrder(user, { ...base, ...limits });
}

/** `(r0/S0)·(r1/S1)` of every pair with coins, as a fraction. */
function worth(state: LedgerState): Map<string, [bigint, bigint]> {
  return new Map(allPairs(state).map(({ first, second }) => [
    `${first.chainIndex}/${first.leafIndex}`, [first.reserve * second.reserve, first.totalShares * second.totalShares],
  ]));
}

function expectSound(state: LedgerState, withdrawn: Map<string, bigint>): void {
  for (const [chainIndex, chain] of state.chains.entries()) {
    const leaves = chain.entries().map(({ leaf }) => leaf);
    const sum = (token: bigint): bigint => leaves.filter((leaf) => leaf.token === token).reduce((total, { balance }) => total + balance, 0n);
    for (const token of [1, 2]) {
      const deposited = requests[chainIndex]!.reduce((total, event) => total + (event.token === token ? event.amount : 0n), 0n);
      expect(sum(BigInt(token)), `token ${token} of chain ${chainIndex}`).toBe(deposited - (withdrawn.get(`${chainIndex}/${token}`) ?? 0n));
    }
    for (const { leafIndex, totalShares } of chain.pools()) expect(totalShares, `shares of pool ${leafIndex} of chain ${chainIndex}`).toBe(LOCKED_SHARES + sum(shareToken(leafIndex)));
  }
}

describe.each([20251121, 4, 77])('random trading, seed %i', (seed) => {
  it('ends with everything in a block or dropped with a reason; shares never lose worth; files and public data lead to the same roots', async () => {
    const random = new Random(seed, 'trading');
    const house = await TradingHouse.start({ dataDir: join(folder, `${seed}`), requests });
    const accepted = new Set<string>();
    const refused = new Map<string, number>();
    const withdrawn = new Map<string, bigint>();
    const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
    const kinds = new Map<string, number>();
    let before = worth(house.producer.tip.state);

    const seen = (blocks: BlockRecord[]): void => {
      for (const { chainIndex, operations } of blocks.flatMap(({ segments }) => segments)) {
        for (const operation of operations) {
          count(kinds, operation.type);
          if (operation.type === 'withdraw') withdrawn.set(`${chainIndex}/${operation.token}`, (withdrawn.get(`${chainIndex}/${operation.token}`) ?? 0n) + operation.amount);
        }
      }
      const after = worth(house.producer.tip.state);
      for (const [pair, [reserves, shares]] of before) {
        const [reservesAfter, sharesAfter] = after.get(pair)!;
        expect(reservesAfter * shares >= reserves * sharesAfter, `worth of a share of ${pair} in block ${house.producer.tip.blockNumber}`).toBe(true);
      }
      before = after;
    };

    seen(await house.tick());
    for (const pair of pairs) await house.openPair(pair);
    // A restart before they are open: the requests are in the files.
    await house.restart();
    expect(house.desk.pending()).toEqual(pairs);
    seen(await house.tick());
    expect(allPairs(house.producer.tip.state)).toHaveLength(pairs.length);
    for (let step = 0; step < 260; step++) {
      const transaction = randomTransaction(random, house);
      const answer = transaction === null ? null : await house.submit(transaction);
      if (answer !== null && 'id' in answer) accepted.add(answer.id);
      else if (answer !== null) count(refused, answer.refused);
      if (random.below(7) === 0) seen(await house.tick(1 + random.below(4)));
      // Now and then the sequencer is late.
      if (random.below(30) === 0) house.now += 15;
      if (step % 90 === 45) await house.restart();
    }
    while (house.mempool.size > 0) seen(await house.tick());

    const { state } = house.producer.tip;
    expectSound(state, withdrawn);
    const reasons = new Map<string, number>();
    let included = 0;
    for (const id of accepted) {
      const record = await house.store.transaction(id);
      if (record?.status === 'included') included++;
      else {
        expect(record).toMatchObject({ status: 'dropped', reason: expect.any(String) as string });
        count(reasons, record!.reason!.split(':')[0]!);
      }
    }
    console.info(`trading ${seed}: ${house.producer.tip.blockNumber} blocks, ${accepted.size} accepted, ${included} included, dropped ${JSON.stringify([...reasons])}, refused ${JSON.stringify([...refused])}, ${JSON.stringify([...kinds])}`);
    for (const kind of ['openPool', 'swapIn', 'addLiquidity', 'removeLiquidity', 'credit', 'open', 'collectFees', 'transfer']) expect(kinds.get(kind), kind).toBeGreaterThan(0);
    expect(included).toBeGreaterThan(80);
    for (const reason of ['belowLimit', 'expired']) expect(reasons.get(reason), reason).toBeGreaterThan(0);

    // From public data alone: the tip is the same, and the auditor has derived every root on its own.
    expect(house.auditor.auditedBlock).toBe(house.producer.tip.blockNumber);
    expect((await restoreTip({ context, store: house.store })).state.finalRoot).toBe(state.finalRoot);
    await house.store.close();
  });
});

it('orders and pairs of dropped blocks are pending again, and are filled anew', async () => {
  const house = await TradingHouse.start({ dataDir: join(folder, 'dropped'), requests });
  const [alice, bob] = users as [TestUser, TestUser];
  await house.tick();
  await house.openPair(pairs[0]!);
  await house.tick();
  const [{ first, second }] = allPairs(house.producer.tip.state) as [ReturnType<typeof allPairs>[number]];
  const leafOf = (user: TestUser) => house.producer.tip.state.chain(0).findLeaf({ ...user, token: 1n })!;
  const on = { token: 1n, pool: first.leafIndex, peerChain: 1, peerLeaf: second.leafIndex, peerToken: 2n };
  const ids = [
    await house.submit(signedOrder(alice, { type: 'addLiquidity', from: leafOf(alice), nonce: 0, ...on, amount: 10n ** 9n, peerAmount: 10n ** 9n })),
    await house.submit(signedOrder(bob, { type: 'swapIn', from: leafOf(bob), nonce: 0, ...on, amount: 10n ** 6n, peerLimit: 9n * 10n ** 5n })),
  ].map((answer) => ('id' in answer ? answer.id : answer.refused));
  await house.tick();
  const { finalRoot } = house.producer.tip.state;
  expect(await Promise.all(ids.map(async (id) => (await house.store.transaction(id))?.status))).toEqual(['included', 'included']);
  await dropBlocks({ from: 2, rollups: [], store: house.store, progress: { report: () => {} } });
  await house.restart();
  expect(house.desk.pending()).toEqual([pairs[0]]);
  expect(await Promise.all(ids.map(async (id) => (await house.store.transaction(id))?.status))).toEqual(['pending', 'pending']);
  await house.producer.tick();
  house.now += 3;
  // Not audited: the auditor of this house has passed the dropped block.
  const block = await house.producer.tick();
  expect(block?.transactions).toEqual(ids);
  // Pair, add and swap are in one block now; the state is the same.
  expect(house.producer.tip.state.finalRoot).toBe(finalRoot);
  await house.store.close();
});
