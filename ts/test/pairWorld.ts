import { RollupError } from '../base/errors.ts';
import { addOutput, coinsFor, swapOutput } from '../spec/amm.ts';
import type { Leg } from '../spec/leg.ts';
import type { OrderType } from '../spec/operation.ts';
import { checkPair, type Pair } from '../spec/pairRule.ts';
import { LOCKED_SHARES } from '../spec/pool.ts';

/** An order as a user gives it. `forward`: the first half is the one on chain 0. Amounts as in an order. */
export interface PlacedOrder {
  /** A full exit is of `amount` shares of the first half, has no second side and no rule but what it pays. */
  type: OrderType | 'fullExit';
  user: number;
  forward: boolean;
  amount: bigint;
  peerAmount: bigint;
  limit?: bigint;
  peerLimit?: bigint;
}

interface HalfState {
  reserve: bigint;
  totalShares: bigint;
}

interface UserState {
  coins: [bigint, bigint];
  shares: [bigint, bigint];
}

/** By how much a side of an order changes its half; negative when coins or shares leave it. */
interface Change {
  reserve: bigint;
  shares: bigint;
}

const PLACES = [{ chainIndex: 0, leafIndex: 7 }, { chainIndex: 1, leafIndex: 9 }] as const;
const SECOND_KINDS = { swapIn: 'swapOut', addLiquidity: 'addLiquidityPeer', removeLiquidity: 'removeLiquidityPeer' } as const;
const FUNDS = 1n << 100n;

/**
 * A pair of halves on two chains and its users, in plain numbers: what pairs of legs do when checkPair is the only rule. A block takes its
 * orders in a turn of its own on each chain, so a side sees its half as the earlier ones of that chain left it, whatever the other chain shows.
 */
export class PairWorld {
  halves: [HalfState, HalfState] = [{ reserve: 0n, totalShares: LOCKED_SHARES }, { reserve: 0n, totalShares: LOCKED_SHARES }];
  readonly users: UserState[];

  constructor({ userCount }: { userCount: number }) {
    this.users = Array.from({ length: userCount }, () => ({ coins: [FUNDS, FUNDS], shares: [0n, 0n] }));
  }

  /** All coins, of users and halves. */
  coins(): [bigint, bigint] {
    const sum = (side: 0 | 1): bigint => this.users.reduce((total, { coins }) => total + coins[side], this.halves[side].reserve);
    return [sum(0), sum(1)];
  }

  /** Shares of the first and of the second half of an order in that direction. */
  sharesOf(user: number, forward: boolean): [bigint, bigint] {
    const { shares: [a, b] } = this.#user(user);
    return forward ? [a, b] : [b, a];
  }

  /** Coins of both kinds, at a price of one to one, with those that the user's shares stand for. */
  worth(user: number): bigint {
    const { coins, shares } = this.#user(user);
    return ([0, 1] as const).reduce((sum, side) => sum + coins[side] + coinsFor({ ...this.halves[side], shares: shares[side] }), 0n);
  }

  /**
   * Fills as many of the orders as the rule allows, each with the most that it gives, and drops the others.
   * @param turns order in which each chain takes them
   * @returns the orders that were filled
   */
  block(orders: readonly PlacedOrder[], turns: readonly [readonly number[], readonly number[]]): number[] {
    let alive = orders.map((_, i) => i);
    for (;;) {
      const changes = this.#settle(orders, turns, alive);
      const refused = alive.filter((i) => !this.#accepted(orders, turns, changes, i));
      if (refused.length === 0) {
        this.#apply(orders, changes, alive);
        return alive;
      }
      const [first] = refused;
      alive = alive.filter((i) => i !== first);
    }
  }

  /** Amounts that all sides agree on: outputs depend on what the other chain has done before, so they are found by repetition. */
  #settle(orders: readonly PlacedOrder[], turns: readonly [readonly number[], readonly number[]], alive: readonly number[]): Map<number, [Change, Change]> {
    let changes = new Map<number, [Change, Change]>(alive.map((i) => [i, NO_CHANGE]));
    for (let round = 0; round < 40; round++) {
      const next = new Map<number, [Change, Change]>(alive.map((i) => [i, fill(orderAt(orders, i), this.#seen(orders, turns, changes, i))]));
      if (alive.every((i) => same(changes.get(i), next.get(i)))) break;
      changes = next;
    }
    return changes;
  }

  /** The first and second half of an order as its sides see them. */
  #seen(orders: readonly PlacedOrder[], turns: readonly [readonly number[], readonly number[]], changes: ReadonlyMap<number, [Change, Change]>, order: number): [HalfState, HalfState] {
    const half = (chain: 0 | 1): HalfState => {
      const state = { ...this.halves[chain] };
      for (const i of turns[chain].slice(0, turns[chain].indexOf(order))) {
        const change = changes.get(i)?.[orderAt(orders, i).forward ? chain : 1 - chain];
        state.reserve += change?.reserve ?? 0n;
        state.totalShares += change?.shares ?? 0n;
      }
      return state;
    };
    return orderAt(orders, order).forward ? [half(0), half(1)] : [half(1), half(0)];
  }

  #accepted(orders: readonly PlacedOrder[], turns: readonly [readonly number[], readonly number[]], changes: ReadonlyMap<number, [Change, Change]>, i: number): boolean {
    const order = orderAt(orders, i);
    const [first, second] = this.#seen(orders, turns, changes, i);
    const [a, b] = changes.get(i) ?? NO_CHANGE;
    if (first.reserve < 0n || second.reserve < 0n) return false;
    if (order.type === 'fullExit') return true;
    const [c, d] = order.forward ? PLACES : ([PLACES[1], PLACES[0]] as const);
    const leg = (half: HalfState, { reserve, shares }: Change): Pick<Leg, 'order' | 'amount' | 'shares' | 'reserve' | 'totalShares'> => ({
      order: BigInt(i),
      amount: reserve < 0n ? -reserve : reserve,
      shares: shares < 0n ? -shares : shares,
      ...half,
    });
    const { type } = order;
    const { swapped } = outputOf(order, [first, second]);
    const pair: Pair = {
      first: { kind: type, pool: c, peer: d, ...leg(first, a), limit: order.limit ?? 0n },
      second: { kind: SECOND_KINDS[type], pool: d, peer: c, ...leg(second, b), limit: order.peerLimit ?? 0n },
      swapped,
    };
    try {
      checkPair(pair);
      return true;
    } catch (error) {
      if (error instanceof RollupError) return false;
      throw error;
    }
  }

  #apply(orders: readonly PlacedOrder[], changes: ReadonlyMap<number, [Change, Change]>, alive: readonly number[]): void {
    for (const i of alive) {
      const order = orderAt(orders, i);
      (changes.get(i) ?? NO_CHANGE).forEach(({ reserve, shares }, side) => {
        const chain = (order.forward ? side : 1 - side) as 0 | 1;
        const user = this.#user(order.user);
        this.halves[chain] = { reserve: this.halves[chain].reserve + reserve, totalShares: this.halves[chain].totalShares + shares };
        user.coins[chain] -= reserve;
        user.shares[chain] += shares;
        if (user.coins[chain] < 0n || user.shares[chain] < 0n) throw new RollupError('A user pays more than there is', { facts: { user: order.user, chain } });
      });
    }
  }

  #user(index: number): UserState {
    const user = this.users[index];
    if (!user) throw new RollupError('There is no such user', { facts: { index } });
    return user;
  }
}

const NO_CHANGE: [Change, Change] = [{ reserve: 0n, shares: 0n }, { reserve: 0n, shares: 0n }];

function orderAt(orders: readonly PlacedOrder[], i: number): PlacedOrder {
  const order = orders[i];
  if (!order) throw new RollupError('There is no such order', { facts: { i } });
  return order;
}

/** What an order gets of the halves as its sides see them. */
function outputOf({ type, amount, peerAmount }: PlacedOrder, [first, second]: [HalfState, HalfState]): { changes: [Change, Change]; swapped: Pair['swapped'] } {
  const swapped = { amountIn: 0n, amountOut: 0n };
  if (type === 'fullExit') return { changes: [{ reserve: -coinsFor({ ...first, shares: amount }), shares: -amount }, { reserve: 0n, shares: 0n }], swapped };
  if (type === 'swapIn') {
    const amountOut = swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: amount });
    return { changes: [{ reserve: amount, shares: 0n }, { reserve: -amountOut, shares: 0n }], swapped };
  }
  if (type === 'addLiquidity') {
    const output = addOutput({ first, second, amount, peerAmount });
    return { changes: [{ reserve: amount, shares: output.shares }, { reserve: peerAmount, shares: output.peerShares }], swapped: output.swapped };
  }
  const [coins, peerCoins] = [coinsFor({ ...first, shares: amount }), coinsFor({ ...second, shares: peerAmount })];
  return { changes: [{ reserve: -coins, shares: -amount }, { reserve: -peerCoins, shares: -peerAmount }], swapped };
}

function fill(order: PlacedOrder, halves: [HalfState, HalfState]): [Change, Change] {
  if (halves.some(({ reserve, totalShares }) => reserve < 0n || totalShares <= 0n)) return NO_CHANGE;
  return outputOf(order, halves).changes;
}

function same(a: [Change, Change] | undefined, b: [Change, Change] | undefined): boolean {
  return [0, 1].every((side) => a?.[side]?.reserve === b?.[side]?.reserve && a?.[side]?.shares === b?.[side]?.shares);
}
