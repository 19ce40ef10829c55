import { describe, expect, test } from 'vitest';

import { params } from '../../spec/params.ts';
import type { ChainPublicClient } from '../clients.ts';
import type { ChainDeployment, Deployment } from '../deployments.ts';
import { readBalances } from './balances.ts';
import { partOf, positionOf, quoteAdd } from './liquidity.ts';
import { amountName, describeToken, findPair, pairName, sharesOf } from './pairs.ts';
import { formatPercent, formatRatio, priceOf, quoteSwap, ratioPercent, WHOLE } from './quote.ts';
import { parsePercent } from './amount.ts';
import type { HalfRecord, LeafRecord, PairRecord, SequencerApi } from './sequencerApi.ts';

const zero = '0x0000000000000000000000000000000000000000';
const tokens = [{ token: 1, symbol: 'ETH', decimals: 3, address: zero }, { token: 2, symbol: 'TST', decimals: 3, address: zero }] as const;
const chains = ['linea', 'zksync', 'ethereum'].map((name, chainIndex): ChainDeployment => ({
  chainIndex, name, chainId: chainIndex + 1, rpcUrl: '', role: chainIndex === 0 ? 'primary' : 'secondary',
  rollup: zero, gateway: zero, l1Gateway: zero, verifier: zero, extension: zero, deployedAtBlock: 0, tokens: [...tokens], messageService: { kind: 'direct' },
}));
const deployment: Deployment = { name: 'test', deploymentId: 1n, arbitratorChainId: 3, arbitratorRpcUrl: '', arbitrator: zero, chains };

const locked = BigInt(params.lockedShares);
const half = (chainIndex: number, token: number, leafIndex: number, reserve: bigint, totalShares = reserve + locked): HalfRecord => ({ chainIndex, leafIndex, token, reserve, totalShares });
const [tst, farEth, nearEth] = [{ chainIndex: 0, token: 2 }, { chainIndex: 1, token: 1 }, { chainIndex: 0, token: 1 }];
const far: PairRecord = [half(1, 1, 7, 2_000_000n), half(0, 2, 4, 400_000_000n)];
const near: PairRecord = [half(0, 2, 5, 400_000_000n), half(0, 1, 6, 1_000_000n)];
const empty: PairRecord = [half(2, 1, 1, 0n, locked), half(2, 2, 2, 0n, locked)];
const pairs = [far, near, empty];

describe('names', () => {
  test('pairs, amounts, and shares with the place of their pool', () => {
    expect(pairName(deployment, near)).toBe('TST on linea / ETH on linea');
    expect(amountName(deployment, farEth, 1_500n)).toBe('1.5 ETH on zksync');
    expect(sharesOf({ leafIndex: 7 })).toBe(2 ** 31 + 7);
    expect(describeToken(deployment, pairs, { chainIndex: 1, token: 2 ** 31 + 7 })).toEqual({ symbol: 'LP ETH/TST (zksync pool 7)', decimals: 3 });
    expect(describeToken(deployment, pairs, { chainIndex: 0, token: 2 ** 31 + 4 }).symbol).toBe('LP TST/ETH (linea pool 4)');
    // The same leaf index on another chain is another token.
    expect(describeToken(deployment, pairs, { chainIndex: 2, token: 2 ** 31 + 7 }).symbol).toBe('LP (ethereum pool 7)');
    expect(describeToken(deployment, pairs, tst).symbol).toBe('TST');
  });

  test('a pair is found from either side; what is missing is named with what there is', () => {
    expect(findPair({ deployment, pairs, first: tst, second: farEth })).toEqual([far[1], far[0]]);
    const facts = expect.objectContaining({ expected: expect.stringContaining('ETH on zksync / TST on linea') as string, actual: 'ETH on linea / ETH on zksync' }) as object;
    expect(() => findPair({ deployment, pairs, first: nearEth, second: farEth })).toThrow(expect.objectContaining({ facts }) as Error);
  });
});

describe('quotes of swaps', () => {
  test('a pair of the two tokens pays the formula, less what a float40 cannot carry', () => {
    const quote = quoteSwap({ deployment, pairs, from: tst, to: farEth, amountIn: 20_000_000n });
    // 2,000,000 · 997 · 20 / (1000 · 400 + 997 · 20) = 94,965.94…
    expect(quote).toMatchObject({ amountOut: 94_965n, hops: [{ pair: [far[1], far[0]], amountIn: 20_000_000n, amountOut: 94_965n }] });
    expect(ratioPercent(quote.hops[0]?.impact ?? { numerator: 0n, denominator: 1n })).toBe('4.74 %');
    expect(priceOf(deployment, [far[1], far[0]])).toBe('0.005');
    expect(priceOf(deployment, far)).toBe('200');
    const large: PairRecord = [half(0, 2, 4, 10n ** 30n), half(1, 1, 7, 10n ** 30n)];
    expect(String(quoteSwap({ deployment, pairs: [large], from: tst, to: farEth, amountIn: 10n ** 29n }).amountOut)).toMatch(/^\d{10,11}0+$/);
  });

  test('without a pair of the two, two swaps over the token between', () => {
    const { hops, amountOut } = quoteSwap({ deployment, pairs, from: nearEth, to: farEth, amountIn: 10_000n });
    expect(hops.map(({ pair }) => pair.map(({ leafIndex }) => leafIndex))).toEqual([[6, 5], [4, 7]]);
    expect(hops[1]?.amountIn).toBe(hops[0]?.amountOut);
    expect(amountOut).toBe(hops[1]?.amountOut);
  });

  test('of two pairs of the same tokens, the better one', () => {
    const shallow: PairRecord = [half(0, 2, 8, 4_000n), half(1, 1, 9, 20n)];
    expect(quoteSwap({ deployment, pairs: [shallow, ...pairs], from: tst, to: farEth, amountIn: 1_000_000n }).hops[0]?.pair[0].leafIndex).toBe(4);
  });

  test.each([
    ['the same token', tst, tst, 5n, /two different tokens/],
    ['no route', tst, { chainIndex: 2, token: 2 }, 5n, /no two swaps in a row/],
    ['a pair without liquidity', { chainIndex: 2, token: 1 }, { chainIndex: 2, token: 2 }, 5n, /no liquidity yet/],
    ['an amount that pays nothing', tst, farEth, 1n, /too small/],
  ] as const)('%s is refused', (_, from, to, amountIn, message) => {
    expect(() => quoteSwap({ deployment, pairs, from, to, amountIn })).toThrow(message);
  });
});

describe('liquidity', () => {
  test('in proportion: the peer gives what keeps the price, rounded up; never more than allowed', () => {
    const pair = findPair({ deployment, pairs, first: tst, second: farEth });
    const quote = quoteAdd({ deployment, pair, amount: 100_000_001n, peerAmount: undefined });
    expect(quote.amounts).toEqual([100_000_001n, 500_001n]);
    expect(quote.shares[0]).toBe((100_000_001n * (400_000_000n + locked)) / 400_000_000n);
    expect(quoteAdd({ deployment, pair, amount: 100_000_001n, peerAmount: 500_001n })).toEqual(quote);
    expect(() => quoteAdd({ deployment, pair, amount: 100_000_001n, peerAmount: 500_000n })).toThrow(/do not suffice/);
  });

  test('who adds first gives both amounts and gets a share a coin; one coin alone has no price then', () => {
    expect(quoteAdd({ deployment, pair: empty, amount: 5_000n, peerAmount: 7_000n }).shares).toEqual([5_000n, 7_000n]);
    expect(() => quoteAdd({ deployment, pair: empty, amount: 5_000n, peerAmount: undefined })).toThrow(/sets the price/);
    expect(() => quoteAdd({ deployment, pair: empty, amount: 5_000n, peerAmount: 'oneCoin' })).toThrow(/one coin alone has no price/);
  });

  test('one coin gives the same part of both halves', () => {
    const { amounts, shares } = quoteAdd({ deployment, pair: far, amount: 200_000n, peerAmount: 'oneCoin' });
    expect(amounts).toEqual([200_000n, 0n]);
    const parts = shares.map((amount, i) => Number((amount * 1_000_000n) / (far[i]?.totalShares ?? 1n)));
    expect(Math.abs((parts[0] ?? 0) - (parts[1] ?? 0))).toBeLessThan(50);
    expect(() => quoteAdd({ deployment, pair: far, amount: 1n, peerAmount: 'oneCoin' })).toThrow(/no shares/);
  });

  test('a position is what its shares would be paid now; a part of it rounds down', () => {
    const leaf = (chainIndex: number, token: number, balance: bigint): LeafRecord => ({ chainIndex, leafIndex: 9, token, balance, nonce: 0, nextNonce: 0, keyX: 1n, keyY: 2n, nextKeyX: 1n, nextKeyY: 2n });
    const position = positionOf(far, [leaf(1, 2 ** 31 + 7, 1_000_501n), leaf(0, 2 ** 31 + 4, 200_000_500n), leaf(1, 2 ** 31 + 4, 9n), leaf(0, 2, 9n)]);
    expect(position.shares).toEqual([1_000_501n, 200_000_500n]);
    expect(position.coins).toEqual([1_000_000n, 200_000_000n]);
    expect(partOf(position, 5_000n).shares).toEqual([500_250n, 100_000_250n]);
    expect(partOf(position, WHOLE)).toEqual(position);
  });
});

test('balances show shares behind the tokens of their chain, under the name of their pool', async () => {
  const client = { getBalance: async () => 7n, readContract: async () => 3n } as unknown as ChainPublicClient;
  const share: LeafRecord = { chainIndex: 0, leafIndex: 9, token: 2 ** 31 + 4, balance: 5n, nonce: 0, nextNonce: 0, keyX: 1n, keyY: 2n, nextKeyX: 1n, nextKeyY: 2n };
  const read = async (leaves: LeafRecord[]): ReturnType<typeof readBalances> => {
    const api = { getLeaves: async () => leaves, getPools: async () => pairs } as unknown as SequencerApi;
    return await readBalances({ api, chains: chains.map((chain) => ({ deployment: chain, client })), owner: zero });
  };
  expect(await read([])).toHaveLength(6);
  const rows = await read([share, { ...share, leafIndex: 10, balance: 6n }, { ...share, leafIndex: 11, token: 2, balance: 8n }]);
  expect(rows.map(({ chain, symbol, l2 }) => [chain, symbol, l2])).toEqual([
    ['linea', 'ETH', 0n], ['linea', 'TST', 8n], ['linea', 'LP TST/ETH (linea pool 4)', 11n], ['zksync', 'ETH', 0n], ['zksync', 'TST', 0n], ['ethereum', 'ETH', 0n], ['ethereum', 'TST', 0n],
  ]);
  expect(rows[2]).toMatchObject({ wallet: 0n, pending: 0n, decimals: 3, leaves: [{ leafIndex: 9 }, { leafIndex: 10 }] });
});

describe('numbers for people', () => {
  test('ratios have six significant digits, percentages two', () => {
    const ratio = (numerator: bigint, denominator: bigint): string => formatRatio({ numerator, denominator });
    expect([ratio(1n, 3n), ratio(2_000n, 3n), ratio(1n, 300_000n), ratio(1_234_567_891n, 1n), ratio(5n, 1n), ratio(0n, 7n)]).toEqual(['0.333333', '666.666', '0.00000333333', '1234567891', '5', '0']);
    expect([formatPercent(50n), formatPercent(10_000n), formatPercent(0n)]).toEqual(['0.5 %', '100 %', '0 %']);
  });

  test('percentages are exact or refused', () => {
    expect([parsePercent('0.5'), parsePercent('100'), parsePercent('0'), parsePercent('12.34%')]).toEqual([50n, 10_000n, 0n, 1_234n]);
    for (const text of ['', 'half', '-1', '100.01', '0.123', '1e1', '1,5']) expect(() => parsePercent(text), text).toThrow(/from 0 to 100/);
  });
});
