import { formatUnits, parseEventLogs, zeroAddress, type Address, type TransactionReceipt } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { secondaryRollupAbi } from '../generated/abi.ts';
import { send } from '../send.ts';
import { approve } from './approve.ts';
import { getTokenBalance } from './getTokenBalance.ts';
import { gasCostOf, type WriteParameters } from './types.ts';

export interface DepositParameters extends WriteParameters {
  /** Token id of the rollup and its address on this chain (zero address for the native coin). */
  token: { token: number; symbol: string; decimals: number; address: Address };
  /** In the token's smallest unit. */
  amount: bigint;
  /** L2 user who receives the deposit. */
  user: { owner: Address; keyX: bigint; keyY: bigint };
}

export interface DepositReturnType {
  /** Place in the chain's priority queue. */
  requestId: bigint;
  /** Unix seconds by which the request must have been executed. */
  expiresAt: number;
  receipt: TransactionReceipt;
  /** Wei that the sender paid for gas, approvals included. */
  gasCost: bigint;
}

/**
 * Puts a deposit into a chain's priority queue and waits until it is mined. An ERC-20 is approved first, for exactly `amount`: the rollup
 * may never take more than this deposit.
 * @throws RollupError when the wallet holds too little, RevertError when the chain refuses
 */
export async function deposit({ client, wallet, rollup, token, amount, user }: DepositParameters): Promise<DepositReturnType> {
  const sender = wallet.account.address;
  const balance = await getTokenBalance({ client, tokenAddress: token.address, holder: sender });
  if (balance < amount) {
    throw new RollupError(`The wallet does not hold enough ${token.symbol} on ${client.chain.name}`, { facts: { wallet: sender, expected: formatUnits(amount, token.decimals), actual: formatUnits(balance, token.decimals) } });
  }
  const isNative = token.address === zeroAddress;
  const approval = isNative ? 0n : (await approve({ client, wallet, rollup, tokenAddress: token.address, amount })).gasCost;
  const { owner, keyX, keyY } = user;
  const target = { client, wallet, address: rollup, abi: secondaryRollupAbi, what: 'deposit' } as const;
  const receipt = isNative
    ? await send({ ...target, functionName: 'depositNative', args: [owner, keyX, keyY], value: amount })
    : await send({ ...target, functionName: 'depositToken', args: [token.token, amount, owner, keyX, keyY] });
  const event = parseEventLogs({ abi: secondaryRollupAbi, eventName: 'DepositRequested', logs: receipt.logs }).at(0);
  if (!event) throw new RollupError('The deposit was mined but left no DepositRequested event', { facts: { transaction: receipt.transactionHash, rollup } });
  return { requestId: event.args.requestId, expiresAt: event.args.expiresAt, receipt, gasCost: approval + gasCostOf(receipt) };
}
