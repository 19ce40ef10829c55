import type { Address } from 'viem';
import { getExitMode, type GetExitModeReturnType } from '../chain/actions/getExitMode.ts';
import { getPendingBalance } from '../chain/actions/getPendingBalance.ts';
import { getRequestsOf, type OwnedRequest } from '../chain/actions/getRequestsOf.ts';
import { getTaken, type Taken } from '../chain/actions/getTaken.ts';
import { publicClient, type ChainPublicClient } from '../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';
import { secondaryRollupAbi } from '../chain/generated/abi.ts';
import type { SilentChain } from './exitPlan.ts';
import type { Holding } from './holdings.ts';
import { readEach } from './readEach.ts';

/** A leaf of an owner, and whether its money has been taken. */
export interface LeafClaim extends Holding {
  /** `exited`: once and for good. */
  status: 'open' | 'exited';
}

/** Everything that an owner has, or has had, on one chain. Amounts in the token's smallest unit. */
export interface ChainClaims {
  chain: ChainDeployment;
  exitMode: GetExitModeReturnType;
  /** Empty when no state was given. */
  leaves: LeafClaim[];
  /** What withdrawPending would pay now, by token; only what is not 0. */
  pending: { token: number; amount: bigint }[];
  requests: OwnedRequest[];
  /** Wei of the bond that comes back with each full exit request that is refunded. */
  exitBond: bigint;
  taken: Taken[];
}

export interface ReadClaimsParameters {
  chain: ChainDeployment;
  owner: Address;
  /** Of the owner, on any chain; absent when leaves are not asked for. */
  holdings?: readonly Holding[];
  client?: ChainPublicClient;
}

/** Reads what an owner can still claim on one chain, and what was claimed already, from the chain alone. */
export async function readClaims({ chain, owner, holdings = [], client = publicClient(chain) }: ReadClaimsParameters): Promise<ChainClaims> {
  const { rollup, chainIndex, deployedAtBlock: fromBlock } = chain;
  const place = { client, rollup };
  const own = holdings.filter((holding) => holding.chainIndex === chainIndex);
  const [exitMode, requests, taken, exitBond] = await Promise.all([
    getExitMode(place),
    getRequestsOf({ ...place, owner, fromBlock }),
    getTaken({ ...place, owner, fromBlock }),
    client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'exitBond' }),
  ]);
  const leaves = await Promise.all(
    own.map(async (holding): Promise<LeafClaim> => {
      const hasExited = await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'hasExited', args: [holding.leafIndex] });
      return { ...holding, status: hasExited ? 'exited' : 'open' };
    }),
  );
  return { chain, exitMode, leaves, pending: await readPending({ chain, owner, leaves: own, requests, client }), requests, exitBond, taken };
}

export interface ReadAllClaimsParameters extends Pick<ReadClaimsParameters, 'owner' | 'holdings'> {
  deployment: Pick<Deployment, 'chains'>;
}

/** The same on every chain. One that does not answer keeps nobody from the others: it is left out, and named. */
export async function readAllClaims({ deployment, ...parameters }: ReadAllClaimsParameters): Promise<{ claims: ChainClaims[]; silent: SilentChain[] }> {
  const { found: claims, silent } = await readEach(deployment.chains, async (chain) => await readClaims({ chain, ...parameters }));
  return { claims, silent };
}

/** Every token that the chain can owe the owner: those of the deployment, and those that leaves and deposits name. */
function tokensOf(chain: ChainDeployment, holdings: readonly Holding[], requests: readonly OwnedRequest[]): number[] {
  const named = [...chain.tokens, ...holdings, ...requests.flatMap((request) => (request.type === 'deposit' ? [request] : []))];
  return [...new Set(named.map(({ token }) => token))].sort((a, b) => a - b);
}

export interface ReadPendingParameters extends Pick<ReadClaimsParameters, 'chain' | 'owner'> {
  leaves: readonly Holding[];
  requests: readonly OwnedRequest[];
  client: ChainPublicClient;
}

/** What withdrawPending would pay an owner now, by token; only what is not 0. */
export async function readPending({ chain, owner, leaves, requests, client }: ReadPendingParameters): Promise<ChainClaims['pending']> {
  const tokens = tokensOf(chain, leaves, requests);
  const balances = await Promise.all(tokens.map(async (token) => ({ token, amount: await getPendingBalance({ client, rollup: chain.rollup, owner, token }) })));
  return balances.filter(({ amount }) => amount > 0n);
}
