import { getExitMode } from '../chain/actions/getExitMode.ts';
import { findConfirmableBlock, getHalt } from '../chain/actions/getHalt.ts';
import { arbitratorEndpoint, publicClient, type ChainPublicClient } from '../chain/clients.ts';
import { primaryOf, type ChainDeployment, type Deployment } from '../chain/deployments.ts';
import { toRollupError } from '../chain/errors.ts';
import { iArbitratorAbi, secondaryRollupAbi } from '../chain/generated/abi.ts';
import { readEvents } from '../chain/logs.ts';
import type { ChainView, ExitView } from './exitPlan.ts';
import { readEach } from './readEach.ts';

/**
 * Reads where every chain and the arbitrator stand, from the chains alone.
 * @throws RollupError when the arbitrator's chain does not answer; another chain that does not is left out
 */
export async function readExitView(deployment: Deployment): Promise<ExitView> {
  const endpoint = arbitratorEndpoint(deployment);
  const arbitratorClient = publicClient(endpoint);
  const place = { client: arbitratorClient, arbitrator: deployment.arbitrator };
  const halt = await getHalt(place).catch((error: unknown) => {
    throw toRollupError(error, `The arbitrator cannot be read on ${endpoint.name}`);
  });
  const { found: chains, silent } = await readEach(deployment.chains, async (chain) => await readChainView({ deployment, chain, arbitratorClient, isHalted: halt.halted }));
  const synced = chains.find(({ chainIndex }) => chainIndex === primaryOf(deployment).chainIndex)?.stages.synced ?? 0;
  const confirmable = halt.halted || synced <= halt.lastConfirmedBlock ? null : await findConfirmableBlock({ ...place, upTo: synced });
  return { chains, silent, arbitrator: { ...halt, confirmable } };
}

interface ReadChainViewParameters {
  deployment: Deployment;
  chain: ChainDeployment;
  arbitratorClient: ChainPublicClient;
  isHalted: boolean;
}

/** When messages were sent is only asked for while one can be on its way. */
async function readChainView({ deployment, chain, arbitratorClient, isHalted }: ReadChainViewParameters): Promise<ChainView> {
  const { chainIndex, name, rollup } = chain;
  const client = publicClient(chain);
  const exitMode = await getExitMode({ client, rollup });
  const [haltRequestSentAt, haltSentAt] = await Promise.all([
    exitMode.mode === 'stopped' && !isHalted ? lastHaltRequest(client, chain) : null,
    exitMode.mode !== 'halted' && isHalted ? lastHalt(arbitratorClient, deployment, chainIndex) : null,
  ]);
  return { ...exitMode, chainIndex, name, haltRequestSentAt, haltSentAt };
}

async function lastHaltRequest(client: ChainPublicClient, { rollup, deployedAtBlock }: ChainDeployment): Promise<number | null> {
  const events = await readEvents({ client, address: rollup, abi: secondaryRollupAbi, eventName: 'HaltRequestSent', fromBlock: BigInt(deployedAtBlock) });
  return await timeOf(client, events.at(-1)?.blockNumber);
}

async function lastHalt(client: ChainPublicClient, { arbitrator, arbitratorChainId, chains }: Deployment, chainIndex: number): Promise<number | null> {
  // The rollup of the arbitrator's own chain was deployed with it, long before any halt.
  const fromBlock = BigInt(chains.find(({ chainId }) => chainId === arbitratorChainId)?.deployedAtBlock ?? 0);
  const events = await readEvents({ client, address: arbitrator, abi: iArbitratorAbi, eventName: 'HaltSent', args: { chainIndex }, fromBlock });
  return await timeOf(client, events.at(-1)?.blockNumber);
}

async function timeOf(client: ChainPublicClient, blockNumber: bigint | undefined): Promise<number | null> {
  return blockNumber === undefined ? null : Number((await client.getBlock({ blockNumber })).timestamp);
}
