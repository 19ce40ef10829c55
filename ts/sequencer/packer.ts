import { RollupError } from '../base/errors.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { splitIntoSegments, type SegmentOperations } from '../state/block.ts';
import type { ChainState } from '../state/chainState.ts';
import { completeOperation, planOperation } from '../state/plan.ts';
import { OperationRejected } from '../state/rejection.ts';
import type { LedgerState } from '../state/ledger.ts';
import { requestOf, type PriorityEvent } from './events.ts';
import type { PooledTransaction } from './mempool.ts';
import { signerLeaf } from './parseTransaction.ts';
import type { SignedTransaction } from './store.ts';

export interface PackParameters {
  state: LedgerState;
  /** By chain index: the requests that no block has used yet, in queue order. */
  requests: readonly (readonly PriorityEvent[])[];
  /** In the order in which they should be tried. */
  transactions: readonly PooledTransaction[];
  /** The block's, seconds. */
  timestamp: number;
  maxSegments?: number;
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
 * transactions. Nothing of `state` changes; what is chosen applies in exactly this order, chain by chain.
 */
export function packBlock({ state, requests, transactions, timestamp, maxSegments = params.joinSegments }: PackParameters): PackReturnType {
  const draft = new Draft(state, maxSegments);
  const requestsUsed = state.chains.map(() => 0);
  for (let progress = true; progress; ) {
    progress = false;
    for (const [chainIndex, queue] of requests.entries()) {
      for (let turn = 0; turn < params.slots; turn++) {
        const request = queue[requestsUsed[chainIndex] ?? 0];
        if (request === undefined || !draft.hasRoom(chainIndex, 1)) break;
        draft.take(chainIndex, [requestOperation(draft.chain(chainIndex), request, chainIndex)]);
        requestsUsed[chainIndex] = (requestsUsed[chainIndex] ?? 0) + 1;
        progress = true;
      }
    }
  }

  const included: string[] = [];
  const dropped: PackReturnType['dropped'] = [];
  // A leaf whose transaction has to wait or was dropped: its later nonces cannot be in this block.
  const blocked = new Set<string>();
  for (const { id, transaction } of transactions) {
    const leaf = `${transaction.chainIndex}/${signerLeaf(transaction)}`;
    if (blocked.has(leaf)) continue;
    try {
      const operations = transactionOperations(draft.chain(transaction.chainIndex), transaction, timestamp);
      if (operations === null || !draft.hasRoom(transaction.chainIndex, operations.length)) {
        blocked.add(leaf);
        continue;
      }
      draft.take(transaction.chainIndex, operations);
      included.push(id);
    } catch (error) {
      if (!(error instanceof OperationRejected)) throw error;
      // A nonce that is too high may become right: a block that held the ones before it was dropped and they are on their way again.
      if (error.reason === 'wrongNonce' && transaction.nonce > state.leaf(transaction.chainIndex, signerLeaf(transaction)).nonce) {
        blocked.add(leaf);
        continue;
      }
      dropped.push({ id, reason: `${error.reason}: ${error.message}` });
    }
  }
  return { segments: draft.segments(), included, dropped, requestsUsed };
}

/** Operations chosen so far and the state after them. */
class Draft {
  readonly #chains: ChainState[];
  readonly #operations: OperationRequest[][];
  readonly #maxSegments: number;

  constructor(state: LedgerState, maxSegments: number) {
    this.#chains = [...state.chains];
    this.#operations = state.chains.map(() => []);
    this.#maxSegments = maxSegments;
  }

  chain(chainIndex: number): ChainState {
    const chain = this.#chains[chainIndex];
    if (chain === undefined) throw new OperationRejected('unknownChain', 'There is no chain with this index', { chainIndex });
    return chain;
  }

  hasRoom(chainIndex: number, count: number): boolean {
    const segments = this.#operations.reduce((sum, operations, i) => sum + segmentCount(operations.length + (i === chainIndex ? count : 0)), 0);
    return segments <= this.#maxSegments;
  }

  /** All of the operations or, when one is rejected, none. */
  take(chainIndex: number, operations: readonly OperationRequest[]): void {
    const before = this.chain(chainIndex);
    let chain = before;
    for (const operation of operations) {
      const plan = planOperation(chain, completeOperation(chain, operation));
      for (const change of [plan.a, plan.b]) {
        if (change !== null && change.before !== change.after) chain = chain.withLeaf(change.leafIndex, change.after);
      }
    }
    this.#chains[chainIndex] = chain;
    this.#operations[chainIndex]?.push(...operations);
  }

  segments(): SegmentOperations[] {
    return this.#operations.flatMap((operations, chainIndex) => splitIntoSegments({ chainIndex, operations }));
  }
}

function segmentCount(operations: number): number {
  return Math.ceil(operations / params.slots);
}

function requestOperation(chain: ChainState, event: PriorityEvent, chainIndex: number): OperationRequest {
  const request = requestOf(event);
  if (request.type === 'fullExit') return request;
  const leafIndex = receivingLeaf(chain, request, request.amount) ?? chain.nextFreeIndex();
  if (leafIndex === null) {
    // Mandatory and impossible: the requests behind it wait too, until the queue's expiry opens exit mode.
    throw new RollupError('The tree of a chain is full: a deposit cannot be credited', { facts: { chainIndex, requestId: event.requestId } });
  }
  return { ...request, leafIndex };
}

/** Open (when needed) and transfer, or withdraw; null when the transaction has to wait. @throws OperationRejected when it is out */
function transactionOperations(chain: ChainState, transaction: SignedTransaction, timestamp: number): OperationRequest[] | null {
  const { nonce, validUntil } = transaction;
  const leaf = chain.leaf(signerLeaf(transaction));
  if (nonce !== leaf.nonce) throw new OperationRejected('wrongNonce', 'Nonce is not the next one of the leaf', { expected: leaf.nonce, actual: nonce });
  if (timestamp > validUntil) throw new OperationRejected('expired', 'Operation is not valid any more', { validUntil, blockTimestamp: timestamp });
  if (transaction.type === 'withdraw') {
    const { chainIndex: _, ...operation } = transaction;
    const withdraw = { ...operation, token: leaf.token };
    planOperation(chain, withdraw);
    return [withdraw];
  }
  const { chainIndex: _, ...operation } = transaction;
  const receiver = { owner: operation.toOwner, keyX: operation.toKeyX, keyY: operation.toKeyY, token: leaf.token };
  const known = receivingLeaf(chain, receiver, operation.amount, operation.from);
  if (known !== null) {
    const transfer = { ...operation, to: known };
    planOperation(chain, transfer);
    return [transfer];
  }
  // What can be checked of the payer's side before a leaf is opened for the receiver.
  planOperation(chain, { ...operation, to: operation.from });
  const free = chain.nextFreeIndex();
  return free === null ? null : [{ type: 'open', leafIndex: free, ...receiver }, { ...operation, to: free }];
}

/** A leaf of this user and token that has room for `amount` more; a leaf that pays itself always has. */
function receivingLeaf(
  chain: ChainState,
  user: { owner: bigint; token: bigint; keyX: bigint; keyY: bigint },
  amount: bigint,
  payer?: number,
): number | null {
  const hasRoom = (leafIndex: number): boolean => leafIndex === payer || chain.leaf(leafIndex).balance + amount >> BigInt(params.bits.balance) === 0n;
  const first = chain.findLeaf(user);
  if (first === null || hasRoom(first)) return first;
  const other = chain
    .leavesOf(user.owner)
    .find(({ leafIndex, leaf }) => leaf.token === user.token && leaf.keyX === user.keyX && leaf.keyY === user.keyY && hasRoom(leafIndex));
  return other?.leafIndex ?? null;
}
