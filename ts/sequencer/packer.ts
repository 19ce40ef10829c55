import { RollupError } from '../base/errors.ts';
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
import type { SignedTransaction } from './store.ts';

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
 * transactions, and at the end of each segment the collection of its fees. Requests pay no fees and come first, so fees never delay them.
 * Nothing of `state` changes; what is chosen applies in exactly this order, chain by chain.
 */
export function packBlock({ maxSegments = params.joinSegments, ...parameters }: PackParameters): PackReturnType {
  const { state, deploymentId, operator, requests, transactions, timestamp, maxOnchainBytes } = parameters;
  const draft = new Draft({ state, operator, maxSegments, ...(maxOnchainBytes === undefined ? {} : { maxOnchainBytes }) });
  const requestsUsed = state.chains.map(() => 0);
  for (let progress = true; progress; ) {
    progress = false;
    for (const [chainIndex, queue] of requests.entries()) {
      for (let turn = 0; turn < params.slots; turn++) {
        const request = queue[requestsUsed[chainIndex] ?? 0];
        if (request === undefined || !draft.take(chainIndex, (chain) => requestStep(chain, request, chainIndex))) break;
        requestsUsed[chainIndex] = (requestsUsed[chainIndex] ?? 0) + 1;
        progress = true;
      }
    }
  }

  const included: string[] = [];
  const dropped: PackReturnType['dropped'] = [];
  // Leaves whose transaction has to wait: their later nonces cannot be in this block.
  const blocked = new Set<string>();
  for (const entry of transactions) {
    const { id, transaction } = entry;
    const { chainIndex } = transaction;
    const leaf = `${chainIndex}/${signingLeaf(transaction)}`;
    if (blocked.has(leaf)) continue;
    try {
      checkTurn(draft.chain(chainIndex).leaf(signingLeaf(transaction)), transaction, timestamp);
      checkSigner(draft.chain(chainIndex).leaf(signingLeaf(transaction)), entry, deploymentId);
      if (draft.take(chainIndex, (chain) => transactionStep(chain, transaction))) included.push(id);
      else blocked.add(leaf);
    } catch (error) {
      if (!(error instanceof OperationRejected)) throw error;
      dropped.push({ id, reason: `${error.reason}: ${error.message}` });
    }
  }
  return { segments: draft.finish(), included, dropped, requestsUsed };
}

function requestStep(chain: ChainState, event: PriorityEvent, chainIndex: number): DraftStep {
  const request = requestOf(event);
  if (request.type === 'fullExit') return { operation: request, fee: 0n, token: 0n };
  const leafIndex = receivingLeaf(chain, request, request.amount) ?? chain.nextFreeIndex();
  if (leafIndex === null) {
    // Mandatory and impossible: the requests behind it wait too, until the queue's expiry opens exit mode.
    throw new RollupError('The tree of a chain is full: a deposit cannot be credited', { facts: { chainIndex, requestId: event.requestId } });
  }
  return { operation: { ...request, leafIndex }, fee: 0n, token: request.token };
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
function checkSigner({ keyX, keyY }: Leaf, { transaction, signer }: PooledTransaction, deploymentId: bigint): void {
  if (signer?.x === keyX && signer.y === keyY) return;
  const { chainIndex, signature } = transaction;
  if (verifyMessage(messageHash(transaction, { deploymentId, chainIndex }), signature, { x: keyX, y: keyY })) return;
  throw new OperationRejected('wrongSignature', "Signature is not one of the leaf's present key", { chainIndex, leafIndex: signingLeaf(transaction), keyX, keyY });
}

/** Null when the transaction has to wait. @throws OperationRejected when it is out */
function transactionStep(chain: ChainState, transaction: SignedTransaction): DraftStep | null {
  const { fee, token } = transaction;
  if (transaction.type === 'changeKey' || transaction.type === 'withdraw') {
    const { chainIndex: _, ...operation } = transaction;
    return { operation, fee, token };
  }
  const { chainIndex: _, ...operation } = transaction;
  const { from, toOwner: owner, toKeyX: keyX, toKeyY: keyY, amount } = operation;
  const known = receivingLeaf(chain, { owner, keyX, keyY, token }, amount, from);
  if (known !== null) return { operation: { ...operation, to: known }, fee, token };
  // What can be checked of the payer's side, before it waits for a leaf.
  planOperation(chain, { ...operation, to: from });
  const free = chain.nextFreeIndex();
  return free === null ? null : { operation: { ...operation, type: 'transferToNew', to: free }, fee, token };
}
