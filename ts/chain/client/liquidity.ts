import { RollupError } from '../../base/errors.ts';
import { coinsFor, oneCoinAdd, sharesFor } from '../../spec/amm.ts';
import type { Deployment } from '../deployments.ts';
import { amountName, hasLiquidity, pairName, sharesOf } from './pairs.ts';
import { WHOLE } from './quote.ts';
import type { LeafRecord, PairRecord } from './sequencerApi.ts';

/** What adding liquidity takes and gives at the pair's present reserves; first half, then peer. */
export interface AddQuote {
  pair: PairRecord;
  /** Coins of the two halves; the second is 0 when one coin is added alone. */
  amounts: readonly [bigint, bigint];
  shares: readonly [bigint, bigint];
}

export interface QuoteAddParameters {
  deployment: Pick<Deployment, 'chains'>;
  /** The half whose coins are counted first. */
  pair: PairRecord;
  /** Coins of the first half. */
  amount: bigint;
  /**
   * Coins of the peer: a number for the first liquidity of a pair (it sets the price) or the most that may be taken besides;
   * `oneCoin` adds the first half's coins alone; undefined takes what is in proportion.
   */
  peerAmount: bigint | 'oneCoin' | undefined;
}

/** @throws RollupError when the pair has no price and none is given, or when the peer's coins do not suffice */
export function quoteAdd({ deployment, pair, amount, peerAmount }: QuoteAddParameters): AddQuote {
  const [first, second] = pair;
  if (peerAmount === 'oneCoin') {
    if (!hasLiquidity(pair)) {
      throw new RollupError(`The pair ${pairName(deployment, pair)} has no liquidity yet, so one coin alone has no price`, { hint: 'Whoever adds first adds both coins: leave out --one-coin and give --peer-amount.' });
    }
    const { shares, peerShares } = oneCoinAdd({ reserveIn: first.reserve, sharesIn: first.totalShares, reserveOut: second.reserve, sharesOut: second.totalShares, amountIn: amount });
    return positive({ deployment, pair, amounts: [amount, 0n], shares: [shares, peerShares] });
  }
  let coins = peerAmount;
  if (hasLiquidity(pair)) {
    // Rounded up: what is in proportion must not give the peer's half a smaller part of its shares.
    const inProportion = (amount * second.reserve + first.reserve - 1n) / first.reserve;
    if (coins !== undefined && coins < inProportion) {
      throw new RollupError('The coins of the peer do not suffice at the present price', {
        facts: { expected: amountName(deployment, second, inProportion), actual: amountName(deployment, second, coins) },
        hint: 'Add less of the first coin, allow more of the second with --peer-amount, or leave it out to take what is in proportion.',
      });
    }
    coins = inProportion;
  }
  if (coins === undefined) {
    throw new RollupError(`The pair ${pairName(deployment, pair)} has no liquidity yet: whoever adds first sets the price`, { facts: { expected: 'amounts of both coins', actual: 'one' }, hint: 'Give --peer-amount too.' });
  }
  const shares = [sharesFor({ ...first, amount }), sharesFor({ ...second, amount: coins })] as const;
  return positive({ deployment, pair, amounts: [amount, coins], shares });
}

function positive({ deployment, ...quote }: AddQuote & { deployment: Pick<Deployment, 'chains'> }): AddQuote {
  if (quote.shares.every((shares) => shares > 0n)) return quote;
  throw new RollupError('The amount is too small: it would give no shares', { facts: { amount: amountName(deployment, quote.pair[0], quote.amounts[0]) }, hint: 'Add more.' });
}

/** One user's shares of a pair and what they stand for at its present reserves; first half, then peer. */
export interface Position {
  pair: PairRecord;
  shares: readonly [bigint, bigint];
  coins: readonly [bigint, bigint];
}

/** @param leaves all of one user; share leaves of other keys count too */
export function positionOf(pair: PairRecord, leaves: readonly LeafRecord[]): Position {
  const shares = pair.map((half) => {
    const own = leaves.filter(({ chainIndex, token }) => chainIndex === half.chainIndex && token === sharesOf(half));
    return own.reduce((sum, { balance }) => sum + balance, 0n);
  }) as [bigint, bigint];
  return { pair, shares, coins: [coinsFor({ ...pair[0], shares: shares[0] }), coinsFor({ ...pair[1], shares: shares[1] })] };
}

/** A part of a position. @param part in basis points */
export function partOf({ pair, shares: all }: Position, part: bigint): Position {
  const shares = [(all[0] * part) / WHOLE, (all[1] * part) / WHOLE] as const;
  return { pair, shares, coins: [coinsFor({ ...pair[0], shares: shares[0] }), coinsFor({ ...pair[1], shares: shares[1] })] };
}
