import { RollupError } from '../base/errors.ts';
import { coinsFor } from '../spec/amm.ts';
import { emptyLeaf, LEAF_KIND } from '../spec/leaf.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { isPoolLeaf } from '../spec/pool.ts';
import { padRoots } from '../spec/roots.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { Signals } from './witness.ts';

export interface ExitSignalsParameters {
  /** All chains as they are at the final root that the exit is served against. */
  state: LedgerState;
  chainIndex: number;
  /** An account, with coins or with shares. */
  leafIndex: number;
}

/**
 * Inputs of the exit circuit, its public ones first: who is paid, and the token and amount (in its smallest unit) that the leaf stands for.
 * Source: src/FORMATS.md, "Exit".
 * @throws RollupError when no account is at this place, or it holds shares of what is no pool
 */
export function exitSignals({ state, chainIndex, leafIndex }: ExitSignalsParameters): Signals {
  const chain = state.chain(chainIndex);
  const { kind, token } = chain.leaf(leafIndex);
  if (kind !== LEAF_KIND.account) {
    throw new RollupError('Only accounts exit', {
      facts: { chainIndex, leafIndex, expectedKind: LEAF_KIND.account, actualKind: kind },
      hint: 'Name a leaf of your own: what a pool holds is exited with shares of it.',
    });
  }
  if (!isShareToken(token)) return leafExitSignals({ state, chainIndex, leafIndex, pool: null });
  const pool = poolOfShares(token);
  if (pool < LEAF_COUNT && isPoolLeaf(chain.leaf(pool))) return leafExitSignals({ state, chainIndex, leafIndex, pool });
  throw new RollupError('The leaf is of shares of what is no pool, so there are none in it', { facts: { chainIndex, leafIndex, token }, hint: 'There is nothing to exit here.' });
}

export interface LeafExitSignalsParameters extends ExitSignalsParameters {
  /** Leaf index of the pool of which the leaf holds shares; null when it holds coins. */
  pool: number | null;
}

/** The same of any leaf and any pool, whether or not such an exit has a proof. */
export function leafExitSignals({ state, chainIndex, leafIndex, pool }: LeafExitSignalsParameters): Signals {
  const chain = state.chain(chainIndex);
  const leaf = chain.leaf(leafIndex);
  const half = pool === null ? emptyLeaf : chain.leaf(pool);
  return {
    finalRoot: state.finalRoot,
    chainIndex: BigInt(chainIndex),
    leafIndex: BigInt(leafIndex),
    owner: leaf.owner,
    ...(pool === null ? { token: leaf.token, amount: leaf.balance } : { token: half.token, amount: half.keyX === 0n ? 0n : coinsFor({ reserve: half.balance, totalShares: half.keyX, shares: leaf.balance }) }),
    isShares: pool === null ? 0n : 1n,
    nonce: leaf.nonce,
    balance: leaf.balance,
    keyX: leaf.keyX,
    keyY: leaf.keyY,
    children: chain.tree.path(leafIndex, params.depth),
    poolIndex: BigInt(pool ?? 0),
    reserve: half.balance,
    totalShares: half.keyX,
    peerPlace: half.keyY,
    poolChildren: chain.tree.path(pool ?? leafIndex, params.depth),
    roots: padRoots(state.chainRoots),
  };
}
