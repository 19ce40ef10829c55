import { firstLine, formatError, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { toRollupError } from '../chain/errors.ts';
import { storedBlockHash } from '../spec/chainSide.ts';
import { AuditFailure } from './auditReplay.ts';
import { exitModeOf, type ExitMode } from './exitMode.ts';
import { chooseSyncTarget, defaultLimits, nextActions, type Action, type ChainCounters, type PipelineLimits, type PipelineView } from './pipeline.ts';
import type { ArbitratorPort, RollupPort } from './ports.ts';
import type { BlockRecord, Store } from './store.ts';
import { backoff, sleep, type Pause } from './timing.ts';
import { TooOldError, tooOld, type TooOldBlock } from './tooOld.ts';
import { payoutsOf, pushWithdrawals } from './withdrawals.ts';

export interface DriverOptions {
  /** By chain index. */
  rollups: readonly RollupPort[];
  arbitrator: ArbitratorPort;
  store: Store;
  /** Blocks up to here passed the audit of their data. */
  audited: () => number;
  /** Blocks up to here have audited proofs. */
  provable: () => number;
  /** Nothing above this block is committed, proved or synced. Default: no bound. */
  ceiling?: () => number;
  /** Chains whose confirmation has to be sent again. */
  deferred?: () => readonly number[];
  /** Push withdrawals to their owners. Default true. */
  pushWithdrawals?: boolean;
  limits?: Partial<PipelineLimits>;
  /** Milliseconds between looks at the chains. Default 500. */
  pollMs?: number;
  progress?: Progress;
  /** Called once, when nothing more can be sent before a person has looked. */
  onHalt?: (error: RollupError) => void;
  /** Called after each look at a chain. */
  onCounters?: (counters: ChainCounters) => void;
  /** A chain takes a block no more, nor those after it. Called at each attempt. */
  onTooOld?: (block: TooOldBlock) => void;
}

interface Lane {
  id: number | 'arbitrator';
  name: string;
  pause: Pause | null;
  failures: number;
}

/**
 * Walks blocks through the pipeline: one lane for each chain and one for the arbitrator, each reads what its chain says and sends what
 * `nextActions` finds for it. A refused or failed transaction is looked at again: when the chain shows that somebody else did it, the lane
 * goes on; otherwise it waits longer each time and tries again. A fault that repetition cannot cure halts all lanes. In exit mode the lanes
 * go on with what still helps those who leave: confirmations, executions and withdrawals.
 */
export class Driver {
  readonly #options: DriverOptions;
  readonly #limits: PipelineLimits;
  readonly #progress: Progress;
  readonly #lanes: Lane[];
  readonly #counters = new Map<number, ChainCounters>();
  readonly #settled: number[] = [];
  #arbitrator: { lastConfirmed: number; halted: boolean; confirmable: number[] } | null = null;
  #syncTarget: number | null = null;
  #halted: RollupError | null = null;
  #stopped = false;
  #running: Promise<unknown> | null = null;

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#progress = options.progress ?? silentProgress;
    this.#lanes = [
      ...options.rollups.map(({ chainIndex, name }): Lane => ({ id: chainIndex, name, pause: null, failures: 0 })),
      { id: 'arbitrator', name: 'arbitrator', pause: null, failures: 0 },
    ];
  }

  /** Why nothing is sent any more; null while all is well. */
  get halted(): RollupError | null {
    return this.#halted;
  }

  /** What the chains said last, by chain index; null for a chain that has not answered yet. */
  counters(chainIndex: number): ChainCounters | null {
    return this.#counters.get(chainIndex) ?? null;
  }

  get lastConfirmed(): number {
    return this.#arbitrator?.lastConfirmed ?? 0;
  }

  /** The arbitrator confirms nothing any more. */
  get arbitratorHalted(): boolean {
    return this.#arbitrator?.halted ?? false;
  }

  /** Where things stand when a chain or the arbitrator has left normal life, as they said last; null while all is well. */
  get exitMode(): ExitMode | null {
    const { rollups } = this.#options;
    const chains = rollups.flatMap(({ chainIndex, name }) => {
      const counters = this.#counters.get(chainIndex);
      return counters === undefined ? [] : [{ name, counters }];
    });
    return exitModeOf({ chains, arbitrator: this.#arbitrator ?? { halted: false, lastConfirmed: 0 } });
  }

  /** Withdrawals of all blocks up to here were pushed on this chain. */
  settled(chainIndex: number): number {
    return this.#settled[chainIndex] ?? 0;
  }

  /** Reads all chains once and compares them with the store. @throws RollupError when they do not fit */
  async prepare(): Promise<void> {
    const { rollups, store } = this.#options;
    await Promise.all(rollups.map(async (rollup) => {
      this.#settled[rollup.chainIndex] = await store.cursor(cursorName(rollup.chainIndex));
      await this.#readChain(rollup, true);
    }));
    await this.#readArbitrator();
  }

  start(): void {
    this.#running ??= Promise.all(this.#lanes.map((lane) => this.#run(lane)));
  }

  /** Waits for transactions that are on their way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  /** Something is ready: look now. */
  wake(): void {
    if (this.#halted !== null && !this.#stopped) return;
    for (const lane of this.#lanes) if (lane.failures === 0 || this.#stopped) lane.pause?.wake();
  }

  halt(error: RollupError): void {
    if (this.#halted !== null) return;
    this.#halted = error;
    this.#progress.report(`HALTED: ${formatError(error)}`);
    this.#options.onHalt?.(error);
  }

  async #run(lane: Lane): Promise<void> {
    while (!this.#stopped) {
      if (this.#halted !== null) {
        await this.#onlyLook(lane);
        continue;
      }
      let progressed = false;
      try {
        await this.#read(lane.id);
        for (const action of this.#actions(lane.id)) {
          if (this.#stopped || this.#halted !== null) break;
          await this.#perform(action);
          progressed = true;
          await this.#read(lane.id);
          this.wake();
        }
        lane.failures = 0;
      } catch (error) {
        await this.#failed(lane, error);
      }
      if (progressed || this.#stopped) continue;
      lane.pause = sleep(lane.failures === 0 ? (this.#options.pollMs ?? 500) : backoff(lane.failures - 1));
      await lane.pause.done;
      lane.pause = null;
    }
  }

  /** After a fault nothing is sent, but what the chains say is still shown: users must learn of exit mode. */
  async #onlyLook(lane: Lane): Promise<void> {
    try {
      await this.#read(lane.id);
    } catch {
      // The fault is known, and an answer that does not come will come later.
    }
    lane.pause = sleep(Math.max(this.#options.pollMs ?? 500, 50));
    await lane.pause.done;
    lane.pause = null;
  }

  async #failed(lane: Lane, error: unknown): Promise<void> {
    if (error instanceof AuditFailure || error instanceof PipelineFault) {
      this.halt(error);
      return;
    }
    const before = JSON.stringify(this.#actions(lane.id));
    try {
      await this.#read(lane.id);
      if (JSON.stringify(this.#actions(lane.id)) !== before) {
        this.#progress.report(`${lane.name}: ${this.exitMode === null ? 'somebody else was faster' : 'not needed any more, a chain is in exit mode'} (${firstLine(error)})`);
        return;
      }
    } catch (again) {
      if (again instanceof PipelineFault) {
        this.halt(again);
        return;
      }
    }
    if (error instanceof TooOldError) this.#options.onTooOld?.(error.block);
    lane.failures++;
    this.#progress.report(`${lane.name}: attempt ${lane.failures} failed, next in ${backoff(lane.failures - 1) / 1000} s: ${formatError(toRollupError(error, 'reading the chain'))}`);
  }

  #view(): PipelineView | null {
    const { rollups, audited, provable, ceiling, deferred } = this.#options;
    const chains = rollups.map(({ chainIndex }) => this.#counters.get(chainIndex));
    if (this.#arbitrator === null || !chains.every((chain) => chain !== undefined)) return null;
    const view: PipelineView = {
      audited: audited(),
      provable: provable(),
      ceiling: ceiling?.() ?? Infinity,
      chains,
      arbitrator: { ...this.#arbitrator, deferred: deferred?.() ?? [] },
      settled: this.#options.pushWithdrawals === false ? null : this.#settled,
      syncTarget: this.#syncTarget,
      limits: this.#limits,
    };
    this.#syncTarget = chooseSyncTarget(view);
    return { ...view, syncTarget: this.#syncTarget };
  }

  #actions(lane: Lane['id']): Action[] {
    const view = this.#view();
    return view === null ? [] : nextActions(view).filter((action) => action.lane === lane);
  }

  async #read(lane: Lane['id']): Promise<void> {
    if (lane === 'arbitrator') return await this.#readArbitrator();
    await this.#readChain(this.#rollup(lane), false);
  }

  async #readChain(rollup: RollupPort, thorough: boolean): Promise<void> {
    const counters = await rollup.counters();
    const known = this.#counters.get(rollup.chainIndex);
    if (this.#halted === null && (thorough || known?.committed !== counters.committed)) await this.#compare(rollup, counters, thorough);
    this.#counters.set(rollup.chainIndex, counters);
    this.#options.onCounters?.(counters);
  }

  /** What the chain holds must be what the store says that it holds. */
  async #compare(rollup: RollupPort, { committed, executed }: ChainCounters, thorough: boolean): Promise<void> {
    const { store } = this.#options;
    const last = await store.lastBlock();
    if (committed > last) {
      throw new PipelineFault('A chain holds blocks that the store does not have', {
        facts: { chain: rollup.name, committed, lastBlock: last },
        hint: 'The data folder is lost or old: restore it. A new one cannot be rebuilt from the chains yet.',
      });
    }
    for (let n = thorough ? Math.max(1, executed) : Math.max(1, committed); n <= committed; n++) {
      const block = await this.#block(n);
      const expected = storedBlockHash(chainBlock(block, rollup.chainIndex).stored);
      const actual = await rollup.storedBlockHash(n);
      // A block that a reorg or a revert took between the two reads is read again at the next look.
      if (expected === actual || BigInt(actual) === 0n) continue;
      throw new PipelineFault('A chain holds another block than the store', {
        facts: { chain: rollup.name, blockNumber: n, expected, actual },
        hint: 'The data folder is of another deployment, or another sequencer commits with the same account.',
      });
    }
  }

  async #readArbitrator(): Promise<void> {
    const { arbitrator, rollups } = this.#options;
    const chains = rollups.map(({ chainIndex }) => this.#counters.get(chainIndex));
    const known = this.#arbitrator?.lastConfirmed ?? 0;
    const [first] = chains;
    const everywhere = (block: number): boolean => chains.every((chain) => chain !== undefined && (chain.sent.includes(block) || chain.confirmed >= block));
    const candidates = (first?.sent ?? []).filter((block) => block > known && everywhere(block));
    const { lastConfirmed, halted, confirmable, mismatched } = await arbitrator.state(candidates);
    const wrong = mismatched.find((block) => block > lastConfirmed);
    if (wrong !== undefined && this.#halted === null) {
      throw new PipelineFault("The chains' sync hashes differ", {
        facts: { blockNumber: wrong },
        hint: 'The chains do not agree on what happened: nothing can be confirmed from this block on. Compare BlockSynced and BlockProved events.',
      });
    }
    this.#arbitrator = { lastConfirmed, halted, confirmable };
  }

  async #perform(action: Action): Promise<void> {
    const { store, arbitrator } = this.#options;
    if (action.type === 'confirm') {
      const { hash } = await arbitrator.confirm(action.to);
      this.#report(`block ${action.to} confirmed by the arbitrator`, hash);
      return;
    }
    const rollup = this.#rollup(action.chainIndex ?? -1);
    if (action.type === 'resend') {
      const { hash } = await arbitrator.resend(rollup.chainIndex);
      this.#report(`confirmation of block ${action.to} sent again to ${rollup.name}`, hash);
      return;
    }
    const blocks: BlockRecord[] = [];
    for (let n = action.from; n <= action.to; n++) blocks.push(await this.#block(n));
    const first = blocks[0];
    if (first === undefined) return;
    switch (action.type) {
      case 'commit': {
        const previous = action.from === 1 ? null : await this.#block(action.from - 1);
        const some = within(blocks, maxCommitBytes, committedBytes);
        const { hash } = await rollup.commit({ previous, blocks: some }).catch((error: unknown) => {
          throw tooOld(error, rollup, some) ?? error;
        });
        return this.#report(`${span(some)} committed on ${rollup.name}`, hash);
      }
      case 'prove': {
        const proofs = await Promise.all(blocks.map((block) => store.proofs(block.blockNumber)));
        const { hash } = await rollup.prove({ blocks, proofs });
        return this.#report(`${span(blocks)} proved on ${rollup.name}`, hash);
      }
      case 'sync': {
        const { hash } = await rollup.sync(first);
        return this.#report(`block ${action.to} synced from ${rollup.name}`, hash);
      }
      case 'execute': {
        const some = within(blocks, maxPayouts, (block) => payoutsOf([block], rollup.chainIndex).length);
        const { hash } = await rollup.execute(some);
        return this.#report(`${span(some)} executed on ${rollup.name}`, hash);
      }
      case 'withdraw': {
        await pushWithdrawals({ rollup, blocks, progress: this.#progress });
        this.#settled[rollup.chainIndex] = action.to;
        return await store.setCursor(cursorName(rollup.chainIndex), action.to);
      }
    }
  }

  async #block(blockNumber: number): Promise<BlockRecord> {
    const block = await this.#options.store.block(blockNumber);
    if (block === null) throw new PipelineFault('A block is not in the store', { facts: { blockNumber } });
    return block;
  }

  #rollup(chainIndex: number): RollupPort {
    const rollup = this.#options.rollups.find((candidate) => candidate.chainIndex === chainIndex);
    if (rollup === undefined) throw new PipelineFault('There is no such chain', { facts: { chainIndex } });
    return rollup;
  }

  #report(message: string, hash: string): void {
    this.#progress.report(`${message} ${hash}`);
  }
}

/** Something that trying again cannot cure. */
export class PipelineFault extends RollupError {}

/** What chain `chainIndex` knows of a block. @throws RollupError when the block does not know the chain */
export function chainBlock(block: BlockRecord, chainIndex: number): BlockRecord['chains'][number] {
  const found = block.chains[chainIndex];
  if (found === undefined) throw new PipelineFault('The block knows no such chain', { facts: { blockNumber: block.blockNumber, chainIndex } });
  return found;
}

function cursorName(chainIndex: number): string {
  return `settled-${chainIndex}`;
}

function span(blocks: readonly BlockRecord[]): string {
  const [first, last] = [blocks[0]?.blockNumber, blocks.at(-1)?.blockNumber];
  return first === last ? `block ${first}` : `blocks ${first} … ${last}`;
}

/** Nodes refuse transactions of more than 128 KiB. */
const maxCommitBytes = 100_000;

/** At some 33,000 gas for each, well below the block gas limit of any chain. */
const maxPayouts = 300;

/** Calldata of a block on the primary, the chain that gets most: the bytes of its segments, and what surrounds them. */
function committedBytes({ segments }: BlockRecord): number {
  return segments.reduce((sum, { onchainData, l2Data }) => sum + (onchainData.length + l2Data.length) / 2 + 500, 300);
}

/** The first blocks whose weights together stay within `most`, at least one. */
export function within(blocks: readonly BlockRecord[], most: number, weight: (block: BlockRecord) => number): BlockRecord[] {
  let total = 0;
  return blocks.filter((block, i) => (total += weight(block)) <= most || i === 0);
}
