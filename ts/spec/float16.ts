import { decimalFloat } from './float.ts';
import { params } from './params.ts';

/* Fees: about three significant digits. */

const float16 = decimalFloat({ name: 'float16', subject: 'Fee', mantissaBits: params.bits.feeMantissa, exponentBits: params.bits.feeExponent });

/** Largest fee that can be written down: 2047 · 10^31. */
export const MAX_FEE = float16.maximum;

/** `fee` as a float16 with the smallest exponent, or null when no float16 has exactly this value. */
export const tryEncodeFloat16 = float16.tryEncode;

/** @throws RollupError when no float16 has exactly this value; the hint names the nearest fees that have one */
export const encodeFloat16 = float16.encode;

/** Value of a 16-bit float: mantissa · 10^exponent. @throws RollupError when it has more bits */
export const decodeFloat16 = float16.decode;

/** Greatest fee not above `fee` that a float16 can hold. @throws RollupError when `fee` is negative */
export const floorFloat16 = float16.floor;

/** Least fee not below `fee` that a float16 can hold. @throws RollupError when `fee` is negative or above MAX_FEE */
export const ceilFloat16 = float16.ceil;

/** What to use instead of a fee that has no float16 form, as a sentence. */
export const nearestFloat16 = float16.nearest;
