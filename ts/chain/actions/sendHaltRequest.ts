import type { TransactionReceipt } from 'viem';

import { rollupGateway } from '../contracts.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export type SendHaltRequestParameters = WriteParameters;

export interface SendHaltRequestReturnType {
  /** Wei that the message service took at most; what it did not need came back. */
  fee: bigint;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** Tells the arbitrator that a chain has stopped. Anyone may, as often as it takes; pays the message service. */
export async function sendHaltRequest({ client, wallet, rollup }: SendHaltRequestParameters): Promise<SendHaltRequestReturnType> {
  const gateway = await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'gateway' });
  const quote = await rollupGateway({ address: gateway, client }).read.syncFee();
  // The fee may rise before the transaction is in a block; the surplus comes back.
  const fee = quote + quote / 10n;
  const receipt = await send({ client, wallet, address: rollup, abi: secondaryRollupAbi, functionName: 'sendHaltRequest', args: [], value: fee, what: 'halt request' });
  return { fee, receipt, gasCost: gasCostOf(receipt) };
}
