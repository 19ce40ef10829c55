import { emptyLeaf } from '../spec/leaf.ts';
import type { Order, OrderType, PoolOperation } from '../spec/operation.ts';
import { isSecondSide } from '../spec/order.ts';
import { params } from '../spec/params.ts';
import { poolOf } from '../spec/pool.ts';
import { checkBits, checkFee, checkKey, checkUser, checkWhole } from './leafRules.ts';
import type { Plan } from './plan.ts';
import { OperationRejected } from './rejection.ts';

/** Which order an operation on a pool half is a side of. */
const ORDER_TYPE: Record<PoolOperation['type'], OrderType> = {
  swapIn: 'swapIn',
  swapOut: 'swapIn',
  addLiquidity: 'addLiquidity',
  addLiquidityPeer: 'addLiquidity',
  removeLiquidity: 'removeLiquidity',
  removeLiquidityPeer: 'removeLiquidity',
};

/**
 * What an operation on a pool half must have in common with the order that it shows (src/FORMATS.md, "L2 signatures"). Whether the peer names
 * the half back, and what the order gets, is the pair's to check.
 * @throws OperationRejected
 */
export function checkOrder(operation: PoolOperation, { a, b }: Plan, chainIndex: number): void {
  const { order } = operation;
  checkFields(order);
  const { owner, keyX, keyY, token } = a.before;
  const paid = 'shares' in operation && token >= BigInt(params.shareTokens) ? operation.shares : operation.amount;
  const type = ORDER_TYPE[operation.type];
  if (operation.type === 'swapOut') {
    compare(order, { type, peerChain: chainIndex, peerLeaf: operation.pool, peerToken: token });
    checkUser(operation.to, b?.before ?? emptyLeaf, order);
  } else if (isSecondSide(operation)) {
    compare(order, { type, peerChain: chainIndex, peerLeaf: operation.pool, peerToken: token, peerAmount: paid, owner, keyX, keyY });
  } else {
    const { from, pool, fee } = operation;
    const peer = poolOf(b?.before ?? emptyLeaf)?.peer;
    compare(order, { type, chainIndex, pool, from, token, amount: paid, fee, owner, keyX, keyY });
    // The circuit packs the message with the peer that the half names.
    if (peer) compare(order, { peerChain: peer.chainIndex, peerLeaf: peer.leafIndex });
  }
}

/** What the operation does, against what the order says. */
function compare(order: Order, actual: Partial<Order>): void {
  for (const [field, value] of Object.entries(actual)) {
    const expected = order[field as keyof Order];
    if (expected === value) continue;
    throw new OperationRejected('wrongOrder', 'Operation is not a side of the order that it shows', { field, expected, actual: value }, 'Build both sides from the signed order.');
  }
}

/** Every field fits where the signed message has it, so that the message hash has one reading. */
function checkFields(order: Order): void {
  const { bits } = params;
  const whole = { chainIndex: bits.chainIndex, from: bits.leafIndex, validUntil: bits.timestamp, pool: bits.leafIndex, peerChain: bits.chainIndex, peerLeaf: bits.leafIndex } as const;
  for (const [name, size] of Object.entries(whole)) checkWhole(`order.${name}`, order[name as keyof typeof whole], size);
  const numbers = {
    token: bits.token,
    nonce: bits.nonce,
    amount: bits.balance,
    peerToken: bits.token,
    limit: bits.balance,
    peerAmount: bits.balance,
    peerLimit: bits.balance,
    owner: bits.owner,
  } as const;
  for (const [name, size] of Object.entries(numbers)) checkBits(`order.${name}`, order[name as keyof typeof numbers], size);
  checkFee(order.fee);
  checkKey({ keyX: order.keyX, keyY: order.keyY });
}
