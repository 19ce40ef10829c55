import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Address, isAddress } from 'viem';
import { RollupError } from '../base/errors.ts';
import { parse, stringify } from '../base/json.ts';
import { paths } from '../base/paths.ts';

/** Where one rollup lives: what the deployment scripts leave behind and every client, sequencer and relayer starts from. */
export interface Deployment {
  name: string;
  deploymentId: bigint;
  arbitratorChainId: number;
  arbitratorRpcUrl: string;
  arbitrator: Address;
  /** In order of chain index. */
  chains: ChainDeployment[];
}

export interface ChainDeployment {
  chainIndex: number;
  name: string;
  /** EVM chain id. */
  chainId: number;
  /** In a file `$NAME` for the environment variable NAME; loading puts its value here. */
  rpcUrl: string;
  role: 'primary' | 'secondary';
  rollup: Address;
  /** The gateway that the rollup calls. */
  gateway: Address;
  /** The gateway that the arbitrator calls; the same contract on the arbitrator's own chain. */
  l1Gateway: Address;
  /** Checks proofs: of blocks on the primary, of exits on every chain. */
  verifier: Address;
  /** Holds the code of the rollup's rare calls, exit mode among them; nobody calls it directly. */
  extension: Address;
  /** Block from which on the rollup's events are to be read. */
  deployedAtBlock: number;
  tokens: TokenDeployment[];
  messageService: MessageServiceDeployment;
}

export interface TokenDeployment {
  /** Token id; 1 is the chain's native coin. */
  token: number;
  symbol: string;
  decimals: number;
  /** Zero for the native coin. */
  address: Address;
}

export type MessageServiceDeployment =
  | { kind: 'linea'; l1Service: Address; l2Service: Address }
  | { kind: 'zksync'; bridgehub: Address; diamond: Address; l1Messenger: Address }
  | { kind: 'direct' };

/** An account whose private key is public; only on development chains. */
export interface TestAccount {
  name: string;
  address: Address;
  privateKey: `0x${string}`;
}

/** One of a devnet's chains for clients that know nothing of the rollup. */
export interface DevnetNetwork {
  chainId: number;
  rpcUrl: string;
  webSocketUrl: string;
  log: string;
  /** By the contract's name, which is also that of its ABI. */
  contracts: Record<string, Address>;
  tokens: Record<string, Address>;
}

/** What a running devnet says of itself in `.devnet/devnet.json`. */
export interface DevnetDescription {
  /** Process that runs it. */
  pid: number;
  deployment: Deployment;
  /** Absent when the devnet runs without a sequencer, or its sequencer is gone for good. */
  sequencerUrl?: string;
  /** Where it takes orders (ts/devnet/control.ts); absent when it takes none. */
  controlUrl?: string;
  /** Users: nothing of the devnet itself sends from them. */
  accounts: TestAccount[];
  /** Accounts of the devnet's own parts. */
  operators?: TestAccount[];
  /** Log file of each part, by name. */
  logs: Record<string, string>;
  /** By name of the chain. */
  networks?: Record<string, DevnetNetwork>;
  /** JSON file with the ABI of each contract, by its name. */
  abis?: Record<string, string>;
  /** Of what runs it, by name. */
  versions?: Record<string, string>;
}

/** @throws RollupError that names the first field which is missing or wrong */
export function validateDeployment(value: unknown, source = 'deployment'): Deployment {
  const at = (path: string, ok: boolean, actual: unknown, expected: string): void => {
    if (!ok) throw new RollupError('Not a deployment description', { facts: { source, field: path, expected, actual: String(actual) } });
  };
  const record = (path: string, candidate: unknown): Record<string, unknown> => {
    at(path, typeof candidate === 'object' && candidate !== null, candidate, 'an object');
    return candidate as Record<string, unknown>;
  };
  const field = (object: Record<string, unknown>, path: string, key: string, kind: 'string' | 'address' | 'integer' | 'bigint'): void => {
    const actual = object[key];
    const ok = {
      string: typeof actual === 'string' && actual.length > 0,
      address: typeof actual === 'string' && isAddress(actual),
      integer: Number.isSafeInteger(actual) && Number(actual) >= 0,
      bigint: typeof actual === 'bigint' && actual >= 0n,
    }[kind];
    at(`${path}${key}`, ok, actual, kind);
  };

  const deployment = record('', value);
  field(deployment, '', 'name', 'string');
  field(deployment, '', 'deploymentId', 'bigint');
  field(deployment, '', 'arbitratorChainId', 'integer');
  field(deployment, '', 'arbitratorRpcUrl', 'string');
  field(deployment, '', 'arbitrator', 'address');
  const chains = deployment['chains'];
  at('chains', Array.isArray(chains) && chains.length > 0, chains, 'a list of chains');
  let primaries = 0;
  for (const [i, entry] of (chains as unknown[]).entries()) {
    const path = `chains[${i}].`;
    const chain = record(path, entry);
    at(`${path}chainIndex`, chain['chainIndex'] === i, chain['chainIndex'], `${i} (chains are listed in order of chain index)`);
    field(chain, path, 'chainId', 'integer');
    field(chain, path, 'deployedAtBlock', 'integer');
    for (const key of ['name', 'rpcUrl']) field(chain, path, key, 'string');
    for (const key of ['rollup', 'gateway', 'l1Gateway', 'verifier', 'extension']) field(chain, path, key, 'address');
    at(`${path}role`, chain['role'] === 'primary' || chain['role'] === 'secondary', chain['role'], 'primary or secondary');
    if (chain['role'] === 'primary') primaries++;
    at(`${path}tokens`, Array.isArray(chain['tokens']), chain['tokens'], 'a list of tokens');
    for (const [j, token] of (chain['tokens'] as unknown[]).entries()) {
      const tokenPath = `${path}tokens[${j}].`;
      const fields = record(tokenPath, token);
      field(fields, tokenPath, 'token', 'integer');
      field(fields, tokenPath, 'symbol', 'string');
      field(fields, tokenPath, 'decimals', 'integer');
      field(fields, tokenPath, 'address', 'address');
    }
    const service = record(`${path}messageService`, chain['messageService']);
    const serviceFields = { linea: ['l1Service', 'l2Service'], zksync: ['bridgehub', 'diamond', 'l1Messenger'], direct: [] }[String(service['kind'])];
    at(`${path}messageService.kind`, serviceFields !== undefined, service['kind'], 'linea, zksync or direct');
    for (const key of serviceFields ?? []) field(service, `${path}messageService.`, key, 'address');
  }
  at('chains', primaries === 1, `${primaries} primaries`, 'exactly one primary');
  return value as Deployment;
}

/** Where the deployment called `name` is kept. */
export function deploymentFile(name: string): string {
  return join(paths.deployments, name, 'deployment.json');
}

/** @param file default: the file of the deployment's name below script/deployments */
export function saveDeployment(deployment: Deployment, file = deploymentFile(deployment.name)): string {
  validateDeployment(deployment);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${stringify(deployment, 2)}\n`);
  return file;
}

/**
 * RPC URLs that are used instead of a description's, by chain name; `arbitrator` for the arbitrator's chain when it is none of the rollup's. With
 * them a URL that is not there stays `$NAME`: whoever names some may do without the others.
 */
export type RpcUrls = ReadonlyMap<string, string>;

/** @param nameOrFile name of a deployment in script/deployments, or the path of a `.json` file */
export function loadDeployment(nameOrFile: string, urls?: RpcUrls): Deployment {
  const file = nameOrFile.endsWith('.json') ? nameOrFile : deploymentFile(nameOrFile);
  if (!existsSync(file)) {
    const known = existsSync(paths.deployments) ? readdirSync(paths.deployments).filter((name) => existsSync(deploymentFile(name))) : [];
    throw new RollupError(`There is no deployment "${nameOrFile}"`, { facts: { file, known }, hint: 'Start a devnet with `npm run devnet` or name a deployment.' });
  }
  return resolveUrls(validateDeployment(parse(readFileSync(file, 'utf8')), file), urls);
}

/**
 * A rollup's chains from a file that describes a deployment or a devnet, and the accounts that it names. It does not matter whether the process
 * that wrote a devnet's description still runs.
 */
export function readChains(file: string, urls?: RpcUrls): { deployment: Deployment; accounts: readonly TestAccount[] } {
  const content = parse<Partial<DevnetDescription> & Record<string, unknown>>(readFileSync(file, 'utf8'));
  const isDevnet = typeof content.deployment === 'object';
  const deployment = resolveUrls(validateDeployment(isDevnet ? content.deployment : content, file), urls);
  return { deployment, accounts: isDevnet ? [...(content.accounts ?? []), ...(content.operators ?? [])] : [] };
}

function resolveUrls(deployment: Deployment, urls?: RpcUrls): Deployment {
  const resolve = (rpcUrl: string, name: string | undefined): string => urls?.get(name ?? '') ?? resolveUrl(rpcUrl, urls !== undefined);
  const host = deployment.chains.find(({ chainId }) => chainId === deployment.arbitratorChainId);
  return {
    ...deployment,
    arbitratorRpcUrl: urls?.get('arbitrator') ?? resolve(deployment.arbitratorRpcUrl, host?.name),
    chains: deployment.chains.map((chain) => ({ ...chain, rpcUrl: resolve(chain.rpcUrl, chain.name) })),
  };
}

/** `$NAME` stands for the environment variable NAME, so that what is in git holds no key. */
function resolveUrl(rpcUrl: string, mayBeUnset: boolean): string {
  if (!rpcUrl.startsWith('$')) return rpcUrl;
  const name = rpcUrl.slice(1);
  const url = process.env[name];
  if (url) return url;
  if (mayBeUnset) return rpcUrl;
  throw new RollupError(`The environment variable ${name} is not set`, { hint: 'Set it to the RPC URL of the chain.' });
}

export const devnetFile = join(paths.devnet, 'devnet.json');

/** The devnet that runs on this machine from this checkout; undefined when there is none (a file of a dead process counts as none). */
export function findDevnet(file = devnetFile): DevnetDescription | undefined {
  if (!existsSync(file)) return undefined;
  const description = parse<DevnetDescription>(readFileSync(file, 'utf8'));
  if (!isRunning(description.pid)) return undefined;
  validateDeployment(description.deployment, file);
  return description;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @throws RollupError when `chain` is neither a chain's name nor the index of one */
export function chainOfDeployment(deployment: Deployment, chain: string | number): ChainDeployment {
  const found = deployment.chains.find((candidate) => candidate.name === chain || String(candidate.chainIndex) === String(chain));
  if (found) return found;
  throw new RollupError(`The deployment has no chain "${chain}"`, { facts: { chains: deployment.chains.map(({ chainIndex, name }) => `${chainIndex} ${name}`) } });
}

export function primaryOf(deployment: Deployment): ChainDeployment {
  const primary = deployment.chains.find(({ role }) => role === 'primary');
  if (!primary) throw new RollupError('The deployment has no primary', { facts: { name: deployment.name } });
  return primary;
}
