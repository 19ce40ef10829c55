import { readFileSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';
import { FIELD } from '../../spec/field.ts';
import { readR1cs } from '../setup/r1cs.ts';

/** Wires by number as in the .r1cs; wire 0 is the constant 1. */
export type Witness = bigint[];

/** The constraints A·B = C of a compiled circuit in memory, with the names of its signals. */
export interface ConstraintSystem {
  readonly count: number;
  readonly wires: number;
  /** Outputs are wires 1 … outputs; after them come the public and then the private inputs, up to `lastInput`. */
  readonly outputs: number;
  readonly publicWires: number;
  readonly lastInput: number;
  /** Constraint i holds terms start[3i] … start[3i+3]-1: A from start[3i], B from start[3i+1], C from start[3i+2]. */
  readonly start: Uint32Array;
  readonly termWires: Uint32Array;
  /** Signed and small where possible: -1, not p-1. */
  readonly coefficients: readonly bigint[];
  /** Coefficients 1 and -1, which most are; 0 for all others. */
  readonly signs: Int8Array;
  /** Names without `main.`, by wire; at `--O0` every signal has a wire of its own. */
  readonly names: readonly (readonly string[])[];
  /** Wire by name; below 0 if the signal was simplified away. */
  readonly wireOf: ReadonlyMap<string, number>;
}

export interface ReadConstraintSystemParameters {
  r1cs: string;
  sym: string;
}

export function readConstraintSystem({ r1cs, sym }: ReadConstraintSystemParameters): ConstraintSystem {
  const { header, forEachCoefficient } = readR1cs(r1cs);
  const start = new Uint32Array(3 * header.constraints + 1);
  const wires: number[] = [];
  const coefficients: bigint[] = [];
  let row = 0;
  forEachCoefficient((matrix, constraint, wire, value) => {
    for (; row <= 3 * constraint + matrix; row++) start[row] = wires.length;
    wires.push(wire);
    coefficients.push(2n * value > FIELD ? value - FIELD : value);
  });
  for (; row < start.length; row++) start[row] = wires.length;

  const names: string[][] = Array.from({ length: header.wires }, () => []);
  const wireOf = new Map<string, number>();
  // Lines: label, wire or -1, component, qualified name.
  for (const line of readFileSync(sym, 'utf8').split('\n')) {
    const [, wire, , qualified] = line.split(',');
    if (qualified === undefined) continue;
    const name = qualified.replace(/^main\./, '');
    wireOf.set(name, Number(wire));
    names[Number(wire)]?.push(name);
  }
  return {
    count: header.constraints,
    wires: header.wires,
    outputs: header.outputs,
    publicWires: header.outputs + header.publicInputs,
    lastInput: header.outputs + header.publicInputs + header.privateInputs,
    start,
    termWires: Uint32Array.from(wires),
    coefficients,
    signs: Int8Array.from(coefficients, (value) => (value === 1n ? 1 : value === -1n ? -1 : 0)),
    names,
    wireOf,
  };
}

/** @throws RollupError when no wire carries the signal */
export function wireNamed({ wireOf }: ConstraintSystem, name: string): number {
  const wire = wireOf.get(name);
  if (wire === undefined || wire < 0) {
    throw new RollupError(wire === undefined ? 'No such signal' : 'Signal is not in the witness', {
      facts: { name },
      hint: 'Look the name up in the .sym file of the test circuit.',
    });
  }
  return wire;
}

/** First name of a wire; array indices are kept. */
export function nameOf({ names }: ConstraintSystem, wire: number): string {
  return names[wire]?.[0] ?? `wire ${wire}`;
}

/** Value of one side of a constraint (0 = A, 1 = B, 2 = C), not reduced. */
export function sideOf({ start, termWires, coefficients, signs }: ConstraintSystem, witness: Witness, constraint: number, side: number): bigint {
  let total = 0n;
  const end = start[3 * constraint + side + 1] ?? 0;
  for (let t = start[3 * constraint + side] ?? 0; t < end; t++) {
    const value = witness[termWires[t] ?? 0] ?? 0n;
    if (value === 0n) continue;
    const sign = signs[t];
    if (sign === 1) total += value;
    else if (sign === -1) total -= value;
    else total += (coefficients[t] ?? 0n) * value;
  }
  return total;
}

/** A·B - C at a witness, not reduced below 0; 0 iff the constraint holds. */
export function residual(system: ConstraintSystem, witness: Witness, constraint: number): bigint {
  const a = sideOf(system, witness, constraint, 0);
  const product = a === 0n ? 0n : a * sideOf(system, witness, constraint, 1);
  const difference = product - sideOf(system, witness, constraint, 2);
  return difference === 0n ? 0n : difference % FIELD;
}

export function holds(system: ConstraintSystem, witness: Witness, constraint: number): boolean {
  return residual(system, witness, constraint) === 0n;
}

/** Wires of a constraint without the constant, each once. */
export function wiresOf({ start, termWires }: ConstraintSystem, constraint: number): number[] {
  const wires = new Set(termWires.subarray(start[3 * constraint], start[3 * constraint + 3]));
  wires.delete(0);
  return [...wires];
}

const touching = new WeakMap<ConstraintSystem, { start: Uint32Array; constraints: Uint32Array }>();

/** Constraints that a wire stands in, ascending. */
export function constraintsOf(system: ConstraintSystem, wire: number): Uint32Array {
  let index = touching.get(system);
  if (!index) touching.set(system, (index = indexByWire(system)));
  return index.constraints.subarray(index.start[wire], index.start[wire + 1]);
}

function indexByWire(system: ConstraintSystem): { start: Uint32Array; constraints: Uint32Array } {
  const start = new Uint32Array(system.wires + 1);
  for (let c = 0; c < system.count; c++) for (const wire of wiresOf(system, c)) start[wire + 1] = (start[wire + 1] ?? 0) + 1;
  for (let wire = 0; wire < system.wires; wire++) start[wire + 1] = (start[wire + 1] ?? 0) + (start[wire] ?? 0);
  const next = start.slice();
  const constraints = new Uint32Array(start[system.wires] ?? 0);
  for (let c = 0; c < system.count; c++) {
    for (const wire of wiresOf(system, c)) {
      const at = next[wire] ?? 0;
      constraints[at] = c;
      next[wire] = at + 1;
    }
  }
  return { start, constraints };
}
