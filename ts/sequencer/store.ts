import type { Proof, StoredBlock } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import type { JoinPublicInputs } from '../spec/join.ts';
import type { ChangeKey, Operation, Order, Transfer, Withdraw } from '../spec/operation.ts';
import type { SegmentPublicInputs } from '../spec/segment.ts';
import type { L2Signature } from '../spec/signature.ts';
import type { BlockTrace } from '../state/trace.ts';
import type { EventJournal } from './watcher.ts';

/** One segment of a sealed block. */
export interface SegmentRecord {
  chainIndex: number;
  operations: Operation[];
  rootIn: bigint;
  rootOut: bigint;
  legsIn: bigint;
  legsOut: bigint;
  onchainData: Hex;
  l2Data: Hex;
  publicInputs: SegmentPublicInputs;
}

/** What one chain's contract holds of a block and the bytes that its commit and execution need. */
export interface ChainBlock {
  chainIndex: number;
  stored: StoredBlock;
  onchainData: Hex;
}

/** A sealed block: all that is needed to replay, audit, commit, sync and execute it. */
export interface BlockRecord {
  blockNumber: number;
  /** Unix seconds. */
  timestamp: number;
  finalRoot: bigint;
  segments: SegmentRecord[];
  joinInputs: JoinPublicInputs;
  /** By chain index. */
  chains: ChainBlock[];
  /** By chain index. */
  syncHashes: Hex[];
  /** Ids of the accepted transactions that it includes. */
  transactions: string[];
}

/** A transaction of one leaf on one chain, as its owner signed it. */
export type LeafTransaction = (Omit<Transfer, 'to'> | Withdraw | ChangeKey) & { chainIndex: number };

/** An order as its owner signed it. Owner and key are not sent with it: they are those of the leaf that signs, and the mempool writes them down. */
export interface OrderTransaction extends Order {
  signature: L2Signature;
}

/** What the API accepted. */
export type SignedTransaction = LeafTransaction | OrderTransaction;

/** What is sent to the API: as SignedTransaction, but an order does not say who its leaf belongs to. */
export type Submission = LeafTransaction | SubmittedOrder;
export type SubmittedOrder = Omit<OrderTransaction, 'owner' | 'keyX' | 'keyY'>;

export function isOrder<T extends Submission>(transaction: T): transaction is Extract<T, { pool: number }> {
  return 'pool' in transaction;
}

/** Which pair somebody wants: a token of one chain and a token of the same or another chain. */
export interface PairRequest {
  chainIndex: number;
  token: number;
  peerChain: number;
  peerToken: number;
}

export interface TransactionRecord {
  id: string;
  transaction: SignedTransaction;
  /** Order of acceptance. */
  sequence: number;
  status: 'pending' | 'included' | 'dropped';
  /** Of a dropped transaction. */
  reason?: string;
  blockNumber?: number;
}

/** A proof with the public inputs that it was made for, in the circuit's order. */
export interface ProvenStatement {
  proof: Proof;
  publicInputs: bigint[];
}

/** Which proof of a block: a segment by its position, or the join. */
export type ProofPart = number | 'join';

export type BlockProofs = Map<ProofPart, ProvenStatement>;

/**
 * All that the sequencer keeps. Each call is atomic and durable when its promise resolves: after a crash a block, a proof or a transaction
 * is there as a whole or not at all. The chains stay the truth for what was sent; nothing here says so.
 */
export interface Store {
  /** Number of the last block; 0 when there is none. */
  lastBlock(): Promise<number>;
  block(blockNumber: number): Promise<BlockRecord | null>;
  /** Null when the block is unknown or its trace was dropped because it is proved. */
  trace(blockNumber: number): Promise<BlockTrace | null>;
  /** Appends the next block and marks its transactions as included. @throws RollupError when it is not the next one */
  appendBlock(parameters: { block: BlockRecord; trace: BlockTrace }): Promise<void>;
  /** Removes all blocks above `blockNumber` with traces and proofs; their transactions are pending again. */
  dropBlocksAbove(blockNumber: number): Promise<void>;
  /** Frees what only proving needed. */
  dropTrace(blockNumber: number): Promise<void>;
  proofs(blockNumber: number): Promise<BlockProofs>;
  saveProof(parameters: { blockNumber: number; part: ProofPart; statement: ProvenStatement }): Promise<void>;
  transaction(id: string): Promise<TransactionRecord | null>;
  /** In the order of acceptance. */
  pendingTransactions(): Promise<TransactionRecord[]>;
  acceptTransaction(parameters: { id: string; transaction: SignedTransaction }): Promise<void>;
  dropTransaction(parameters: { id: string; reason: string }): Promise<void>;
  /** Pairs that somebody asked for, in the order of acceptance. Which of them are open is for the ledger to say: so dropped blocks open theirs again. */
  requestedPairs(): Promise<PairRequest[]>;
  requestPair(pair: PairRequest): Promise<void>;
  /** A small number under a name, 0 at first. */
  cursor(name: string): Promise<number>;
  setCursor(name: string, value: number): Promise<void>;
  /** What the watcher `name` has read. */
  journal(name: string): EventJournal;
  close(): Promise<void>;
}
