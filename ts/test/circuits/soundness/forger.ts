import { Follower } from '../../../circuit/soundness/follow.ts';
import type { CircuitTester, Witness } from '../../../circuit/tester.ts';
import { SUBGROUP_ORDER } from '../../../spec/signature.ts';

export interface ForgerParameters {
  tester: CircuitTester;
  /** A valid witness that demands as little as possible, so that its constraints show what computes what. */
  idle: Witness;
  /** Public inputs that follow from the others. */
  follows: readonly string[];
}

/** Changes wires of a circuit's witnesses and lets follow what is computed from them. */
export class Forger {
  readonly tester: CircuitTester;
  readonly #follower: Follower;
  /** Wire by name without the numbers of anonymous components; -1 if several have it. */
  readonly #wires = new Map<string, number>();

  constructor({ tester, idle, follows }: ForgerParameters) {
    this.tester = tester;
    const given = new Uint8Array(tester.wireCount).fill(1, 1, 1 + tester.system.lastInput);
    for (const name of follows) given[tester.wire(name)] = 0;
    this.#follower = new Follower(tester.system, idle, given);
    for (let wire = 1; wire < tester.wireCount; wire++) {
      const short = (tester.names(wire)[0] ?? '').replace(/_\d+_\d+/g, '');
      this.#wires.set(short, this.#wires.has(short) ? -1 : wire);
    }
  }

  /** Anonymous components are named by their template where only one of it is there. */
  wire(name: string): number {
    const wire = this.#wires.get(name) ?? this.tester.wire(name);
    if (wire < 0) throw new Error(`several signals are called ${name}`);
    return wire;
  }

  value(witness: Witness, name: string): bigint {
    return witness[this.wire(name)] ?? 0n;
  }

  following(witness: Witness, changes: Record<string, bigint>): Witness {
    const wires = new Map(Object.entries(changes).map(([name, value]) => [this.wire(name), value]));
    return wires.size === 0 ? witness : this.#follower.follow({ witness, changes: wires }).witness;
  }

  /** The one hint of the signature that no constraint computes: how often the subgroup's order is taken from the challenge h. */
  withQuotient(witness: Witness, signature: string): Witness {
    const scalar = `${signature === '' ? '' : `${signature}.`}ScalarMultiple.RecodedScalar`;
    const quotient = this.value(witness, `${scalar}.in`) / SUBGROUP_ORDER;
    return this.following(witness, Object.fromEntries([0, 1, 2].map((i) => [`${scalar}.q[${i}]`, (quotient >> BigInt(i)) & 1n])));
  }
}
