import { RollupError } from '../base/errors.ts';
import { genesisStoredBlock, genesisSyncHashes, type StoredBlock } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { sealBlock, type SegmentOperations } from '../state/block.ts';
import { nextStoredBlock, nextSyncHashes, onchainDataOf } from '../state/chainBlocks.ts';
import { LedgerState } from '../state/ledger.ts';
import { replaySegment } from '../state/replay.ts';
import type { BlockTrace } from '../state/trace.ts';
import type { BlockRecord, Store } from './store.ts';

/** What sealing needs to know of a deployment. */
export interface SealingContext {
  deploymentId: bigint;
  chainCount: number;
  primaryIndex: number;
}

/** The end of the chain of blocks: what the next block follows. */
export interface Tip {
  blockNumber: number;
  timestamp: number;
  state: LedgerState;
  /** By chain index. */
  stored: readonly StoredBlock[];
  /** By chain index. */
  syncHashes: readonly Hex[];
}

export function genesisTip({ deploymentId, chainCount, primaryIndex }: SealingContext): Tip {
  return {
    blockNumber: 0,
    timestamp: 0,
    state: LedgerState.empty({ chainCount }),
    stored: Array.from({ length: chainCount }, (_, chainIndex) =>
      genesisStoredBlock({ deploymentId, chainIndex, chainCount, role: chainIndex === primaryIndex ? 'primary' : 'secondary' }),
    ),
    syncHashes: genesisSyncHashes(deploymentId, chainCount),
  };
}

export interface SealParameters {
  context: SealingContext;
  tip: Tip;
  segments: readonly SegmentOperations[];
  /** Seconds; not below the tip's. */
  timestamp: number;
  /** Ids of the accepted transactions among the operations. Their signatures were checked when they were accepted. */
  transactions: readonly string[];
}

export interface SealReturnType {
  block: BlockRecord;
  trace: BlockTrace;
  tip: Tip;
}

/** Turns chosen operations into the next block. Nothing is stored or sent. */
export function seal({ context, tip, segments, timestamp, transactions }: SealParameters): SealReturnType {
  const blockNumber = tip.blockNumber + 1;
  const { trace, state } = sealBlock({ state: tip.state, deploymentId: context.deploymentId, blockNumber, timestamp, segments, signatureChecked: true });
  const syncHashes = nextSyncHashes(tip.syncHashes, trace);
  const stored = tip.stored.map((previous, chainIndex) =>
    nextStoredBlock({ previous, trace, chainIndex, syncHashes: chainIndex === context.primaryIndex ? syncHashes : null }),
  );
  const block: BlockRecord = {
    blockNumber,
    timestamp,
    finalRoot: trace.finalRoot,
    segments: trace.segments.map(({ chainIndex, slots, rootIn, rootOut, legsIn, legsOut, onchainData, l2Data, publicInputs }) => ({
      chainIndex, operations: slots.map(({ operation }) => operation), rootIn, rootOut, legsIn, legsOut, onchainData, l2Data, publicInputs,
    })),
    joinInputs: trace.join.publicInputs,
    chains: stored.map((entry, chainIndex) => ({ chainIndex, stored: entry, onchainData: onchainDataOf(trace, chainIndex) })),
    syncHashes,
    transactions: [...transactions],
  };
  return { block, trace, tip: { blockNumber, timestamp, state, stored, syncHashes } };
}

/**
 * The tip after the stored blocks, by replay of their public data. Every chain root and final root must come out as stored.
 * @throws RollupError that names the block and the root that differs
 */
export async function restoreTip({ context, store }: { context: SealingContext; store: Store }): Promise<Tip> {
  let tip = genesisTip(context);
  const last = await store.lastBlock();
  for (let blockNumber = 1; blockNumber <= last; blockNumber++) {
    const block = await store.block(blockNumber);
    if (block === null) throw new RollupError('A stored block is missing', { facts: { blockNumber, lastBlock: last } });
    tip = replayBlock(tip, block);
  }
  return tip;
}

function replayBlock(tip: Tip, block: BlockRecord): Tip {
  const { blockNumber, timestamp, finalRoot } = block;
  let state = tip.state;
  for (const [segment, data] of block.segments.entries()) {
    state = replaySegment(state, data);
    const actual = state.chain(data.chainIndex).root;
    if (actual !== data.rootOut) throw damaged({ blockNumber, segment, chainIndex: data.chainIndex, expected: data.rootOut, actual });
  }
  if (state.finalRoot !== finalRoot) throw damaged({ blockNumber, expected: finalRoot, actual: state.finalRoot });
  return { blockNumber, timestamp, state, stored: block.chains.map(({ stored }) => stored), syncHashes: block.syncHashes };
}

function damaged(facts: Record<string, unknown>): RollupError {
  return new RollupError('Stored blocks do not lead to their roots', { facts, hint: 'The data folder is damaged or of another deployment: restore it from a backup.' });
}
