import { describe, expect, it } from 'vitest';
import type { OperationRequest, PoolOperation } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE } from '../spec/params.ts';
import { apply, applyFully, expectRejected } from '../test/ledger.ts';
import { creditOf, openPoolOf } from '../test/orders.ts';
import { alice, bob, ETH, TST, HERE, THERE, ALICE, BOB, ALICE_SHARES, BOB_SHARES, POOL, ALICE_TST, PEER, peer, start, swapIn, add, remove, swapOut, removePeer, LIQUIDITY, there, after, byAlice } from '../test/poolWorld.ts';
import { depositOf, openOf, withdrawOf } from '../test/users.ts';

describe('credit', () => {
  const credited = { addLiquidity: [ALICE_SHARES, 950n], addLiquidityPeer: [ALICE_SHARES, 960n], removeLiquidity: [ALICE, 10_070n], removeLiquidityPeer: [ALICE, 10_080n] } as const;
  const of = (type: PoolOperation['type']): readonly [number, bigint] => credited[type as keyof typeof credited];

  it('pays what the liquidity change before it gives, once', () => {
    for (const [type, chainIndex, make] of LIQUIDITY) {
      const { state, segment } = after(start, make(), chainIndex);
      const [leafIndex, balance] = of(type);
      const done = applyFully(state, creditOf(leafIndex), { chainIndex, segment });
      expect(done.state.leaf(chainIndex, leafIndex)).toEqual({ ...start.leaf(chainIndex, leafIndex), balance });
      expect([done.segment.awaited, done.trace.b, done.trace.leg]).toEqual([null, null, null]);
      expectRejected('nothingToCredit', done.state, creditOf(leafIndex), { chainIndex, segment: done.segment });
    }
  });

  it('goes to any leaf of the user and token, and to no other', () => {
    for (const [type, chainIndex, make] of LIQUIDITY) {
      const [leafIndex, balance] = of(type);
      const { token } = start.leaf(chainIndex, leafIndex);
      const more = apply(apply(start, openOf(alice, { leafIndex: 40, token }), { chainIndex }), openOf({ ...alice, key: bob.key }, { leafIndex: 41, token }), { chainIndex });
      const { state, segment } = after(more, make(), chainIndex);
      const inSegment = { chainIndex, segment };
      expect(apply(state, creditOf(40), inSegment).leaf(chainIndex, 40).balance).toBe(balance - start.leaf(chainIndex, leafIndex).balance);
      for (const other of [BOB, BOB_SHARES, 41]) expectRejected('wrongReceiver', state, creditOf(other), inSegment);
      for (const other of [leafIndex === ALICE ? ALICE_SHARES : ALICE, ALICE_TST]) expectRejected('wrongToken', state, creditOf(other), inSegment);
      for (const other of [chainIndex === HERE ? POOL : PEER, 30]) expectRejected('unknownLeaf', state, creditOf(other), inSegment);
      expectRejected('leafIndexOutOfRange', state, creditOf(LEAF_COUNT), inSegment);
    }
  });

  it('follows nothing else', () => {
    expectRejected('nothingToCredit', start, creditOf(ALICE));
    for (const operation of [swapIn(), depositOf(alice, { leafIndex: ALICE, token: ETH, amount: 1n })]) {
      const { state, segment } = after(start, operation);
      expectRejected('nothingToCredit', state, creditOf(ALICE), { segment });
    }
    const { state, segment } = after(start, swapOut(), THERE);
    expectRejected('nothingToCredit', state, creditOf(ALICE), { chainIndex: THERE, segment });
  });

  it('is the only thing that follows a liquidity change', () => {
    const others: OperationRequest[] = [
      depositOf(alice, { leafIndex: ALICE, token: ETH, amount: 1n }),
      openOf(alice, { leafIndex: 50, token: ETH }),
      openPoolOf({ leafIndex: 50, token: ETH }, peer),
      { type: 'fullExit', leafIndex: ALICE, owner: alice.owner, least: 0n },
      { type: 'collectFees', leafIndex: ALICE },
      withdrawOf({ leafIndex: ALICE, token: ETH, to: 1n, amount: 1n, nonce: 1n }, byAlice),
      swapIn({ nonce: 1n }),
      add({ nonce: 1n }),
      remove(),
    ];
    const { state, segment } = after(start, add());
    for (const operation of others) expectRejected('creditMissing', state, operation, { segment });
  });

  it('is refused when the balance would not fit', () => {
    const full = apply(start, depositOf(alice, { leafIndex: ALICE, token: TST, amount: MAX_BALANCE - 10_079n }), there);
    const { state, segment } = after(full, removePeer(), THERE);
    expectRejected('balanceOverflow', state, creditOf(ALICE), { chainIndex: THERE, segment });
  });
});
