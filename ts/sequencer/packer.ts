import { firstLine } from '../base/errors.ts';
import type { Leaf } from '../spec/leaf.ts';
import { params } from '../spec/params.ts';
import { messageHash, signingLeaf, verifyMessage } from '../spec/signature.ts';
import type { SegmentOperations } from '../state/block.ts';
import type { ChainState } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { planOperation } from '../state/plan.ts';
import { OperationRejected } from '../state/rejection.ts';
import { Draft, receivingLeaf, type DraftStep } from './draft.ts';
import { requestOf, type PriorityEvent } from './events.ts';
import type { Operator } from './fees.ts';
import type { PooledTransaction } from './mempool.ts';
import { unopenedPairs } from './pairs.ts';
import { placeOrder, placePair } from './placing.ts';
import { refusalReason, refuse } from './refusal.ts';
import { isOrder, type LeafTransaction, type OrderTransaction, type PairRequest, type SignedTransaction } from './store.ts';

export interface PackParameters {
  state: LedgerState;
  deploymentId: bigint;
  /** Who collects the fees. */
  operator: Operator;
  /** By chain index: the requests that no block has used yet, in queue order. */
  requests: readonly (readonly PriorityEvent[])[];
  /** In the order in which they should be tried; those of one leaf in the order of their nonces. */
  transactions: readonly PooledTransaction[];
  /** The block's, seconds. */
  timestamp: number;
  maxSegments?: number;
  /** See DraftParameters. */
  maxOnchainBytes?: number;
  maxOrders?: number;
  leafReserve?: number;
  /** Pairs to open, in the order in which they should be tried; those that are open already are left out. */
  pairs?: readonly PairRequest[];
}

export interface PackReturnType {
  segments: SegmentOperations[];
  /** Ids of the transactions in the block. */
  included: string[];
  /** Transactions that no later block can include either. */
  dropped: { id: string; reason: string }[];
  /** By chain index: how many requests the block uses. */
  requestsUsed: number[];
}

/**
 * Chooses a block's operations: priority requests of all chains first (in turns of one segment a chain, so that no chain starves), then
 * pairs to open, then transactions, and at the end of each segment the collection of its fees. Requests pay no fees and come first, so fees never delay them.
 * Nothing of `state` changes; what is chosen applies in exactly this order, chain by chain.
 */
export function packBlock({ maxSegments = params.joinSegments, ...parameters }: PackParameters): PackReturnType {
  const { state, deploymentId, operator, requests, transactions, timestamp, maxOnchainBytes, maxOrders, leafReserve, pairs = [] } = parameters;
  const limits = { maxSegments, ...(maxOnchainBytes === undefined ? {} : { maxOnchainBytes }), ...(maxOrders === undefined ? {} : { maxOrders }), ...(leafReserve === undefined ? {} : { leafReserve }) };
  const emptyDraft = (): Draft => new Draft({ state, operator, ...limits });
  const draft = emptyDraft();
  const requestsUsed = state.chains.map(() => 0);
  for (let progress = true; progress; ) {
    progress = false;
    for (const [chainIndex, queue] of requests.entries()) {
      for (let turn = 0; turn < params.slots; turn++) {
        const request = queue[requestsUsed[chainIndex] ?? 0];
        if (request === undefined || !draft.take(chainIndex, (chain) => requestStep(chain, request))) break;
        requestsUsed[chainIndex] = (requestsUsed[chainIndex] ?? 0) + 1;
        progress = true;
      }
    }
  }

  for (const pair of unopenedPairs(state, pairs)) placePair(draft, pair);

  const included: string[] = [];
  const dropped: PackReturnType['dropped'] = [];
  // Leaves whose transaction has to wait: their later nonces cannot be in this block. And halves whose order has to wait: no later order passes it.
  const blocked = new Set<string>();
  for (const entry of transactions) {
    const { id, transaction } = entry;
    const waitsWith = whatWaits(transaction);
    if (waitsWith.some((place) => blocked.has(place))) {
      for (const place of waitsWith) blocked.add(place);
      continue;
    }
    try {
      const leaf = draft.chain(transaction.chainIndex).leaf(signingLeaf(transaction));
      checkTurn(leaf, transaction, timestamp);
      checkSigner(leaf, entry, deploymentId);
      if (place(draft, entry)) {
        included.push(id);
        continue;
      }
      if (isOrder(transaction)) checkFits(emptyDraft(), transaction);
      for (const each of waitsWith) blocked.add(each);
    } catch (error) {
      const reason = refusalReason(error);
      if (reason === null) throw error;
      dropped.push({ id, reason: `${reason}: ${firstLine(error)}` });
    }
  }
  return { segments: draft.finish(), included, dropped, requestsUsed };
}

/** The leaf that signs; and both halves of an order, as orders on a pair are filled in the order of their acceptance. */
function whatWaits(transaction: SignedTransaction): string[] {
  const leaf = `${transaction.chainIndex}/${signingLeaf(transaction)}`;
  if (!isOrder(transaction)) return [leaf];
  const { chainIndex, pool, peerChain, peerLeaf } = transaction;
  return [leaf, `${chainIndex}/${pool}`, `${peerChain}/${peerLeaf}`];
}

/** False when the transaction has to wait. @throws RollupError with a reason when it is out */
function place(draft: Draft, { transaction, peerLeaf }: PooledTransaction): boolean {
  if (isOrder(transaction)) return placeOrder(draft, transaction, peerLeaf);
  return draft.take(transaction.chainIndex, (chain) => transactionStep(draft, chain, transaction));
}

/** An order that not even an empty block has room for would hold up its pair for ever. @throws RollupError with a reason, then */
function checkFits(empty: Draft, order: OrderTransaction): void {
  let fits = true;
  try {
    fits = placeOrder(empty, order);
  } catch (error) {
    // What this block's earlier operations brought may be missing in an empty one.
    if (refusalReason(error) === null) throw error;
  }
  if (fits) return;
  const hint = 'Its segments are too small for its operations and their fee, or a tree is full: sign it without a fee.';
  throw refuse('noRoom', 'No block has room for all of the order', { chainIndex: order.chainIndex, peerChain: order.peerChain }, hint);
}

/** Null when there is no leaf for a deposit: the tree is full. */
function requestStep(chain: ChainState, event: PriorityEvent): DraftStep | null {
  const request = requestOf(event);
  if (request.type === 'fullExit') return { operations: [request], fee: 0n, token: 0n };
  const leafIndex = receivingLeaf(chain, request, request.amount) ?? chain.nextFreeIndex();
  // Mandatory and impossible: the requests behind it wait too, until its expiry lets anyone open exit mode. All else goes on.
  if (leafIndex === null) return null;
  return { operations: [{ ...request, leafIndex }], fee: 0n, token: request.token };
}

/** @throws OperationRejected when it can never be in a block */
function checkTurn(leaf: Leaf, { token, nonce, validUntil }: SignedTransaction, timestamp: number): void {
  // After blocks were reverted a leaf index may be another leaf.
  if (token !== leaf.token) throw new OperationRejected('wrongToken', 'Leaf holds another token than was signed', { expected: leaf.token, actual: token });
  if (nonce !== leaf.nonce) {
    // Those before a nonce that is too high are not waiting (the leaf would be blocked): they were dropped, and nothing can take their place.
    const message = nonce > leaf.nonce ? 'An earlier transaction of the leaf was dropped' : 'Nonce is not the next one of the leaf';
    throw new OperationRejected('wrongNonce', message, { expected: leaf.nonce, actual: nonce });
  }
  if (timestamp > validUntil) throw new OperationRejected('expired', 'Operation is not valid any more', { validUntil, blockTimestamp: timestamp });
}

/** What was signed with a key that the leaf had once is out; the proof would fail. */
function checkSigner({ owner, keyX, keyY }: Leaf, { transaction, signer }: PooledTransaction, deploymentId: bigint): void {
  if (isOrder(transaction)) checkUser(transaction, { owner, keyX, keyY });
  if (signer?.x === keyX && signer.y === keyY) return;
  const { chainIndex, signature } = transaction;
  if (verifyMessage(messageHash(transaction, { deploymentId, chainIndex }), signature, { x: keyX, y: keyY })) return;
  throw new OperationRejected('wrongSignature', "Signature is not one of the leaf's present key", { chainIndex, leafIndex: signingLeaf(transaction), keyX, keyY });
}

/** An order says who its leaf belongs to: a key may have changed since, and after blocks were dropped the leaf may be another user's. */
function checkUser({ chainIndex, from, ...order }: OrderTransaction, user: Pick<Leaf, 'owner' | 'keyX' | 'keyY'>): void {
  const { owner, keyX, keyY } = order;
  if (owner === user.owner && keyX === user.keyX && keyY === user.keyY) return;
  throw new OperationRejected('wrongSignature', 'The leaf has another owner or key than when the order was signed', { chainIndex, leafIndex: from, expected: user, actual: { owner, keyX, keyY } });
}

/** @throws RollupError with a reason when it is out */
function transactionStep(draft: Draft, chain: ChainState, transaction: LeafTransaction): DraftStep {
  const { fee, token } = transaction;
  if (transaction.type === 'changeKey' || transaction.type === 'withdraw') {
    const { chainIndex: _, ...operation } = transaction;
    return { operations: [operation], fee, token };
  }
  const { chainIndex, ...operation } = transaction;
  const { from, toOwner: owner, toKeyX: keyX, toKeyY: keyY, amount } = operation;
  const known = receivingLeaf(chain, { owner, keyX, keyY, token }, amount, from);
  if (known !== null) return { operations: [{ ...operation, to: known }], fee, token };
  // What is wrong on the payer's side is said first.
  planOperation(chain, { ...operation, to: from });
  const free = draft.leafToOpen(chain);
  // No leaf ever becomes free again.
  if (free === null) throw refuse('treeFull', 'The tree of the chain has no leaf left for a new user', { chainIndex, leaves: chain.leafCount }, 'Send it to a user who has a leaf of the token on this chain.');
  return { operations: [{ ...operation, type: 'transferToNew', to: free }], fee, token };
}
