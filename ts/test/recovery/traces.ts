import type { Deployment } from '../../chain/deployments.ts';
import type { FakeBlock } from '../../recovery/fakeRollup.ts';
import { genesisStoredBlock, type StoredBlock } from '../../spec/chainSide.ts';
import { nextStoredBlock, nextSyncHashes, primaryBlockOf } from '../../state/chainBlocks.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { Random } from '../random.ts';
import { tradingHistory } from '../tradingHistory.ts';

/** Blocks that the ledger sealed, trades on pairs among them, with what each chain holds of them by the sequencer's own formulas. */
export function chainBlocksOf(deployment: Deployment): { blocks: FakeBlock[]; state: LedgerState; operations: number } {
  const { deploymentId, chains } = deployment;
  const history = tradingHistory({ random: new Random(5, 'sealed blocks'), deploymentId, timestamp: 1_700_000_000, chainCount: chains.length, pairs: [[0, 1], [2, 2]], blocks: 2 });
  let stored = chains.map(({ chainIndex, role }) => genesisStoredBlock({ deploymentId, chainIndex, role, chainCount: chains.length }));
  let operations = 0;
  const blocks = history.blocks.map(({ trace }): FakeBlock => {
    const syncHashes = nextSyncHashes(stored.map(({ syncHash }) => syncHash), trace);
    stored = chains.map(({ chainIndex, role }) => nextStoredBlock({ previous: stored[chainIndex] as StoredBlock, trace, chainIndex, syncHashes: role === 'primary' ? syncHashes : null }));
    operations += trace.segments.reduce((sum, { slots }) => sum + slots.length, 0);
    return { block: primaryBlockOf(trace), storedBlocks: stored };
  });
  const last = history.blocks.at(-1);
  if (!last) throw new Error('no block');
  return { blocks, state: last.state, operations };
}
