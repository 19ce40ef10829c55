import { RollupError } from '../../base/errors.ts';
import { priceImpact, spotPrice, swapOutput, type Ratio } from '../../spec/amm.ts';
import { floorFloat40 } from '../../spec/float40.ts';
import type { Deployment } from '../deployments.ts';
import { hasLiquidity, pairNames, pairsOf, placeName, tokenOf, type TokenPlace } from './pairs.ts';
import type { PairRecord } from './sequencerApi.ts';

/** All, in basis points, as slippage and parts of a position are given. */
export const WHOLE = 10_000n;

/** How much less than quoted an order may bring unless the user says otherwise, in basis points: half a percent. */
export const DEFAULT_SLIPPAGE = 50n;

/** One swap of a route. */
export interface Hop {
  /** The half that takes coins first, then the one that pays. */
  pair: PairRecord;
  amountIn: bigint;
  /** A swap pays amounts with a float40 form. */
  amountOut: bigint;
  /** How much worse than the pair's present price after the fee the swap is, because it moves that price. */
  impact: Ratio;
}

export interface Quote {
  from: TokenPlace;
  to: TokenPlace;
  amountIn: bigint;
  amountOut: bigint;
  /** One swap; two when there is no pair of the two tokens. */
  hops: readonly Hop[];
}

export interface QuoteSwapParameters {
  deployment: Pick<Deployment, 'chains'>;
  pairs: readonly PairRecord[];
  from: TokenPlace;
  to: TokenPlace;
  /** In the smallest unit of `from`; must have a float40 form. */
  amountIn: bigint;
}

/**
 * What a swap pays now: by the best pair of the two tokens, else by the best route over one token between them.
 * @throws RollupError that names the pairs that exist when there is no route
 */
export function quoteSwap({ deployment, pairs, from, to, amountIn }: QuoteSwapParameters): Quote {
  if (from.chainIndex === to.chainIndex && from.token === to.token) {
    throw new RollupError('A swap needs two different tokens', { facts: { from: placeName(deployment, from), to: placeName(deployment, to) }, hint: 'The same token on another chain is another token: name that chain.' });
  }
  const direct = pairsOf(pairs, from, to);
  const quotes = (direct.length > 0 ? direct.map((pair) => [pair]) : twoSwaps(pairs, from, to))
    .filter((route) => route.every(hasLiquidity))
    .map((route) => walk(route, amountIn))
    .filter((hops) => (hops.at(-1)?.amountOut ?? 0n) > 0n);
  const [best] = quotes.toSorted((a, b) => Number((b.at(-1)?.amountOut ?? 0n) > (a.at(-1)?.amountOut ?? 0n)) - Number((a.at(-1)?.amountOut ?? 0n) > (b.at(-1)?.amountOut ?? 0n)));
  if (best !== undefined) return { from, to, amountIn, amountOut: best.at(-1)?.amountOut ?? 0n, hops: best };
  const what = `${placeName(deployment, from)} for ${placeName(deployment, to)}`;
  if (direct.some(hasLiquidity)) throw new RollupError(`The amount is too small to swap ${what}: the pair would pay nothing`, { facts: { amount: amountIn }, hint: 'Swap more.' });
  if (direct.length > 0) throw new RollupError(`The pair for ${what} has no liquidity yet`, { facts: { pairs: pairNames(deployment, pairs) }, hint: 'Add the first with `npm run cli -- pool add`.' });
  throw new RollupError(`No pair swaps ${what}, and no two swaps in a row do`, {
    facts: { expected: 'a pair of the two tokens, or one of each with a third', actual: pairNames(deployment, pairs) },
    hint: 'Choose tokens of these pairs, or open the pair with `npm run cli -- pool open`.',
  });
}

/** Every route over one other token. */
function twoSwaps(pairs: readonly PairRecord[], from: TokenPlace, to: TokenPlace): PairRecord[][] {
  const both = pairs.flatMap(([a, b]): PairRecord[] => [[a, b], [b, a]]);
  const starts = both.filter(([half]) => half.chainIndex === from.chainIndex && half.token === from.token);
  return starts.flatMap((start) => pairsOf(pairs, start[1], to).map((end) => [start, end]));
}

function walk(route: readonly PairRecord[], amountIn: bigint): Hop[] {
  let amount = amountIn;
  return route.map((pair): Hop => {
    const [{ reserve: reserveIn }, { reserve: reserveOut }] = pair;
    const [before, amountOut] = [amount, floorFloat40(swapOutput({ reserveIn, reserveOut, amountIn: amount }))];
    amount = amountOut;
    return { pair, amountIn: before, amountOut, impact: priceImpact({ reserveIn, reserveOut, amountIn: before, amountOut }) };
  });
}

/** How many of the second half's tokens one of the first costs, with six significant digits: `0.00498`. */
export function priceOf(deployment: Pick<Deployment, 'chains'>, [base, quoted]: PairRecord): string {
  const price = spotPrice({ reserveIn: base.reserve, reserveOut: quoted.reserve });
  if (price === null) return '-';
  const { decimals } = tokenOf(deployment, base.chainIndex, base.token);
  const { decimals: quotedDecimals } = tokenOf(deployment, quoted.chainIndex, quoted.token);
  return formatRatio({ numerator: price.numerator * 10n ** BigInt(decimals), denominator: price.denominator * 10n ** BigInt(quotedDecimals) });
}

/** A fraction as a decimal number with six significant digits, cut off. */
export function formatRatio({ numerator, denominator }: Ratio): string {
  const digits = 36;
  const text = ((numerator * 10n ** BigInt(digits)) / denominator).toString().padStart(digits + 1, '0');
  const [whole, fraction] = [text.slice(0, -digits), text.slice(-digits)];
  const significant = whole === '0' ? fraction.search(/[1-9]/) + 6 : Math.max(0, 6 - whole.length);
  const shown = fraction.slice(0, significant).replace(/0+$/, '');
  return shown === '' ? whole : `${whole}.${shown}`;
}

/** `0.5 %`. @param points basis points */
export function formatPercent(points: bigint): string {
  return `${formatRatio({ numerator: points, denominator: 100n })} %`;
}

/** A ratio as `0.95 %`, cut off after two digits. */
export function ratioPercent({ numerator, denominator }: Ratio): string {
  return formatPercent((numerator * WHOLE) / denominator);
}
