import type { Address } from 'viem';
import { coinsFor } from '../spec/amm.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import type { ChainState, LeafEntry, Pool } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';

/** What one leaf is worth to its owner in exit mode. */
export interface Holding {
  chainIndex: number;
  leafIndex: number;
  /** Of the coins that are paid: for a leaf with shares the token of their pool. */
  token: number;
  /** What an exit pays, in the token's smallest unit; 0 when the shares stand for less than one unit. */
  amount: bigint;
  /** Where the coins are; absent when the leaf holds them itself. */
  shares?: { pool: number; shares: bigint };
}

export interface HoldingsOfParameters {
  /** All chains as they are at the final root that exits are served against. */
  state: LedgerState;
  owner: Address;
}

/** Everything in an owner's leaves, whatever their keys, in order of chain and leaf. Leaves with nothing in them are left out. */
export function holdingsOf({ state, owner }: HoldingsOfParameters): Holding[] {
  return state.chains.flatMap((chain, chainIndex) =>
    chain.leavesOf(BigInt(owner)).flatMap((entry): Holding[] => {
      if (entry.leaf.balance === 0n) return [];
      return [isShareToken(entry.leaf.token) ? holdingOfShares(chain, chainIndex, entry) : { chainIndex, leafIndex: entry.leafIndex, token: Number(entry.leaf.token), amount: entry.leaf.balance }];
    }),
  );
}

function holdingOfShares(chain: ChainState, chainIndex: number, { leafIndex, leaf }: LeafEntry): Holding {
  const at = poolOfShares(leaf.token);
  const pool = at < LEAF_COUNT ? chain.pool(at) : null;
  return { chainIndex, leafIndex, token: Number(pool?.token ?? 0n), amount: worthOf(pool, leaf.balance), shares: { pool: at, shares: leaf.balance } };
}

/** ⌊s·r/S⌋; nothing when there is no such pool, which nobody can have shares of. */
function worthOf(pool: Pool | null, shares: bigint): bigint {
  return pool === null ? 0n : coinsFor({ reserve: pool.reserve, totalShares: pool.totalShares, shares });
}
