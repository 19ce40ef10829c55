import { RollupError } from '../../base/errors.ts';
import { readBlock } from './blockReader.ts';
import { N8, power, radixPower } from './field.ts';
import type { SetupPlan } from './plan.ts';
import { COEFFICIENT_BYTES, MATRIX_C, type R1csBlock } from './r1cs.ts';
import type { ScalarField } from './scalarField.ts';
import type { WasmArena } from './wasmArena.ts';
import { writeAt } from './zkeyFile.ts';

/** Bytes of a coefficient in section 4 of a zkey: matrix, constraint, wire, value · 2^512. */
export const RECORD_BYTES = 12 + N8;

/** Elements that pass through a buffer at a time. */
const CHUNK = 4096;

/** Sums over all constraints, one element a wire: A_i(tau), B_i(tau), C_i(tau). Plain form, in memory that all threads see. */
export type SharedSums = readonly [a: Uint8Array<SharedArrayBuffer>, b: Uint8Array<SharedArrayBuffer>, c: Uint8Array<SharedArrayBuffer>];

export interface ConstraintSumsParameters {
  arena: WasmArena;
  field: ScalarField;
  plan: SetupPlan;
  /** Descriptors of the r1cs, open for reading, and of the zkey, open for writing. */
  r1cs: number;
  zkey: number;
  /** Where the coefficients' records start in the zkey. */
  recordsOffset: number;
  /** Largest numbers of one block. */
  largest: { bytes: number; constraints: number; coefficients: number };
}

/** One thread's part of the sums; on the way it writes the records of the coefficients that the prover needs. */
export class ConstraintSums {
  readonly #parameters: ConstraintSumsParameters;
  readonly #sums: number;
  readonly #block: number;
  readonly #records: number;
  readonly #lagrange: number;
  readonly #product: number;
  readonly #radixCubed: number;

  constructor(parameters: ConstraintSumsParameters) {
    const { arena, field, plan, largest } = parameters;
    this.#parameters = parameters;
    this.#sums = arena.reserve(3 * plan.wires * N8);
    this.#block = arena.reserve(largest.bytes);
    this.#records = arena.reserve(largest.coefficients * RECORD_BYTES);
    this.#lagrange = arena.reserve(Math.max(largest.constraints, CHUNK) * N8);
    this.#product = arena.reserve(N8);
    // A plain value times 2^768, divided by the radix, is the value times 2^512.
    this.#radixCubed = arena.reserve(N8);
    field.setPlain(this.#radixCubed, radixPower(3));
    arena.bytes(this.#sums, 3 * plan.wires * N8).fill(0);
  }

  /** @throws RollupError when the file has changed or is cut off */
  add(block: R1csBlock): void {
    const { arena, field, plan, r1cs, zkey, recordsOffset } = this.#parameters;
    readBlock(r1cs, block, arena.bytes(this.#block, block.bytes));
    const first = power(plan.root, BigInt(block.firstConstraint));
    field.lagrange({ tau: plan.tau, first, ratio: plan.root, scale: plan.scale, count: block.constraints, out: this.#lagrange, isMontgomery: true });

    const { mul, add } = field;
    const view = arena.view();
    const [sums, lagrange, product, radixCubed] = [this.#sums, this.#lagrange, this.#product, this.#radixCubed];
    const matrixBytes = plan.wires * N8;
    let position = this.#block;
    let record = this.#records;
    for (let i = 0; i < block.constraints; i++) {
      for (let matrix = 0; matrix <= MATRIX_C; matrix++) {
        const count = view.getUint32(position, true);
        position += 4;
        for (let j = 0; j < count; j++, position += COEFFICIENT_BYTES) {
          const wire = view.getUint32(position, true);
          if (wire >= plan.wires) throw new RollupError('the r1cs names a wire that it does not have', { facts: { wire, wires: plan.wires } });
          const sum = sums + matrix * matrixBytes + wire * N8;
          mul(position + 4, lagrange + i * N8, product);
          add(sum, product, sum);
          if (matrix === MATRIX_C) continue;
          view.setUint32(record, matrix, true);
          view.setUint32(record + 4, block.firstConstraint + i, true);
          view.setUint32(record + 8, wire, true);
          mul(position + 4, radixCubed, record + 12);
          record += RECORD_BYTES;
        }
      }
    }
    writeAt(zkey, arena.bytes(this.#records, record - this.#records), recordsOffset + block.firstCoefficient * RECORD_BYTES);
  }

  /** Adds this thread's part to the shared sums. Only one thread may do so at a time. */
  addTo(shared: SharedSums): void {
    const { arena, field, plan } = this.#parameters;
    const buffer = this.#lagrange;
    for (const [matrix, all] of shared.entries()) {
      for (let start = 0; start < plan.wires; start += CHUNK) {
        const count = Math.min(CHUNK, plan.wires - start);
        const part = all.subarray(start * N8, (start + count) * N8);
        arena.bytes(buffer, count * N8).set(part);
        const own = this.#sums + (matrix * plan.wires + start) * N8;
        for (let i = 0; i < count; i++) field.add(buffer + i * N8, own + i * N8, buffer + i * N8);
        part.set(arena.bytes(buffer, count * N8));
      }
    }
  }
}
