import type { Address, Hex } from 'viem';

import { secondaryRollupAbi } from '../generated/abi.ts';
import { readEvents } from '../logs.ts';
import type { ReadParameters } from './types.ts';

/** Something that a chain has credited to an owner in exit mode, or paid out. */
export type Taken =
  | { type: 'exit'; leafIndex: number; token: number; amount: bigint; transaction: Hex }
  | { type: 'depositRefund'; requestId: bigint; token: number; amount: bigint; transaction: Hex }
  | { type: 'bondRefund'; requestId: bigint; amount: bigint; transaction: Hex }
  | { type: 'payment'; token: number; amount: bigint; transaction: Hex };

export interface GetTakenParameters extends ReadParameters {
  owner: Address;
  /** Block from which on the rollup's events are to be read. */
  fromBlock: number;
}

/** What an owner has had of a chain: exits and refunds (credits), and payments (money in the owner's hands). Amounts in the token's smallest unit. */
export async function getTaken({ client, rollup, owner, fromBlock }: GetTakenParameters): Promise<Taken[]> {
  const range = { client, address: rollup, abi: secondaryRollupAbi, args: { owner }, fromBlock: BigInt(fromBlock), toBlock: await client.getBlockNumber() } as const;
  const [exits, deposits, bonds, payments] = await Promise.all([
    readEvents({ ...range, eventName: 'Exited' }),
    readEvents({ ...range, eventName: 'DepositRefunded' }),
    readEvents({ ...range, eventName: 'BondRefunded' }),
    readEvents({ ...range, eventName: 'Withdrawn' }),
  ]);
  return [
    ...exits.map(({ args: { leafIndex, token, amount }, transactionHash: transaction }) => ({ type: 'exit' as const, leafIndex, token, amount, transaction })),
    ...deposits.map(({ args: { requestId, token, amount }, transactionHash: transaction }) => ({ type: 'depositRefund' as const, requestId, token, amount, transaction })),
    ...bonds.map(({ args: { requestId, amount }, transactionHash: transaction }) => ({ type: 'bondRefund' as const, requestId, amount, transaction })),
    ...payments.map(({ args: { token, amount }, transactionHash: transaction }) => ({ type: 'payment' as const, token, amount, transaction })),
  ];
}
