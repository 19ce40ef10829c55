import { RollupError } from '../base/errors.ts';

/** Bytes as `0x…` with two lower-case digits for each byte. */
export type Hex = `0x${string}`;

/** @throws RollupError when `hex` is not a whole number of bytes */
export function hexToBytes(hex: Hex): Uint8Array {
  if (!/^0x([0-9a-fA-F]{2})*$/.test(hex)) throw new RollupError('Not a hex byte string', { facts: { hex: hex.slice(0, 80) } });
  const bytes = new Uint8Array((hex.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}

const BYTE_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function bytesToHex(bytes: Uint8Array): Hex {
  let digits = '';
  for (const byte of bytes) digits += BYTE_DIGITS[byte];
  return `0x${digits}`;
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function concatHex(parts: readonly Hex[]): Hex {
  return `0x${parts.map((part) => part.slice(2)).join('')}`;
}

/** Big-endian integer of `bytes`; 0 for no bytes. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
}

/**
 * Big-endian bytes of `value`.
 * @throws RollupError when `value` is negative or does not fit
 */
export function bigintToBytes(value: bigint, length: number): Uint8Array {
  if (value < 0n || value >> BigInt(8 * length) !== 0n) {
    throw new RollupError('Value does not fit its bytes', { facts: { value, bytes: length } });
  }
  return hexToBytes(`0x${length === 0 ? '' : value.toString(16).padStart(2 * length, '0')}`);
}

/** `value` as `length` big-endian bytes in hex. */
export function bigintToHex(value: bigint, length: number): Hex {
  return bytesToHex(bigintToBytes(value, length));
}

/** Little-endian integer of `bytes`. */
export function bytesToBigintLE(bytes: Uint8Array): bigint {
  return bytesToBigint(bytes.slice().reverse());
}

/** The 20-byte address of an owner or receiver field. */
export function addressOf(value: bigint): Hex {
  return bigintToHex(value, 20);
}
