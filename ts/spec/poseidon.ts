import { buildPoseidon } from 'circomlibjs';
import { assertField } from './field.ts';

const wasm = await buildPoseidon();
const { F } = wasm;

/** A field element as the wasm engine keeps it: 32 bytes, Montgomery form. */
export type RawElement = Uint8Array;

/** circomlib's `Poseidon(n)` for 1 … 16 inputs. */
export function poseidon(inputs: readonly bigint[]): bigint {
  return poseidonEx(inputs, 0n);
}

/** First output of circomlib's `PoseidonEx(n, 1)` with an initial state. */
export function poseidonEx(inputs: readonly bigint[], initialState: bigint): bigint {
  for (const input of inputs) assertField(input, 'input');
  return F.toObject(wasm([...inputs], assertField(initialState, 'initialState')));
}

/** Field element → engine form, for callers that hash the same values many times. */
export function toRaw(value: bigint): RawElement {
  return F.e(assertField(value, 'value'));
}

export function fromRaw(element: RawElement): bigint {
  return F.toObject(element);
}

/** `Poseidon(n)` of n elements that lie in one buffer of 32·n bytes. */
export function poseidonRaw(inputs: Uint8Array): RawElement {
  return wasm(inputs);
}
