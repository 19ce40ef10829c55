import { RollupError } from '../base/errors.ts';
import { params } from './params.ts';

const MANTISSA_BITS = BigInt(params.bits.floatMantissa);
const MANTISSA_LIMIT = 1n << MANTISSA_BITS;
const EXPONENT_BITS = BigInt(params.bits.floatExponent);
const EXPONENT_LIMIT = 1n << EXPONENT_BITS;

/** `amount` as a float40 with the smallest exponent, or null when no float40 has exactly this value. */
export function tryEncodeFloat40(amount: bigint): bigint | null {
  if (amount < 0n) return null;
  let mantissa = amount;
  let exponent = 0n;
  while (mantissa >= MANTISSA_LIMIT) {
    if (mantissa % 10n !== 0n || exponent + 1n >= EXPONENT_LIMIT) return null;
    mantissa /= 10n;
    exponent += 1n;
  }
  return (mantissa << EXPONENT_BITS) | exponent;
}

/** @throws RollupError when no float40 has exactly this value; the hint names the nearest lower amount that has one */
export function encodeFloat40(amount: bigint): bigint {
  const encoded = tryEncodeFloat40(amount);
  if (encoded === null) {
    throw new RollupError('Amount has no float40 form', {
      facts: { amount },
      ...(amount >= 0n && { hint: `Use ${floorFloat40(amount)}: a transferred amount keeps about ten significant digits.` }),
    });
  }
  return encoded;
}

/** Value of a 40-bit float: mantissa · 10^exponent. */
export function decodeFloat40(encoded: bigint): bigint {
  if (encoded < 0n || encoded >> (MANTISSA_BITS + EXPONENT_BITS) !== 0n) throw new RollupError('Not a float40', { facts: { encoded } });
  return (encoded >> EXPONENT_BITS) * 10n ** (encoded & (EXPONENT_LIMIT - 1n));
}

/** Greatest amount not above `amount` that a float40 can hold. */
export function floorFloat40(amount: bigint): bigint {
  if (amount < 0n) throw new RollupError('Amount is negative', { facts: { amount } });
  let mantissa = amount;
  let exponent = 0n;
  while (mantissa >= MANTISSA_LIMIT && exponent + 1n < EXPONENT_LIMIT) {
    mantissa /= 10n;
    exponent += 1n;
  }
  if (mantissa >= MANTISSA_LIMIT) mantissa = MANTISSA_LIMIT - 1n;
  return mantissa * 10n ** exponent;
}
