import { Field } from '@noble/curves/abstract/modular.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { Follower } from '../../circuit/soundness/follow.ts';
import { createTester, type CircuitTester, type Witness } from '../../circuit/tester.ts';
import { FIELD } from '../../spec/field.ts';
import { SUBGROUP_ORDER } from '../../spec/signature.ts';
import { Random } from '../random.ts';

/*
 * h·P of the signature circuit by itself: edge scalars, and what a prover can claim who chooses every wire. Lies are made on the wires:
 * some are changed and everything that depends on them follows.
 */

const { Point } = babyjubjub;
const SEED = 20_251_130;
const l = SUBGROUP_ORDER;
const field = Field(FIELD);
const BITS = 251;
const LEADING = 3n << 251n;
const D = 4n * l - LEADING;
const POINT = Point.BASE.multiply(8n * 123_456_789n);

/** How a prover writes h: h = q·l + e - D. */
interface Recoding {
  q: bigint;
  e: bigint;
}

const honest = (h: bigint): Recoding => ({ q: h / l, e: (h % l) + D });

/** What the steps before the last and the last one reach, as multiples of P: 2·(leading bits of k) + 1. */
function multiples({ e }: Recoding): bigint[] {
  return Array.from({ length: BITS + 1 }, (_, j) => 2n * ((LEADING + e) >> BigInt(BITS - j + 1)) + 1n);
}

/** Whether the way does not lead through O. */
function isRegular(recoding: Recoding): boolean {
  return multiples(recoding).every((m) => m % l !== 0n);
}

describe('scalar multiple', () => {
  let circuit: CircuitTester;
  let follower: Follower;
  let valid: Witness;
  beforeAll(async () => {
    circuit = await createTester({ file: 'lib/scalarMultiple.circom', template: 'ScalarMultiple', parameters: [], publicInputs: [] });
    valid = circuit.witness(inputs(2n ** 253n - 12_345n));
    const { outputs, lastInput } = circuit.system;
    follower = new Follower(circuit.system, valid, new Uint8Array(circuit.wireCount).fill(1, 1 + outputs, 1 + lastInput));
  });

  const inputs = (h: bigint): Record<string, bigint> => ({ h, ...POINT.toAffine() });
  const result = (witness: Witness): { x: bigint; y: bigint } => ({ x: witness[circuit.wire('outX')] ?? 0n, y: witness[circuit.wire('outY')] ?? 0n });
  const expected = (h: bigint): { x: bigint; y: bigint } => POINT.multiplyUnsafe(h % l).toAffine();
  const places = (witness: Witness): string[] => [...new Set(circuit.violations(witness, 1000).map(({ component }) => component))].sort();

  /** What a prover gives for h·P who writes h as q·l + e - D and sets other wires as they like; everything else follows. */
  const lie = (h: bigint, { q, e }: Recoding, changes: Record<string, bigint> = {}): Witness => {
    const bitsOf = (value: bigint, name: string): [string, bigint][] => Array.from({ length: BITS }, (_, i) => [`${name}[${i}]`, (value >> BigInt(i)) & 1n]);
    const recoding = Object.fromEntries([...bitsOf(q, 'RecodedScalar.q').slice(0, 3), ...bitsOf(e, 'RecodedScalar.Num2Bits.out')]);
    const chosen: Record<string, bigint> = { h, ...recoding, ...changes };
    // What stands for a bit's check takes the bit's value.
    for (let i = 0; i < 3; i++) chosen[`RecodedScalar.Boolean[${i}].in`] = chosen[`RecodedScalar.q[${i}]`] ?? 0n;
    const wires = Object.entries(chosen).map(([name, value]): [number, bigint] => [wireAt(name), value]);
    return follower.follow({ witness: valid, changes: new Map(wires) }).witness;
  };
  /** Wire by its name without the numbers that circom gives to components without a name. */
  const wireAt = (name: string): number => {
    plain ??= new Map([...circuit.system.wireOf].map(([full, wire]) => [full.replace(/_\d+_\d+/g, ''), wire]));
    const wire = plain.get(name);
    if (wire === undefined) throw new Error(`there is no signal ${name}`);
    return wire;
  };
  let plain: Map<string, number> | undefined;

  it('is right for random scalars', () => {
    const random = new Random(SEED, 'scalars');
    for (let i = 0; i < 30; i++) {
      const h = random.field();
      const witness = circuit.witness(inputs(h));
      expect(places(witness)).toEqual([]);
      expect(result(witness)).toEqual(expected(h));
    }
  });

  const edges: Record<string, bigint> = {
    '2^126': 2n ** 126n,
    '2^250': 2n ** 250n,
    '2^251 - 1': 2n ** 251n - 1n,
    '2^251': 2n ** 251n,
    '2^253': 2n ** 253n,
    'l - 2^126': l - 2n ** 126n,
    'l + 2^126': l + 2n ** 126n,
    '5l + 2^200': 5n * l + 2n ** 200n,
    '7l + 2^126': 7n * l + 2n ** 126n,
    'p - 2^127': FIELD - 2n ** 127n,
    '(l - 1) / 2': (l - 1n) / 2n,
    '(l + 1) / 2': (l + 1n) / 2n,
  };
  it.each(Object.entries(edges))('is right for %s', (_, h) => {
    const witness = circuit.witness(inputs(h));
    expect(places(witness)).toEqual([]);
    expect(result(witness)).toEqual(expected(h));
  });

  // Nobody can make a hash such a number. What matters is that nothing wrong is accepted.
  const refused: Record<string, bigint> = { 0: 0n, 1: 1n, 2: 2n, 'l - 1': l - 1n, l, 'l + 1': l + 1n, '2l': 2n * l, '7l': 7n * l, 'p - 1': FIELD - 1n, 'p - 2^125': FIELD - 2n ** 125n };
  it.each(Object.entries(refused))('is refused for %s', (_, h) => {
    expect(places(circuit.witness(inputs(h)))).not.toEqual([]);
  });

  it('is right or refused next to every multiple of l, however the prover writes the scalar', () => {
    let accepted = 0;
    let irregular = 0;
    for (let multiple = 0n; multiple < 8n; multiple++) {
      for (const near of [-5n, -4n, -3n, -2n, -1n, 0n, 1n, 2n, 3n, 4n, 5n, 2n ** 128n]) {
        const h = multiple * l + near;
        for (const q of [multiple - 1n, multiple]) {
          const recoding = { q, e: h - q * l + D };
          if (h < 0n || q < 0n || recoding.e < 0n) continue;
          const witness = lie(h, recoding);
          const violated = places(witness);
          const inRange = !violated.some((place) => place.startsWith('RecodedScalar'));
          expect(violated.length === 0, `${multiple}·l + ${near} with q = ${q}: ${violated.join(', ')}`).toBe(inRange && isRegular(recoding));
          if (violated.length === 0) expect(result(witness)).toEqual(expected(h));
          if (violated.length === 0) accepted++;
          else if (inRange) irregular++;
        }
      }
    }
    expect([accepted > 50, irregular > 20], `${accepted} accepted, ${irregular} refused for their additions alone`).toEqual([true, true]);
  });

  // k = 4·l ± 3: before the last step Q would be ±P and the last digit would add the same point, so that any slope would do.
  it.each([3n, -3n])('refuses the way to where any slope would do (k = 4·l + %s): it leads through O', (near) => {
    const recoding = { q: 7n, e: D + near };
    expect(multiples(recoding).slice(-3)).toEqual([l, 2n * l + near / 3n, 4n * l + near]);
    for (const slopes of [{}, { a: 1n }, { b: 1n }, { b: 12_345n }, { a: 12_345n, b: 54_321n }]) {
      const changes = Object.fromEntries(Object.entries(slopes).map(([name, value]) => [`steps[${BITS - 3}].${name}`, value]));
      expect(places(lie(7n * l + near, recoding, changes))).toContain(`steps[${BITS - 3}]`);
    }
  });

  it.each(['a', 'b'])('refuses a wrong slope %s, at its step alone', (slope) => {
    for (const step of [0, 1, 100, BITS - 1]) {
      const name = `steps[${step}].${slope}`;
      for (const change of [1n, -1n, 2n ** 200n]) {
        const changed = lie(2n ** 253n - 12_345n, honest(2n ** 253n - 12_345n), { [name]: (valid[circuit.wire(name)] ?? 0n) + change });
        expect(result(changed)).not.toEqual(result(valid));
        expect(places(changed)).toEqual([`steps[${step}]`]);
      }
    }
  });

  // The hash as another integer of the same field element, which is another scalar.
  const aliases: Record<string, { h: bigint; integer: bigint; q: bigint }> = {
    'h + p': { h: 2n ** 248n, integer: 2n ** 248n + FIELD, q: 7n },
    'h + p, the smallest': { h: 0n, integer: FIELD, q: 7n },
    'h - p': { h: FIELD - D / 2n, integer: -(D / 2n), q: 0n },
    'h - p, the largest': { h: FIELD - 1n, integer: -1n, q: 0n },
  };
  it.each(Object.entries(aliases))('refuses the bits of %s, by their range alone', (_, { h, integer, q }) => {
    const e = integer - q * l + D;
    expect(e >= 0n && e < 2n ** 251n).toBe(true);
    const witness = lie(h, { q, e });
    expect(places(witness).filter((place) => place.startsWith('RecodedScalar'))).toEqual(['RecodedScalar.Range.bits']);
    if (isRegular({ q, e })) {
      expect(places(witness)).toEqual(['RecodedScalar.Range.bits']);
      expect(result(witness)).toEqual(POINT.multiplyUnsafe(((integer % l) + l) % l).toAffine());
    }
  });

  it('accepts another way to write h, with the same result', () => {
    const h = 5n * l + D;
    const witness = lie(h, { q: 4n, e: l + 2n * D });
    expect(places(witness)).toEqual([]);
    expect(result(witness)).toEqual(expected(h));
  });

  it('refuses q and bits that are no bits', () => {
    const h = 2n ** 253n - 12_345n;
    const { q, e } = honest(h);
    expect(places(lie(h, { q, e }, { 'RecodedScalar.q[0]': 2n }))).toContain('RecodedScalar.Boolean[0]');
    expect(places(lie(h, { q, e }, { 'RecodedScalar.Num2Bits.out[7]': 2n }))).toContain('RecodedScalar.Num2Bits');
  });

  it('leaves nothing to choose', () => {
    expect(circuit.freeWires(valid)).toEqual([]);
  });
});

describe('one step by itself', () => {
  it('takes any slope where Q is ±P: what its caller must exclude', async () => {
    const step = await createTester({ file: 'lib/scalarMultiple.circom', template: 'DoubleAndAdd', parameters: [], publicInputs: [] });
    // P in Montgomery form
    const { x, y } = POINT.toAffine();
    const u = divide(1n + y, 1n - y);
    const v = divide(u, x);
    const witness = step.witness({ q: [u, v], p: [u, v], bit: 1n });
    expect(step.freeWires(witness)).not.toEqual([]);
  });
});

function divide(a: bigint, b: bigint): bigint {
  return field.div(field.create(a), field.create(b));
}
