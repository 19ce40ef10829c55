import { describe, expect, it } from 'vitest';
import { coinsFor, squareRoot, swapOutput, withSlippage } from './amm.ts';
import { LOCKED_SHARES } from './pool.ts';

/*
 * What full exits of shares can lose (SECURITY.md, "Users"). A full exit pays what the shares stand for at the moment of its service, and each half has a
 * moment of its own. Who trades before each, or chooses what comes before, would take nearly all of it: the least amount of the request is what stops
 * him. A request that would pay less pays nothing and the shares stay.
 */

const RESERVE = 10n ** 24n;

interface Half {
  reserve: bigint;
  totalShares: bigint;
}

class Pair {
  readonly halves: [Half, Half] = [
    { reserve: RESERVE, totalShares: RESERVE + LOCKED_SHARES },
    { reserve: RESERVE, totalShares: RESERVE + LOCKED_SHARES },
  ];
  /** What the attacker has of each coin more than in the beginning. */
  readonly gain: [bigint, bigint] = [0n, 0n];

  /** The attacker swaps until about one part in `factor` of half `out` is left. */
  drain(out: 0 | 1, factor: bigint): void {
    const [from, to] = out === 0 ? [this.halves[1], this.halves[0]] : [this.halves[0], this.halves[1]];
    const amountIn = (((from.reserve * to.reserve) / (RESERVE / factor) - from.reserve) * 1000n) / 997n;
    this.#swap(out, from, to, amountIn);
  }

  /** The attacker swaps back to the price of the beginning, one for one. */
  restore(): void {
    const [a, b] = this.halves;
    const [out, from, to] = a.reserve > b.reserve ? ([0, b, a] as const) : ([1, a, b] as const);
    this.#swap(out, from, to, ((squareRoot(from.reserve * to.reserve) - from.reserve) * 1000n) / 997n);
  }

  /** A full exit of shares of one half: the coins, or null if they are fewer than `least`. */
  fullExit(side: 0 | 1, shares: bigint, least: bigint): bigint | null {
    const half = this.halves[side];
    const paid = coinsFor({ ...half, shares });
    if (paid < least) return null;
    half.reserve -= paid;
    half.totalShares -= shares;
    return paid;
  }

  #swap(out: 0 | 1, from: Half, to: Half, amountIn: bigint): void {
    const amountOut = swapOutput({ reserveIn: from.reserve, reserveOut: to.reserve, amountIn });
    from.reserve += amountIn;
    to.reserve -= amountOut;
    this.gain[out] += amountOut;
    this.gain[out === 0 ? 1 : 0] -= amountIn;
  }
}

interface Attack {
  /** Coins that each half paid; null: the shares stay. */
  paid: [bigint | null, bigint | null];
  /** Parts per thousand of what all the shares stood for: what is paid, what those that stay stand for, and what the attacker gains. */
  got: number;
  kept: number;
  gained: number;
}

/**
 * Somebody drains each half before the full exit of its shares is served, and restores the price.
 * @param slippage of the least amounts in basis points: 10,000 asks for nothing
 */
function attack(part: bigint, factor: bigint, slippage: bigint): Attack {
  const pair = new Pair();
  const shares = (RESERVE * part) / 1000n;
  const half = coinsFor({ ...pair.halves[0], shares });
  const least = withSlippage(half, slippage);
  pair.drain(0, factor);
  const first = pair.fullExit(0, shares, least);
  pair.drain(1, factor);
  const second = pair.fullExit(1, shares, least);
  pair.restore();
  // The price is one for one again, so both coins count the same.
  const perMille = (coins: bigint): number => Number((1000n * coins) / (2n * half));
  const stay = ([0, 1] as const).filter((side) => [first, second][side] === null).map((side) => coinsFor({ ...pair.halves[side], shares }));
  return { paid: [first, second], got: perMille((first ?? 0n) + (second ?? 0n)), kept: perMille(stay.reduce((sum, coins) => sum + coins, 0n)), gained: perMille(pair.gain[0] + pair.gain[1]) };
}

const cases = [
  { part: 10n, factor: 2n, paid: 500, gained: 238 },
  { part: 10n, factor: 10n, paid: 100, gained: 483 },
  { part: 200n, factor: 10n, paid: 100, gained: 882 },
  { part: 900n, factor: 100n, paid: 10, gained: 989 },
];

describe('full exits of shares, and somebody who trades before each', () => {
  it.each(cases)('$part ‰ of the shares, reserves down to 1/$factor: with least amounts the shares stay with all that they stand for, and the trader loses', ({ part, factor }) => {
    for (const slippage of [0n, 50n, 4000n]) {
      const { paid, got, kept, gained } = attack(part, factor, slippage);
      expect([paid, got]).toEqual([[null, null], 0]);
      expect(kept).toBeGreaterThanOrEqual(1000);
      expect(gained).toBeLessThan(0);
    }
  });

  it('cannot make a half pay less than its least amount, however far the price is moved', () => {
    for (const slippage of [50n, 1000n, 5000n]) {
      for (let factor = 1n; factor < 40n; factor++) {
        const least = withSlippage(coinsFor({ ...new Pair().halves[0], shares: RESERVE / 5n }), slippage);
        for (const coins of attack(200n, factor, slippage).paid) expect(coins === null || coins >= least, `${factor}`).toBe(true);
      }
    }
  });

  it('what was not served at a bad price is paid when it is asked for again at the old one', () => {
    const pair = new Pair();
    const shares = RESERVE / 5n;
    const least = withSlippage(coinsFor({ ...pair.halves[0], shares }), 50n);
    pair.drain(0, 10n);
    expect(pair.fullExit(0, shares, least)).toBe(null);
    pair.restore();
    expect(pair.fullExit(0, shares, least)).toBeGreaterThanOrEqual(least);
    expect(pair.fullExit(1, shares, least)).toBeGreaterThanOrEqual(least);
  });

  it.each(cases)('$part ‰ of the shares, reserves down to 1/$factor, of who asks for nothing: $paid ‰ are paid, the trader gains $gained ‰', ({ part, factor, paid, gained }) => {
    const result = attack(part, factor, 10_000n);
    expect(Math.abs(result.got - paid)).toBeLessThanOrEqual(2);
    expect(Math.abs(result.gained - gained)).toBeLessThanOrEqual(2);
  });

  it('exits in exit mode, which take both halves at one moment, are not worth less for it', () => {
    for (const factor of [1n, 2n, 10n, 1000n]) {
      const pair = new Pair();
      const shares = RESERVE / 5n;
      const worth = 2n * coinsFor({ ...pair.halves[0], shares });
      pair.drain(0, factor);
      const [a, b] = pair.halves.map((half) => coinsFor({ ...half, shares })) as [bigint, bigint];
      // At any price, and so at the one of the beginning.
      expect(a + b).toBeGreaterThanOrEqual(worth - 1n);
    }
  });
});
