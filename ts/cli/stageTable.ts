import { blockVerbs, type BlockRecord } from '../chain/client/sequencerApi.ts';
import type { Deployment } from '../chain/deployments.ts';
import { formatTable } from './output.ts';

/**
 * One line for each block, chain and verb with the hash of the transaction on that chain; the arbitrator's own confirmation is a line of
 * the chain that it is on.
 */
export function stageTable(deployment: Deployment, blocks: readonly BlockRecord[]): string[] {
  const rows = blocks.flatMap(({ blockNumber, chains, arbitratorTransaction }) => [
    ...chains.flatMap(({ chainIndex, stage, transactions }) =>
      blockVerbs.map((verb) => [String(blockNumber), deployment.chains[chainIndex]?.name ?? String(chainIndex), stage, verb, transactions[verb]]),
    ),
    [String(blockNumber), 'arbitrator', '', 'confirm', arbitratorTransaction],
  ]);
  return formatTable({
    columns: [{ title: 'block' }, { title: 'chain' }, { title: 'stage' }, { title: 'verb' }, { title: 'transaction' }],
    rows: rows.flatMap(([block = '', chain = '', stage = '', verb = '', hash]) => (hash === undefined ? [] : [[block, chain, stage, verb, hash]])),
    groupBy: 3,
  });
}
