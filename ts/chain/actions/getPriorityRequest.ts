import type { Hex } from 'viem';

import { secondaryRollupAbi } from '../generated/abi.ts';
import type { ReadParameters } from './types.ts';
import { getPriorityQueue } from './getPriorityQueue.ts';

/** `queued`: in no block yet; `committed`: in a committed block; `executed`: done. */
export type PriorityRequestStatus = 'queued' | 'committed' | 'executed';

export interface GetPriorityRequestParameters extends ReadParameters {
  requestId: bigint;
}

export interface GetPriorityRequestReturnType {
  status: PriorityRequestStatus;
  /** First 27 bytes of the request's hash (src/FORMATS.md); zero once executed, if the contract forgets it. */
  requestHash: Hex;
  /** Unix seconds from which a request that is not executed lets anyone stop the rollup. */
  expiresAt: number;
}

/** One deposit or full exit request of a chain. */
export async function getPriorityRequest({ client, rollup, requestId }: GetPriorityRequestParameters): Promise<GetPriorityRequestReturnType> {
  const [[requestHash, expiresAt], { nextToCommit, nextToExecute }] = await Promise.all([
    client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'priorityRequest', args: [requestId] }),
    getPriorityQueue({ client, rollup }),
  ]);
  const status = requestId < nextToExecute ? 'executed' : requestId < nextToCommit ? 'committed' : 'queued';
  return { status, requestHash, expiresAt };
}
