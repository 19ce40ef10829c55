import { RollupError } from '../base/errors.ts';
import { legWords, type Leg, type Place } from './leg.ts';
import type { PoolOperation } from './operation.ts';
import { params } from './params.ts';
import { LOCKED_SHARES, MAX_RESERVE } from './pool.ts';

/** Two legs of one order. */
export interface Pair {
  /** Kinds swapIn, addLiquidity, removeLiquidity. */
  first: Leg;
  second: Leg;
  /** `b0`, `b1` of an add: what of the first coin is swapped for the second on the way in. 0, 0 for other kinds, whose rule does not look at it. */
  swapped: Exchange;
}

/** Coins into one half for coins out of the other, in their smallest units. */
export interface Exchange {
  amountIn: bigint;
  amountOut: bigint;
}

/** What a pair breaks. */
export type PairProblem =
  | 'wrongKinds'
  | 'ordersDiffer'
  | 'notMutual'
  | 'outOfRange'
  | 'emptyHalf'
  | 'product'
  | 'belowLimit'
  | 'tooManyShares'
  | 'tooManyCoins';

/** Kind of the second leg by the kind of the first. */
const SECOND_KIND: Partial<Record<PoolOperation['type'], PoolOperation['type']>> = {
  swapIn: 'swapOut',
  addLiquidity: 'addLiquidityPeer',
  removeLiquidity: 'removeLiquidityPeer',
};

const FEE_KEPT = BigInt(params.swapFee.kept);
const FEE_OF = BigInt(params.swapFee.of);

/** The 14 words of a pair: first leg, second leg. */
export function pairWords({ first, second }: Pair): bigint[] {
  return [...legWords(first), ...legWords(second)];
}

/** `P(x, y)` of src/FORMATS.md: amountIn into a half with reserveIn, amountOut out of one with reserveOut, the fee stays in the reserve. */
export function keepsProduct({ reserveIn, reserveOut, amountIn, amountOut }: { reserveIn: bigint; reserveOut: bigint } & Exchange): boolean {
  if (reserveIn === 0n) return amountOut === 0n;
  return (FEE_OF * reserveIn + FEE_KEPT * amountIn) * (reserveOut - amountOut) >= FEE_OF * reserveIn * reserveOut;
}

/**
 * Everything that the join checks of a pair (src/FORMATS.md, "Pairs").
 * @throws RollupError whose facts name the reason (PairProblem), what was expected and what came
 */
export function checkPair(pair: Pair): void {
  const { first, second } = pair;
  if (SECOND_KIND[first.kind] !== second.kind) {
    refuse('wrongKinds', 'Two legs are not the two sides of one kind of order', { first: first.kind, expected: SECOND_KIND[first.kind] ?? 'the first side of an order first', second: second.kind });
  }
  if (first.order !== second.order) refuse('ordersDiffer', 'Two legs are not of the same order', { first: first.order, second: second.order });
  if (!samePlace(first.pool, second.peer) || !samePlace(second.pool, first.peer)) {
    refuse('notMutual', 'Two pool halves do not name each other', {
      first: { pool: first.pool, peer: first.peer },
      second: { pool: second.pool, peer: second.peer },
    });
  }
  checkRange('first', first);
  checkRange('second', second);
  if (first.kind === 'swapIn') checkSwap(pair);
  else if (first.kind === 'addLiquidity') checkAdd(pair);
  else checkRemove(pair);
}

function checkSwap({ first, second }: Pair): void {
  checkFilled(first.reserve, second.reserve);
  for (const [side, { shares }] of [['first', first], ['second', second]] as const) {
    if (shares !== 0n) refuse('tooManyShares', 'A swap changes no shares', { side, expected: 0n, actual: shares });
  }
  checkProduct(pairExchange(first, second, { amountIn: first.amount, amountOut: second.amount }));
  checkLimit('second', second.amount, second.limit);
}

function checkAdd({ first, second, swapped }: Pair): void {
  checkFilled(first.reserve + first.amount, second.reserve + second.amount);
  const { amountIn, amountOut } = swapped;
  if (second.amount !== 0n && (amountIn !== 0n || amountOut !== 0n)) {
    refuse('outOfRange', 'Coins are swapped on the way in only when the second coin stays away', { expected: 0n, amountIn, amountOut, secondAmount: second.amount });
  }
  if (amountIn < 0n || amountIn > first.amount || amountOut < 0n || amountOut > second.reserve) {
    refuse('outOfRange', 'An add swaps more on the way in than it brings or than there is', {
      amountIn,
      mostIn: first.amount,
      amountOut,
      mostOut: second.reserve,
    });
  }
  checkProduct(pairExchange(first, second, swapped));
  checkMinted('first', first, { reserve: first.reserve + amountIn, amount: first.amount - amountIn });
  checkMinted('second', second, { reserve: second.reserve - amountOut, amount: second.amount + amountOut });
  checkLimit('first', first.shares, first.limit);
  checkLimit('second', second.shares, second.limit);
}

function checkRemove({ first, second }: Pair): void {
  for (const [side, leg] of [['first', first], ['second', second]] as const) {
    const { amount, shares, reserve, totalShares } = leg;
    if (amount * totalShares > shares * reserve) {
      refuse('tooManyCoins', 'More coins are taken out of a half than the shares stand for', { side, shares, totalShares, reserve, amount });
    }
    checkLimit(side, amount, leg.limit);
  }
}

/** Each amount, and reserve and total shares before and after, in their range. */
function checkRange(side: string, leg: Leg): void {
  const sign = leg.kind === 'swapIn' || leg.kind === 'addLiquidity' || leg.kind === 'addLiquidityPeer' ? 1n : -1n;
  const { amount, shares, reserve, totalShares, limit } = leg;
  const anything = { amount, shares, reserve, limit, reserveAfter: reserve + sign * amount };
  const withLocked = { totalShares, totalSharesAfter: totalShares + sign * shares };
  for (const [least, numbers] of [[0n, anything], [LOCKED_SHARES, withLocked]] as const) {
    for (const [name, value] of Object.entries(numbers)) {
      if (value < least || value > MAX_RESERVE) refuse('outOfRange', 'A number of a leg is out of its range', { side, name, least, most: MAX_RESERVE, actual: value });
    }
  }
}

/** A pair is empty on both halves or on none: a swap needs both filled, an add leaves both filled. */
function checkFilled(first: bigint, second: bigint): void {
  if (first === 0n || second === 0n) {
    refuse('emptyHalf', 'A half of the pair is empty', { first, second }, 'The first add to a pair brings coins of both halves.');
  }
}

function pairExchange(first: Leg, second: Leg, exchange: Exchange): { reserveIn: bigint; reserveOut: bigint } & Exchange {
  return { reserveIn: first.reserve, reserveOut: second.reserve, ...exchange };
}

function checkProduct(exchange: { reserveIn: bigint; reserveOut: bigint } & Exchange): void {
  if (!keepsProduct(exchange)) refuse('product', 'The product of the reserves would fall', { ...exchange });
}

/** `reserve` and `amount` are those after what is swapped on the way in. An empty half has no price: one share a coin. */
function checkMinted(side: string, leg: Leg, { reserve, amount }: { reserve: bigint; amount: bigint }): void {
  const { shares, totalShares } = leg;
  if (leg.reserve === 0n ? shares > amount : shares * reserve > amount * totalShares) {
    refuse('tooManyShares', 'More shares of a half are made than the coins stand for', { side, shares, totalShares, reserve, amount });
  }
}

function checkLimit(side: string, actual: bigint, limit: bigint): void {
  if (actual < limit) refuse('belowLimit', 'The order would get less than it demands', { side, expectedAtLeast: limit, actual });
}

function samePlace(a: Place, b: Place): boolean {
  return a.chainIndex === b.chainIndex && a.leafIndex === b.leafIndex;
}

function refuse(reason: PairProblem, message: string, facts: Record<string, unknown>, hint?: string): never {
  throw new RollupError(message, { facts: { reason, ...facts }, ...(hint === undefined ? {} : { hint }) });
}
