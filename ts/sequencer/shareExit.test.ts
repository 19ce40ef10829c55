import { describe, expect, it } from 'vitest';
import { coinsFor, swapOutput } from '../spec/amm.ts';
import { floorFloat40 } from '../spec/float40.ts';
import { shareToken } from '../spec/leg.ts';
import type { FullExit, PublicOperation } from '../spec/operation.ts';
import { LOCKED_SHARES } from '../spec/pool.ts';
import { encodeOperations } from '../spec/pubdata.ts';
import { emptyTree } from '../state/tree.ts';
import { AuditFailure, replaySegment, type Books } from './auditReplay.ts';
import { Auditor } from './auditor.ts';
import { coreWorld, until } from './coreWorld.ts';
import { requestHashOf, type PriorityEvent } from './events.ts';
import { memoryStore } from './memoryStore.ts';
import { restoreTip } from './sealer.ts';
import { context, depositEvent, fullExitEvent, nextBlock, onWorldPair, operator, poolBlocks, poolRequests, signedOrder, signedTransfer, traders, worldPair } from './testSupport.ts';

/* Full exits of leaves with shares: served like all requests, before the orders of their block. */

const { alice, bob } = traders;
const history = poolBlocks();
const { tip } = history.at(-1)!;
/** Leaf of alice's shares on both chains, and the half. */
const [SHARES, HALF] = [3, 2];
const token = shareToken(HALF);
const exitOnZero: PriorityEvent[][] = [[fullExitEvent(2, alice, SHARES)]];

describe('a full exit of shares in a block', () => {
  const swap = signedOrder(bob, { type: 'swapIn', from: 1, nonce: 0, ...onWorldPair, amount: 1000n });
  const remove = signedOrder(alice, { type: 'removeLiquidity', from: SHARES, nonce: 0, ...onWorldPair, token, peerToken: token, amount: 500n, peerAmount: 500n });
  const send = signedTransfer(alice, bob, { leafIndex: SHARES, token, nonce: 1, amount: 7n });
  const made = nextBlock({ tip, requests: exitOnZero, transactions: [remove, send, swap] });

  it('pays what the shares stand for, before all orders of the block', () => {
    const before = tip.state.chain(0).pool(HALF)!;
    const amount = coinsFor({ ...before, shares: 10n ** 9n });
    const exit = made.block.segments[0]?.operations[0];
    expect(exit).toEqual({ type: 'fullExit', leafIndex: SHARES, owner: alice.owner, least: 0n, token: 1n, amount, shares: 10n ** 9n });
    const reserve = before.reserve - amount;
    const out = floorFloat40(swapOutput({ reserveIn: reserve, reserveOut: 4n * 10n ** 9n, amountIn: 1000n }));
    expect(made.block.segments.flatMap(({ operations }) => operations)).toMatchObject([{}, { type: 'swapIn', amount: 1000n }, { type: 'swapOut', amount: out }]);
    expect(made.tip.state.chain(0).pool(HALF)).toMatchObject({ reserve: reserve + 1000n, totalShares: LOCKED_SHARES });
    expect(made.tip.state.leaf(0, SHARES)).toMatchObject({ balance: 0n, nonce: 0n });
  });

  it('drops the orders and transfers of the shares that are gone, with the reason', () => {
    expect(made.dropped.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^overdraft: /), expect.stringMatching(/^wrongNonce: An earlier transaction of the leaf was dropped/)]);
  });

  it('passes the audit and is restored from public data', async () => {
    const requests = [[...poolRequests[0]!, exitOnZero[0]![0]!], poolRequests[1]!];
    const auditor = new Auditor({ ...context, operator, verifyProof: async () => true, readRequest: async ({ chainIndex, requestId }) => requestHashOf(requests[chainIndex]![requestId]!) });
    const store = memoryStore();
    for (const sealed of [...history, made]) {
      for (const id of sealed.block.transactions) await store.acceptTransaction({ id, transaction: swap });
      await store.appendBlock(sealed);
      await auditor.auditBlock(sealed.block);
    }
    expect(auditor.auditedBlock).toBe(4);
    expect((await restoreTip({ context, store })).state.finalRoot).toBe(made.tip.state.finalRoot);
  });

  it('that would pay fewer coins than the least amount leaves the shares, and the orders behind it are filled', () => {
    const amount = coinsFor({ ...tip.state.chain(0).pool(HALF)!, shares: 10n ** 9n });
    const { block, tip: after, dropped } = nextBlock({ tip, requests: [[fullExitEvent(2, alice, SHARES, amount + 1n)]], transactions: [send] });
    expect(block.segments[0]?.operations[0]).toEqual({ type: 'fullExit', leafIndex: SHARES, owner: alice.owner, least: amount + 1n, token: 0n, amount: 0n, shares: 0n });
    expect([after.state.leaf(0, SHARES).balance, dropped.length]).toEqual([10n ** 9n, 1]);
    const { tip: paid } = nextBlock({ tip: after, requests: [[fullExitEvent(3, alice, SHARES, amount)]] });
    expect(paid.state.leaf(0, SHARES).balance).toBe(0n);
  });

  it('by another, or of a leaf whose shares are gone, pays nothing', () => {
    const { block } = nextBlock({ tip, requests: [[fullExitEvent(2, bob, SHARES), fullExitEvent(3, alice, SHARES), fullExitEvent(4, alice, SHARES), fullExitEvent(5, bob, HALF)]] });
    expect(block.segments[0]?.operations.map((operation) => operation.type === 'fullExit' && [operation.token, operation.shares])).toEqual([[0n, 0n], [1n, 10n ** 9n], [0n, 0n], [0n, 0n]]);
  });
});

describe("auditor's replay of full exits of shares", () => {
  const nothing = (): Books => ({ settled: new Map(), changed: new Map(), tree: emptyTree });
  const replay = (operations: PublicOperation[], books = nothing()) => replaySegment({ books, segment: encodeOperations(operations), operator: operator.owner, place: {} });
  const key = { keyX: alice.keyX, keyY: alice.keyY };
  const account = (leafIndex: number, of: bigint): PublicOperation => ({ type: 'open', leafIndex, token: of, owner: alice.owner, ...key });
  /** alice in leaf 0 (coins) and 3 (30 shares of 1030), a pool with 40 coins in 2, shares of nothing in 5. */
  const books = () =>
    replay(
      [{ type: 'addLiquidity', from: 0, pool: 2, fee: 0n, amount: 40n, shares: 30n }, { type: 'credit', leafIndex: 3 }],
      replay([{ type: 'deposit', leafIndex: 0, token: 1n, amount: 100n, owner: alice.owner, ...key }, { type: 'openPool', leafIndex: 2, token: 1n, peerChain: 1, peerLeaf: 7 }, account(3, token), account(5, shareToken(9))]).books,
    ).books;
  const exit: FullExit = { type: 'fullExit', leafIndex: 3, owner: alice.owner, least: 0n, token: 1n, amount: 1n, shares: 30n };

  it('takes shares and coins off the half', () => {
    const { changed } = replay([exit], books()).books;
    expect([2, 3].map((i) => changed.get(i)?.balance)).toEqual([39n, 0n]);
    expect(changed.get(2)?.keyX).toBe(1000n);
    // Orders behind it see the new reserve.
    expect(replay([{ type: 'swapOut', pool: 2, to: 0, amount: 5n }, exit], books()).halfChanges).toMatchObject([{ reserve: 39n, totalShares: 1000n }]);
  });

  it.each<[string, Partial<FullExit>, string]>([
    ['a coin too many', { amount: 2n }, 'wrong coins for shares'],
    ['a coin too few', { amount: 0n }, 'wrong coins for shares'],
    ['fewer coins than will do', { least: 2n }, 'less than its least amount'],
    ['more shares than there are', { shares: 31n }, 'leaves its range'],
    ['another token than the half holds', { token: 2n }, 'not the pool of its shares'],
    ['shares themselves', { token }, 'shares are paid out'],
    ['a leaf of coins', { leafIndex: 0 }, 'from a leaf that has none'],
    ['the pool', { leafIndex: 2, owner: 0n }, 'not an account'],
    ['shares of what is no pool', { leafIndex: 5, shares: 1n, amount: 0n }, 'not the pool of its shares'],
    ['the shares of another', { owner: bob.owner }, 'pays somebody else'],
    ['shares as coins', { shares: 0n, amount: 30n }, 'not an account of its token'],
  ])('refuses to pay %s', (_, part, message) => {
    expect(() => replay([{ ...exit, ...part }], books())).toThrow(message);
    expect(() => replay([{ ...exit, ...part }], books())).toThrow(AuditFailure);
  });
});

describe('core and full exits of shares', () => {
  it('serves them through all stages and shows them in the block', async () => {
    const { world, outer, start } = coreWorld();
    for (const [chainIndex, of] of [[0, 1], [1, 2]] as const) for (const [i, user] of [alice, bob].entries()) outer[chainIndex]!.add(depositEvent(i, user, 10n ** 12n, of));
    const core = await start();
    await until(() => world.chains.every(({ counters }) => counters.executed === 1), 'deposits');
    await core.view.requestPair(worldPair);
    await until(() => core.view.pools().length === 1, 'pair');
    const { owner: _, keyX: __, keyY: ___, ...add } = signedOrder(alice, { type: 'addLiquidity', from: 0, nonce: 0, ...onWorldPair, amount: 10n ** 9n, peerAmount: 4n * 10n ** 9n });
    await core.view.submit(add);
    await until(() => core.view.leaf(0, SHARES)?.balance === 10n ** 9n, 'shares');
    outer[0]!.add(fullExitEvent(2, alice, SHARES));
    await until(() => core.view.leaf(0, SHARES)?.balance === 0n, 'full exit');
    const last = (await core.view.status()).lastBlock;
    expect((await core.view.block(last))?.operations).toMatchObject([{ chainIndex: 0, type: 'fullExit', leafIndex: SHARES, token: 1n, amount: 999_999_000n, shares: 10n ** 9n }]);
    await until(() => world.chains.every(({ counters }) => counters.executed === last), 'execution');
    await until(() => world.chains[0]!.pending.size === 0 && world.chains[0]!.paid.length === 1, 'payment');
    expect(core.driver.halted).toBe(null);
  });
});
