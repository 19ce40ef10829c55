import { packPlace, unpackPlace, type Place } from './leg.ts';
import { LEAF_KIND, type Leaf } from './leaf.ts';
import { params } from './params.ts';

/** One half of a liquidity pair: what a pool leaf holds. Amounts in the token's smallest unit. */
export interface PoolHalf {
  token: bigint;
  reserve: bigint;
  /** With the locked ones. */
  totalShares: bigint;
  /** Where the other half is, or says to be. */
  peer: Place;
}

/** Shares of a half that are nobody's, from its opening on. */
export const LOCKED_SHARES = BigInt(params.lockedShares);

/** Reserves, total shares, and what changes them, are at most this. */
export const MAX_RESERVE = (1n << BigInt(params.bits.reserve)) - 1n;

/** A half as `openPool` makes it. */
export function openedHalf({ token, peer }: { token: bigint; peer: Place }): PoolHalf {
  return { token, reserve: 0n, totalShares: LOCKED_SHARES, peer };
}

/** The leaf of a half. @throws RollupError when the peer's place does not fit its bits */
export function poolLeaf({ token, reserve, totalShares, peer }: PoolHalf): Leaf {
  return { kind: LEAF_KIND.pool, owner: 0n, token, nonce: 0n, balance: reserve, keyX: totalShares, keyY: packPlace(peer) };
}

export function isPoolLeaf(leaf: Leaf): boolean {
  return leaf.kind === LEAF_KIND.pool;
}

/** The half in a leaf; null when the leaf is no pool. */
export function poolOf(leaf: Leaf): PoolHalf | null {
  if (!isPoolLeaf(leaf)) return null;
  return { token: leaf.token, reserve: leaf.balance, totalShares: leaf.keyX, peer: unpackPlace(leaf.keyY) };
}
