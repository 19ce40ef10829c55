import type { Hex } from '../spec/hex.ts';
import type { JoinPublicInputs, JoinSegment } from '../spec/join.ts';
import type { Leaf } from '../spec/leaf.ts';
import type { Leg } from '../spec/leg.ts';
import type { Operation } from '../spec/operation.ts';
import type { Pair } from '../spec/pairRule.ts';
import type { SegmentPublicInputs } from '../spec/segment.ts';

/* What the ledger records while it applies operations: all that a witness needs, nothing that has to be computed again. */

/** One leaf as one slot finds and leaves it. */
export interface LeafAccess {
  leafIndex: number;
  before: Leaf;
  after: Leaf;
  /** `children[l]` = the `arity` nodes of level l under the leaf's ancestor, as they are before this access; l = 0 … PATH_LEVELS-1. */
  children: bigint[][];
}

export interface SlotTrace {
  operation: Operation;
  /** The leaf that pays (`from`; of a swap out the pool) where an operation has two, else its only leaf. */
  a: LeafAccess;
  /**
   * The second leaf, as it is after access `a`; its path too. Transfer, transfer to new (empty before) and swap out: `to`. Other
   * operations on a pool half, and a full exit of shares: the pool.
   */
  b: LeafAccess | null;
  /** Of operations on a pool half; null for all others. */
  leg: Leg | null;
}

export interface SegmentTrace {
  deploymentId: bigint;
  chainIndex: number;
  blockNumber: number;
  timestamp: number;
  /** The nodes of level PATH_LEVELS before the first slot, in order. */
  registersIn: bigint[];
  rootIn: bigint;
  rootOut: bigint;
  /** Hash chain of the block's legs before and after this segment's, whatever the chains of the segments before. */
  legsIn: bigint;
  legsOut: bigint;
  /** 1 … params.slots, not padded. */
  slots: SlotTrace[];
  /** Leaf 0 after the last slot, unchanged: what every no-op that pads the segment reads. */
  padding: LeafAccess;
  onchainData: Hex;
  l2Data: Hex;
  onchainWords: number;
  l2Words: number;
  publicInputs: SegmentPublicInputs;
}

export interface JoinTrace {
  deploymentId: bigint;
  blockNumber: number;
  /** Chain roots before and after the block, one for each of params.chains indices. */
  rootsIn: bigint[];
  rootsOut: bigint[];
  finalRootIn: bigint;
  finalRootOut: bigint;
  legs: bigint;
  /** Every leg of the block, in the order of segments and slots. */
  legList: readonly Leg[];
  /** The same legs, two and two, in the order of their first legs. */
  pairs: readonly Pair[];
  segments: JoinSegment[];
  publicInputs: JoinPublicInputs;
}

export interface BlockTrace {
  blockNumber: number;
  timestamp: number;
  segments: SegmentTrace[];
  join: JoinTrace;
  finalRoot: bigint;
}
