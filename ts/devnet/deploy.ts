import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Address, parseEther } from 'viem';
import { RollupError } from '../base/errors.ts';
import { run, type RunParameters } from '../base/exec.ts';
import { foundryBinary, paths } from '../base/paths.ts';
import { type Progress, silentProgress } from '../base/progress.ts';
import { deploymentFile, loadDeployment, type Deployment, type TestAccount } from '../chain/deployments.ts';
import { operatorAccounts, testAccount, userAccounts } from './accounts.ts';
import { BALANCE } from './anvil.ts';
import { backCoins, type PlacedService, placeServices } from './place.ts';

/** What of a topology file (script/config) the devnet looks at; the deployment scripts read the rest. */
export interface TopologyConfig {
  name: string;
  arbitratorChainId: number;
  arbitratorRpcUrl: string;
  /** Seconds. */
  timelockDelay: number;
  /** Seconds. */
  priorityExpiration: number;
  chains: { name: string; chainId: number; rpcUrl: string; messageService: PlacedService; tokens: { address: Address }[] }[];
}

/** What script/devnet/DeployServices.s.sol writes: the addresses that the topology file of a devnet leaves open. */
interface DeployedServices {
  chains: { messageService: Record<string, Address>; tokens: { address: Address }[] }[];
}

export interface Network {
  name: string;
  chainId: number;
  rpcUrl: string;
}

export function readTopology(name: string): TopologyConfig {
  return JSON.parse(readFileSync(join(paths.scriptConfig, `${name}.json`), 'utf8')) as TopologyConfig;
}

/** Which ids the chains of a devnet have: ids that only local chains have, or those of the real networks for clients that know no others. */
export type ChainIds = 'local' | 'mainnet';

const MAINNET_IDS: Readonly<Record<string, number>> = { ethereum: 1, linea: 59_144, zksync: 324 };
/** Seconds by which the timelock of a rollup on real networks outlasts the expiration of a request (script/Config.sol), and one. */
const TIME_TO_LEAVE = 7 * 86_400 + 1;

/** The topology with those chain ids. Under real networks' ids their rules hold, e.g. for the timelock. */
export function withChainIds(topology: TopologyConfig, chainIds: ChainIds): TopologyConfig {
  if (chainIds === 'local') return topology;
  const idOf = (name: string): number => {
    const id = MAINNET_IDS[name];
    if (id === undefined) throw new RollupError('A chain of the topology has no real network', { facts: { expected: Object.keys(MAINNET_IDS), actual: name } });
    return id;
  };
  const chains = topology.chains.map((chain) => ({ ...chain, chainId: idOf(chain.name) }));
  return { ...topology, arbitratorChainId: idOf('ethereum'), timelockDelay: Math.max(topology.timelockDelay, topology.priorityExpiration + TIME_TO_LEAVE), chains };
}

/** The different networks of a topology, the arbitrator's first. */
export function networksOf(topology: TopologyConfig): Network[] {
  const { arbitratorChainId: chainId, arbitratorRpcUrl: rpcUrl, chains } = topology;
  const beside = chains.find((chain) => chain.chainId === chainId);
  return [{ name: beside?.name ?? 'ethereum', chainId, rpcUrl }, ...chains.filter((chain) => chain.chainId !== chainId).map(({ name, chainId, rpcUrl }) => ({ name, chainId, rpcUrl }))];
}

/** The topology under another name, with every network where it really answers. */
export function placeTopology(topology: TopologyConfig, name: string, networks: readonly Network[]): TopologyConfig {
  const urlOf = (chainId: number): string => {
    const network = networks.find((candidate) => candidate.chainId === chainId);
    if (!network) throw new RollupError('A chain of the topology is not running', { facts: { chainId } });
    return network.rpcUrl;
  };
  return { ...topology, name, arbitratorRpcUrl: urlOf(topology.arbitratorChainId), chains: topology.chains.map((chain) => ({ ...chain, rpcUrl: urlOf(chain.chainId) })) };
}

function withServices(topology: TopologyConfig, services: DeployedServices): TopologyConfig {
  const chains = topology.chains.map((chain, i) => {
    const deployed = services.chains[i];
    if (!deployed) throw new RollupError('A chain has no deployed services', { facts: { chain: chain.name } });
    return {
      ...chain,
      messageService: { ...chain.messageService, ...deployed.messageService },
      tokens: chain.tokens.map((token, j) => ({ ...token, ...deployed.tokens[j] })),
    };
  });
  return { ...topology, chains };
}

/** Builds contracts and scripts when a source changed; the scripts below then start at once. */
export async function buildContracts({ progress = silentProgress, signal }: { progress?: Progress; signal?: AbortSignal } = {}): Promise<void> {
  await run({
    command: foundryBinary('forge'),
    args: ['build', '--skip', 'test'],
    cwd: paths.root,
    onLine: (line) => {
      if (line.startsWith('Compiling')) progress.report(`${line} (only after a change)`);
    },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Users that get test tokens; the others begin without any. */
const TOKEN_HOLDERS = 3;

export interface DeployParameters {
  /** With its name and URLs in place (`placeTopology`). */
  topology: TopologyConfig;
  /** Users in order; the first three get test tokens. Default: those of the public mnemonic. */
  users?: readonly TestAccount[];
  /** Ether of each user on each chain; default anvil's. */
  balance?: number;
  /** Chains began with the state of others: their contracts stay where they are. Default false. */
  forked?: boolean;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Deploys message services, test tokens and the rollup onto local chains, by the scripts that deploy on real networks, and reads everything back.
 * @throws RollupError with the end of what forge printed
 */
export async function deployDevnet({ topology, users = userAccounts(), balance = BALANCE, forked = false, progress = silentProgress, signal }: DeployParameters): Promise<Deployment> {
  const config = join(dirname(deploymentFile(topology.name)), 'config.json');
  const places = { l1RpcUrl: topology.arbitratorRpcUrl, deployer: testAccount('deployer').privateKey, ...(forked ? { beside: (line: string) => progress.report(line) } : {}) };
  const chains = await Promise.all(topology.chains.map(async (chain) => ({ ...chain, messageService: await placeServices({ ...chain, ...places }) })));
  const placed = { ...topology, chains };
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, JSON.stringify(placed, undefined, 2));

  // forge keeps what it sent by the script's name; a devnet's runs must not take the place of those on real networks, and nobody resumes them.
  const records = mkdtempSync(join(tmpdir(), 'devnet-records-'));
  const script = async (what: string, file: string, args: readonly string[], broadcast: boolean): Promise<void> => {
    progress.report(what);
    await runForge(what, {
      command: foundryBinary('forge'),
      args: ['script', file, ...args, '--private-key', testAccount('deployer').privateKey, ...(broadcast ? ['--broadcast', '--multi'] : [])],
      cwd: paths.root,
      // The chains may go by real networks' ids; they are on this machine.
      env: { ALLOW_DEVELOPMENT_KEYS: '1', FOUNDRY_BROADCAST: records },
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const path = config.slice(paths.root.length + 1);
  const holders = `[${users.slice(0, TOKEN_HOLDERS).map(({ address }) => address).join(',')}]`;
  try {
    await script('deploying message services and tokens', 'script/devnet/DeployServices.s.sol', ['--sig', 'run(string,address,address[])', path, testAccount('operator').address, holders], true);
    writeFileSync(config, JSON.stringify(withServices(placed, JSON.parse(readFileSync(join(dirname(config), 'services.json'), 'utf8')) as DeployedServices), undefined, 2));
    await script('deploying the rollup', 'script/Deploy.s.sol', ['--sig', 'run(string)', path], true);
    await script('reading the deployment back', 'script/Check.s.sol', ['--sig', 'run(string)', path], false);
  } finally {
    rmSync(records, { recursive: true, force: true });
  }
  const deployment = loadDeployment(topology.name);
  await backCoins(deployment, parseEther(String(users.length * balance + operatorAccounts.length * BALANCE)));
  return deployment;
}

/** forge prints a trace of everything it did before the error; only the error matters here. */
async function runForge(what: string, parameters: RunParameters): Promise<void> {
  try {
    await run(parameters);
  } catch (cause) {
    const lines = cause instanceof Error ? cause.message.split('\n') : [];
    const reason = lines.filter((line) => /^\s*(?:Error|└─ ← \[Revert\])/.test(line)).at(-1)?.trim();
    if (reason === undefined) throw cause;
    throw new RollupError(`${what}: ${reason.slice(0, 600)}`, { facts: { command: `forge ${parameters.args.slice(0, parameters.args.indexOf('--private-key')).join(' ')}` }, cause });
  }
}

/** Forgets a deployment whose chains are gone. */
export function removeDeployment(name: string): void {
  rmSync(dirname(deploymentFile(name)), { recursive: true, force: true });
}
