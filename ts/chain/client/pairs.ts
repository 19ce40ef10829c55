import { RollupError } from '../../base/errors.ts';
import { params } from '../../spec/params.ts';
import { isShareToken, shareToken } from '../../spec/leg.ts';
import type { Deployment, TokenDeployment } from '../deployments.ts';
import { formatAmount } from './amount.ts';
import type { HalfRecord, PairRecord } from './sequencerApi.ts';

/** A token of one chain: the same symbol on two chains is two of these. */
export interface TokenPlace {
  chainIndex: number;
  token: number;
}

/** All that is needed of a deployment here. */
type Chains = Pick<Deployment, 'chains'>;

/** What people need of a token to read its amounts. */
export type TokenName = Pick<TokenDeployment, 'symbol' | 'decimals'>;

/** @throws RollupError when the chain has no such token */
export function tokenOf(deployment: Chains, chainIndex: number, token: number): TokenDeployment {
  const chain = deployment.chains[chainIndex];
  const found = chain?.tokens.find((candidate) => candidate.token === token);
  if (!chain || !found) {
    throw new RollupError(`There is no token ${token} on chain ${chain?.name ?? chainIndex}`, { facts: { tokens: chain?.tokens.map((t) => `${t.token} ${t.symbol}`) ?? [] } });
  }
  return found;
}

/** `TST on linea`. */
export function placeName(deployment: Chains, { chainIndex, token }: TokenPlace): string {
  return `${tokenOf(deployment, chainIndex, token).symbol} on ${deployment.chains[chainIndex]?.name}`;
}

/** `TST on linea / ETH on zksync`. */
export function pairName(deployment: Chains, pair: PairRecord): string {
  return pair.map((half) => placeName(deployment, half)).join(' / ');
}

/** `100 TST on linea`. @param amount in the token's smallest unit */
export function amountName(deployment: Chains, place: TokenPlace, amount: bigint): string {
  return `${formatAmount(amount, tokenOf(deployment, place.chainIndex, place.token).decimals)} ${placeName(deployment, place)}`;
}

/** Token id of the shares of a half, as leaves hold it. */
export function sharesOf({ leafIndex }: Pick<HalfRecord, 'leafIndex'>): number {
  return Number(shareToken(leafIndex));
}

/** True for token ids of shares. */
export function isShares(token: number): boolean {
  return isShareToken(BigInt(token));
}

/** The half whose shares a token of a chain stands for, and its peer; undefined when the token is none or its pair is not known. */
export function pairOfShares(pairs: readonly PairRecord[], { chainIndex, token }: TokenPlace): PairRecord | undefined {
  if (!isShares(token)) return undefined;
  const isHalf = (half: HalfRecord): boolean => half.chainIndex === chainIndex && sharesOf(half) === token;
  return pairs.flatMap(([first, second]): PairRecord[] => (isHalf(first) ? [[first, second]] : isHalf(second) ? [[second, first]] : []))[0];
}

/**
 * Name and decimals of any token that a leaf can hold. Shares are called `LP ETH/TST (zksync pool 12)`: the half's own token first, then
 * its peer's, then where the half is; they have the decimals of the half's token.
 */
export function describeToken(deployment: Chains, pairs: readonly PairRecord[], place: TokenPlace): TokenName {
  if (!isShares(place.token)) return tokenOf(deployment, place.chainIndex, place.token);
  const where = `(${deployment.chains[place.chainIndex]?.name ?? `chain ${place.chainIndex}`} pool ${place.token - params.shareTokens})`;
  const pair = pairOfShares(pairs, place);
  if (pair === undefined) return { symbol: `LP ${where}`, decimals: 0 };
  const [own, peer] = pair.map((half) => tokenOf(deployment, half.chainIndex, half.token));
  return { symbol: `LP ${own?.symbol}/${peer?.symbol} ${where}`, decimals: own?.decimals ?? 0 };
}

/** The pairs of two tokens, each with the half of `first` in front. */
export function pairsOf(pairs: readonly PairRecord[], first: TokenPlace, second: TokenPlace): PairRecord[] {
  const is = (half: HalfRecord, place: TokenPlace): boolean => half.chainIndex === place.chainIndex && half.token === place.token;
  return pairs.flatMap(([a, b]): PairRecord[] => (is(a, first) && is(b, second) ? [[a, b]] : is(b, first) && is(a, second) ? [[b, a]] : []));
}

export interface FindPairParameters {
  deployment: Chains;
  pairs: readonly PairRecord[];
  /** Its half comes first in the answer. */
  first: TokenPlace;
  second: TokenPlace;
}

/** The pair of two tokens; of several the one with most liquidity. @throws RollupError that names the pairs that exist */
export function findPair({ deployment, pairs, first, second }: FindPairParameters): PairRecord {
  const [largest] = pairsOf(pairs, first, second).toSorted((a, b) => Number(b[0].reserve * b[1].reserve > a[0].reserve * a[1].reserve) - Number(a[0].reserve * a[1].reserve > b[0].reserve * b[1].reserve));
  if (largest !== undefined) return largest;
  throw new RollupError('There is no such pair', {
    facts: { expected: pairNames(deployment, pairs), actual: `${placeName(deployment, first)} / ${placeName(deployment, second)}` },
    hint: 'See `npm run cli -- pools`, or open the pair with `npm run cli -- pool open`.',
  });
}

/** All pairs in one line, for messages. */
export function pairNames(deployment: Chains, pairs: readonly PairRecord[]): string {
  return pairs.length === 0 ? 'none is open' : pairs.map((pair) => pairName(deployment, pair)).join('; ');
}

/** True when both halves have coins, so that there is a price. */
export function hasLiquidity(pair: PairRecord): boolean {
  return pair.every(({ reserve }) => reserve > 0n);
}
