import { RollupError } from '../base/errors.ts';
import {
  onchainOpsHash,
  proofInputsHash,
  syncHash,
  syncHashesHash,
  ZERO_HASH,
  type JoinInputs,
  type PrimaryBlock,
  type SecondaryBlock,
  type SegmentInputs,
  type StoredBlock,
} from '../spec/chainSide.ts';
import { concatHex, type Hex } from '../spec/hex.ts';
import { isPriority } from '../spec/operation.ts';
import type { BlockTrace } from './trace.ts';

/* What each chain is told of a sealed block, and what it remembers of it. */

/** A block as the primary gets it. */
export function primaryBlockOf({ blockNumber, timestamp, finalRoot, join, segments }: BlockTrace): PrimaryBlock {
  return {
    blockNumber,
    timestamp,
    finalRoot,
    joinC1: join.publicInputs.c1,
    segments: segments.map(({ chainIndex, rootIn, rootOut, legsIn, legsOut, publicInputs: { c1, c2 }, onchainData, l2Data }) => ({
      chainIndex,
      rootIn,
      rootOut,
      legsIn,
      legsOut,
      c1,
      c2,
      onchainData,
      l2Data,
    })),
  };
}

/** A block as the secondary with this chain index gets it. */
export function secondaryBlockOf(trace: BlockTrace, chainIndex: number): SecondaryBlock {
  const { blockNumber, timestamp, finalRoot } = trace;
  return { blockNumber, timestamp, finalRoot, onchainData: onchainDataOf(trace, chainIndex) };
}

/** On-chain bytes of one chain in a block, its segments' bytes joined. */
export function onchainDataOf({ segments }: BlockTrace, chainIndex: number): Hex {
  return concatHex(segments.filter((segment) => segment.chainIndex === chainIndex).map(({ onchainData }) => onchainData));
}

/** Public inputs of a block's proofs, in the circuits' order. */
export function proofInputsOf({ segments, join }: BlockTrace): { segmentInputs: SegmentInputs[]; joinInputs: JoinInputs } {
  return {
    segmentInputs: segments.map(({ publicInputs: { c1, c2, r, y1, y2 } }) => [c1, c2, r, y1, y2]),
    joinInputs: [join.publicInputs.c1, join.publicInputs.r, join.publicInputs.y1],
  };
}

/** Every chain's sync hash after a block, from those before it. */
export function nextSyncHashes(previous: readonly Hex[], trace: BlockTrace): Hex[] {
  return previous.map((hash, chainIndex) => nextSyncHash(hash, trace, chainIndex));
}

function nextSyncHash(previous: Hex, trace: BlockTrace, chainIndex: number): Hex {
  return syncHash({ ...trace, previous, onchainOpsHash: onchainOpsHash([onchainDataOf(trace, chainIndex)]) });
}

export interface NextStoredBlockParameters {
  /** What the chain holds of the block before. */
  previous: StoredBlock;
  trace: BlockTrace;
  chainIndex: number;
  /** On the primary: every chain's sync hash after the block. Null on a secondary. */
  syncHashes: readonly Hex[] | null;
}

/**
 * What a chain remembers of a block.
 * @throws RollupError when the block does not follow `previous`
 */
export function nextStoredBlock({ previous, trace, chainIndex, syncHashes }: NextStoredBlockParameters): StoredBlock {
  const { blockNumber, timestamp, finalRoot, segments } = trace;
  if (blockNumber !== previous.blockNumber + 1) {
    throw new RollupError('Block does not follow the stored one', { facts: { expected: previous.blockNumber + 1, actual: blockNumber } });
  }
  const operations = segments.filter((segment) => segment.chainIndex === chainIndex).flatMap(({ slots }) => slots.map((slot) => slot.operation));
  const { segmentInputs, joinInputs } = proofInputsOf(trace);
  return {
    blockNumber,
    priorityRequestsTotal: previous.priorityRequestsTotal + operations.filter(isPriority).length,
    timestamp,
    finalRoot,
    onchainOpsHash: onchainOpsHash([onchainDataOf(trace, chainIndex)]),
    syncHash: nextSyncHash(previous.syncHash, trace, chainIndex),
    proofInputsHash: syncHashes ? proofInputsHash(segmentInputs, joinInputs) : ZERO_HASH,
    syncHashesHash: syncHashes ? syncHashesHash(syncHashes) : ZERO_HASH,
  };
}
