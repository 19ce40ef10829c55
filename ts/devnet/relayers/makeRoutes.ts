import { type Endpoint, publicClient } from '../../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { lineaAnchorer } from './lineaAnchorer.ts';
import { lineaFinalizer } from './lineaFinalizer.ts';
import { lineaPostmanDown, lineaPostmanUp } from './lineaPostman.ts';
import { LineaView } from './lineaView.ts';
import type { Faults } from './faults.ts';
import type { Log, Relayer } from './relayer.ts';
import { RouteRunner } from './routeRunner.ts';
import type { Role, RouteId } from './routes.ts';
import { Sender } from './sender.ts';
import type { RelayerKeys, RouteOptions } from './startRelayers.ts';
import type { AddressNames } from './trace.ts';
import { zkSyncBatcher } from './zkSyncBatcher.ts';
import { zkSyncClaimer } from './zkSyncClaimer.ts';
import { zkSyncSequencer } from './zkSyncSequencer.ts';
import { ZkSyncView } from './zkSyncView.ts';

/** Seconds. */
const DEFAULT_SEAL_DELAY = 2;

export interface MakeRoutesParameters {
  deployment: Deployment;
  ethereum: Endpoint;
  keys: RelayerKeys;
  /** Of a chain. */
  optionsOf(chain: ChainDeployment): RouteOptions;
  faults: Faults;
  /** For traces. */
  names: AddressNames;
  sponsoring: () => boolean;
  log: Log;
}

/** A route with what can be set on it. */
export interface MadeRoute {
  runner: RouteRunner;
  chain: ChainDeployment;
  /** Seconds of chain time, set at the start or since. */
  delay: number;
}

export interface MadeRoutes {
  routes: MadeRoute[];
  lineas: LineaView[];
  zkSyncs: ZkSyncView[];
}

/** The relayers of every chain that has a message service. Their readings of a chain are shared. */
export function makeRoutes(parameters: MakeRoutesParameters): MadeRoutes {
  const { deployment, ethereum, keys } = parameters;
  const l1 = { relayer: new Sender({ endpoint: ethereum, privateKey: keys.relayer }), operator: new Sender({ endpoint: ethereum, privateKey: keys.operator }) };
  const made: MadeRoutes = { routes: [], lineas: [], zkSyncs: [] };
  for (const chain of deployment.chains) {
    if (chain.messageService.kind === 'linea') makeLinea({ ...parameters, chain, l1, made });
    if (chain.messageService.kind === 'zksync') makeZkSync({ ...parameters, chain, l1, made });
  }
  return made;
}

interface MakeChainParameters extends MakeRoutesParameters {
  chain: ChainDeployment;
  l1: { relayer: Sender; operator: Sender };
  made: MadeRoutes;
}

function makeLinea(parameters: MakeChainParameters): void {
  const { chain, l1, keys, faults, made, sponsoring, log } = parameters;
  if (chain.messageService.kind !== 'linea') return;
  const { l1Service, l2Service } = chain.messageService;
  const { anchor = 0, finalize = 0, postman = 0 } = parameters.optionsOf(chain).delays ?? {};
  const relayer = new Sender({ endpoint: chain, privateKey: keys.relayer });
  const operator = new Sender({ endpoint: chain, privateKey: keys.operator });
  const view = new LineaView({ chainName: chain.name, l1: l1.operator.client, l1Service, l2: operator.client, l2Service });
  made.lineas.push(view);
  const down = { from: chain.l1Gateway, to: chain.gateway };
  const up = { from: chain.gateway, to: chain.l1Gateway };
  add(parameters, { role: 'finalize', direction: 'up', delay: finalize, sender: l1.operator }, (delay, id) => lineaFinalizer({ view, l1: l1.operator, delay, repairs: () => faults.allowsRepair(id), log }));
  add(parameters, { role: 'postman', direction: 'up', delay: postman, sender: l1.relayer }, (delay) => lineaPostmanUp({ view, sender: l1.relayer, delay, policy: { own: up, sponsoring }, log }));
  add(parameters, { role: 'anchor', direction: 'down', delay: anchor, sender: operator }, (delay) => lineaAnchorer({ view, l2: operator, delay, log }));
  add(parameters, { role: 'postman', direction: 'down', delay: postman, sender: relayer }, (delay) => lineaPostmanDown({ view, sender: relayer, delay, policy: { own: down, sponsoring }, log }));
}

function makeZkSync(parameters: MakeChainParameters): void {
  const { chain, l1, faults, made, log } = parameters;
  if (chain.messageService.kind !== 'zksync') return;
  const { diamond, bridgehub } = chain.messageService;
  const { execute = 0, claimer = 0, sequencer = 0, seal = DEFAULT_SEAL_DELAY } = parameters.optionsOf(chain).delays ?? {};
  const view = new ZkSyncView({ chainName: chain.name, l1: l1.operator.client, diamond, bridgehub, l1Gateway: chain.l1Gateway, l2: publicClient(chain), l2Gateway: chain.gateway });
  made.zkSyncs.push(view);
  add(parameters, { role: 'batcher', direction: 'up', delay: execute, sender: l1.operator }, (delay, id) => zkSyncBatcher({ view, l1: l1.operator, delay, seal, repairs: () => faults.allowsRepair(id), log }));
  add(parameters, { role: 'claimer', direction: 'up', delay: claimer, sender: l1.relayer }, (delay) => zkSyncClaimer({ view, l1: l1.relayer, delay, log }));
  add(parameters, { role: 'sequencer', direction: 'down', delay: sequencer, sender: undefined }, (delay) => zkSyncSequencer({ view, delay, log }));
}

interface RouteSettings {
  role: Role;
  direction: RouteId['direction'];
  /** Seconds. */
  delay: number;
  sender: Sender | undefined;
}

function add({ chain, faults, made, names, log }: MakeChainParameters, { role, direction, delay, sender }: RouteSettings, make: (delay: () => number, id: RouteId) => Relayer): void {
  const id: RouteId = { chain: chain.name, role, direction };
  const settings = { delay };
  const runner = new RouteRunner({ make: () => make(() => settings.delay + faults.delay(id), id), sender, mischief: faults, names, log });
  made.routes.push(Object.assign(settings, { runner, chain }));
}
