import { keccak256 as viemKeccak256 } from 'viem';
import { FIELD } from './field.ts';
import type { Hex } from './hex.ts';

export function keccak256(bytes: Uint8Array | Hex): Hex {
  return viemKeccak256(bytes);
}

/** keccak256 as a field element: how every challenge `r` is derived. */
export function keccakField(bytes: Uint8Array | Hex): bigint {
  return BigInt(keccak256(bytes)) % FIELD;
}
