import { shareToken } from '../spec/leg.ts';
import type { OperationRequest, Order, PoolOperation } from '../spec/operation.ts';
import { poolLeaf } from '../spec/pool.ts';
import { LedgerState } from '../state/ledger.ts';
import type { SegmentState } from '../state/segmentState.ts';
import { apply, applyFully, TEST_DOMAIN } from './ledger.ts';
import { liquidityOf, orderOn, peerLiquidityOf, swapInOf, swapOutOf, type OrderFields, type PlacedPool } from './orders.ts';
import { depositOf, openOf, testUser, type TestUser } from './users.ts';

/* A pair on two chains, its users, and both sides of every kind of order of alice, each of which the ledger accepts. */

export const [alice, bob] = ['alice', 'bob'].map(testUser) as [TestUser, TestUser];
export const { deploymentId } = TEST_DOMAIN;
export const [ETH, TST] = [1n, 2n];
export const [HERE, THERE] = [0, 1];

/** Leaves of chain 0: coins of both, shares of both, the pool. On chain 1 the same, with TST. */
export const [ALICE, BOB, ALICE_SHARES, BOB_SHARES, POOL, ALICE_TST] = [0, 1, 2, 3, 5, 6];
export const PEER = 7;
export const half = { chainIndex: HERE, leafIndex: POOL, token: ETH, reserve: 4000n, totalShares: 2000n, peer: { chainIndex: THERE, leafIndex: PEER } };
export const peer = { chainIndex: THERE, leafIndex: PEER, token: TST, reserve: 8000n, totalShares: 3000n, peer: { chainIndex: HERE, leafIndex: POOL } };

export function world(changes: { half?: Partial<PlacedPool>; peer?: Partial<PlacedPool> } = {}): LedgerState {
  let state = LedgerState.empty({ chainCount: 2 });
  for (const [chainIndex, token, pool] of [[HERE, ETH, POOL], [THERE, TST, PEER]] as const) {
    const operations = [
      depositOf(alice, { leafIndex: ALICE, token, amount: 10_000n }),
      depositOf(bob, { leafIndex: BOB, token, amount: 500n }),
      openOf(alice, { leafIndex: ALICE_SHARES, token: shareToken(pool) }),
      openOf(bob, { leafIndex: BOB_SHARES, token: shareToken(pool) }),
      openOf(alice, { leafIndex: ALICE_TST, token: 9n }),
    ];
    for (const operation of operations) state = apply(state, operation, { chainIndex });
    const chain = state.chain(chainIndex);
    const shares = { ...chain.leaf(ALICE_SHARES), balance: 900n };
    const leaf = poolLeaf(chainIndex === HERE ? { ...half, ...changes.half } : { ...peer, ...changes.peer });
    state = state.withChain(chainIndex, chain.withLeaf(ALICE_SHARES, shares).withLeaf(pool, leaf));
  }
  return state;
}

export const start = world();

function order(fields: Partial<OrderFields> & Pick<Order, 'type'>, changes: Partial<Order> = {}): Order {
  const from = fields.type === 'removeLiquidity' ? ALICE_SHARES : ALICE;
  return { ...orderOn([half, peer], alice, { from, nonce: 0n, amount: 100n, peerAmount: 200n, ...fields }), ...changes };
}

const signer = { by: alice, deploymentId };
export const swapIn = (changes: Partial<Order> = {}): PoolOperation => swapInOf(order({ type: 'swapIn' }, changes), signer);
export const add = (changes: Partial<Order> = {}, shares = 50n): PoolOperation => liquidityOf(order({ type: 'addLiquidity' }, changes), shares, signer);
export const remove = (changes: Partial<Order> = {}, coins = 70n): PoolOperation => liquidityOf(order({ type: 'removeLiquidity' }, changes), coins, signer);
export const swapOut = (changes: Partial<Order> = {}, amount = 30n): PoolOperation => swapOutOf(order({ type: 'swapIn' }, changes), { to: ALICE, amount });
export const addPeer = (changes: Partial<Order> = {}, shares = 60n): PoolOperation => peerLiquidityOf(order({ type: 'addLiquidity' }, changes), shares, ALICE);
export const removePeer = (changes: Partial<Order> = {}, coins = 80n): PoolOperation => peerLiquidityOf(order({ type: 'removeLiquidity' }, changes), coins, ALICE_SHARES);

export const SIDES: [PoolOperation['type'], number, (changes?: Partial<Order>) => PoolOperation][] = [
  ['swapIn', HERE, swapIn],
  ['addLiquidity', HERE, add],
  ['removeLiquidity', HERE, remove],
  ['swapOut', THERE, swapOut],
  ['addLiquidityPeer', THERE, addPeer],
  ['removeLiquidityPeer', THERE, removePeer],
];
export const FIRST = SIDES.slice(0, 3);
export const LIQUIDITY = SIDES.filter(([type]) => type !== 'swapIn' && type !== 'swapOut');
export const there = { chainIndex: THERE };

/** State and segment after one operation of a chain. */
export function after(state: LedgerState, operation: OperationRequest, chainIndex = HERE): { state: LedgerState; segment: SegmentState } {
  return applyFully(state, operation, { chainIndex });
}

export const byAlice = { by: alice, ...TEST_DOMAIN };
