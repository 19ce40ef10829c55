import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Address, Hex } from 'viem';
import { RollupError } from '../base/errors.ts';
import { run, type RunParameters } from '../base/exec.ts';
import { foundryBinary, paths } from '../base/paths.ts';
import { type Progress, silentProgress } from '../base/progress.ts';
import { deploymentFile, loadDeployment, type Deployment } from '../chain/deployments.ts';
import { testAccount, USERS } from './accounts.ts';

/** What of a topology file (script/config) the devnet looks at; the deployment scripts read the rest. */
export interface TopologyConfig {
  name: string;
  arbitratorChainId: number;
  arbitratorRpcUrl: string;
  chains: { name: string; chainId: number; rpcUrl: string; messageService: { kind: string; l1Messenger?: Address }; tokens: { address: Address }[] }[];
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

export interface DeployParameters {
  /** With its name and URLs in place (`placeTopology`). */
  topology: TopologyConfig;
  progress?: Progress;
  signal?: AbortSignal;
}

/**
 * Deploys message services, test tokens and the rollup onto local chains, by the scripts that deploy on real networks, and reads everything back.
 * @throws RollupError with the end of what forge printed
 */
export async function deployDevnet({ topology, progress = silentProgress, signal }: DeployParameters): Promise<Deployment> {
  const config = join(dirname(deploymentFile(topology.name)), 'config.json');
  mkdirSync(dirname(config), { recursive: true });
  writeFileSync(config, JSON.stringify(topology, undefined, 2));
  for (const chain of topology.chains) {
    const { l1Messenger } = chain.messageService;
    if (l1Messenger !== undefined) await setCode({ rpcUrl: chain.rpcUrl, address: l1Messenger, code: runtimeCode('L1Messenger') });
  }

  const script = async (what: string, file: string, args: readonly string[], broadcast: boolean): Promise<void> => {
    progress.report(what);
    await runForge(what, {
      command: foundryBinary('forge'),
      args: ['script', file, ...args, '--sender', testAccount('deployer').address, ...(broadcast ? ['--broadcast', '--multi', '--unlocked'] : [])],
      cwd: paths.root,
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const path = config.slice(paths.root.length + 1);
  const users = `[${USERS.slice(0, 3).map((name) => testAccount(name).address).join(',')}]`;
  await script('deploying message services and tokens', 'script/devnet/DeployServices.s.sol', ['--sig', 'run(string,address,address[])', path, testAccount('operator').address, users], true);
  writeFileSync(config, JSON.stringify(withServices(topology, JSON.parse(readFileSync(join(dirname(config), 'services.json'), 'utf8')) as DeployedServices), undefined, 2));
  await script('deploying the rollup', 'script/Deploy.s.sol', ['--sig', 'run(string)', path], true);
  await script('reading the deployment back', 'script/Check.s.sol', ['--sig', 'run(string)', path], false);
  return loadDeployment(topology.name);
}

/** forge prints a trace of everything it did before the error; only the error matters here. */
async function runForge(what: string, parameters: RunParameters): Promise<void> {
  try {
    await run(parameters);
  } catch (cause) {
    const lines = cause instanceof Error ? cause.message.split('\n') : [];
    const reason = lines.filter((line) => /^\s*(?:Error|└─ ← \[Revert\])/.test(line)).at(-1)?.trim();
    if (reason === undefined) throw cause;
    throw new RollupError(`${what}: ${reason.slice(0, 600)}`, { facts: { command: `forge ${parameters.args.join(' ')}` }, cause });
  }
}

/** Forgets a deployment whose chains are gone. */
export function removeDeployment(name: string): void {
  rmSync(dirname(deploymentFile(name)), { recursive: true, force: true });
}

function runtimeCode(contract: string): Hex {
  const file = join(paths.forgeOut, `${contract}.sol`, `${contract}.json`);
  const { deployedBytecode } = JSON.parse(readFileSync(file, 'utf8')) as { deployedBytecode: { object: Hex } };
  return deployedBytecode.object;
}

async function setCode({ rpcUrl, address, code }: { rpcUrl: string; address: Address; code: Hex }): Promise<void> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'anvil_setCode', params: [address, code] }),
  });
  const { error } = (await response.json()) as { error?: { message: string } };
  if (error) throw new RollupError('The code of a system contract could not be placed', { facts: { rpcUrl, address, answer: error.message } });
}
