import { silentProgress, type Progress } from '../base/progress.ts';
import { params } from '../spec/params.ts';
import type { PriorityEvent } from './events.ts';
import type { Operator } from './fees.ts';
import type { Mempool } from './mempool.ts';
import { packBlock } from './packer.ts';
import { seal, type SealingContext, type Tip } from './sealer.ts';
import type { BlockRecord, PairRequest, Store } from './store.ts';

export interface BlockPolicy {
  /** Milliseconds that the oldest pending operation waits at most before a block is sealed. Default 3000. */
  blockIntervalMs: number;
  /** Pending operations at which a block is sealed at once. Default four segments. */
  sealAt: number;
  /** Seal no further block while this many have no proof yet: then blocks grow instead of queues. Default 4. */
  maxUnproved: number;
  /** Also seal when nothing is pending, every `blockIntervalMs`. Default false. */
  emptyBlocks: boolean;
}

export const defaultPolicy: BlockPolicy = { blockIntervalMs: 3000, sealAt: 4 * params.slots, maxUnproved: 4, emptyBlocks: false };

export interface SealDecision {
  pending: number;
  /** How long the oldest pending operation has waited; since the last block when nothing is pending. */
  waitedMs: number;
  unproved: number;
}

/** Whether to seal a block now. */
export function shouldSeal({ pending, waitedMs, unproved }: SealDecision, policy: BlockPolicy): boolean {
  if (unproved >= policy.maxUnproved) return false;
  if (pending === 0) return policy.emptyBlocks && waitedMs >= policy.blockIntervalMs;
  return pending >= policy.sealAt || waitedMs >= policy.blockIntervalMs;
}

export interface ProducerOptions {
  context: SealingContext;
  tip: Tip;
  store: Store;
  mempool: Mempool;
  /** Who collects the fees. */
  operator: Operator;
  /** Pairs that somebody asked for and no block has opened. */
  pairs: () => readonly PairRequest[];
  /** By chain index: every request read from that chain, index = request id. */
  requests: () => readonly (readonly PriorityEvent[])[];
  /** Blocks up to here have proofs. */
  provable: () => number;
  policy?: Partial<BlockPolicy>;
  /** Milliseconds since the epoch; for how long something has waited. */
  now?: () => number;
  /** Seconds since the epoch; what blocks are dated with. Default: `now`'s. */
  time?: () => number;
  chainNames: readonly string[];
  progress?: Progress;
}

/** Seals blocks: the only place where the ledger moves forward. */
export class Producer {
  readonly #options: ProducerOptions;
  readonly #policy: BlockPolicy;
  readonly #now: () => number;
  readonly #progress: Progress;
  /** When a chain's first unused request was first seen here. */
  readonly #firstSeen = new Map<string, number>();
  /** When pairs began to wait; null while none does. */
  #pairsSince: number | null = null;
  #tip: Tip;
  #lastSealed: number;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#policy = { ...defaultPolicy, ...options.policy };
    this.#now = options.now ?? Date.now;
    this.#progress = options.progress ?? silentProgress;
    this.#tip = options.tip;
    this.#lastSealed = this.#now();
  }

  /** The newest state; what new transactions are checked against. */
  get tip(): Tip {
    return this.#tip;
  }

  /** What a block sealed now is dated with, seconds since the epoch: never before the block before it. */
  nextTimestamp(): number {
    return Math.max(this.#tip.timestamp, this.#options.time?.() ?? Math.floor(this.#now() / 1000));
  }

  /** By chain index: requests that no block has used. */
  unusedRequests(): PriorityEvent[][] {
    return this.#options.requests().map((requests, chainIndex) => requests.slice(this.#tip.stored[chainIndex]?.priorityRequestsTotal ?? 0));
  }

  get pending(): number {
    return this.#pendingWith(this.unusedRequests());
  }

  #pendingWith(requests: readonly (readonly PriorityEvent[])[]): number {
    return this.#options.mempool.size + this.#options.pairs().length + requests.reduce((sum, { length }) => sum + length, 0);
  }

  /** Seals a block if the policy says so; the block, or null. Must not be called again before it has resolved. */
  async tick(): Promise<BlockRecord | null> {
    const now = this.#now();
    const requests = this.unusedRequests();
    const decision = {
      pending: this.#pendingWith(requests),
      waitedMs: now - this.#oldest(requests, now),
      unproved: this.#tip.blockNumber - this.#options.provable(),
    };
    return shouldSeal(decision, this.#policy) ? await this.#seal(requests, now) : null;
  }

  async #seal(requests: readonly (readonly PriorityEvent[])[], now: number): Promise<BlockRecord | null> {
    const { context, store, mempool, operator } = this.#options;
    const timestamp = this.nextTimestamp();
    const { segments, included, dropped } = packBlock({
      state: this.#tip.state, deploymentId: context.deploymentId, operator, requests, pairs: this.#options.pairs(), transactions: mempool.inOrder(), timestamp,
    });
    for (const { id, reason } of dropped) {
      await store.dropTransaction({ id, reason });
      this.#progress.report(`transaction ${id} dropped: ${reason}`);
    }
    mempool.remove(dropped.map(({ id }) => id));
    if (segments.length === 0 && !this.#policy.emptyBlocks) return null;
    const sealed = seal({ context, tip: this.#tip, segments, timestamp, transactions: included });
    await store.appendBlock(sealed);
    this.#tip = sealed.tip;
    this.#lastSealed = now;
    mempool.remove(included);
    this.#progress.report(`block ${sealed.block.blockNumber} sealed: ${this.#describe(sealed.block)}`);
    return sealed.block;
  }

  /** Time since when the oldest pending operation waits. */
  #oldest(requests: readonly (readonly PriorityEvent[])[], now: number): number {
    const times = requests.flatMap((queue, chainIndex) => {
      const first = queue[0];
      if (first === undefined) return [];
      const key = `${chainIndex}/${first.requestId}`;
      const seen = this.#firstSeen.get(key);
      if (seen !== undefined) return [seen];
      for (const old of this.#firstSeen.keys()) if (old.startsWith(`${chainIndex}/`)) this.#firstSeen.delete(old);
      this.#firstSeen.set(key, now);
      return [now];
    });
    const oldest = this.#options.mempool.oldest;
    if (oldest !== null) times.push(oldest);
    this.#pairsSince = this.#options.pairs().length === 0 ? null : (this.#pairsSince ?? now);
    if (this.#pairsSince !== null) times.push(this.#pairsSince);
    return times.length === 0 ? this.#lastSealed : Math.min(...times);
  }

  #describe(block: BlockRecord): string {
    const counts = this.#options.chainNames.map((name, chainIndex) => {
      const count = block.segments.filter((segment) => segment.chainIndex === chainIndex).reduce((sum, { operations }) => sum + operations.length, 0);
      return count === 0 ? [] : [`${name} ${count}`];
    });
    const operations = block.segments.reduce((sum, segment) => sum + segment.operations.length, 0);
    return `${operations} operations in ${block.segments.length} segments (${counts.flat().join(', ')})`;
  }
}
