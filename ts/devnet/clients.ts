import { createPublicClient, createTestClient, createWalletClient, defineChain, http, type PrivateKeyAccount } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
// Not from 'viem/chains', which loads the definitions of all chains there are: a third of a devnet's start.
import { linea as lineaMainnet } from 'viem/linea';
import { eip712WalletActions, publicActionsL1, publicActionsL2, walletActionsL1, walletActionsL2, zksync as zksyncMainnet } from 'viem/zksync';
import { RollupError } from '../base/errors.ts';
import type { DevnetNetwork, TestAccount } from '../chain/deployments.ts';

export interface DevnetClientsParameters {
  networks: Readonly<Record<string, DevnetNetwork>>;
  accounts: readonly TestAccount[];
}

/** Milliseconds: local chains mine at once. */
const LOCAL = { pollingInterval: 50, cacheTime: 0 } as const;

export type DevnetClients = ReturnType<typeof devnetClients>;

/**
 * viem's clients for the three chains of a devnet, as an app would make them: `public` reads, `wallet(name)` signs as one of the users, `test` has
 * anvil's methods. Ethereum and zkSync have viem's zkSync actions.
 */
export function devnetClients({ networks, accounts }: DevnetClientsParameters) {
  const networkOf = (name: string): DevnetNetwork => {
    const found = networks[name];
    if (found === undefined) throw new RollupError(`The devnet has no chain "${name}"`, { facts: { expected: Object.keys(networks).join(', '), actual: name } });
    return found;
  };
  const account = (name: string): PrivateKeyAccount => {
    const found = accounts.find((candidate) => candidate.name === name);
    if (found === undefined) throw new RollupError(`The devnet has no account "${name}"`, { facts: { expected: accounts.map((known) => known.name).join(', '), actual: name } });
    return privateKeyToAccount(found.privateKey);
  };
  const urls = ({ rpcUrl, webSocketUrl }: DevnetNetwork) => ({ default: { http: [rpcUrl], webSocket: [webSocketUrl] } });
  const ethereumNetwork = networkOf('ethereum');
  const lineaNetwork = networkOf('linea');
  const zksyncNetwork = networkOf('zksync');
  const ethereum = defineChain({ id: ethereumNetwork.chainId, name: 'ethereum', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: urls(ethereumNetwork) });
  const linea = defineChain({ ...lineaMainnet, id: lineaNetwork.chainId, name: 'linea', rpcUrls: urls(lineaNetwork), contracts: {} });
  const zksync = defineChain({ ...zksyncMainnet, id: zksyncNetwork.chainId, name: 'zksync', rpcUrls: urls(zksyncNetwork), contracts: {} });
  const transport = http();
  return {
    ethereum: {
      chain: ethereum,
      public: createPublicClient({ chain: ethereum, transport, ...LOCAL }).extend(publicActionsL1()),
      wallet: (name: string) => createWalletClient({ account: account(name), chain: ethereum, transport, ...LOCAL }).extend(walletActionsL1()),
      test: createTestClient({ mode: 'anvil', chain: ethereum, transport, ...LOCAL }),
    },
    linea: {
      chain: linea,
      public: createPublicClient({ chain: linea, transport, ...LOCAL }),
      wallet: (name: string) => createWalletClient({ account: account(name), chain: linea, transport, ...LOCAL }),
      test: createTestClient({ mode: 'anvil', chain: linea, transport, ...LOCAL }),
    },
    zksync: {
      chain: zksync,
      public: createPublicClient({ chain: zksync, transport, ...LOCAL }).extend(publicActionsL2()),
      wallet: (name: string) => createWalletClient({ account: account(name), chain: zksync, transport, ...LOCAL }).extend(walletActionsL2()).extend(eip712WalletActions()),
      test: createTestClient({ mode: 'anvil', chain: zksync, transport, ...LOCAL }),
    },
  };
}
