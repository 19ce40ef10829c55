import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Provider, Wallet } from 'zksync-ethers';
import { type ChainDeployment, chainOfDeployment } from '../../chain/deployments.ts';
import { testAccount, type TestAccountName } from '../../devnet/accounts.ts';
import { type Devnet, startDevnet, type StartDevnetOptions } from '../../devnet/devnet.ts';

// The clients are CommonJS packages; their ethers is the CommonJS one, whose classes are others than those of an import.
export const { ethers } = createRequire(import.meta.url)('ethers') as typeof import('ethers', { with: { 'resolution-mode': 'require' } });

type EthereumProvider = InstanceType<typeof ethers.JsonRpcProvider>;
type ZkSyncService = Extract<ChainDeployment['messageService'], { kind: 'zksync' }>;
type LineaService = Extract<ChainDeployment['messageService'], { kind: 'linea' }>;

/** A devnet without sequencer, and what unmodified clients need of it: URLs and funded keys. */
export interface ClientWorld {
  devnet: Devnet;
  ethereum: ChainDeployment;
  zksync: ChainDeployment & { messageService: ZkSyncService };
  linea: ChainDeployment & { messageService: LineaService };
  l1: EthereumProvider;
  /** Of zksync-ethers. */
  l2: Provider;
  wallet(name: TestAccountName): Wallet;
  stop(): Promise<void>;
}

export async function startClientWorld(options: Pick<StartDevnetOptions, 'chainIds' | 'relayers'> = {}): Promise<ClientWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  const devnet = await startDevnet({ sequencer: false, folder, ...options });
  const chain = (name: string): ChainDeployment => chainOfDeployment(devnet.deployment, name);
  const zksync = chain('zksync');
  const linea = chain('linea');
  if (zksync.messageService.kind !== 'zksync' || linea.messageService.kind !== 'linea') throw new Error('The chains of the devnet have other services');
  const l1 = new ethers.JsonRpcProvider(devnet.deployment.arbitratorRpcUrl, undefined, { cacheTimeout: -1, pollingInterval: 50 });
  const l2 = new Provider(zksync.rpcUrl);
  l2.pollingInterval = 50;
  return {
    devnet,
    ethereum: chain('ethereum'),
    zksync: { ...zksync, messageService: zksync.messageService },
    linea: { ...linea, messageService: linea.messageService },
    l1,
    l2,
    wallet: (name) => new Wallet(testAccount(name).privateKey, l2, l1),
    async stop() {
      l1.destroy();
      l2.destroy();
      await devnet.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
