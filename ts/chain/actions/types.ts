import type { Address, TransactionReceipt } from 'viem';

import type { ChainPublicClient, ChainWalletClient } from '../clients.ts';

/** What every action that only reads one chain needs. */
export interface ReadParameters {
  client: ChainPublicClient;
  /** Address of the chain's rollup contract. */
  rollup: Address;
}

/** What every action that sends a transaction to one chain needs. */
export interface WriteParameters extends ReadParameters {
  wallet: ChainWalletClient;
}

/** Exact cost of a mined transaction in wei. */
export function gasCostOf({ gasUsed, effectiveGasPrice }: Pick<TransactionReceipt, 'gasUsed' | 'effectiveGasPrice'>): bigint {
  return gasUsed * effectiveGasPrice;
}
