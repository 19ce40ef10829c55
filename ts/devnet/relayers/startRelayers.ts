import type { Hex } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { arbitratorEndpoint, publicClient } from '../../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { EraHistory } from './eraHistory.ts';
import { lineaAnchorer } from './lineaAnchorer.ts';
import { lineaFinalizer } from './lineaFinalizer.ts';
import { lineaPostmanDown, lineaPostmanUp } from './lineaPostman.ts';
import { Loop, untilIdle, WorkClock } from './loop.ts';
import type { Log, Relayer, RelayerStatus } from './relayer.ts';
import { Sender } from './sender.ts';
import { zkSyncBatcher } from './zkSyncBatcher.ts';
import { EraBatches } from './zkSyncBatches.ts';
import { zkSyncClaimer } from './zkSyncClaimer.ts';
import { zkSyncSequencer } from './zkSyncSequencer.ts';

export interface StartRelayersParameters {
  deployment: Deployment;
  keys: RelayerKeys;
  /** For every chain that `routes` does not name. */
  defaults?: RouteOptions;
  /** By name of the chain. */
  routes?: Record<string, RouteOptions>;
  /** One line for each thing carried and each failure; default: silence. */
  log?: Log;
  /** Stops them like `stop()`. */
  signal?: AbortSignal;
}

/** Private keys; their accounts need ETH on Ethereum and on the chains. One key may serve for both. */
export interface RelayerKeys {
  /** Claims messages: needs no role. */
  relayer: Hex;
  /** L1_L2_MESSAGE_SETTER_ROLE at Linea's L2MessageService, OPERATOR_ROLE at LineaRollup, validator of the zkSync chain. */
  operator: Hex;
}

export interface RouteOptions {
  /** Milliseconds between two rounds of a relayer; default 200. */
  pollInterval?: number;
  /** Seconds of the sending chain's clock that a message waits, as it does on the real networks (for longer); default 0. */
  delays?: {
    /** Linea: from sending on Ethereum to anchoring on Linea. */
    anchor?: number;
    /** Linea: from sending on Linea to finalization on Ethereum. */
    finalize?: number;
    /** zkSync: from proving a batch to executing it, both on Ethereum. */
    execute?: number;
  };
}

export interface Relayers {
  /** Ends after the rounds that are running. */
  stop(): Promise<void>;
  /**
   * Resolves when nothing is left to carry on any route.
   * @throws RollupError with what is left after `timeout` milliseconds (default 60,000), or when they are stopped
   */
  idle(options?: { timeout?: number }): Promise<void>;
  status(): RelayerStatus[];
  /**
   * Holds back the messages of some routes until `release`: what is on its way stays there. Resolves when nothing more is carried.
   * @throws RollupError when no route is meant
   */
  hold(routes?: RouteFilter): Promise<void>;
  release(routes?: RouteFilter): void;
}

/** Routes by chain and direction; all that fit. */
export interface RouteFilter {
  /** Name of the chain. */
  chain?: string;
  /** `up`: to the arbitrator. */
  direction?: Direction;
}

export type Direction = 'up' | 'down';

const DEFAULT_POLL_INTERVAL = 200;
const DEFAULT_IDLE_TIMEOUT = 60_000;

/**
 * Starts the relayers of every chain that has a message service:
 * - Linea: anchorer, finalizer, postman in both directions;
 * - zkSync: sequencer (executes what Ethereum requested; the chain must be an anvil), batcher, claimer.
 *
 * They hold no state of their own: whatever they need to go on after a restart is read from the chains.
 */
export function startRelayers({ deployment, keys, defaults = {}, routes = {}, log = () => {}, signal }: StartRelayersParameters): Relayers {
  const clock = new WorkClock();
  const ethereum = arbitratorEndpoint(deployment);
  const l1 = { relayer: new Sender({ endpoint: ethereum, privateKey: keys.relayer }), operator: new Sender({ endpoint: ethereum, privateKey: keys.operator }) };
  const routed = deployment.chains.flatMap((chain) => {
    const options = { ...defaults, ...routes[chain.name], delays: { ...defaults.delays, ...routes[chain.name]?.delays } };
    const relayers = relayersOf({ chain, l1, keys, options, log });
    const pollInterval = options.pollInterval ?? DEFAULT_POLL_INTERVAL;
    return (['up', 'down'] as const).flatMap((direction) => relayers[direction].map((relayer) => ({ chain: chain.name, direction, loop: new Loop({ relayer, pollInterval, log, clock }) })));
  });
  const loops = routed.map(({ loop }) => loop);
  const loopsOf = ({ chain, direction }: RouteFilter): Loop[] => {
    const found = routed.filter((route) => (chain === undefined || route.chain === chain) && (direction === undefined || route.direction === direction));
    if (found.length > 0) return found.map(({ loop }) => loop);
    throw new RollupError('There is no such route', { facts: { expected: [...new Set(routed.map((route) => `${route.chain} ${route.direction}`))], actual: `${chain ?? 'any chain'} ${direction ?? ''}`.trim() } });
  };

  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all(loops.map(async (loop) => await loop.stop()));
  };
  signal?.addEventListener('abort', () => void stop(), { once: true });
  if (signal?.aborted === true) stopped = true;
  else for (const loop of loops) loop.start();

  return {
    stop,
    idle: async ({ timeout = DEFAULT_IDLE_TIMEOUT } = {}) => await untilIdle(loops, { clock, timeout, stopped: () => stopped }),
    status: () => loops.map(({ status }) => ({ ...status })),
    hold: async (routes = {}) => void (await Promise.all(loopsOf(routes).map(async (loop) => await loop.hold()))),
    release: (routes = {}) => loopsOf(routes).forEach((loop) => loop.release()),
  };
}

interface RelayersOfParameters {
  chain: ChainDeployment;
  l1: { relayer: Sender; operator: Sender };
  keys: RelayerKeys;
  options: RouteOptions;
  log: Log;
}

function relayersOf({ chain, l1, keys, options, log }: RelayersOfParameters): Record<Direction, Relayer[]> {
  const { messageService: service, name: chainName, gateway: l2Gateway, l1Gateway } = chain;
  const { anchor = 0, finalize = 0, execute = 0 } = options.delays ?? {};
  if (service.kind === 'direct') return { up: [], down: [] };
  if (service.kind === 'linea') {
    const { l1Service, l2Service } = service;
    const services = { chainName, l1Service, l2Service, log };
    const relayer = new Sender({ endpoint: chain, privateKey: keys.relayer });
    const operator = new Sender({ endpoint: chain, privateKey: keys.operator });
    return {
      up: [lineaFinalizer({ ...services, l1: l1.operator, l2: operator.client, delay: finalize }), lineaPostmanUp({ ...services, l1: l1.relayer, l2: relayer, l1Gateway, l2Gateway })],
      down: [lineaAnchorer({ ...services, l1: l1.operator.client, l2: operator, delay: anchor }), lineaPostmanDown({ ...services, l1: l1.relayer, l2: relayer, l1Gateway, l2Gateway })],
    };
  }
  const { diamond } = service;
  const l2 = publicClient(chain);
  const zkSyncChainId = chain.chainId;
  const history = new EraHistory(l2);
  const batches = (): EraBatches => new EraBatches({ l1: l1.operator.client, diamond, l2, history, zkSyncChainId });
  return {
    up: [
      zkSyncBatcher({ chainName, l1: l1.operator, diamond, zkSyncChainId, history, batches: batches(), delay: execute, log }),
      zkSyncClaimer({ chainName, l1: l1.relayer, diamond, l1Gateway, l2Gateway, zkSyncChainId, batches: batches(), log }),
    ],
    down: [zkSyncSequencer({ chainName, l1: l1.operator.client, diamond, l2, history, log })],
  };
}
