import { RollupError } from '../base/errors.ts';

export interface FloatFormat {
  /** As src/FORMATS.md calls it. */
  name: string;
  /** What such floats stand for, with a capital letter. */
  subject: string;
  mantissaBits: number;
  exponentBits: number;
}

/** Amounts as `mantissa | exponent`, value `mantissa · 10^exponent`. */
export interface Float {
  /** Largest value. */
  readonly maximum: bigint;
  /** `amount` with the smallest exponent, or null when no float has exactly this value. */
  tryEncode(amount: bigint): bigint | null;
  /** @throws RollupError when no float has exactly this value; the hint names the nearest amounts that have one */
  encode(amount: bigint): bigint;
  /** Value of an encoded float, of whatever form. @throws RollupError when it has too many bits */
  decode(encoded: bigint): bigint;
  /** Greatest amount with a form that is not above `amount`. @throws RollupError when `amount` is negative */
  floor(amount: bigint): bigint;
  /** Least amount with a form that is not below `amount`. @throws RollupError when `amount` is negative or above the largest value */
  ceil(amount: bigint): bigint;
  /** Which amounts to use instead of one that has no form. */
  nearest(amount: bigint): string;
}

/** The decimal floats of one format. */
export function decimalFloat({ name, subject, mantissaBits, exponentBits }: FloatFormat): Float {
  const largestMantissa = (1n << BigInt(mantissaBits)) - 1n;
  const largestExponent = (1n << BigInt(exponentBits)) - 1n;
  const shift = BigInt(exponentBits);
  const maximum = largestMantissa * 10n ** largestExponent;

  function checkSign(amount: bigint): void {
    if (amount < 0n) throw new RollupError(`${subject} is negative`, { facts: { amount } });
  }

  function tryEncode(amount: bigint): bigint | null {
    if (amount < 0n) return null;
    let mantissa = amount;
    let exponent = 0n;
    while (mantissa > largestMantissa) {
      if (mantissa % 10n !== 0n || exponent === largestExponent) return null;
      mantissa /= 10n;
      exponent += 1n;
    }
    return (mantissa << shift) | exponent;
  }

  function floor(amount: bigint): bigint {
    checkSign(amount);
    if (amount >= maximum) return maximum;
    let unit = 1n;
    while (amount / unit > largestMantissa) unit *= 10n;
    const coarse = (amount / unit) * unit;
    // All mantissas of the next smaller unit are below `amount`, and the largest of them may be nearer to it.
    const fine = unit === 1n ? 0n : largestMantissa * (unit / 10n);
    return coarse > fine ? coarse : fine;
  }

  function ceil(amount: bigint): bigint {
    checkSign(amount);
    if (amount > maximum) throw new RollupError(`${subject} is above the largest ${name}`, { facts: { maximum, amount } });
    let unit = 1n;
    while (amount > largestMantissa * unit) unit *= 10n;
    return ((amount + unit - 1n) / unit) * unit;
  }

  function nearest(amount: bigint): string {
    if (amount < 0n) return 'Use 0 or more.';
    return amount > maximum ? `Use at most ${maximum}.` : `Use ${floor(amount)} or ${ceil(amount)}.`;
  }

  return {
    maximum,
    tryEncode,
    encode(amount) {
      const encoded = tryEncode(amount);
      if (encoded === null) throw new RollupError(`${subject} has no ${name} form`, { facts: { amount }, hint: nearest(amount) });
      return encoded;
    },
    decode(encoded) {
      if (encoded < 0n || encoded >> BigInt(mantissaBits + exponentBits) !== 0n) throw new RollupError(`Not a ${name}`, { facts: { encoded } });
      return (encoded >> shift) * 10n ** (encoded & largestExponent);
    },
    floor,
    ceil,
    nearest,
  };
}
