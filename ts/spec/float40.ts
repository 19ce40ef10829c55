import { decimalFloat } from './float.ts';
import { params } from './params.ts';

/* Transferred amounts: about ten significant digits. */

const float40 = decimalFloat({ name: 'float40', subject: 'Amount', mantissaBits: params.bits.floatMantissa, exponentBits: params.bits.floatExponent });

/** `amount` as a float40 with the smallest exponent, or null when no float40 has exactly this value. */
export const tryEncodeFloat40 = float40.tryEncode;

/** @throws RollupError when no float40 has exactly this value; the hint names the nearest amounts that have one */
export const encodeFloat40 = float40.encode;

/** Value of a 40-bit float: mantissa · 10^exponent. @throws RollupError when it has more bits */
export const decodeFloat40 = float40.decode;

/** Greatest amount not above `amount` that a float40 can hold. @throws RollupError when `amount` is negative */
export const floorFloat40 = float40.floor;
