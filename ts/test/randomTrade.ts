import { coinsFor, oneCoinAdd, sharesFor, swapOutput } from '../spec/amm.ts';
import { floorFloat16 } from '../spec/float16.ts';
import { floorFloat40 } from '../spec/float40.ts';
import { shareToken } from '../spec/leg.ts';
import type { OperationRequest, Order } from '../spec/operation.ts';
import type { LeafIdentity } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { creditOf, liquidityOf, orderOn, peerLiquidityOf, swapInOf, swapOutOf, type PlacedPool } from './orders.ts';
import type { Random } from './random.ts';
import { openOf, userFields, type TestUser } from './users.ts';

/** Operations of one chain that stand one behind the other in one segment, but for opens, which may be in an earlier one. */
export interface PlacedOperations {
  chainIndex: number;
  operations: OperationRequest[];
}

/** An order that a block can hold. Its second side may be placed later in the block, after other orders have moved the peer half. */
export interface Trade {
  kind: 'swap' | 'add' | 'oneCoinAdd' | 'remove';
  first: PlacedOperations;
  /** @param state when it is placed; null when the half is empty by then, or the payer is */
  second: (state: LedgerState) => PlacedOperations | null;
}

export interface RandomTradeParameters {
  random: Random;
  state: LedgerState;
  deploymentId: bigint;
  users: readonly TestUser[];
  /** Both ways round. */
  pair: readonly [PlacedPool, PlacedPool];
}

/** A random order of a user on a pair, with the best amounts that its rule allows. Null when the user or the pair has not got what it takes. */
export function randomTrade(parameters: RandomTradeParameters): Trade | null {
  const { random, state, users, pair } = parameters;
  const by = random.pick(users);
  const places = random.below(2) === 0 ? pair : ([pair[1], pair[0]] as const);
  const halves = [fresh(state, places[0]), fresh(state, places[1])] as const;
  const kind = random.pick(['swap', 'swap', 'swap', 'add', 'add', 'oneCoinAdd', 'remove', 'remove'] as const);
  const isFilled = halves.every(({ reserve }) => reserve > 0n);
  if (!isFilled && kind !== 'add') return null;
  return { swap, add, oneCoinAdd: addOneCoin, remove }[kind]({ ...parameters, halves, by });
}

interface TradeParameters extends RandomTradeParameters {
  halves: readonly [PlacedPool, PlacedPool];
  by: TestUser;
}

function swap(parameters: TradeParameters): Trade | null {
  const { random, halves, by, deploymentId } = parameters;
  const [first, second] = halves;
  const payer = payerOf(parameters, first.chainIndex, first.token);
  if (!payer) return null;
  const fee = random.below(3) === 0 ? floorFloat16(payer.balance / 1000n) : 0n;
  const amount = floorFloat40(smaller((payer.balance - fee) / BigInt(random.pick([2, 10, 100])), first.reserve / BigInt(random.pick([1, 5, 50, 10_000]))));
  const peerLimit = random.below(2) === 0 ? 0n : swapOutput({ reserveIn: first.reserve, reserveOut: second.reserve, amountIn: amount }) / 100n;
  const order = orderOn(halves, by, { type: 'swapIn', from: payer.leafIndex, nonce: payer.nonce, amount, fee, peerLimit });
  return {
    kind: 'swap',
    first: { chainIndex: first.chainIndex, operations: [swapInOf(order, { by, deploymentId })] },
    second: (state) => {
      const { reserve } = fresh(state, second);
      if (reserve === 0n) return null;
      const [to, opens] = leafOf(state, second.chainIndex, by, second.token);
      const got = floorFloat40(swapOutput({ reserveIn: first.reserve, reserveOut: reserve, amountIn: amount }));
      return { chainIndex: second.chainIndex, operations: [...opens, swapOutOf(order, { to, amount: got })] };
    },
  };
}

function add(parameters: TradeParameters): Trade | null {
  const { random, halves, by } = parameters;
  const [first, second] = halves;
  const payer = payerOf(parameters, first.chainIndex, first.token);
  const peerPayer = payerOf(parameters, second.chainIndex, second.token);
  if (!payer || !peerPayer || payer.balance < 1000n || peerPayer.balance < 1000n) return null;
  const amount = payer.balance / BigInt(random.pick([2, 10, 1000]));
  const peerAmount = second.reserve > 0n && first.reserve > 0n ? (amount * second.reserve) / first.reserve : peerPayer.balance / BigInt(random.pick([2, 10]));
  if (amount === 0n || peerAmount === 0n || peerAmount * 2n > peerPayer.balance) return null;
  const order = orderOn(halves, by, { type: 'addLiquidity', from: payer.leafIndex, nonce: payer.nonce, amount, peerAmount, fee: random.pick([0n, 7n]) });
  return {
    kind: 'add',
    first: sideWithCredit(parameters, order, sharesFor({ ...first, amount }), { chainIndex: first.chainIndex, credited: shareToken(first.leafIndex) }),
    second: (state) => {
      const half = fresh(state, second);
      if (state.leaf(second.chainIndex, peerPayer.leafIndex).balance < peerAmount) return null;
      return peerWithCredit({ ...parameters, state }, order, sharesFor({ ...half, amount: peerAmount }), { from: peerPayer.leafIndex, chainIndex: second.chainIndex, credited: shareToken(second.leafIndex) });
    },
  };
}

/** The first side swaps what is best when it is placed; the second gives what that buys when it is. */
function addOneCoin(parameters: TradeParameters): Trade | null {
  const { random, halves, by } = parameters;
  const [first, second] = halves;
  const payer = payerOf(parameters, first.chainIndex, first.token);
  if (!payer) return null;
  const amount = smaller(payer.balance / 2n, first.reserve / BigInt(random.pick([1, 3, 100])));
  const fill = oneCoinAdd({ reserveIn: first.reserve, sharesIn: first.totalShares, reserveOut: second.reserve, sharesOut: second.totalShares, amountIn: amount });
  const order = orderOn(halves, by, { type: 'addLiquidity', from: payer.leafIndex, nonce: payer.nonce, amount });
  const place = { chainIndex: first.chainIndex, credited: shareToken(first.leafIndex) };
  return {
    kind: 'oneCoinAdd',
    first: sideWithCredit(parameters, order, fill.shares, place),
    second: (state) => {
      const half = fresh(state, second);
      const amountOut = swapOutput({ reserveIn: first.reserve, reserveOut: half.reserve, amountIn: fill.swapped.amountIn });
      const shares = half.reserve > amountOut ? sharesFor({ reserve: half.reserve - amountOut, totalShares: half.totalShares, amount: amountOut }) : 0n;
      const [from, opens] = leafOf(state, second.chainIndex, by, second.token);
      const side = peerWithCredit({ ...parameters, state }, order, shares, { from, chainIndex: second.chainIndex, credited: shareToken(second.leafIndex), taken: opens.length });
      return { ...side, operations: [...opens, ...side.operations] };
    },
  };
}

function remove(parameters: TradeParameters): Trade | null {
  const { random, halves, by } = parameters;
  const [first, second] = halves;
  const payer = payerOf(parameters, first.chainIndex, shareToken(first.leafIndex));
  const peerPayer = payerOf(parameters, second.chainIndex, shareToken(second.leafIndex));
  if (!payer || !peerPayer) return null;
  const part = BigInt(random.pick([1, 2, 10]));
  const [amount, peerAmount] = [payer.balance / part, peerPayer.balance / part];
  const fee = part > 1n ? smaller(payer.balance / 2n, 11n) : 0n;
  const order = orderOn(halves, by, { type: 'removeLiquidity', from: payer.leafIndex, nonce: payer.nonce, amount, peerAmount, fee });
  return {
    kind: 'remove',
    first: sideWithCredit(parameters, order, coinsFor({ ...first, shares: amount }), { chainIndex: first.chainIndex, credited: first.token }),
    second: (state) => {
      const half = fresh(state, second);
      if (state.leaf(second.chainIndex, peerPayer.leafIndex).balance < peerAmount) return null;
      return peerWithCredit({ ...parameters, state }, order, coinsFor({ ...half, shares: peerAmount }), { from: peerPayer.leafIndex, chainIndex: second.chainIndex, credited: second.token });
    },
  };
}

interface CreditPlace {
  chainIndex: number;
  /** Token that is credited. */
  credited: bigint;
  /** Empty leaves that opens before have taken. */
  taken?: number;
}

function sideWithCredit({ state, by, deploymentId }: TradeParameters, order: Order, counter: bigint, { chainIndex, credited }: CreditPlace): PlacedOperations {
  const [to, opens] = leafOf(state, chainIndex, by, credited);
  return { chainIndex, operations: [...opens, liquidityOf(order, counter, { by, deploymentId }), creditOf(to)] };
}

function peerWithCredit({ state, by }: TradeParameters, order: Order, counter: bigint, { from, chainIndex, credited, taken }: CreditPlace & { from: number }): PlacedOperations {
  const [to, opens] = leafOf(state, chainIndex, by, credited, taken);
  return { chainIndex, operations: [...opens, peerLiquidityOf(order, counter, from), creditOf(to)] };
}

/** The half as it is in this state. */
function fresh(state: LedgerState, { chainIndex, leafIndex }: PlacedPool): PlacedPool {
  const pool = state.chain(chainIndex).pool(leafIndex);
  if (!pool) throw new Error('there is no such pool');
  return { ...pool, chainIndex };
}

/** The user's leaf of a token, or an empty one and what opens it. */
function leafOf(state: LedgerState, chainIndex: number, user: TestUser, token: bigint, taken = 0): [number, OperationRequest[]] {
  const chain = state.chain(chainIndex);
  const found = chain.findLeaf(identity(user, token));
  if (found !== null) return [found, []];
  let free = chain.nextFreeIndex() ?? 0;
  for (let skipped = 0; skipped < taken; skipped++) do free++; while (chain.leaf(free).kind !== 0n);
  return [free, [openOf(user, { leafIndex: free, token })]];
}

function payerOf({ state, by }: TradeParameters, chainIndex: number, token: bigint): { leafIndex: number; balance: bigint; nonce: bigint } | null {
  const leafIndex = state.chain(chainIndex).findLeaf(identity(by, token));
  if (leafIndex === null) return null;
  const { balance, nonce } = state.leaf(chainIndex, leafIndex);
  return balance === 0n ? null : { leafIndex, balance, nonce };
}

function identity(user: TestUser, token: bigint): LeafIdentity {
  return { token, ...userFields(user) };
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
