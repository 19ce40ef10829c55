/** What the sequencer reads from the chains: priority requests and stage events, as plain values. */
export type Hex = `0x${string}`;

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

export type ChainEvent = PriorityEvent | StageEvent | RevertedEvent;

/** A block of an outer chain that the watcher has read up to. */
export interface Checkpoint {
  number: number;
  hash: Hex;
}

/** The part of a priority request that its hash on the chain binds: equal text means equal request. */
export function requestIdentity(event: PriorityEvent): string {
  return event.type === 'deposit'
    ? `deposit ${event.token} ${event.owner.toLowerCase()} ${event.amount} ${event.keyX} ${event.keyY}`
    : `fullExit ${event.leafIndex} ${event.owner.toLowerCase()}`;
}

export function isPriority(event: ChainEvent): event is PriorityEvent {
  return event.type === 'deposit' || event.type === 'fullExit';
}
