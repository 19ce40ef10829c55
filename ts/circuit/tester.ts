import { RollupError } from '../base/errors.ts';
import { modField } from '../spec/field.ts';
import { compileTestCircuit, type TestCircuit } from './testCompile.ts';
import { constraintsOf, holds, nameOf, readConstraintSystem, wireNamed, wiresOf, type ConstraintSystem, type Witness } from './soundness/constraintSystem.ts';
import { jacobianAt, nullSpace } from './soundness/jacobian.ts';
import { loadWitnessProgram, type SignalInputs, type WitnessProgram } from './witnessProgram.ts';

/*
 * A circuit under test. Its witness program is silenced: its own checks do not stop it, so that lying inputs give a witness in which
 * everything follows from the lie and only the constraint system can object.
 */

export type { Witness } from './soundness/constraintSystem.ts';

export interface ViolatedConstraint {
  constraint: number;
  /** Component that the constraint stands in, e.g. `slot[0].deposit.EqualIf`; anonymous components by the name of their template. */
  component: string;
  /** Names of some signals of the constraint. */
  signals: string[];
}

/** Directions in which a witness can move while what is given stays. */
export interface Freedom {
  /** Dimension of the null space of the Jacobian: 0 if nothing can move. */
  nullity: number;
  /** Names of the wires that move, one list for every vector of a basis. */
  movements: string[][];
}

export interface FreedomOptions {
  /** Inputs that may move as well, e.g. public inputs that follow from the private ones. Default: all inputs are given. */
  moving?: readonly string[];
  /** Constraints that are taken away. */
  without?: Iterable<number>;
  /** How many movements to write out (default 20). */
  limit?: number;
}

export interface CircuitTester {
  readonly system: ConstraintSystem;
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
   * What can move at this witness while the inputs stay: the null space of the derivatives of all constraints, exactly. On an honest
   * circuit only hints of which nothing depends are left (the inverse of 0). Discrete choices (another valid bit pattern) are not
   * found this way.
   */
  freedom(witness: Witness, options?: FreedomOptions): Freedom;
  /** Wires that can move while all inputs stay. */
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
  return new Tester(readConstraintSystem({ r1cs, sym }), await loadWitnessProgram(wasm, { silenced: true }));
}

class Tester implements CircuitTester {
  readonly system: ConstraintSystem;
  readonly #program: WitnessProgram;

  constructor(system: ConstraintSystem, program: WitnessProgram) {
    this.system = system;
    this.#program = program;
  }

  get constraintCount(): number {
    return this.system.count;
  }

  get wireCount(): number {
    return this.system.wires;
  }

  get publicWires(): number {
    return this.system.publicWires;
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
      if (!holds(this.system, witness, constraint)) found.push(this.#describe(constraint));
    }
    return found;
  }

  isSatisfied(witness: Witness): boolean {
    return this.violations(witness, 1).length === 0;
  }

  violationsOfWire(witness: Witness, wire: number, value: bigint): ViolatedConstraint[] {
    const edited = witness.with(wire, modField(value));
    return [...constraintsOf(this.system, wire)].filter((c) => !holds(this.system, edited, c)).map((c) => this.#describe(c));
  }

  freedom(witness: Witness, { moving = [], without = [], limit = 20 }: FreedomOptions = {}): Freedom {
    const given = new Uint8Array(this.wireCount).fill(1, 1 + this.system.outputs, 1 + this.system.lastInput);
    for (const name of moving) given[this.wire(name)] = 0;
    const missing = new Uint8Array(this.constraintCount);
    for (const constraint of without) missing[constraint] = 1;
    const { nullity, vectors } = nullSpace(jacobianAt(this.system, witness), { given, without: missing, vectors: limit });
    return { nullity, movements: vectors.map((vector) => [...vector.keys()].sort((a, b) => a - b).map((wire) => nameOf(this.system, wire))) };
  }

  freeWires(witness: Witness): number[] {
    const given = new Uint8Array(this.wireCount).fill(1, 1 + this.system.outputs, 1 + this.system.lastInput);
    return nullSpace(jacobianAt(this.system, witness), { given }).moving;
  }

  wire(name: string): number {
    return wireNamed(this.system, name);
  }

  names(wire: number): readonly string[] {
    return this.system.names[wire] ?? [];
  }

  edit(witness: Witness, changes: Record<string, bigint>): Witness {
    const edited = [...witness];
    for (const [name, value] of Object.entries(changes)) edited[this.wire(name)] = modField(value);
    return edited;
  }

  #describe(constraint: number): ViolatedConstraint {
    const signals = wiresOf(this.system, constraint).map((wire) => nameOf(this.system, wire));
    return { constraint, component: commonComponent(signals).replace(/_\d+_\d+/g, ''), signals: signals.slice(0, 6) };
  }
}

/** Deepest component that all signals are in or directly below. */
export function commonComponent(signals: readonly string[]): string {
  const parents = signals.map((name) => name.split('.').slice(0, -1));
  const shortest = parents.reduce((a, b) => (b.length < a.length ? b : a), parents[0] ?? []);
  const length = shortest.findIndex((part, i) => parents.some((p) => p[i] !== part));
  return shortest.slice(0, length < 0 ? shortest.length : length).join('.');
}
