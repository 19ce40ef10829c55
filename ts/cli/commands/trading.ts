import { RollupError } from '../../base/errors.ts';
import { formatAmount, parsePercent } from '../../chain/client/amount.ts';
import type { Position } from '../../chain/client/liquidity.ts';
import { amountName, pairName, placeName, tokenOf, type TokenPlace } from '../../chain/client/pairs.ts';
import { DEFAULT_SLIPPAGE, formatPercent, formatRatio, priceOf, ratioPercent, WHOLE, type Hop, type Quote } from '../../chain/client/quote.ts';
import type { PairRecord } from '../../chain/client/sequencerApi.ts';
import { withSlippage } from '../../spec/amm.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { UsageError, type CommandContext } from './command.ts';
import { findChain, findToken, type Network } from './network.ts';

/* What the commands about pools share: how tokens, slippage and quotes are read and shown. */

/** Slippage above this is a slip of the pen: whoever builds blocks may fill an order at its limit. */
const largestSlippage = WHOLE / 2n;

/** The token that two options name, e.g. `--to-chain` and `--to-token`; the chain is `same` when its option is absent. */
export function readPlace({ options }: CommandContext, network: Network, { chain: chainOption, token: tokenOption, same }: { chain: string; token: string; same?: TokenPlace }): TokenPlace {
  const text = options.text(chainOption);
  const chain = findChain(text ?? (same === undefined ? options.required(chainOption) : String(same.chainIndex)), network);
  return { chainIndex: chain.chainIndex, token: findToken(options.required(tokenOption), chain).token };
}

/** `--slippage`, in basis points. @throws UsageError */
export function readSlippage({ options }: CommandContext): bigint {
  const text = options.text('slippage');
  if (text === undefined) return DEFAULT_SLIPPAGE;
  const slippage = readPercent(text);
  if (slippage > largestSlippage) {
    throw new UsageError('This slippage would give half of the order away', { facts: { expected: 'from 0 to 50', actual: text }, hint: 'Half a percent is usual: leave --slippage out.' });
  }
  return slippage;
}

/** @throws UsageError */
export function readPercent(text: string): bigint {
  try {
    return parsePercent(text);
  } catch (error) {
    if (!(error instanceof RollupError)) throw error;
    throw new UsageError(error.message, { facts: error.facts, ...(error.hint === undefined ? {} : { hint: error.hint }) });
  }
}

/** `pool 4 on linea / pool 1 on zksync`. */
function poolsName(deployment: Deployment, pair: PairRecord): string {
  return pair.map(({ chainIndex, leafIndex }) => `pool ${leafIndex} on ${deployment.chains[chainIndex]?.name}`).join(' / ');
}

function hopLines(deployment: Deployment, { pair, amountIn, amountOut, impact }: Hop): string[] {
  const [base, quoted] = [tokenOf(deployment, pair[0].chainIndex, pair[0].token), tokenOf(deployment, pair[1].chainIndex, pair[1].token)];
  const own = formatRatio({ numerator: amountOut * 10n ** BigInt(base.decimals), denominator: amountIn * 10n ** BigInt(quoted.decimals) });
  return [
    `  pair      ${pairName(deployment, pair)} (${poolsName(deployment, pair)})`,
    `  price     ${priceOf(deployment, pair)} ${quoted.symbol} for 1 ${base.symbol}; this swap ${own}, the fee of 0.3 % included`,
    `  impact    ${ratioPercent(impact)}: how much the swap itself moves the price against it`,
  ];
}

/** Amounts, route, price and price impact; with slippage also the least that the order takes. */
export function quoteLines({ deployment, quote, slippage }: { deployment: Deployment; quote: Quote; slippage: bigint }): string[] {
  const { from, to, amountIn, amountOut, hops } = quote;
  const places = [from, ...hops.map(({ pair }): TokenPlace => pair[1])];
  const lines = [`${amountName(deployment, from, amountIn)} for ${amountName(deployment, to, amountOut)}`, `  route     ${places.map((place) => placeName(deployment, place)).join(' → ')}`];
  const [only, second] = hops;
  if (only !== undefined && second === undefined) {
    return [...lines, ...hopLines(deployment, only), `  at least  ${amountName(deployment, to, withSlippage(amountOut, slippage))} with ${formatPercent(slippage)} slippage`];
  }
  const swaps = hops.flatMap((hop, i) => [`  swap ${i + 1}    ${amountName(deployment, hop.pair[0], hop.amountIn)} for ${amountName(deployment, hop.pair[1], hop.amountOut)}`, ...hopLines(deployment, hop)]);
  return [...lines, ...swaps, '  There is no pair of the two tokens: sign the two swaps one after the other, the second for what the first brought.'];
}

/** For `--json`. */
export function quoteData(deployment: Deployment, { from, to, amountIn, amountOut, hops }: Quote, slippage: bigint): unknown {
  const name = ({ chainIndex, token }: TokenPlace): { chain: string | undefined; token: string } => ({ chain: deployment.chains[chainIndex]?.name, token: tokenOf(deployment, chainIndex, token).symbol });
  return {
    from: name(from), to: name(to), amountIn, amountOut, minimum: withSlippage(amountOut, slippage), slippage: formatPercent(slippage),
    route: hops.map((hop) => ({
      from: name(hop.pair[0]), to: name(hop.pair[1]), pool: hop.pair[0].leafIndex, peer: hop.pair[1].leafIndex, amountIn: hop.amountIn, amountOut: hop.amountOut, impact: ratioPercent(hop.impact),
    })),
  };
}

/** For tables: at most six digits after the point, cut off. The exact amount is in `--json`. */
export function roughAmount(amount: bigint, decimals: number): string {
  const unit = 10n ** BigInt(Math.max(0, decimals - 6));
  return amount > 0n && amount < unit ? '<0.000001' : formatAmount((amount / unit) * unit, decimals);
}

/** Columns `shares` and `worth` of a position: both halves with what they stand for. */
export function positionCells(deployment: Deployment, { pair, shares, coins }: Position): [shares: string, worth: string] {
  if (shares.every((amount) => amount === 0n)) return ['-', '-'];
  const decimals = pair.map(({ chainIndex, token }) => tokenOf(deployment, chainIndex, token).decimals);
  return [shares.map((amount, i) => roughAmount(amount, decimals[i] ?? 0)).join(' / '), worthName(deployment, { pair, coins })];
}

/** `20 TST on linea + 0.1 ETH on zksync`, cut off as {@link roughAmount}. */
export function worthName(deployment: Deployment, { pair, coins }: Pick<Position, 'pair' | 'coins'>): string {
  return pair.map((half, i) => `${roughAmount(coins[i] ?? 0n, tokenOf(deployment, half.chainIndex, half.token).decimals)} ${placeName(deployment, half)}`).join(' + ');
}
