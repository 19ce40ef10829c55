import { shareToken } from '../../spec/leg.ts';
import type { Credit, LiquidityChange, OpenPool, Order, OrderType, PeerLiquidityChange, SwapIn, SwapOut } from '../../spec/operation.ts';
import { poolLeaf } from '../../spec/pool.ts';
import { signOperation } from '../../spec/signature.ts';
import { ChainState } from '../../state/chainState.ts';
import type { LedgerState } from '../../state/ledger.ts';
import { CHAIN_INDEX, DEPLOYMENT_ID, LEAF, PEER_CHAIN, PEER_HALF, TOKEN, VALID_UNTIL, account, users, world, type User } from './world.ts';

/*
 * Orders on the pair of the test world: its half LEAF.half on chain CHAIN_INDEX, the other on PEER_CHAIN. Every maker's operation is on
 * CHAIN_INDEX: first sides of orders that are signed there, second sides of orders that are signed on PEER_CHAIN.
 */

/** Token of the other half. */
export const PEER_TOKEN = 9n;
/** alice's leaves on PEER_CHAIN: coins of PEER_TOKEN, shares of the other half. */
export const PEER_LEAF = { alice: 4, shares: 5 } as const;

/** The test world with the other half and alice's leaves on its chain. */
export function poolWorld(): LedgerState {
  const { alice } = users;
  const chain = ChainState.empty()
    .withLeaf(PEER_HALF, poolLeaf({ token: PEER_TOKEN, reserve: 3_000_000n, totalShares: 600_000n, peer: { chainIndex: CHAIN_INDEX, leafIndex: LEAF.half } }))
    .withLeaf(PEER_LEAF.alice, account(alice, { token: PEER_TOKEN, balance: 50_000n, nonce: 2n }))
    .withLeaf(PEER_LEAF.shares, account(alice, { token: shareToken(PEER_HALF), balance: 300_000n, nonce: 1n }));
  return world().withChain(PEER_CHAIN, chain);
}

const user = ({ owner, key }: User): Pick<Order, 'owner' | 'keyX' | 'keyY'> => ({ owner, keyX: key.publicKey.x, keyY: key.publicKey.y });

/** Amounts of each type of order; the least of everything is 5. */
const AMOUNTS: Record<OrderType, Pick<Order, 'amount' | 'limit' | 'peerAmount' | 'peerLimit'>> = {
  swapIn: { amount: 1200n, limit: 0n, peerAmount: 0n, peerLimit: 5n },
  addLiquidity: { amount: 2000n, limit: 5n, peerAmount: 6000n, peerLimit: 5n },
  removeLiquidity: { amount: 1000n, limit: 5n, peerAmount: 1200n, peerLimit: 5n },
};

/** An order that alice signs on CHAIN_INDEX. */
export function firstOrder(type: OrderType, changes: Partial<Order> = {}): Order {
  const removes = type === 'removeLiquidity';
  return {
    type,
    chainIndex: CHAIN_INDEX,
    ...(removes ? { from: LEAF.shares, token: shareToken(LEAF.half), nonce: 3n } : { from: LEAF.alice, token: TOKEN, nonce: 7n }),
    validUntil: VALID_UNTIL,
    fee: 0n,
    pool: LEAF.half,
    peerChain: PEER_CHAIN,
    peerLeaf: PEER_HALF,
    peerToken: removes ? shareToken(PEER_HALF) : PEER_TOKEN,
    ...AMOUNTS[type],
    ...user(users.alice),
    ...changes,
  };
}

/** An order that alice signs on PEER_CHAIN, of which the second side is on CHAIN_INDEX. */
export function secondOrder(type: OrderType, changes: Partial<Order> = {}): Order {
  const removes = type === 'removeLiquidity';
  return {
    type,
    chainIndex: PEER_CHAIN,
    ...(removes ? { from: PEER_LEAF.shares, token: shareToken(PEER_HALF), nonce: 1n } : { from: PEER_LEAF.alice, token: PEER_TOKEN, nonce: 2n }),
    validUntil: VALID_UNTIL,
    fee: 0n,
    pool: PEER_HALF,
    peerChain: CHAIN_INDEX,
    peerLeaf: LEAF.half,
    peerToken: removes ? shareToken(LEAF.half) : TOKEN,
    ...AMOUNTS[type],
    ...user(users.alice),
    ...changes,
  };
}

function signed<T extends object>(operation: T, order: Order, signer: User): T & { order: Order; signature: SwapIn['signature'] } {
  return { ...operation, order, signature: signOperation(order, { deploymentId: DEPLOYMENT_ID, chainIndex: order.chainIndex }, signer.key) };
}

/** What `changes` make of the order that is signed. The operation follows the order; to lie about it, change the result. */
export function swapIn(changes: Partial<Order> = {}, signer = users.alice): SwapIn {
  const order = firstOrder('swapIn', changes);
  const { from, pool, amount, fee } = order;
  return signed({ type: 'swapIn', from, pool, amount, fee }, order, signer);
}

/** Pays 300 of the half's coins. */
export function swapOut(changes: Partial<Order> = {}): SwapOut {
  const order = secondOrder('swapIn', changes);
  return { type: 'swapOut', pool: order.peerLeaf, to: LEAF.alice, amount: 300n, order };
}

/** 2000 coins for 900 shares. */
export function addLiquidity(changes: Partial<Order> = {}, signer = users.alice): LiquidityChange {
  const order = firstOrder('addLiquidity', changes);
  const { from, pool, amount, fee } = order;
  return signed({ type: 'addLiquidity', from, pool, amount, shares: 900n, fee }, order, signer);
}

/** 6000 coins for 2900 shares. */
export function addLiquidityPeer(changes: Partial<Order> = {}): PeerLiquidityChange {
  const order = secondOrder('addLiquidity', changes);
  return { type: 'addLiquidityPeer', from: LEAF.alice, pool: order.peerLeaf, amount: order.peerAmount, shares: 2900n, fee: 0n, order };
}

/** 1000 shares for 1900 coins. */
export function removeLiquidity(changes: Partial<Order> = {}, signer = users.alice): LiquidityChange {
  const order = firstOrder('removeLiquidity', changes);
  const { from, pool, amount, fee } = order;
  return signed({ type: 'removeLiquidity', from, pool, amount: 1900n, shares: amount, fee }, order, signer);
}

/** 1200 shares for 2300 coins. */
export function removeLiquidityPeer(changes: Partial<Order> = {}): PeerLiquidityChange {
  const order = secondOrder('removeLiquidity', changes);
  return { type: 'removeLiquidityPeer', from: LEAF.shares, pool: order.peerLeaf, amount: 2300n, shares: order.peerAmount, fee: 0n, order };
}

export function credit(leafIndex: number): Credit {
  return { type: 'credit', leafIndex };
}

export function openPool(changes: Partial<OpenPool> = {}): OpenPool {
  return { type: 'openPool', leafIndex: LEAF.empty, token: TOKEN, peerChain: PEER_CHAIN, peerLeaf: 6, ...changes };
}
