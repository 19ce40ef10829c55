import { type Address, type Hex, TransactionReceiptNotFoundError } from 'viem';
import type { ChainPublicClient } from './clients.ts';

/** Whether there is a contract. */
export async function hasCode(client: Pick<ChainPublicClient, 'getCode'>, address: Address): Promise<boolean> {
  return ((await client.getCode({ address })) ?? '0x') !== '0x';
}

/** How a transaction ended; undefined when the network does not have it in a block. */
export async function receiptStatus(client: ChainPublicClient, hash: Hex): Promise<'success' | 'reverted' | undefined> {
  try {
    return (await client.getTransactionReceipt({ hash })).status;
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}
