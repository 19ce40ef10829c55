import { queuedRequestHash, type PriorityRequest } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';

/* What the sequencer reads from the chains: priority requests and stage events, as plain values. */

/** Where an event is on its chain. */
export interface EventPosition {
  blockNumber: number;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: number;
}

export interface DepositEvent extends EventPosition {
  type: 'deposit';
  requestId: number;
  owner: Hex;
  token: number;
  amount: bigint;
  keyX: bigint;
  keyY: bigint;
  /** Unix seconds. */
  expiresAt: number;
}

export interface FullExitEvent extends EventPosition {
  type: 'fullExit';
  requestId: number;
  owner: Hex;
  leafIndex: number;
  /** The fewest coins that the owner takes. */
  least: bigint;
  /** Unix seconds. */
  expiresAt: number;
}

export type PriorityEvent = DepositEvent | FullExitEvent;

/** A stage that a chain's rollup contract (or the arbitrator, for `arbitrated` and `deferred`) reported. */
export interface StageEvent extends EventPosition {
  type: 'committed' | 'proved' | 'synced' | 'confirmed' | 'executed' | 'arbitrated' | 'deferred' | 'confirmationSent';
  rollupBlock: number;
  /** The chain that `deferred` and `confirmationSent` are about. */
  aboutChain?: number;
}

export interface RevertedEvent extends EventPosition {
  type: 'reverted';
  committedBefore: number;
  committedAfter: number;
}

/** A step of exit mode that a chain's rollup contract, or the arbitrator, reported. */
export type ExitEvent = EventPosition &
  (
    | { type: 'exitModeTriggered'; requestId: number; expiresAt: number }
    | { type: 'haltRequestSent' }
    | { type: 'halted'; haltBlock: number; finalRoot: bigint }
    /** Of the arbitrator: a chain asked for the halt; it halted; it sent the halt to a chain. */
    | { type: 'haltRequested'; aboutChain: number }
    | { type: 'arbitratorHalted'; haltBlock: number; finalRoot: bigint }
    | { type: 'haltSent'; aboutChain: number }
  );

export type ChainEvent = PriorityEvent | StageEvent | RevertedEvent | ExitEvent;

/** A block of an outer chain that the watcher has read up to. */
export interface Checkpoint {
  number: number;
  hash: Hex;
}

/** The request as the queue hashes it. */
export function requestOf(event: PriorityEvent): PriorityRequest {
  return event.type === 'deposit'
    ? { type: 'deposit', token: BigInt(event.token), owner: BigInt(event.owner), amount: event.amount, keyX: event.keyX, keyY: event.keyY }
    : { type: 'fullExit', leafIndex: event.leafIndex, owner: BigInt(event.owner), least: event.least };
}

/** What the chain's queue keeps of a request: equal hashes mean equal requests. */
export function requestHashOf(event: PriorityEvent): Hex {
  return queuedRequestHash(requestOf(event));
}

export function isPriority(event: ChainEvent): event is PriorityEvent {
  return event.type === 'deposit' || event.type === 'fullExit';
}
