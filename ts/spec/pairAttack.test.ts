import { describe, expect, it } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { Random } from '../test/random.ts';
import { sharesFor, squareRoot, swapOutput } from './amm.ts';
import type { Leg, Place } from './leg.ts';
import { checkPair, type Exchange, type Pair } from './pairRule.ts';
import { LOCKED_SHARES, MAX_RESERVE } from './pool.ts';

/*
 * A builder who is nobody's friend: it fills orders with whatever numbers the rule of the pair lets through, one half of an order before and
 * the other after the operations of others, with reserves from one coin to the largest. What liquidity providers hold must not shrink.
 */

interface Half {
  reserve: bigint;
  totalShares: bigint;
  /** Shares that somebody holds. */
  held: bigint;
}

type Kind = 'swapIn' | 'addLiquidity' | 'removeLiquidity';

/** An order whose first side is in the block and whose second is not yet. */
interface Open {
  direction: 0 | 1;
  leg: Leg;
  /** Of an add of one coin. */
  swappedIn: bigint;
  oneCoin: boolean;
}

const PLACES: readonly [Place, Place] = [{ chainIndex: 0, leafIndex: 7 }, { chainIndex: 1, leafIndex: 9 }];
const SECOND = { swapIn: 'swapOut', addLiquidity: 'addLiquidityPeer', removeLiquidity: 'removeLiquidityPeer' } as const;

class Builder {
  readonly halves: [Half, Half];
  readonly #random: Random;
  readonly open: Open[] = [];
  readonly counts = new Map<string, number>();

  constructor(random: Random, halves: [Half, Half]) {
    this.#random = random;
    this.halves = halves;
  }

  /** The first side of an order, with numbers that some second side can complete. */
  start(): void {
    const random = this.#random;
    const direction = random.pick([0, 1] as const);
    const half = this.halves[direction];
    const isEmpty = this.halves.some(({ reserve }) => reserve === 0n);
    const kind = isEmpty ? 'addLiquidity' : random.pick<Kind>(['swapIn', 'swapIn', 'addLiquidity', 'addLiquidity', 'removeLiquidity']);
    const common = { kind, pool: PLACES[direction], peer: PLACES[direction === 0 ? 1 : 0], order: random.field(), reserve: half.reserve, totalShares: half.totalShares, limit: 0n };
    if (kind === 'removeLiquidity') {
      const shares = random.pick([0n, half.held, half.held / 2n, 1n]);
      if (shares > half.held) return;
      const most = (shares * half.reserve) / half.totalShares;
      const amount = random.pick([most, most, most / 2n]);
      half.reserve -= amount;
      half.totalShares -= shares;
      half.held -= shares;
      this.open.push({ direction, leg: { ...common, amount, shares }, swappedIn: 0n, oneCoin: false });
      return;
    }
    const amount = random.pick([1n, random.bits(1 + random.below(100)), half.reserve * BigInt(random.below(5)), half.reserve / 1000n]) + (isEmpty ? 1n : 0n);
    const oneCoin = kind === 'addLiquidity' && !isEmpty && random.below(2) === 0;
    // A fair part, nothing, everything, or anything.
    const swappedIn = oneCoin ? random.pick([squareRoot(half.reserve * (half.reserve + amount)) - half.reserve, 0n, amount, random.bits(100) % (amount + 1n)]) : 0n;
    const most = kind === 'swapIn' ? 0n : sharesFor({ reserve: half.reserve + swappedIn, totalShares: half.totalShares, amount: amount - swappedIn });
    const shares = random.pick([most, most, most / 2n]);
    if (half.reserve + amount > MAX_RESERVE || half.totalShares + shares > MAX_RESERVE) return;
    half.reserve += amount;
    half.totalShares += shares;
    half.held += shares;
    this.open.push({ direction, leg: { ...common, amount, shares }, swappedIn, oneCoin });
  }

  /** The second side of any open order: the most that the rule lets through, or less; one unit more is refused. */
  finish(): void {
    const random = this.#random;
    const [order] = this.open.splice(random.below(this.open.length), 1);
    if (!order) return;
    const { leg: first, direction, swappedIn, oneCoin } = order;
    const half = this.halves[direction === 0 ? 1 : 0];
    const second = (amount: bigint, shares: bigint): Leg => ({
      kind: SECOND[first.kind as Kind], pool: first.peer, peer: first.pool, order: first.order, amount, shares, reserve: half.reserve, totalShares: half.totalShares, limit: 0n,
    });
    const pair = (amount: bigint, shares: bigint, swappedOut = 0n): Pair => ({ first, second: second(amount, shares), swapped: { amountIn: swappedIn, amountOut: swappedOut } });
    if (first.kind === 'swapIn') {
      const most = swapOutput({ reserveIn: first.reserve, reserveOut: half.reserve, amountIn: first.amount });
      this.#refused('product', pair(most + 1n, 0n));
      this.#refused('tooManyShares', pair(0n, 1n));
      const amount = random.below(4) === 0 ? most / 2n : most;
      this.#accepted('swap', pair(amount, 0n));
      half.reserve -= amount;
    } else if (first.kind === 'removeLiquidity') {
      const shares = random.pick([0n, half.held, half.held / 2n, half.held < 1n ? 0n : 1n]);
      const most = (shares * half.reserve) / half.totalShares;
      this.#refused(most + 1n > half.reserve ? 'outOfRange' : 'tooManyCoins', pair(most + 1n, shares));
      this.#accepted('remove', pair(most, shares));
      half.reserve -= most;
      half.totalShares -= shares;
      half.held -= shares;
    } else {
      const amount = oneCoin ? 0n : 1n + random.pick([0n, random.bits(90), half.reserve / 3n]);
      const swappedOut = oneCoin ? swapOutput({ reserveIn: first.reserve, reserveOut: half.reserve, amountIn: swappedIn }) : 0n;
      const left: Exchange = { amountIn: half.reserve - swappedOut, amountOut: amount + swappedOut };
      const most = sharesFor({ reserve: left.amountIn, totalShares: half.totalShares, amount: left.amountOut });
      // An order that does not fit any more still completes, with nothing on this side.
      const fits = half.reserve + amount <= MAX_RESERVE && half.totalShares + most < MAX_RESERVE;
      if (fits) this.#refused('tooManyShares', pair(amount, most + 1n, swappedOut));
      if (oneCoin && swappedOut + 1n <= half.reserve) this.#refused('product', pair(0n, 0n, swappedOut + 1n));
      if (!oneCoin) this.#refused('outOfRange', { ...pair(amount, 0n), swapped: { amountIn: 1n, amountOut: 0n } });
      const coins = fits ? amount : oneCoin ? 0n : 1n;
      const shares = fits ? most : 0n;
      this.#accepted(oneCoin ? 'add one coin' : 'add', pair(coins, shares, swappedOut));
      half.reserve += coins;
      half.totalShares += shares;
      half.held += shares;
    }
  }

  #accepted(name: string, pair: Pair): void {
    checkPair(pair);
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  #refused(reason: string, pair: Pair): void {
    try {
      checkPair(pair);
    } catch (error) {
      if (!(error instanceof RollupError)) throw error;
      expect([reason, 'outOfRange']).toContain(error.facts['reason']);
      return;
    }
    expect.unreachable(`a pair that breaks ${reason} passes`);
  }
}

/** (r0/S0)·(r1/S1) as a fraction. */
function worth([a, b]: readonly [Half, Half]): { numerator: bigint; denominator: bigint } {
  return { numerator: a.reserve * b.reserve, denominator: a.totalShares * b.totalShares };
}

describe('a builder that fills orders as it likes', () => {
  it.each([
    ['of nothing', 0n, 0n],
    ['of one coin', 1n, 1n],
    ['of a few coins', 3n, 1000n],
    ['of coins with 6 and 18 decimals', 10n ** 12n, 10n ** 24n],
    ['near 2^112', MAX_RESERVE / 3n, MAX_RESERVE / 2n],
  ])('never lowers the product of what a share of each half stands for: reserves %s', (_, first, second) => {
    const random = new Random(20251121, 'pair attack');
    const half = (amount: bigint): Half => ({ reserve: amount, totalShares: LOCKED_SHARES + amount, held: amount });
    const builder = new Builder(random, [half(first), half(second)]);
    let before = worth(builder.halves);
    for (let round = 0; round < 400; round++) {
      const orders = 1 + random.below(4);
      for (let i = 0; i < orders; i++) {
        builder.start();
        if (random.below(3) === 0) builder.finish();
      }
      while (builder.open.length > 0) builder.finish();
      const after = worth(builder.halves);
      expect(after.numerator * before.denominator >= before.numerator * after.denominator).toBe(true);
      for (const { reserve, totalShares, held } of builder.halves) {
        expect(reserve).toBeGreaterThan(0n);
        expect(totalShares - held).toBe(LOCKED_SHARES);
      }
      before = after;
    }
    for (const kind of ['swap', 'add', 'add one coin', 'remove']) expect(builder.counts.get(kind), kind).toBeGreaterThan(30);
  });
});

describe('shares of one half alone', () => {
  const UNIT = 10n ** 21n;

  /** Swaps until the pair's price is 1 : 1 again, and says what that brought whoever did it, counted at that price. */
  function arbitrage(halves: { first: Half; second: Half }): bigint {
    const [small, large] = halves.first.reserve < halves.second.reserve ? [halves.first, halves.second] : [halves.second, halves.first];
    const amountIn = squareRoot(small.reserve * large.reserve) - small.reserve;
    const amountOut = swapOutput({ reserveIn: small.reserve, reserveOut: large.reserve, amountIn });
    small.reserve += amountIn;
    large.reserve -= amountOut;
    return amountOut - amountIn;
  }

  /*
   * What the rule does not promise (SECURITY.md): it keeps the product of what a share of each half stands for, so who holds as large a part of both
   * halves cannot lose. Who holds one half's shares alone can: somebody with the other half's adds coins to the first.
   */
  it('lose to whoever holds the other half alone and adds to this one; an equal part of both does not', () => {
    const half = (): Half => ({ reserve: UNIT, totalShares: UNIT, held: UNIT - LOCKED_SHARES });
    const [first, second] = [half(), half()];
    const amount = UNIT / 2n;
    const shares = sharesFor({ ...first, amount });
    const leg = (kind: Leg['kind'], i: 0 | 1, numbers: Partial<Leg>): Leg => ({ kind, pool: PLACES[i], peer: PLACES[1 - i]!, order: 1n, amount: 0n, shares: 0n, limit: 0n, reserve: UNIT, totalShares: UNIT, ...numbers });
    // One unit of the second coin makes it an add of both coins, in which nothing is swapped on the way.
    checkPair({ first: leg('addLiquidity', 0, { amount, shares }), second: leg('addLiquidityPeer', 1, { amount: 1n, shares: 0n }), swapped: { amountIn: 0n, amountOut: 0n } });
    first.reserve += amount;
    first.totalShares += shares;
    second.reserve += 1n;
    const won = arbitrage({ first, second });
    const worthOf = (part: { first: bigint; second: bigint }): bigint => (part.first * first.reserve) / first.totalShares + (part.second * second.reserve) / second.totalShares;

    const victim = worthOf({ first: UNIT, second: 0n });
    const attacker = worthOf({ first: shares, second: UNIT }) + won - amount;
    expect(Number((victim * 1000n) / UNIT)).toBeLessThan(830);
    expect(Number((attacker * 1000n) / UNIT)).toBeGreaterThan(1100);
    // 1 % of both halves, before and after.
    expect(worthOf({ first: UNIT / 100n, second: UNIT / 100n })).toBeGreaterThanOrEqual((2n * UNIT) / 100n);
  });
});
