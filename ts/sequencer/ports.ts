import type { Hex } from '../spec/hex.ts';
import type { JoinTrace, SegmentTrace } from '../state/trace.ts';
import type { ChainCounters, ChainRole } from './pipeline.ts';
import type { BlockProofs, BlockRecord, ProvenStatement } from './store.ts';

/** Hash of a transaction that is in a block and did not fail. */
export interface Sent {
  hash: Hex;
}

/**
 * One chain's rollup contract as the pipeline uses it. Every sending call resolves when its transaction is in a block and rejects with a
 * RevertError when the contract refuses.
 */
export interface RollupPort {
  chainIndex: number;
  role: ChainRole;
  name: string;
  counters(): Promise<ChainCounters>;
  storedBlockHash(blockNumber: number): Promise<Hex>;
  /** Hash that the queue keeps of a request; null when it has none or the request is executed. */
  requestHash(requestId: number): Promise<Hex | null>;
  /** Whether the contract knows a token; 1 is the native coin. */
  isRegistered(token: number): Promise<boolean>;
  /** @param previous the block before `blocks`, null for the genesis block */
  commit(parameters: { previous: BlockRecord | null; blocks: readonly BlockRecord[] }): Promise<Sent>;
  prove(parameters: { blocks: readonly BlockRecord[]; proofs: readonly BlockProofs[] }): Promise<Sent>;
  sync(block: BlockRecord): Promise<Sent>;
  execute(blocks: readonly BlockRecord[]): Promise<Sent>;
  /** Drops all committed blocks above `last`, null for all. */
  revert(last: BlockRecord | null): Promise<Sent>;
  pendingBalance(payout: Payout): Promise<bigint>;
  withdrawPending(payout: Payout): Promise<Sent>;
}

/** A pending balance: who is paid in which token. */
export interface Payout {
  owner: Hex;
  token: number;
}

export interface ArbitratorPort {
  /**
   * @param candidates blocks that every chain has sent
   * @returns the candidates that can be confirmed, and those for which all sync hashes have arrived but differ; none when it has halted
   */
  state(candidates: readonly number[]): Promise<{ lastConfirmed: number; halted: boolean; confirmable: number[]; mismatched: number[] }>;
  confirm(blockNumber: number): Promise<Sent>;
  /** Sends the last confirmation to one chain again. */
  resend(chainIndex: number): Promise<Sent>;
}

export type ProofJob = { circuit: 'segment'; trace: SegmentTrace } | { circuit: 'join'; trace: JoinTrace };

/** Makes one proof. Rejects when `signal` aborts. */
export type ProveStatement = (job: ProofJob, signal: AbortSignal) => Promise<ProvenStatement>;
