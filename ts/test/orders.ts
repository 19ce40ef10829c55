import { isShareToken, shareToken } from '../spec/leg.ts';
import type { Credit, LiquidityChange, OpenPool, Order, PeerLiquidityChange, PoolOperation, SwapIn, SwapOut } from '../spec/operation.ts';
import { signOperation } from '../spec/signature.ts';
import type { Pool } from '../state/chainState.ts';
import { userFields, type TestUser } from './users.ts';

/* Orders and their two sides. */

/** A pool half and the chain that it is on. */
export interface PlacedPool extends Pool {
  chainIndex: number;
}

export function openPoolOf(fields: Pick<OpenPool, 'leafIndex' | 'token'>, peer: { chainIndex: number; leafIndex: number }): OpenPool {
  return { type: 'openPool', ...fields, peerChain: peer.chainIndex, peerLeaf: peer.leafIndex };
}

export type OrderFields = Pick<Order, 'type' | 'from' | 'amount' | 'nonce'> & Partial<Pick<Order, 'fee' | 'validUntil' | 'limit' | 'peerAmount' | 'peerLimit'>>;

/** An order of a user on the pair of two halves; not signed yet. */
export function orderOn([first, second]: readonly [PlacedPool, PlacedPool], by: TestUser, fields: OrderFields): Order {
  const removes = fields.type === 'removeLiquidity';
  return {
    fee: 0n,
    validUntil: 2_000_000_000,
    limit: 0n,
    peerAmount: 0n,
    peerLimit: 0n,
    ...fields,
    chainIndex: first.chainIndex,
    token: removes ? shareToken(first.leafIndex) : first.token,
    pool: first.leafIndex,
    peerChain: second.chainIndex,
    peerLeaf: second.leafIndex,
    peerToken: removes ? shareToken(second.leafIndex) : second.token,
    ...userFields(by),
  };
}

export interface SignedBy {
  by: TestUser;
  deploymentId: bigint;
}

export function swapInOf(order: Order, { by, deploymentId }: SignedBy): SwapIn {
  const { from, pool, amount, fee, chainIndex } = order;
  return { type: 'swapIn', from, pool, amount, fee, order, signature: signOperation(order, { deploymentId, chainIndex }, by.key) };
}

export function swapOutOf(order: Order, { to, amount }: Pick<SwapOut, 'to' | 'amount'>): SwapOut {
  return { type: 'swapOut', pool: order.peerLeaf, to, amount, order };
}

/** First side of an add (`counter` = shares that are minted) or a remove (`counter` = coins that are paid out). */
export function liquidityOf(order: Order, counter: bigint, { by, deploymentId }: SignedBy): LiquidityChange {
  const { from, pool, amount, fee, chainIndex } = order;
  if (order.type === 'swapIn') throw new Error('a swap changes no liquidity');
  const numbers = order.type === 'addLiquidity' ? { amount, shares: counter } : { amount: counter, shares: amount };
  return { type: order.type, from, pool, fee, ...numbers, order, signature: signOperation(order, { deploymentId, chainIndex }, by.key) };
}

/** Second side of an add or a remove; `counter` as in liquidityOf. */
export function peerLiquidityOf(order: Order, counter: bigint, from: number): PeerLiquidityChange {
  const { peerLeaf: pool, peerAmount, peerToken } = order;
  const common = { from, pool, fee: 0n, order };
  return isShareToken(peerToken)
    ? { type: 'removeLiquidityPeer', ...common, amount: counter, shares: peerAmount }
    : { type: 'addLiquidityPeer', ...common, amount: peerAmount, shares: counter };
}

export function creditOf(leafIndex: number): Credit {
  return { type: 'credit', leafIndex };
}

/** The same side of the order with another amount that its leaf pays, and the order says so. */
export function paying(operation: PoolOperation, amount: bigint): PoolOperation {
  const { order } = operation;
  const paid = order.type === 'removeLiquidity' ? 'shares' : 'amount';
  const said = 'signature' in operation ? 'amount' : 'peerAmount';
  return { ...operation, [paid]: amount, order: { ...order, [said]: amount } } as PoolOperation;
}
