import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, parseAbi } from 'viem';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { arbitratorEndpoint, type ChainPublicClient, publicClient } from '../chain/clients.ts';
import type { ChainDeployment, Deployment, DevnetNetwork } from '../chain/deployments.ts';
import { buildContracts } from './deploy.ts';
import { SYSTEM_CONTRACTS } from './systemContracts.ts';

/** What a contract is called, where the ABI of that name is to be found in its artifact. */
const routerAbi = parseAbi(['function assetRouter() view returns (address)', 'function nativeTokenVault() view returns (address)', 'function L1_NULLIFIER() view returns (address)']);

/** The chains of a devnet with every contract on them, for clients that know nothing of the rollup. */
export async function describeNetworks({ deployment, logs }: { deployment: Deployment; logs: Readonly<Record<string, string>> }): Promise<Record<string, DevnetNetwork>> {
  const l1 = publicClient(arbitratorEndpoint(deployment));
  const ethereum = network(arbitratorEndpoint(deployment), logs);
  const networks: Record<string, DevnetNetwork> = { [l1.chain.name]: ethereum };
  ethereum.contracts['Arbitrator'] = deployment.arbitrator;
  for (const chain of deployment.chains) {
    const here = (networks[chain.name] ??= network(chain, logs));
    here.contracts[chain.role === 'primary' ? 'PrimaryRollup' : 'SecondaryRollup'] = chain.rollup;
    here.contracts['Verifier'] = chain.verifier;
    for (const { symbol, address, token } of chain.tokens) {
      here.tokens[symbol] = address;
      if (token !== 1) here.contracts['TestToken'] = address;
    }
    Object.assign(here.contracts, servicesOf(chain).here);
    Object.assign(ethereum.contracts, servicesOf(chain).onEthereum, await bridgesOf(chain, l1));
  }
  return networks;
}

function network({ name, chainId, rpcUrl }: { name: string; chainId: number; rpcUrl: string }, logs: Readonly<Record<string, string>>): DevnetNetwork {
  return { chainId, rpcUrl, webSocketUrl: rpcUrl.replace(/^http/, 'ws'), log: logs[name] ?? '', contracts: {}, tokens: {} };
}

function servicesOf({ messageService: service, gateway, l1Gateway }: ChainDeployment): { here: Record<string, Address>; onEthereum: Record<string, Address> } {
  if (service.kind === 'linea') return { here: { LineaL2Gateway: gateway, L2MessageService: service.l2Service }, onEthereum: { LineaL1Gateway: l1Gateway, LineaRollup: service.l1Service } };
  if (service.kind === 'direct') return { here: { DirectGateway: gateway }, onEthereum: {} };
  return { here: { ZkSyncL2Gateway: gateway, L1Messenger: service.l1Messenger, ...SYSTEM_CONTRACTS }, onEthereum: { ZkSyncL1Gateway: l1Gateway, Bridgehub: service.bridgehub, ZkSyncChain: service.diamond } };
}

async function bridgesOf({ messageService }: ChainDeployment, l1: ChainPublicClient): Promise<Record<string, Address>> {
  if (messageService.kind !== 'zksync') return {};
  const abi = routerAbi;
  const L1AssetRouter = await l1.readContract({ abi, address: messageService.bridgehub, functionName: 'assetRouter' });
  const [L1NativeTokenVault, L1Nullifier] = await Promise.all([
    l1.readContract({ abi, address: L1AssetRouter, functionName: 'nativeTokenVault' }),
    l1.readContract({ abi, address: L1AssetRouter, functionName: 'L1_NULLIFIER' }),
  ]);
  return { L1AssetRouter, L1NativeTokenVault, L1Nullifier };
}

/**
 * Writes the ABI of every contract of the networks into a folder.
 * @returns the file of each, by name
 */
export async function writeAbis({ networks, folder }: { networks: Readonly<Record<string, DevnetNetwork>>; folder: string }): Promise<Record<string, string>> {
  const names = [...new Set(Object.values(networks).flatMap(({ contracts }) => Object.keys(contracts)))].sort();
  const artifact = (name: string): string => join(paths.forgeOut, `${name}.sol`, `${name}.json`);
  // The chains may come from a stored state, for which nothing had to be built.
  if (!names.every((name) => existsSync(artifact(name)))) await buildContracts();
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    names.map((name) => {
      if (!existsSync(artifact(name))) throw new RollupError(`The contract ${name} has no ABI`, { facts: { expected: artifact(name) }, hint: 'Run `npm run build`.' });
      const { abi } = JSON.parse(readFileSync(artifact(name), 'utf8')) as { abi: unknown };
      const file = join(folder, `${name}.json`);
      writeFileSync(file, `${JSON.stringify(abi, undefined, 1)}\n`);
      return [name, file];
    }),
  );
}
