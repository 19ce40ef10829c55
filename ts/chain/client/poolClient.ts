import { RollupError } from '../../base/errors.ts';
import { withSlippage } from '../../spec/amm.ts';
import type { OrderType } from '../../spec/operation.ts';
import type { Deployment } from '../deployments.ts';
import { checkFloat40 } from './amount.ts';
import { partOf, positionOf, quoteAdd, type AddQuote, type Position } from './liquidity.ts';
import { findPair, pairsOf, placeName, sharesOf, tokenOf, type TokenPlace } from './pairs.ts';
import { DEFAULT_SLIPPAGE, quoteSwap, WHOLE, type Quote } from './quote.ts';
import type { LeafRecord, OrderFields, PairRecord, SequencerApi } from './sequencerApi.ts';
import type { SubmittedTransaction } from './submit.ts';
import { poll } from './wait.ts';

/** What every order may say; amounts are in the smallest unit. */
export interface OrderParameters {
  /** How much less than quoted the order may bring, in basis points. Default DEFAULT_SLIPPAGE. */
  slippage?: bigint;
  /** In what the order pays (shares when liquidity is removed), about three significant digits. Default: the sequencer's minimum. */
  fee?: bigint;
  /** How long the order may wait; default one hour. */
  validSeconds?: number;
}

export interface SwapParameters extends OrderParameters {
  from: TokenPlace;
  to: TokenPlace;
  /** Coins in; about ten significant digits. */
  amount: bigint;
  /** Least coins out; default what slippage leaves of the quote. */
  minimum?: bigint;
}

export interface SubmittedSwap extends SubmittedTransaction {
  quote: Quote;
  minimum: bigint;
}

export interface AddLiquidityParameters extends OrderParameters {
  /** Its leaf signs. */
  first: TokenPlace;
  peer: TokenPlace;
  amount: bigint;
  /** See quoteAdd. */
  peerAmount?: bigint | 'oneCoin';
}

export interface SubmittedAdd extends SubmittedTransaction {
  quote: AddQuote;
}

export interface RemoveLiquidityParameters extends OrderParameters {
  /** The leaf of its shares signs. */
  first: TokenPlace;
  peer: TokenPlace;
  /** Which part of one's shares of both halves, in basis points; default all. */
  part?: bigint;
}

export interface SubmittedRemove extends SubmittedTransaction {
  /** What is removed and what it stands for now. */
  position: Position;
}

/** A user's pools: everything is signed once, by one leaf, for both halves of a pair. */
export interface PoolClient {
  pools(): Promise<PairRecord[]>;
  /** Asks for a pair and waits until it is there. @returns the pair, the half of `first` in front */
  openPool(parameters: Omit<OpenPairParameters, 'api' | 'deployment'>): Promise<PairRecord>;
  quote(parameters: Pick<SwapParameters, 'from' | 'to' | 'amount'>): Promise<Quote>;
  swap(parameters: SwapParameters): Promise<SubmittedSwap>;
  quoteAdd(parameters: Pick<AddLiquidityParameters, 'first' | 'peer' | 'amount' | 'peerAmount'>): Promise<AddQuote>;
  addLiquidity(parameters: AddLiquidityParameters): Promise<SubmittedAdd>;
  /** One's shares of every pair, also where there are none. */
  positions(): Promise<Position[]>;
  removeLiquidity(parameters: RemoveLiquidityParameters): Promise<SubmittedRemove>;
}

/** An order and the leaf that is to sign it. */
export interface OrderRequest {
  chainIndex: number;
  token: number;
  order: OrderFields;
  fee: bigint | undefined;
  validSeconds: number | undefined;
}

export interface CreatePoolClientParameters {
  api: SequencerApi;
  deployment: Deployment;
  /** The user's leaves under the key that signs. */
  ownLeaves: () => Promise<LeafRecord[]>;
  /** @throws RollupError when no leaf of the key that signs holds that much */
  requireBalance: (parameters: TokenPlace & { amount: bigint }) => Promise<void>;
  /** Chooses the leaf, signs and hands it in. */
  submit: (request: OrderRequest) => Promise<SubmittedTransaction>;
}

/** A sequencer whose blocks wait for their proofs seals no further one. */
const openMilliseconds = 300_000;

export function createPoolClient({ api, deployment, ownLeaves, requireBalance, submit }: CreatePoolClientParameters): PoolClient {
  const pairOf = async (first: TokenPlace, peer: TokenPlace): Promise<PairRecord> => findPair({ deployment, pairs: await api.getPools(), first, second: peer });
  const quote: PoolClient['quote'] = async ({ from, to, amount }) => {
    checkFloat40({ amount, ...tokenOf(deployment, from.chainIndex, from.token), what: 'swap' });
    return quoteSwap({ deployment, pairs: await api.getPools(), from, to, amountIn: amount });
  };
  const quoteAddition: PoolClient['quoteAdd'] = async ({ first, peer, amount, peerAmount }) => quoteAdd({ deployment, pair: await pairOf(first, peer), amount, peerAmount });
  return {
    pools: async () => await api.getPools(),
    openPool: async (parameters) => await openPair({ api, deployment, ...parameters }),
    quote,
    async swap({ from, to, amount, slippage = DEFAULT_SLIPPAGE, minimum: given, fee, validSeconds }) {
      const quoted = await quote({ from, to, amount });
      const [hop, second] = quoted.hops;
      if (hop === undefined || second !== undefined) {
        throw new RollupError(`No pair swaps ${placeName(deployment, from)} for ${placeName(deployment, to)} directly`, {
          facts: { expected: 'one swap', actual: quoted.hops.map(({ pair }) => `${placeName(deployment, pair[0])} for ${placeName(deployment, pair[1])}`).join(', then ') },
          hint: 'Sign the two swaps one after the other.',
        });
      }
      const minimum = given ?? withSlippage(quoted.amountOut, slippage);
      const order = orderOn('swapIn', hop.pair, { amount, limit: 0n, peerAmount: 0n, peerLimit: minimum });
      return { ...(await submit({ ...from, order, fee, validSeconds })), quote: quoted, minimum };
    },
    quoteAdd: quoteAddition,
    async addLiquidity({ first, peer, slippage = DEFAULT_SLIPPAGE, fee, validSeconds, ...rest }) {
      const quoted = await quoteAddition({ first, peer, ...rest });
      const { amounts, shares } = quoted;
      if (amounts[1] > 0n) await requireBalance({ ...peer, amount: amounts[1] });
      const order = orderOn('addLiquidity', quoted.pair, { amount: amounts[0], limit: withSlippage(shares[0], slippage), peerAmount: amounts[1], peerLimit: withSlippage(shares[1], slippage) });
      return { ...(await submit({ ...first, order, fee, validSeconds })), quote: quoted };
    },
    positions: async () => {
      const [pairs, leaves] = await Promise.all([api.getPools(), ownLeaves()]);
      return pairs.map((pair) => positionOf(pair, leaves));
    },
    async removeLiquidity({ first, peer, part = WHOLE, slippage = DEFAULT_SLIPPAGE, fee, validSeconds }) {
      const [pair, leaves] = [await pairOf(first, peer), await ownLeaves()];
      const position = partOf(positionOf(pair, leaves), part);
      const { shares, coins } = position;
      if (shares.some((amount) => amount === 0n)) {
        const name = `${placeName(deployment, first)} / ${placeName(deployment, peer)}`;
        throw new RollupError(`There are no shares of ${name} under this key to remove`, {
          facts: { expected: 'shares of both halves', actual: shares.join(' and ') },
          hint: 'See `npm run cli -- pools`; after a change of key, sign with the key that `npm run cli -- balances` shows for the shares.',
        });
      }
      const order = orderOn('removeLiquidity', pair, { amount: shares[0], limit: withSlippage(coins[0], slippage), peerAmount: shares[1], peerLimit: withSlippage(coins[1], slippage) });
      return { ...(await submit({ chainIndex: first.chainIndex, token: sharesOf(pair[0]), order, fee, validSeconds })), position };
    },
  };
}

export interface OpenPairParameters {
  api: SequencerApi;
  deployment: Deployment;
  first: TokenPlace;
  peer: TokenPlace;
  timeoutMilliseconds?: number;
  signal?: AbortSignal;
}

/**
 * Asks for a pair and waits until a block holds it. Needs no key: anybody may open a pair.
 * @returns the pair, the half of `first` in front
 * @throws RollupError when the pair is open already, or a chain has no such token
 */
export async function openPair({ api, deployment, first, peer, timeoutMilliseconds = openMilliseconds, signal }: OpenPairParameters): Promise<PairRecord> {
  for (const place of [first, peer]) tokenOf(deployment, place.chainIndex, place.token);
  await api.openPool({ ...first, peerChain: peer.chainIndex, peerToken: peer.token });
  return await poll({
    what: `the pair ${placeName(deployment, first)} / ${placeName(deployment, peer)} to be open`,
    timeoutMilliseconds,
    ...(signal === undefined ? {} : { signal }),
    check: async () => pairsOf(await api.getPools(), first, peer)[0],
  });
}

/** @param pair the half whose chain signs first */
function orderOn(type: OrderType, [first, peer]: PairRecord, amounts: Pick<OrderFields, 'amount' | 'limit' | 'peerAmount' | 'peerLimit'>): OrderFields {
  const peerToken = type === 'removeLiquidity' ? sharesOf(peer) : peer.token;
  return { type, pool: first.leafIndex, peerChain: peer.chainIndex, peerLeaf: peer.leafIndex, peerToken, ...amounts };
}
