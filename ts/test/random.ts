import { FIELD } from '../spec/field.ts';

/** Deterministic random values for tests. The seed is printed, so that a failure can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number, name = 'random') {
    this.#state = seed >>> 0;
    console.info(`${name}: seed ${seed}`);
  }

  /** 32 bits (mulberry32). */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 … limit-1 */
  below(limit: number): number {
    return this.uint32() % limit;
  }

  bits(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i += 32) value = (value << 32n) | BigInt(this.uint32());
    return value & ((1n << BigInt(count)) - 1n);
  }

  field(): bigint {
    return this.bits(320) % FIELD;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('Nothing to pick from');
    return item;
  }
}
