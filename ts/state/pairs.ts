import { RollupError } from '../base/errors.ts';
import { ceilDiv, swapInput } from '../spec/amm.ts';
import type { Leg } from '../spec/leg.ts';
import { isSecondSide } from '../spec/order.ts';
import { checkPair, type Exchange, type Pair } from '../spec/pairRule.ts';
import { params } from '../spec/params.ts';

/**
 * The pairs of a block's legs, in the order of their first legs: the two legs of an order belong together.
 * @param legs in the order of segments and slots
 * @throws RollupError when there are more than 2·params.joinPairs, or with facts.reason: 'unmatchedLeg' for a leg whose order has not exactly one
 * other leg, else as checkPair, with the order's hash
 */
export function pairLegs(legs: readonly Leg[]): Pair[] {
  const maximum = 2 * params.joinPairs;
  if (legs.length > maximum) {
    throw new RollupError('Too many legs for one block', { facts: { reason: 'tooManyLegs', maximum, actual: legs.length }, hint: 'Leave some orders to the next block.' });
  }
  const byOrder = new Map<bigint, Leg[]>();
  for (const leg of legs) byOrder.set(leg.order, [...(byOrder.get(leg.order) ?? []), leg]);
  const pairs = [...byOrder.values()].map(pairOf);
  const place = ({ first }: Pair): number => legs.indexOf(first);
  return pairs.sort((a, b) => place(a) - place(b));
}

function pairOf(legs: readonly Leg[]): Pair {
  const [first, second] = [legs.find(({ kind }) => !isSecondSide({ type: kind })), legs.find(({ kind }) => isSecondSide({ type: kind }))];
  const [any] = legs;
  if (!first || !second || legs.length !== 2) {
    throw new RollupError('A leg is not one of two of its order', {
      facts: { reason: 'unmatchedLeg', order: any?.order, legs: legs.map(({ kind, pool }) => ({ kind, ...pool })) },
      hint: 'Put both sides of an order in the block, each once.',
    });
  }
  const pair = { first, second, swapped: swappedOnTheWay(first, second) };
  checkPair(pair);
  return pair;
}

/**
 * `b0, b1` of an add: public data does not say what of the first coin is swapped on the way in, but the shares do. M1 asks for at least so much
 * of the second coin, P for at least so much of the first to pay for it, and more of either only makes M0 harder: if any split makes the
 * pair valid, the smallest does. Nothing when nothing is to be swapped, or no split can do it (checkPair says what is wrong then).
 */
export function swappedOnTheWay(first: Leg, second: Leg): Exchange {
  if (first.kind !== 'addLiquidity' || second.amount !== 0n) return NOTHING;
  const { shares, reserve, totalShares } = second;
  const amountOut = reserve === 0n || shares === 0n ? 0n : ceilDiv(shares * reserve, totalShares + shares);
  const amountIn = swapInput({ reserveIn: first.reserve, reserveOut: reserve, amountOut });
  return amountIn === null || amountIn > first.amount ? NOTHING : { amountIn, amountOut };
}

const NOTHING: Exchange = { amountIn: 0n, amountOut: 0n };
