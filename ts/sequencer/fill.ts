import { addOutput, coinsFor, swapOutput } from '../spec/amm.ts';
import { floorFloat40 } from '../spec/float40.ts';
import type { Order } from '../spec/operation.ts';
import { MAX_RESERVE, type PoolHalf } from '../spec/pool.ts';
import { refuse } from './refusal.ts';

/** By how much an order changes one half. */
export interface HalfFill {
  /** Coins, in the smallest unit of the half's token. */
  amount: bigint;
  /** 0 in a swap. */
  shares: bigint;
}

/** What an order does to both halves of its pair. */
export interface Fill {
  first: HalfFill;
  second: HalfFill;
}

/** Reserve and total shares of both halves before the order. */
export interface Halves {
  first: Pick<PoolHalf, 'reserve' | 'totalShares'>;
  second: Pick<PoolHalf, 'reserve' | 'totalShares'>;
}

/**
 * What an order gets at these reserves: always all that the rule of the pair allows. Coins out of a swap are rounded down to a float40.
 * @throws RollupError with the reason, what it would get and what it demands
 */
export function fillOrder(order: Pick<Order, 'type' | 'amount' | 'peerAmount' | 'limit' | 'peerLimit'>, halves: Halves): Fill {
  const fill = filled(order, halves);
  const { first, second } = fill;
  const [gets, peerGets] = order.type === 'addLiquidity' ? [first.shares, second.shares] : order.type === 'swapIn' ? [0n, second.amount] : [first.amount, second.amount];
  // Without limits an order could still pay for nothing at all.
  if (gets === 0n && peerGets === 0n) throw refuse('nothingOut', 'The order would get nothing', { amount: order.amount, peerAmount: order.peerAmount }, 'Sign a larger amount.');
  const what = order.type === 'addLiquidity' ? 'shares' : 'coins';
  checkLimit({ gets, demanded: order.limit, what: `${what} of its own half` });
  checkLimit({ gets: peerGets, demanded: order.peerLimit, what: `${what} of the peer` });
  return fill;
}

function filled({ type, amount, peerAmount }: Pick<Order, 'type' | 'amount' | 'peerAmount'>, { first, second }: Halves): Fill {
  switch (type) {
    case 'swapIn': {
      checkFilled(first.reserve, second.reserve);
      checkRoom({ before: first.reserve, plus: amount });
      const out = swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: amount });
      return { first: { amount, shares: 0n }, second: { amount: floorFloat40(out), shares: 0n } };
    }
    case 'addLiquidity': {
      // One coin alone has no price in an empty pair; both coins must leave both halves filled.
      if (peerAmount === 0n) checkFilled(first.reserve, second.reserve);
      const { shares, peerShares } = addOutput({ first, second, amount, peerAmount });
      checkRoom({ before: first.reserve, plus: amount }, { before: second.reserve, plus: peerAmount }, { before: first.totalShares, plus: shares }, { before: second.totalShares, plus: peerShares });
      return { first: { amount, shares }, second: { amount: peerAmount, shares: peerShares } };
    }
    case 'removeLiquidity':
      return {
        first: { amount: coinsFor({ ...first, shares: amount }), shares: amount },
        second: { amount: coinsFor({ ...second, shares: peerAmount }), shares: peerAmount },
      };
  }
}

function checkFilled(reserve: bigint, peerReserve: bigint): void {
  if (reserve > 0n && peerReserve > 0n) return;
  throw refuse('emptyHalf', 'A half of the pair has no coins, so there is no price', { reserve, peerReserve }, 'The first add to a pair brings coins of both halves.');
}

function checkRoom(...sums: readonly { before: bigint; plus: bigint }[]): void {
  const over = sums.find(({ before, plus }) => before + plus > MAX_RESERVE);
  if (over !== undefined) throw refuse('poolFull', 'A half of the pair cannot hold that much', { ...over, maximum: MAX_RESERVE }, 'Sign a smaller amount.');
}

function checkLimit({ gets, demanded, what }: { gets: bigint; demanded: bigint; what: string }): void {
  if (gets >= demanded) return;
  throw refuse('belowLimit', `The order would get ${gets} ${what}, it demands at least ${demanded}`, { gets, demanded }, 'Sign it again with a lower limit.');
}
