import { RollupError } from '../base/errors.ts';
import type { Exchange } from './pairRule.ts';
import { params } from './params.ts';

/*
 * What orders get. Pure numbers in smallest units; every rounding is down, so in favour of the pool, and every result is the largest
 * that the rule of the pair (pairRule.ts) accepts.
 */

/** Reserve and total shares of a half. */
export interface HalfNumbers {
  reserve: bigint;
  totalShares: bigint;
}

/** Reserves of the half that coins go into and of the half that they come out of. */
export interface Reserves {
  reserveIn: bigint;
  reserveOut: bigint;
}

/** What an add gives: shares of both halves, and what of the first coin is swapped for the second on the way in. */
export interface AddFill {
  swapped: Exchange;
  shares: bigint;
  peerShares: bigint;
}

const FEE_KEPT = BigInt(params.swapFee.kept);
const FEE_OF = BigInt(params.swapFee.of);

/** Most coins out of the second half for `amountIn` into the first: 0 when a half is empty. */
export function swapOutput({ reserveIn, reserveOut, amountIn }: Reserves & { amountIn: bigint }): bigint {
  const kept = FEE_KEPT * amountIn;
  return reserveIn === 0n ? 0n : (reserveOut * kept) / (FEE_OF * reserveIn + kept);
}

/** Least coins into the first half that pay `amountOut` out of the second, or null when it has not got that much. */
export function swapInput({ reserveIn, reserveOut, amountOut }: Reserves & { amountOut: bigint }): bigint | null {
  if (amountOut === 0n) return 0n;
  if (reserveIn === 0n || amountOut >= reserveOut) return null;
  return ceilDiv(FEE_OF * reserveIn * amountOut, FEE_KEPT * (reserveOut - amountOut));
}

/** Most shares of a half for coins that come in its proportion. An empty half has no price yet: one share a coin. */
export function sharesFor({ reserve, totalShares, amount }: HalfNumbers & { amount: bigint }): bigint {
  return reserve === 0n ? amount : (amount * totalShares) / reserve;
}

/** Most coins of a half for shares of it. */
export function coinsFor({ reserve, totalShares, shares }: HalfNumbers & { shares: bigint }): bigint {
  return (shares * reserve) / totalShares;
}

/**
 * What an add gets. Both coins: each half gives what its coin stands for, so coins out of proportion give different fractions of the halves.
 * The first coin alone (peerAmount 0): as much of it is swapped on the way in, with the fee of a swap, as makes both fractions equal.
 * Both reserves 0: the first add, one share a coin.
 */
export function addOutput({ first, second, amount, peerAmount }: { first: HalfNumbers; second: HalfNumbers; amount: bigint; peerAmount: bigint }): AddFill {
  if (peerAmount === 0n) {
    const [{ reserve: reserveIn, totalShares: sharesIn }, { reserve: reserveOut, totalShares: sharesOut }] = [first, second];
    return oneCoinAdd({ reserveIn, sharesIn, reserveOut, sharesOut, amountIn: amount });
  }
  return { swapped: NOTHING, shares: sharesFor({ ...first, amount }), peerShares: sharesFor({ ...second, amount: peerAmount }) };
}

/** What an add of the first coin alone gets; nothing while a half is empty. */
export function oneCoinAdd({
  reserveIn,
  sharesIn,
  reserveOut,
  sharesOut,
  amountIn,
}: Reserves & { sharesIn: bigint; sharesOut: bigint; amountIn: bigint }): AddFill {
  if (reserveIn === 0n || reserveOut === 0n) return { swapped: NOTHING, shares: 0n, peerShares: 0n };
  const swapped = swappedOnTheWay({ reserveIn, reserveOut, amountIn });
  return {
    swapped,
    shares: sharesFor({ reserve: reserveIn + swapped.amountIn, totalShares: sharesIn, amount: amountIn - swapped.amountIn }),
    peerShares: sharesFor({ reserve: reserveOut - swapped.amountOut, totalShares: sharesOut, amount: swapped.amountOut }),
  };
}

/**
 * The positive root of `997·b² + 1997·r0·b = 1000·r0·a`, rounded down: for it `(a − b) / (r0 + b)` equals `y / (r1 − y)`, y being what b gets
 * in a swap. It does not depend on r1.
 */
function swappedOnTheWay({ reserveIn, reserveOut, amountIn: amount }: Reserves & { amountIn: bigint }): Exchange {
  const half = (FEE_OF + FEE_KEPT) * reserveIn;
  const amountIn = (squareRoot(half * half + 4n * FEE_KEPT * FEE_OF * reserveIn * amount) - half) / (2n * FEE_KEPT);
  const amountOut = swapOutput({ reserveIn, reserveOut, amountIn });
  return amountOut === 0n ? NOTHING : { amountIn, amountOut };
}

const NOTHING: Exchange = { amountIn: 0n, amountOut: 0n };

/** A ratio for quotes: `numerator / denominator`. */
export interface Ratio {
  numerator: bigint;
  denominator: bigint;
}

/** Coins of the second half for one coin of the first, before fee and impact. Null when a half is empty: there is no price. */
export function spotPrice({ reserveIn, reserveOut }: Reserves): Ratio | null {
  return reserveIn === 0n || reserveOut === 0n ? null : { numerator: reserveOut, denominator: reserveIn };
}

/**
 * How much worse a swap is than the spot price after the fee, because it moves the price: 0 for a swap of no size, towards 1 for one that
 * takes the whole reserve. What the rounding of the output costs is part of it.
 */
export function priceImpact({ reserveIn, reserveOut, amountIn, amountOut }: Reserves & Exchange): Ratio {
  const ideal = FEE_KEPT * amountIn * reserveOut;
  if (ideal === 0n) return { numerator: 0n, denominator: 1n };
  return { numerator: ideal - FEE_OF * amountOut * reserveIn, denominator: ideal };
}

/**
 * `amount` less a slippage in basis points (1/10000), rounded down: what an order demands at least.
 * @throws RollupError when the slippage is not from 0 to 10000
 */
export function withSlippage(amount: bigint, basisPoints: bigint): bigint {
  if (basisPoints < 0n || basisPoints > 10_000n) {
    throw new RollupError('Slippage is a part of the whole', { facts: { least: 0n, most: 10_000n, actual: basisPoints }, hint: 'Give it in basis points: 50 is half a percent.' });
  }
  return (amount * (10_000n - basisPoints)) / 10_000n;
}

/** Largest integer whose square is not above `value`. @throws RollupError for a negative value */
export function squareRoot(value: bigint): bigint {
  if (value < 0n) throw new RollupError('A negative number has no square root', { facts: { value } });
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Quotient rounded up. */
export function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}
