import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { joinErrors, RollupError } from '../base/errors.ts';
import { stringify } from '../base/json.ts';
import { paths } from '../base/paths.ts';
import { lineProgress, type LogFormat, type Progress, silentProgress } from '../base/progress.ts';
import { arbitratorEndpoint, publicClient } from '../chain/clients.ts';
import type { Deployment, DevnetDescription } from '../chain/deployments.ts';
import type { Sequencer, SequencerOptions } from '../sequencer/sequencer.ts';
import { operatorAccounts, testAccount, userAccounts, type Users } from './accounts.ts';
import { type Anvil, type AnvilParameters, type Fork } from './anvil.ts';
import { type DevnetClients, devnetClients } from './clients.ts';
import { serveControl } from './control.ts';
import { type ChainIds, type Network, networksOf, readTopology, type TopologyConfig, withChainIds } from './deploy.ts';
import { describeNetworks, writeAbis } from './describe.ts';
import { type EventStream, startEventStream } from './events/eventStream.ts';
import { logAndTell } from './events/relayerEvents.ts';
import { startEraFront } from './front/eraFront.ts';
import { lockFolder } from './lock.ts';
import { assertPortFree, freePort } from './ports.ts';
import { answerReads } from './reads.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { parseRoutes, routeIdsOf, selectRoutes } from './relayers/routes.ts';
import { type Relayers, type RouteOptions, startRelayers, type StartRelayersParameters } from './relayers/startRelayers.ts';
import { type DevnetState, devnetState } from './state/devnetState.ts';
import { openDump } from './state/dump.ts';
import type { DevnetParts } from './state/parts.ts';
import { startChains, withUrls } from './state/startChains.ts';
import { untilCommitted } from './untilCommitted.ts';
import { checkTools, versions } from './versions.ts';

export interface StartDevnetOptions {
  /** Port of each chain by its name; default and 0: any free one. */
  ports?: Record<string, number>;
  /** `mainnet`: the chains go by 1, 59144 and 324, for clients that know no others. What test keys sign there is good on the real networks, too. Default `local`. */
  chainIds?: ChainIds;
  /** Port of the sequencer's API; default 0. */
  sequencerPort?: number;
  /** False: chains, contracts and relayers only; no circuits are needed then. */
  sequencer?: boolean;
  /** For the sequencer, e.g. a block policy or a store. */
  sequencerOptions?: Partial<Pick<SequencerOptions, 'policy' | 'limits' | 'pollMs' | 'store' | 'prover' | 'confirmations' | 'pushWithdrawals'>>;
  /** Minimum fees such as `ETH=0.0001` or `withdraw:TST=0.5`; default none. */
  minimumFees?: readonly string[];
  /** Poll interval and delays of the relayers, for all routes; which of them begin as manual; whether the postman claims messages without a fee. */
  relayers?: RouteOptions & Pick<StartRelayersParameters, 'manual' | 'sponsoring'>;
  /** Take orders from other processes of this machine (control.ts), and tell them whether it is ready and what happens (reads.ts). Default false. */
  control?: boolean;
  /** Port of the control server; default 0. */
  controlPort?: number;
  /** Default: ten accounts of the public mnemonic with 10,000 ETH each. */
  users?: Users & { balance?: number };
  /** Seconds between two blocks, by name of the chain; default 0: a block for each transaction. */
  blockTimes?: Record<string, number>;
  /** Nodes whose state chains begin with, by name of the chain (docs/fork.md). */
  forks?: Record<string, Fork>;
  /** Of log files; default text. */
  logFormat?: LogFormat;
  /** Holds logs, the sequencer's data, the description and the lock; default `.devnet`. */
  folder?: string;
  /** Deploy even when the state after the same deployment is kept from an earlier start. Default false. */
  fresh?: boolean;
  /** A file that `dump` wrote: everything begins as it was there, on the ports of this start. */
  load?: string;
  progress?: Progress;
  /** Interrupts the start. A devnet that runs is ended by `stop()`. */
  signal?: AbortSignal;
}

export interface Devnet extends DevnetDescription, DevnetState, AsyncDisposable {
  relayers: Relayers;
  /** Everything that happened on the chains, and what happens (events/). */
  events: EventStream;
  /** viem's clients for each chain, with the users' accounts. */
  clients: DevnetClients;
  /** Whether it can be used, asked anew. */
  ready(): Promise<Readiness>;
  /** Settles, with the reason, when a chain dies by itself. Stopping leaves it pending. */
  crashed: Promise<RollupError>;
  /** Why the sequencer sends nothing any more; null while all is well. */
  halted(): RollupError | null;
  /** Ends the sequencer for good and deletes its data; the description stays, without it. Safe to call twice. @throws RollupError when there never was one */
  removeSequencer(): Promise<void>;
  /**
   * Lets `seconds` pass on all chains in step, by one block each with the same timestamp. What was sent to the sequencer before gets into committed blocks first, as
   * far as that takes less than five seconds. It goes by the clocks of its chains; a block on its way that is too old then it takes back and makes anew.
   * @returns the timestamp, in seconds
   */
  passTime(seconds: number): Promise<bigint>;
  /** Ends everything in reverse order of its start. Safe to call twice. */
  stop(): Promise<void>;
}

/** What was started, ended in reverse order. */
class Undo {
  readonly #steps: { what: string; undo: () => void | Promise<void> }[] = [];
  #done: Promise<void> | undefined;

  add(what: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ what, undo });
  }

  /** @throws RollupError that lists everything that could not be ended */
  run(): Promise<void> {
    this.#done ??= this.#run();
    return this.#done;
  }

  async #run(): Promise<void> {
    const errors: unknown[] = [];
    for (const { what, undo } of this.#steps.reverse()) {
      try {
        await undo();
      } catch (cause) {
        errors.push(new RollupError(`${what} could not be stopped`, { cause }));
      }
    }
    if (errors.length > 0) throw joinErrors('The devnet did not stop cleanly', errors);
  }
}

/**
 * Starts one chain for each network of the topology, deploys message services, tokens and the rollup, and starts relayers and sequencer.
 * @throws RollupError when a port is taken, another devnet runs in the folder, or a part does not start; nothing is left running then
 */
export async function startDevnet(options: StartDevnetOptions = {}): Promise<Devnet> {
  const { progress = silentProgress } = options;
  const undo = new Undo();
  try {
    return await start(options, progress, undo);
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function start(options: StartDevnetOptions, progress: Progress, undo: Undo): Promise<Devnet> {
  const { folder = paths.devnet, sequencer: withSequencer = true, sequencerPort = 0, controlPort = 0, users = {}, logFormat = 'text', signal } = options;
  const userList = userAccounts(users);
  undo.add('lock', lockFolder(folder));
  const interruptible = signal === undefined ? {} : { signal };

  const topology = withChainIds(readTopology('devnet'), options.chainIds ?? 'local');
  // A wrong word in it should not cost a start.
  selectRoutes(routeIdsOf(topology.chains).map((id) => ({ id })), parseRoutes(options.relayers?.manual ?? []));
  const { wanted, eraChainId, eraPort } = anvilsOf(options, topology, folder);
  // All of them before anything starts: nobody should wait to be told of the last one.
  for (const { name, port } of [...wanted, { name: 'zksync', port: eraPort }]) if (port !== 0) await assertPortFree({ port, what: `Chain ${name}`, flag: `--port-${name}` });
  if (withSequencer && sequencerPort !== 0) await assertPortFree({ port: sequencerPort, what: 'Sequencer', flag: '--port-sequencer' });
  if (options.control === true && controlPort !== 0) await assertPortFree({ port: controlPort, what: 'Control', flag: '--port-control' });
  let devnet: Devnet | undefined;
  const running = (): Devnet => {
    if (devnet === undefined) throw new RollupError('The devnet is still starting', { hint: 'Wait for it: `npm run devnet -- wait`.' });
    return devnet;
  };
  const starting = async (): Promise<Readiness> => ({ ready: false, missing: ['the devnet is still starting'] });
  const read = answerReads({ ready: async () => await (devnet === undefined ? starting() : devnet.ready()), description: () => devnet && descriptionOf(devnet), events: () => devnet?.events });
  const control = options.control === true ? await serveControl(running, { port: controlPort, read }) : undefined;
  if (control !== undefined) undo.add('control', () => control.stop());
  const toolsChecked = checkTools();
  toolsChecked.catch(() => {});
  if (options.load !== undefined && wanted.some(({ fork }) => fork !== undefined)) throw new RollupError('A devnet begins either from a file or as a fork', { facts: { load: options.load } });
  const loaded = options.load === undefined ? undefined : await openDump({ file: options.load, folder: join(folder, 'load'), progress });
  undo.add('files of the dump', () => loaded?.remove());
  // What is long to load is loaded while the chains start.
  const sequencerModule = withSequencer ? import('./devnetSequencer.ts') : undefined;
  sequencerModule?.catch(() => {});
  progress.report(`starting ${wanted.map(({ name }) => name).join(', ')}`);
  let crash: (error: RollupError) => void = () => {};
  const crashed = new Promise<RollupError>((resolve) => (crash = resolve));
  const onAnvil = (anvil: Anvil): void => {
    undo.add(`chain ${anvil.name}`, () => anvil.stop());
    anvil.onCrash(crash);
  };
  // The relayers are parts of the node: they work behind the front.
  const chosen = { ...(options.fresh === undefined ? {} : { fresh: options.fresh }), ...(loaded === undefined ? {} : { loaded }) };
  const { anvils, deployment: behindFront } = await startChains({ anvils: wanted, topology, onAnvil, progress, ...chosen, ...interruptible });
  loaded?.remove();

  const era = networkOf(anvils, eraChainId);
  const front = await startEraFront({ node: era, port: eraPort });
  undo.add('front of zksync', () => front.stop());
  const deployment = withUrls(behindFront, new Map([[eraChainId, front.url]]));
  for (const { messageService } of deployment.chains) {
    if (messageService.kind === 'zksync') front.connect({ l1: publicClient(arbitratorEndpoint(deployment)), ...messageService });
  }

  await toolsChecked;
  const logs: Record<string, string> = Object.fromEntries(anvils.map((anvil) => [anvil.name, anvil.logFile]));
  const accounts = [...userList, ...operatorAccounts];
  const events = await startEventStream({ deployment, accounts, file: (logs['events'] = join(folder, 'events.log')), format: logFormat });
  undo.add('events', () => events.stop());
  const relayers = startLoggedRelayers({ options, deployment: behindFront, log: logProgress((logs['relayers'] = join(folder, 'relayers.log')), logFormat, undo), events, undo });
  let sequencer: Sequencer | undefined;
  let removal: Promise<void> | undefined;
  const dataDir = join(folder, 'sequencer');
  if (sequencerModule) {
    const { startDevnetSequencer } = await sequencerModule;
    // What an earlier devnet stored belongs to other chains.
    rmSync(dataDir, { recursive: true, force: true });
    loaded?.restoreSequencer?.(dataDir);
    const log = logProgress((logs['sequencer'] = join(folder, 'sequencer.log')), logFormat, undo);
    const started = await startDevnetSequencer({ deployment, dataDir, port: sequencerPort, options: options.sequencerOptions ?? {}, minimumFees: options.minimumFees ?? [], progress, log, ...interruptible });
    undo.add('sequencer', () => removal ?? started.stop());
    sequencer = started;
  }

  const networks = await describeNetworks({ deployment, logs });
  const abiFolder = join(folder, 'abi');
  undo.add('ABIs', () => rmSync(abiFolder, { recursive: true, force: true }));
  const parts: DevnetParts = {
    chains: anvils,
    forked: wanted.some(({ fork }) => fork !== undefined),
    relayers,
    sequencer: () => (sequencer === undefined || removal !== undefined ? undefined : { paused: sequencer.paused, dataDir }),
  };
  const { remove: removeSnapshots, ...state } = devnetState({ parts, deployment, folder });
  undo.add('snapshots', removeSnapshots);
  if (loaded?.restoreSequencer !== undefined && sequencer === undefined) progress.report("the file holds a sequencer's data, which a devnet without one leaves out");
  const description: DevnetDescription = {
    pid: process.pid,
    deployment,
    ...(sequencer === undefined ? {} : { sequencerUrl: sequencer.url }),
    ...(control === undefined ? {} : { controlUrl: control.url }),
    accounts: userList,
    operators: [...operatorAccounts],
    logs,
    networks,
    abis: await writeAbis({ networks, folder: abiFolder }),
    versions: versions(),
  };
  undo.add('description', () => rmSync(descriptionFile(folder), { force: true }));
  const removeSequencer = async (): Promise<void> => {
    if (sequencer === undefined) throw new RollupError('This devnet has no sequencer');
    await sequencer.stop();
    rmSync(dataDir, { recursive: true, force: true });
    const { sequencerUrl: _, ...rest } = description;
    publish(rest, folder);
    progress.report('the sequencer is stopped, its data are deleted');
  };
  const halted = (): RollupError | null => (removal === undefined ? (sequencer?.halted() ?? null) : null);
  await setBlockTimes(anvils, options.blockTimes ?? {});
  devnet = {
    ...description,
    ...state,
    relayers,
    events,
    clients: devnetClients({ networks, accounts: userList }),
    ready: async () =>
      await readinessOf({ networks, relayers: relayers.status(), ...(sequencer === undefined || removal !== undefined ? {} : { sequencer: { url: sequencer.url, halted } }) }),
    crashed,
    halted,
    removeSequencer: async () => await (removal ??= removeSequencer()),
    passTime: async (seconds) => {
      if (sequencer !== undefined && removal === undefined) await untilCommitted({ url: sequencer.url });
      return await relayers.passTime(seconds);
    },
    stop: () => undo.run(),
    [Symbol.asyncDispose]: async () => await undo.run(),
  };
  publish(description, folder);
  return devnet;
}

/** What of a devnet can be written down. */
export function descriptionOf({ pid, deployment, sequencerUrl, controlUrl, accounts, operators, logs, networks, abis, versions: found }: Devnet): DevnetDescription {
  return {
    ...{ pid, deployment, ...(sequencerUrl === undefined ? {} : { sequencerUrl }), ...(controlUrl === undefined ? {} : { controlUrl }), accounts },
    ...{ ...(operators && { operators }), logs, ...(networks && { networks }), ...(abis && { abis }), ...(found && { versions: found }) },
  };
}

/** Only now: with blocks at intervals a deployment would take minutes. */
async function setBlockTimes(anvils: readonly Anvil[], blockTimes: Readonly<Record<string, number>>): Promise<void> {
  await Promise.all(anvils.map(async (anvil) => await anvil.mineEvery(blockTimes[anvil.name] ?? 0)));
}

/** Ports of the chains in the order of `networksOf`: Ethereum, Linea, zkSync Era. */
export const DEFAULT_PORTS: readonly number[] = [8545, 8546, 8547];

function anvilsOf({ ports = {}, sequencerPort = 0, controlPort = 0, users, forks = {} }: StartDevnetOptions, topology: TopologyConfig, folder: string): { wanted: AnvilParameters[]; eraChainId: number; eraPort: number } {
  const era = topology.chains.find(({ messageService }) => messageService.kind === 'zksync');
  if (era === undefined) throw new RollupError('The topology of the devnet has no zkSync chain', { facts: { chains: topology.chains.map(({ name }) => name) } });
  // Front and sequencer come last: no chain may take the port that was chosen for them.
  const findPort = async (): Promise<number> => await freePort({ except: [...Object.values(ports), sequencerPort, controlPort] });
  const wanted = networksOf(topology).map(({ name, chainId }): AnvilParameters => {
    const isEra = chainId === era.chainId;
    // Clients reach Era's node through its front. Priority transactions are executed at gas price 0 for senders that hold nothing.
    const fork = forks[name];
    const place = isEra ? { port: 0, use: { what: `Node of ${name} behind its front` } } : { port: ports[name] ?? 0 };
    return { name, chainId, ...place, findPort, logFile: join(folder, `${name}.log`), ...(isEra ? { gasPrice: 0n } : {}), ...(users && { users }), ...(fork && { fork }) };
  });
  return { wanted, eraChainId: era.chainId, eraPort: ports[era.name] ?? 0 };
}

function networkOf(anvils: readonly Anvil[], chainId: number): Network {
  const anvil = anvils.find((candidate) => candidate.chainId === chainId);
  if (anvil === undefined) throw new RollupError('A chain of the devnet is missing', { facts: { chainId } });
  return { name: anvil.name, chainId, rpcUrl: anvil.url };
}

function startLoggedRelayers({ options, deployment, log, events, undo }: { options: StartDevnetOptions; deployment: Deployment; log: Progress; events: EventStream; undo: Undo }): Relayers {
  const keys = { relayer: testAccount('relayer').privateKey, operator: testAccount('operator').privateKey, admin: testAccount('deployer').privateKey };
  const { manual = [], sponsoring = false, ...defaults } = options.relayers ?? {};
  const relayers = startRelayers({ deployment, keys, log: logAndTell(log, events), defaults, manual, sponsoring });
  undo.add('relayers', () => relayers.stop());
  return relayers;
}

function logProgress(file: string, format: LogFormat, undo: Undo): Progress {
  const stream = createWriteStream(file);
  undo.add(`log ${file}`, () => new Promise((resolve) => stream.end(resolve)));
  return lineProgress((line) => stream.write(`${line}\n`), '', format);
}

/** Readers never see half a description. */
function publish(description: DevnetDescription, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = descriptionFile(folder);
  writeFileSync(`${file}.new`, `${stringify(description, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function descriptionFile(folder: string): string {
  return join(folder, 'devnet.json');
}
