import { FIELD, modField } from '../../spec/field.ts';
import { inverse, propagate, type Jacobian } from './jacobian.ts';

/*
 * What depends on a constraint, for all constraints at once.
 *
 * Propagation splits the constraints into those that fix a wire each and the rest, the checks. Let e_c be what the checks see if
 * constraint c were off by one while all others that fix a wire hold; for a check, e_c is the check itself. Let e_i be what they see if
 * input i moved. Then, by linear algebra:
 *   - without c something can move although all inputs stay  <=>  e_c = 0,
 *   - without c, input i can move although it could not      <=>  e_c and e_i are parallel.
 * The checks are many, so only two random combinations of them are kept: two numbers for each constraint and input, whose quotient is the
 * same for parallel vectors and (but for a chance of about 2^-230) only for those.
 */

export interface Influence {
  /** e_c in two numbers, both 0 iff e_c is 0. Constraints without derivative at this witness see nothing and are left out of `seen`. */
  constraints: readonly [first: bigint[], second: bigint[]];
  /** By constraint: 1 if it has a derivative here. */
  seen: Uint8Array;
  /** e_i by wire; only those of given wires mean something. */
  wires: readonly [first: bigint[], second: bigint[]];
}

export interface InfluenceParameters {
  jacobian: Jacobian;
  /** By wire: 1 if it is given. */
  given: Uint8Array;
  /** For the random combinations. */
  seed: number;
}

export function influenceOf({ jacobian, given, seed }: InfluenceParameters): Influence {
  const { rows, wires, start, termWires, slopes } = jacobian;
  const order = propagate(jacobian, { given });
  const fixes = new Int32Array(rows).fill(-1);
  order.constraints.forEach((c, i) => (fixes[c] = order.orderedWires[i] ?? -1));
  const seen = new Uint8Array(rows);
  for (let c = 0; c < rows; c++) if ((start[c] ?? 0) < (start[c + 1] ?? 0)) seen[c] = 1;

  const scales = pivotInverses(jacobian, order.constraints, order.orderedWires);
  const random = fieldElements(seed);
  const one = (): { constraints: bigint[]; wires: bigint[] } => {
    const pull = new Array<bigint>(wires).fill(0n);
    const effect = new Array<bigint>(rows).fill(0n);
    for (let c = 0; c < rows; c++) {
      if (seen[c] === 0 || (fixes[c] ?? -1) >= 0) continue;
      const weight = random();
      effect[c] = weight;
      for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) {
        const wire = termWires[t] ?? 0;
        pull[wire] = (pull[wire] ?? 0n) + weight * (slopes[t] ?? 0n);
      }
    }
    for (let i = order.constraints.length - 1; i >= 0; i--) {
      const c = order.constraints[i] ?? 0;
      const fixed = order.orderedWires[i] ?? 0;
      const pulled = (pull[fixed] ?? 0n) % FIELD;
      if (pulled === 0n) continue;
      const share = (pulled * (scales[i] ?? 1n)) % FIELD;
      effect[c] = modField(share);
      for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) {
        const wire = termWires[t] ?? 0;
        const slope = slopes[t] ?? 0n;
        pull[wire] = (pull[wire] ?? 0n) - (slope === 1n ? share : slope === -1n ? -share : (share * slope) % FIELD);
      }
    }
    return { constraints: effect, wires: pull.map((value) => modField(value)) };
  };
  const [first, second] = [one(), one()];
  return { constraints: [first.constraints, second.constraints], seen, wires: [first.wires, second.wires] };
}

/** Quotients first/second of the chosen entries, the same for parallel vectors; -1 for a vector of 0. */
export function directions([first, second]: readonly [bigint[], bigint[]], chosen: readonly number[]): bigint[] {
  const inverses = invertAll(chosen.map((index) => second[index] ?? 0n));
  return chosen.map((index, i) => {
    const value = first[index] ?? 0n;
    if (value === 0n && (second[index] ?? 0n) === 0n) return -1n;
    return (value * (inverses[i] ?? 0n)) % FIELD;
  });
}

function pivotInverses({ start, termWires, slopes }: Jacobian, constraints: Int32Array, wires: Int32Array): bigint[] {
  const pivots = Array.from(constraints, (c, i) => {
    for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) if (termWires[t] === wires[i]) return slopes[t] ?? 0n;
    return 0n;
  });
  return invertAll(pivots);
}

/** Inverses with one division for all; 1 and -1 are their own, 0 stays. */
function invertAll(values: readonly bigint[]): bigint[] {
  const easy = (value: bigint): boolean => value === 0n || value === 1n || value === -1n;
  const products: bigint[] = [];
  let product = 1n;
  for (const value of values) {
    products.push(product);
    if (!easy(value)) product = (product * value) % FIELD;
  }
  let rest = inverse(product);
  const inverses = [...values];
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] ?? 0n;
    if (easy(value)) continue;
    inverses[i] = (rest * (products[i] ?? 0n)) % FIELD;
    rest = (rest * value) % FIELD;
  }
  return inverses;
}

/** Deterministic field elements, about 252 bits each. */
function fieldElements(seed: number): () => bigint {
  let state = BigInt(seed) | 1n;
  return () => {
    let value = 0n;
    for (let i = 0; i < 4; i++) {
      // splitmix64
      state = (state + 0x9e3779b97f4a7c15n) & 0xffff_ffff_ffff_ffffn;
      let z = state;
      z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffff_ffff_ffff_ffffn;
      z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & 0xffff_ffff_ffff_ffffn;
      value = (value << 63n) | ((z ^ (z >> 31n)) >> 1n);
    }
    return value % FIELD;
  };
}
