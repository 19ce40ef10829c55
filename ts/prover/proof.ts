import type { Groth16Proof } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import type { Proof } from '../spec/chainSide.ts';

/** snarkjs's proof in the form of src/types/Block.sol: integers, G2 coordinates with the imaginary part first. */
export function toSolidityProof({ pi_a, pi_b, pi_c, protocol, curve }: Groth16Proof): Proof {
  if (protocol !== 'groth16' || curve !== 'bn128') {
    throw new RollupError('not a Groth16 proof over BN254', { facts: { protocol, curve } });
  }
  const [[xReal, xImaginary], [yReal, yImaginary]] = pi_b;
  return {
    a: [BigInt(pi_a[0]), BigInt(pi_a[1])],
    b: [
      [BigInt(xImaginary), BigInt(xReal)],
      [BigInt(yImaginary), BigInt(yReal)],
    ],
    c: [BigInt(pi_c[0]), BigInt(pi_c[1])],
  };
}

/** The other way round: what snarkjs's verifier takes. */
export function fromSolidityProof({ a, b, c }: Proof): Groth16Proof {
  return {
    pi_a: [`${a[0]}`, `${a[1]}`, '1'],
    pi_b: [
      [`${b[0][1]}`, `${b[0][0]}`],
      [`${b[1][1]}`, `${b[1][0]}`],
      ['1', '0'],
    ],
    pi_c: [`${c[0]}`, `${c[1]}`, '1'],
    protocol: 'groth16',
    curve: 'bn128',
  };
}
