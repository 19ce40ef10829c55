import type { Address } from 'viem';

import { getPendingBalance } from '../../chain/actions/getPendingBalance.ts';
import { getPriorityQueue } from '../../chain/actions/getPriorityQueue.ts';
import { getTokenBalance } from '../../chain/actions/getTokenBalance.ts';
import { formatAmount } from '../../chain/client/amount.ts';
import type { LeafRecord, SequencerApi } from '../../chain/client/sequencerApi.ts';
import { publicClient, type ChainPublicClient } from '../../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { secondaryRollupAbi } from '../../chain/generated/abi.ts';
import { formatTable } from '../output.ts';
import type { Check } from './ledger.ts';

/** What one contract holds of one token, and to whom it belongs; in the token's smallest unit. */
export interface Custody {
  chain: string;
  symbol: string;
  decimals: number;
  contract: bigint;
  /** In account leaves. */
  leaves: bigint;
  /** In pools. */
  reserves: bigint;
  pending: bigint;
  /** Deposits that wait. */
  queued: bigint;
  /** Of full exit requests that wait. */
  bonds: bigint;
}

/** Bonds are paid in it. */
export const nativeToken = 1;

/** Empty leaves in a row after which a tree is taken to be at its end: leaves are given out in order. */
const emptyRun = 8;

export interface ReadCustodyParameters {
  api: SequencerApi;
  deployment: Deployment;
}

/**
 * For every chain and token: contract balance, and everything that it must cover. Leaves are the sequencer's word (its newest block), the
 * rest is the chain's; the sums are only meant to be equal when every block is executed.
 */
export async function readCustody({ api, deployment }: ReadCustodyParameters): Promise<Custody[]> {
  const pools = (await api.getPools()).flat();
  const chains = deployment.chains.map(async (chain) => {
    const client = publicClient(chain);
    const isPool = ({ leafIndex }: LeafRecord): boolean => pools.some((half) => half.chainIndex === chain.chainIndex && half.leafIndex === leafIndex);
    const [leaves, pending, { deposits, bonds }] = await Promise.all([readLeaves(api, chain.chainIndex), readPending(client, chain), readQueue(client, chain)]);
    return await Promise.all(
      chain.tokens.map(
        async ({ token, symbol, decimals, address }): Promise<Custody> => ({
          chain: chain.name,
          symbol,
          decimals,
          contract: await getTokenBalance({ client, tokenAddress: address, holder: chain.rollup }),
          leaves: sum(leaves.filter((leaf) => leaf.token === token && !isPool(leaf)).map(({ balance }) => balance)),
          reserves: sum(leaves.filter((leaf) => leaf.token === token && isPool(leaf)).map(({ balance }) => balance)),
          pending: sum(pending.filter((item) => item.token === token).map(({ amount }) => amount)),
          queued: sum(deposits.filter((item) => item.token === token).map(({ amount }) => amount)),
          bonds: token === nativeToken ? bonds : 0n,
        }),
      ),
    );
  });
  return (await Promise.all(chains)).flat();
}

async function readLeaves(api: SequencerApi, chainIndex: number): Promise<LeafRecord[]> {
  const leaves: LeafRecord[] = [];
  for (let leafIndex = 0, empty = 0; empty < emptyRun; leafIndex += 1) {
    const leaf = await api.getLeaf(chainIndex, leafIndex);
    empty = leaf === undefined ? empty + 1 : 0;
    if (leaf !== undefined) leaves.push(leaf);
  }
  return leaves;
}

interface Owed {
  token: number;
  amount: bigint;
}

/** Every owner that ever had a pending balance is in an event; what is pending now is the contract's word. */
async function readPending(client: ChainPublicClient, { rollup, deployedAtBlock }: ChainDeployment): Promise<Owed[]> {
  const events = await client.getContractEvents({ address: rollup, abi: secondaryRollupAbi, eventName: 'BalancePending', strict: true, fromBlock: BigInt(deployedAtBlock) });
  const owners = new Map(events.map(({ args: { owner, token } }): [string, { owner: Address; token: number }] => [`${owner}/${token}`, { owner, token }]));
  return await Promise.all([...owners.values()].map(async ({ owner, token }) => ({ token, amount: await getPendingBalance({ client, rollup, owner, token }) })));
}

/** A request that is neither executed nor refunded. */
export type OpenRequest = { requestId: bigint; owner: bigint } & ({ type: 'deposit'; token: number; amount: bigint } | { type: 'fullExit'; leafIndex: number; least: bigint });

/** By the chain's events and what its queue still has. */
export async function readOpenRequests(client: ChainPublicClient, { rollup, deployedAtBlock }: ChainDeployment): Promise<OpenRequest[]> {
  const [logs, { nextToExecute }] = await Promise.all([
    client.getContractEvents({ address: rollup, abi: secondaryRollupAbi, strict: true, fromBlock: BigInt(deployedAtBlock) }),
    getPriorityQueue({ client, rollup }),
  ]);
  const requests = logs.flatMap((log) => (log.eventName === 'DepositRequested' || log.eventName === 'FullExitRequested' ? [log] : []));
  const open = requests.map(async (log): Promise<OpenRequest[]> => {
    const { requestId, owner: address } = log.args;
    if (requestId < nextToExecute) return [];
    const [, expiresAt] = await client.readContract({ address: rollup, abi: secondaryRollupAbi, functionName: 'priorityRequest', args: [requestId] });
    if (expiresAt === 0) return [];
    const owner = BigInt(address);
    return log.eventName === 'DepositRequested'
      ? [{ type: 'deposit', requestId, owner, token: log.args.token, amount: log.args.amount }]
      : [{ type: 'fullExit', requestId, owner, leafIndex: log.args.leafIndex, least: log.args.least }];
  });
  return (await Promise.all(open)).flat();
}

/** Deposits that wait, and bonds of full exit requests that wait (wei). */
async function readQueue(client: ChainPublicClient, chain: ChainDeployment): Promise<{ deposits: Owed[]; bonds: bigint }> {
  const [open, bond] = await Promise.all([readOpenRequests(client, chain), client.readContract({ address: chain.rollup, abi: secondaryRollupAbi, functionName: 'exitBond' })]);
  return { deposits: open.flatMap((request) => (request.type === 'deposit' ? [request] : [])), bonds: bond * BigInt(open.filter(({ type }) => type === 'fullExit').length) };
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

export function checkCustody(custody: readonly Custody[]): Check[] {
  return custody.map(({ chain, symbol, decimals, contract, leaves, reserves, pending, queued, bonds }) => {
    const owed = leaves + reserves + pending + queued + bonds;
    return { what: `${chain}: ${symbol} in the contract = leaves + reserves + pending + queued + bonds`, expected: formatAmount(owed, decimals), actual: formatAmount(contract, decimals), ok: contract === owed };
  });
}

export function custodyTable(custody: readonly Custody[]): string[] {
  const columns = [{ title: 'chain' }, { title: 'token' }, ...['contract', 'leaves', 'reserves', 'pending', 'queued', 'bonds'].map((title) => ({ title, align: 'right' as const }))];
  const rows = custody.map(({ chain, symbol, decimals, ...amounts }) => [
    chain,
    symbol,
    ...[amounts.contract, amounts.leaves, amounts.reserves, amounts.pending, amounts.queued, amounts.bonds].map((amount) => formatAmount(amount, decimals)),
  ]);
  return formatTable({ columns, rows, groupBy: 1 });
}
