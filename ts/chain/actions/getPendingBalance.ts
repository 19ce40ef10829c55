import type { Address } from 'viem';

import { secondaryRollupAbi } from '../generated/abi.ts';
import type { ReadParameters } from './types.ts';

export interface GetPendingBalanceParameters extends ReadParameters {
  owner: Address;
  /** Token id of the rollup. */
  token: number;
}

/** What executed blocks owe to `owner` and withdrawPending would pay, in the token's smallest unit. */
export async function getPendingBalance({ client, rollup, owner, token }: GetPendingBalanceParameters): Promise<bigint> {
  return await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'pendingBalance', args: [owner, token] });
}
