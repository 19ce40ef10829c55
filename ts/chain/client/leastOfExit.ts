import { RollupError } from '../../base/errors.ts';
import { coinsFor, withSlippage } from '../../spec/amm.ts';
import { isShares, pairOfShares } from './pairs.ts';
import { DEFAULT_SLIPPAGE } from './quote.ts';
import type { SequencerApi } from './sequencerApi.ts';

export interface LeastOfExitParameters {
  api: Pick<SequencerApi, 'getLeaf' | 'getPools'>;
  chainIndex: number;
  leafIndex: number;
  /** How much less than shares stand for now will do, in basis points; default half a percent. */
  slippage?: bigint;
}

/** By the sequencer's word: a leaf and a pool can be looked up in public data by who does not trust it. */
export interface LeastOfExit {
  /** Token that a full exit of the leaf pays: the leaf's, of shares their pool's; undefined for an empty leaf. */
  token: number | undefined;
  /** Coins that the leaf stands for now, in the token's smallest unit. */
  worth: bigint;
  /** The fewest that will do: of shares what slippage leaves of that, of coins 0, because nobody else changes how many there are. */
  least: bigint;
}

/** The least amount to ask for when a leaf is to be left by a full exit. @throws RollupError when the pool of shares is not known */
export async function leastOfExit({ api, chainIndex, leafIndex, slippage = DEFAULT_SLIPPAGE }: LeastOfExitParameters): Promise<LeastOfExit> {
  const leaf = await api.getLeaf(chainIndex, leafIndex);
  if (leaf === undefined) return { token: undefined, worth: 0n, least: 0n };
  const { token, balance } = leaf;
  if (!isShares(token)) return { token, worth: balance, least: 0n };
  const half = pairOfShares(await api.getPools(), { chainIndex, token })?.[0];
  if (half === undefined) throw new RollupError('The pool of these shares is not known', { facts: { chainIndex, leafIndex, token }, hint: 'Name the least amount yourself.' });
  const worth = coinsFor({ ...half, shares: balance });
  return { token: half.token, worth, least: withSlippage(worth, slippage) };
}
