import { constraintsOf, residual, wiresOf, type ConstraintSystem, type Witness } from './constraintSystem.ts';
import { solveFor } from './follow.ts';

/** A witness that must be refused. */
export interface Lie {
  name: string;
  witness: Witness;
  /** Places whose constraints are left aside, as if the circuit did not have them (yet). */
  waives?: readonly string[];
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
  /** Constraints that are left aside. */
  isWaived?: (constraint: number) => boolean;
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
export function pushViolations({ system, witness, violated, groupOf, isWaived = () => false, visited, found, limit = 2000 }: PushParameters): void {
  const current = [...witness];
  const queue: State[] = [{ changes: new Map(), violated }];
  let made = 0;
  for (let state = queue.shift(); state !== undefined && made < limit; state = queue.shift()) {
    for (const [wire, value] of state.changes) current[wire] = value;
    for (const constraint of state.violated.slice(0, 8)) {
      for (const wire of wiresOf(system, constraint)) {
        if (wire <= system.lastInput && wire > system.outputs) continue;
        const solved = solveFor(system, current, constraint, wire);
        // Not linear in the wire: b·(b - 1) = 0.
        for (const value of solved === undefined ? [0n, 1n] : [solved]) {
          if (value === current[wire]) continue;
          const kept = current[wire] ?? 0n;
          current[wire] = value;
          const affected = new Set([...state.violated, ...constraintsOf(system, wire)]);
          const now = [...affected].filter((c) => residual(system, current, c) !== 0n && !isWaived(c)).sort((a, b) => a - b);
          current[wire] = kept;
          const first = now[0];
          if (first === undefined || now.length > 200 || now.some((c) => groupOf[c] !== groupOf[first])) continue;
          const key = now.join();
          if (visited.has(key)) continue;
          visited.add(key);
          found(now);
          made++;
          queue.push({ changes: new Map(state.changes).set(wire, value), violated: now });
        }
      }
    }
    for (const wire of state.changes.keys()) current[wire] = witness[wire] ?? 0n;
  }
}
