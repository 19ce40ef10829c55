import { describe, expect, it } from 'vitest';
import { params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import { packBlock } from './packer.ts';
import type { Tip } from './sealer.ts';
import type { SignedTransaction } from './store.ts';
import {
  balanceOf, context, depositEvent, nextBlock, onWorldPair, operator, pooled, poolWorld, signedChangeKey, signedOrder, signedTransfer, signedWithdraw, testUser, traders, worldPair,
  type OrderPart, type TestUser,
} from './testSupport.ts';

const { alice, bob, carol } = traders;
const tip = poolWorld();
const empty = poolWorld({ filled: false });
const types = (segments: readonly { chainIndex: number; operations: readonly { type: string }[] }[]) => segments.map(({ chainIndex, operations }) => [chainIndex, ...operations.map(({ type }) => type)]);
const half = (state: Tip['state'], chainIndex: number, leafIndex = 2) => poolOf(state.leaf(chainIndex, leafIndex))!;
const swap = (user: TestUser, part: Partial<OrderPart> & { nonce: number }) => signedOrder(user, { type: 'swapIn', from: user === alice ? 0 : 1, ...onWorldPair, amount: 1_000_000n, ...part });
const add = (user: TestUser, part: Partial<OrderPart> & { nonce: number }) => signedOrder(user, { type: 'addLiquidity', from: user === alice ? 0 : 1, ...onWorldPair, amount: 1_000_000n, ...part });
const shares = params.shareTokens + 2;
/** alice's shares of both halves are in leaves 3. */
const remove = (part: Partial<OrderPart> & { nonce: number }) =>
  signedOrder(alice, { type: 'removeLiquidity', from: 3, ...onWorldPair, token: BigInt(shares), peerToken: BigInt(shares), amount: 1_000_000n, peerAmount: 4_000_000n, ...part });
const pack = (state: Tip['state'], transactions: SignedTransaction[], part: { maxSegments?: number; maxOrders?: number; requests?: Parameters<typeof packBlock>[0]['requests'] } = {}) =>
  packBlock({ state, deploymentId: context.deploymentId, operator, requests: [[], [], []], transactions: pooled(...transactions), timestamp: 1000, ...part });

describe('an order in a block', () => {
  it('opens a pair whose halves name each other', () => {
    const { block, tip: opened } = nextBlock({ pairs: [worldPair] });
    expect(types(block.segments)).toEqual([[0, 'openPool'], [1, 'openPool']]);
    expect(half(opened.state, 0, 0)).toMatchObject({ token: 1n, reserve: 0n, totalShares: 1000n, peer: { chainIndex: 1, leafIndex: 0 } });
    expect(half(opened.state, 1, 0)).toMatchObject({ token: 2n, peer: { chainIndex: 0, leafIndex: 0 } });
    expect(pack(opened.state, []).segments).toEqual([]);
    const again = packBlock({ state: opened.state, deploymentId: 77n, operator, requests: [[], [], []], transactions: [], timestamp: 1, pairs: [worldPair, { chainIndex: 1, token: 2, peerChain: 0, peerToken: 1 }] });
    expect(again.segments).toEqual([]);
  });

  it('opens a pair on one chain in two leaves next to each other in one segment', () => {
    const { block, tip: opened } = nextBlock({ tip: empty, pairs: [{ chainIndex: 0, token: 1, peerChain: 0, peerToken: 2 }] });
    expect(types(block.segments)).toEqual([[0, 'openPool', 'openPool']]);
    expect(half(opened.state, 0, 3).peer).toEqual({ chainIndex: 0, leafIndex: 4 });
    expect(half(opened.state, 0, 4).peer).toEqual({ chainIndex: 0, leafIndex: 3 });
  });

  it('adds to an empty pair: each side with its credit right behind it, share leaves opened', () => {
    const { block, tip: after } = nextBlock({ tip: empty, transactions: [add(alice, { nonce: 0, amount: 500n, peerAmount: 700n, limit: 500n, peerLimit: 700n, fee: 3n })] });
    expect(types(block.segments)).toEqual([[0, 'open', 'open', 'addLiquidity', 'credit', 'collectFees'], [1, 'open', 'addLiquidityPeer', 'credit']]);
    expect([half(after.state, 0), half(after.state, 1)]).toMatchObject([{ reserve: 500n, totalShares: 1500n }, { reserve: 700n, totalShares: 1700n }]);
    expect(after.state.leaf(1, 3)).toMatchObject({ owner: alice.owner, token: BigInt(shares), balance: 700n, keyX: alice.keyX });
    expect([balanceOf(after.state, 0, 0), balanceOf(after.state, 1, 0), after.state.leaf(1, 0).nonce]).toEqual([10n ** 12n - 503n, 10n ** 12n - 700n, 0n]);
  });

  it('swaps across chains, to a leaf that is opened for the user', () => {
    const funded = nextBlock({ tip, requests: [[depositEvent(2, carol, 5_000_000n)]] }).tip;
    const leafIndex = funded.state.chain(0).findLeaf({ ...carol, token: 1n })!;
    const { block, tip: after, dropped } = nextBlock({ tip: funded, transactions: [swap(carol, { from: leafIndex, nonce: 0, peerLimit: 3_900_000n })] });
    expect(dropped).toEqual([]);
    expect(types(block.segments)).toEqual([[0, 'swapIn'], [1, 'open', 'swapOut']]);
    const out = after.state.leaf(1, after.state.chain(1).findLeaf({ ...carol, token: 2n })!).balance;
    expect(out).toBe(3_984_027n);
    expect([half(after.state, 0).reserve, half(after.state, 1).reserve]).toEqual([10n ** 9n + 1_000_000n, 4n * 10n ** 9n - out]);
  });

  it('swaps back, and within one chain', () => {
    const back = nextBlock({ tip, transactions: [swap(bob, { nonce: 0, chainIndex: 1, token: 2n, peerChain: 0, peerToken: 1n, amount: 4_000_000n })] });
    expect(types(back.block.segments)).toEqual([[0, 'swapOut'], [1, 'swapIn']]);
    expect(balanceOf(back.tip.state, 0, 1)).toBe(10n ** 12n + 996_006n);
    const rich = nextBlock({ tip, requests: [[depositEvent(2, alice, 10n ** 6n, 2)]], pairs: [{ chainIndex: 0, token: 1, peerChain: 0, peerToken: 2 }] }).tip;
    const [pool, peerLeaf] = rich.state.chain(0).pools().map(({ leafIndex }) => leafIndex).slice(-2) as [number, number];
    const on = { pool, peerChain: 0, peerLeaf };
    const local = nextBlock({ tip: rich, transactions: [add(alice, { nonce: 1, ...on, amount: 10n ** 6n, peerAmount: 10n ** 6n }), swap(bob, { nonce: 0, ...on, amount: 1000n })] });
    expect(local.dropped).toEqual([]);
    expect(local.block.segments.every(({ chainIndex }) => chainIndex === 0)).toBe(true);
    expect(local.tip.state.leaf(0, local.tip.state.chain(0).findLeaf({ ...bob, token: 2n })!).balance).toBe(996n);
  });

  it('removes from both halves, and from one', () => {
    const { block, tip: after } = nextBlock({ tip, transactions: [remove({ nonce: 0 }), remove({ nonce: 1, peerAmount: 0n, fee: 1n })] });
    expect(types(block.segments)).toEqual([
      [0, 'removeLiquidity', 'credit', 'open', 'removeLiquidity', 'credit', 'collectFees'], [1, 'removeLiquidityPeer', 'credit', 'removeLiquidityPeer', 'credit'],
    ]);
    expect([half(after.state, 0).totalShares, half(after.state, 1).totalShares]).toEqual([10n ** 9n + 1000n - 2_000_000n, 4n * 10n ** 9n + 1000n - 4_000_000n]);
    // The fee is in shares: it is the operator's now.
    expect(after.state.leaf(0, after.state.chain(0).findLeaf({ ...operator, token: BigInt(shares) })!).balance).toBe(1n);
  });

  it('adds one coin alone, without a leaf of the other coin before', () => {
    const funded = nextBlock({ tip, requests: [[depositEvent(2, carol, 5_000_000n)]] }).tip;
    const { block, tip: after } = nextBlock({ tip: funded, transactions: [add(carol, { from: funded.state.chain(0).findLeaf({ ...carol, token: 1n })!, nonce: 0 })] });
    expect(types(block.segments)).toEqual([[0, 'open', 'addLiquidity', 'credit'], [1, 'open', 'open', 'addLiquidityPeer', 'credit']]);
    const got = (chainIndex: number) => after.state.leaf(chainIndex, after.state.chain(chainIndex).findLeaf({ ...carol, token: BigInt(shares) })!).balance;
    // Half of the coin for one half, the other half swapped for the other: 0.05 % of each.
    expect([Number(got(0)) / 1e9, Number(got(1)) / 4e9]).toEqual([expect.closeTo(0.0005, 5), expect.closeTo(0.0005, 5)]);
  });

  it('fills orders on one pair in the order of acceptance, each at the reserves that the one before left', () => {
    const { tip: after, block } = nextBlock({ tip, transactions: [swap(bob, { nonce: 0, amount: 10n ** 8n }), swap(alice, { nonce: 1, amount: 10n ** 8n })] });
    const [first, second] = block.segments[1]!.operations.map((operation) => (operation.type === 'swapOut' ? operation.amount : 0n));
    expect(first! > second!).toBe(true);
    const one = nextBlock({ tip, transactions: [swap(bob, { nonce: 0, amount: 10n ** 8n })] }).tip;
    const two = nextBlock({ tip: one, transactions: [swap(alice, { nonce: 1, amount: 10n ** 8n })] }).tip;
    expect([0, 1].map((i) => half(after.state, i))).toEqual([0, 1].map((i) => half(two.state, i)));
  });
});

describe('an order that cannot be filled at its turn', () => {
  const reasons = (transactions: SignedTransaction[], at: Tip = tip) => nextBlock({ tip: at, transactions, timestamp: 2000 }).dropped.map(({ reason }) => reason);

  it.each([
    ['price', [swap(bob, { nonce: 0, peerLimit: 4_000_000n })], /^belowLimit: .*would get 3984027 coins of the peer, it demands at least 4000000/],
    ['time', [swap(bob, { nonce: 0, validUntil: 1999 })], /^expired/],
    ['a nonce that is used', [swap(alice, { nonce: 0 })], /^wrongNonce/],
    ['a half that is not there', [swap(bob, { nonce: 0, peerLeaf: 0 })], /^unknownPool/],
    ['a leaf of another token', [swap(bob, { nonce: 0, token: 2n })], /^wrongToken/],
    ["a peer's token that is another", [swap(bob, { nonce: 0, peerToken: 1n })], /^wrongToken/],
    ['a key that changed', [signedChangeKey(bob, testUser(9), { leafIndex: 1, nonce: 0 }), swap(bob, { nonce: 1 })], /^wrongSignature/],
    ['an owner that is another', [swap({ ...bob, owner: 5n }, { nonce: 0 })], /^wrongSignature/],
    ['coins that are gone', [swap(bob, { nonce: 0, amount: 2n * 10n ** 12n })], /^overdraft/],
    ["coins on the peer's chain that are gone", [add(bob, { nonce: 0, peerAmount: 2n * 10n ** 12n })], /^overdraft: .*takes 2000000000000 .* has 1000000000000/],
    ['shares that are gone', [remove({ nonce: 0, amount: 2n * 10n ** 9n })], /^overdraft/],
    ['an amount without float40 form', [swap(bob, { nonce: 0, amount: 123_456_789_013n })], /^amountNotFloat40/],
    ['shares that stand for nothing', [remove({ nonce: 0, amount: 1n, peerAmount: 0n })], /^nothingOut/],
  ])('is dropped for %s', (_, transactions, reason) => {
    expect(reasons(transactions).join('\n')).toMatch(reason);
  });

  it('is dropped when the halves it names are of two pairs', () => {
    const second = nextBlock({ tip, pairs: [{ chainIndex: 0, token: 1, peerChain: 1, peerToken: 1 }] }).tip;
    const peerLeaf = second.state.chain(1).pools().at(-1)!.leafIndex;
    expect(reasons([swap(bob, { nonce: 0, peerLeaf, peerToken: 1n })], second).join()).toMatch(/^notMutual/);
  });

  it('is dropped in an empty pair', () => {
    expect(reasons([swap(bob, { nonce: 0 }), add(alice, { nonce: 0 })], empty).map((reason) => reason.split(':')[0])).toEqual(['emptyHalf', 'emptyHalf']);
  });

  it('costs nothing, blocks nobody, and takes the later ones of its leaf with it', () => {
    const { dropped, tip: after, block } = nextBlock({ tip, transactions: [swap(bob, { nonce: 0, peerLimit: 4_000_000n, fee: 5n }), swap(bob, { nonce: 1 }), swap(alice, { nonce: 1 })] });
    expect(dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['belowLimit', 'wrongNonce']);
    expect(types(block.segments)).toEqual([[0, 'swapIn'], [1, 'swapOut']]);
    expect(after.state.leaf(0, 1)).toEqual(tip.state.leaf(0, 1));
    // The nonce is free for another try.
    expect(nextBlock({ tip: after, transactions: [swap(bob, { nonce: 0 })] }).dropped).toEqual([]);
  });
});

describe('room for orders', () => {
  it('is for so many as the join has pairs; the others wait for the next block', () => {
    const many = Array.from({ length: params.joinPairs + 2 }, (_, i) => swap(bob, { nonce: i, amount: 1000n }));
    const first = nextBlock({ tip, transactions: many });
    expect([first.block.transactions.length, first.dropped]).toEqual([params.joinPairs, []]);
    const second = nextBlock({ tip: first.tip, transactions: many.slice(params.joinPairs) });
    expect(second.block.transactions).toHaveLength(2);
  });

  it('is on both chains or on none: nothing of an order stays when its second side has no room', () => {
    const full = Array.from({ length: params.slots }, (_, i) => depositEvent(i + 2, testUser(i + 100), 1n, 2));
    const packed = pack(tip.state, [swap(bob, { nonce: 0 })], { requests: [[], full, []], maxSegments: 2 });
    expect(packed).toMatchObject({ included: [], dropped: [] });
    expect(types(packed.segments)).toEqual([[1, ...full.map(() => 'deposit')]]);
    const roomy = pack(tip.state, [swap(bob, { nonce: 0 })], { requests: [[], full, []], maxSegments: 3 });
    expect(types(roomy.segments)).toEqual([[0, 'swapIn'], [1, ...full.map(() => 'deposit')], [1, 'swapOut']]);
  });

  it('keeps a side and its credit in one segment', () => {
    const full = Array.from({ length: params.slots - 2 }, (_, i) => depositEvent(i + 2, testUser(i + 100), 1n));
    const packed = pack(tip.state, [add(bob, { nonce: 0, peerAmount: 1n })], { requests: [full, [], []] });
    expect(types(packed.segments)).toEqual([
      [0, ...full.map(() => 'deposit'), 'open'], [0, 'addLiquidity', 'credit'], [1, 'open', 'addLiquidityPeer', 'credit'],
    ]);
  });

  it('makes later orders on the pair wait too, and lets others pass', () => {
    const full = Array.from({ length: params.slots }, (_, i) => depositEvent(i + 2, testUser(i + 100), 1n, 2));
    const withdraw = signedWithdraw(bob, 9n, { chainIndex: 1, leafIndex: 1, token: 2n, nonce: 0, amount: 1n });
    const packed = pack(tip.state, [swap(bob, { nonce: 0 }), swap(alice, { nonce: 1 }), swap(alice, { nonce: 2 }), withdraw], { requests: [[], full, []], maxSegments: 2 });
    expect(types(packed.segments).at(-1)).toEqual([1, 'withdraw']);
    expect([packed.included.length, packed.dropped]).toEqual([1, []]);
    const limited = pack(tip.state, [swap(bob, { nonce: 0 }), swap(alice, { nonce: 1 }), signedTransfer(bob, alice, { leafIndex: 1, nonce: 1, amount: 1n })], { maxOrders: 1 });
    expect(types(limited.segments)).toEqual([[0, 'swapIn', 'transfer'], [1, 'swapOut']]);
  });

  it('that not even an empty block has is a reason to drop', () => {
    const { dropped, included } = pack(tip.state, [swap(bob, { nonce: 0 }), signedTransfer(alice, bob, { leafIndex: 0, nonce: 1, amount: 1n })], { maxSegments: 1 });
    expect(dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['noRoom']);
    expect(included).toHaveLength(1);
  });
});
