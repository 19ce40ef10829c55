import type { PairLegs } from '../../prover/witnessPair.ts';
import type { Leg } from '../../spec/leg.ts';

/* Pairs as segments could hand them to a join: valid ones of every kind, at the edges of their rules. */

/** Largest reserve, total shares, amount, limit. */
export const MOST = 2n ** 112n - 1n;
export const LOCKED = 1000n;

/** Kinds of pairs, named as the operation of their first leg. */
export type PairKind = 'swapIn' | 'addLiquidity' | 'removeLiquidity';

/** Numbers of a leg. */
export type LegNumbers = Pick<Leg, 'amount' | 'shares' | 'reserve' | 'totalShares' | 'limit'>;

const SECOND_KIND = { swapIn: 'swapOut', addLiquidity: 'addLiquidityPeer', removeLiquidity: 'removeLiquidityPeer' } as const;
const FIRST_PLACE = { chainIndex: 0, leafIndex: 5 };
const SECOND_PLACE = { chainIndex: 2, leafIndex: 2 ** 24 - 1 };
const NONE: LegNumbers = { amount: 0n, shares: 0n, reserve: 0n, totalShares: LOCKED, limit: 0n };

export interface PairParameters {
  kind: PairKind;
  first: Partial<LegNumbers>;
  second: Partial<LegNumbers>;
  /** Any number below the field's order; default 77. */
  order?: bigint;
}

export function pairOf({ kind, first, second, order = 77n }: PairParameters): PairLegs {
  return {
    first: { ...NONE, ...first, kind, order, pool: FIRST_PLACE, peer: SECOND_PLACE },
    second: { ...NONE, ...second, kind: SECOND_KIND[kind], order, pool: SECOND_PLACE, peer: FIRST_PLACE },
  };
}

/** Two halves with history: reserves and total shares in no simple proportion. */
export const R0 = 1_000_003n;
export const R1 = 2_000_029n;
export const S0 = 1_400_017n;
export const S1 = 1_300_021n;
const FIRST = { reserve: R0, totalShares: S0 };
const SECOND = { reserve: R1, totalShares: S1 };

const swapped = (amount: bigint, [r0, r1]: readonly [bigint, bigint] = [R0, R1]): bigint => (997n * amount * r1) / (1000n * r0 + 997n * amount);

/** Swap of `amount` for what the rule gives for it, which is the least that the order demands. */
export function swap(amount: bigint, { less = 0n, more = 0n }: { less?: bigint; more?: bigint } = {}): PairLegs {
  const out = swapped(amount) - less + more;
  return pairOf({ kind: 'swapIn', first: { ...FIRST, amount }, second: { ...SECOND, amount: out, limit: out } });
}

/** Shares for coins and coins for shares, as many as the rule gives. */
const sharesOf = (amount: bigint, { reserve, totalShares }: typeof FIRST): bigint => (amount * totalShares) / reserve;
const coinsOf = (shares: bigint, { reserve, totalShares }: typeof FIRST): bigint => (shares * reserve) / totalShares;

/** Add of both coins; `more` shares than the rule gives on each side. */
export function add(amount: bigint, peerAmount: bigint, [more, peerMore]: readonly [bigint, bigint] = [0n, 0n]): PairLegs {
  const [shares, peerShares] = [sharesOf(amount, FIRST) + more, sharesOf(peerAmount, SECOND) + peerMore];
  return pairOf({ kind: 'addLiquidity', first: { ...FIRST, amount, shares, limit: shares }, second: { ...SECOND, amount: peerAmount, shares: peerShares, limit: peerShares } });
}

/** Add of the first coin alone of which `through` is swapped on the way; `more` shares than that gives. */
export function addOne(amount: bigint, through: bigint, [more, peerMore]: readonly [bigint, bigint] = [0n, 0n]): PairLegs {
  const out = swapped(through);
  const shares = ((amount - through) * S0) / (R0 + through) + more;
  const peerShares = (out * S1) / (R1 - out) + peerMore;
  return pairOf({ kind: 'addLiquidity', first: { ...FIRST, amount, shares, limit: shares }, second: { ...SECOND, shares: peerShares, limit: peerShares } });
}

/** Remove of shares; `more` coins than the rule gives on each side. */
export function remove(shares: bigint, peerShares: bigint, [more, peerMore]: readonly [bigint, bigint] = [0n, 0n]): PairLegs {
  const [amount, peerAmount] = [coinsOf(shares, FIRST) + more, coinsOf(peerShares, SECOND) + peerMore];
  return pairOf({ kind: 'removeLiquidity', first: { ...FIRST, shares, amount, limit: amount }, second: { ...SECOND, shares: peerShares, amount: peerAmount, limit: peerAmount } });
}

/** A valid pair with numbers of its legs changed. */
export function changed({ first, second }: PairLegs, changes: { first?: Partial<Leg>; second?: Partial<Leg> }): PairLegs {
  return { first: { ...first, ...changes.first }, second: { ...second, ...changes.second } };
}

const elsewhere = (pair: PairLegs, first: Leg['pool'], second: Leg['pool']): PairLegs => changed(pair, { first: { pool: first, peer: second }, second: { pool: second, peer: first } });
const opened = pairOf({ kind: 'addLiquidity', first: { amount: 5000n, shares: 5000n, limit: 5000n }, second: { amount: 7n, shares: 7n } });

export const validPairs: Readonly<Record<string, PairLegs>> = {
  'a swap with all that the rule gives': swap(1234n),
  'a swap with less than the rule gives, and no limit': changed(swap(1234n, { less: 100n }), { second: { limit: 0n } }),
  'a swap of nothing': swap(0n),
  'a swap for nothing': changed(swap(1234n), { second: { amount: 0n, limit: 0n } }),
  'a swap up to the largest reserve, with most shares': pairOf({
    kind: 'swapIn',
    first: { amount: MOST - R0, reserve: R0, totalShares: MOST, limit: MOST },
    second: { amount: swapped(MOST - R0, [R0, MOST]), reserve: MOST, totalShares: MOST },
  }),
  'a swap of one coin into the largest reserve': pairOf({ kind: 'swapIn', first: { amount: 1n, reserve: MOST - 1n, totalShares: MOST }, second: { reserve: MOST, totalShares: MOST } }),
  'an add of both coins': add(5000n, 9999n),
  'an add of both coins for fewer shares than the rule gives': changed(add(5000n, 9999n), { first: { shares: 1n, limit: 0n }, second: { shares: 0n, limit: 0n } }),
  'an add of both coins up to the largest reserves and total shares': pairOf({
    kind: 'addLiquidity',
    first: { reserve: 1n, totalShares: LOCKED, amount: MOST - 1n, shares: MOST - LOCKED },
    second: { reserve: MOST - 1n, totalShares: MOST, amount: 1n, shares: 0n },
  }),
  'an add of both coins that gives nothing for most coins': pairOf({ kind: 'addLiquidity', first: { reserve: 1n, totalShares: MOST, amount: MOST - 1n }, second: { reserve: 1n, totalShares: MOST, amount: MOST - 1n } }),
  'an add to empty halves': opened,
  'an add to one empty half': pairOf({ kind: 'addLiquidity', first: { amount: 9n, shares: 8n }, second: { ...SECOND, amount: 1000n, shares: sharesOf(1000n, SECOND) } }),
  'an add of nothing': add(0n, 0n),
  'an add of the second coin alone without a swap': add(0n, 777n),
  'an add of one coin': addOne(50_000n, 24_700n),
  'an add of one coin, all of it swapped': addOne(50_000n, 50_000n),
  'an add of one coin, nothing of it swapped': addOne(50_000n, 0n),
  'an add of one coin for no shares': pairOf({ kind: 'addLiquidity', first: { ...FIRST, amount: 50_000n }, second: SECOND }),
  'an add of one coin to an empty half': pairOf({ kind: 'addLiquidity', first: { amount: 9n, shares: 9n }, second: SECOND }),
  'an add of one coin up to the largest reserve': pairOf({
    kind: 'addLiquidity',
    first: { reserve: 1n, totalShares: LOCKED, amount: MOST - 1n, shares: 1n },
    second: { reserve: MOST, totalShares: MOST - 1n, shares: 1n },
  }),
  'a remove': remove(4000n, 3000n),
  'a remove of one half alone': remove(4000n, 0n),
  'a remove of all shares but the locked ones': remove(S0 - LOCKED, S1 - LOCKED),
  'a remove that pays nothing': changed(remove(4000n, 3000n), { first: { amount: 0n, limit: 0n }, second: { amount: 0n, limit: 0n } }),
  'a remove from empty halves': pairOf({ kind: 'removeLiquidity', first: { shares: 5n, totalShares: 1005n }, second: { shares: 5n, totalShares: 1005n } }),
  'a remove of nothing': remove(0n, 0n),
  'a remove from the largest reserves, with most shares': pairOf({
    kind: 'removeLiquidity',
    first: { reserve: MOST, totalShares: MOST, shares: MOST - LOCKED, amount: MOST - LOCKED },
    second: { reserve: MOST, totalShares: MOST, shares: MOST - LOCKED },
  }),
  'a swap on one chain': elsewhere(swap(1234n), { chainIndex: 3, leafIndex: 0 }, { chainIndex: 3, leafIndex: 1 }),
  'a swap between the first and the last place': elsewhere(swap(1234n), { chainIndex: 0, leafIndex: 0 }, { chainIndex: 15, leafIndex: 2 ** 24 - 1 }),
};
