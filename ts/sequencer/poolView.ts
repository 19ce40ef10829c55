import { priceImpact, spotPrice, withSlippage, type Ratio } from '../spec/amm.ts';
import { isShareToken, type Place } from '../spec/leg.ts';
import type { OrderType } from '../spec/operation.ts';
import { params } from '../spec/params.ts';
import type { LedgerState } from '../state/ledger.ts';
import { fillOrder } from './fill.ts';
import { allPairs, halfAt, peerOf, type PairOfHalves, type PlacedHalf } from './pairs.ts';
import { refuse } from './refusal.ts';

/* What the API shows of pools. Amounts in the smallest units, prices of smallest units too. */

export interface HalfAnswer {
  chainIndex: number;
  leafIndex: number;
  token: number;
  reserve: bigint;
  /** The locked ones among them. */
  totalShares: bigint;
}

export interface PairAnswer {
  first: HalfAnswer;
  second: HalfAnswer;
  /** Smallest units of the second coin for one of the first, before fee and impact; null while a half is empty. */
  spotPrice: Ratio | null;
}

/** What a pool leaf is. */
export interface PoolAnswer {
  reserve: bigint;
  totalShares: bigint;
  peer: Place;
  /** The peer names this half back. Nothing can be done with one that is not. */
  mutual: boolean;
}

/** What a leaf of shares stands for. */
export interface SharesAnswer {
  /** Leaf index of the half, on the same chain. */
  pool: number;
  /** The half's token. */
  token: number;
  /** What its balance would be paid of that token now. */
  coins: bigint;
}

export interface QuoteParameters {
  type: OrderType;
  chainIndex: number;
  pool: number;
  /** As in an order of the type. */
  amount: bigint;
  peerAmount: bigint;
  /** Basis points that the limits stay below the quote. */
  slippage: number;
}

/** What an order would do at the present reserves, and limits to sign. */
export interface QuoteAnswer extends PairAnswer {
  type: OrderType;
  /** By how much the order would change the halves: coins and shares. */
  amount: bigint;
  shares: bigint;
  peerAmount: bigint;
  peerShares: bigint;
  /** Of a swap: how much worse than spot price and fee because it moves the price. */
  priceImpact: Ratio | null;
  /** Least that the order demands on its own and on the peer's side, at the slippage. */
  limit: bigint;
  peerLimit: bigint;
}

/** Every pair, each once. */
export function pairAnswers(state: LedgerState): PairAnswer[] {
  return allPairs(state).map(pairAnswer);
}

function pairAnswer({ first, second }: PairOfHalves): PairAnswer {
  return { first: halfAnswer(first), second: halfAnswer(second), spotPrice: spotPrice({ reserveIn: first.reserve, reserveOut: second.reserve }) };
}

function halfAnswer({ chainIndex, leafIndex, token, reserve, totalShares }: PlacedHalf): HalfAnswer {
  return { chainIndex, leafIndex, token: Number(token), reserve, totalShares };
}

/** Null when the leaf is no pool. */
export function poolAnswer({ chains }: LedgerState, place: Place): PoolAnswer | null {
  const half = halfAt(chains, place);
  if (half === null) return null;
  const { reserve, totalShares, peer } = half;
  return { reserve, totalShares, peer, mutual: peerOf(chains, half) !== null };
}

/** Null when the token is none of shares, or no half has them. */
export function sharesAnswer({ chains }: LedgerState, { chainIndex, token, balance }: { chainIndex: number; token: bigint; balance: bigint }): SharesAnswer | null {
  if (!isShareToken(token)) return null;
  const pool = Number(token) - params.shareTokens;
  const half = halfAt(chains, { chainIndex, leafIndex: pool });
  return half === null ? null : { pool, token: Number(half.token), coins: (balance * half.reserve) / half.totalShares };
}

/** @throws RollupError with a reason when there is no such pair, or it cannot fill the order now */
export function quoteAnswer(state: LedgerState, { type, chainIndex, pool, amount, peerAmount, slippage }: QuoteParameters): QuoteAnswer {
  const first = halfAt(state.chains, { chainIndex, leafIndex: pool });
  const second = first === null ? null : peerOf(state.chains, first);
  if (first === null) throw refuse('unknownPool', 'There is no half of a pair in this leaf', { chainIndex, pool }, 'Look up the pairs with GET /pools.');
  if (second === null) throw refuse('notMutual', 'The two halves do not name each other', { chainIndex, pool, peer: first.peer }, 'Look up the pairs with GET /pools.');
  const fill = fillOrder({ type, amount, peerAmount, limit: 0n, peerLimit: 0n }, { first, second });
  const [gets, peerGets] = type === 'addLiquidity' ? [fill.first.shares, fill.second.shares] : [type === 'swapIn' ? 0n : fill.first.amount, fill.second.amount];
  const reserves = { reserveIn: first.reserve, reserveOut: second.reserve };
  return {
    type,
    ...pairAnswer({ first, second }),
    amount: fill.first.amount,
    shares: fill.first.shares,
    peerAmount: fill.second.amount,
    peerShares: fill.second.shares,
    priceImpact: type === 'swapIn' ? priceImpact({ ...reserves, amountIn: fill.first.amount, amountOut: fill.second.amount }) : null,
    limit: withSlippage(gets, BigInt(slippage)),
    peerLimit: withSlippage(peerGets, BigInt(slippage)),
  };
}
