import { onchainOpsHash, proofInputsHash, syncHash, syncHashesHash, ZERO_HASH, genesisStoredBlock, type PrimaryBlock, type SecondaryBlock, type SegmentData, type StoredBlock } from '../spec/chainSide.ts';
import { concatHex, type Hex } from '../spec/hex.ts';
import { joinInputsOfWords, joinWords } from '../spec/join.ts';
import { isPriority } from '../spec/operation.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import { segmentInputsOfData } from '../spec/segment.ts';
import type { Deployment } from '../chain/deployments.ts';

/* What contracts remember of a block, computed from calldata as they do it. */

/** What every chain holds of one block, by chain index. */
export type StoredBlocks = readonly StoredBlock[];

export function genesisStoredBlocks({ deploymentId, chains }: Pick<Deployment, 'deploymentId' | 'chains'>): StoredBlocks {
  return chains.map(({ chainIndex, role }) => genesisStoredBlock({ deploymentId, chainIndex, role, chainCount: chains.length }));
}

/** On-chain bytes of one chain in a block. */
export function onchainDataIn({ segments }: { segments: readonly SegmentData[] }, chainIndex: number): Hex {
  return concatHex(segments.filter((segment) => segment.chainIndex === chainIndex).map(({ onchainData }) => onchainData));
}

export interface NextStoredBlocksParameters {
  deployment: Pick<Deployment, 'deploymentId' | 'chains'>;
  /** After the block before. */
  previous: StoredBlocks;
  block: PrimaryBlock;
}

/**
 * What every chain holds after a block: the primary from all of its calldata, a secondary that was committed the same block from its own part.
 * @throws RollupError when the public data cannot be decoded
 */
export function nextStoredBlocks({ deployment, previous, block }: NextStoredBlocksParameters): StoredBlocks {
  const { blockNumber, timestamp, finalRoot } = block;
  const stored = deployment.chains.map(({ chainIndex }): StoredBlock => {
    const before = previous[chainIndex] as StoredBlock;
    return nextSecondaryBlock(before, { blockNumber, timestamp, finalRoot, onchainData: onchainDataIn(block, chainIndex) });
  });
  const hashes = syncHashesHash(stored.map((chain) => chain.syncHash));
  return stored.map((chain, chainIndex) => {
    if (deployment.chains[chainIndex]?.role !== 'primary') return chain;
    const finalRootIn = (previous[chainIndex] as StoredBlock).finalRoot;
    return { ...chain, proofInputsHash: proofInputsHashOf(deployment.deploymentId, finalRootIn, block), syncHashesHash: hashes };
  });
}

/** What a secondary holds after a block that it was committed. */
export function nextSecondaryBlock(previous: StoredBlock, { blockNumber, timestamp, finalRoot, onchainData }: SecondaryBlock): StoredBlock {
  const opsHash = onchainOpsHash([onchainData]);
  return {
    blockNumber,
    priorityRequestsTotal: previous.priorityRequestsTotal + decodeOperations(onchainData, 'onchain').filter(isPriority).length,
    timestamp,
    finalRoot,
    onchainOpsHash: opsHash,
    syncHash: syncHash({ previous: previous.syncHash, blockNumber, timestamp, finalRoot, onchainOpsHash: opsHash }),
    proofInputsHash: ZERO_HASH,
    syncHashesHash: ZERO_HASH,
  };
}

function proofInputsHashOf(deploymentId: bigint, finalRootIn: bigint, { blockNumber, timestamp, finalRoot, joinC1, segments }: PrimaryBlock): Hex {
  const segmentInputs = segments.map((segment) => segmentInputsOfData({ ...segment, deploymentId, blockNumber, timestamp }));
  const words = joinWords({ deploymentId, blockNumber, finalRootIn, finalRootOut: finalRoot, legs: segments.at(-1)?.legsOut ?? 0n, segments });
  const join = joinInputsOfWords(joinC1, words);
  return proofInputsHash(
    segmentInputs.map(({ c1, c2, r, y1, y2 }) => [c1, c2, r, y1, y2] as const),
    [join.c1, join.r, join.y1],
  );
}
