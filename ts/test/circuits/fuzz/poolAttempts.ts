import { floorFloat16 } from '../../../spec/float16.ts';
import { floorFloat40 } from '../../../spec/float40.ts';
import type { Credit, OpenPool, Order, PoolOperation } from '../../../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE } from '../../../spec/params.ts';
import { signOperation } from '../../../spec/signature.ts';
import type { LedgerState } from '../../../state/ledger.ts';
import type { Random } from '../../random.ts';
import { paying } from '../../orders.ts';
import { holderOf, type TestUser } from '../../users.ts';
import { DOMAIN, TIMESTAMP } from '../world.ts';

export interface SpoilParameters {
  random: Random;
  state: LedgerState;
  users: readonly TestUser[];
  /** A leaf index, some beyond the tree. */
  leafIndex: number;
}

/** An operation of the AMM with one thing changed: of what it does, of the order that it shows, or the same in both. First sides are signed again half of the time. */
export function spoiltPoolOperation(parameters: SpoilParameters, operation: PoolOperation | OpenPool | Credit): PoolOperation | OpenPool | Credit {
  const { random, leafIndex } = parameters;
  switch (operation.type) {
    case 'credit':
      return { ...operation, leafIndex };
    case 'openPool':
      return {
        ...operation,
        ...random.pick<Partial<OpenPool>>([
          { leafIndex },
          { token: random.pick([0n, 1n, (1n << 31n) - 1n, 1n << 31n, (1n << 32n) - 1n]) },
          { peerChain: DOMAIN.chainIndex, peerLeaf: operation.leafIndex },
          { peerLeaf: random.below(100) },
        ]),
      };
    default:
      return signedAgain(parameters, spoiltSide(parameters, operation));
  }
}

function spoiltSide({ random, state, users, leafIndex }: SpoilParameters, operation: PoolOperation): PoolOperation {
  const leaf = (index: number): bigint => (index < LEAF_COUNT ? state.leaf(DOMAIN.chainIndex, index).balance : 0n);
  const payer = leaf(operation.type === 'swapOut' ? operation.pool : operation.from);
  const isSwap = operation.type === 'swapIn' || operation.type === 'swapOut';
  const any = random.pick([0n, 1n, payer, payer + 1n, payer - ('fee' in operation ? operation.fee : 0n), leaf(operation.pool), leaf(operation.pool) + 1n, MAX_BALANCE]);
  const amount = isSwap ? floorFloat40(any < 0n ? 0n : any) : any < 0n ? 0n : any > MAX_BALANCE ? MAX_BALANCE : any;
  const { order } = operation;
  const user = random.pick(users);
  const other = (value: bigint): bigint => random.pick([0n, value + 1n, MAX_BALANCE]);
  const said: Partial<Order>[] = [
    { type: random.pick((['swapIn', 'addLiquidity', 'removeLiquidity'] as const).filter((type) => type !== order.type)) },
    { chainIndex: (order.chainIndex + 1) % 256 }, { from: (order.from + 1) % LEAF_COUNT }, { nonce: (order.nonce + 1n) % 2n ** 32n }, { validUntil: random.pick([TIMESTAMP, TIMESTAMP - 1]) },
    { token: (order.token + 1n) % 2n ** 32n }, { amount: other(order.amount) }, { fee: floorFloat16(order.fee + 1n) }, { pool: (order.pool + 1) % LEAF_COUNT }, { peerChain: (order.peerChain + 1) % 256 },
    { peerLeaf: (order.peerLeaf + 1) % LEAF_COUNT }, { peerToken: (order.peerToken + 1n) % 2n ** 32n }, { limit: other(order.limit) }, { peerAmount: other(order.peerAmount) }, { peerLimit: other(order.peerLimit) },
    { owner: user.owner }, { keyX: user.key.publicKey.x, keyY: user.key.publicKey.y },
  ];
  const done: Record<string, unknown>[] = [{ pool: leafIndex }, { [operation.type === 'swapOut' ? 'to' : 'from']: leafIndex }, { amount }, ...('shares' in operation ? [{ shares: amount }] : [])];
  switch (random.below(3)) {
    case 0:
      return { ...operation, ...random.pick(done) } as PoolOperation;
    case 1:
      return { ...operation, order: { ...order, ...random.pick(said) } } as PoolOperation;
    default:
      return paying(operation, amount);
  }
}

function signedAgain({ random, state, users }: SpoilParameters, operation: PoolOperation): PoolOperation {
  if (!('signature' in operation) || random.below(2) === 0) return operation;
  const { order } = operation;
  const holder = order.from < LEAF_COUNT ? holderOf(users, state.leaf(DOMAIN.chainIndex, order.from)) : null;
  return { ...operation, signature: signOperation(order, { deploymentId: DOMAIN.deploymentId, chainIndex: order.chainIndex }, (random.below(5) === 0 ? null : holder)?.key ?? random.pick(users).key) };
}
