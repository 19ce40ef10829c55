import { privateKeyToAccount } from 'viem/accounts';

import { RollupError } from '../../base/errors.ts';
import type { Balance } from '../../chain/client/balances.ts';
import { createRollupClient, type RollupClient } from '../../chain/client/rollupClient.ts';
import { primaryOf, type ChainDeployment, type Deployment, type TestAccount, type TokenDeployment } from '../../chain/deployments.ts';

/** `operator` collects the fees; it does nothing by itself. */
export const userNames = ['alice', 'bob', 'carol', 'dave', 'operator'] as const;
export type UserName = (typeof userNames)[number];

/** Where the story plays. */
export interface StoryNetwork {
  deployment: Deployment;
  sequencerUrl: string;
  accounts: readonly TestAccount[];
}

/** The story's users and places. */
export interface Cast {
  deployment: Deployment;
  clients: Record<UserName, RollupClient>;
  /** alice with her wallet's next L2 key. */
  aliceNext: RollupClient;
  /** The primary (Linea), the secondary on a chain of its own (zkSync Era), the secondary beside the arbitrator (Ethereum). */
  linea: ChainDeployment;
  zksync: ChainDeployment;
  ethereum: ChainDeployment;
  eth: TokenDeployment;
  /** The ERC-20 on the primary. */
  tst: TokenDeployment;
}

/** @throws RollupError when the network lacks one of the users, chains or tokens that the story is about */
export function gatherCast({ deployment, sequencerUrl, accounts }: StoryNetwork): Cast {
  const clientOf = (name: UserName, keyIndex = 0): RollupClient => {
    const found = accounts.find((account) => account.name === name);
    if (!found) throw new RollupError(`The network has no account "${name}"`, { facts: { known: accounts.map((account) => account.name) }, hint: 'Run the story on a devnet.' });
    return createRollupClient({ deployment, sequencerUrl, account: privateKeyToAccount(found.privateKey), keyIndex });
  };
  const linea = primaryOf(deployment);
  const secondaries = deployment.chains.filter(({ role }) => role === 'secondary');
  const ethereum = secondaries.find(({ chainId }) => chainId === deployment.arbitratorChainId);
  const zksync = secondaries.find(({ chainId }) => chainId !== deployment.arbitratorChainId);
  if (!ethereum || !zksync) {
    throw new RollupError('The story needs a primary, a secondary on the arbitrator’s chain and one elsewhere', { facts: { chains: deployment.chains.map(({ name, role }) => `${name} ${role}`) } });
  }
  const eth = linea.tokens.find(({ token }) => token === 1);
  const tst = linea.tokens.find(({ token }) => token !== 1);
  if (!eth || !tst) throw new RollupError('The story needs a native coin and an ERC-20 on the primary', { facts: { tokens: linea.tokens.map(({ symbol }) => symbol) } });
  const clients = { alice: clientOf('alice'), bob: clientOf('bob'), carol: clientOf('carol'), dave: clientOf('dave'), operator: clientOf('operator') };
  return { deployment, clients, aliceNext: clientOf('alice', 1), linea, zksync, ethereum, eth, tst };
}

/** Every user's balance of every token on every chain, by {@link balanceKey}. */
export type Snapshot = ReadonlyMap<string, Balance & { user: UserName }>;

export function balanceKey(user: UserName, chainIndex: number, token: number): string {
  return `${user}/${chainIndex}/${token}`;
}

export async function takeSnapshot({ clients }: Pick<Cast, 'clients'>): Promise<Snapshot> {
  const rows = await Promise.all(
    userNames.map(async (user) => (await clients[user].balances()).map((balance) => [balanceKey(user, balance.chainIndex, balance.token), { ...balance, user }] as const)),
  );
  return new Map(rows.flat());
}
