import type { Hex } from '../../spec/hex.ts';
import type { PublicOperation } from '../../spec/operation.ts';
import { decodeOperations } from '../../spec/pubdata.ts';
import { LedgerState } from '../../state/ledger.ts';
import { replaySegments } from '../../state/replay.ts';
import type { Check } from './ledger.ts';

/** What of a block's calldata its replay needs. */
export interface CommittedBlock {
  blockNumber: number;
  finalRoot: bigint;
  segments: readonly { chainIndex: number; onchainData: Hex; l2Data: Hex }[];
}

/** A block replayed from its public data alone. */
export interface ReplayedBlock extends CommittedBlock {
  before: LedgerState;
  after: LedgerState;
  /** By chain index, in order of the chain's segments; the on-chain list of a segment before its L2 list. */
  operations: readonly (readonly PublicOperation[])[];
}

/** The state of every chain after each block, from block 0 on. @throws RollupError when public data do not fit the state */
export function replayBlocks(blocks: readonly CommittedBlock[], chainCount: number): ReplayedBlock[] {
  let state = LedgerState.empty({ chainCount });
  return blocks.map((block) => {
    const before = state;
    state = replaySegments(state, block.segments);
    const operations = Array.from({ length: chainCount }, (_, chainIndex) =>
      block.segments
        .filter((segment) => segment.chainIndex === chainIndex)
        .flatMap(({ onchainData, l2Data }) => [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')]),
    );
    return { ...block, before, after: state, operations };
  });
}

/** The root that each block's commitment states is the one that its public data lead to. */
export function checkReplay(blocks: readonly ReplayedBlock[]): Check[] {
  return blocks.map(({ blockNumber, finalRoot, after }) => ({
    what: `final root of block ${blockNumber}, replayed from the primary's calldata`,
    expected: finalRoot.toString(),
    actual: after.finalRoot.toString(),
    ok: after.finalRoot === finalRoot,
  }));
}
