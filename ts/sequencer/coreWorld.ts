import { afterEach } from 'vitest';
import type { Hex } from '../spec/hex.ts';
import { ChainClock } from './chainClock.ts';
import { Core, type CoreOptions, type LostOnChain } from './core.ts';
import { isPriority, requestHashOf, type ChainEvent, type PriorityEvent } from './events.ts';
import { FakeWorld } from './fakeWorld.ts';
import { memoryStore } from './memoryStore.ts';
import type { ProveStatement } from './ports.ts';
import type { Store } from './store.ts';
import { context, operator } from './testSupport.ts';
import type { TooOldBlock } from './tooOld.ts';
import type { LogSource } from './watcher.ts';

/* A core over outer chains, contracts and a store in memory, for the tests of this folder. */

/** Seconds that a request has. */
export const EXPIRATION = 14 * 86_400;

/** An outer chain whose blocks hold one event each. */
export class FakeOuterChain implements LogSource {
  blocks: (ChainEvent | null)[] = [null];
  branch = 'a';
  readonly #check: (request: PriorityEvent, requestId: number) => void;

  /** @param check refuses requests as the contract does */
  constructor(check: (request: PriorityEvent, requestId: number) => void = () => {}) {
    this.#check = check;
  }

  add(event: ChainEvent): void {
    if (isPriority(event)) this.#check(event, this.requests.length);
    this.blocks.push({ ...event, blockNumber: this.blocks.length });
  }
  /** Takes back the last `count` blocks. */
  reorg(count: number): void {
    this.blocks.splice(this.blocks.length - count, count);
    this.branch += 'b';
  }
  async head(): Promise<number> {
    return this.blocks.length - 1;
  }
  async blockHash(number: number): Promise<Hex | null> {
    return number < this.blocks.length ? `0x${Buffer.from(`${number} ${JSON.stringify(this.blocks[number], (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))}`).toString('hex')}` : null;
  }
  async events(from: number, to: number): Promise<ChainEvent[]> {
    return this.blocks.slice(from, to + 1).filter((event) => event !== null);
  }
  get requests(): PriorityEvent[] {
    return this.blocks.filter((event) => event !== null).filter(isPriority);
  }
}

/** Makes proofs of zeros. */
export const prove: ProveStatement = async (job) => ({
  proof: { a: [0n, 0n], b: [[0n, 0n], [0n, 0n]], c: [0n, 0n] },
  publicInputs: job.circuit === 'segment' ? (({ c1, c2, r, y1, y2 }) => [c1, c2, r, y1, y2])(job.trace.publicInputs) : (({ c1, r, y1 }) => [c1, r, y1])(job.trace.publicInputs),
});

const running: Core[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((core) => core.stop()));
});

/** Cores that `start` starts are stopped after each test. */
export function coreWorld() {
  const world = new FakeWorld();
  const outer = [0, 1, 2].map((i) => new FakeOuterChain((request, requestId) => world.checkRequest(i, request, requestId)));
  const store = memoryStore();
  const lines: string[] = [];
  const lost: LostOnChain[] = [];
  const old: TooOldBlock[] = [];
  const options = (part: Partial<CoreOptions> = {}): CoreOptions => ({
    connections: {
      context,
      chains: outer.map((logs, chainIndex) => ({
        chainIndex, name: `chain ${chainIndex}`, logs, deployedAtBlock: 1, priorityExpiration: EXPIRATION,
        port: { ...world.rollups[chainIndex]!, requestHash: async (id) => (logs.requests[id] === undefined ? null : requestHashOf(logs.requests[id])) },
      })),
      arbitrator: world.arbitrator, arbitratorLogs: new FakeOuterChain(), arbitratorStart: 1,
    },
    operator, fees: [], store: store as Store, prove, verifyProof: async () => true, confirmations: [1, 1, 1, 1], policy: { blockIntervalMs: 10 }, pollMs: 5, now: Date.now, clock: new ChainClock({ chainCount: 3, now: Date.now }),
    progress: { report: (line) => lines.push(line) }, onLost: (entry) => lost.push(entry), onTooOld: (block) => old.push(block), ...part,
  });
  const start = async (part: Partial<CoreOptions> = {}) => {
    const core = await Core.start(options(part));
    running.push(core);
    return core;
  };
  return { world, outer, store, lines, lost, old, start };
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 8000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`it did not happen in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
