import { describe, expect, it } from 'vitest';
import { emptyLeaf } from '../spec/leaf.ts';
import { params } from '../spec/params.ts';
import type { ChainState } from '../state/chainState.ts';
import { LedgerState } from '../state/ledger.ts';
import { fillOrder } from './fill.ts';
import { memoryStore } from './memoryStore.ts';
import { PairDesk } from './pairDesk.ts';
import { allPairs } from './pairs.ts';
import { pairAnswers, poolAnswer, quoteAnswer, sharesAnswer } from './poolView.ts';
import { refusalReason } from './refusal.ts';
import { nextBlock, poolWorld, worldPair } from './testSupport.ts';
import type { PairRequest } from './store.ts';

const world = poolWorld();
const turned: PairRequest = { chainIndex: 1, token: 2, peerChain: 0, peerToken: 1 };
const fresh: PairRequest = { chainIndex: 0, token: 1, peerChain: 2, peerToken: 1 };

function desk(part: { tip?: typeof world; maxPending?: number } = {}) {
  const store = memoryStore();
  let { tip = world } = part;
  const made = new PairDesk({ store, requests: [], state: () => tip.state, isRegistered: async (_, token) => token === 1 || token === 2, ...(part.maxPending === undefined ? {} : { maxPending: part.maxPending }) });
  const reason = async (pair: PairRequest): Promise<string | null> => {
    try {
      await made.request(pair);
    } catch (error) {
      return refusalReason(error);
    }
    return 'accepted';
  };
  return { store, made, reason, seal: () => (tip = nextBlock({ tip, pairs: made.pending() }).tip) };
}

describe('the desk for pairs', () => {
  it('takes a pair once, keeps it in the store, and forgets it when it is open', async () => {
    const { made, store, reason, seal } = desk();
    expect(await reason(fresh)).toBe('accepted');
    expect(await reason({ chainIndex: 2, token: 1, peerChain: 0, peerToken: 1 })).toBe('accepted');
    expect(made.pending()).toEqual([fresh]);
    expect(await store.requestedPairs()).toEqual([fresh]);
    const { state } = seal();
    expect(made.pending()).toEqual([]);
    expect(allPairs(state)).toMatchObject([{ first: { chainIndex: 0, leafIndex: 2 } }, { first: { chainIndex: 0, token: 1n }, second: { chainIndex: 2, token: 1n } }]);
    expect(await reason(fresh)).toBe('pairExists');
  });

  it('opens again what a dropped block had opened', async () => {
    const { store } = desk();
    await store.requestPair(worldPair);
    const again = new PairDesk({ store, requests: await store.requestedPairs(), state: () => nextBlock({}).tip.state, isRegistered: async () => true });
    expect(again.pending()).toEqual([worldPair]);
  });

  it('refuses with a reason', async () => {
    const { reason, made } = desk({ maxPending: 1 });
    expect(await reason(worldPair)).toBe('pairExists');
    expect(await reason(turned)).toBe('pairExists');
    await expect(made.request(turned)).rejects.toMatchObject({ facts: { first: { chainIndex: 0, leafIndex: 2, token: 1n }, second: { chainIndex: 1, leafIndex: 2, token: 2n } } });
    expect(await reason({ ...fresh, peerChain: 9 })).toBe('unknownChain');
    expect(await reason({ ...fresh, chainIndex: 9 })).toBe('unknownChain');
    expect(await reason({ chainIndex: 0, token: 1, peerChain: 0, peerToken: 1 })).toBe('sameHalf');
    expect(await reason({ ...fresh, peerToken: 3 })).toBe('unknownToken');
    expect(await reason({ ...fresh, token: 0 })).toBe('unknownToken');
    expect(await reason(fresh)).toBe('accepted');
    expect(await reason({ ...fresh, peerToken: 2 })).toBe('tooManyPending');
  });

  it('refuses a pair for which a tree has no leaf', async () => {
    const full = { nextFreeIndex: () => null, pools: () => [], leaf: () => emptyLeaf } as unknown as ChainState;
    const state = new LedgerState([full, ...world.state.chains.slice(1)]);
    const made = new PairDesk({ store: memoryStore(), requests: [], state: () => state, isRegistered: async () => true });
    await expect(made.request(fresh)).rejects.toMatchObject({ facts: { reason: 'treeFull' } });
  });
});

describe('what the API shows of pools', () => {
  it('lists a pair once, with price', () => {
    expect(pairAnswers(world.state)).toEqual([
      {
        first: { chainIndex: 0, leafIndex: 2, token: 1, reserve: 10n ** 9n, totalShares: 10n ** 9n + 1000n },
        second: { chainIndex: 1, leafIndex: 2, token: 2, reserve: 4n * 10n ** 9n, totalShares: 4n * 10n ** 9n + 1000n },
        spotPrice: { numerator: 4n * 10n ** 9n, denominator: 10n ** 9n },
      },
    ]);
    expect(pairAnswers(poolWorld({ filled: false }).state)).toMatchObject([{ spotPrice: null }]);
  });

  it('shows pool leaves and shares as what they are', () => {
    expect(poolAnswer(world.state, { chainIndex: 1, leafIndex: 2 })).toEqual({ reserve: 4n * 10n ** 9n, totalShares: 4n * 10n ** 9n + 1000n, peer: { chainIndex: 0, leafIndex: 2 }, mutual: true });
    expect(poolAnswer(world.state, { chainIndex: 0, leafIndex: 0 })).toBe(null);
    expect(sharesAnswer(world.state, { chainIndex: 0, ...world.state.leaf(0, 3) })).toEqual({ pool: 2, token: 1, coins: 999_999_000n });
    expect(sharesAnswer(world.state, { chainIndex: 0, token: 1n, balance: 5n })).toBe(null);
    expect(sharesAnswer(world.state, { chainIndex: 0, token: BigInt(params.shareTokens + 7), balance: 5n })).toBe(null);
  });

  it('quotes exactly what an order in the next block gets', () => {
    const quote = quoteAnswer(world.state, { type: 'swapIn', chainIndex: 0, pool: 2, amount: 10n ** 8n, peerAmount: 0n, slippage: 100 });
    const [{ first, second }] = allPairs(world.state) as [ReturnType<typeof allPairs>[number]];
    const { amount } = fillOrder({ type: 'swapIn', amount: 10n ** 8n, peerAmount: 0n, limit: 0n, peerLimit: 0n }, { first, second }).second;
    expect(quote).toMatchObject({ peerAmount: amount, limit: 0n, peerLimit: (amount * 99n) / 100n, first: { leafIndex: 2 } });
    // A tenth of the reserve: the price moves by about nine percent.
    expect(Number(quote.priceImpact!.numerator) / Number(quote.priceImpact!.denominator)).toBeCloseTo(0.0907, 3);
    const addition = quoteAnswer(world.state, { type: 'addLiquidity', chainIndex: 1, pool: 2, amount: 4000n, peerAmount: 1000n, slippage: 0 });
    expect(addition).toMatchObject({ shares: 4000n, peerShares: 1000n, limit: 4000n, peerLimit: 1000n, priceImpact: null, first: { chainIndex: 1 } });
    expect(quoteAnswer(world.state, { type: 'removeLiquidity', chainIndex: 0, pool: 2, amount: 10n ** 6n, peerAmount: 0n, slippage: 50 })).toMatchObject({ amount: 999_999n, shares: 10n ** 6n, limit: 994_999n, peerLimit: 0n });
    const reason = (part: object): string | null => {
      try {
        quoteAnswer(world.state, { type: 'swapIn', chainIndex: 0, pool: 2, amount: 5n, peerAmount: 0n, slippage: 0, ...part });
      } catch (error) {
        return refusalReason(error);
      }
      return null;
    };
    expect([reason({ pool: 0 }), reason({ chainIndex: 9 }), reason({ amount: 0n })]).toEqual(['unknownPool', 'unknownPool', 'nothingOut']);
  });
});
