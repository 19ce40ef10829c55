import { firstLine } from '../base/errors.ts';
import { getExitMode, type GetExitModeReturnType } from '../chain/actions/getExitMode.ts';
import { arbitratorEndpoint, publicClient } from '../chain/clients.ts';
import { arbitrator } from '../chain/contracts.ts';
import type { ChainDeployment, Deployment } from '../chain/deployments.ts';
import { blockStatus, type BlockStatus } from '../sequencer/pipeline.ts';
import type { MessageSource, NetworkMessage } from './message.ts';
import { messageSources } from './sources.ts';

/** One chain, as its contract says; `trouble` instead when its RPC does not answer. */
export type WatchedChain = { chainIndex: number; name: string; role: ChainDeployment['role'] } & ({ state: GetExitModeReturnType; trouble: undefined } | { state: undefined; trouble: string });

/** One block on all chains that answer. */
export interface WatchedBlock {
  blockNumber: number;
  /** Stage on each chain, by chain index. `sealed` stands for a block that other chains know and this one does not yet. */
  stages: { chainIndex: number; stage: BlockStatus }[];
  /** Confirmed by the arbitrator. */
  arbitrated: boolean;
}

/** Where a rollup is at one moment. */
export interface WatchView {
  chains: WatchedChain[];
  /** Undefined when its RPC does not answer. */
  arbitrator: { lastConfirmed: number; halted: boolean } | undefined;
  /** Those that are not executed everywhere, and the last ones that are; the newest first. */
  blocks: WatchedBlock[];
  /** Messages that are not delivered. */
  messages: NetworkMessage[];
  /** Why the messages of a route are not known, by route. */
  trouble: Record<string, string>;
}

export interface WatchParameters {
  deployment: Deployment;
  /** Most blocks; default 20. */
  limit?: number;
  /** Default: those of the deployment. Keep them from look to look: they remember what they read. */
  sources?: readonly MessageSource[];
}

/** Executed blocks that are shown besides the open ones. */
const EXECUTED_SHOWN = 3;

/** Reads everything from the chains. One that does not answer keeps nobody from seeing the others. */
export async function watchRollup({ deployment, limit = 20, sources = messageSources(deployment) }: WatchParameters): Promise<WatchView> {
  const trouble: Record<string, string> = {};
  const [chains, arbitration, messages] = await Promise.all([
    Promise.all(deployment.chains.map(watchChain)),
    watchArbitrator(deployment, trouble),
    Promise.all(
      sources.map(async (source) => {
        try {
          return (await source.read()).filter(({ stage }) => stage !== 'delivered');
        } catch (error) {
          trouble[source.name] = firstLine(error);
          return [];
        }
      }),
    ),
  ]);
  return { chains, arbitrator: arbitration, blocks: blocksOf(chains, arbitration?.lastConfirmed ?? 0, limit), messages: messages.flat(), trouble };
}

async function watchChain(chain: ChainDeployment): Promise<WatchedChain> {
  const { chainIndex, name, role, rollup } = chain;
  try {
    return { chainIndex, name, role, state: await getExitMode({ client: publicClient(chain), rollup }), trouble: undefined };
  } catch (error) {
    return { chainIndex, name, role, state: undefined, trouble: firstLine(error) };
  }
}

async function watchArbitrator(deployment: Deployment, trouble: Record<string, string>): Promise<WatchView['arbitrator']> {
  const { read } = arbitrator({ address: deployment.arbitrator, client: publicClient(arbitratorEndpoint(deployment)) });
  try {
    const [lastConfirmed, halted] = await Promise.all([read.lastConfirmedBlock(), read.halted()]);
    return { lastConfirmed, halted };
  } catch (error) {
    trouble['arbitrator'] = firstLine(error);
    return undefined;
  }
}

function blocksOf(chains: readonly WatchedChain[], lastConfirmed: number, limit: number): WatchedBlock[] {
  const known = chains.flatMap(({ chainIndex, role, state }) => (state === undefined ? [] : [{ chainIndex, role, ...state.stages }]));
  const newest = Math.max(0, ...known.map(({ committed }) => committed));
  const done = known.length === 0 ? 0 : Math.min(...known.map(({ executed }) => executed));
  const oldest = Math.max(1, newest - limit + 1, done - EXECUTED_SHOWN + 1);
  const blocks: WatchedBlock[] = [];
  for (let blockNumber = newest; blockNumber >= oldest; blockNumber--) {
    blocks.push({ blockNumber, stages: known.map((chain) => ({ chainIndex: chain.chainIndex, stage: blockStatus(chain, blockNumber) })), arbitrated: blockNumber <= lastConfirmed });
  }
  return blocks;
}
