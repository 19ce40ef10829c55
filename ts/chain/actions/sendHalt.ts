import type { Address, TransactionReceipt } from 'viem';

import type { ChainPublicClient, ChainWalletClient } from '../clients.ts';
import { arbitratorGateway } from '../contracts.ts';
import { iArbitratorAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { gasCostOf } from './types.ts';

/** What every action that sends to the arbitrator needs; client and wallet are of its chain. */
export interface ArbitratorWriteParameters {
  client: ChainPublicClient;
  wallet: ChainWalletClient;
  arbitrator: Address;
}

export interface SendHaltParameters extends ArbitratorWriteParameters {
  /** Chain that is told. */
  chainIndex: number;
}

export interface SendHaltReturnType {
  /** Wei that the message service took at most; what it did not need came back. */
  fee: bigint;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/**
 * Has the arbitrator tell a chain that the rollup is halted. Anyone may, as often as it takes; pays the message service.
 * @throws RevertError with NotHalted as long as no halt request has arrived
 */
export async function sendHalt({ client, wallet, arbitrator, chainIndex }: SendHaltParameters): Promise<SendHaltReturnType> {
  const gateway = await client.readContract({ address: arbitrator, abi: iArbitratorAbi, functionName: 'gatewayOf', args: [chainIndex] });
  // The fee depends on the price of gas, so that one is fixed; what is too much comes back.
  const gasPrice = await client.getGasPrice();
  const fee = await arbitratorGateway({ address: gateway, client }).read.confirmationFee([gasPrice * 2n]);
  const receipt = await send({ client, wallet, address: arbitrator, abi: iArbitratorAbi, functionName: 'sendHalt', args: [chainIndex], value: fee, gasPrice, what: `halt of chain ${chainIndex}` });
  return { fee, receipt, gasCost: gasCostOf(receipt) };
}
