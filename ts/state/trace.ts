import type { Hex } from '../spec/hex.ts';
import type { JoinPublicInputs, JoinSegment } from '../spec/join.ts';
import type { Leaf } from '../spec/leaf.ts';
import type { Operation } from '../spec/operation.ts';
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
  /** The `from` leaf of a transfer or transfer to new; every other operation's only leaf. */
  a: LeafAccess;
  /** The `to` leaf of a transfer or transfer to new (empty before), as it is after access `a`; its path too. */
  b: LeafAccess | null;
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
