import type { Groth16Proof } from 'snarkjs';
import { expect, test } from 'vitest';
import { fromSolidityProof, toSolidityProof } from './proof.ts';

const proof: Groth16Proof = {
  pi_a: ['1', '2', '1'],
  pi_b: [['3', '4'], ['5', '6'], ['1', '0']],
  pi_c: ['7', '8', '1'],
  protocol: 'groth16',
  curve: 'bn128',
};

test("a proof goes to the contracts' form with the imaginary part first, and back", () => {
  expect(toSolidityProof(proof)).toEqual({ a: [1n, 2n], b: [[4n, 3n], [6n, 5n]], c: [7n, 8n] });
  expect(fromSolidityProof(toSolidityProof(proof))).toEqual(proof);
});

test('refuses a proof of another system', () => {
  expect(() => toSolidityProof({ ...proof, protocol: 'plonk' } as unknown as Groth16Proof)).toThrow('not a Groth16 proof');
  expect(() => toSolidityProof({ ...proof, curve: 'bls12381' } as unknown as Groth16Proof)).toThrow('not a Groth16 proof');
});
