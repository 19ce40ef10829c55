import {
  type Account,
  type Chain,
  type Hex,
  type HttpTransport,
  type PublicClient,
  type WalletClient,
  createNonceManager,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
} from 'viem';
import { type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts';
import { jsonRpc } from 'viem/nonce';
import { RollupError } from '../base/errors.ts';
import type { ChainDeployment, Deployment } from './deployments.ts';

export type ChainPublicClient = PublicClient<HttpTransport, Chain>;
export type ChainWalletClient = WalletClient<HttpTransport, Chain, Account>;

export interface Endpoint {
  name: string;
  /** EVM chain id. */
  chainId: number;
  rpcUrl: string;
}

/** The endpoint of the chain that the arbitrator is on. */
export function arbitratorEndpoint(deployment: Deployment): Endpoint {
  const name = deployment.chains.find(({ chainId }) => chainId === deployment.arbitratorChainId)?.name ?? 'arbitrator';
  return { name, chainId: deployment.arbitratorChainId, rpcUrl: deployment.arbitratorRpcUrl };
}

export function viemChain({ name, chainId, rpcUrl }: Endpoint): Chain {
  return defineChain({
    id: chainId,
    name,
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
}

/** Milliseconds between polls: local chains mine at once, real ones every few seconds. */
function pollingInterval(rpcUrl: string): number {
  return isOnThisMachine(rpcUrl) ? 50 : 2_000;
}

/** Whether a URL is of this machine. One with a user or a password is not: no local node asks for them, and `http://localhost:x@example.com/` is of another. */
export function isOnThisMachine(rpcUrl: string): boolean {
  if (!URL.canParse(rpcUrl)) return false;
  const { protocol, hostname, username, password } = new URL(rpcUrl);
  return (protocol === 'http:' || protocol === 'https:') && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname) && username === '' && password === '';
}

/** What of an RPC URL may be shown: providers put keys into path, query and user. */
export function originOf(rpcUrl: string): string {
  if (!URL.canParse(rpcUrl)) return 'not a URL';
  const { protocol, host } = new URL(rpcUrl);
  return `${protocol}//${host}`;
}

function transport(rpcUrl: string): HttpTransport {
  return http(rpcUrl, { retryCount: 4, retryDelay: 150, timeout: 30_000 });
}

/** Reads a chain. Failed requests are repeated a few times; nothing is cached. */
export function publicClient(endpoint: Endpoint | ChainDeployment): ChainPublicClient {
  return createPublicClient({
    chain: viemChain(endpoint),
    transport: transport(endpoint.rpcUrl),
    pollingInterval: pollingInterval(endpoint.rpcUrl),
    cacheTime: 0,
  });
}

/**
 * An account that counts its nonces itself, so that several transactions can be on their way at once. Keep one per chain and key in a
 * process: two of them do not know of each other.
 */
export function managedAccount(privateKey: Hex): PrivateKeyAccount {
  return privateKeyToAccount(privateKey, { nonceManager: createNonceManager({ source: jsonRpc() }) });
}

/** Signs and sends on a chain. */
export function walletClient({ endpoint, privateKey }: { endpoint: Endpoint | ChainDeployment; privateKey: Hex }): ChainWalletClient {
  return createWalletClient({
    account: managedAccount(privateKey),
    chain: viemChain(endpoint),
    transport: transport(endpoint.rpcUrl),
    pollingInterval: pollingInterval(endpoint.rpcUrl),
    cacheTime: 0,
  });
}

/** @throws RollupError when another chain than the expected one, or nothing, answers */
export async function assertChainId(endpoint: Endpoint | ChainDeployment): Promise<void> {
  const { name, chainId, rpcUrl } = endpoint;
  let actual: number;
  try {
    actual = await publicClient(endpoint).getChainId();
  } catch (cause) {
    throw new RollupError(`Chain ${name} does not answer`, { facts: { rpc: originOf(rpcUrl) }, hint: 'Start a devnet with `npm run devnet` or correct the URL.', cause });
  }
  if (actual !== chainId) {
    throw new RollupError(`Another chain than ${name} answers`, { facts: { rpc: originOf(rpcUrl), expected: chainId, actual }, hint: 'Correct the URL in the deployment description.' });
  }
}
