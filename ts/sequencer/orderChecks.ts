import type { Leaf } from '../spec/leaf.ts';
import { shareToken, type Place } from '../spec/leg.ts';
import type { PublicLiquidityChange, PublicSwapIn } from '../spec/operation.ts';
import type { ChainState } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { halfAt, peerOf, type PairOfHalves } from './pairs.ts';
import { refuse } from './refusal.ts';
import type { OrderTransaction, SubmittedOrder } from './store.ts';

/** What an order takes on its peer's chain, from a leaf of the same owner and key that whoever builds the block chooses. */
export interface PeerPayment {
  chainIndex: number;
  token: bigint;
  amount: bigint;
}

/** Null when the order takes nothing there. */
export function peerPaymentOf({ type, peerChain: chainIndex, peerToken: token, peerAmount: amount }: SubmittedOrder): PeerPayment | null {
  return type === 'swapIn' || amount === 0n ? null : { chainIndex, token, amount };
}

/**
 * The pair that an order names, if it is one and the order's tokens are the pair's.
 * @throws RollupError with the reason, otherwise
 */
export function pairOfOrder({ chains }: Pick<LedgerState, 'chains'>, order: SubmittedOrder, leaf: Leaf): PairOfHalves {
  const place = { chainIndex: order.chainIndex, leafIndex: order.pool };
  const peerPlace = { chainIndex: order.peerChain, leafIndex: order.peerLeaf };
  const [first, second] = [place, peerPlace].map((at) => {
    const half = halfAt(chains, at);
    if (half === null) throw refuse('unknownPool', 'There is no half of a pair in this leaf', { ...at }, 'Look up the pairs with GET /pools.');
    return half;
  });
  if (first === undefined || second === undefined || peerOf(chains, first) === null || !isAt(first.peer, peerPlace)) {
    throw refuse('notMutual', 'The two halves do not name each other', { pool: place, peer: peerPlace, named: first?.peer, peerNames: second?.peer }, 'Look up the pairs with GET /pools.');
  }
  const isRemove = order.type === 'removeLiquidity';
  checkToken({
    actual: leaf.token, expected: isRemove ? shareToken(order.pool) : first.token, facts: { leafIndex: order.from, pool: order.pool },
    what: isRemove ? 'The leaf does not hold shares of this half' : 'The leaf holds another token than the half',
  });
  checkToken({
    actual: order.peerToken, expected: isRemove ? shareToken(order.peerLeaf) : second.token, facts: { peerChain: order.peerChain, peerLeaf: order.peerLeaf },
    what: isRemove ? "The order's peer token is not the shares of the peer" : "The order's peer token is not the peer's",
  });
  return { first, second };
}

function checkToken({ actual, expected, what, facts }: { actual: bigint; expected: bigint; what: string; facts: Record<string, unknown> }): void {
  if (actual !== expected) throw refuse('wrongToken', what, { ...facts, expected, actual }, 'Look up the pairs with GET /pools and your leaves with GET /users/:owner.');
}

function isAt(a: Place, b: Place): boolean {
  return a.chainIndex === b.chainIndex && a.leafIndex === b.leafIndex;
}

/** What an order does to the leaf that signs it, for the ledger to check its form: with nothing in return, which depends on its turn. */
export function plannedOrder({ type, from, pool, amount, fee }: OrderTransaction): PublicSwapIn | PublicLiquidityChange {
  if (type === 'swapIn') return { type, from, pool, amount, fee };
  return type === 'addLiquidity' ? { type, from, pool, fee, amount, shares: 0n } : { type, from, pool, fee, amount: 0n, shares: amount };
}

/** Leaves of the order's user that could pay its second side, in order of leaf index. */
export function peerLeaves(chain: ChainState, { owner, keyX, keyY, peerToken }: OrderTransaction): { leafIndex: number; leaf: Leaf }[] {
  return chain.leavesOf(owner).filter(({ leaf }) => leaf.token === peerToken && leaf.keyX === keyX && leaf.keyY === keyY);
}
