import type { Address, TransactionReceipt } from 'viem';

import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface RefundDepositParameters extends WriteParameters {
  /** Everything as in the deposit's event. */
  requestId: bigint;
  token: number;
  owner: Address;
  /** In the token's smallest unit. */
  amount: bigint;
  keyX: bigint;
  keyY: bigint;
}

export interface RefundReturnType {
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Credits the owner of a deposit that no block up to the halt consumed. Anyone may; withdrawPending pays.
 * @throws RevertError with ExitsNotOpen, or WrongPriorityRequest when the queue does not hold this deposit (any more)
 */
export async function refundDeposit({ client, wallet, rollup, requestId, token, owner, amount, keyX, keyY }: RefundDepositParameters): Promise<RefundReturnType> {
  const args = [requestId, token, owner, amount, keyX, keyY] as const;
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'refundDeposit', args, what: `refund of deposit ${requestId}` });
  return { receipt, gasCost: gasCostOf(receipt) };
}
