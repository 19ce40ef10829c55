import { coinsFor } from '../spec/amm.ts';
import { LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import type { FullExit, FullExitRequest } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { poolOf, type PoolHalf } from '../spec/pool.ts';
import type { ChainState } from './chainState.ts';
import { checkBits, read } from './leafRules.ts';
import type { Plan } from './plan.ts';
import { changePool } from './planPool.ts';

/* Full exits: what they pay, and what they change. None can be refused: the owner gets what there is, if it is enough to him, or nobody anything. */

/**
 * A full exit with what it pays. The leaf is an account of the owner: its whole balance, and of shares the coins that they stand for, rounded
 * down, with the shares. Else, and when these are fewer coins than `least`, token, amount and shares 0; so too for no shares, and for shares of
 * what is no pool.
 */
export function fullExitOf(chain: ChainState, { leafIndex, owner, least }: FullExitRequest): FullExit {
  const leaf = read(chain, leafIndex);
  const nothing: FullExit = { type: 'fullExit', leafIndex, owner, least, token: 0n, amount: 0n, shares: 0n };
  if (!isAccountOf(leaf, owner)) return nothing;
  const half = valuedHalf(chain, leaf);
  if (isShareToken(leaf.token) && half === null) return nothing;
  const amount = half === null ? leaf.balance : coinsFor({ ...half, shares: leaf.balance });
  if (amount < least) return nothing;
  return half === null ? { ...nothing, token: leaf.token, amount } : { ...nothing, token: half.token, amount, shares: leaf.balance };
}

/** @param exit with what it pays, see fullExitOf. One that leaves shares as they are still opens their pool, to show what they stand for. */
export function planFullExit(chain: ChainState, { leafIndex, owner, least, amount, shares }: FullExit): Plan {
  const before = read(chain, leafIndex);
  checkBits('owner', owner, params.bits.owner);
  checkBits('least', least, params.bits.balance);
  if (shares > 0n) {
    return {
      a: { leafIndex, before, after: { ...before, balance: before.balance - shares } },
      b: changePool(chain, poolOfShares(before.token), { reserve: -amount, totalShares: -shares }),
    };
  }
  const a = { leafIndex, before, after: amount === 0n ? before : { ...before, balance: before.balance - amount } };
  if (!isAccountOf(before, owner) || valuedHalf(chain, before) === null) return { a, b: null };
  const pool = poolOfShares(before.token);
  const leaf = chain.leaf(pool);
  return { a, b: { leafIndex: pool, before: leaf, after: leaf } };
}

function isAccountOf(leaf: Leaf, owner: bigint): boolean {
  return leaf.kind === LEAF_KIND.account && leaf.owner === owner;
}

/** The half that a leaf has shares of; null if it has none. Anybody can open a leaf for shares of what is not there, even beyond the tree; no shares come to it. */
function valuedHalf(chain: ChainState, { token, balance }: Leaf): PoolHalf | null {
  if (!isShareToken(token) || balance === 0n) return null;
  const pool = poolOfShares(token);
  return pool < LEAF_COUNT ? poolOf(chain.leaf(pool)) : null;
}
