import { coinsFor } from '../spec/amm.ts';
import { LEAF_KIND } from '../spec/leaf.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import type { FullExit, FullExitRequest } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import type { ChainState } from './chainState.ts';
import { checkBits, read } from './leafRules.ts';
import type { Plan } from './plan.ts';
import { changePool } from './planPool.ts';

/* Full exits: what they pay, and what they change. None can be refused: the owner, or nobody, gets what there is. */

/**
 * A full exit with what it pays. The leaf is an account of the owner: its whole balance, and of shares the coins that they stand for, rounded
 * down, with the shares. Else token, amount and shares 0; so too for no shares, and for shares of what is no pool.
 */
export function fullExitOf(chain: ChainState, { leafIndex, owner }: FullExitRequest): FullExit {
  const leaf = read(chain, leafIndex);
  const nothing: FullExit = { type: 'fullExit', leafIndex, owner, token: 0n, amount: 0n, shares: 0n };
  if (leaf.kind !== LEAF_KIND.account || leaf.owner !== owner) return nothing;
  const { token, balance } = leaf;
  if (!isShareToken(token)) return { ...nothing, token, amount: balance };
  // Anybody can open a leaf for shares of what is not there, even beyond the tree; no shares come to it.
  const pool = poolOfShares(token);
  const half = pool < LEAF_COUNT ? poolOf(chain.leaf(pool)) : null;
  if (half === null || balance === 0n) return nothing;
  return { ...nothing, token: half.token, amount: coinsFor({ ...half, shares: balance }), shares: balance };
}

/** @param exit with what it pays, see fullExitOf */
export function planFullExit(chain: ChainState, { leafIndex, owner, amount, shares }: FullExit): Plan {
  const before = read(chain, leafIndex);
  checkBits('owner', owner, params.bits.owner);
  if (shares === 0n) return { a: { leafIndex, before, after: amount === 0n ? before : { ...before, balance: before.balance - amount } }, b: null };
  return {
    a: { leafIndex, before, after: { ...before, balance: before.balance - shares } },
    b: changePool(chain, poolOfShares(before.token), { reserve: -amount, totalShares: -shares }),
  };
}
