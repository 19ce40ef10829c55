import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import { shareToken, type Place } from '../spec/leg.ts';
import type { Credit, OpenPool, PublicLiquidityChange, PublicSwapIn, PublicSwapOut } from '../spec/operation.ts';
import { MAX_BALANCE, params } from '../spec/params.ts';
import { openedHalf, poolLeaf, poolOf, type PoolHalf } from '../spec/pool.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import {
  checkAmount,
  checkBits,
  checkEmpty,
  checkFee,
  checkFloatAmount,
  checkNoShares,
  checkUser,
  checkWhole,
  credit,
  debit,
  debitSigned,
  read,
  readAccount,
  type LeafChange,
} from './leafRules.ts';
import { OperationRejected } from './rejection.ts';

/*
 * Operations on pool halves, as a segment sees them: any amount that leaves balances, reserve and total shares in what a leaf can hold. What
 * a half owes its peer (price, limits, the bound of 2^112) is the pair's rule, ts/spec/pairRule.ts.
 */

/** What the liquidity change in the slot before owes: so much of a token to a leaf of a user. */
export interface AwaitedCredit extends LeafIdentity {
  amount: bigint;
}

interface TwoChanges {
  a: LeafChange;
  b: LeafChange;
}

export function planOpenPool(chain: ChainState, { leafIndex, token, peerChain, peerLeaf }: OpenPool): LeafChange {
  const before = read(chain, leafIndex);
  checkBits('token', token, params.bits.token);
  if (token === 0n) throw new OperationRejected('wrongToken', 'Token 0 means none', { actual: token }, 'Name a token that the chain has registered.');
  checkNoShares(leafIndex, token);
  const peer: Place = { chainIndex: peerChain, leafIndex: peerLeaf };
  checkPlace('peer', peer);
  checkEmpty(leafIndex, before);
  return { leafIndex, before, after: poolLeaf(openedHalf({ token, peer })) };
}

export function planSwapIn(chain: ChainState, { from, pool, amount, fee }: PublicSwapIn): TwoChanges {
  const payer = readAccount(chain, from);
  const half = readPool(chain, pool);
  checkFloatAmount(amount);
  checkFee(fee);
  checkToken(from, payer, half.token);
  return {
    a: { leafIndex: from, before: payer, after: debitSigned(from, payer, { amount, fee }) },
    b: changePool(chain, pool, { reserve: amount, totalShares: 0n }),
  };
}

export function planSwapOut(chain: ChainState, { pool, to, amount }: PublicSwapOut): TwoChanges {
  const half = readPool(chain, pool);
  const receiver = readAccount(chain, to);
  checkFloatAmount(amount);
  checkToken(to, receiver, half.token);
  return {
    a: changePool(chain, pool, { reserve: -amount, totalShares: 0n }),
    b: { leafIndex: to, before: receiver, after: credit(to, receiver, amount) },
  };
}

export function planLiquidityChange(chain: ChainState, { type, from, pool, fee, amount, shares }: PublicLiquidityChange): TwoChanges {
  const adds = type === 'addLiquidity' || type === 'addLiquidityPeer';
  const signs = type === 'addLiquidity' || type === 'removeLiquidity';
  const payer = readAccount(chain, from);
  const half = readPool(chain, pool);
  checkAmount(amount);
  checkAmount(shares);
  checkFee(fee);
  if (!signs && fee !== 0n) {
    throw new OperationRejected('wrongOrder', 'The second side of an order pays no fee', { leafIndex: from, expected: 0n, actual: fee }, 'The first side pays it.');
  }
  checkToken(from, payer, adds ? half.token : shareToken(pool));
  const payment = { amount: adds ? amount : shares, fee };
  const change = adds ? { reserve: amount, totalShares: shares } : { reserve: -amount, totalShares: -shares };
  return {
    a: { leafIndex: from, before: payer, after: signs ? debitSigned(from, payer, payment) : debit(from, payer, payment) },
    b: changePool(chain, pool, change),
  };
}

/** @param awaited null when the slot before is no liquidity change */
export function planCredit(chain: ChainState, { leafIndex }: Credit, awaited: AwaitedCredit | null): LeafChange {
  if (awaited === null) {
    throw new OperationRejected('nothingToCredit', 'A credit follows a liquidity change and nothing else', { leafIndex }, 'Put it in the slot right after the liquidity change.');
  }
  const before = readAccount(chain, leafIndex);
  checkUser(leafIndex, before, awaited);
  checkToken(leafIndex, before, awaited.token);
  return { leafIndex, before, after: credit(leafIndex, before, awaited.amount) };
}

/** What a liquidity change makes the next slot credit; the plan is that of planLiquidityChange. */
export function awaitedCredit({ type, pool, amount, shares }: PublicLiquidityChange, { a, b }: TwoChanges): AwaitedCredit {
  const { owner, keyX, keyY } = a.before;
  const adds = type === 'addLiquidity' || type === 'addLiquidityPeer';
  return { owner, keyX, keyY, ...(adds ? { token: shareToken(pool), amount: shares } : { token: b.before.token, amount }) };
}

/** @throws OperationRejected when the leaf is not a pool */
function readPool(chain: ChainState, leafIndex: number): PoolHalf {
  const leaf = read(chain, leafIndex);
  const half = poolOf(leaf);
  if (half !== null) return half;
  throw new OperationRejected('unknownPool', 'There is no pool half in this leaf', { leafIndex, kind: leaf.kind, empty: isEmptyLeaf(leaf) }, 'Open the pair first, or look it up.');
}

/** @throws OperationRejected when a place does not fit its bits; whether something is there is not asked */
function checkPlace(name: string, { chainIndex, leafIndex }: Place): void {
  checkWhole(`${name}.chainIndex`, chainIndex, params.bits.chainIndex);
  checkWhole(`${name}.leafIndex`, leafIndex, params.bits.leafIndex);
}

/** A pool half with more or fewer coins and shares. @throws OperationRejected when the leaf is not a pool or cannot hold that */
export function changePool(chain: ChainState, leafIndex: number, change: Pick<PoolHalf, 'reserve' | 'totalShares'>): LeafChange {
  const half = readPool(chain, leafIndex);
  const before = chain.leaf(leafIndex);
  const [reserve, totalShares] = [half.reserve + change.reserve, half.totalShares + change.totalShares];
  if (reserve < 0n) {
    throw new OperationRejected('reserveTooSmall', 'The half has not got so many coins', { leafIndex, reserve: half.reserve, amount: -change.reserve });
  }
  if (reserve > MAX_BALANCE) {
    throw new OperationRejected('balanceOverflow', 'Reserve would be larger than a leaf can hold', { leafIndex, maximum: MAX_BALANCE, balance: half.reserve, amount: change.reserve });
  }
  if (totalShares < 0n || totalShares > MAX_BALANCE) {
    throw new OperationRejected('sharesOutOfRange', 'Total shares of the half would be out of range', { leafIndex, maximum: MAX_BALANCE, totalShares: half.totalShares, change: change.totalShares });
  }
  return { leafIndex, before, after: { ...before, balance: reserve, keyX: totalShares } };
}

function checkToken(leafIndex: number, leaf: Leaf, expected: bigint): void {
  if (leaf.token === expected) return;
  throw new OperationRejected('wrongToken', 'Leaf holds another token than the pool half asks for', { leafIndex, expected, actual: leaf.token });
}
