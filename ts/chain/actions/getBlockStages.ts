import { secondaryRollupAbi } from '../generated/abi.ts';
import type { ReadParameters } from './types.ts';

export type GetBlockStagesParameters = ReadParameters;

/** Number of the last block that has reached each stage on one chain. */
export interface GetBlockStagesReturnType {
  committed: number;
  proved: number;
  synced: number;
  confirmed: number;
  executed: number;
}

/** Read from the chain alone; nobody's word is taken. On a secondary `proved` equals `committed`. */
export async function getBlockStages({ client, rollup }: GetBlockStagesParameters): Promise<GetBlockStagesReturnType> {
  const read = async (functionName: 'totalBlocksCommitted' | 'totalBlocksProved' | 'totalBlocksSynced' | 'totalBlocksConfirmed' | 'totalBlocksExecuted') =>
    await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName });
  const [committed, proved, synced, confirmed, executed] = await Promise.all([
    read('totalBlocksCommitted'),
    read('totalBlocksProved'),
    read('totalBlocksSynced'),
    read('totalBlocksConfirmed'),
    read('totalBlocksExecuted'),
  ]);
  return { committed, proved, synced, confirmed, executed };
}
