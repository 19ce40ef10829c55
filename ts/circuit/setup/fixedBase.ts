import type { Curve, WasmFunction } from 'ffjavascript';
import type { WasmArena } from './wasmArena.ts';

export type GroupName = 'G1' | 'G2';

/** Bytes of an affine point as it stands in a zkey. */
export const POINT_BYTES = { G1: 64, G2: 128 } as const;

/** Scalars of one batch: points that share an inversion. */
export const BATCH = 2048;

/** Bytes of an element of the group's field. */
const FIELD_BYTES = { G1: 32, G2: 64 } as const;
const SCALAR_BITS = 254;
const SCALAR_WORDS = 8;

/** A table whose rows fit the second level cache: larger windows need fewer additions, but each waits for memory. */
const MAX_BITS = 15;

/** Additions that an entry of the table costs, compared with an addition of a multiplication. */
const ENTRY_COST = 1;

export interface FixedBase {
  /**
   * Affine multiples of the generator (Montgomery form; zero bytes for 0) in wasm memory; they hold until the next call.
   * @param scalars pointer to 32-byte little-endian scalars below the field's order
   * @param count at most BATCH
   * @returns pointer to the points
   */
  multiply(scalars: number, count: number): number;
}

/**
 * Multiples of the generator with precomputed windows of signed digits. Sums stay affine, and all sums of a batch share one inversion in
 * each window: an addition costs six multiplications instead of eleven. The windows are the outer loop, so that one row of the table
 * serves a whole batch from the cache.
 * @param expected number of multiplications, chooses the window size
 */
export function createFixedBase(curve: Curve, arena: WasmArena, group: GroupName, expected: number): FixedBase {
  const bits = windowBits(expected);
  const windows = Math.ceil((SCALAR_BITS + 1) / bits);
  const half = 2 ** (bits - 1);
  const point = POINT_BYTES[group];
  const size = FIELD_BYTES[group];
  const { exports } = curve.tm.instance;
  const call = (name: string): WasmFunction => exports[`${group === 'G1' ? 'g1m' : 'g2m'}_${name}`]!;
  const field = (name: string): WasmFunction => exports[`${group === 'G1' ? 'f1m' : 'f2m'}_${name}`]!;
  const [add, sub, mul, square, batchInverse, isZero] = [field('add'), field('sub'), field('mul'), field('square'), field('batchInverse'), field('isZero')];
  const [addAffine, doubleAffine, negAffine, toAffine, isZeroAffine] = [call('addAffine'), call('doubleAffine'), call('negAffine'), call('toAffine'), call('isZeroAffine')];

  const table = arena.reserve(windows * half * point);
  const sums = arena.reserve(BATCH * point);
  const differences = arena.reserve(BATCH * size);
  const inverses = arena.reserve(BATCH * size);
  const slope = arena.reserve(size);
  const x = arena.reserve(size);
  const y = arena.reserve(size);
  const jacobian = arena.reserve(3 * size);
  const negated = arena.reserve(point);

  /** target ← target ± entry; `inverse` points to 1 / (entry.x − target.x). */
  const addEntry = (target: number, entry: number, inverse: number, isNegative: boolean): void => {
    (isNegative ? add : sub)(entry + size, target + size, slope);
    mul(slope, inverse, slope); // of a negative entry, the slope has the other sign: so has what is multiplied by it
    square(slope, x);
    sub(x, target, x);
    sub(x, entry, x);
    if (isNegative) sub(x, target, y);
    else sub(target, x, y);
    mul(slope, y, y);
    sub(y, target + size, target + size);
    copy(x, target);
  };
  /** The same where the x coordinates are equal. @returns whether the sum is not zero */
  const addEqual = (target: number, entry: number, isNegative: boolean): boolean => {
    if (isNegative) negAffine(entry, negated);
    addAffine(target, isNegative ? negated : entry, jacobian);
    toAffine(jacobian, target);
    return isZeroAffine(target) === 0;
  };
  const copy = field('copy');

  buildTable();
  let memory = arena.words();
  const carries = new Uint8Array(BATCH);
  const started = new Uint8Array(BATCH);
  const members = new Int32Array(BATCH);
  const digits = new Int32Array(BATCH);

  return {
    multiply(scalars, count) {
      memory = arena.words();
      carries.fill(0);
      started.fill(0);
      for (let window = 0; window < windows; window++) {
        const row = table + window * half * point;
        const pending = gather(scalars / 4, count, window, row);
        batchInverse(differences, size, pending, inverses, size);
        for (let j = 0; j < pending; j++) {
          const i = members[j]!;
          const digit = digits[j]!;
          const entry = row + (Math.abs(digit) - 1) * point;
          const target = sums + i * point;
          if (memory[(inverses + j * size) / 4] === 0 && isZero(inverses + j * size) !== 0) started[i] = addEqual(target, entry, digit < 0) ? 1 : 0;
          else addEntry(target, entry, inverses + j * size, digit < 0);
        }
      }
      for (let i = 0; i < count; i++) if (started[i] === 0) memory.fill(0, (sums + i * point) / 4, (sums + (i + 1) * point) / 4);
      return sums;
    },
  };

  /** Starts sums with their first digit; for the others notes digit and x difference. @returns how many these are */
  function gather(firstWord: number, count: number, window: number, row: number): number {
    let pending = 0;
    for (let i = 0; i < count; i++) {
      let digit = readBits(memory, firstWord + i * SCALAR_WORDS, window * bits, bits) + carries[i]!;
      if (digit > half) {
        digit -= 2 * half;
        carries[i] = 1;
      } else carries[i] = 0;
      if (digit === 0) continue;
      const entry = row + (Math.abs(digit) - 1) * point;
      const target = sums + i * point;
      if (started[i] === 0) {
        started[i] = 1;
        if (digit < 0) negAffine(entry, target);
        else memory.copyWithin(target / 4, entry / 4, (entry + point) / 4);
        continue;
      }
      sub(entry, target, differences + pending * size);
      members[pending] = i;
      digits[pending++] = digit;
    }
    return pending;
  }

  /** table[window][digit − 1] = digit · 2^(bits · window) · generator: each row is filled by adding the last entry to all entries so far. */
  function buildTable(): void {
    const words = arena.words();
    const copyPoint = (from: number, to: number): void => void words.copyWithin(to / 4, from / 4, (from + point) / 4);
    const double = (from: number, to: number): void => {
      doubleAffine(from, jacobian);
      toAffine(jacobian, to);
    };
    toAffine(curve.tm[group === 'G1' ? 'pG1gen' : 'pG2gen'], table);
    for (let window = 0; window < windows; window++) {
      const row = table + window * half * point;
      for (let filled = 1; filled < half; filled *= 2) {
        const last = row + (filled - 1) * point;
        double(last, last + filled * point);
        for (let start = 0; start < filled - 1; start += BATCH) {
          const count = Math.min(BATCH, filled - 1 - start);
          for (let i = 0; i < count; i++) sub(last, row + (start + i) * point, differences + i * size);
          batchInverse(differences, size, count, inverses, size);
          for (let i = 0; i < count; i++) {
            const entry = row + (filled + start + i) * point;
            copyPoint(row + (start + i) * point, entry);
            addEntry(entry, last, inverses + i * size, false);
          }
        }
      }
      if (window + 1 < windows) double(row + (half - 1) * point, row + half * point);
    }
  }
}

/** The window size with the fewest additions for table and multiplications together. */
function windowBits(expected: number): number {
  let best = 4;
  let bestCost = Infinity;
  for (let bits = 4; bits <= MAX_BITS; bits++) {
    const cost = Math.ceil((SCALAR_BITS + 1) / bits) * (2 ** (bits - 1) * ENTRY_COST + expected);
    if (cost < bestCost) [best, bestCost] = [bits, cost];
  }
  return best;
}

function readBits(words: Uint32Array, first: number, offset: number, count: number): number {
  const word = offset >>> 5;
  const shift = offset & 31;
  if (word >= SCALAR_WORDS) return 0;
  let value = words[first + word]! >>> shift;
  if (shift + count > 32 && word + 1 < SCALAR_WORDS) value |= words[first + word + 1]! << (32 - shift);
  return value & (2 ** count - 1);
}
