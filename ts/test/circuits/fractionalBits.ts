import { Field } from '@noble/curves/abstract/modular.js';
import { FIELD, modField } from '../../spec/field.ts';

const field = Field(FIELD);

export interface FractionalBitsParameters {
  /** Two lowest bits together: x + 2y. */
  sum: bigint;
  /** The four cells that they select from, by the number that they spell. */
  cells: readonly bigint[];
  /** What the selection must yield. */
  target: bigint;
}

/**
 * Values of two "bits" that have the right sum but select any value at all from four cells: one of them is a root of a quadratic. What a
 * cheater would use if nothing said that a bit is 0 or 1.
 *
 * @returns undefined if the equation has no root in the field (every second target)
 */
export function fractionalBits({ sum, cells, target }: FractionalBitsParameters): { low: bigint; high: bigint } | undefined {
  const [c0 = 0n, c1 = 0n, c2 = 0n, c3 = 0n] = cells;
  // c0 + (c1 - c0)·x + (c2 - c0)·y + (c0 - c1 - c2 + c3)·x·y = target, with x = sum - 2y
  const [byX, byY, byXY] = [c1 - c0, c2 - c0, c0 - c1 - c2 + c3];
  const a = modField(-2n * byXY);
  const b = modField(byY - 2n * byX + sum * byXY);
  const c = modField(c0 + byX * sum - target);
  const high = a === 0n ? (b === 0n ? undefined : field.div(modField(-c), b)) : root(a, b, c);
  return high === undefined ? undefined : { low: modField(sum - 2n * high), high };
}

function root(a: bigint, b: bigint, c: bigint): bigint | undefined {
  try {
    return field.div(modField(field.sqrt(modField(b * b - 4n * a * c)) - b), modField(2n * a));
  } catch {
    return undefined; // no square
  }
}
