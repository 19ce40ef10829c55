import { formatUnits } from 'viem';

import { RollupError } from '../../base/errors.ts';
import { ceilFloat16, floorFloat16, MAX_FEE, tryEncodeFloat16 } from '../../spec/float16.ts';
import { floorFloat40, tryEncodeFloat40 } from '../../spec/float40.ts';

export interface ParseAmountParameters {
  /** A decimal number such as `1.5`. */
  text: string;
  decimals: number;
  /** For the messages. */
  symbol?: string;
}

/** Exact: more fractional digits than the token has are refused, never rounded. @returns the amount in the token's smallest unit */
export function parseAmount({ text, decimals, symbol = 'the token' }: ParseAmountParameters): bigint {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim());
  const whole = match?.[1] ?? '';
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null || (whole === '' && (match[2] ?? '') === '')) {
    throw new RollupError('An amount is a decimal number', { facts: { actual: text }, hint: 'Write for example 1.5 or 20.' });
  }
  if (fraction.length > decimals) {
    throw new RollupError(`${symbol} has ${decimals} decimals`, { facts: { expected: `at most ${decimals} digits after the point`, actual: text } });
  }
  const amount = BigInt(whole === '' ? '0' : whole) * 10n ** BigInt(decimals) + BigInt(fraction.padEnd(decimals, '0') || '0');
  if (amount === 0n) throw new RollupError('An amount must be greater than zero', { facts: { actual: text } });
  if (amount >= 1n << 128n) throw new RollupError('An amount must be below 2^128 units', { facts: { actual: text, units: amount } });
  return amount;
}

/** @returns a decimal number without trailing zeros, e.g. `1.5` */
export function formatAmount(amount: bigint, decimals: number): string {
  return formatUnits(amount, decimals);
}

export interface CheckFloat40Parameters {
  /** In the token's smallest unit. */
  amount: bigint;
  decimals: number;
  symbol: string;
  /** What carries the amount, for the message. Default `transfer`. */
  what?: 'transfer' | 'swap';
}

/**
 * Transfers and swaps carry their amount as a float40 (about ten significant digits).
 * @throws RollupError with the nearest amounts below and above that they can carry
 */
export function checkFloat40({ amount, decimals, symbol, what = 'transfer' }: CheckFloat40Parameters): void {
  if (tryEncodeFloat40(amount) !== null) return;
  const below = floorFloat40(amount);
  const above = nextFloat40(below);
  const nearest = above === undefined || amount - below <= above - amount ? below : above;
  throw new RollupError(`A ${what} cannot carry exactly this amount`, {
    facts: {
      amount: `${formatAmount(amount, decimals)} ${symbol}`,
      'nearest below': `${formatAmount(below, decimals)} ${symbol}`,
      ...(above === undefined ? {} : { 'nearest above': `${formatAmount(above, decimals)} ${symbol}` }),
    },
    hint: `${what === 'swap' ? 'Swap' : 'Send'} ${formatAmount(nearest, decimals)}: amounts of ${what}s have about ten significant digits.`,
  });
}

/**
 * Reads a percentage such as `0.5`, exact to two digits after the point.
 * @returns basis points: 50 for `0.5`, at most 10,000
 */
export function parsePercent(text: string): bigint {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?%?$/.exec(text.trim());
  const points = match === null ? undefined : BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
  if (points === undefined || points > 10_000n) {
    throw new RollupError('A percentage is a decimal number from 0 to 100', { facts: { expected: 'at most two digits after the point', actual: text }, hint: 'Write for example 0.5.' });
  }
  return points;
}

export interface CheckFeeParameters {
  /** In the token's smallest unit. */
  fee: bigint;
  decimals: number;
  symbol: string;
}

/**
 * Transactions carry their fee as a float16 (about three significant digits).
 * @throws RollupError with the nearest fees below and above that a transaction can carry
 */
export function checkFee({ fee, decimals, symbol }: CheckFeeParameters): void {
  if (tryEncodeFloat16(fee) !== null) return;
  const [below, above] = [floorFloat16(fee), fee > MAX_FEE ? undefined : ceilFloat16(fee)];
  throw new RollupError('A transaction cannot carry exactly this fee', {
    facts: {
      fee: `${formatAmount(fee, decimals)} ${symbol}`,
      'nearest below': `${formatAmount(below, decimals)} ${symbol}`,
      ...(above === undefined ? {} : { 'nearest above': `${formatAmount(above, decimals)} ${symbol}` }),
    },
    hint: `Pay ${formatAmount(above ?? below, decimals)}: fees have about three significant digits.`,
  });
}

/** The least representable amount above `below`, which is representable and has at least ten digits. */
function nextFloat40(below: bigint): bigint | undefined {
  for (let unit = 1n; unit <= below; unit *= 10n) {
    // `below` is a floor, so its last digits are zeros; the next one is a step of the finest unit that still fits.
    if (below % unit === 0n && tryEncodeFloat40(below + unit) !== null) return below + unit;
  }
  return undefined;
}
