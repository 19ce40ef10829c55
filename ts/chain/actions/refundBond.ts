import type { Address } from 'viem';

import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import type { RefundReturnType } from './refundDeposit.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface RefundBondParameters extends WriteParameters {
  /** Everything as in the event of the full exit request. */
  requestId: bigint;
  leafIndex: number;
  owner: Address;
  least: bigint;
}

/**
 * Credits the bond of a full exit request that no block up to the halt consumed to who made it. Anyone may; withdrawPending pays.
 * @throws RevertError with ExitsNotOpen, or WrongPriorityRequest when the queue does not hold this request (any more)
 */
export async function refundBond({ client, wallet, rollup, requestId, leafIndex, owner, least }: RefundBondParameters): Promise<RefundReturnType> {
  const args = [requestId, leafIndex, owner, least] as const;
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'refundBond', args, what: `refund of the bond of request ${requestId}` });
  return { receipt, gasCost: gasCostOf(receipt) };
}
