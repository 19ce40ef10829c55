import { parseEventLogs, type TransactionReceipt } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export type TriggerExitModeParameters = WriteParameters;

export interface TriggerExitModeReturnType {
  /** The request that has expired. */
  requestId: bigint;
  /** When it did, unix seconds. */
  expiresAt: number;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Stops a chain whose oldest request has expired. Anyone may; what is confirmed has to be executed first.
 * @throws RevertError with NoExpiredRequest or ConfirmedBlocksNotExecuted when it is too early
 */
export async function triggerExitMode({ client, wallet, rollup }: TriggerExitModeParameters): Promise<TriggerExitModeReturnType> {
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'triggerExitMode', args: [], what: 'trigger of exit mode' });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'ExitModeTriggered', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The transaction was mined but left no ExitModeTriggered event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { requestId: event.args.requestId, expiresAt: event.args.expiresAt, receipt, gasCost: gasCostOf(receipt) };
}
