import type { SharedSums } from './constraintSums.ts';
import { N8, R, power } from './field.ts';
import type { Series, SetupPlan } from './plan.ts';
import type { ScalarField } from './scalarField.ts';
import type { WasmArena } from './wasmArena.ts';

export interface SeriesScalarsParameters {
  arena: WasmArena;
  field: ScalarField;
  plan: SetupPlan;
  sums: SharedSums;
  /** Most scalars that are asked for at a time. */
  batch: number;
}

/** Discrete logarithms of the points of a key, a batch at a time, so that no series is ever in memory. */
export class SeriesScalars {
  readonly #parameters: SeriesScalarsParameters;
  readonly #scalars: number;
  readonly #other: number;
  readonly #product: number;
  readonly #constants: { tau: number; alpha: number; beta: number; inverseDelta: number };

  constructor(parameters: SeriesScalarsParameters) {
    const { arena, field, plan, batch } = parameters;
    this.#parameters = parameters;
    this.#scalars = arena.reserve(batch * N8);
    this.#other = arena.reserve(batch * N8);
    this.#product = arena.reserve(N8);
    this.#constants = {
      tau: field.constant(plan.tau),
      alpha: field.constant(plan.alpha),
      beta: field.constant(plan.beta),
      inverseDelta: field.constant(plan.inverseDelta),
    };
  }

  /** Scalars number start … start + count − 1 of a series, plain. @returns pointer to them, good until the next call */
  fill(series: Series['name'], start: number, count: number): number {
    const { plan, sums, field } = this.#parameters;
    const scalars = this.#scalars;
    const firstPrivate = plan.publicWires + 1;
    switch (series) {
      case 'a':
        this.#load(scalars, sums[0], start, count);
        break;
      case 'b1':
      case 'b2':
        this.#load(scalars, sums[1], start, count);
        break;
      case 'ic':
        this.#combine(start, count);
        break;
      case 'cWithoutDelta':
        this.#combine(firstPrivate + start, count);
        break;
      case 'c':
        this.#combine(firstPrivate + start, count);
        for (let i = 0; i < count; i++) field.mul(scalars + i * N8, this.#constants.inverseDelta, scalars + i * N8);
        break;
      case 'vanishing': {
        // (tau^n − 1) · tau^i
        const vanishing = (plan.scale * BigInt(plan.domain)) % R;
        field.setPlain(scalars, vanishing * power(plan.tau, BigInt(start)));
        for (let i = 1; i < count; i++) field.mul(scalars + (i - 1) * N8, this.#constants.tau, scalars + i * N8);
        break;
      }
      case 'h': {
        // Odd Lagrange polynomials of the domain of double size: what snarkjs's prover multiplies the quotient with.
        const { tau, doubleRoot, doubleScale, inverseDelta } = plan;
        const ratio = (doubleRoot * doubleRoot) % R;
        const first = (doubleRoot * power(ratio, BigInt(start))) % R;
        field.lagrange({ tau, first, ratio, scale: doubleScale * inverseDelta, count, out: scalars, isMontgomery: false });
        break;
      }
    }
    return scalars;
  }

  /** beta·A_i + alpha·B_i + C_i */
  #combine(start: number, count: number): void {
    const { field, sums } = this.#parameters;
    const { add, mul } = field;
    const { alpha, beta } = this.#constants;
    const [scalars, other, product] = [this.#scalars, this.#other, this.#product];
    this.#load(scalars, sums[2], start, count);
    for (const [factor, sum] of [[beta, sums[0]], [alpha, sums[1]]] as const) {
      this.#load(other, sum, start, count);
      for (let i = 0; i < count; i++) {
        mul(other + i * N8, factor, product);
        add(scalars + i * N8, product, scalars + i * N8);
      }
    }
  }

  #load(pointer: number, sum: Uint8Array, start: number, count: number): void {
    this.#parameters.arena.bytes(pointer, count * N8).set(sum.subarray(start * N8, (start + count) * N8));
  }
}
