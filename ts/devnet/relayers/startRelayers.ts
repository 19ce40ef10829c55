import type { Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { RollupError } from '../../base/errors.ts';
import { arbitratorEndpoint, type ChainPublicClient, publicClient } from '../../chain/clients.ts';
import type { ChainDeployment, Deployment } from '../../chain/deployments.ts';
import { addressNames } from './addressNames.ts';
import { Book, type MessageStatus } from './book.ts';
import { passTimeOn } from './clocks.ts';
import { type Fault, Faults, type FaultSpec } from './faults.ts';
import { flush, type FlushReport, preview } from './flush.ts';
import { Loop, untilIdle, WorkClock } from './loop.ts';
import { type MadeRoute, type MadeRoutes, makeRoutes } from './makeRoutes.ts';
import { isFinal, type Message, stageOf } from './message.ts';
import { Pauses } from './pauses.ts';
import { type Log, type Mode, reasonOf, type RelayerStatus } from './relayer.ts';
import { reorgChain, type ReorgReport } from './reorg.ts';
import type { Attempt } from './routeRunner.ts';
import { parseRoutes, type RouteFilter, selectRoutes, UnknownWordError } from './routes.ts';
import { Sender } from './sender.ts';
import type { AddressNames } from './trace.ts';

export interface StartRelayersParameters {
  deployment: Deployment;
  keys: RelayerKeys;
  /** For every chain that `routes` does not name. */
  defaults?: RouteOptions;
  /** By name of the chain. */
  routes?: Record<string, RouteOptions>;
  /** Routes that begin as manual, in words, e.g. `['linea postman', 'zksync']`; default none. */
  manual?: readonly string[];
  /** The postman claims messages without a fee as well, as far as they take at most 250,000 gas; default false, as on the real network. */
  sponsoring?: boolean;
  /** One line for each thing carried and each failure; default: silence. */
  log?: Log;
  /** Stops them like `stop()`. */
  signal?: AbortSignal;
}

/** Private keys; their accounts need ETH on Ethereum and on the chains. One key may serve for several. */
export interface RelayerKeys {
  /** Claims messages: needs no role. */
  relayer: Hex;
  /** L1_L2_MESSAGE_SETTER_ROLE at Linea's L2MessageService, OPERATOR_ROLE at LineaRollup, validator of the zkSync chain. */
  operator: Hex;
  /** Administers the services: pauses them. Without it there is no fault `pause`. */
  admin?: Hex;
}

export interface RouteOptions {
  /** Milliseconds between two rounds of a relayer; default 200. */
  pollInterval?: number;
  /** Seconds of chain time that a message waits, as it does on the real networks (for longer); default 0. */
  delays?: {
    /** Linea: from sending on Ethereum to anchoring on Linea. */
    anchor?: number;
    /** Linea: from sending on Linea to finalization on Ethereum. */
    finalize?: number;
    /** Linea: from anchoring, or finalization, to the claim. */
    postman?: number;
    /** zkSync: from the request on Ethereum to the execution. */
    sequencer?: number;
    /** zkSync: from proving a batch to executing it, both on Ethereum. */
    execute?: number;
    /** zkSync: from the execution of the batch to the claim on Ethereum. */
    claimer?: number;
    /** zkSync: from a transaction that sends nothing to Ethereum to the batch that it is sealed in; default 2. */
    seal?: number;
  };
}

export interface FlushOptions {
  /** Default: all. */
  routes?: readonly RouteFilter[];
  /** Ignores delays. */
  now?: boolean;
  /** Only tells what would be done. */
  dryRun?: boolean;
}

/** What a retry did: every step that was tried, and where the message is now. */
export interface RetryReport {
  attempts: Attempt[];
  status: MessageStatus;
}

export interface Relayers {
  /** Ends after the rounds that are running. */
  stop(): Promise<void>;
  /**
   * Resolves when nothing is left to carry on any route.
   * @throws RollupError with what is left after `timeout` milliseconds (default 60,000), or when they are stopped
   */
  idle(options?: { timeout?: number }): Promise<void>;
  /** Of every route, as of its last round. */
  status(): RelayerStatus[];
  /** Of every route, as the chains are now. */
  routes(): Promise<RelayerStatus[]>;
  /**
   * Manual: a route carries nothing by itself, only on `flush` and `retry`. Resolves when nothing more is carried.
   * @throws RollupError when no route is meant
   */
  setMode(mode: Mode, routes?: readonly RouteFilter[]): Promise<void>;
  /** Makes routes manual. */
  hold(routes?: RouteFilter): Promise<void>;
  /** Makes routes automatic. */
  release(routes?: RouteFilter): void;
  /** Seconds of chain time that a message waits for these routes from now on. */
  setDelay(seconds: number, routes?: readonly RouteFilter[]): void;
  /** Carries everything that is due, or can be carried at all, on automatic and manual routes. */
  flush(options?: FlushOptions): Promise<FlushReport>;
  /** All messages between the chains, newest first. */
  messages(options?: { limit?: number }): Promise<MessageStatus[]>;
  /**
   * The messages that a hash stands for: a message's own, a canonical priority transaction's, or any transaction's that sent or carried one.
   * @throws RollupError when there is none
   */
  message(hash: string): Promise<MessageStatus[]>;
  /** Takes messages on at once, whatever delays, pauses between tries, or the postman's rules say. @throws RollupError when there is none */
  retry(hash: string): Promise<RetryReport[]>;
  faults: { add(fault: FaultSpec): Promise<Fault>; list(): Fault[]; clear(id?: number): Promise<Fault[]> };
  /**
   * Replaces the last blocks of a chain, by empty ones or (`again`) by blocks with the same transactions.
   * @throws RollupError when another chain has acted on them
   */
  reorg(chain: string, depth: number, options?: { again?: boolean }): Promise<ReorgReport>;
  /** All clocks go ahead in step, by one block each. @returns the timestamp of these blocks */
  passTime(seconds: number): Promise<bigint>;
  /** Takes up again what failed: chains or contracts are others than they were then. */
  forgive(chain?: string): void;
  /** Runs `work` while no relayer is in the middle of something. */
  paused<T>(work: () => Promise<T>): Promise<T>;
}

const DEFAULT_POLL_INTERVAL = 200;
const DEFAULT_IDLE_TIMEOUT = 60_000;
const DEFAULT_LIMIT = 20;

interface Running extends MadeRoute {
  id: MadeRoute['runner']['id'];
  loop: Loop;
}

/**
 * Starts the relayers of every chain that has a message service:
 * - Linea: anchor, finalize, postman in both directions;
 * - zkSync: sequencer (executes what Ethereum requested; the chain must be an anvil), batcher, claimer.
 *
 * They hold no state of their own: whatever they need to go on after a restart is read from the chains.
 */
export function startRelayers(parameters: StartRelayersParameters): Relayers {
  const { deployment, keys, defaults = {}, routes: byChain = {}, manual = [], sponsoring = false, log = () => {}, signal } = parameters;
  const clock = new WorkClock();
  const ethereum = arbitratorEndpoint(deployment);
  const faults = new Faults(pausesOf(deployment, keys));
  const optionsOf = ({ name }: ChainDeployment): RouteOptions => ({ ...defaults, ...byChain[name], delays: { ...defaults.delays, ...byChain[name]?.delays } });
  const names = addressNames(deployment);
  const made = makeRoutes({ deployment, ethereum, keys, optionsOf, faults, names, sponsoring: () => sponsoring, log });
  const running = made.routes.map((route): Running => {
    const pollInterval = optionsOf(route.chain).pollInterval ?? DEFAULT_POLL_INTERVAL;
    return Object.assign(route, { id: route.runner.id, loop: new Loop({ relayer: route.runner, pollInterval, log, clock }) });
  });
  const loops = running.map(({ loop }) => loop);
  faults.connect(running);
  const book = bookOf({ names, made, running, faults });
  const clients = [publicClient(ethereum), ...deployment.chains.filter(({ chainId }) => chainId !== ethereum.chainId).map((chain) => publicClient(chain))];

  const statusOf = ({ runner, loop, delay }: Running): RelayerStatus => ({ name: runner.name, mode: loop.isHeld ? 'manual' : 'auto', delay, ...loop.status });
  const setMode = async (mode: Mode, filters: readonly RouteFilter[] = []): Promise<void> => {
    const chosen = selectRoutes(running, filters).map(({ loop }) => loop);
    if (mode === 'manual') await Promise.all(chosen.map(async (loop) => await loop.hold()));
    else for (const loop of chosen) loop.release();
  };
  const paused = async <T>(work: () => Promise<T>): Promise<T> =>
    await running.reduce<() => Promise<T>>(
      (inner, { runner }) =>
        async () =>
          await runner.alone(inner),
      work,
    )();

  const forgive = (chain?: string): void => {
    for (const { runner, id } of running) if (chain === undefined || id.chain === chain) runner.forgive();
    clock.tick();
  };

  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    await Promise.all(loops.map(async (loop) => await loop.stop()));
  };
  const byHand = manual.flatMap((route) => parseRoutes([route]));
  for (const { loop } of byHand.length === 0 ? [] : selectRoutes(running, byHand)) void loop.hold();
  signal?.addEventListener('abort', () => void stop(), { once: true });
  if (signal?.aborted === true) stopped = true;
  else for (const loop of loops) loop.start();

  const carry = async (routes: readonly Running[], options: { now: boolean }): Promise<FlushReport> => {
    const report = await flush(
      routes.map(({ runner }) => runner),
      options,
    );
    for (const { loop, runner } of routes) loop.count(report.delivered.filter(({ route }) => route === runner.name).length);
    return report;
  };

  return {
    stop,
    setMode,
    paused,
    idle: async ({ timeout = DEFAULT_IDLE_TIMEOUT } = {}) => await untilIdle(loops, { clock, timeout, stopped: () => stopped }),
    status: () => running.map(statusOf),
    routes: async () => await Promise.all(running.map(async (route) => ({ ...statusOf(route), ...(route.loop.isHeld ? await look(route) : {}) }))),
    hold: async (filter = {}) => await setMode('manual', [filter]),
    release: (filter = {}) => selectRoutes(running, [filter]).forEach(({ loop }) => loop.release()),
    setDelay(seconds, filters = []) {
      if (!Number.isSafeInteger(seconds) || seconds < 0) throw new RollupError('A delay is a whole number of seconds', { facts: { expected: 'at least 0', actual: seconds } });
      for (const route of selectRoutes(running, filters)) route.delay = seconds;
      clock.tick();
    },
    async flush({ routes: filters = [], now = false, dryRun = false } = {}) {
      const chosen = selectRoutes(running, filters);
      const runners = chosen.map(({ runner }) => runner);
      return dryRun ? await preview(runners, { now }) : await carry(chosen, { now });
    },
    messages: async ({ limit = DEFAULT_LIMIT } = {}) => await Promise.all((await book.messages()).slice(-limit).reverse().map(async (message) => await book.status(message))),
    message: async (hash) => await Promise.all((await book.find(hash)).map(async (message) => await book.status(message))),
    retry: async (hash) => await retry({ book, running, hash }),
    forgive,
    faults: {
      add: async (fault) => await faults.add(fault),
      list: () => faults.list(),
      async clear(id) {
        const cleared = await faults.clear(id);
        // What a fault made fail is tried again, also where the postman had given it up.
        for (const chain of new Set(cleared.map(({ route }) => running.find(({ runner }) => runner.name === route)?.id.chain))) forgive(chain);
        return cleared;
      },
    },
    async reorg(chain, depth, { again = false } = {}) {
      const report = await paused(async () => await reorg({ chain, depth, again, deployment, made, book, clients }));
      forgive();
      return report;
    },
    passTime: async (seconds) => await paused(async () => await passTimeOn(clients, seconds)).finally(() => clock.tick()),
  };
}

function bookOf({ names, made, running, faults }: { names: AddressNames; made: MadeRoutes; running: readonly Running[]; faults: Faults }): Book {
  const routes = running.map(({ runner, loop, ...route }) => ({
    runner,
    mode: (): Mode => (loop.isHeld ? 'manual' : 'auto'),
    delay: () => running.find((other) => other.runner === runner)?.delay ?? route.delay,
    error: () => loop.status.error,
    held: (message: Message) => faults.holds(runner.id, message),
  }));
  return new Book({ lineas: made.lineas, zkSyncs: made.zkSyncs, routes, names });
}

function pausesOf(deployment: Deployment, { admin, operator }: RelayerKeys): Pauses | undefined {
  if (admin === undefined) return undefined;
  const l2 = new Map(deployment.chains.map((chain) => [chain.name, new Sender({ endpoint: chain, privateKey: admin })]));
  return new Pauses({ deployment, l1: new Sender({ endpoint: arbitratorEndpoint(deployment), privateKey: admin }), l2, validator: privateKeyToAccount(operator).address });
}

/** What waits on a manual route now. */
async function look({ runner }: Running): Promise<Pick<RelayerStatus, 'waiting' | 'error'>> {
  try {
    return await runner.alone(async () => {
      await runner.relayer.plan();
      return { waiting: runner.relayer.waiting(), error: undefined };
    });
  } catch (error) {
    return { waiting: runner.relayer.waiting(), error: reasonOf(error) };
  }
}

/** Most stages that a message has. */
const MOST_STAGES = 6;

async function retry({ book, running, hash }: { book: Book; running: readonly Running[]; hash: string }): Promise<RetryReport[]> {
  const reports: RetryReport[] = [];
  for (const found of await book.find(hash)) {
    const attempts: Attempt[] = [];
    let message = found;
    for (let i = 0; i < MOST_STAGES && !isFinal(message); i++) {
      const name = (await book.status(message)).route;
      const route = running.find(({ runner }) => runner.name === name);
      if (route === undefined) break;
      const before = attempts.length;
      route.loop.count(await route.runner.perform({ now: true, only: message, attempts }));
      const again = await book.again(message);
      if (attempts.length === before || attempts.at(-1)?.failure !== undefined || again === undefined || stageOf(again) === stageOf(message)) break;
      message = again;
    }
    reports.push({ attempts, status: await book.status((await book.again(found)) ?? found) });
  }
  return reports;
}

interface ReorgOrder {
  chain: string;
  depth: number;
  again: boolean;
  deployment: Deployment;
  made: MadeRoutes;
  book: Book;
  clients: readonly ChainPublicClient[];
}

async function reorg({ chain: name, depth, again, deployment, made, book, clients }: ReorgOrder): Promise<ReorgReport> {
  const client = clients.find((candidate) => candidate.chain.name === name);
  if (client === undefined) throw new UnknownWordError('There is no such chain', { facts: { expected: clients.map((candidate) => candidate.chain.name).join(', '), actual: name } });
  const messages = await book.messages();
  const linea = made.lineas.find(({ services }) => services.chainName === name);
  const zkSync = made.zkSyncs.find(({ services }) => services.chainName === name);
  const finalBlock = linea?.finalizations.at(-1)?.lastBlock ?? (await zkSync?.lastExecutedBlock());
  const deployed = deployment.chains.filter(({ chainId }) => chainId === client.chain.id).map(({ deployedAtBlock }) => BigInt(deployedAtBlock));
  const firstBlock = deployed.reduce((latest, block) => (block > latest ? block : latest), 0n);
  const report = await reorgChain({ client, depth, again, firstBlock, messages, finalBlock });
  const back = new Set((await book.messages()).flatMap(({ hash, places }) => places.map(({ stage, transaction }) => `${hash} ${stage} ${transaction}`)));
  const was = (hash: Hex, stage: string): string => `${hash} ${stage} ${messages.find((message) => message.hash === hash)?.places.find((place) => place.stage === stage)?.transaction ?? ''}`;
  return { ...report, undone: report.undone.filter(({ hash, stage }) => !back.has(was(hash, stage))) };
}
