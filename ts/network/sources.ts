import { arbitratorEndpoint, publicClient } from '../chain/clients.ts';
import { arbitrator } from '../chain/contracts.ts';
import type { Deployment } from '../chain/deployments.ts';
import { lineaDown, lineaUp } from './lineaMessages.ts';
import { HALT_REQUEST, type MessageSource } from './message.ts';
import { zkSyncDown, zkSyncUp } from './zkSyncMessages.ts';

/** Anyone can make a stopped chain ask for a halt, again and again; once it is granted the rest of them would only cost the relayer gas. */
export function pointlessOnceHalted(halted: () => Promise<boolean>): (message: { content: string }) => Promise<boolean> {
  return async ({ content }) => content === HALT_REQUEST && (await halted());
}

/** The messages of every chain that has a message service, in both directions. */
export function messageSources(deployment: Deployment): MessageSource[] {
  const ethereum = arbitratorEndpoint(deployment);
  // Nothing is sent before there are blocks; a rollup beside the arbitrator bounds the search, as it was deployed with it.
  const ethereumStart = BigInt(deployment.chains.find(({ chainId }) => chainId === deployment.arbitratorChainId)?.deployedAtBlock ?? 0);
  const { read } = arbitrator({ address: deployment.arbitrator, client: publicClient(ethereum) });
  const isPointless = pointlessOnceHalted(async () => await read.halted());
  return deployment.chains.flatMap((chain) => {
    const { messageService: service } = chain;
    if (service.kind === 'direct') return [];
    const common = { chain, ethereum, ethereumStart, isPointless };
    if (service.kind === 'linea') return [lineaUp({ ...common, services: service }), lineaDown({ ...common, services: service })];
    return [zkSyncUp({ ...common, l1Messenger: service.l1Messenger }), zkSyncDown(common)];
  });
}
