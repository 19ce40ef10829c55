import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type Hex,
  type TransactionReceipt,
} from 'viem';
import type { ChainPublicClient, ChainWalletClient } from './clients.ts';
import { toRollupError, waitForReceipt } from './errors.ts';

export interface SendParameters<TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>> {
  client: ChainPublicClient;
  wallet: ChainWalletClient;
  address: Address;
  abi: TAbi;
  functionName: TName;
  args: ContractFunctionArgs<TAbi, 'nonpayable' | 'payable', TName>;
  /** Wei. */
  value?: bigint;
  /** Wei; for calls whose fee depends on the price of their own gas. */
  gasPrice?: bigint;
  /**
   * Gas above the estimate. A contract that catches failures of calls that it makes succeeds with too little gas as well, and that is what
   * an estimate finds; what is not used costs nothing.
   */
  extraGas?: bigint;
  /** For error texts; default: the function's name. */
  what?: string;
}

/**
 * Simulates a call (so that a revert costs nothing and carries its reason), sends it and waits for its receipt.
 * @throws RevertError with the contract's error, RollupError for everything else
 */
export async function send<const TAbi extends Abi, TName extends ContractFunctionName<TAbi, 'nonpayable' | 'payable'>>(
  parameters: SendParameters<TAbi, TName>,
): Promise<TransactionReceipt> {
  const { client, wallet, address, abi, functionName, args, value, gasPrice, extraGas = 0n } = parameters;
  const what = `${parameters.what ?? functionName} on ${client.chain.name}`;
  const data = encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters);
  const call = { account: wallet.account, to: address, data, ...(value === undefined ? {} : { value }), ...(gasPrice === undefined ? {} : { gasPrice }) };
  let hash: Hex;
  try {
    const estimate = await client.estimateGas(call);
    // The state may move between the estimate and the block.
    hash = await wallet.sendTransaction({ ...call, gas: estimate + estimate / 5n + extraGas });
  } catch (error) {
    throw toRollupError(error, what, { contract: address });
  }
  return await waitForReceipt({ client, hash, what });
}
