import { packPlace } from '../spec/leg.ts';
import type { Pair } from '../spec/pairRule.ts';

/** Two legs, whether or not they keep a rule. What is swapped on the way is worked out here. */
export type PairLegs = Pick<Pair, 'first' | 'second'>;

/** Fields of a pair in the join circuit (bus `Pair` of circuits/pairRules.circom). */
export interface PairSignals {
  swap: bigint;
  add: bigint;
  addOne: bigint;
  remove: bigint;
  order: bigint;
  /** Of two numbers the first is the first side's. */
  place: [bigint, bigint];
  amount: [bigint, bigint];
  shares: [bigint, bigint];
  reserve: [bigint, bigint];
  totalShares: [bigint, bigint];
  limit: [bigint, bigint];
  swapped: [bigint, bigint];
}

export const NO_PAIR: Readonly<PairSignals> = {
  ...{ swap: 0n, add: 0n, addOne: 0n, remove: 0n, order: 0n },
  ...{ place: [0n, 0n], amount: [0n, 0n], shares: [0n, 0n], reserve: [0n, 0n], totalShares: [0n, 0n], limit: [0n, 0n], swapped: [0n, 0n] },
};

/** What the circuit is told of a pair. */
export function pairSignals({ first, second }: PairLegs): PairSignals {
  const both = (field: 'amount' | 'shares' | 'reserve' | 'totalShares' | 'limit'): [bigint, bigint] => [first[field], second[field]];
  const isAdd = first.kind === 'addLiquidity';
  const isSwap = first.kind === 'swapIn';
  const addOne = isAdd && second.amount === 0n;
  const flag = (is: boolean): bigint => (is ? 1n : 0n);
  return {
    swap: flag(isSwap),
    add: flag(isAdd && !addOne),
    addOne: flag(addOne),
    remove: flag(first.kind === 'removeLiquidity'),
    order: first.order,
    place: [packPlace(first.pool), packPlace(second.pool)],
    amount: both('amount'),
    shares: both('shares'),
    reserve: both('reserve'),
    totalShares: both('totalShares'),
    limit: both('limit'),
    swapped: isSwap ? both('amount') : addOne ? swappedOnTheWay({ first, second }) : [0n, 0n],
  };
}

/**
 * The most coins of the first half that its shares leave to be swapped, and the fewest of the second half that its shares need. If any
 * numbers keep the rule of an add of one coin, these do: the product rule grows with the first and falls with the second.
 */
function swappedOnTheWay({ first, second }: PairLegs): [bigint, bigint] {
  const isEmpty = first.reserve === 0n;
  const coinsIn = isEmpty ? 0n : floorDivide(first.totalShares * (first.reserve + first.amount), first.totalShares + first.shares) - first.reserve;
  const coinsOut = second.reserve - floorDivide(second.totalShares * second.reserve, second.totalShares + second.shares);
  return [coinsIn < 0n ? 0n : coinsIn, coinsOut < 0n ? 0n : coinsOut];
}

/** 0 for a half without shares, which no rule takes. */
function floorDivide(dividend: bigint, divisor: bigint): bigint {
  return divisor <= 0n ? 0n : dividend / divisor;
}
