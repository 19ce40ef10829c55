import { shareToken, type Place } from '../spec/leg.ts';
import type { Order } from '../spec/operation.ts';
import type { L2Signature } from '../spec/signature.ts';
import type { LeafIdentity } from '../state/chainState.ts';
import { OperationRejected } from '../state/rejection.ts';
import { receivingLeaf, type Draft } from './draft.ts';
import { fillOrder, type Fill } from './fill.ts';
import { pairOfOrder, peerLeaves, peerPaymentOf } from './orderChecks.ts';
import { openingOf, type PairOfHalves } from './pairs.ts';
import type { OrderTransaction, PairRequest } from './store.ts';

/* How an order, or a new pair, goes into a block: both sides or none. */

/**
 * Fills an order at the reserves that its halves have in the draft.
 * @param peerLeaf where its second side is paid from if that leaf still can
 * @returns false when the block has no room for all of it; then nothing is taken
 * @throws RollupError with a reason when it is out
 */
export function placeOrder(draft: Draft, transaction: OrderTransaction, peerLeaf?: Place): boolean {
  if (!draft.hasRoomForOrder) return false;
  const { signature, ...order } = transaction;
  // After blocks were dropped, places and leaf indices may name something else than when the order was accepted.
  const halves = pairOfOrder(draft, transaction, draft.chain(order.chainIndex).leaf(order.from));
  const fill = fillOrder(order, halves);
  return draft.fillAtomically(() => {
    if (order.type === 'swapIn') return placeSwap({ draft, order, signature, fill, halves });
    return placeFirstSide({ draft, order, signature, fill, halves }) && placeSecondSide({ draft, order, transaction, peerLeaf, fill, halves });
  });
}

/** Opens both halves of a pair. @returns false when the block or a tree has no room; then nothing is taken */
export function placePair(draft: Draft, request: PairRequest): boolean {
  const opening = openingOf(draft.chains, request);
  if (opening === null) return false;
  const [own, peer] = opening;
  const step = { fee: 0n, token: 0n };
  if (request.chainIndex === request.peerChain) return draft.atomically(() => draft.take(request.chainIndex, () => ({ ...step, operations: [own, peer] })));
  return draft.atomically(() => draft.take(request.chainIndex, () => ({ ...step, operations: [own] })) && draft.take(request.peerChain, () => ({ ...step, operations: [peer] })));
}

interface PlaceParameters {
  draft: Draft;
  order: Order;
  fill: Fill;
  halves: PairOfHalves;
}

interface SignedParameters extends PlaceParameters {
  signature: L2Signature;
}

function placeSwap({ draft, order, signature, fill, halves }: SignedParameters): boolean {
  const { chainIndex, from, pool, amount, fee, token, peerChain, peerLeaf } = order;
  const paid = draft.take(chainIndex, () => ({ operations: [{ type: 'swapIn', from, pool, amount, fee, order, signature }], fee, token }));
  if (!paid) return false;
  const out = fill.second.amount;
  const to = leafOf(draft, peerChain, { ...userOf(order), token: halves.second.token }, out);
  return to !== null && draft.take(peerChain, () => ({ operations: [{ type: 'swapOut', pool: peerLeaf, to, amount: out, order }], fee: 0n, token: 0n }));
}

function placeFirstSide({ draft, order, signature, fill, halves }: SignedParameters): boolean {
  const { chainIndex, from, pool, fee, token } = order;
  const type = order.type === 'addLiquidity' ? 'addLiquidity' : 'removeLiquidity';
  const credited = creditedLeaf({ draft, order, side: 'first', fill, halves });
  if (credited === null) return false;
  return draft.take(chainIndex, () => ({
    operations: [{ type, from, pool, fee, ...fill.first, order, signature }, { type: 'credit', leafIndex: credited }], fee, token,
  }));
}

function placeSecondSide({ draft, order, transaction, peerLeaf, fill, halves }: PlaceParameters & { transaction: OrderTransaction; peerLeaf: Place | undefined }): boolean {
  const { peerChain, peerLeaf: pool } = order;
  const type = order.type === 'addLiquidity' ? 'addLiquidityPeer' : 'removeLiquidityPeer';
  const from = payingLeaf(draft, transaction, peerLeaf);
  const credited = from === null ? null : creditedLeaf({ draft, order, side: 'second', fill, halves });
  if (from === null || credited === null) return false;
  return draft.take(peerChain, () => ({
    operations: [{ type, from, pool, fee: 0n, ...fill.second, order }, { type: 'credit', leafIndex: credited }], fee: 0n, token: 0n,
  }));
}

/** Leaf that gets shares (add) or coins (remove) of one side. */
function creditedLeaf({ draft, order, side, fill, halves }: PlaceParameters & { side: 'first' | 'second' }): number | null {
  const half = halves[side];
  const { amount, shares } = fill[side];
  const [token, credit] = order.type === 'addLiquidity' ? [shareToken(half.leafIndex), shares] : [half.token, amount];
  return leafOf(draft, half.chainIndex, { ...userOf(order), token }, credit);
}

/**
 * Leaf that pays the second side: the first that can. One that only shows its owner and key, because it pays nothing, is opened if need be.
 * @throws OperationRejected when none can pay
 */
function payingLeaf(draft: Draft, order: OrderTransaction, preferred: Place | undefined): number | null {
  const { peerChain, peerToken, peerAmount } = order;
  if (peerPaymentOf(order) === null) return leafOf(draft, peerChain, { ...userOf(order), token: peerToken }, 0n);
  const leaves = peerLeaves(draft.chain(peerChain), order);
  const able = leaves.filter(({ leaf }) => leaf.balance >= peerAmount);
  const found = able.find(({ leafIndex }) => leafIndex === preferred?.leafIndex) ?? able[0];
  if (found !== undefined) return found.leafIndex;
  const most = leaves.reduce((max, { leaf }) => (leaf.balance > max ? leaf.balance : max), 0n);
  throw new OperationRejected('overdraft', `The order takes ${peerAmount} on its peer's chain, where its leaf has ${most}`, { peerChain, peerToken, peerAmount, balance: most });
}

/** A leaf of a user that has room for `amount` more, opened if there is none; null when the block or the tree has no room for it. */
function leafOf(draft: Draft, chainIndex: number, user: LeafIdentity, amount: bigint): number | null {
  const known = receivingLeaf(draft.chain(chainIndex), user, amount);
  if (known !== null) return known;
  let leafIndex: number | null = null;
  const opened = draft.take(chainIndex, (chain) => {
    leafIndex = draft.leafToOpen(chain);
    return leafIndex === null ? null : { operations: [{ type: 'open', leafIndex, ...user }], fee: 0n, token: 0n };
  });
  return opened ? leafIndex : null;
}

function userOf({ owner, keyX, keyY }: Order): Omit<LeafIdentity, 'token'> {
  return { owner, keyX, keyY };
}
