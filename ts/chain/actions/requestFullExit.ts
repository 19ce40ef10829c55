import { parseEventLogs, type TransactionReceipt } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface RequestFullExitParameters extends WriteParameters {
  /** Leaf of this chain that is to be emptied; it must be the sender's, or the request is served with 0. */
  leafIndex: number;
}

export interface RequestFullExitReturnType {
  /** Place in the chain's priority queue. */
  requestId: bigint;
  /** Unix seconds by which the request must have been executed. */
  expiresAt: number;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** Asks the chain itself for everything in a leaf; no operator can refuse it. Waits until the request is mined. */
export async function requestFullExit({ client, wallet, rollup, leafIndex }: RequestFullExitParameters): Promise<RequestFullExitReturnType> {
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'requestFullExit', args: [leafIndex], what: 'full exit' });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'FullExitRequested', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The request was mined but left no FullExitRequested event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { requestId: event.args.requestId, expiresAt: event.args.expiresAt, receipt, gasCost: gasCostOf(receipt) };
}
