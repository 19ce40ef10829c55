import { describe, expect, it } from 'vitest';
import { coinsFor, sharesFor, withSlippage } from './amm.ts';
import { checkPair, type Pair } from './pairRule.ts';
import { LOCKED_SHARES } from './pool.ts';

const ETHER = 10n ** 18n;
const PLACES = [{ chainIndex: 0, leafIndex: 7 }, { chainIndex: 1, leafIndex: 9 }] as const;

interface Attack {
  /** Coins of the attacker's first add, on both halves. */
  first: bigint;
  /** Coins that the attacker gives to each half, for no share. */
  gift: bigint;
  /** Adds of others after that. */
  victims: number;
  /** Each of them brings this many times what one share stands for by then, less one unit: the most that rounding takes. */
  multiple: bigint;
  /** Shares that are nobody's. */
  locked: bigint;
}

interface Outcome {
  paid: bigint;
  got: bigint;
  /** What all victims brought and what their shares stand for. */
  brought: bigint;
  left: bigint;
}

/** The attack on a half of a new pair; both halves are alike. Every step is one that the rule of a pair accepts when 1000 shares are locked. */
function attack({ first, gift, victims, multiple, locked }: Attack): Outcome {
  const half = { reserve: 0n, totalShares: locked };
  const add = (amount: bigint, shares: bigint): void => {
    if (locked === LOCKED_SHARES) checkPair(pairOf('addLiquidity', half, { amount, shares }));
    half.reserve += amount;
    half.totalShares += shares;
  };
  add(first, first);
  add(gift, 0n);
  let brought = 0n;
  let held = 0n;
  for (let i = 0; i < victims; i++) {
    const amount = (multiple * half.reserve) / half.totalShares - 1n;
    const shares = sharesFor({ ...half, amount });
    add(amount, shares);
    brought += amount;
    held += shares;
  }
  const got = coinsFor({ ...half, shares: first });
  if (locked === LOCKED_SHARES) checkPair(pairOf('removeLiquidity', half, { amount: got, shares: first }));
  const left = held === 0n ? 0n : coinsFor({ reserve: half.reserve - got, totalShares: half.totalShares - first, shares: held });
  return { paid: first + gift, got, brought, left };
}

function pairOf(type: 'addLiquidity' | 'removeLiquidity', half: { reserve: bigint; totalShares: bigint }, change: { amount: bigint; shares: bigint }, limit = 0n): Pair {
  const [a, b] = PLACES;
  const second = type === 'addLiquidity' ? 'addLiquidityPeer' : 'removeLiquidityPeer';
  const numbers = { order: 1n, limit, ...half, ...change };
  return { first: { kind: type, pool: a, peer: b, ...numbers }, second: { kind: second, pool: b, peer: a, ...numbers }, swapped: { amountIn: 0n, amountOut: 0n } };
}

function cases(locked: bigint): Attack[] {
  return [1n, 1000n, 10n ** 6n, 10n ** 9n].flatMap((first) =>
    [ETHER, 1000n * ETHER].flatMap((gift) => [1, 10, 100].flatMap((victims) => [1n, 2n, 50n].map((multiple) => ({ first, gift, victims, multiple, locked })))),
  );
}

const inCoins = (amount: bigint): string => (Number(amount) / Number(ETHER)).toPrecision(4);

describe('the attack of the first deposit: make one share stand for many coins, and live on the roundings of those who come later', () => {
  it('costs the attacker money, whatever the amounts, with up to 100 victims who set no limits', () => {
    let best = -1;
    for (const parameters of cases(LOCKED_SHARES)) {
      const { paid, got } = attack(parameters);
      expect(got, JSON.stringify(parameters, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))).toBeLessThan(paid);
      best = Math.max(best, Number(got) / Number(paid));
    }
    console.info(`at best the attacker gets ${(100 * best).toFixed(7)} % of the money back`);
    for (const first of [1n, 1000n, 10n ** 6n]) {
      const { paid, got, brought, left } = attack({ first, gift: 1000n * ETHER, victims: 1, multiple: 2n, locked: LOCKED_SHARES });
      console.info(`first add ${first}, gift 1000 coins, one victim: attacker paid ${inCoins(paid)} got ${inCoins(got)}; victim brought ${inCoins(brought)} has ${inCoins(left)}`);
    }
  });

  it('costs as much as 1000 victims lose at most: a share of each is what the locked shares take', () => {
    const parameters = { first: 10n ** 9n, gift: 1000n * ETHER, multiple: 1n, locked: LOCKED_SHARES };
    const loses = attack({ ...parameters, victims: 990 });
    const gains = attack({ ...parameters, victims: 1010 });
    console.info(`990 victims who get no share each: attacker paid ${loses.paid} got ${loses.got}; 1010: paid ${gains.paid} got ${gains.got}; each brought ${loses.brought / 990n}`);
    expect(loses.got).toBeLessThan(loses.paid);
    expect(gains.got).toBeGreaterThan(gains.paid);
    // What more than a thousand people without limits would have to bring, each of them, is this part of what the attacker has at stake.
    expect(Number(loses.brought / 990n) / Number(loses.paid)).toBeLessThan(1e-8);
  });

  it('would pay without locked shares', () => {
    const { paid, got, brought, left } = attack({ first: 1n, gift: 1000n * ETHER, victims: 1, multiple: 2n, locked: 0n });
    console.info(`without locked shares: attacker paid ${inCoins(paid)} got ${inCoins(got)}; victim brought ${inCoins(brought)} has ${inCoins(left)}`);
    expect(got).toBeGreaterThan(paid);
    expect(left).toBeLessThan(brought);
    expect(cases(0n).some((parameters) => attack(parameters).got > attack(parameters).paid)).toBe(true);
  });

  it('takes nothing of who sets limits: an add with fewer shares than quoted is refused', () => {
    // Quoted on the pair before the gift; filled after it.
    const before = { reserve: 10n ** 6n, totalShares: LOCKED_SHARES + 10n ** 6n };
    const amount = ETHER;
    const limit = withSlippage(sharesFor({ ...before, amount }), 50n);
    const after = { ...before, reserve: before.reserve + ETHER };
    checkPair(pairOf('addLiquidity', before, { amount, shares: sharesFor({ ...before, amount }) }, limit));
    expect(() => checkPair(pairOf('addLiquidity', after, { amount, shares: sharesFor({ ...after, amount }) }, limit))).toThrowError(
      expect.objectContaining({ facts: expect.objectContaining({ reason: 'belowLimit' }) }),
    );
  });
});
