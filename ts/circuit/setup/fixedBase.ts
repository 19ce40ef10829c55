import type { Curve, WasmFunction, WasmMemory } from 'ffjavascript';

export type GroupName = 'G1' | 'G2';

/** Bytes of an affine point as it stands in a zkey. */
export const POINT_BYTES = { G1: 64, G2: 128 } as const;

/** Bytes of a Jacobian point inside the wasm curve. */
const JACOBIAN_BYTES = { G1: 96, G2: 192 } as const;

const SCALAR_BITS = 254;
const SCALAR_BYTES = 32;

/** Points that are made affine with one inversion. */
const BATCH = 2048;

/** What the curve's own batch functions need behind its heap pointer: one field element per point of a batch. */
const WASM_SCRATCH_BYTES = 2 ** 20;
const PAGE = 65536;

export interface FixedBase {
  /** Writes scalar·G for each 32-byte little-endian scalar below the field's order; `points` has POINT_BYTES for each. */
  multiply(scalars: Uint8Array, points: Uint8Array): void;
}

/**
 * Multiples of the generator with precomputed windows of signed digits: one mixed addition a window, no doubling.
 * Works on the raw wasm of the curve library, on pointers, so that no call allocates. It grows the wasm memory, which detaches the
 * library's own view of it: give it a curve that nothing else uses.
 * @param count expected number of multiplications, chooses the window size
 */
export function createFixedBase(curve: Curve, group: GroupName, count: number): FixedBase {
  const bits = windowBits(count);
  const windows = Math.ceil((SCALAR_BITS + 1) / bits);
  const half = 2 ** (bits - 1);
  const point = POINT_BYTES[group];
  const jacobian = JACOBIAN_BYTES[group];
  const prefix = group === 'G1' ? 'g1m' : 'g2m';
  const call = (name: string): WasmFunction => curve.tm.instance.exports[`${prefix}_${name}`]!;
  const [addMixed, subMixed, zero, batchToAffine, double] = ['addMixed', 'subMixed', 'zero', 'batchToAffine', 'double'].map(call) as [
    WasmFunction, WasmFunction, WasmFunction, WasmFunction, WasmFunction,
  ];

  const { memory } = curve.tm;
  const generator = curve.tm[group === 'G1' ? 'pG1gen' : 'pG2gen'];
  const run = Math.min(half, BATCH);
  const pages = Math.ceil((WASM_SCRATCH_BYTES + windows * half * point + Math.max(BATCH, run) * jacobian + 2 * jacobian) / PAGE);
  const table = memory.grow(pages) * PAGE + WASM_SCRATCH_BYTES;
  const output = table + windows * half * point;
  const base = output + Math.max(BATCH, run) * jacobian;
  const current = base + jacobian;

  // table[window][digit - 1] = digit · 2^(bits·window) · G, affine
  batchToAffine(generator, 1, base);
  for (let window = 0; window < windows; window++) {
    const row = table + window * half * point;
    zero(current);
    for (let start = 0; start < half; start += run) {
      for (let i = 0; i < run; i++) {
        addMixed(current, base, output + i * jacobian);
        copy(memory, output + i * jacobian, current, jacobian);
      }
      batchToAffine(output, run, row + start * point);
    }
    double(current, current);
    batchToAffine(current, 1, base);
  }

  return {
    multiply(scalars, points) {
      const total = scalars.length / SCALAR_BYTES;
      const words = new Uint32Array(scalars.buffer, scalars.byteOffset, scalars.length / 4);
      for (let start = 0; start < total; start += BATCH) {
        const size = Math.min(BATCH, total - start);
        for (let i = 0; i < size; i++) {
          const target = output + i * jacobian;
          zero(target);
          let carry = 0;
          for (let window = 0; window < windows; window++) {
            let digit = readBits(words, (start + i) * 8, window * bits, bits) + carry;
            carry = digit > half ? 1 : 0;
            if (carry) digit -= 2 * half;
            const row = table + window * half * point;
            if (digit > 0) addMixed(target, row + (digit - 1) * point, target);
            else if (digit < 0) subMixed(target, row + (-digit - 1) * point, target);
          }
        }
        batchToAffine(output, size, output);
        points.set(new Uint8Array(memory.buffer, output, size * point), start * point);
      }
    },
  };
}

/** The window size with the fewest additions for table and multiplications together. */
function windowBits(count: number): number {
  let best = 4;
  let bestCost = Infinity;
  for (let bits = 4; bits <= 14; bits++) {
    const cost = Math.ceil((SCALAR_BITS + 1) / bits) * (2 ** (bits - 1) * 1.6 + count);
    if (cost < bestCost) [best, bestCost] = [bits, cost];
  }
  return best;
}

function readBits(words: Uint32Array, first: number, offset: number, count: number): number {
  const word = offset >>> 5;
  const shift = offset & 31;
  if (word > 7) return 0;
  let value = words[first + word]! >>> shift;
  if (shift + count > 32 && word < 7) value |= words[first + word + 1]! << (32 - shift);
  return value & (2 ** count - 1);
}

function copy(memory: WasmMemory, from: number, to: number, length: number): void {
  new Uint8Array(memory.buffer).copyWithin(to, from, from + length);
}
