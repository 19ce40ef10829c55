import { buildPoseidon } from 'circomlibjs';
import { assertField } from './field.ts';

const wasm = await buildPoseidon();
const { F } = wasm;

/** circomlib's `Poseidon(n)` for 1 … 16 inputs. */
export function poseidon(inputs: readonly bigint[]): bigint {
  return poseidonEx(inputs, 0n);
}

/** First output of circomlib's `PoseidonEx(n, 1)` with an initial state. */
export function poseidonEx(inputs: readonly bigint[], initialState: bigint): bigint {
  for (const input of inputs) assertField(input, 'input');
  return F.toObject(wasm([...inputs], assertField(initialState, 'initialState')));
}
