import { formatError, RollupError } from '../base/errors.ts';
import type { Progress } from '../base/progress.ts';
import { toRollupError } from '../chain/errors.ts';
import { priorityRequestsOf, queuedRequestHash } from '../spec/chainSide.ts';
import type { Hex } from '../spec/hex.ts';
import { Auditor, type VerifyProof } from './auditor.ts';
import type { ChainClock } from './chainClock.ts';
import type { Connections } from './chains.ts';
import { Driver } from './driver.ts';
import { requestHashOf } from './events.ts';
import { describeExitMode, type ExitMode } from './exitMode.ts';
import { ExpiryLog, oldestRequest, type OldestRequest } from './expiry.ts';
import type { FeePolicy, Operator } from './fees.ts';
import { Mempool } from './mempool.ts';
import { PairDesk } from './pairDesk.ts';
import type { PipelineLimits } from './pipeline.ts';
import type { ProveStatement } from './ports.ts';
import { Producer, type BlockPolicy } from './producer.ts';
import { Proving } from './proving.ts';
import { restoreTip } from './sealer.ts';
import { deferredChains } from './stages.ts';
import type { BlockRecord, Store } from './store.ts';
import { sleep, type Pause } from './timing.ts';
import type { TooOldBlock } from './tooOld.ts';
import { sequencerView, type SequencerView } from './view.ts';
import { findLostRequest, Watcher, type LostRequest } from './watcher.ts';

export interface CoreOptions {
  connections: Connections;
  store: Store;
  prove: ProveStatement;
  verifyProof: VerifyProof;
  operator: Operator;
  fees: FeePolicy;
  /** By chain index; the last one is the arbitrator's. */
  confirmations: readonly number[];
  policy?: Partial<BlockPolicy>;
  limits?: Partial<PipelineLimits>;
  pushWithdrawals?: boolean;
  /** Milliseconds between looks at the chains. */
  pollMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** What blocks are dated with. */
  clock: ChainClock;
  progress: Progress;
  /** A request that blocks from `blockNumber` on build on is not on its chain (any more). Nothing above is sent meanwhile. */
  onLost: (lost: LostOnChain) => void;
  /** A chain takes a sealed block no more. */
  onTooOld: (block: TooOldBlock) => void;
}

export interface LostOnChain extends LostRequest {
  chainIndex: number;
  /** The first block that uses the request. */
  blockNumber: number;
}

interface CoreParts {
  watchers: readonly Watcher[];
  arbitratorWatcher: Watcher;
  auditor: Auditor;
  proving: Proving;
  producer: Producer;
  driver: Driver;
  view: SequencerView;
  used: Hex[][];
}

/**
 * One run of the sequencer over what is in the store: watchers → producer → auditor and proving → driver. It is built anew after a
 * restart, and after blocks had to be dropped; nothing in it outlives that.
 */
export class Core {
  readonly view: SequencerView;
  readonly driver: Driver;
  readonly #options: CoreOptions;
  readonly #watchers: readonly Watcher[];
  readonly #arbitratorWatcher: Watcher;
  readonly #auditor: Auditor;
  readonly #proving: Proving;
  readonly #producer: Producer;
  /** By chain index: hashes of the requests that blocks used, by request id. */
  readonly #used: Hex[][];
  /** By block number, then by chain index: requests that blocks up to it use. */
  readonly #requestTotals: (readonly number[])[] = [];
  readonly #expiryLog = new ExpiryLog();
  #exitMode: string | null = null;
  #audits: Promise<void> = Promise.resolve();
  #loop: Promise<void> | null = null;
  #pause: Pause | null = null;
  #stopped = false;
  #ceiling = Infinity;
  /** Blocks up to here were given to auditor and prover. */
  #handed = 0;

  private constructor(options: CoreOptions, parts: CoreParts) {
    this.#options = options;
    this.#watchers = parts.watchers;
    this.#arbitratorWatcher = parts.arbitratorWatcher;
    this.#auditor = parts.auditor;
    this.#proving = parts.proving;
    this.#producer = parts.producer;
    this.driver = parts.driver;
    this.view = parts.view;
    this.#used = parts.used;
  }

  /** Rebuilds everything from store and chains, and starts. @throws RollupError when they do not fit together */
  static async start(options: CoreOptions): Promise<Core> {
    const { connections, store, operator, fees, progress, pollMs, now, clock } = options;
    const { context, chains } = connections;
    let core: Core | null = null;
    const onError = (name: string) => (error: unknown) => progress.report(`${name}: ${formatError(toRollupError(error, 'events could not be read'))}`);
    const watchers = chains.map(({ chainIndex, name, logs, deployedAtBlock }) =>
      new Watcher({
        name, source: logs, journal: store.journal(`${chainIndex}`), confirmations: options.confirmations[chainIndex] ?? 1, startBlock: deployedAtBlock, pollMs,
        onEvents: () => core?.look(),
        onRewind: (ancestor, forgotten) => {
          progress.report(`${name}: reorg, back to block ${ancestor.number}, ${forgotten.length} events forgotten`);
          core?.look();
        },
        onError: onError(name),
      }),
    );
    const arbitratorWatcher = new Watcher({
      name: 'arbitrator', source: connections.arbitratorLogs, journal: store.journal('arbitrator'), confirmations: options.confirmations[chains.length] ?? 1,
      startBlock: connections.arbitratorStart, pollMs, onError: onError('arbitrator'),
    });
    await Promise.all([...watchers, arbitratorWatcher].map((watcher) => watcher.poll()));

    const tip = await restoreTip({ context, store });
    const auditor = new Auditor({
      ...context,
      operator,
      verifyProof: options.verifyProof,
      async readRequest({ chainIndex, requestId }) {
        const hash = await chains[chainIndex]?.port.requestHash(requestId);
        if (hash !== null && hash !== undefined) return hash;
        // The queue forgets what is executed; its event stays.
        const event = watchers[chainIndex]?.requests[requestId];
        return event === undefined ? null : requestHashOf(event);
      },
    });
    const used: Hex[][] = chains.map(() => []);
    const mempool = new Mempool({ deploymentId: context.deploymentId, state: () => producer.tip.state, operator, fees, now, time: () => producer.nextTimestamp() });
    const ports = chains.map(({ port }) => port);
    const desk = new PairDesk({
      store, requests: await store.requestedPairs(), state: () => producer.tip.state,
      isRegistered: async (chainIndex, token) => (await ports[chainIndex]?.isRegistered(token)) ?? false,
    });
    const producer: Producer = new Producer({
      context, tip, store, mempool, operator, now, time: () => clock.seconds(), progress, chainNames: chains.map(({ name }) => name),
      requests: () => watchers.map(({ requests }) => requests),
      pairs: () => desk.pending(),
      provable: () => proving.provable,
      ...(options.policy === undefined ? {} : { policy: options.policy }),
    });
    // What orders take on their peer's chain is counted against the leaves of the tip.
    for (const { id, transaction } of await store.pendingTransactions()) mempool.add({ id, transaction });
    const driver: Driver = new Driver({
      rollups: ports, arbitrator: connections.arbitrator, store, progress, pollMs,
      audited: () => auditor.auditedBlock,
      provable: () => proving.provable,
      ceiling: () => core?.ceiling ?? Infinity,
      deferred: () => deferredChains(arbitratorWatcher.events),
      onCounters: (counters) => clock.see(counters.chainIndex, counters.time),
      onTooOld: options.onTooOld,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      ...(options.pushWithdrawals === undefined ? {} : { pushWithdrawals: options.pushWithdrawals }),
    });
    await driver.prepare();
    const proving: Proving = new Proving({
      store, progress, prove: options.prove,
      auditProofs: async (block, proofs) => await auditor.auditProofs(block, proofs),
      provedUpTo: Math.min(tip.blockNumber, driver.counters(context.primaryIndex)?.proved ?? 0),
      onProvable: () => driver.wake(),
      onFault: (error) => driver.halt(error),
    });
    const oldestRequests = (): (OldestRequest | null)[] => core?.oldestRequests() ?? [];
    const view = sequencerView({
      deploymentId: context.deploymentId, chains, store, mempool, producer, desk, driver, operator, fees, oldestRequests,
      events: (source) => (source === 'arbitrator' ? arbitratorWatcher : watchers[source])?.events ?? [],
      onAccepted: () => core?.look(),
    });
    core = new Core(options, { watchers, arbitratorWatcher, auditor, proving, producer, driver, view, used });
    await core.#begin(tip.blockNumber);
    return core;
  }

  /** Nothing above this block is sent. */
  get ceiling(): number {
    return this.#ceiling;
  }

  /** By chain index: the request that must be executed next; null where none waits. */
  oldestRequests(): (OldestRequest | null)[] {
    return this.#options.connections.chains.map(({ chainIndex, priorityExpiration }) => {
      const counters = this.driver.counters(chainIndex);
      if (counters === null) return null;
      return oldestRequest({
        requests: this.#watchers[chainIndex]?.requests ?? [],
        executed: this.#requestTotals[counters.executed]?.[chainIndex] ?? 0,
        priorityExpiration,
        now: Math.max(counters.time, Math.floor(this.#options.now() / 1000)),
      });
    });
  }

  /** Something happened: look at once instead of at the next poll. */
  look(): void {
    this.#pause?.wake();
  }

  /** Stops in reverse order; waits for transactions that are on their way and cancels proofs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.look();
    await this.#loop;
    await Promise.all([...this.#watchers, this.#arbitratorWatcher].map((watcher) => watcher.stop()));
    await this.#proving.stop();
    await this.#audits;
    await this.driver.stop();
  }

  async #begin(lastBlock: number): Promise<void> {
    const { store } = this.#options;
    for (let n = 1; n <= lastBlock; n++) {
      const block = await store.block(n);
      if (block === null) throw new RollupError('A stored block is missing', { facts: { blockNumber: n } });
      this.#remember(block);
    }
    if (this.driver.exitMode === null) {
      await this.#checkRequests();
      await this.#handOver();
      await this.#audits;
    }
    for (const watcher of [...this.#watchers, this.#arbitratorWatcher]) watcher.start();
    this.driver.start();
    this.#loop = this.#run();
  }

  async #run(): Promise<void> {
    const { pollMs, progress } = this.#options;
    while (!this.#stopped) {
      try {
        // In exit mode no block is made or taken back.
        if (this.#reportDangers() === null) {
          await this.#checkRequests();
          const block = this.#ceiling === Infinity && this.driver.halted === null ? await this.#producer.tick() : null;
          if (block !== null) this.#remember(block);
          await this.#handOver();
        }
      } catch (error) {
        // The ledger and the store may differ now: only a restart is safe.
        this.driver.halt(error instanceof RollupError ? error : new RollupError('A block could not be sealed', { cause: error }));
        progress.report('sealing has stopped');
        return;
      }
      if (this.#stopped) return;
      this.#pause = sleep(Math.min(pollMs, 200));
      await this.#pause.done;
    }
  }

  /** Says in the log what endangers the rollup, and how far exit mode has come. @returns exit mode, null while there is none */
  #reportDangers(): ExitMode | null {
    const { connections, progress } = this.#options;
    const exit = this.driver.exitMode;
    if (exit === null) {
      if (this.#exitMode !== null) progress.report('no chain is in exit mode any more (a reorg took it back): blocks are made again');
      this.#exitMode = null;
      for (const [chainIndex, oldest] of this.oldestRequests().entries()) {
        const warning = this.#expiryLog.next(connections.chains[chainIndex]?.name ?? `chain ${chainIndex}`, oldest);
        if (warning !== null) progress.report(`WARNING: ${warning}`);
      }
      return null;
    }
    const { message, hint } = describeExitMode(exit);
    if (message !== this.#exitMode) progress.report(`EXIT MODE: ${message}. No block is made, committed or synced. ${hint}`);
    this.#exitMode = message;
    return exit;
  }

  /** Gives sealed blocks that are not in doubt to auditor and prover, in order. */
  async #handOver(): Promise<void> {
    const last = Math.min(this.#producer.tip.blockNumber, this.#ceiling);
    while (this.#handed < last) {
      const block = await this.#options.store.block(this.#handed + 1);
      if (block === null) throw new RollupError('A stored block is missing', { facts: { blockNumber: this.#handed + 1 } });
      this.#handed++;
      this.#proving.add(block.blockNumber);
      this.#audits = this.#audits.then(async () => await this.#auditNext(block));
    }
  }

  async #auditNext(block: BlockRecord): Promise<void> {
    try {
      if (this.driver.halted === null && !this.#stopped) await this.#audit(block);
      this.driver.wake();
    } catch (error) {
      this.driver.halt(error instanceof RollupError ? error : new RollupError(`Block ${block.blockNumber} could not be audited`, { cause: error }));
    }
  }

  /** A request that its chain does not hold at this moment may be back after a reorg; a node may be away for a moment. */
  async #audit(block: BlockRecord): Promise<void> {
    for (;;) {
      try {
        return await this.#auditor.auditBlock(block);
      } catch (error) {
        const isDoubtful = !(error instanceof RollupError) || (error.facts['requestId'] !== undefined && error.facts['expected'] === null);
        if (!isDoubtful) throw error;
        this.#options.progress.report(`block ${block.blockNumber}: audit waits: ${formatError(error)}`);
        await sleep(this.#options.pollMs).done;
        // A block in doubt is dropped or audited by the next run.
        if (this.#stopped) return;
      }
    }
  }

  #remember(block: BlockRecord): void {
    this.#requestTotals[block.blockNumber] = block.chains.map(({ stored }) => stored.priorityRequestsTotal);
    for (const { chainIndex, operations } of block.segments) this.#used[chainIndex]?.push(...priorityRequestsOf(operations).map(queuedRequestHash));
  }

  /** Compares the requests that blocks used with those on the chains, and sets the ceiling below the first doubtful block. */
  async #checkRequests(): Promise<void> {
    const lost = this.#watchers.flatMap((watcher, chainIndex): (LostRequest & { chainIndex: number })[] => {
      const found = findLostRequest(this.#used[chainIndex] ?? [], watcher.requests);
      return found === null ? [] : [{ ...found, chainIndex }];
    });
    if (lost.length === 0) {
      if (this.#ceiling !== Infinity) this.#options.progress.report('all requests that blocks use are on their chains again');
      this.#ceiling = Infinity;
      return;
    }
    await this.#doubt(lost);
  }

  async #doubt(lost: readonly (LostRequest & { chainIndex: number })[]): Promise<void> {
    // Until the block is known, nothing at all is sent.
    if (this.#ceiling === Infinity) this.#ceiling = 0;
    const located = await Promise.all(lost.map(async (entry): Promise<LostOnChain> => ({ ...entry, blockNumber: await this.#firstUse(entry) })));
    const first = located.reduce((a, b) => (b.blockNumber < a.blockNumber ? b : a));
    this.#ceiling = first.blockNumber - 1;
    this.#options.onLost(located.find(({ blockNumber, found }) => blockNumber === first.blockNumber && found !== null) ?? first);
  }

  async #firstUse({ chainIndex, requestId }: { chainIndex: number; requestId: number }): Promise<number> {
    const { store } = this.#options;
    const last = await store.lastBlock();
    for (let n = 1; n <= last; n++) {
      const total = (await store.block(n))?.chains[chainIndex]?.stored.priorityRequestsTotal ?? 0;
      if (total > requestId) return n;
    }
    return last;
  }
}
