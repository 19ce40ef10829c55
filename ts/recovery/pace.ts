import type { Progress } from '../base/progress.ts';
import type { SegmentData } from '../spec/chainSide.ts';
import type { PublicOperation } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import { operationLength } from '../spec/pubdata.ts';

/** Milliseconds between two reports. */
const REPORT_EVERY = 1_000;

/** Reports how far work is and how long it will still take. */
export class Pace {
  operations = 0;
  readonly #from: number;
  readonly #to: number;
  readonly #progress: Progress;
  readonly #now: () => number;
  readonly #started: number;
  #reported: number;

  constructor({ from, to, progress, now = Date.now }: { from: number; to: number; progress: Progress; now?: () => number }) {
    this.#from = from;
    this.#to = to;
    this.#progress = progress;
    this.#now = now;
    this.#started = now();
    this.#reported = this.#started;
  }

  /** Block `blockNumber` is done, with so many operations. */
  advance(blockNumber: number, operations: number): void {
    this.operations += operations;
    const now = this.#now();
    if (now - this.#reported < REPORT_EVERY && blockNumber !== this.#to) return;
    this.#reported = now;
    const done = blockNumber - this.#from;
    const total = this.#to - this.#from;
    const left = Math.round(((now - this.#started) * (total - done)) / done / 1000);
    this.#progress.report(`block ${blockNumber} of ${this.#to} replayed, ${this.operations} operations, ${left < 60 ? `${left} s` : `${Math.floor(left / 60)} min ${left % 60} s`} left`, done / total);
  }
}

const LENGTHS: readonly (number | undefined)[] = (() => {
  const lengths: number[] = [];
  for (const [type, kind] of Object.entries(params.opcodes)) if (type !== 'noop') lengths[kind] = operationLength(type as PublicOperation['type']);
  return lengths;
})();

/** Operations in public data that have been decoded before, by the kinds alone. */
export function countOperations(segments: readonly Pick<SegmentData, 'onchainData' | 'l2Data'>[]): number {
  let count = 0;
  for (const { onchainData, l2Data } of segments) {
    for (const data of [onchainData, l2Data]) {
      for (let at = 2; at < data.length; count++) at += 2 * (LENGTHS[Number.parseInt(data.slice(at, at + 2), 16)] ?? data.length);
    }
  }
  return count;
}
