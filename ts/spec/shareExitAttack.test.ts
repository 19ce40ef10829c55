import { describe, expect, it } from 'vitest';
import { coinsFor, squareRoot, swapOutput } from './amm.ts';
import { LOCKED_SHARES } from './pool.ts';

/*
 * What full exits of shares can lose (SECURITY.md, "Users"). A full exit pays what the shares stand for at the moment of its service, and each half has a
 * moment of its own. Who trades before each, or chooses what comes before, takes nearly all of it. These tests hold the figures that SECURITY.md names;
 * they fall when a request can name a least amount.
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

  /** A full exit of shares of one half. */
  fullExit(side: 0 | 1, shares: bigint): bigint {
    const half = this.halves[side];
    const paid = coinsFor({ ...half, shares });
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

/** Parts per thousand of what the shares stood for: what full exits of both halves pay, and what the attacker gains. */
function attack(part: bigint, factor: bigint): { paid: number; gained: number } {
  const pair = new Pair();
  const shares = (RESERVE * part) / 1000n;
  const worth = 2n * coinsFor({ ...pair.halves[0], shares });
  pair.drain(0, factor);
  let paid = pair.fullExit(0, shares);
  pair.drain(1, factor);
  paid += pair.fullExit(1, shares);
  pair.restore();
  // The price is one for one again, so both coins count the same.
  return { paid: Number((1000n * paid) / worth), gained: Number((1000n * (pair.gain[0] + pair.gain[1])) / worth) };
}

describe('full exits of shares, and somebody who trades before each', () => {
  it.each([
    { part: 10n, factor: 2n, paid: 500, gained: 238 },
    { part: 10n, factor: 10n, paid: 100, gained: 483 },
    { part: 200n, factor: 10n, paid: 100, gained: 882 },
    { part: 900n, factor: 100n, paid: 10, gained: 989 },
  ])('$part ‰ of the shares, reserves down to 1/$factor: $paid ‰ are paid, the trader gains $gained ‰', ({ part, factor, paid, gained }) => {
    const result = attack(part, factor);
    expect(Math.abs(result.paid - paid)).toBeLessThanOrEqual(2);
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
