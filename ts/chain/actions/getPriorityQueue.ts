import { secondaryRollupAbi } from '../generated/abi.ts';
import type { ReadParameters } from './types.ts';

export type GetPriorityQueueParameters = ReadParameters;

export interface GetPriorityQueueReturnType {
  /** Id that the next request will get. */
  nextId: bigint;
  /** First request that no committed block consumes. */
  nextToCommit: bigint;
  /** First request that no executed block consumes. */
  nextToExecute: bigint;
}

/** Where a chain's priority queue stands. */
export async function getPriorityQueue({ client, rollup }: GetPriorityQueueParameters): Promise<GetPriorityQueueReturnType> {
  const [nextId, nextToCommit, nextToExecute] = await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'priorityQueueState' });
  return { nextId, nextToCommit, nextToExecute };
}
