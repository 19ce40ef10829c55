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
  /** Wei that came with the request: back to the owner with an exit that pays, lost with one that pays nothing. */
  bond: bigint;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** Asks the chain itself for everything in a leaf; no operator can refuse it. Brings the chain's bond. Waits until the request is mined. */
export async function requestFullExit({ client, wallet, rollup, leafIndex }: RequestFullExitParameters): Promise<RequestFullExitReturnType> {
  const target = { address: rollup, abi: secondaryRollupAbi } as const;
  const bond = await client.readContract({ ...target, functionName: 'exitBond' });
  const receipt = await send({ ...target, client, wallet, functionName: 'requestFullExit', args: [leafIndex], value: bond, what: 'full exit' });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'FullExitRequested', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The request was mined but left no FullExitRequested event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { requestId: event.args.requestId, expiresAt: event.args.expiresAt, bond, receipt, gasCost: gasCostOf(receipt) };
}
