import { FIELD, modField } from '../../spec/field.ts';
import { constraintsOf, residual, wiresOf, type ConstraintSystem, type Witness } from './constraintSystem.ts';
import { inverse, jacobianAt, propagate } from './jacobian.ts';

/*
 * Witnesses in which some wires are changed and everything that depends on them follows. The witness program can only be lied to through
 * inputs; a cheater chooses every wire. Which constraint computes which wire is read off a valid witness (see propagate).
 */

export interface FollowParameters {
  witness: Witness;
  /** New values. These wires keep them whatever the constraints say. */
  changes: ReadonlyMap<number, bigint>;
}

export interface Followed {
  witness: Witness;
  /** Constraints with a wire that changed. */
  touched: ReadonlySet<number>;
}

export class Follower {
  readonly #system: ConstraintSystem;
  /** By constraint: position in the order, or -1 for a check. */
  readonly #position: Int32Array;
  readonly #constraintAt: Int32Array;
  readonly #wireAt: Int32Array;
  /** By wire: the constraint that computes it, or -1. */
  readonly #computedBy: Int32Array;
  /** By wire: 1 for a wire that is computed by `b·(b - 1) = 0`, which says what it may be but not what it is. */
  readonly #isBit: Uint8Array;

  /** `given` by wire as for propagate; `valid` is any valid witness. */
  constructor(system: ConstraintSystem, valid: Witness, given: Uint8Array) {
    this.#system = system;
    const { constraints, orderedWires } = propagate(jacobianAt(system, valid), { given });
    this.#constraintAt = constraints;
    this.#wireAt = orderedWires;
    this.#position = new Int32Array(system.count).fill(-1);
    this.#computedBy = new Int32Array(system.wires).fill(-1);
    this.#isBit = new Uint8Array(system.wires);
    constraints.forEach((c, i) => {
      const wire = orderedWires[i] ?? 0;
      this.#position[c] = i;
      this.#computedBy[wire] = c;
      const wires = wiresOf(system, c);
      if (wires.length === 1 && system.start[3 * c] !== system.start[3 * c + 1]) this.#isBit[wire] = 1;
    });
  }

  /** Constraint that computes a wire, or -1. */
  computedBy(wire: number): number {
    return this.#computedBy[wire] ?? -1;
  }

  /** Wire that a constraint computes, or -1. */
  computes(constraint: number): number {
    const position = this.#position[constraint] ?? -1;
    return position < 0 ? -1 : (this.#wireAt[position] ?? -1);
  }

  /** Constraints that see a change of a wire, directly or through what is computed from it. */
  reach(wire: number): Set<number> {
    const seen = new Set<number>();
    const queue = [wire];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const c of constraintsOf(this.#system, next)) {
        if (seen.has(c)) continue;
        seen.add(c);
        const computed = this.computes(c);
        if (computed >= 0 && computed !== next) queue.push(computed);
      }
    }
    return seen;
  }

  follow({ witness, changes }: FollowParameters): Followed {
    const current = [...witness];
    const touched = new Set<number>();
    const dirty = new Uint8Array(this.#constraintAt.length);
    let at = dirty.length;
    const sums: number[] = [];
    const set = (wire: number, value: bigint): void => {
      if (current[wire] === value) return;
      current[wire] = value;
      for (const c of constraintsOf(this.#system, wire)) {
        touched.add(c);
        const position = this.#position[c] ?? -1;
        if (position < 0) sums.push(c);
        else {
          dirty[position] = 1;
          if (position < at) at = position;
        }
      }
    };
    for (const [wire, value] of changes) set(wire, modField(value));
    for (let steps = 0; steps < 4 * dirty.length; steps++) {
      while (at < dirty.length && dirty[at] === 0) at++;
      if (at >= dirty.length) {
        const sum = sums.pop();
        if (sum === undefined) break;
        for (const [wire, value] of this.#decompose(current, sum)) if (!changes.has(wire)) set(wire, value);
        continue;
      }
      dirty[at] = 0;
      const wire = this.#wireAt[at] ?? 0;
      const constraint = this.#constraintAt[at] ?? 0;
      if (changes.has(wire)) {
        // A copy of a bit that is checked elsewhere: the bit is what was changed.
        const [bit, ...others] = wiresOf(this.#system, constraint).filter((other) => other !== wire);
        if (bit !== undefined && others.length === 0 && this.#isBit[bit] === 1 && !changes.has(bit)) set(bit, solveFor(this.#system, current, constraint, bit) ?? 0n);
        continue;
      }
      if (this.#isBit[wire] === 1) continue;
      const value = solveFor(this.#system, current, constraint, wire);
      if (value !== undefined) set(wire, value);
      else if (residual(this.#system, current, constraint) !== 0n) {
        for (const [other, solved] of this.#undetermined(current, constraint)) if (!changes.has(other)) set(other, solved);
      }
    }
    return { witness: current, touched };
  }

  /** If the wire that a constraint computes has no say any more (a product with 0): another wire of it that nothing determines now. */
  #undetermined(current: Witness, constraint: number): [number, bigint][] {
    for (const other of wiresOf(this.#system, constraint)) {
      const by = this.#computedBy[other] ?? -1;
      if (by < 0 || by === constraint || this.#isBit[other] === 1 || solveFor(this.#system, current, by, other) !== undefined) continue;
      const value = solveFor(this.#system, current, constraint, other);
      if (value !== undefined) return [[other, value]];
    }
    return [];
  }

  /** New bits of a number: constraint `Σ 2^k · bit_k = value`. As in the witness program, bits that do not fit are cut off. */
  #decompose(current: Witness, constraint: number): [number, bigint][] {
    const { start, termWires, coefficients } = this.#system;
    const from = start[3 * constraint + 2] ?? 0;
    const end = start[3 * constraint + 3] ?? 0;
    if (start[3 * constraint] !== from || end - from < 2) return [];
    const bits: { wire: number; power: bigint }[] = [];
    let rest = 0n;
    for (let t = from; t < end; t++) {
      const wire = termWires[t] ?? 0;
      if (this.#isBit[wire] === 1) bits.push({ wire, power: coefficients[t] ?? 0n });
      else rest += (coefficients[t] ?? 0n) * (current[wire] ?? 0n);
    }
    const sign = bits.some((bit) => bit.power === 1n) ? 1n : -1n;
    const power = (bit: { power: bigint }): bigint => modField(sign * bit.power);
    bits.sort((a, b) => (power(a) < power(b) ? -1 : 1));
    if (bits.length === 0 || bits.some((bit, k) => power(bit) !== 2n ** BigInt(k))) return [];
    const value = modField(-sign * rest);
    return bits.map(({ wire }, k) => [wire, (value >> BigInt(k)) & 1n]);
  }
}

/** Value of a wire for which a constraint holds while all others stay; undefined if the constraint is not linear in it or does not depend on it. */
export function solveFor(system: ConstraintSystem, witness: Witness, constraint: number, wire: number): bigint | undefined {
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
