import { FIELD, modField } from '../../spec/field.ts';
import { sideOf, type ConstraintSystem, type Witness } from './constraintSystem.ts';

/*
 * The derivatives of all constraints at one witness, and what they let move. If a few wires are given (the inputs), a constraint of
 * which all but one wire are known fixes that one; in an honest circuit this reaches every wire. What it does not reach is a small
 * rest, which a sparse elimination settles exactly: its null space is the set of directions in which wires can move.
 */

/** Row c holds terms start[c] … start[c+1]-1; wire 0 and slopes of 0 are left out. Slopes are in (-p, p). */
export interface Jacobian {
  readonly rows: number;
  readonly wires: number;
  readonly start: Uint32Array;
  readonly termWires: Uint32Array;
  readonly slopes: readonly bigint[];
  /** By term: 2 if the constraint has no other wire, 1 if it looks like a statement about this wire, as `wire <== …` does, else 0. */
  readonly isSubject: Uint8Array;
}

export function jacobianAt(system: ConstraintSystem, witness: Witness): Jacobian {
  const { start, termWires, coefficients } = system;
  const rowStart = new Uint32Array(system.count + 1);
  const wires: number[] = [];
  const slopes: bigint[] = [];
  const subjects: number[] = [];
  for (let c = 0; c < system.count; c++) {
    const [a = 0, b = 0, third = 0, end = 0] = start.subarray(3 * c, 3 * c + 4);
    if (a < b && b < third) {
      const valueA = sideOf(system, witness, c, 0) % FIELD;
      const valueB = sideOf(system, witness, c, 1) % FIELD;
      const row = new Map<number, bigint>();
      const factors = new Set(termWires.subarray(a, third));
      for (let t = a; t < end; t++) {
        const factor = t < b ? valueB : t < third ? valueA : -1n;
        const wire = termWires[t] ?? 0;
        if (wire !== 0) row.set(wire, (row.get(wire) ?? 0n) + factor * (coefficients[t] ?? 0n));
      }
      for (const [wire, value] of row) {
        const slope = value % FIELD;
        if (slope === 0n) continue;
        wires.push(wire);
        slopes.push(slope);
        // wire <== a * b
        subjects.push(row.size === 1 ? 2 : factors.has(wire) ? 0 : 1);
      }
    } else {
      // Linear: circom has each wire once in C, and writes left <== right as right - left.
      for (let t = third; t < end; t++) {
        const wire = termWires[t] ?? 0;
        if (wire === 0) continue;
        wires.push(wire);
        slopes.push(-(coefficients[t] ?? 0n));
        subjects.push(coefficients[t] === -1n ? 1 : 0);
      }
    }
    rowStart[c + 1] = wires.length;
  }
  return { rows: system.count, wires: system.wires, start: rowStart, termWires: Uint32Array.from(wires), slopes, isSubject: Uint8Array.from(subjects) };
}

/** What unit propagation finds. */
export interface Propagation {
  /** Constraint number i of the order fixes wire number i, given the wires before it. */
  readonly constraints: Int32Array;
  readonly orderedWires: Int32Array;
  /** By wire: 1 if it is given or fixed. */
  readonly fixed: Uint8Array;
  /** By constraint: wires that are not fixed. */
  readonly open: Int32Array;
}

export interface PropagateParameters {
  /** By wire: 1 if it is given. */
  given: Uint8Array;
  /** By constraint: 1 if the constraint is missing. */
  without?: Uint8Array;
}

export function propagate({ rows, wires, start, termWires, isSubject }: Jacobian, { given, without }: PropagateParameters): Propagation {
  const fixed = given.slice();
  fixed[0] = 1;
  const open = new Int32Array(rows);
  // The sum of the open wires' numbers is the wire itself once only one is left.
  const sum = new Float64Array(rows);
  const degree = new Uint32Array(wires + 1);
  for (let c = 0; c < rows; c++) {
    if (without?.[c] === 1) continue;
    for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) {
      const wire = termWires[t] ?? 0;
      if (fixed[wire] === 1) continue;
      open[c] = (open[c] ?? 0) + 1;
      sum[c] = (sum[c] ?? 0) + wire;
      degree[wire + 1] = (degree[wire + 1] ?? 0) + 1;
    }
  }
  for (let wire = 0; wire < wires; wire++) degree[wire + 1] = (degree[wire + 1] ?? 0) + (degree[wire] ?? 0);
  const next = degree.slice();
  const touching = new Uint32Array(degree[wires] ?? 0);
  // Constraints about the wire that they fix come first: they compute it in the direction of the source.
  const queues: [single: number[], forward: number[], other: number[]] = [[], [], []];
  const queue = (c: number): void => {
    const end = start[c + 1] ?? 0;
    let t = start[c] ?? 0;
    while (t < end && fixed[termWires[t] ?? 0] === 1) t++;
    queues[isSubject[t] === 2 ? 0 : isSubject[t] === 1 ? 1 : 2].push(c);
  };
  for (let c = 0; c < rows; c++) {
    if (open[c] === 0) continue;
    if (open[c] === 1) queue(c);
    for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) {
      const wire = termWires[t] ?? 0;
      if (fixed[wire] === 1) continue;
      const at = next[wire] ?? 0;
      touching[at] = c;
      next[wire] = at + 1;
    }
  }
  const orderConstraints: number[] = [];
  const orderWires: number[] = [];
  const take = (): number | undefined => queues[0].pop() ?? queues[1].pop() ?? queues[2].pop();
  for (let c = take(); c !== undefined; c = take()) {
    if (open[c] !== 1) continue;
    const wire = sum[c] ?? 0;
    orderConstraints.push(c);
    orderWires.push(wire);
    fixed[wire] = 1;
    for (let i = degree[wire] ?? 0; i < (degree[wire + 1] ?? 0); i++) {
      const other = touching[i] ?? 0;
      open[other] = (open[other] ?? 0) - 1;
      sum[other] = (sum[other] ?? 0) - wire;
      if (open[other] === 1) queue(other);
    }
  }
  return { constraints: Int32Array.from(orderConstraints), orderedWires: Int32Array.from(orderWires), fixed, open };
}

/** A direction in which a witness can move a little while every constraint still holds: slope by wire, wires that stay left out. */
export type NullVector = Map<number, bigint>;

export interface NullSpace {
  nullity: number;
  /** A basis, at most `vectors` of it. */
  vectors: NullVector[];
  /** All wires that move in some direction. */
  moving: number[];
}

export interface NullSpaceParameters extends PropagateParameters {
  /** How many vectors to write out; default all. `moving` is complete only if all are. */
  vectors?: number;
}

/** Exact null space of the Jacobian without the columns of the given wires. */
export function nullSpace(jacobian: Jacobian, { vectors = Number.POSITIVE_INFINITY, ...parameters }: NullSpaceParameters): NullSpace {
  const { fixed, open } = propagate(jacobian, parameters);
  const { start, termWires, slopes } = jacobian;
  const rest: Map<number, bigint>[] = [];
  for (let c = 0; c < jacobian.rows; c++) {
    if ((open[c] ?? 0) === 0) continue;
    const row = new Map<number, bigint>();
    for (let t = start[c] ?? 0; t < (start[c + 1] ?? 0); t++) {
      const wire = termWires[t] ?? 0;
      if (fixed[wire] === 0) row.set(wire, modField(slopes[t] ?? 0n));
    }
    rest.push(row);
  }
  const pivots = eliminate(rest);
  const pivotWires = new Set(pivots.map(({ wire }) => wire));
  const free = [...fixed.keys()].filter((wire) => fixed[wire] === 0 && !pivotWires.has(wire));
  const basis = free.slice(0, vectors).map((wire) => backSubstitute(pivots, wire));
  return { nullity: free.length, vectors: basis, moving: [...new Set(basis.flatMap((vector) => [...vector.keys()]))].sort((a, b) => a - b) };
}

interface Pivot {
  wire: number;
  /** The row divided by the pivot's slope, without the pivot. */
  row: Map<number, bigint>;
}

/**
 * Sparse Gaussian elimination: always a shortest row, and in it the wire that stands in the fewest rows, so that little fills in.
 * Rows are used up.
 */
function eliminate(rows: readonly Map<number, bigint>[]): Pivot[] {
  const touching = new Map<number, Set<number>>();
  rows.forEach((row, i) => {
    for (const wire of row.keys()) {
      const set = touching.get(wire);
      if (set) set.add(i);
      else touching.set(wire, new Set([i]));
    }
  });
  const bySize: number[][] = [];
  const queue = (i: number): void => {
    const size = rows[i]?.size ?? 0;
    if (size > 0) (bySize[size] ??= []).push(i);
  };
  rows.forEach((_, i) => queue(i));
  const done = new Uint8Array(rows.length);
  const pivots: Pivot[] = [];
  for (let size = 1; size < bySize.length; size++) {
    const i = bySize[size]?.pop();
    if (i === undefined) continue;
    const row = rows[i];
    if (!row || done[i] === 1 || row.size !== size) {
      size--; // an entry of the past; look at this size again
      continue;
    }
    done[i] = 1;
    let wire = -1;
    for (const candidate of row.keys()) if (wire < 0 || (touching.get(candidate)?.size ?? 0) < (touching.get(wire)?.size ?? 0)) wire = candidate;
    const scale = inverse(row.get(wire) ?? 0n);
    row.delete(wire);
    for (const [other, slope] of row) {
      row.set(other, (slope * scale) % FIELD);
      touching.get(other)?.delete(i);
    }
    for (const j of touching.get(wire) ?? []) {
      const target = rows[j];
      if (!target || j === i) continue;
      const factor = target.get(wire) ?? 0n;
      target.delete(wire);
      for (const [other, slope] of row) {
        const value = modField((target.get(other) ?? 0n) - factor * slope);
        if (value === 0n) {
          target.delete(other);
          touching.get(other)?.delete(j);
        } else {
          target.set(other, value);
          touching.get(other)?.add(j);
        }
      }
      queue(j);
    }
    touching.delete(wire);
    pivots.push({ wire, row });
    size = 0; // rows may have become shorter
  }
  return pivots;
}

function backSubstitute(pivots: readonly Pivot[], free: number): NullVector {
  const vector: NullVector = new Map([[free, 1n]]);
  for (let i = pivots.length - 1; i >= 0; i--) {
    const pivot = pivots[i];
    if (!pivot) continue;
    let total = 0n;
    for (const [wire, slope] of pivot.row) {
      const moved = vector.get(wire);
      if (moved !== undefined) total += slope * moved;
    }
    const value = modField(-total);
    if (value !== 0n) vector.set(pivot.wire, value);
  }
  return vector;
}

/** Inverse of a field element that is not 0. */
export function inverse(value: bigint): bigint {
  if (value === 1n || value === -1n || value === FIELD - 1n) return modField(value);
  let [a, b, x, y] = [modField(value), FIELD, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return modField(x);
}
