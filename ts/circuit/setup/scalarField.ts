import type { Curve, WasmFunction } from 'ffjavascript';
import { N8, R, radixPower, writeElement } from './field.ts';
import type { WasmArena } from './wasmArena.ts';

/** Elements that are inverted together. */
const BATCH = 2048;

export interface LagrangeParameters {
  /** Where the polynomials are evaluated. */
  tau: bigint;
  /** Point of the domain that the first polynomial belongs to, and what leads from it to the next. */
  first: bigint;
  ratio: bigint;
  /** (tau^n − 1) / n for a domain of size n, times whatever the values are to be multiplied by. */
  scale: bigint;
  count: number;
  /** Pointer to the values. */
  out: number;
  /** Montgomery form or plain. */
  isMontgomery: boolean;
}

/**
 * The scalar field on pointers into wasm memory. `mul` divides by the Montgomery radix: of a plain and a Montgomery element it makes the
 * plain product, so that a constant in Montgomery form multiplies plain numbers and nothing has to be converted.
 */
export class ScalarField {
  readonly mul: WasmFunction;
  readonly add: WasmFunction;
  readonly sub: WasmFunction;
  readonly #batchInverse: WasmFunction;
  readonly #arena: WasmArena;
  readonly #points: number;
  readonly #differences: number;
  readonly #constants: { tau: number; ratio: number; scale: number; point: number };

  constructor(curve: Curve, arena: WasmArena) {
    const { exports } = curve.tm.instance;
    this.mul = exports['frm_mul']!;
    this.add = exports['frm_add']!;
    this.sub = exports['frm_sub']!;
    this.#batchInverse = exports['frm_batchInverse']!;
    this.#arena = arena;
    this.#points = arena.reserve(BATCH * N8);
    this.#differences = arena.reserve(BATCH * N8);
    const [tau, ratio, scale, point] = [arena.reserve(N8), arena.reserve(N8), arena.reserve(N8), arena.reserve(N8)];
    this.#constants = { tau, ratio, scale, point };
  }

  /** Pointer to a new constant in Montgomery form. */
  constant(value: bigint): number {
    const pointer = this.#arena.reserve(N8);
    this.setMontgomery(pointer, value);
    return pointer;
  }

  setMontgomery(pointer: number, value: bigint): void {
    this.setPlain(pointer, value * radixPower(1));
  }

  setPlain(pointer: number, value: bigint): void {
    writeElement(this.#arena.view(), pointer, value % R);
  }

  /** Values at tau of Lagrange polynomials at evenly spaced places of a domain: scale · x / (tau − x) for x = first, first·ratio, … */
  lagrange({ tau, first, ratio, scale, count, out, isMontgomery }: LagrangeParameters): void {
    const at = this.#constants;
    this.setMontgomery(at.tau, tau);
    this.setMontgomery(at.ratio, ratio);
    if (isMontgomery) this.setMontgomery(at.scale, scale);
    else this.setPlain(at.scale, scale);
    this.setMontgomery(at.point, first);
    for (let start = 0; start < count; start += BATCH) {
      const size = Math.min(BATCH, count - start);
      for (let i = 0; i < size; i++) {
        this.mul(at.point, at.scale, this.#points + i * N8);
        this.sub(at.tau, at.point, this.#differences + i * N8);
        this.mul(at.point, at.ratio, at.point);
      }
      this.#batchInverse(this.#differences, N8, size, this.#differences, N8);
      for (let i = 0; i < size; i++) this.mul(this.#points + i * N8, this.#differences + i * N8, out + (start + i) * N8);
    }
  }
}
