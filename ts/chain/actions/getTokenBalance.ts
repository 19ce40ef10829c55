import { erc20Abi, zeroAddress, type Address } from 'viem';

import type { ChainPublicClient } from '../clients.ts';

export interface GetTokenBalanceParameters {
  client: ChainPublicClient;
  /** Zero address for the chain's native coin. */
  tokenAddress: Address;
  holder: Address;
}

/** What an address holds on the chain itself, in the token's smallest unit. */
export async function getTokenBalance({ client, tokenAddress, holder }: GetTokenBalanceParameters): Promise<bigint> {
  if (tokenAddress === zeroAddress) return await client.getBalance({ address: holder });
  return await client.readContract({ address: tokenAddress, abi: erc20Abi, functionName: 'balanceOf', args: [holder] });
}
