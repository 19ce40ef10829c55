import { describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { addOutput, coinsFor, oneCoinAdd, priceImpact, sharesFor, spotPrice, squareRoot, swapInput, swapOutput, withSlippage } from './amm.ts';
import { keepsProduct } from './pairRule.ts';
import { MAX_RESERVE } from './pool.ts';

const ROUNDS = 2000;

/** Of any size from 1 unit to 2^111. */
function size(random: Random): bigint {
  return 1n + random.bits(1 + random.below(111));
}

describe('swap', () => {
  it('has the numbers of a textbook', () => {
    expect(swapOutput({ reserveIn: 1000n, reserveOut: 1000n, amountIn: 100n })).toBe(90n);
    expect(swapOutput({ reserveIn: 10n ** 21n, reserveOut: 4n * 10n ** 21n, amountIn: 10n ** 18n })).toBe(3_984_027_924_159_612_865n);
    expect(swapInput({ reserveIn: 1000n, reserveOut: 1000n, amountOut: 90n })).toBe(100n);
    // 1000·997·1 / (997·1) without a rest.
    expect(swapInput({ reserveIn: 997n, reserveOut: 2n, amountOut: 1n })).toBe(1000n);
  });

  it('gives the largest output that keeps the product', () => {
    const random = new Random(41, 'swap output');
    for (let round = 0; round < ROUNDS; round++) {
      const reserves = { reserveIn: size(random), reserveOut: size(random) };
      const amountIn = round % 50 === 0 ? 0n : size(random);
      const amountOut = swapOutput({ ...reserves, amountIn });
      expect(keepsProduct({ ...reserves, amountIn, amountOut })).toBe(true);
      expect(keepsProduct({ ...reserves, amountIn, amountOut: amountOut + 1n })).toBe(false);
    }
  });

  it('needs the least input for an output', () => {
    const random = new Random(42, 'swap input');
    for (let round = 0; round < ROUNDS; round++) {
      const reserves = { reserveIn: size(random), reserveOut: 1n + size(random) };
      const amountOut = 1n + (random.bits(112) % (reserves.reserveOut - 1n));
      const amountIn = swapInput({ ...reserves, amountOut });
      if (amountIn === null) throw new Error('The reserve has that much');
      expect(keepsProduct({ ...reserves, amountIn, amountOut })).toBe(true);
      expect(keepsProduct({ ...reserves, amountIn: amountIn - 1n, amountOut })).toBe(false);
    }
  });

  it('has no output from or into an empty half, and no input for a whole reserve', () => {
    expect(swapOutput({ reserveIn: 0n, reserveOut: 5n, amountIn: 5n })).toBe(0n);
    expect(swapOutput({ reserveIn: 5n, reserveOut: 0n, amountIn: 5n })).toBe(0n);
    expect(swapInput({ reserveIn: 5n, reserveOut: 5n, amountOut: 5n })).toBeNull();
    expect(swapInput({ reserveIn: 0n, reserveOut: 5n, amountOut: 1n })).toBeNull();
    expect(swapInput({ reserveIn: 5n, reserveOut: 5n, amountOut: 0n })).toBe(0n);
  });
});

describe('liquidity', () => {
  it('gives shares and coins in proportion, rounded down', () => {
    expect(sharesFor({ reserve: 1000n, totalShares: 300n, amount: 10n })).toBe(3n);
    expect(sharesFor({ reserve: 1000n, totalShares: 300n, amount: 3n })).toBe(0n);
    expect(coinsFor({ reserve: 1000n, totalShares: 300n, shares: 2n })).toBe(6n);
    expect(coinsFor({ reserve: 0n, totalShares: 1000n, shares: 0n })).toBe(0n);
  });

  it('gives one share a coin the first time', () => {
    expect(sharesFor({ reserve: 0n, totalShares: 1000n, amount: 77n })).toBe(77n);
    const empty = { reserve: 0n, totalShares: 1000n };
    expect(addOutput({ first: empty, second: empty, amount: 5n, peerAmount: 9n })).toEqual({ swapped: { amountIn: 0n, amountOut: 0n }, shares: 5n, peerShares: 9n });
    expect(addOutput({ first: empty, second: empty, amount: 5n, peerAmount: 0n }).shares).toBe(0n);
  });

  it('never gives more back than came', () => {
    const random = new Random(43, 'add and remove');
    for (let round = 0; round < ROUNDS; round++) {
      const [reserve, totalShares, amount] = [size(random), 1000n + size(random), size(random)];
      const shares = sharesFor({ reserve, totalShares, amount });
      expect(coinsFor({ reserve: reserve + amount, totalShares: totalShares + shares, shares })).toBeLessThanOrEqual(amount);
    }
  });

  it('adds both coins without a swap', () => {
    const [first, second] = [{ reserve: 1000n, totalShares: 2000n }, { reserve: 500n, totalShares: 600n }];
    expect(addOutput({ first, second, amount: 10n, peerAmount: 5n })).toEqual({ swapped: { amountIn: 0n, amountOut: 0n }, shares: 20n, peerShares: 6n });
    expect(addOutput({ first, second, amount: 10n, peerAmount: 1n })).toMatchObject({ shares: 20n, peerShares: 1n });
  });
});

describe('one coin alone', () => {
  const cases = (random: Random): { reserveIn: bigint; sharesIn: bigint; reserveOut: bigint; sharesOut: bigint; amountIn: bigint } => ({
    reserveIn: size(random),
    sharesIn: 1000n + size(random),
    reserveOut: size(random),
    sharesOut: 1000n + size(random),
    amountIn: size(random),
  });

  it('is the same as an add of both coins with the second one away', () => {
    const first = { reserve: 1_000_000n, totalShares: 990_000n };
    const second = { reserve: 2_000_000n, totalShares: 1_900_000n };
    const alone = oneCoinAdd({ reserveIn: first.reserve, sharesIn: first.totalShares, reserveOut: second.reserve, sharesOut: second.totalShares, amountIn: 10_000n });
    expect(addOutput({ first, second, amount: 10_000n, peerAmount: 0n })).toEqual(alone);
    // About half of it is swapped, and gets the fraction sqrt(1 + a/r) - 1 of both halves, less the fee of half of it.
    expect(alone).toEqual({ swapped: { amountIn: 4995n, amountOut: 9910n }, shares: 4930n, peerShares: 9461n });
  });

  it('gives nothing while a half is empty', () => {
    for (const [reserveIn, reserveOut] of [[0n, 5n], [5n, 0n], [0n, 0n]] as const) {
      expect(oneCoinAdd({ reserveIn, sharesIn: 1000n, reserveOut, sharesOut: 1000n, amountIn: 50n })).toEqual({ swapped: { amountIn: 0n, amountOut: 0n }, shares: 0n, peerShares: 0n });
    }
  });

  it('swaps nothing for nothing: too few coins for one of the second half give shares of the first half only', () => {
    const fill = oneCoinAdd({ reserveIn: 1000n, sharesIn: 2000n, reserveOut: 10n, sharesOut: 1000n, amountIn: 20n });
    expect(fill).toEqual({ swapped: { amountIn: 0n, amountOut: 0n }, shares: 40n, peerShares: 0n });
  });

  it('swaps the root of the closed formula, rounded down', () => {
    const random = new Random(44, 'one coin, formula');
    for (let round = 0; round < ROUNDS; round++) {
      const { reserveIn, amountIn, ...rest } = cases(random);
      const { swapped } = oneCoinAdd({ reserveIn, amountIn, ...rest });
      if (swapped.amountOut === 0n) continue;
      const value = (b: bigint): bigint => 997n * b * b + 1997n * reserveIn * b;
      expect(value(swapped.amountIn)).toBeLessThanOrEqual(1000n * reserveIn * amountIn);
      expect(value(swapped.amountIn + 1n)).toBeGreaterThan(1000n * reserveIn * amountIn);
      const [a, r] = [Number(amountIn), Number(reserveIn)];
      // (sqrt(1997²·r² + 4·997·1000·r·a) − 1997·r) / (2·997), written without a difference of near numbers.
      const root = (2 * 1000 * r * a) / (Math.sqrt(1997 ** 2 * r ** 2 + 4 * 997 * 1000 * r * a) + 1997 * r);
      expect(Math.abs(Number(swapped.amountIn) - root)).toBeLessThanOrEqual(1 + root * 1e-9);
    }
  });

  it('gives the same fraction of both halves, within the roundings', () => {
    const random = new Random(45, 'one coin, fractions');
    let compared = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const half = (): bigint => 10n ** 15n + random.bits(80);
      const fill = { reserveIn: half(), sharesIn: half(), reserveOut: half(), sharesOut: half(), amountIn: 10n ** 12n + random.bits(70) };
      const { shares, peerShares } = oneCoinAdd(fill);
      if (shares < 10n ** 9n || peerShares < 10n ** 9n) continue;
      compared++;
      const [own, peer] = [Number(shares) / Number(fill.sharesIn), Number(peerShares) / Number(fill.sharesOut)];
      expect(Math.abs(own / peer - 1)).toBeLessThan(1e-7);
    }
    expect(compared).toBeGreaterThan(ROUNDS / 2);
  });

  it('leaves the other LPs no worse than the swap and the add of both coins would', () => {
    const random = new Random(46, 'one coin, others');
    for (let round = 0; round < ROUNDS; round++) {
      const { reserveIn, sharesIn, reserveOut, sharesOut, amountIn } = cases(random);
      const { swapped, shares, peerShares } = oneCoinAdd({ reserveIn, sharesIn, reserveOut, sharesOut, amountIn });
      // By hand: swap, then bring the rest and what the swap gave.
      const output = swapOutput({ reserveIn, reserveOut, amountIn: swapped.amountIn });
      expect(swapped.amountOut).toBe(swapped.amountIn === 0n ? 0n : output);
      const [first, second] = [reserveIn + swapped.amountIn, reserveOut - swapped.amountOut];
      expect(shares).toBe(sharesFor({ reserve: first, totalShares: sharesIn, amount: amountIn - swapped.amountIn }));
      expect(peerShares).toBe(sharesFor({ reserve: second, totalShares: sharesOut, amount: swapped.amountOut }));
      // A share of either half stands for no less than after that swap, and their product for no less than before.
      expect((reserveIn + amountIn) * sharesIn).toBeGreaterThanOrEqual(first * (sharesIn + shares));
      expect(reserveOut * sharesOut).toBeGreaterThanOrEqual(second * (sharesOut + peerShares));
      expect((reserveIn + amountIn) * reserveOut * sharesIn * sharesOut).toBeGreaterThanOrEqual(reserveIn * reserveOut * (sharesIn + shares) * (sharesOut + peerShares));
    }
  });

  it('pays the fee of a swap for what it swaps: an add and a remove are no cheaper than a swap', () => {
    const random = new Random(47, 'one coin, no cheap swap');
    for (let round = 0; round < ROUNDS; round++) {
      const { reserveIn, sharesIn, reserveOut, sharesOut, amountIn } = cases(random);
      const { shares, peerShares } = oneCoinAdd({ reserveIn, sharesIn, reserveOut, sharesOut, amountIn });
      const [first, second] = [{ reserve: reserveIn + amountIn, totalShares: sharesIn + shares }, { reserve: reserveOut, totalShares: sharesOut + peerShares }];
      const back = coinsFor({ ...first, shares });
      const out = coinsFor({ ...second, shares: peerShares });
      expect(back).toBeLessThanOrEqual(amountIn);
      expect(out).toBeLessThanOrEqual(swapOutput({ reserveIn, reserveOut, amountIn: amountIn - back }));
    }
  });
});

describe('quotes', () => {
  it('have the price of the reserves', () => {
    expect(spotPrice({ reserveIn: 5n, reserveOut: 20n })).toEqual({ numerator: 20n, denominator: 5n });
    expect(spotPrice({ reserveIn: 0n, reserveOut: 20n })).toBeNull();
    expect(spotPrice({ reserveIn: 5n, reserveOut: 0n })).toBeNull();
  });

  it('have an impact that grows with the swap, without the fee', () => {
    const reserves = { reserveIn: 10n ** 21n, reserveOut: 10n ** 21n };
    const impact = (amountIn: bigint): number => {
      const { numerator, denominator } = priceImpact({ ...reserves, amountIn, amountOut: swapOutput({ ...reserves, amountIn }) });
      return Number((numerator * 10n ** 9n) / denominator) / 1e9;
    };
    expect(impact(10n ** 6n)).toBeLessThan(1e-5);
    expect(impact(10n ** 19n)).toBeCloseTo(0.00997 / 1.00997, 6);
    expect(impact(10n ** 21n)).toBeCloseTo(997 / 1997, 6);
    expect(impact(10n ** 24n)).toBeGreaterThan(0.998);
    expect(priceImpact({ ...reserves, amountIn: 0n, amountOut: 0n })).toEqual({ numerator: 0n, denominator: 1n });
  });

  it('are never worse than an impact of all, and never better than none', () => {
    const random = new Random(48, 'impact');
    for (let round = 0; round < ROUNDS; round++) {
      const reserves = { reserveIn: size(random), reserveOut: size(random) };
      const amountIn = size(random);
      const { numerator, denominator } = priceImpact({ ...reserves, amountIn, amountOut: swapOutput({ ...reserves, amountIn }) });
      expect(numerator >= 0n && numerator <= denominator).toBe(true);
    }
  });

  it('have a minimum below the amount', () => {
    expect(withSlippage(10_000n, 50n)).toBe(9_950n);
    expect(withSlippage(9_999n, 50n)).toBe(9_949n);
    expect(withSlippage(1n, 50n)).toBe(0n);
    expect(withSlippage(77n, 0n)).toBe(77n);
    expect(withSlippage(77n, 10_000n)).toBe(0n);
    for (const basisPoints of [-1n, 10_001n]) expect(() => withSlippage(77n, basisPoints)).toThrowError(expect.objectContaining({ facts: { least: 0n, most: 10_000n, actual: basisPoints } }));
  });
});

describe('square root', () => {
  it('is the largest integer whose square is not above the value', () => {
    const random = new Random(49, 'square root');
    const values = [0n, 1n, 2n, 3n, 4n, MAX_RESERVE, MAX_RESERVE * MAX_RESERVE, MAX_RESERVE * MAX_RESERVE - 1n];
    for (let round = 0; round < ROUNDS; round++) values.push(random.bits(1 + random.below(480)));
    for (const value of values) {
      const root = squareRoot(value);
      expect(root * root <= value && (root + 1n) * (root + 1n) > value).toBe(true);
    }
    expect(() => squareRoot(-1n)).toThrow('no square root');
  });
});
