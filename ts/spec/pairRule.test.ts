import { describe, expect, it } from 'vitest';
import { coinsFor, oneCoinAdd, sharesFor, swapOutput } from './amm.ts';
import { FIELD } from './field.ts';
import { legWords, type Leg } from './leg.ts';
import { checkPair, keepsProduct, pairWords, type Pair, type PairProblem } from './pairRule.ts';
import { LOCKED_SHARES, MAX_RESERVE } from './pool.ts';

const PLACES = [{ chainIndex: 0, leafIndex: 7 }, { chainIndex: 2, leafIndex: 9 }] as const;
const SECOND_KINDS = { swapIn: 'swapOut', addLiquidity: 'addLiquidityPeer', removeLiquidity: 'removeLiquidityPeer' } as const;

type Numbers = Pick<Leg, 'reserve' | 'totalShares'> & Partial<Pick<Leg, 'amount' | 'shares' | 'limit'>>;

function pairOf(kind: keyof typeof SECOND_KINDS, first: Numbers, second: Numbers, swapped = { amountIn: 0n, amountOut: 0n }): Pair {
  const [a, b] = PLACES;
  const none = { order: 5n, amount: 0n, shares: 0n, limit: 0n };
  return {
    first: { kind, pool: a, peer: b, ...none, ...first },
    second: { kind: SECOND_KINDS[kind], pool: b, peer: a, ...none, ...second },
    swapped,
  };
}

function change(pair: Pair, side: 'first' | 'second', changes: Partial<Leg>): Pair {
  return { ...pair, [side]: { ...pair[side], ...changes } };
}

function expectProblem(pair: Pair, reason: PairProblem, facts: Record<string, unknown> = {}): void {
  expect(() => checkPair(pair)).toThrowError(expect.objectContaining({ facts: expect.objectContaining({ reason, ...facts }) }));
}

const A = { reserve: 1_000_003n, totalShares: 900_001n };
const B = { reserve: 5_000_011n, totalShares: 4_000_037n };

const amountIn = 12_345n;
const amountOut = swapOutput({ reserveIn: A.reserve, reserveOut: B.reserve, amountIn });
const swap = pairOf('swapIn', { ...A, amount: amountIn }, { ...B, amount: amountOut, limit: amountOut });

const add = pairOf(
  'addLiquidity',
  { ...A, amount: 777n, shares: sharesFor({ ...A, amount: 777n }), limit: sharesFor({ ...A, amount: 777n }) },
  { ...B, amount: 3_888n, shares: sharesFor({ ...B, amount: 3_888n }), limit: sharesFor({ ...B, amount: 3_888n }) },
);

const EMPTY = { reserve: 0n, totalShares: LOCKED_SHARES };
const firstAdd = pairOf('addLiquidity', { ...EMPTY, amount: 50n, shares: 50n, limit: 50n }, { ...EMPTY, amount: 1n, shares: 1n, limit: 1n });

const alone = oneCoinAdd({ reserveIn: A.reserve, sharesIn: A.totalShares, reserveOut: B.reserve, sharesOut: B.totalShares, amountIn });
const oneCoin = pairOf('addLiquidity', { ...A, amount: amountIn, shares: alone.shares, limit: alone.shares }, { ...B, shares: alone.peerShares, limit: alone.peerShares }, alone.swapped);

const remove = pairOf(
  'removeLiquidity',
  { ...A, shares: 1_234n, amount: coinsFor({ ...A, shares: 1_234n }), limit: coinsFor({ ...A, shares: 1_234n }) },
  { ...B, shares: 77n, amount: coinsFor({ ...B, shares: 77n }), limit: coinsFor({ ...B, shares: 77n }) },
);

const accepted = { swap, add, firstAdd, oneCoin, remove };

describe('a pair', () => {
  it.each(Object.entries(accepted))('%s is accepted with all that the rule gives', (_, pair) => {
    checkPair(pair);
    expect(pair.first.amount + pair.first.shares).toBeGreaterThan(0n);
    expect(pair.second.amount + pair.second.shares).toBeGreaterThan(0n);
  });

  it('is the words of its legs, first leg first', () => {
    expect(pairWords(swap)).toEqual([...legWords(swap.first), ...legWords(swap.second)]);
    expect(pairWords(swap)).toHaveLength(14);
  });

  it.each(Object.entries(accepted))('%s is refused when the sides are not the two of one kind', (_, pair) => {
    const kinds = ['swapIn', 'swapOut', 'addLiquidity', 'addLiquidityPeer', 'removeLiquidity', 'removeLiquidityPeer'] as const;
    for (const first of kinds) {
      for (const second of kinds) {
        const changed = change(change(pair, 'first', { kind: first }), 'second', { kind: second });
        if (!(first in SECOND_KINDS) || SECOND_KINDS[first as keyof typeof SECOND_KINDS] !== second) expectProblem(changed, 'wrongKinds', { first, second });
      }
    }
    expectProblem({ ...pair, first: pair.second, second: pair.first }, 'wrongKinds');
    expectProblem({ ...pair, second: pair.first }, 'wrongKinds');
    expectProblem({ ...pair, first: pair.second }, 'wrongKinds');
  });

  it.each(Object.entries(accepted))('%s is refused when the legs are of two orders', (_, pair) => {
    expectProblem(change(pair, 'second', { order: 6n }), 'ordersDiffer', { first: 5n, second: 6n });
    expectProblem(change(pair, 'first', { order: 0n }), 'ordersDiffer');
  });

  it.each(Object.entries(accepted))('%s is refused when the halves do not name each other', (_, pair) => {
    const [a, b] = PLACES;
    for (const side of ['first', 'second'] as const) {
      for (const field of ['pool', 'peer'] as const) {
        const place = pair[side][field];
        expectProblem(change(pair, side, { [field]: { ...place, chainIndex: place.chainIndex + 1 } }), 'notMutual');
        expectProblem(change(pair, side, { [field]: { ...place, leafIndex: place.leafIndex + 1 } }), 'notMutual');
      }
    }
    // A third half that names the second as its peer.
    expectProblem(change(pair, 'first', { pool: { chainIndex: 1, leafIndex: 3 } }), 'notMutual');
    expectProblem(change(pair, 'second', { pool: a, peer: b }), 'notMutual');
  });
});

describe('the rule of a swap', () => {
  it('takes the largest output, and refuses one unit more', () => {
    expectProblem(change(swap, 'second', { amount: amountOut + 1n, limit: 0n }), 'product', { amountOut: amountOut + 1n });
    expectProblem(change(swap, 'first', { amount: amountIn - 1n }), 'product');
    checkPair(change(swap, 'second', { amount: amountOut - 1n, limit: 0n }));
  });

  it('refuses an output below the minimum', () => {
    expectProblem(change(swap, 'second', { limit: amountOut + 1n }), 'belowLimit', { side: 'second', expectedAtLeast: amountOut + 1n, actual: amountOut });
    expectProblem(change(swap, 'second', { amount: amountOut - 1n }), 'belowLimit');
    // The first side of a swap has no limit.
    checkPair(change(swap, 'first', { limit: MAX_RESERVE }));
  });

  it('changes no shares', () => {
    for (const side of ['first', 'second'] as const) expectProblem(change(swap, side, { shares: 1n }), 'tooManyShares', { side });
  });

  it('gives nothing for nothing, and never a whole reserve', () => {
    checkPair(pairOf('swapIn', A, B));
    expectProblem(pairOf('swapIn', A, { ...B, amount: 1n }), 'product');
    const huge = MAX_RESERVE - A.reserve;
    expectProblem(pairOf('swapIn', { ...A, amount: huge }, { ...B, amount: B.reserve }), 'product');
    checkPair(pairOf('swapIn', { ...A, amount: huge }, { ...B, amount: B.reserve - 1n }));
    expectProblem(pairOf('swapIn', { ...A, amount: huge }, { ...B, amount: B.reserve + 1n }), 'outOfRange', { name: 'reserveAfter', actual: -1n });
  });

  it('is refused when a half is empty, even for nothing', () => {
    expectProblem(pairOf('swapIn', { ...EMPTY, amount: 5n }, B), 'emptyHalf', { first: 0n, second: B.reserve });
    expectProblem(pairOf('swapIn', { ...A, amount: 5n }, EMPTY), 'emptyHalf');
    expectProblem(pairOf('swapIn', EMPTY, EMPTY), 'emptyHalf');
    checkPair(pairOf('swapIn', { ...A, reserve: 1n, amount: 5n }, { ...B, reserve: 1n }));
  });

  it('keeps 0.3 % of what comes in, in the pool', () => {
    // 1000 into 1,000,000 : 1,000,000 gives 996 with the fee and 999 without it.
    const reserves = { reserveIn: 1_000_000n, reserveOut: 1_000_000n, amountIn: 1000n };
    expect(keepsProduct({ ...reserves, amountOut: 996n })).toBe(true);
    expect(keepsProduct({ ...reserves, amountOut: 997n })).toBe(false);
  });
});

describe('the rule of an add', () => {
  it('takes the most shares, and refuses one more of either half', () => {
    for (const pair of [add, firstAdd, oneCoin]) {
      for (const side of ['first', 'second'] as const) {
        expectProblem(change(pair, side, { shares: pair[side].shares + 1n }), 'tooManyShares', { side, shares: pair[side].shares + 1n });
        expectProblem(change(pair, side, { shares: pair[side].shares - 1n }), 'belowLimit', { side, expectedAtLeast: pair[side].shares });
        checkPair(change(pair, side, { shares: pair[side].shares - 1n, limit: 0n }));
      }
    }
  });

  it('refuses shares for a coin that stays away', () => {
    expectProblem(change(add, 'first', { amount: 0n }), 'tooManyShares');
    expectProblem(change(oneCoin, 'first', { amount: oneCoin.swapped.amountIn }), 'tooManyShares', { side: 'first' });
  });

  it('swaps on the way in by the rule of a swap', () => {
    const { swapped } = oneCoin;
    expectProblem({ ...oneCoin, swapped: { ...swapped, amountOut: swapped.amountOut + 1n } }, 'product');
    expectProblem({ ...oneCoin, swapped: { ...swapped, amountIn: swapped.amountIn - 1n } }, 'product');
    expectProblem({ ...oneCoin, swapped: { amountIn: amountIn + 1n, amountOut: 0n } }, 'outOfRange', { mostIn: amountIn });
    expectProblem({ ...oneCoin, swapped: { ...swapped, amountOut: B.reserve + 1n } }, 'outOfRange', { mostOut: B.reserve });
    expectProblem({ ...oneCoin, swapped: { amountIn: -1n, amountOut: 0n } }, 'outOfRange');
    expectProblem({ ...oneCoin, swapped: { amountIn: 0n, amountOut: -1n } }, 'outOfRange');
    // Without the swap the second half gives no share.
    expectProblem({ ...oneCoin, swapped: { amountIn: 0n, amountOut: 0n } }, 'tooManyShares', { side: 'second' });
    checkPair(change({ ...oneCoin, swapped: { amountIn: 0n, amountOut: 0n } }, 'second', { shares: 0n, limit: 0n }));
  });

  it('swaps only one coin that comes alone', () => {
    expectProblem({ ...add, swapped: { amountIn: 1n, amountOut: 0n } }, 'outOfRange', { secondAmount: add.second.amount });
    expectProblem({ ...add, swapped: { amountIn: 0n, amountOut: 1n } }, 'outOfRange');
    expectProblem(change(oneCoin, 'second', { amount: 1n }), 'outOfRange', { secondAmount: 1n });
  });

  it('brings both coins the first time: one share a coin', () => {
    for (const side of ['first', 'second'] as const) {
      expectProblem(change(firstAdd, side, { amount: 0n, shares: 0n, limit: 0n }), 'emptyHalf');
      expectProblem(change(change(firstAdd, side, { amount: 0n, shares: 0n, limit: 0n }), side === 'first' ? 'second' : 'first', { reserve: 5n, limit: 0n }), 'emptyHalf');
    }
    // One half before, the other half after the first add of somebody else: nothing is swapped at a price that is not there.
    const crossed = pairOf('addLiquidity', { ...EMPTY, amount: 50n, shares: 50n }, { ...B, amount: 0n, shares: 0n });
    checkPair(crossed);
    expectProblem({ ...crossed, swapped: { amountIn: 25n, amountOut: 1n } }, 'product');
    checkPair(change({ ...crossed, swapped: { amountIn: 25n, amountOut: 0n } }, 'first', { shares: 25n }));
    expectProblem(change({ ...crossed, swapped: { amountIn: 25n, amountOut: 0n } }, 'first', { shares: 26n }), 'tooManyShares');
    const crossedBack = pairOf('addLiquidity', { ...A, amount: 50n, shares: sharesFor({ ...A, amount: 50n }) }, { ...EMPTY, amount: 7n, shares: 7n });
    checkPair(crossedBack);
    expectProblem(change(crossedBack, 'second', { shares: 8n }), 'tooManyShares');
  });
});

describe('the rule of a remove', () => {
  it('takes the most coins, and refuses one unit more of either half', () => {
    for (const side of ['first', 'second'] as const) {
      expectProblem(change(remove, side, { amount: remove[side].amount + 1n }), 'tooManyCoins', { side });
      expectProblem(change(remove, side, { shares: remove[side].shares - 1n }), 'tooManyCoins', { side });
      expectProblem(change(remove, side, { amount: remove[side].amount - 1n }), 'belowLimit', { side });
      checkPair(change(remove, side, { amount: remove[side].amount - 1n, limit: 0n }));
    }
  });

  it('gives no coin for no share', () => {
    checkPair(pairOf('removeLiquidity', A, B));
    for (const side of ['first', 'second'] as const) expectProblem(change(pairOf('removeLiquidity', A, B), side, { amount: 1n }), 'tooManyCoins');
  });

  it('leaves the locked shares, and so a reserve', () => {
    const all = A.totalShares - LOCKED_SHARES;
    const amount = coinsFor({ ...A, shares: all });
    checkPair(pairOf('removeLiquidity', { ...A, shares: all, amount }, B));
    expect(A.reserve - amount).toBeGreaterThan(0n);
    expectProblem(pairOf('removeLiquidity', { ...A, shares: all + 1n, amount }, B), 'outOfRange', { name: 'totalSharesAfter', least: LOCKED_SHARES, actual: LOCKED_SHARES - 1n });
    expectProblem(pairOf('removeLiquidity', { ...A, totalShares: LOCKED_SHARES - 1n }, B), 'outOfRange', { name: 'totalShares' });
    checkPair(pairOf('removeLiquidity', EMPTY, EMPTY));
  });
});

describe('the range of the numbers of a leg', () => {
  it('ends at 2^112 - 1, before and after', () => {
    const top = MAX_RESERVE;
    const filled = (reserve: bigint, totalShares = 5000n): Numbers => ({ reserve, totalShares });
    checkPair(pairOf('swapIn', { ...filled(top - 5n), amount: 5n }, filled(top)));
    expectProblem(pairOf('swapIn', { ...filled(top - 5n), amount: 6n }, filled(top)), 'outOfRange', { side: 'first', name: 'reserveAfter', actual: top + 1n });
    expectProblem(pairOf('swapIn', filled(top + 1n), filled(1n)), 'outOfRange', { name: 'reserve' });
    expectProblem(pairOf('swapIn', filled(1n), filled(top + 1n)), 'outOfRange', { side: 'second', name: 'reserve' });
    expectProblem(pairOf('swapIn', filled(1n), { ...filled(1n), limit: top + 1n }), 'outOfRange', { name: 'limit' });
    expectProblem(pairOf('swapIn', { ...filled(1n), amount: top + 1n }, filled(1n)), 'outOfRange', { name: 'amount' });
    expectProblem(pairOf('swapIn', filled(1n, top + 1n), filled(1n)), 'outOfRange', { name: 'totalShares' });
    expectProblem(pairOf('swapIn', { ...filled(5n), amount: -1n }, filled(5n)), 'outOfRange', { name: 'amount', actual: -1n });
  });

  it('ends there for shares too', () => {
    const top = MAX_RESERVE;
    const half = { reserve: 1n, totalShares: top - 3n };
    checkPair(pairOf('addLiquidity', { ...half, amount: 1n, shares: 3n }, { ...half, amount: 2n }));
    expectProblem(pairOf('addLiquidity', { ...half, amount: 1n, shares: 4n }, { ...half, amount: 2n }), 'outOfRange', { name: 'totalSharesAfter', actual: top + 1n });
    expectProblem(pairOf('addLiquidity', { ...half, amount: 1n, shares: -1n }, { ...half, amount: 2n }), 'outOfRange', { name: 'shares' });
  });

  it('keeps every product of the rule below the field', () => {
    expect((1000n * MAX_RESERVE + 997n * MAX_RESERVE) * MAX_RESERVE).toBeLessThan(FIELD / 2n);
    expect(2n * MAX_RESERVE * MAX_RESERVE).toBeLessThan(FIELD / 2n);
  });

  it('swaps at the edge by the exact rule', () => {
    const [reserveIn, reserveOut] = [MAX_RESERVE - 12_345n, MAX_RESERVE];
    const out = swapOutput({ reserveIn, reserveOut, amountIn: 12_345n });
    const pair = pairOf('swapIn', { reserve: reserveIn, totalShares: MAX_RESERVE, amount: 12_345n }, { reserve: reserveOut, totalShares: MAX_RESERVE, amount: out });
    checkPair(pair);
    expectProblem(change(pair, 'second', { amount: out + 1n }), 'product');
  });
});
