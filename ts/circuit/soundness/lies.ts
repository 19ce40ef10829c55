import { FIELD, modField } from '../../spec/field.ts';
import { constraintsOf, residual, wiresOf, type ConstraintSystem, type Witness } from './constraintSystem.ts';
import { inverse } from './jacobian.ts';

/** A witness that must be refused. */
export interface Lie {
  name: string;
  witness: Witness;
}

/** All constraints that a witness violates, ascending. */
export function violatedBy(system: ConstraintSystem, witness: Witness): number[] {
  const violated: number[] = [];
  for (let c = 0; c < system.count; c++) if (residual(system, witness, c) !== 0n) violated.push(c);
  return violated;
}

export interface PushParameters {
  system: ConstraintSystem;
  witness: Witness;
  violated: readonly number[];
  /** By constraint: its group. */
  groupOf: Int32Array;
  /** Sets of violated constraints (as text) that were looked at already; added to. */
  visited: Set<string>;
  /** Is called with the violated constraints of every lie that is found. */
  found: (violated: readonly number[]) => void;
  /** How many lies to make at most. */
  limit?: number;
}

interface State {
  changes: ReadonlyMap<number, bigint>;
  violated: readonly number[];
}

/**
 * Other lies with the same inputs: a violated constraint is satisfied by moving one of its wires (never an input), which may violate
 * others. The same false statement is then refused by those. Followed as long as all violated constraints are of one group.
 */
export function pushViolations({ system, witness, violated, groupOf, visited, found, limit = 2000 }: PushParameters): void {
  const current = [...witness];
  const queue: State[] = [{ changes: new Map(), violated }];
  let made = 0;
  for (let state = queue.shift(); state !== undefined && made < limit; state = queue.shift()) {
    for (const [wire, value] of state.changes) current[wire] = value;
    for (const constraint of state.violated.slice(0, 8)) {
      for (const wire of wiresOf(system, constraint)) {
        if (wire <= system.lastInput && wire > system.outputs) continue;
        const value = solveFor(system, current, constraint, wire);
        if (value === undefined || value === current[wire]) continue;
        const kept = current[wire] ?? 0n;
        current[wire] = value;
        const affected = new Set([...state.violated, ...constraintsOf(system, wire)]);
        const now = [...affected].filter((c) => residual(system, current, c) !== 0n).sort((a, b) => a - b);
        current[wire] = kept;
        const first = now[0];
        if (first === undefined || now.length > 200 || now.some((c) => groupOf[c] !== groupOf[first])) continue;
        const key = now.join();
        if (visited.has(key)) continue;
        visited.add(key);
        found(now);
        if (++made >= limit) break;
        queue.push({ changes: new Map(state.changes).set(wire, value), violated: now });
      }
    }
    for (const wire of state.changes.keys()) current[wire] = witness[wire] ?? 0n;
  }
}

/** Value of a wire for which a constraint holds while all others stay; undefined if the constraint is not linear in it or does not depend on it. */
function solveFor(system: ConstraintSystem, witness: Witness, constraint: number, wire: number): bigint | undefined {
  const { start, termWires, coefficients } = system;
  const coefficient = [0n, 0n, 0n];
  const sides = [0n, 0n, 0n];
  for (let side = 0; side < 3; side++) {
    for (let t = start[3 * constraint + side] ?? 0; t < (start[3 * constraint + side + 1] ?? 0); t++) {
      const value = coefficients[t] ?? 0n;
      if (termWires[t] === wire) coefficient[side] = (coefficient[side] ?? 0n) + value;
      else sides[side] = (sides[side] ?? 0n) + value * (witness[termWires[t] ?? 0] ?? 0n);
    }
  }
  const [a = 0n, b = 0n, c = 0n] = coefficient;
  const [restA = 0n, restB = 0n, restC = 0n] = sides.map((side) => side % FIELD);
  if (a !== 0n && b !== 0n) return undefined;
  // (a·x + A)(b·x + B) = c·x + C with a = 0 or b = 0
  const slope = modField(a * restB + b * restA - c);
  if (slope === 0n) return undefined;
  return modField((restC - restA * restB) * inverse(slope));
}
