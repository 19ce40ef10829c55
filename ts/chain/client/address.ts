import { bytesToHex, concat, getAddress, hexToBytes, isAddress, keccak256, numberToHex, slice, zeroAddress, type Address, type Hex } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { assertField } from '../../spec/field.ts';

/** A user of the rollup: the Ethereum address that exits pay to, and the Baby Jubjub key that signs. */
export interface RollupUser {
  owner: Address;
  keyX: bigint;
  keyY: bigint;
}

const prefix = 'l2:';
const ownerBytes = 20;
const keyBytes = 32;
const checksumBytes = 4;
const payloadBytes = ownerBytes + 2 * keyBytes;
const textLength = prefix.length + 2 * (payloadBytes + checksumBytes);

/**
 * The text form of a user that others can send to: `l2:` and the hex digits of owner (20 bytes), keyX (32), keyY (32) and a checksum,
 * the first 4 bytes of the keccak256 of those 84 bytes. It is needed because a user who has no leaf yet has no key on record anywhere.
 */
export function encodeL2Address({ owner, keyX, keyY }: RollupUser): string {
  checkUser({ owner, keyX, keyY });
  const payload = concat([owner, numberToHex(keyX, { size: keyBytes }), numberToHex(keyY, { size: keyBytes })]);
  return `${prefix}${payload.slice(2).toLowerCase()}${checksum(payload).slice(2)}`;
}

/** Reads what {@link encodeL2Address} wrote. @throws RollupError when it is not one, or a digit was changed. */
export function decodeL2Address(text: string): RollupUser {
  const fail = (message: string, facts: Record<string, unknown>): never => {
    throw new RollupError(message, { facts, hint: 'Ask the receiver for the output of `npm run cli -- address` and paste all of it.' });
  };
  if (!isL2Address(text)) fail('This is not an L2 address', { expected: `${prefix} and hex digits`, actual: shorten(text) });
  if (text.length !== textLength) fail('This L2 address is not complete', { expected: `${textLength} characters`, actual: `${text.length} characters` });
  const hex: Hex = `0x${text.slice(prefix.length).toLowerCase()}`;
  if (!/^0x[0-9a-f]+$/.test(hex)) fail('This L2 address has characters that are not hex digits', { actual: shorten(text) });
  const payload = slice(hex, 0, payloadBytes);
  const [expected, actual] = [checksum(payload), slice(hex, payloadBytes)];
  if (expected !== actual) fail('The checksum of this L2 address does not fit: a character was changed', { expected, actual });
  const user: RollupUser = {
    owner: getAddress(slice(hex, 0, ownerBytes)),
    keyX: BigInt(slice(hex, ownerBytes, ownerBytes + keyBytes)),
    keyY: BigInt(slice(hex, ownerBytes + keyBytes, payloadBytes)),
  };
  checkUser(user);
  return user;
}

/** True when `text` is meant as an L2 address (it may still be malformed). */
export function isL2Address(text: string): boolean {
  return text.startsWith(prefix);
}

function checksum(payload: Hex): Hex {
  return bytesToHex(hexToBytes(keccak256(payload)).slice(0, checksumBytes));
}

function checkUser({ owner, keyX, keyY }: RollupUser): void {
  if (!isAddress(owner, { strict: false }) || owner === zeroAddress) {
    throw new RollupError('The owner of an L2 address must be an Ethereum address other than zero', { facts: { owner } });
  }
  assertField(keyX, 'keyX');
  assertField(keyY, 'keyY');
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
