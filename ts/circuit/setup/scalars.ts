import { RollupError } from '../../base/errors.ts';
import { MONTGOMERY_SQUARED, N8, R, inverse, invertAll, mod, power, writeElement } from './field.ts';
import { MATRIX_A, MATRIX_C, type R1cs } from './r1cs.ts';
import type { Phase1Secrets } from './secrets.ts';

/** Discrete logarithms of all points of a Groth16 key before phase 2 (delta = 1), and the coefficients that the prover needs. */
export interface KeyScalars {
  wires: number;
  /** Public inputs and outputs, without the constant 1. */
  publicWires: number;
  /** Size of the evaluation domain, a power of two. */
  domain: number;
  /** A_i(tau), B_i(tau) and beta·A_i + alpha·B_i + C_i for each wire i. */
  a: bigint[];
  b: bigint[];
  k: bigint[];
  /** Odd Lagrange polynomials of the domain of double size at tau: what snarkjs's prover multiplies the quotient with. */
  h: bigint[];
  /** Section 4 of the zkey: count and (matrix, constraint, wire, value·2^512) for A and B. */
  coefficients: Uint8Array;
}

/** Largest domain: the field has roots of unity of order 2^28, and the quotient needs one of the double size. */
const MAX_POWER = 27;

/** @param rootOfUnity gives the root of order 2^k that the curve library uses */
export function keyScalars(r1cs: R1cs, { tau, alpha, beta }: Phase1Secrets, rootOfUnity: (k: number) => bigint): KeyScalars {
  const { wires, outputs, publicInputs, constraints } = r1cs.header;
  const publicWires = outputs + publicInputs;
  const domainPower = Math.floor(Math.log2(constraints + publicWires)) + 1;
  if (domainPower > MAX_POWER) throw new RollupError('the circuit is too large', { facts: { constraints, limit: 2 ** MAX_POWER } });
  const domain = 2 ** domainPower;
  const lagrange = lagrangeAt(tau, domain, rootOfUnity(domainPower), 0, 1);
  const h = lagrangeAt(tau, 2 * domain, rootOfUnity(domainPower + 1), 1, 2);

  const sums = [zeros(wires), zeros(wires), zeros(wires)] as const;
  const writer = new CoefficientWriter();
  r1cs.forEachCoefficient((matrix, constraint, wire, value) => {
    const sum = sums[matrix as 0 | 1 | 2];
    sum[wire] = (sum[wire]! + value * lagrange[constraint]!) % R;
    if (matrix !== MATRIX_C) writer.add(matrix, constraint, wire, value);
  });
  const [a, b, c] = sums;
  // One more row for the constant and each public wire keeps their A polynomials independent (malleability otherwise).
  for (let wire = 0; wire <= publicWires; wire++) {
    a[wire] = (a[wire]! + lagrange[constraints + wire]!) % R;
    writer.add(MATRIX_A, constraints + wire, wire, 1n);
  }
  const k = c.map((value, i) => (value + beta * a[i]! + alpha * b[i]!) % R);
  return { wires, publicWires, domain, a, b, k, h, coefficients: writer.bytes() };
}

/** Lagrange polynomials number first, first+step, … of a domain with generator `root`, evaluated at tau. */
function lagrangeAt(tau: bigint, domain: number, root: bigint, first: number, step: number): bigint[] {
  const vanishing = mod(power(tau, BigInt(domain)) - 1n);
  if (vanishing === 0n) throw new RollupError('tau lies in the evaluation domain', { hint: 'Choose another phase 1 beacon.' });
  const scale = (vanishing * inverse(BigInt(domain))) % R;
  const ratio = power(root, BigInt(step));
  const count = domain / step;
  const numerators: bigint[] = new Array<bigint>(count);
  const values: bigint[] = new Array<bigint>(count);
  for (let j = 0, x = power(root, BigInt(first)); j < count; j++, x = (x * ratio) % R) {
    numerators[j] = (x * scale) % R;
    values[j] = mod(tau - x);
  }
  invertAll(values);
  for (let j = 0; j < count; j++) values[j] = (values[j]! * numerators[j]!) % R;
  return values;
}

/** tau^(n+i) − tau^i for i < count: the quotient points as snarkjs's circuit hash wants them. */
export function vanishingPowers(tau: bigint, domain: number, count: number): bigint[] {
  const values: bigint[] = new Array<bigint>(count);
  for (let i = 0, x = mod(power(tau, BigInt(domain)) - 1n); i < count; i++, x = (x * tau) % R) values[i] = x;
  return values;
}

function zeros(length: number): bigint[] {
  return new Array<bigint>(length).fill(0n);
}

class CoefficientWriter {
  static readonly SIZE = 12 + N8;
  #buffer = new Uint8Array(4 + CoefficientWriter.SIZE * 4096);
  #view = new DataView(this.#buffer.buffer);
  #count = 0;

  add(matrix: number, constraint: number, wire: number, value: bigint): void {
    const at = 4 + this.#count * CoefficientWriter.SIZE;
    if (at + CoefficientWriter.SIZE > this.#buffer.length) {
      const larger = new Uint8Array(2 * this.#buffer.length);
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#view.setUint32(at, matrix, true);
    this.#view.setUint32(at + 4, constraint, true);
    this.#view.setUint32(at + 8, wire, true);
    writeElement(this.#view, at + 12, (value * MONTGOMERY_SQUARED) % R);
    this.#count++;
  }

  bytes(): Uint8Array {
    this.#view.setUint32(0, this.#count, true);
    return this.#buffer.subarray(0, 4 + this.#count * CoefficientWriter.SIZE);
  }
}
