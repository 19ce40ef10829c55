import { RollupError } from '../base/errors.ts';
import { isPriority, requestHashOf, type ChainEvent, type Checkpoint, type PriorityEvent } from './events.ts';
import type { Hex } from '../spec/hex.ts';
import { sleep, type Pause } from './timing.ts';

/** What a watcher needs of a chain. Implemented over JSON-RPC in `chainLogs.ts`. */
export interface LogSource {
  head(): Promise<number>;
  /** Hash of block `number`, or null when the chain has no such block (any more). */
  blockHash(number: number): Promise<Hex | null>;
  /** Events of the watched contract in blocks `from` … `to`, in order. */
  events(from: number, to: number): Promise<ChainEvent[]>;
}

/** Where a watcher keeps what it has read, so that a restart goes on from there. */
export interface EventJournal {
  read(): Promise<{ checkpoints: Checkpoint[]; events: ChainEvent[] }>;
  append(checkpoint: Checkpoint, events: readonly ChainEvent[]): Promise<void>;
  /** Forgets everything above block `ancestor.number`. */
  rewind(ancestor: Checkpoint): Promise<void>;
}

export interface WatcherOptions {
  name: string;
  source: LogSource;
  journal: EventJournal;
  /** Blocks that have to include or follow an event's block before it counts; 1 takes it as soon as it is in a block. */
  confirmations: number;
  /** First block that can hold events. */
  startBlock: number;
  /** Milliseconds between polls. Default 1000. */
  pollMs?: number;
  /** Most blocks in one log query. Default 2000. */
  range?: number;
  onEvents?: (events: readonly ChainEvent[]) => void;
  /** Events that were read before and are not on the chain any more. */
  onRewind?: (ancestor: Checkpoint, forgotten: readonly ChainEvent[]) => void;
  /** A poll failed; the watcher goes on. */
  onError?: (error: unknown) => void;
}

/** Older checkpoints than this many are thinned out: a reorg deeper than all of them starts at `startBlock`. */
const keptCheckpoints = 128;

/**
 * Reads one chain's events in order, up to the configured depth. It remembers (number, hash) of the blocks that it read up to; when the
 * chain no longer has such a block, it goes back to the last one that is still there, forgets what came after it and reads again.
 */
export class Watcher {
  readonly name: string;
  readonly #options: Required<Pick<WatcherOptions, 'pollMs' | 'range'>> & WatcherOptions;
  #checkpoints: Checkpoint[] = [];
  #events: ChainEvent[] = [];
  #requests: PriorityEvent[] = [];
  #loaded = false;
  #pause: Pause | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;
  #head = 0;

  constructor(options: WatcherOptions) {
    if (!Number.isInteger(options.confirmations) || options.confirmations < 1) {
      throw new RollupError('A watcher needs at least one confirmation', { facts: { chain: options.name, confirmations: options.confirmations } });
    }
    this.name = options.name;
    this.#options = { pollMs: 1000, range: 2000, ...options };
  }

  /** All events read so far that are still on the chain, in order. */
  get events(): readonly ChainEvent[] {
    return this.#events;
  }

  /** Priority requests in the order of their ids; index = request id. */
  get requests(): readonly PriorityEvent[] {
    return this.#requests;
  }

  /** The block up to which events were read, or null before the first. */
  get cursor(): Checkpoint | null {
    return this.#checkpoints.at(-1) ?? null;
  }

  /** The chain's newest block at the last poll, confirmed or not. */
  get head(): number {
    return this.#head;
  }

  /** Loads the journal. Must be called before `poll`. */
  async load(): Promise<void> {
    const { checkpoints, events } = await this.#options.journal.read();
    this.#checkpoints = [...checkpoints];
    this.#events = [];
    this.#requests = [];
    this.#loaded = true;
    this.#take(events);
  }

  start(): void {
    this.#stopped = false;
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#pause?.wake();
    await this.#running;
    this.#running = null;
  }

  /** Polls now instead of at the next tick. */
  wake(): void {
    this.#pause?.wake();
  }

  /** One step: rewind if needed, then read everything that is deep enough. */
  async poll(): Promise<void> {
    if (!this.#loaded) await this.load();
    const { source, confirmations, startBlock, range } = this.#options;
    await this.#rewindIfNeeded();
    this.#head = await source.head();
    const safe = this.#head - confirmations + 1;
    for (;;) {
      const from = (this.cursor?.number ?? startBlock - 1) + 1;
      const to = Math.min(safe, from + range - 1);
      if (to < from || this.#stopped) return;
      const before = await source.blockHash(to);
      const events = await source.events(from, to);
      // A reorg between the two answers would give logs of one branch with the hash of the other.
      const after = await source.blockHash(to);
      if (before === null || before !== after) return;
      const checkpoint = { number: to, hash: after };
      this.#check(events);
      await this.#options.journal.append(checkpoint, events);
      this.#checkpoints.push(checkpoint);
      if (this.#checkpoints.length > keptCheckpoints) this.#checkpoints = thin(this.#checkpoints);
      this.#take(events);
      if (events.length > 0) this.#options.onEvents?.(events);
    }
  }

  async #rewindIfNeeded(): Promise<void> {
    let found = this.#checkpoints.length - 1;
    while (found >= 0) {
      const checkpoint = this.#checkpoints[found]!;
      if ((await this.#options.source.blockHash(checkpoint.number)) === checkpoint.hash) break;
      found--;
    }
    if (found === this.#checkpoints.length - 1) return;
    const ancestor = this.#checkpoints[found] ?? { number: this.#options.startBlock - 1, hash: '0x' as Hex };
    await this.#options.journal.rewind(ancestor);
    this.#checkpoints = this.#checkpoints.slice(0, found + 1);
    const kept = this.#events.filter((event) => event.blockNumber <= ancestor.number);
    const forgotten = this.#events.slice(kept.length);
    this.#events = [];
    this.#requests = [];
    this.#take(kept);
    this.#options.onRewind?.(ancestor, forgotten);
  }

  /** Request ids must follow each other: a gap means that the node left logs out. */
  #check(events: readonly ChainEvent[]): void {
    let expected = this.#requests.length;
    for (const event of events.filter(isPriority)) {
      if (event.requestId !== expected) {
        throw new RollupError(`The logs of ${this.name} leave out a priority request`, {
          facts: { expected, actual: event.requestId, transaction: event.transactionHash },
          hint: 'Check that the RPC node serves complete logs and that deployedAtBlock is right.',
        });
      }
      expected++;
    }
  }

  #take(events: readonly ChainEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      if (isPriority(event)) this.#requests.push(event);
    }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.poll();
      } catch (error) {
        this.#options.onError?.(error);
      }
      if (this.#stopped) return;
      this.#pause = sleep(this.#options.pollMs);
      await this.#pause.done;
    }
  }
}

/** Keeps the newer half as it is and every second one of the older half: distances grow with age. */
function thin(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const half = checkpoints.length >> 1;
  return checkpoints.filter((_, i) => i >= half || i % 2 === 0);
}

/** A request that blocks have used, but that the chain no longer holds as it was. */
export interface LostRequest {
  requestId: number;
  /** Hash of the request that a block used. */
  used: Hex;
  /** Hash of the request that the chain has at that id now; null when there is none. */
  found: Hex | null;
}

/** Compares the requests that blocks used (hash by request id) with those on the chain now. */
export function findLostRequest(used: readonly Hex[], requests: readonly PriorityEvent[]): LostRequest | null {
  for (const [requestId, hash] of used.entries()) {
    const request = requests[requestId];
    const found = request === undefined ? null : requestHashOf(request);
    if (found !== hash) return { requestId, used: hash, found };
  }
  return null;
}
