import { erc20Abi, type Address, type TransactionReceipt } from 'viem';

import { send } from '../send.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface ApproveParameters extends WriteParameters {
  tokenAddress: Address;
  /** What the rollup may take, in the token's smallest unit. */
  amount: bigint;
}

export interface ApproveReturnType {
  /** None when the allowance was already this amount. */
  receipts: TransactionReceipt[];
  /** Wei that the sender paid for gas. */
  gasCost: bigint;
}

/** Sets the rollup's allowance to exactly `amount` and waits until that is mined. */
export async function approve({ client, wallet, rollup, tokenAddress, amount }: ApproveParameters): Promise<ApproveReturnType> {
  const owner = wallet.account.address;
  const allowance = await client.readContract({ address: tokenAddress, abi: erc20Abi, functionName: 'allowance', args: [owner, rollup] });
  // Some tokens refuse to change an allowance that is not zero.
  const steps = allowance === amount ? [] : allowance === 0n ? [amount] : [0n, amount];
  const receipts: TransactionReceipt[] = [];
  for (const value of steps) receipts.push(await send({ client, wallet, address: tokenAddress, abi: erc20Abi, functionName: 'approve', args: [rollup, value] }));
  return { receipts, gasCost: receipts.reduce((sum, receipt) => sum + gasCostOf(receipt), 0n) };
}
