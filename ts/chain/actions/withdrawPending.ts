import { parseEventLogs, type Address, type TransactionReceipt } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface WithdrawPendingParameters extends WriteParameters {
  /** Whose balance is paid out, to this same address; anyone may send the transaction. */
  owner: Address;
  /** Token id of the rollup. */
  token: number;
}

export interface WithdrawPendingReturnType {
  /** What was paid, in the token's smallest unit. */
  amount: bigint;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** Pays an owner's whole pending balance of a token to the owner's address and waits until that is mined. */
export async function withdrawPending({ client, wallet, rollup, owner, token }: WithdrawPendingParameters): Promise<WithdrawPendingReturnType> {
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'withdrawPending', args: [owner, token], what: 'withdrawal' });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'Withdrawn', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The transaction was mined but left no Withdrawn event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { amount: event.args.amount, receipt, gasCost: gasCostOf(receipt) };
}
