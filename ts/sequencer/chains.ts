import { RollupError } from '../base/errors.ts';
import { arbitratorEndpoint, assertChainId, publicClient } from '../chain/clients.ts';
import { arbitrator, primaryRollup } from '../chain/contracts.ts';
import { primaryOf, type Deployment } from '../chain/deployments.ts';
import type { Progress } from '../base/progress.ts';
import { storedBlockHash } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { arbitratorPort } from './arbitratorPort.ts';
import { arbitratorLogs, rollupLogs } from './chainLogs.ts';
import { Outbox } from './outbox.ts';
import type { ArbitratorPort, RollupPort } from './ports.ts';
import { rollupPort } from './rollupPort.ts';
import { genesisTip, type SealingContext } from './sealer.ts';
import type { LogSource } from './watcher.ts';

/** Private keys of the accounts that send. */
export interface SequencerAccounts {
  /** Commits and reverts. */
  validator: Hex;
  /** Sends what anyone may send: prove, sync, confirm, execute, withdraw. Default: the validator. */
  anyone?: Hex;
}

/** A chain as the sequencer sees it. */
export interface ConnectedChain {
  chainIndex: number;
  name: string;
  port: RollupPort;
  logs: LogSource;
  deployedAtBlock: number;
  /** Seconds that a priority request has until it expires. */
  priorityExpiration: number;
}

export interface Connections {
  context: SealingContext;
  /** By chain index. */
  chains: ConnectedChain[];
  arbitrator: ArbitratorPort;
  arbitratorLogs: LogSource;
  /** First block that can hold events of the arbitrator. */
  arbitratorStart: number;
}

export interface ConnectParameters {
  deployment: Deployment;
  accounts: SequencerAccounts;
  /** Milliseconds after which a transaction that is not in a block is sent again. */
  stuckMs?: number;
  progress: Progress;
}

/** Connects to all chains of a deployment and makes sure that its contracts are there. @throws RollupError that names what does not fit */
export async function connect({ deployment, accounts, stuckMs, progress }: ConnectParameters): Promise<Connections> {
  const context: SealingContext = {
    deploymentId: deployment.deploymentId,
    chainCount: deployment.chains.length,
    primaryIndex: primaryOf(deployment).chainIndex,
  };
  const endpoint = arbitratorEndpoint(deployment);
  await Promise.all([...deployment.chains, endpoint].map((chain) => assertChainId(chain)));
  const expirations = await Promise.all(deployment.chains.map((chain) => assertContract(deployment, chain.chainIndex, context)));
  const confirming = arbitrator({ address: deployment.arbitrator, client: publicClient(endpoint) });
  const [chainCount, primaryIndex] = await Promise.all([confirming.read.chainCount(), confirming.read.primaryIndex()]);
  expectSame('chainCount', 'arbitrator', context.chainCount, chainCount);
  expectSame('primaryIndex', 'arbitrator', context.primaryIndex, primaryIndex);

  // One outbox for each chain id and key, however many contracts it serves.
  const outboxes = new Map<string, Outbox>();
  const outbox = (target: { name: string; chainId: number; rpcUrl: string }, privateKey: Hex): Outbox => {
    const key = `${target.chainId}/${privateKey}`;
    const found = outboxes.get(key) ?? new Outbox({ endpoint: target, privateKey, progress, ...(stuckMs === undefined ? {} : { stuckMs }) });
    outboxes.set(key, found);
    return found;
  };
  const anyone = accounts.anyone ?? accounts.validator;
  const genesis = genesisTip(context);
  const chains = deployment.chains.map((chain): ConnectedChain => {
    const stored = genesis.stored[chain.chainIndex];
    if (stored === undefined) throw new RollupError('The deployment has gaps in its chain indices', { facts: { chainIndex: chain.chainIndex } });
    return {
      chainIndex: chain.chainIndex,
      name: chain.name,
      port: rollupPort({ chain, validator: outbox(chain, accounts.validator), anyone: outbox(chain, anyone), genesis: { stored, syncHashes: genesis.syncHashes } }),
      logs: rollupLogs(chain),
      deployedAtBlock: chain.deployedAtBlock,
      priorityExpiration: expirations[chain.chainIndex] ?? 0,
    };
  });
  return {
    context,
    chains,
    arbitrator: arbitratorPort({ endpoint, address: deployment.arbitrator, chainCount: context.chainCount, outbox: outbox(endpoint, anyone) }),
    arbitratorLogs: arbitratorLogs({ endpoint, address: deployment.arbitrator }),
    // Nothing is confirmed before there are blocks; on a chain that carries a rollup too, its first block bounds the search.
    arbitratorStart: deployment.chains.find(({ chainId }) => chainId === deployment.arbitratorChainId)?.deployedAtBlock ?? 0,
  };
}

/** @returns seconds that the chain's priority requests have until they expire */
async function assertContract(deployment: Deployment, chainIndex: number, context: SealingContext): Promise<number> {
  const chain = deployment.chains[chainIndex];
  if (chain === undefined) throw new RollupError('The deployment has no such chain', { facts: { chainIndex } });
  const { read } = primaryRollup({ address: chain.rollup, client: publicClient(chain) });
  const [id, index, count, genesisHash, gateway, priorityExpiration] = await Promise.all([
    read.deploymentId(), read.chainIndex(), read.chainCount(), read.storedBlockHash([0]), read.gateway(), read.priorityExpiration(),
  ]);
  expectSame('deploymentId', chain.name, context.deploymentId, id);
  expectSame('chainIndex', chain.name, chainIndex, index);
  expectSame('chainCount', chain.name, context.chainCount, count);
  expectSame('gateway', chain.name, chain.gateway.toLowerCase(), gateway.toLowerCase());
  const stored = genesisTip(context).stored[chainIndex];
  expectSame('genesis block', chain.name, stored === undefined ? null : storedBlockHash(stored), genesisHash);
  return priorityExpiration;
}

function expectSame(what: string, where: string, expected: unknown, actual: unknown): void {
  if (expected === actual) return;
  throw new RollupError(`The contracts do not fit the deployment description: ${what}`, { facts: { where, expected, actual }, hint: 'Use the description that the deployment wrote.' });
}
