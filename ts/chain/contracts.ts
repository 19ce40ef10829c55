import { type Address, type Client, type GetContractReturnType, getContract } from 'viem';
import {
  iArbitratorAbi,
  iArbitratorGatewayAbi,
  iRollupGatewayAbi,
  primaryRollupAbi,
  secondaryRollupAbi,
  testTokenAbi,
} from './generated/abi.ts';

/*
 * Typed handles of the deployed contracts. `client` may be a public client (read, simulate) or a wallet client (write too); viem's own
 * `{public, wallet}` pair works where one function needs both.
 */

export interface ContractParameters<TClient extends Client> {
  address: Address;
  client: TClient;
}

export function primaryRollup<TClient extends Client>({ address, client }: ContractParameters<TClient>): GetContractReturnType<typeof primaryRollupAbi, TClient> {
  return getContract({ abi: primaryRollupAbi, address, client });
}

/** The commands differ from the primary's (commitBlocks, syncBlock); everything that reads is the same. */
export function secondaryRollup<TClient extends Client>({ address, client }: ContractParameters<TClient>): GetContractReturnType<typeof secondaryRollupAbi, TClient> {
  return getContract({ abi: secondaryRollupAbi, address, client });
}

export function arbitrator<TClient extends Client>({ address, client }: ContractParameters<TClient>): GetContractReturnType<typeof iArbitratorAbi, TClient> {
  return getContract({ abi: iArbitratorAbi, address, client });
}

/** The gateway that a rollup calls. */
export function rollupGateway<TClient extends Client>({ address, client }: ContractParameters<TClient>): GetContractReturnType<typeof iRollupGatewayAbi, TClient> {
  return getContract({ abi: iRollupGatewayAbi, address, client });
}

/** The gateway that the arbitrator calls. */
export function arbitratorGateway<TClient extends Client>({
  address,
  client,
}: ContractParameters<TClient>): GetContractReturnType<typeof iArbitratorGatewayAbi, TClient> {
  return getContract({ abi: iArbitratorGatewayAbi, address, client });
}

/** Any ERC-20; `mint` exists on the devnet's test token only. */
export function token<TClient extends Client>({ address, client }: ContractParameters<TClient>): GetContractReturnType<typeof testTokenAbi, TClient> {
  return getContract({ abi: testTokenAbi, address, client });
}
