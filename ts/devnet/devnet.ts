import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { joinErrors, RollupError } from '../base/errors.ts';
import { stringify } from '../base/json.ts';
import { paths } from '../base/paths.ts';
import { lineProgress, type Progress, silentProgress } from '../base/progress.ts';
import { keyOfAccount } from '../chain/client/key.ts';
import type { Deployment, DevnetDescription, TestAccount } from '../chain/deployments.ts';
import { ensureBuilt } from '../circuit/ensureBuilt.ts';
import { parseMinimumFees } from '../sequencer/fees.ts';
import type { Sequencer, SequencerOptions } from '../sequencer/sequencer.ts';
import { testAccount, testAccounts } from './accounts.ts';
import { Anvil, assertPortFree } from './anvil.ts';
import { serveControl } from './control.ts';
import { buildContracts, deployDevnet, type Network, networksOf, placeTopology, readTopology, removeDeployment } from './deploy.ts';
import { lockFolder } from './lock.ts';
import { type Relayers, type RouteOptions, startRelayers } from './relayers/startRelayers.ts';

export interface StartDevnetOptions {
  /** Port of each chain by its name; default and 0: any free one. */
  ports?: Record<string, number>;
  /** Port of the sequencer's API; default 0. */
  sequencerPort?: number;
  /** False: chains, contracts and relayers only; no circuits are needed then. */
  sequencer?: boolean;
  /** For the sequencer, e.g. a block policy or a store. */
  sequencerOptions?: Partial<Pick<SequencerOptions, 'policy' | 'limits' | 'pollMs' | 'store' | 'prover' | 'confirmations' | 'pushWithdrawals'>>;
  /** Minimum fees such as `ETH=0.0001` or `withdraw:TST=0.5`; default none. */
  minimumFees?: readonly string[];
  /** Poll interval and delays of the relayers, for all routes. */
  relayers?: RouteOptions;
  /** Take orders from other processes of this machine (control.ts). Default false. */
  control?: boolean;
  /** Holds logs, the sequencer's data, the description and the lock; default `.devnet`. */
  folder?: string;
  progress?: Progress;
  /** Interrupts the start. A devnet that runs is ended by `stop()`. */
  signal?: AbortSignal;
}

export interface Devnet extends DevnetDescription {
  relayers: Relayers;
  /** Settles, with the reason, when a chain dies by itself. Stopping leaves it pending. */
  crashed: Promise<RollupError>;
  /** Why the sequencer sends nothing any more; null while all is well. */
  halted(): RollupError | null;
  /** Ends the sequencer for good and deletes its data; the description stays, without it. Safe to call twice. @throws RollupError when there never was one */
  removeSequencer(): Promise<void>;
  /**
   * Lets `seconds` pass on all chains, by one block each. A sequencer that runs goes by this machine's clock: chains that are further
   * ahead than `timestampPastTolerance` take no more blocks of it.
   */
  passTime(seconds: number): Promise<void>;
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
  const { folder = paths.devnet, sequencer: withSequencer = true, sequencerPort = 0, signal } = options;
  undo.add('lock', lockFolder(folder));
  if (withSequencer && sequencerPort !== 0) await assertPortFree({ port: sequencerPort, what: 'Sequencer', flag: '--port-sequencer' });
  const interruptible = signal === undefined ? {} : { signal };

  const anvils = anvilsOf(options, folder);
  for (const anvil of anvils) undo.add(`chain ${anvil.name}`, () => anvil.stop());
  const crashed = new Promise<RollupError>((resolve) => anvils.forEach((anvil) => anvil.onCrash(resolve)));
  // What is long to load is loaded while the chains start.
  const sequencerModule = withSequencer ? import('../sequencer/sequencer.ts') : undefined;
  sequencerModule?.catch(() => {});
  progress.report(`starting ${anvils.map(({ name }) => name).join(', ')}`);
  await Promise.all([...anvils.map((anvil) => anvil.start()), buildContracts({ progress, ...interruptible })]);
  signal?.throwIfAborted();

  const topology = readTopology('devnet');
  const name = anvils.every(({ port }, i) => port === DEFAULT_PORTS[i]) ? 'devnet' : `devnet-${anvils[0]?.port}`;
  undo.add('deployment', () => removeDeployment(name));
  const deployment = await deployDevnet({ topology: placeTopology(topology, name, anvils.map(networkOf)), progress, ...interruptible });
  signal?.throwIfAborted();

  const logs: Record<string, string> = Object.fromEntries(anvils.map((anvil) => [anvil.name, anvil.logFile]));
  const relayers = startLoggedRelayers({ options, deployment, logFile: (logs['relayers'] = join(folder, 'relayers.log')), undo });
  let sequencer: Sequencer | undefined;
  let removal: Promise<void> | undefined;
  const dataDir = join(folder, 'sequencer');
  if (sequencerModule) {
    await ensureBuilt({ progress, ...interruptible });
    signal?.throwIfAborted();
    progress.report('starting the sequencer');
    const { startSequencer } = await sequencerModule;
    const operator = privateKeyToAccount(testAccount('operator').privateKey);
    const { publicKey } = await keyOfAccount(operator);
    // The chains are new: what an earlier devnet stored is of no use.
    rmSync(dataDir, { recursive: true, force: true });
    const started = await startSequencer({
      pollMs: 150,
      ...options.sequencerOptions,
      deployment,
      accounts: { validator: testAccount('validator').privateKey, anyone: testAccount('prover').privateKey },
      operator: { owner: BigInt(operator.address), keyX: publicKey.x, keyY: publicKey.y },
      fees: parseMinimumFees(options.minimumFees ?? [], deployment),
      dataDir,
      port: sequencerPort,
      progress: logProgress((logs['sequencer'] = join(folder, 'sequencer.log')), undo),
    });
    undo.add('sequencer', () => removal ?? started.stop());
    sequencer = started;
  }

  const control = options.control === true ? await serveControl(() => devnet) : undefined;
  if (control !== undefined) undo.add('control', () => control.stop());
  const description: DevnetDescription = {
    pid: process.pid,
    deployment,
    ...(sequencer === undefined ? {} : { sequencerUrl: sequencer.url }),
    ...(control === undefined ? {} : { controlUrl: control.url }),
    accounts: [...testAccounts] satisfies TestAccount[],
    logs,
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
  const devnet: Devnet = {
    ...description,
    relayers,
    crashed,
    halted: () => (removal === undefined ? (sequencer?.halted() ?? null) : null),
    removeSequencer: async () => await (removal ??= removeSequencer()),
    passTime: async (seconds) => void (await Promise.all(anvils.map(async (anvil) => await anvil.passTime(seconds)))),
    stop: () => undo.run(),
  };
  publish(description, folder);
  return devnet;
}

/** Ports of the chains in the order of `networksOf`: Ethereum, Linea, zkSync Era. */
export const DEFAULT_PORTS: readonly number[] = [8545, 8546, 8547];

function anvilsOf({ ports = {} }: StartDevnetOptions, folder: string): Anvil[] {
  const topology = readTopology('devnet');
  return networksOf(topology).map(({ name, chainId }) => {
    const isEra = topology.chains.some((chain) => chain.chainId === chainId && chain.messageService.kind === 'zksync');
    // Era's priority transactions are executed at gas price 0 for senders that hold nothing.
    return new Anvil({ name, chainId, port: ports[name] ?? 0, logFile: join(folder, `${name}.log`), ...(isEra ? { gasPrice: 0n } : {}) });
  });
}

function networkOf({ name, chainId, url }: Anvil): Network {
  return { name, chainId, rpcUrl: url };
}

function startLoggedRelayers({ options, deployment, logFile, undo }: { options: StartDevnetOptions; deployment: Deployment; logFile: string; undo: Undo }): Relayers {
  const log = logProgress(logFile, undo);
  const keys = { relayer: testAccount('relayer').privateKey, operator: testAccount('operator').privateKey };
  const relayers = startRelayers({ deployment, keys, log: (line) => log.report(line), ...(options.relayers === undefined ? {} : { defaults: options.relayers }) });
  undo.add('relayers', () => relayers.stop());
  return relayers;
}

function logProgress(file: string, undo: Undo): Progress {
  const stream = createWriteStream(file);
  undo.add(`log ${file}`, () => new Promise((resolve) => stream.end(resolve)));
  return lineProgress((line) => stream.write(`${line}\n`));
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
