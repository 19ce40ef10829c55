import type { TransactionReceipt } from 'viem';

import { iArbitratorAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import type { ArbitratorWriteParameters } from './sendHalt.ts';
import { gasCostOf } from './types.ts';

export interface ConfirmBlockParameters extends ArbitratorWriteParameters {
  blockNumber: number;
}

export interface ConfirmBlockReturnType {
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** A gateway that runs out of gas defers its confirmation; sending over the dearest message service takes about a third of this. */
const gasPerGateway = 1_000_000n;

/**
 * Has the arbitrator compare the chains' sync hashes for a block and tell every chain that they are equal. Anyone may; pays the message services.
 * @throws RevertError with the reason why the block cannot be confirmed
 */
export async function confirmBlock({ client, wallet, arbitrator, blockNumber }: ConfirmBlockParameters): Promise<ConfirmBlockReturnType> {
  const target = { address: arbitrator, abi: iArbitratorAbi } as const;
  const [gasPrice, chainCount] = await Promise.all([client.getGasPrice(), client.readContract({ ...target, functionName: 'chainCount' })]);
  const value = await client.readContract({ ...target, functionName: 'confirmationFee', args: [gasPrice * 2n] });
  const receipt = await send({
    ...target, client, wallet, functionName: 'confirmBlock', args: [blockNumber], value, gasPrice, extraGas: gasPerGateway * BigInt(chainCount), what: `confirmation of block ${blockNumber}`,
  });
  return { receipt, gasCost: gasCostOf(receipt) };
}
