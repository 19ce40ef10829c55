import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { firstLine, RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { Progress } from '../../base/progress.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { userAccounts } from '../accounts.ts';
import { Anvil, type AnvilParameters } from '../anvil.ts';
import { buildContracts, deployDevnet, placeTopology, removeDeployment, type TopologyConfig } from '../deploy.ts';
import { waitForLock } from '../lock.ts';
import { PortError } from '../ports.ts';
import { assertLoaded, dumpChain, headOf } from './chainState.ts';
import { startClocks } from './clocks.ts';
import { PreBuiltStates, type StoredDeployment } from './preBuilt.ts';
import { stateKey } from './stateKey.ts';

export interface StartChainsParameters {
  anvils: readonly AnvilParameters[];
  topology: TopologyConfig;
  /** Chains as a file of a devnet holds them, instead of new ones. */
  loaded?: StoredDeployment;
  /** Deploy even when the state after the same deployment is kept from an earlier start. */
  fresh?: boolean;
  states?: PreBuiltStates;
  /** Called with each chain before it starts. */
  onAnvil: (anvil: Anvil) => void;
  progress: Progress;
  signal?: AbortSignal;
}

export interface StartedChains {
  anvils: Anvil[];
  /** With the URLs of the nodes themselves. */
  deployment: Deployment;
  /** Where the contracts come from. */
  origin: 'deployed' | 'pre-built' | 'loaded';
}

/**
 * Starts the chains with message services, tokens and the rollup on them. What a deployment leaves is kept and loaded at the next start, as long
 * as nothing that makes it has changed; a state that is damaged or does not load is deployed anew.
 * @throws RollupError when a chain does not start, or a script fails
 */
export async function startChains(parameters: StartChainsParameters): Promise<StartedChains> {
  const { loaded, progress, signal, states = new PreBuiltStates() } = parameters;
  if (loaded !== undefined) return { ...(await load(parameters, loaded)), origin: 'loaded' };
  const key = stateKey(parameters);
  const warm = async (): Promise<StartedChains | undefined> => (parameters.fresh === true || isFork(parameters) ? undefined : await loadPreBuilt(parameters, states, key));
  const ready = await warm();
  if (ready !== undefined) return ready;
  const release = await waitForLock({
    file: deployLock(),
    waiting: (holder) => progress.report(`process ${holder} is deploying: its state will do for this devnet too`),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    // Somebody else may have deployed in the meantime.
    return (await warm()) ?? (await deploy(parameters, states, key));
  } finally {
    release();
  }
}

function isFork({ anvils }: Pick<StartChainsParameters, 'anvils'>): boolean {
  return anvils.some(({ fork }) => fork !== undefined);
}

/** Held while somebody deploys: the scripts write to one place, and two starts at once need not both deploy. */
export function deployLock(): string {
  mkdirSync(paths.devnetStates, { recursive: true });
  return join(paths.devnetStates, 'lock');
}

async function loadPreBuilt(parameters: StartChainsParameters, states: PreBuiltStates, key: string): Promise<StartedChains | undefined> {
  const { progress, signal } = parameters;
  // Who reads ABIs of the contracts' artifacts needs them built.
  if (!existsSync(paths.forgeOut)) return undefined;
  try {
    const stored = states.find(key);
    if (stored === undefined) return undefined;
    progress.report('loading the chains as they were after the last deployment');
    return { ...(await load(parameters, stored)), origin: 'pre-built' };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PortError) throw error;
    progress.report(`the kept state of the chains is of no use, deploying anew: ${firstLine(error)}`);
    states.remove(key);
    return undefined;
  }
}

async function load({ anvils: wanted, onAnvil, signal }: StartChainsParameters, { deployment, chains }: StoredDeployment): Promise<Omit<StartedChains, 'origin'>> {
  const anvils = wanted.map((parameters) => {
    const chain = chains.find(({ chainId }) => chainId === parameters.chainId);
    if (chain === undefined) {
      const stored = chains.map(({ name, chainId }) => `${name} ${chainId}`);
      throw new RollupError('The stored state lacks a chain', { facts: { chain: parameters.name, chainId: parameters.chainId, stored }, hint: 'Start with the chain ids of the stored state.' });
    }
    return { anvil: new Anvil({ ...parameters, state: chain.file }), chain };
  });
  try {
    await Promise.all(anvils.map(async ({ anvil, chain }) => {
      onAnvil(anvil);
      await anvil.start();
      await assertLoaded(anvil, chain);
    }));
    signal?.throwIfAborted();
    await startClocks(anvils.map(({ anvil }) => anvil));
  } catch (error) {
    await Promise.all(anvils.map(async ({ anvil }) => await anvil.stop()));
    throw error;
  }
  const started = anvils.map(({ anvil }) => anvil);
  return { anvils: started, deployment: withUrls(deployment, urlsOf(started)) };
}

async function deploy({ anvils: wanted, topology, onAnvil, progress, signal }: StartChainsParameters, states: PreBuiltStates, key: string): Promise<StartedChains> {
  const interruptible = signal === undefined ? {} : { signal };
  const anvils = wanted.map((parameters) => new Anvil(parameters));
  anvils.forEach(onAnvil);
  await Promise.all([...anvils.map(async (anvil) => await anvil.start()), buildContracts({ progress, ...interruptible })]);
  signal?.throwIfAborted();
  const forked = isFork({ anvils: wanted });
  // Each fork goes by the clock of its origin.
  if (forked) await startClocks(anvils);
  const networks = anvils.map(({ name, chainId, url }) => ({ name, chainId, rpcUrl: url }));
  try {
    const { balance, ...users } = wanted[0]?.users ?? {};
    const funded = { users: userAccounts(users), ...(balance === undefined ? {} : { balance }) };
    const deployment = await deployDevnet({ topology: placeTopology(topology, topology.name, networks), ...funded, forked, progress, ...interruptible });
    signal?.throwIfAborted();
    // What a fork began with is not ours to keep, and it is another one tomorrow.
    if (forked) return { anvils, deployment, origin: 'deployed' };
    const chains = await Promise.all(anvils.map(async (anvil) => ({ name: anvil.name, chainId: anvil.chainId, head: await headOf(anvil), state: await dumpChain(anvil) })));
    try {
      states.keep(key, { deployment, chains });
    } catch (error) {
      progress.report(`the state of the chains cannot be kept, the next start deploys again: ${firstLine(error)}`);
    }
    return { anvils, deployment, origin: 'deployed' };
  } finally {
    removeDeployment(topology.name);
  }
}

function urlsOf(anvils: readonly Anvil[]): ReadonlyMap<number, string> {
  return new Map(anvils.map(({ chainId, url }) => [chainId, url]));
}

/** A deployment with its chains where they answer. */
export function withUrls(deployment: Deployment, urls: ReadonlyMap<number, string>): Deployment {
  return {
    ...deployment,
    arbitratorRpcUrl: urls.get(deployment.arbitratorChainId) ?? deployment.arbitratorRpcUrl,
    chains: deployment.chains.map((chain) => ({ ...chain, rpcUrl: urls.get(chain.chainId) ?? chain.rpcUrl })),
  };
}
