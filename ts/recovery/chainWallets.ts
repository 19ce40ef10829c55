import { createWalletClient, http, type Address, type LocalAccount } from 'viem';
import type { WriteParameters } from '../chain/actions/types.ts';
import { arbitratorEndpoint, publicClient, viemChain, type ChainPublicClient, type ChainWalletClient, type Endpoint } from '../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';

interface ChainClients {
  client: ChainPublicClient;
  wallet: ChainWalletClient;
}

/** One account's wallets on every chain of a rollup, for what needs chains only. In exit mode whoever it is only pays the gas: no step is anybody's privilege. */
export class ChainWallets {
  readonly account: LocalAccount;
  readonly #deployment: Deployment;

  constructor({ deployment, account }: { deployment: Deployment; account: LocalAccount }) {
    this.#deployment = deployment;
    this.account = account;
  }

  /** Client and wallet of a chain's rollup. */
  of(chain: ChainDeployment): WriteParameters {
    return { ...this.#on(chain), rollup: chain.rollup };
  }

  /** Client and wallet of the arbitrator. */
  ofArbitrator(): ChainClients & { arbitrator: Address } {
    return { ...this.#on(arbitratorEndpoint(this.#deployment)), arbitrator: this.#deployment.arbitrator };
  }

  #on(endpoint: Endpoint): ChainClients {
    const client = publicClient(endpoint);
    const wallet = createWalletClient({ account: this.account, chain: viemChain(endpoint), transport: http(endpoint.rpcUrl), pollingInterval: client.pollingInterval, cacheTime: 0 });
    return { client, wallet };
  }
}
