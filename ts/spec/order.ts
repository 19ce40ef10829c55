import type { Leg, Place } from './leg.ts';
import type { Order, PoolOperation } from './operation.ts';
import type { PoolHalf } from './pool.ts';
import { orderHash } from './signature.ts';

/** True for the sides of an order that carry no signature: swapOut, addLiquidityPeer, removeLiquidityPeer. */
export function isSecondSide(operation: { type: PoolOperation['type'] }): boolean {
  return operation.type === 'swapOut' || operation.type === 'addLiquidityPeer' || operation.type === 'removeLiquidityPeer';
}

/** The half on whose chain the order is signed. */
export function firstPool({ chainIndex, pool }: Order): Place {
  return { chainIndex, leafIndex: pool };
}

/** The other half. */
export function secondPool({ peerChain, peerLeaf }: Order): Place {
  return { chainIndex: peerChain, leafIndex: peerLeaf };
}

/**
 * The leg that an operation on a pool half emits.
 * @param half before the operation
 */
export function legOf({ operation, half, chainIndex, deploymentId }: { operation: PoolOperation; half: PoolHalf; chainIndex: number; deploymentId: bigint }): Leg {
  const { order, pool, amount } = operation;
  return {
    kind: operation.type,
    pool: { chainIndex, leafIndex: pool },
    peer: half.peer,
    order: orderHash(order, deploymentId),
    amount,
    shares: 'shares' in operation ? operation.shares : 0n,
    reserve: half.reserve,
    totalShares: half.totalShares,
    limit: isSecondSide(operation) ? order.peerLimit : order.limit,
  };
}
