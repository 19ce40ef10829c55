import { getPendingBalance } from '../../chain/actions/getPendingBalance.ts';
import { getTokenBalance } from '../../chain/actions/getTokenBalance.ts';
import { publicClient } from '../../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { secondaryRollupAbi } from '../../chain/generated/abi.ts';
import { isShareToken, poolOfShares } from '../../spec/leg.ts';
import type { LedgerState } from '../../state/ledger.ts';
import type { ReplayedBlock } from './calldata.ts';
import { userNames, type Cast, type UserName } from './cast.ts';
import { nativeToken, readOpenRequests } from './custody.ts';

/*
 * What everybody is owed when the operator is gone, worked out from the primary's calldata and the chains, apart from the code that the
 * command line leaves with.
 */

/** What one user has, and is owed, of one token on one chain; in the token's smallest unit. */
export interface Entitlement {
  user: UserName;
  chainIndex: number;
  token: number;
  /** On the chain itself, when the operator disappears. */
  wallet: bigint;
  /** In leaves of coins, at the last confirmed block. */
  coins: bigint;
  /** What leaves of shares stand for then. */
  shares: bigint;
  /** What the contract owed already. */
  pending: bigint;
  /** What confirmed blocks pay that the chain has not executed, bonds included. */
  payouts: bigint;
  /** Deposits that no confirmed block uses. */
  deposits: bigint;
  /** Of full exit requests that no confirmed block uses. */
  bonds: bigint;
}

/** What a contract holds of a token when the operator disappears, and how much of it is nobody's. */
export interface Unowned {
  chainIndex: number;
  token: number;
  contract: bigint;
  /** What no share of a pool stands for: locked shares and roundings. */
  unowned: bigint;
}

export interface ReadEntitlementsParameters {
  cast: Cast;
  /** Every block up to the last confirmed one. */
  replayed: readonly ReplayedBlock[];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** Everything that a user is owed, whatever its form. */
export function owedOf({ coins, shares, pending, payouts, deposits, bonds }: Entitlement): bigint {
  return coins + shares + pending + payouts + deposits + bonds;
}

/** To be read when nothing moves any more: the sequencer is gone, and nobody has begun to leave. */
export async function readEntitlements({ cast, replayed }: ReadEntitlementsParameters): Promise<{ entitlements: Entitlement[]; unowned: Unowned[] }> {
  const { deployment } = cast;
  const state = replayed.at(-1)?.after;
  const chains = await Promise.all(deployment.chains.map(async (chain) => await readChain({ cast, chain, state, replayed })));
  return { entitlements: chains.flatMap(({ entitlements }) => entitlements), unowned: chains.flatMap(({ unowned }) => unowned) };
}

async function readChain({ cast, chain, state, replayed }: { cast: Cast; chain: ChainDeployment; state: LedgerState | undefined } & Pick<ReadEntitlementsParameters, 'replayed'>): Promise<{
  entitlements: Entitlement[];
  unowned: Unowned[];
}> {
  const { chainIndex, rollup } = chain;
  const client = publicClient(chain);
  const contract = { address: rollup, abi: secondaryRollupAbi } as const;
  const [executed, exitBond, open] = await Promise.all([
    client.readContract({ ...contract, functionName: 'totalBlocksExecuted' }),
    client.readContract({ ...contract, functionName: 'exitBond' }),
    readOpenRequests(client, chain),
  ]);
  // Requests that confirmed blocks use wait on a chain that has not executed them; their money is counted as leaf or payout.
  const used = requestsUsed(replayed, chainIndex);
  const waiting = open.filter(({ requestId }) => requestId >= used);
  const worth = state === undefined ? [] : worthOfLeaves(state, chainIndex);
  const payouts = replayed.filter(({ blockNumber }) => blockNumber > executed).flatMap((block) => payoutsOf(block, chainIndex, exitBond));
  const rows = userNames.flatMap((user) =>
    chain.tokens.map(async ({ token, address }): Promise<Entitlement> => {
      const owner = cast.clients[user].account.address;
      const isOwn = (item: { owner: bigint; token: number }): boolean => item.owner === BigInt(owner) && item.token === token;
      const amounts = (items: readonly { owner: bigint; token: number; amount: bigint }[]): bigint => sum(items.filter(isOwn).map(({ amount }) => amount));
      const [wallet, pending] = await Promise.all([getTokenBalance({ client, tokenAddress: address, holder: owner }), getPendingBalance({ client, rollup, owner, token })]);
      return {
        user, chainIndex, token, wallet, pending,
        coins: amounts(worth.filter(({ ofShares }) => !ofShares)),
        shares: amounts(worth.filter(({ ofShares }) => ofShares)),
        payouts: amounts(payouts),
        deposits: amounts(waiting.flatMap((request) => (request.type === 'deposit' ? [request] : []))),
        bonds: token === nativeToken ? BigInt(waiting.filter(({ type, owner: asker }) => type === 'fullExit' && asker === BigInt(owner)).length) * exitBond : 0n,
      };
    }),
  );
  const unowned = chain.tokens.map(async ({ token, address }): Promise<Unowned> => {
    const reserves = state === undefined ? [] : state.chain(chainIndex).pools().filter((pool) => Number(pool.token) === token).map(({ reserve }) => reserve);
    const ofShares = worth.filter((leaf) => leaf.ofShares && leaf.token === token).map(({ amount }) => amount);
    return { chainIndex, token, contract: await getTokenBalance({ client, tokenAddress: address, holder: rollup }), unowned: sum(reserves) - sum(ofShares) };
  });
  return { entitlements: await Promise.all(rows), unowned: await Promise.all(unowned) };
}

export interface LeafWorth {
  owner: bigint;
  token: number;
  amount: bigint;
  ofShares: boolean;
}

/** Each account leaf as coins: a leaf of shares as what they stand for, rounded down. */
export function worthOfLeaves(state: LedgerState, chainIndex: number): LeafWorth[] {
  const chain = state.chain(chainIndex);
  return chain.entries().flatMap(({ leafIndex, leaf: { owner, token, balance } }): LeafWorth[] => {
    if (chain.pool(leafIndex) !== null) return [];
    if (!isShareToken(token)) return [{ owner, token: Number(token), amount: balance, ofShares: false }];
    const pool = chain.pool(poolOfShares(token));
    return pool === null ? [] : [{ owner, token: Number(pool.token), amount: (balance * pool.reserve) / pool.totalShares, ofShares: true }];
  });
}

/** How many requests of a chain the blocks use. */
export function requestsUsed(replayed: readonly Pick<ReplayedBlock, 'operations'>[], chainIndex: number): bigint {
  return BigInt(replayed.flatMap(({ operations }) => operations[chainIndex] ?? []).filter(({ type }) => type === 'deposit' || type === 'fullExit').length);
}

/** What the execution of a block credits on a chain. */
export function payoutsOf({ operations }: Pick<ReplayedBlock, 'operations'>, chainIndex: number, exitBond: bigint): { owner: bigint; token: number; amount: bigint }[] {
  return (operations[chainIndex] ?? []).flatMap((operation) => {
    if (operation.type === 'withdraw') return [{ owner: operation.to, token: Number(operation.token), amount: operation.amount }];
    if (operation.type !== 'fullExit' || operation.amount === 0n) return [];
    return [
      { owner: operation.owner, token: Number(operation.token), amount: operation.amount },
      { owner: operation.owner, token: nativeToken, amount: exitBond },
    ];
  });
}

/** Blocks of every chain from which on gas is counted, by chain index. */
export async function readHeads(deployment: Deployment): Promise<bigint[]> {
  return await Promise.all(deployment.chains.map(async (chain) => await publicClient(chain).getBlockNumber()));
}

/** What each user's own transactions after the given blocks cost in native coin on each chain: gas, and coins that they brought. */
export async function readCosts({ cast, heads }: { cast: Cast; heads: readonly bigint[] }): Promise<{ user: UserName; chainIndex: number; cost: bigint; transactions: number }[]> {
  const chains = cast.deployment.chains.map(async (chain) => {
    const client = publicClient(chain);
    const last = await client.getBlockNumber();
    const costs = userNames.map((user) => ({ user, chainIndex: chain.chainIndex, cost: 0n, transactions: 0 }));
    for (let blockNumber = (heads[chain.chainIndex] ?? 0n) + 1n; blockNumber <= last; blockNumber++) {
      const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true });
      for (const { from, hash, value } of transactions) {
        const row = costs.find(({ user }) => cast.clients[user].account.address.toLowerCase() === from.toLowerCase());
        if (row === undefined) continue;
        const { gasUsed, effectiveGasPrice, status } = await client.getTransactionReceipt({ hash });
        row.cost += gasUsed * effectiveGasPrice + (status === 'success' ? value : 0n);
        row.transactions += 1;
      }
    }
    return costs;
  });
  return (await Promise.all(chains)).flat();
}
