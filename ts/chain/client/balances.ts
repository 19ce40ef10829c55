import type { Address } from 'viem';

import { getPendingBalance } from '../actions/getPendingBalance.ts';
import { getTokenBalance } from '../actions/getTokenBalance.ts';
import type { ChainPublicClient } from '../clients.ts';
import type { ChainDeployment } from '../deployments.ts';
import { describeToken, isShares } from './pairs.ts';
import type { LeafRecord, SequencerApi } from './sequencerApi.ts';

/** What one owner has of one token on one chain; all amounts in the token's smallest unit. */
export interface Balance {
  chainIndex: number;
  chain: string;
  token: number;
  symbol: string;
  decimals: number;
  /** On the chain itself. */
  wallet: bigint;
  /** In the owner's leaves. */
  l2: bigint;
  /** Executed withdrawals that the contract still owes. */
  pending: bigint;
  leaves: LeafRecord[];
}

export interface ReadBalancesParameters {
  api: SequencerApi;
  chains: readonly { deployment: ChainDeployment; client: ChainPublicClient }[];
  owner: Address;
}

/** Every token of every chain, also where the owner has nothing, and then the shares of pools that the owner has. */
export async function readBalances({ api, chains, owner }: ReadBalancesParameters): Promise<Balance[]> {
  const leaves = await api.getLeaves(owner);
  const rows = chains.flatMap(({ deployment, client }) =>
    deployment.tokens.map(async ({ token, symbol, decimals, address }): Promise<Balance> => {
      const { chainIndex, name, rollup } = deployment;
      const own = leaves.filter((leaf) => leaf.chainIndex === chainIndex && leaf.token === token);
      const [wallet, pending] = await Promise.all([
        getTokenBalance({ client, tokenAddress: address, holder: owner }),
        getPendingBalance({ client, rollup, owner, token }),
      ]);
      return { chainIndex, chain: name, token, symbol, decimals, wallet, l2: totalOf(own), pending, leaves: own };
    }),
  );
  // Each chain's shares after its tokens.
  return [...(await Promise.all(rows)), ...(await readShares({ api, chains, leaves }))].toSorted((a, b) => a.chainIndex - b.chainIndex);
}

/** Shares are in leaves only. Their decimals are those of the coins that they stand for. */
async function readShares({ api, chains, leaves }: Pick<ReadBalancesParameters, 'api' | 'chains'> & { leaves: readonly LeafRecord[] }): Promise<Balance[]> {
  const shares = leaves.filter(({ token }) => isShares(token));
  if (shares.length === 0) return [];
  const pairs = await api.getPools();
  const places = new Map(shares.map(({ chainIndex, token }) => [`${chainIndex}/${token}`, { chainIndex, token }]));
  return [...places.values()].map(({ chainIndex, token }): Balance => {
    const own = shares.filter((leaf) => leaf.chainIndex === chainIndex && leaf.token === token);
    const name = describeToken({ chains: chains.map(({ deployment }) => deployment) }, pairs, { chainIndex, token });
    return { chainIndex, chain: chains[chainIndex]?.deployment.name ?? String(chainIndex), token, ...name, wallet: 0n, l2: totalOf(own), pending: 0n, leaves: own };
  });
}

function totalOf(leaves: readonly LeafRecord[]): bigint {
  return leaves.reduce((sum, { balance }) => sum + balance, 0n);
}
