import { readFileSync } from 'node:fs';
import { RollupError } from '../base/errors.ts';
import { FIELD, modField } from '../spec/field.ts';
import { compileTestCircuit, type TestCircuit } from './testCompile.ts';
import { readR1cs } from './setup/r1cs.ts';
import { loadWitnessProgram, type SignalInputs, type WitnessProgram } from './witnessProgram.ts';

/*
 * A circuit under test. Its witness program is silenced: its own checks do not stop it, so that lying inputs give a witness in which
 * everything follows from the lie and only the constraint system can object.
 */

/** Wires by number as in the .r1cs; wire 0 is the constant 1. */
export type Witness = bigint[];

export interface ViolatedConstraint {
  constraint: number;
  /** Component that the constraint stands in, e.g. `slot[0].deposit.EqualIf`; anonymous components by the name of their template. */
  component: string;
  /** Names of some signals of the constraint. */
  signals: string[];
}

export interface CircuitTester {
  constraintCount: number;
  wireCount: number;
  /** Public inputs are wires 1 … publicWires. */
  publicWires: number;
  /** Witness that follows from the inputs, valid or not. */
  witness(inputs: SignalInputs): Witness;
  /** Checks of the circuit's text that the last witness failed, e.g. `Range line: 11`. */
  failedChecks(): readonly string[];
  /** Constraints that a witness violates, at most `limit`. */
  violations(witness: Witness, limit?: number): ViolatedConstraint[];
  isSatisfied(witness: Witness): boolean;
  /** Constraints that change from satisfied to violated or stay violated when one wire of a valid witness has another value. */
  violationsOfWire(witness: Witness, wire: number, value: bigint): ViolatedConstraint[];
  /**
   * Wires that can move a little while all inputs stay: those that unit propagation over the derivatives of the constraints at this
   * witness does not pin down. On an honest circuit only hints of which nothing depends are left (the inverse of 0). Discrete choices
   * (another valid bit pattern) are not found this way.
   */
  freeWires(witness: Witness): number[];
  /** Wire of a signal by qualified name without `main.`. */
  wire(name: string): number;
  /** Qualified names of the signals that a wire carries. */
  names(wire: number): readonly string[];
  /** A copy of a witness with some signals changed. */
  edit(witness: Witness, changes: Record<string, bigint>): Witness;
}

/** Compiles (or takes from the cache) and loads a circuit for tests. */
export async function createTester(circuit: TestCircuit): Promise<CircuitTester> {
  const { r1cs, sym, wasm } = await compileTestCircuit(circuit);
  return new Tester(readConstraints(r1cs), readSymbols(sym), await loadWitnessProgram(wasm, { silenced: true }));
}

/** Constraint i holds terms start[3i] … start[3i+3]-1: A from start[3i], B from start[3i+1], C from start[3i+2]. */
interface Constraints {
  count: number;
  wires: number;
  publicWires: number;
  /** Inputs and outputs are wires 1 … inputs. */
  inputs: number;
  start: Uint32Array;
  termWires: Uint32Array;
  coefficients: bigint[];
}

class Tester implements CircuitTester {
  readonly #constraints: Constraints;
  readonly #symbols: Map<string, number>;
  readonly #program: WitnessProgram;
  #names: Map<number, string[]> | undefined;
  #byWire: Uint32Array[] | undefined;

  constructor(constraints: Constraints, symbols: Map<string, number>, program: WitnessProgram) {
    this.#constraints = constraints;
    this.#symbols = symbols;
    this.#program = program;
  }

  get constraintCount(): number {
    return this.#constraints.count;
  }

  get wireCount(): number {
    return this.#constraints.wires;
  }

  get publicWires(): number {
    return this.#constraints.publicWires;
  }

  witness(inputs: SignalInputs): Witness {
    const witness = this.#program.calculate(inputs);
    if (witness.length !== this.wireCount) {
      throw new RollupError('Witness program and constraints do not belong together', { facts: { wires: this.wireCount, witness: witness.length } });
    }
    return witness;
  }

  failedChecks(): readonly string[] {
    return this.#program.failedChecks();
  }

  violations(witness: Witness, limit = 5): ViolatedConstraint[] {
    const found: ViolatedConstraint[] = [];
    for (let constraint = 0; constraint < this.constraintCount && found.length < limit; constraint++) {
      if (!this.#holds(witness, constraint)) found.push(this.#describe(constraint));
    }
    return found;
  }

  isSatisfied(witness: Witness): boolean {
    return this.violations(witness, 1).length === 0;
  }

  violationsOfWire(witness: Witness, wire: number, value: bigint): ViolatedConstraint[] {
    const edited = witness.with(wire, modField(value));
    return [...(this.#constraintsOfWires()[wire] ?? [])].filter((c) => !this.#holds(edited, c)).map((c) => this.#describe(c));
  }

  freeWires(witness: Witness): number[] {
    const { count, wires, inputs } = this.#constraints;
    const touching = this.#constraintsOfWires();
    const pinned = new Uint8Array(wires).fill(1, 0, 1 + inputs);
    // Per constraint: the free wires with a derivative that is not 0.
    const free = Array.from({ length: count }, (_, c) => new Set(this.#gradient(witness, c).filter((wire) => pinned[wire] === 0)));
    const ready = free.flatMap((set, c) => (set.size === 1 ? [c] : []));
    for (let c = ready.pop(); c !== undefined; c = ready.pop()) {
      const [wire] = free[c] ?? [];
      if (wire === undefined) continue;
      pinned[wire] = 1;
      for (const other of touching[wire] ?? []) {
        const set = free[other];
        if (set?.delete(wire) && set.size === 1) ready.push(other);
      }
    }
    return [...pinned.keys()].filter((wire) => pinned[wire] === 0);
  }

  /** Wires by which A·B - C of a constraint changes at this witness. */
  #gradient(witness: Witness, constraint: number): number[] {
    const { start, termWires, coefficients } = this.#constraints;
    const [a = 0, b = 0, c = 0, end = 0] = start.subarray(3 * constraint, 3 * constraint + 4);
    const value = (from: number, to: number): bigint => {
      let total = 0n;
      for (let t = from; t < to; t++) total += (coefficients[t] ?? 0n) * (witness[termWires[t] ?? 0] ?? 0n);
      return total % FIELD;
    };
    const [valueA, valueB] = [value(a, b), value(b, c)];
    const slopes = new Map<number, bigint>();
    for (let t = a; t < end; t++) {
      const factor = t < b ? valueB : t < c ? valueA : -1n;
      const wire = termWires[t] ?? 0;
      slopes.set(wire, (slopes.get(wire) ?? 0n) + factor * (coefficients[t] ?? 0n));
    }
    return [...slopes].filter(([wire, slope]) => wire !== 0 && slope % FIELD !== 0n).map(([wire]) => wire);
  }

  wire(name: string): number {
    const wire = this.#symbols.get(name);
    if (wire === undefined || wire < 0) {
      throw new RollupError(wire === undefined ? 'No such signal' : 'Signal is not in the witness', {
        facts: { name },
        hint: 'Look the name up in the .sym file of the test circuit.',
      });
    }
    return wire;
  }

  names(wire: number): readonly string[] {
    if (!this.#names) {
      this.#names = new Map();
      for (const [name, index] of this.#symbols) {
        const names = this.#names.get(index);
        if (names) names.push(name);
        else this.#names.set(index, [name]);
      }
    }
    return this.#names.get(wire) ?? [];
  }

  edit(witness: Witness, changes: Record<string, bigint>): Witness {
    const edited = [...witness];
    for (const [name, value] of Object.entries(changes)) edited[this.wire(name)] = modField(value);
    return edited;
  }

  #holds(witness: Witness, constraint: number): boolean {
    const { start, termWires, coefficients } = this.#constraints;
    const sum = (part: number): bigint => {
      let total = 0n;
      const end = start[3 * constraint + part + 1] ?? 0;
      for (let t = start[3 * constraint + part] ?? 0; t < end; t++) total += (coefficients[t] ?? 0n) * (witness[termWires[t] ?? 0] ?? 0n);
      return total % FIELD;
    };
    return (sum(0) * sum(1) - sum(2)) % FIELD === 0n;
  }

  #describe(constraint: number): ViolatedConstraint {
    const { start, termWires } = this.#constraints;
    const wires = new Set(termWires.subarray(start[3 * constraint], start[3 * constraint + 3]));
    wires.delete(0);
    const signals = [...wires].map((wire) => this.names(wire)[0] ?? `wire ${wire}`);
    return { constraint, component: commonComponent(signals), signals: signals.slice(0, 6) };
  }

  #constraintsOfWires(): Uint32Array[] {
    if (this.#byWire) return this.#byWire;
    const { start, termWires, count, wires } = this.#constraints;
    const lists: number[][] = Array.from({ length: wires }, () => []);
    for (let c = 0; c < count; c++) {
      for (const wire of new Set(termWires.subarray(start[3 * c], start[3 * c + 3]))) lists[wire]?.push(c);
    }
    this.#byWire = lists.map((list) => Uint32Array.from(list));
    return this.#byWire;
  }
}

/** Deepest component that all signals are in or directly below. */
function commonComponent(signals: readonly string[]): string {
  const parents = signals.map((name) => name.split('.').slice(0, -1));
  const shortest = parents.reduce((a, b) => (b.length < a.length ? b : a), parents[0] ?? []);
  const length = shortest.findIndex((part, i) => parents.some((p) => p[i] !== part));
  return shortest.slice(0, length < 0 ? shortest.length : length).join('.').replace(/_\d+_\d+/g, '');
}

function readConstraints(path: string): Constraints {
  const { header, forEachCoefficient } = readR1cs(path);
  const start = new Uint32Array(3 * header.constraints + 1);
  const wires: number[] = [];
  const coefficients: bigint[] = [];
  let row = 0;
  forEachCoefficient((matrix, constraint, wire, value) => {
    for (; row <= 3 * constraint + matrix; row++) start[row] = wires.length;
    wires.push(wire);
    coefficients.push(value);
  });
  for (; row < start.length; row++) start[row] = wires.length;
  return {
    count: header.constraints,
    wires: header.wires,
    publicWires: header.outputs + header.publicInputs,
    inputs: header.outputs + header.publicInputs + header.privateInputs,
    start,
    termWires: Uint32Array.from(wires),
    coefficients,
  };
}

/** `.sym` lines: label, wire or -1, component, qualified name. */
function readSymbols(path: string): Map<string, number> {
  const symbols = new Map<string, number>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, wire, , name] = line.split(',');
    if (name !== undefined) symbols.set(name.replace(/^main\./, ''), Number(wire));
  }
  return symbols;
}
