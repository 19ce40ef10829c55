import { describe, expect, it } from 'vitest';
import { floorFloat40 } from '../spec/float40.ts';
import { MAX_RESERVE } from '../spec/pool.ts';
import { fillOrder } from './fill.ts';
import { refusalReason } from './refusal.ts';

const halves = { first: { reserve: 1_000_000n, totalShares: 2_000_000n }, second: { reserve: 4_000_000n, totalShares: 1_000_000n } };
const empty = { first: { reserve: 0n, totalShares: 1000n }, second: { reserve: 0n, totalShares: 1000n } };
const limits = { limit: 0n, peerAmount: 0n, peerLimit: 0n };
const swap = { type: 'swapIn' as const, ...limits };
const add = { type: 'addLiquidity' as const, ...limits };
const remove = { type: 'removeLiquidity' as const, ...limits };

describe('filling an order', () => {
  it('swaps for all that keeps the product after the fee, rounded down to a float40', () => {
    const { first, second } = fillOrder({ ...swap, amount: 1000n }, halves);
    expect([first, second]).toEqual([{ amount: 1000n, shares: 0n }, { amount: 3984n, shares: 0n }]);
    const keeps = (out: bigint) => (1000n * 1_000_000n + 997n * 1000n) * (4_000_000n - out) >= 1000n * 1_000_000n * 4_000_000n;
    expect([keeps(3984n), keeps(3985n)]).toEqual([true, false]);
    const large = { first: { reserve: 10n ** 20n, totalShares: 1000n }, second: { reserve: 3n * 10n ** 20n, totalShares: 1000n } };
    const { amount } = fillOrder({ ...swap, amount: 10n ** 19n }, large).second;
    expect(amount).toBe(floorFloat40(amount));
    expect(amount).toBeGreaterThan(27n * 10n ** 18n);
  });

  it('adds in proportion to each half, one share a coin while it is empty', () => {
    expect(fillOrder({ ...add, amount: 500n, peerAmount: 2000n }, halves)).toEqual({ first: { amount: 500n, shares: 1000n }, second: { amount: 2000n, shares: 500n } });
    expect(fillOrder({ ...add, amount: 500n, peerAmount: 2000n }, empty)).toEqual({ first: { amount: 500n, shares: 500n }, second: { amount: 2000n, shares: 2000n } });
  });

  it('adds one coin alone: about the same fraction of both halves, and no coin on the second', () => {
    const { first, second } = fillOrder({ ...add, amount: 10_000n }, halves);
    expect(first.amount).toBe(10_000n);
    expect(second.amount).toBe(0n);
    // 10,000 of 1,000,000 is one percent of one coin, half a percent of both.
    expect(Number(first.shares) / 2_000_000).toBeCloseTo(0.005, 4);
    expect(Number(second.shares) / 1_000_000).toBeCloseTo(0.005, 4);
  });

  it('removes in proportion, one half or both', () => {
    expect(fillOrder({ ...remove, amount: 1001n, peerAmount: 10n }, halves)).toEqual({ first: { amount: 500n, shares: 1001n }, second: { amount: 40n, shares: 10n } });
    expect(fillOrder({ ...remove, amount: 1000n }, halves).second).toEqual({ amount: 0n, shares: 0n });
  });

  it.each([
    ['a swap in an empty pair', { ...swap, amount: 5n }, empty, 'emptyHalf'],
    ['one coin alone into an empty pair', { ...add, amount: 5n }, empty, 'emptyHalf'],
    ['a swap that pays nothing', { ...swap, amount: 1n }, { first: halves.second, second: halves.first }, 'nothingOut'],
    ['shares that stand for nothing', { ...remove, amount: 1n }, halves, 'nothingOut'],
    ['a swap below its limit', { ...swap, amount: 1000n, peerLimit: 3985n }, halves, 'belowLimit'],
    ['an add below its own limit', { ...add, amount: 500n, peerAmount: 2000n, limit: 1001n }, halves, 'belowLimit'],
    ["an add below its peer's limit", { ...add, amount: 500n, peerAmount: 2000n, peerLimit: 501n }, halves, 'belowLimit'],
    ['a remove below its own limit', { ...remove, amount: 1001n, limit: 501n }, halves, 'belowLimit'],
    ["a remove below its peer's limit", { ...remove, amount: 1001n, peerAmount: 10n, peerLimit: 41n }, halves, 'belowLimit'],
    ['a swap into a full half', { ...swap, amount: 1n }, { ...halves, first: { reserve: MAX_RESERVE, totalShares: 1000n } }, 'poolFull'],
    ['an add to a full half', { ...add, amount: 1n, peerAmount: 1n }, { ...halves, second: { reserve: MAX_RESERVE, totalShares: 1000n } }, 'poolFull'],
    ['shares beyond the range', { ...add, amount: 2n, peerAmount: 1n }, { ...halves, first: { reserve: 1n, totalShares: MAX_RESERVE - 1n } }, 'poolFull'],
  ])('refuses %s', (_, order, at, reason) => {
    let thrown: unknown = null;
    try {
      fillOrder(order, at);
    } catch (error) {
      thrown = error;
    }
    expect(refusalReason(thrown)).toBe(reason);
  });

  it('says what a swap would get and what it demands', () => {
    expect(() => fillOrder({ ...swap, amount: 1000n, peerLimit: 4000n }, halves)).toThrow('would get 3984 coins of the peer, it demands at least 4000');
  });
});
