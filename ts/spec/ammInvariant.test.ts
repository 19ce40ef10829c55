import { describe, expect, it } from 'vitest';
import { PairWorld, type PlacedOrder } from '../test/pairWorld.ts';
import { Random } from '../test/random.ts';
import { LOCKED_SHARES } from './pool.ts';

const SEEDS = [51, 52, 53];
const BLOCKS = 600;

const MOST_ORDERS = 8;

/** Random orders and full exits of one block, of all sizes and of nothing. The removes and exits of one block together take no more shares than a user has. */
function randomOrders(world: PairWorld, random: Random): PlacedOrder[] {
  const length = 1 + random.below(MOST_ORDERS);
  return Array.from({ length }, (): PlacedOrder => {
    const user = random.below(world.users.length);
    const forward = random.below(2) === 0;
    const amount = random.below(12) === 0 ? BigInt(random.below(3)) : 1n + random.bits(1 + random.below(70));
    const [held, peerHeld] = world.sharesOf(user, forward);
    const part = (shares: bigint): bigint => (random.below(6) === 0 ? 0n : (shares * BigInt(random.below(101))) / (100n * BigInt(length)));
    const choice = random.below(10);
    if (choice < 5) return { type: 'swapIn', user, forward, amount, peerAmount: 0n };
    if (choice < 7) return { type: 'addLiquidity', user, forward, amount, peerAmount: random.bits(1 + random.below(70)) };
    if (choice < 8) return { type: 'addLiquidity', user, forward, amount, peerAmount: 0n };
    if (choice === 8) return { type: 'fullExit', user, forward, amount: part(held), peerAmount: 0n };
    return { type: 'removeLiquidity', user, forward, amount: part(held), peerAmount: part(peerHeld) };
  });
}

function shuffled(random: Random, length: number): number[] {
  const rest = Array.from({ length }, (_, i) => i);
  return Array.from({ length }, () => rest.splice(random.below(rest.length), 1)[0] ?? 0);
}

describe('the value of shares', () => {
  it.each(SEEDS)('(r0/S0)·(r1/S1) never falls in any interleaving of the two chains, seed %i', (seed) => {
    const random = new Random(seed, 'interleavings');
    const world = new PairWorld({ userCount: 5 });
    world.block([{ type: 'addLiquidity', user: 0, forward: true, amount: 10n ** 15n + random.bits(60), peerAmount: 10n ** 12n + random.bits(65) }], [[0], [0]]);
    const filled = { swapIn: 0, addLiquidity: 0, removeLiquidity: 0, fullExit: 0 };
    let crossed = 0;
    for (let block = 0; block < BLOCKS; block++) {
      const before = world.halves;
      const orders = randomOrders(world, random);
      const turns = [0, 1].map(() => shuffled(random, orders.length)) as [number[], number[]];
      const done = world.block(orders, turns);
      done.forEach((i) => filled[orders[i]?.type ?? 'swapIn']++);
      const crossing = (turn: number[]): string => turn.filter((i) => done.includes(i)).join();
      if (crossing(turns[0]) !== crossing(turns[1])) crossed++;
      const [[r0, S0], [r1, S1]] = before.map(({ reserve, totalShares }) => [reserve, totalShares]) as [[bigint, bigint], [bigint, bigint]];
      const [a, b] = world.halves;
      expect(a.reserve * b.reserve * S0 * S1 >= r0 * r1 * a.totalShares * b.totalShares, `block ${block}`).toBe(true);
      expect(a.reserve > 0n && b.reserve > 0n).toBe(true);
      world.halves.forEach(({ totalShares }, side) => expect(totalShares).toBe(LOCKED_SHARES + world.users.reduce((sum, { shares }) => sum + (shares[side] ?? 0n), 0n)));
    }
    console.info(`${JSON.stringify(filled)} filled, ${crossed} blocks of ${BLOCKS} with another order on each chain`);
    expect(Math.min(...Object.values(filled))).toBeGreaterThan(BLOCKS / 4);
    expect(crossed).toBeGreaterThan(BLOCKS / 4);
  });

  it('coins are neither made nor lost: what users and halves hold stays the same', () => {
    const random = new Random(54, 'conservation');
    const world = new PairWorld({ userCount: 3 });
    const coins = (): [bigint, bigint] => world.coins();
    const start = coins();
    world.block([{ type: 'addLiquidity', user: 0, forward: true, amount: 10n ** 20n, peerAmount: 10n ** 19n }], [[0], [0]]);
    for (let block = 0; block < 50; block++) {
      const orders = randomOrders(world, random);
      world.block(orders, [orders.map((_, i) => i), shuffled(random, orders.length)]);
      expect(coins()).toEqual(start);
    }
  });
});

describe('a builder that shows one half before and the other after the orders of others', () => {
  // Two swaps against each other, the first sides before the add and the second sides after it: both reserves look twice as large as they are.
  const orders = (unit: bigint): PlacedOrder[] => [
    { type: 'swapIn', user: 1, forward: true, amount: unit, peerAmount: 0n },
    { type: 'swapIn', user: 1, forward: false, amount: unit, peerAmount: 0n },
    { type: 'addLiquidity', user: 2, forward: true, amount: unit, peerAmount: unit },
  ];
  // Chain 0: in of swap 0, add, out of swap 1. Chain 1: in of swap 1, add, out of swap 0.
  const turns: [number[], number[]] = [[0, 2, 1], [1, 2, 0]];
  const unit = 10n ** 21n;

  function opened(): PairWorld {
    const world = new PairWorld({ userCount: 3 });
    world.block([{ type: 'addLiquidity', user: 0, forward: true, amount: unit, peerAmount: unit }], [[0], [0]]);
    return world;
  }

  it.each([[1n, 0.5], [10n, 0.9]])('takes most of an add without limits with %i times its coins, and nothing of those who had shares before', (times, part) => {
    const world = opened();
    const [before, builder, adder] = [world.worth(0), world.worth(1), world.worth(2)];
    const [a, b, c] = orders(unit).map((order) => (order.type === 'swapIn' ? { ...order, amount: times * order.amount } : order));
    if (!a || !b || !c) throw new Error('There are three orders');
    expect(world.block([a, b, c], turns)).toEqual([0, 1, 2]);
    const gained = Number(world.worth(1) - builder) / Number(2n * unit);
    const lost = Number(adder - world.worth(2)) / Number(2n * unit);
    console.info(`of an add without limits a builder with ${times} times its coins takes ${(100 * gained).toFixed(1)} %, the adder loses ${(100 * lost).toFixed(1)} %`);
    expect(gained).toBeGreaterThan(part - 0.02);
    expect(lost).toBeGreaterThan(part - 0.02);
    expect(world.worth(0)).toBeGreaterThanOrEqual(before);
  });

  it('cannot fill an add with limits so', () => {
    const world = opened();
    const [a, b, c] = orders(unit);
    if (!a || !b || !c) throw new Error('There are three orders');
    const adder = world.worth(2);
    const limited = { ...c, limit: (unit * 995n) / 1000n, peerLimit: (unit * 995n) / 1000n };
    expect(world.block([a, b, limited], turns)).toEqual([0, 1]);
    expect(world.worth(2)).toBe(adder);
    // In its own turn on both chains it is filled.
    expect(world.block([limited], [[0], [0]])).toEqual([0]);
    expect(Number(adder - world.worth(2)) / Number(unit)).toBeLessThan(0.01);
  });
});
