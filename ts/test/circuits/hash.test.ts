import { describe, expect, it } from 'vitest';
import { createTester } from '../../circuit/tester.ts';
import { FIELD } from '../../spec/field.ts';
import { poseidon, poseidonEx } from '../../spec/poseidon.ts';

/* circuits/lib/hash.circom against circomlib's Poseidon: its values, its number of constraints, and no freedom. */

/** Numbers of inputs that the circuits use. */
const SIZES = [2, 4, 6, 8, 16];

const inputsOf = (n: number): bigint[][] => [
  Array.from({ length: n }, () => 0n),
  Array.from({ length: n }, () => FIELD - 1n),
  Array.from({ length: n }, (_, i) => (0x1f2e3d4c5b6a7988n * BigInt(i + 1)) ** 4n % FIELD),
];

describe('Hash', () => {
  for (const n of SIZES) {
    it(`of ${n} inputs is circomlib's Poseidon`, async () => {
      const own = await createTester({ file: 'lib/hash.circom', template: 'Hash', parameters: [n], publicInputs: [], simplification: 2 });
      const circomlib = await createTester({ file: 'poseidon.circom', template: 'Poseidon', parameters: [n], publicInputs: [], simplification: 2 });
      expect(own.constraintCount).toBe(circomlib.constraintCount);
      for (const inputs of inputsOf(n)) {
        const witness = own.witness({ inputs });
        expect(own.violations(witness)).toEqual([]);
        expect(witness[own.wire('out')]).toBe(poseidon(inputs));
        expect(witness[own.wire('out')]).toBe(circomlib.witness({ inputs })[circomlib.wire('out')]);
      }
    });

    it(`of ${n} inputs is fixed by them`, async () => {
      const own = await createTester({ file: 'lib/hash.circom', template: 'Hash', parameters: [n], publicInputs: [] });
      const witness = own.witness({ inputs: inputsOf(n)[2] ?? [] });
      // The tester takes outputs as given, as it does inputs: an output that could change alone would show here.
      expect(own.freeWires(witness)).toEqual([]);
      expect(own.violationsOfWire(witness, own.wire('out'), 1n)).not.toEqual([]);
    });
  }

  it("with another initial state is circomlib's PoseidonEx", async () => {
    const own = await createTester({ file: 'lib/hash.circom', template: 'HashFrom', parameters: [16], publicInputs: [], simplification: 2 });
    for (const inputs of inputsOf(16)) {
      for (const initialState of [0n, 2n, FIELD - 1n]) {
        const witness = own.witness({ initialState, inputs });
        expect(own.violations(witness)).toEqual([]);
        expect(witness[own.wire('out')]).toBe(poseidonEx(inputs, initialState));
      }
    }
  });
});
