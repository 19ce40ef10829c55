import { shareToken } from '../../spec/leg.ts';
import type { FullExit } from '../../spec/operation.ts';
import { MAX_RESERVE, type PoolHalf } from '../../spec/pool.ts';
import type { Leaf } from '../../spec/leaf.ts';
import type { ExitWithPool } from './segmentUnchecked.ts';
import { LEAF, TOKEN, fullExit, users, type LeafName, type User } from './world.ts';

/* Exits of shares in the test world: alice has 400,000 of the 500,000 shares of a half with 1,000,000 coins. */

export const SHARE_TOKEN = shareToken(LEAF.half);

/** alice's full exit of her shares, or what `changes` make of it. */
export function shareExit(changes: Partial<FullExit> = {}, user: User = users.alice): FullExit {
  return { ...fullExit(user, LEAF.shares), token: TOKEN, amount: 800_000n, shares: 400_000n, ...changes };
}

/** alice's full exit of her shares for a coin more than they stand for, so that they stay, or what `changes` make of it. */
export function keptShares(changes: Partial<ExitWithPool> = {}): ExitWithPool {
  return { ...fullExit(users.alice, LEAF.shares, 800_001n), token: 0n, amount: 0n, shares: 0n, pool: LEAF.half, ...changes };
}

/** Leaves of the test world: the half with these numbers and so many shares of it in alice's leaf. */
export function heldShares({ reserve, totalShares }: Pick<PoolHalf, 'reserve' | 'totalShares'>, shares: bigint): Partial<Record<LeafName, Partial<Leaf>>> {
  return { half: { balance: reserve, keyX: totalShares }, shares: { balance: shares } };
}

interface ShareEdge extends Pick<PoolHalf, 'reserve' | 'totalShares'> {
  shares: bigint;
  /** What the shares stand for. */
  amount: bigint;
}

/** A half and shares of it at the ends of what they can be. */
export const shareEdges: Record<string, ShareEdge> = {
  'all shares but the locked ones': { reserve: 1_000_000n, totalShares: 5000n, shares: 4000n, amount: 800_000n },
  'one share': { reserve: 1_000_000n, totalShares: 5000n, shares: 1n, amount: 200n },
  'shares that stand for less than a coin': { reserve: 4n, totalShares: 5000n, shares: 1000n, amount: 0n },
  'shares that just stand for a coin': { reserve: 5n, totalShares: 5000n, shares: 1000n, amount: 1n },
  'shares of an empty half': { reserve: 0n, totalShares: 5000n, shares: 4000n, amount: 0n },
  'the largest numbers': { reserve: MAX_RESERVE, totalShares: MAX_RESERVE, shares: MAX_RESERVE - 1000n, amount: MAX_RESERVE - 1000n },
  'the largest reserve for the fewest shares': { reserve: MAX_RESERVE, totalShares: 1001n, shares: 1n, amount: MAX_RESERVE / 1001n },
  'the largest rest': { reserve: MAX_RESERVE - 1n, totalShares: MAX_RESERVE, shares: 1n, amount: 0n },
};
