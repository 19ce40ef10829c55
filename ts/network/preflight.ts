import { type Address, erc20Abi, formatEther, isAddressEqual, parseAbi } from 'viem';
import { firstLine, RollupError } from '../base/errors.ts';
import { type ChainPublicClient, type Endpoint, publicClient } from '../chain/clients.ts';
import { l2MessageServiceAbi, lineaRollupAbi } from '../chain/generated/abi.ts';
import { hasCode } from '../chain/lookups.ts';
import { type NetworkChain, type NetworkFile, networksOfFile } from './networkFile.ts';

/** What a network has, as its RPC says. */
export interface NetworkReport extends Omit<Endpoint, 'rpcUrl'> {
  /** Newest block. */
  block: bigint;
  deployer: Address;
  /** Of the deployer, wei. */
  balance: bigint;
  /** Wei. */
  gasPrice: bigint;
}

/** Contracts are made by this factory, so that their addresses do not depend on the deployer's nonces. forge uses the same. */
export const CREATE2_FACTORY: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';

const hubAbi = parseAbi(['function getHyperchain(uint256 chainId) view returns (address)']);

/**
 * Looks at every network before anything is sent: that the right chain answers, that message services, tokens and the CREATE2 factory have code,
 * that zkSync's services know each other and Linea's are what they should be, that tokens are those of the file, that the deployer has coins.
 * @throws RollupError with everything that is not as it should be
 */
export async function checkNetworks({ network, deployer }: { network: NetworkFile; deployer: Address }): Promise<NetworkReport[]> {
  const reports: NetworkReport[] = [];
  const problems: Record<string, string> = {};
  await Promise.all(
    networksOfFile(network).map(async (endpoint, i) => {
      const found: string[] = [];
      try {
        const report = await look(network, endpoint, deployer, found);
        if (report !== undefined) reports[i] = report;
      } catch (error) {
        found.push(`its RPC does not answer: ${firstLine(error)}`);
      }
      if (found.length > 0) problems[endpoint.name] = found.join('; ');
    }),
  );
  if (Object.keys(problems).length === 0) return reports;
  throw new RollupError('The networks are not ready for a deployment', { facts: { file: network.path, ...problems }, hint: 'Correct the network file or the RPC URLs; nothing was sent.' });
}

async function look(network: NetworkFile, endpoint: Endpoint, deployer: Address, found: string[]): Promise<NetworkReport | undefined> {
  const client = publicClient(endpoint);
  const actual = await client.getChainId();
  if (actual !== endpoint.chainId) {
    found.push(`chain id: expected ${endpoint.chainId}, got ${actual}`);
    return undefined;
  }
  for (const [what, address] of contractsOn(network, endpoint.chainId)) {
    if (!(await hasCode(client, address))) found.push(`no code at ${what} ${address}`);
  }
  for (const chain of network.chains) {
    if (endpoint.chainId === network.arbitrator.chainId) {
      await checkHub(client, chain, found);
      await checkLineaService(client, chain, 'l1Service', found);
    }
    if (chain.chainId !== endpoint.chainId) continue;
    await checkZkSyncNode(client, chain, found);
    await checkLineaService(client, chain, 'l2Service', found);
    await checkTokens(client, chain, found);
  }
  const [block, balance, gasPrice] = await Promise.all([client.getBlockNumber(), client.getBalance({ address: deployer }), client.getGasPrice()]);
  if (balance === 0n) found.push(`the deployer ${deployer} has no coins`);
  return { name: endpoint.name, chainId: endpoint.chainId, block, deployer, balance, gasPrice };
}

/** What has to be there, with what it is. */
function contractsOn(network: NetworkFile, chainId: number): [string, Address][] {
  const contracts: [string, Address][] = [['the CREATE2 factory', CREATE2_FACTORY]];
  for (const { name, chainId: own, messageService: service, tokens } of network.chains) {
    if (service.kind === 'linea') {
      if (chainId === network.arbitrator.chainId) contracts.push([`l1Service of ${name}`, service.l1Service]);
      if (chainId === own) contracts.push([`l2Service of ${name}`, service.l2Service]);
    }
    if (service.kind === 'zksync') {
      if (chainId === network.arbitrator.chainId) contracts.push([`bridgehub of ${name}`, service.bridgehub], [`diamond of ${name}`, service.diamond]);
      if (chainId === own) contracts.push([`l1Messenger of ${name}`, service.l1Messenger]);
    }
    if (chainId === own) contracts.push(...tokens.map(({ symbol, address }): [string, Address] => [`token ${symbol}`, address]));
  }
  return contracts;
}

/** The Bridgehub must know the chain by the diamond of the file. */
async function checkHub(client: ChainPublicClient, { name, chainId, messageService: service }: NetworkChain, found: string[]): Promise<void> {
  if (service.kind !== 'zksync') return;
  try {
    const diamond = await client.readContract({ address: service.bridgehub, abi: hubAbi, functionName: 'getHyperchain', args: [BigInt(chainId)] });
    if (!isAddressEqual(diamond, service.diamond)) found.push(`diamond of ${name}: expected ${service.diamond}, the Bridgehub says ${diamond}`);
  } catch (error) {
    found.push(`bridgehub of ${name} does not answer as one: ${firstLine(error)}`);
  }
}

/** The proofs of messages come from the node itself, so it must be zkSync's and of the same ecosystem. */
async function checkZkSyncNode(client: ChainPublicClient, { name, messageService: service }: NetworkChain, found: string[]): Promise<void> {
  if (service.kind !== 'zksync') return;
  try {
    const hub = (await client.request({ method: 'zks_getBridgehubContract', params: [] } as never)) as Address;
    if (!isAddressEqual(hub, service.bridgehub)) found.push(`bridgehub of ${name}: expected ${service.bridgehub}, its node says ${hub}`);
  } catch (error) {
    found.push(`the RPC of ${name} is not that of a zkSync node (zks_getBridgehubContract): ${firstLine(error)}`);
  }
}

/** Linea's services do not name each other; that each is what it should be they show by what only that one answers. */
async function checkLineaService(client: ChainPublicClient, { name, messageService: service }: NetworkChain, which: 'l1Service' | 'l2Service', found: string[]): Promise<void> {
  if (service.kind !== 'linea') return;
  const address = service[which];
  // It has been noted that there is none.
  if (!(await hasCode(client, address))) return;
  try {
    const version = await client.readContract({ address, abi: lineaRollupAbi, functionName: 'CONTRACT_VERSION' });
    if (version === '') throw new RollupError('CONTRACT_VERSION is empty');
    if (which === 'l1Service') await client.readContract({ address, abi: lineaRollupAbi, functionName: 'currentL2BlockNumber' });
    else for (const functionName of ['minimumFeeInWei', 'lastAnchoredL1MessageNumber'] as const) await client.readContract({ address, abi: l2MessageServiceAbi, functionName });
  } catch (error) {
    found.push(`${which} of ${name} ${address} does not answer as Linea's ${which === 'l1Service' ? 'LineaRollup' : 'L2MessageService'}: ${firstLine(error)}`);
  }
}

/** Amounts are shown by the file's decimals, under the file's symbol. */
async function checkTokens(client: ChainPublicClient, { tokens }: NetworkChain, found: string[]): Promise<void> {
  for (const { symbol, decimals, address } of tokens) {
    if (!(await hasCode(client, address))) continue;
    try {
      const [actualSymbol, actualDecimals] = await Promise.all([client.readContract({ address, abi: erc20Abi, functionName: 'symbol' }), client.readContract({ address, abi: erc20Abi, functionName: 'decimals' })]);
      if (actualSymbol !== symbol) found.push(`symbol of the token ${address}: expected ${symbol}, got ${actualSymbol}`);
      if (actualDecimals !== decimals) found.push(`decimals of the token ${symbol} ${address}: expected ${decimals}, got ${actualDecimals}`);
    } catch (error) {
      found.push(`token ${symbol} ${address} does not say its symbol and decimals: ${firstLine(error)}`);
    }
  }
}

/** What a network's transactions cost, against what the deployer has. */
export interface Affordability {
  name: string;
  /** Wei, at today's gas price. */
  cost: bigint;
  balance: bigint;
}

/** @returns gas, and wei at that price */
export function costOf(transactions: readonly { gas: bigint; value: bigint }[], gasPrice: bigint): { gas: bigint; cost: bigint } {
  const gas = transactions.reduce((sum, transaction) => sum + transaction.gas, 0n);
  return { gas, cost: gas * gasPrice + transactions.reduce((sum, { value }) => sum + value, 0n) };
}

/** @throws RollupError that names the networks on which the deployer has too little */
export function assertAffordable(networks: readonly Affordability[]): void {
  const poor = networks.filter(({ cost, balance }) => balance < cost);
  if (poor.length === 0) return;
  const facts = Object.fromEntries(poor.map(({ name, cost, balance }) => [name, `expected about ${formatEther(cost)}, has ${formatEther(balance)}`]));
  throw new RollupError('The deployer has too few coins', { facts, hint: 'Send it some on these networks and try again; nothing was sent.' });
}
