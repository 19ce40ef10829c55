import { describe, expect, it } from 'vitest';
import { LEAF_KIND, emptyLeaf } from '../spec/leaf.ts';
import { packPlace, shareToken } from '../spec/leg.ts';
import type { PoolOperation } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, params } from '../spec/params.ts';
import { orderHash } from '../spec/signature.ts';
import { apply, applyFully, expectRejected } from '../test/ledger.ts';
import { openPoolOf } from '../test/orders.ts';
import {
  alice, bob, deploymentId, ETH, TST, HERE, THERE, ALICE, ALICE_SHARES, BOB_SHARES, POOL, ALICE_TST, PEER, half, peer,
  world, start, swapIn, add, remove, swapOut, addPeer, removePeer, SIDES, FIRST, LIQUIDITY, there, after, byAlice,
} from '../test/poolWorld.ts';
import { changeKeyOf, depositOf, openOf, transferTo, transferToNew, withdrawOf, userFields } from '../test/users.ts';
import { emptySegment } from './segmentState.ts';

describe('open pool', () => {
  const open = openPoolOf({ leafIndex: 20, token: TST }, { chainIndex: 3, leafIndex: 9 });

  it('makes an empty leaf a half with the locked shares and no reserve, of nobody', () => {
    const { state, trace } = applyFully(start, open);
    const leaf = { ...emptyLeaf, kind: LEAF_KIND.pool, token: TST, keyX: 1000n, keyY: (3n << 24n) | 9n };
    expect(state.leaf(HERE, 20)).toEqual(leaf);
    expect(state.chain(HERE).pool(20)).toEqual({ leafIndex: 20, token: TST, reserve: 0n, totalShares: 1000n, peer: { chainIndex: 3, leafIndex: 9 } });
    expect([trace.b, trace.leg]).toEqual([null, null]);
  });

  it('is refused at a leaf in use, for shares, for no token, for itself as the peer', () => {
    expectRejected('leafNotEmpty', start, { ...open, leafIndex: ALICE });
    expectRejected('leafNotEmpty', start, { ...open, leafIndex: POOL });
    expectRejected('shareToken', start, { ...open, token: shareToken(POOL) });
    expectRejected('shareToken', start, { ...open, token: BigInt(params.shareTokens) });
    expectRejected('wrongToken', start, { ...open, token: 0n });
    expectRejected('ownPeer', start, { ...open, peerChain: HERE, peerLeaf: 20 });
    expect(apply(start, { ...open, peerChain: HERE, peerLeaf: 21 }).chain(HERE).pool(20)?.peer).toEqual({ chainIndex: HERE, leafIndex: 21 });
    expect(apply(start, { ...open, peerChain: THERE, peerLeaf: 20 }).chain(HERE).pool(20)?.peer).toEqual({ chainIndex: THERE, leafIndex: 20 });
  });

  it('is refused when a field does not fit', () => {
    expectRejected('leafIndexOutOfRange', start, { ...open, leafIndex: LEAF_COUNT });
    expectRejected('fieldOutOfRange', start, { ...open, token: 1n << 32n });
    expectRejected('fieldOutOfRange', start, { ...open, peerChain: 256 });
    expectRejected('fieldOutOfRange', start, { ...open, peerLeaf: 2 ** 24 });
    expectRejected('fieldOutOfRange', start, { ...open, peerLeaf: -1 });
    expectRejected('fieldOutOfRange', start, { ...open, peerLeaf: 0.5 });
  });
});

describe('sides of an order', () => {
  it('swap in: the payer pays amount and fee, the reserve gets the amount', () => {
    const operation = swapIn({ fee: 7n, limit: 3n });
    const { state, trace, segment } = applyFully(start, operation);
    expect(state.leaf(HERE, ALICE)).toEqual({ ...start.leaf(HERE, ALICE), balance: 9893n, nonce: 1n });
    expect(state.chain(HERE).pool(POOL)).toMatchObject({ reserve: 4100n, totalShares: 2000n });
    expect([trace.a.leafIndex, trace.b?.leafIndex]).toEqual([ALICE, POOL]);
    expect(segment).toEqual({ fees: { accrued: new Map([[ETH, 7n]]), collected: new Set() }, awaited: null });
    const place = { pool: { chainIndex: HERE, leafIndex: POOL }, peer: { chainIndex: THERE, leafIndex: PEER } };
    const hash = orderHash(operation.order, deploymentId);
    expect(trace.leg).toEqual({ kind: 'swapIn', ...place, order: hash, amount: 100n, shares: 0n, reserve: 4000n, totalShares: 2000n, limit: 3n });
  });

  it('swap out: the reserve pays, whoever ordered gets, without a signature or nonce', () => {
    const { state, trace, segment } = applyFully(start, swapOut({ peerLimit: 12n }), there);
    expect(state.leaf(THERE, ALICE)).toEqual({ ...start.leaf(THERE, ALICE), balance: 10_030n });
    expect(state.chain(THERE).pool(PEER)).toMatchObject({ reserve: 7970n, totalShares: 3000n });
    expect([trace.a.leafIndex, trace.b?.leafIndex]).toEqual([PEER, ALICE]);
    expect(trace.b?.children).toEqual(state.chain(THERE).withLeaf(ALICE, start.leaf(THERE, ALICE)).tree.path(ALICE));
    expect(trace.leg).toMatchObject({ kind: 'swapOut', pool: { chainIndex: THERE, leafIndex: PEER }, amount: 30n, shares: 0n, reserve: 8000n, limit: 12n });
    expect(segment).toBe(emptySegment);
  });

  it('add: coins go in, total shares rise, the shares are awaited', () => {
    const { state, trace, segment } = applyFully(start, add({ fee: 7n, limit: 9n }));
    expect(state.leaf(HERE, ALICE)).toMatchObject({ balance: 9893n, nonce: 1n });
    expect(state.chain(HERE).pool(POOL)).toMatchObject({ reserve: 4100n, totalShares: 2050n });
    expect(segment.awaited).toEqual({ ...userFields(alice), token: shareToken(POOL), amount: 50n });
    expect(trace.leg).toMatchObject({ kind: 'addLiquidity', amount: 100n, shares: 50n, reserve: 4000n, totalShares: 2000n, limit: 9n });
  });

  it('add, peer: the same without fee and nonce', () => {
    const { state, trace, segment } = applyFully(start, addPeer({ fee: 7n, limit: 9n, peerLimit: 8n }), there);
    expect(state.leaf(THERE, ALICE)).toMatchObject({ balance: 9800n, nonce: 0n });
    expect(state.chain(THERE).pool(PEER)).toMatchObject({ reserve: 8200n, totalShares: 3060n });
    expect(segment).toEqual({ ...emptySegment, awaited: { ...userFields(alice), token: shareToken(PEER), amount: 60n } });
    expect(trace.leg).toMatchObject({ kind: 'addLiquidityPeer', amount: 200n, shares: 60n, limit: 8n });
  });

  it('add, peer: of one coin alone takes nothing', () => {
    const { state, segment } = applyFully(start, addPeer({ peerAmount: 0n }), there);
    expect(state.leaf(THERE, ALICE)).toEqual(start.leaf(THERE, ALICE));
    expect(segment.awaited?.amount).toBe(60n);
  });

  it('remove: shares are paid and gone, coins are awaited', () => {
    const { state, trace, segment } = applyFully(start, remove({ fee: 7n, limit: 9n }));
    expect(state.leaf(HERE, ALICE_SHARES)).toMatchObject({ balance: 793n, nonce: 1n });
    expect(state.chain(HERE).pool(POOL)).toMatchObject({ reserve: 3930n, totalShares: 1900n });
    expect(segment.awaited).toEqual({ ...userFields(alice), token: ETH, amount: 70n });
    expect(segment.fees.accrued).toEqual(new Map([[shareToken(POOL), 7n]]));
    expect(trace.leg).toMatchObject({ kind: 'removeLiquidity', amount: 70n, shares: 100n, reserve: 4000n, totalShares: 2000n, limit: 9n });
  });

  it('remove, peer: the same without fee and nonce', () => {
    const { state, trace, segment } = applyFully(start, removePeer({ peerLimit: 8n }), there);
    expect(state.leaf(THERE, ALICE_SHARES)).toMatchObject({ balance: 700n, nonce: 0n });
    expect(state.chain(THERE).pool(PEER)).toMatchObject({ reserve: 7920n, totalShares: 2800n });
    expect(segment.awaited).toEqual({ ...userFields(alice), token: TST, amount: 80n });
    expect(trace.leg).toMatchObject({ kind: 'removeLiquidityPeer', amount: 80n, shares: 200n, limit: 8n });
  });

  it('take any amounts that leaves can hold: what is fair is for the pair to say', () => {
    expect(after(start, add({}, MAX_BALANCE - 2000n)).state.chain(HERE).pool(POOL)?.totalShares).toBe(MAX_BALANCE);
    expect(after(start, remove({}, 4000n)).state.chain(HERE).pool(POOL)?.reserve).toBe(0n);
    expect(after(start, swapOut({}, 8000n), THERE).state.chain(THERE).pool(PEER)?.reserve).toBe(0n);
    const full = world({ half: { reserve: MAX_BALANCE - 100n } });
    expect(after(full, swapIn()).state.chain(HERE).pool(POOL)?.reserve).toBe(MAX_BALANCE);
  });

  it('do not look at the limits, nor, of a second side, at the peer that the half names', () => {
    const elsewhere = world({ peer: { peer: { chainIndex: 9, leafIndex: 9 } } });
    for (const [, chainIndex, make] of SIDES) {
      const { trace } = applyFully(elsewhere, make({ limit: MAX_BALANCE, peerLimit: MAX_BALANCE }), { chainIndex });
      expect(trace.leg).toMatchObject({ limit: MAX_BALANCE, peer: chainIndex === HERE ? { chainIndex: THERE, leafIndex: PEER } : { chainIndex: 9, leafIndex: 9 } });
    }
  });

  it('are refused when the reserve or the total shares would leave their range', () => {
    expectRejected('balanceOverflow', world({ half: { reserve: MAX_BALANCE - 99n } }), swapIn());
    expectRejected('balanceOverflow', world({ half: { reserve: MAX_BALANCE - 99n } }), add());
    expectRejected('reserveTooSmall', start, remove({}, 4001n));
    expectRejected('reserveTooSmall', start, swapOut({}, 8001n), there);
    expectRejected('sharesOutOfRange', start, add({}, MAX_BALANCE - 1999n));
    expectRejected('sharesOutOfRange', world({ half: { totalShares: 99n } }), remove());
  });

  it('are refused when the payer has not got it, or the payee cannot hold it', () => {
    expectRejected('overdraft', start, swapIn({ amount: 10_001n }));
    expectRejected('overdraft', start, swapIn({ amount: 9_999n, fee: 2n }));
    expectRejected('overdraft', start, remove({ amount: 901n }));
    expectRejected('overdraft', start, addPeer({ peerAmount: 10_001n }), there);
    expectRejected('overdraft', start, removePeer({ peerAmount: 901n }), there);
    const full = apply(start, depositOf(alice, { leafIndex: ALICE, token: TST, amount: MAX_BALANCE - 10_029n }), there);
    expectRejected('balanceOverflow', full, swapOut(), there);
  });

  it('are refused for amounts without a form in public data', () => {
    expectRejected('amountNotFloat40', start, swapIn({ amount: (1n << 35n) + 1n }));
    expectRejected('amountNotFloat40', start, swapOut({}, (1n << 35n) + 1n), there);
    expectRejected('amountOutOfRange', start, swapOut({}, -1n), there);
    expectRejected('amountOutOfRange', start, add({}, -1n));
    expectRejected('amountOutOfRange', start, add({}, MAX_BALANCE + 1n));
    expectRejected('amountOutOfRange', start, remove({}, -1n));
    for (const [, , make] of FIRST) expectRejected('feeNotFloat16', start, { ...make(), fee: 2049n } as PoolOperation);
    for (const [, , make] of LIQUIDITY.slice(2)) expectRejected('wrongOrder', start, { ...make(), fee: 1n } as PoolOperation, there);
  });

  it('are refused at leaves of another kind or token', () => {
    for (const [type, chainIndex, make] of SIDES) {
      for (const pool of [ALICE, 30]) expectRejected('unknownPool', start, { ...make(), pool }, { chainIndex });
      expectRejected('leafIndexOutOfRange', start, { ...make(), pool: LEAF_COUNT }, { chainIndex });
      const account = type === 'swapOut' ? 'to' : 'from';
      const place = chainIndex === HERE ? POOL : PEER;
      for (const leafIndex of [place, 30]) expectRejected('unknownLeaf', start, { ...make(), [account]: leafIndex } as PoolOperation, { chainIndex });
      expectRejected('leafIndexOutOfRange', start, { ...make(), [account]: -1 } as PoolOperation, { chainIndex });
      expectRejected('wrongToken', start, { ...make(), [account]: ALICE_TST } as PoolOperation, { chainIndex });
    }
    expectRejected('wrongToken', start, { ...removePeer(), from: ALICE } as PoolOperation, there);
    expectRejected('wrongToken', start, { ...addPeer(), from: ALICE_SHARES } as PoolOperation, there);
  });

  it('are refused at a half of another pair of the same token', () => {
    const more = apply(start, openPoolOf({ leafIndex: 20, token: ETH }, peer));
    expectRejected('wrongOrder', more, { ...swapIn(), pool: 20 });
    expectRejected('wrongOrder', more, { ...add(), pool: 20 });
    expectRejected('wrongToken', more, { ...remove(), pool: 20 });
    expectRejected('wrongOrder', apply(start, openPoolOf({ leafIndex: 20, token: TST }, half), there), { ...swapOut({}, 0n), pool: 20 }, there);
  });
});

describe('shares', () => {
  const token = shareToken(POOL);

  it('are opened, transferred and give fees like any token', () => {
    const fields = { from: ALICE_SHARES, token, amount: 10n, nonce: 0n, fee: 3n };
    expect(apply(start, transferTo(bob, { ...fields, to: BOB_SHARES }, byAlice)).leaf(HERE, BOB_SHARES).balance).toBe(10n);
    const { state, segment } = after(start, transferToNew(bob, { ...fields, to: 60 }, byAlice));
    expect(state.leaf(HERE, 60)).toMatchObject({ token, balance: 10n });
    expect(apply(state, { type: 'collectFees', leafIndex: BOB_SHARES }, { segment }).leaf(HERE, BOB_SHARES).balance).toBe(3n);
    expect(apply(start, changeKeyOf(bob, { leafIndex: ALICE_SHARES, token, nonce: 0n }, byAlice)).leaf(HERE, ALICE_SHARES)).toMatchObject({ balance: 900n, keyX: bob.key.publicKey.x });
  });

  it('are neither deposited nor withdrawn', () => {
    for (const leafIndex of [ALICE_SHARES, 61]) expectRejected('shareToken', start, depositOf(alice, { leafIndex, token, amount: 1n }));
    expectRejected('shareToken', start, withdrawOf({ leafIndex: ALICE_SHARES, token, to: 1n, amount: 1n, nonce: 0n }, byAlice));
  });

  it('begin with the id 2^31', () => {
    expect([shareToken(0), params.shareTokens]).toEqual([1n << 31n, 2 ** 31]);
    expect(apply(start, depositOf(alice, { leafIndex: 61, token: (1n << 31n) - 1n, amount: 1n })).leaf(HERE, 61).balance).toBe(1n);
  });
});

describe('a pool leaf', () => {
  it('is nothing for operations of accounts, not even for the owner 0', () => {
    const nobody = { owner: 0n, key: { privateKey: '0x' as const, publicKey: { x: 2000n, y: packPlace(half.peer) } } };
    const { state, trace } = applyFully(start, { type: 'fullExit', leafIndex: POOL, owner: 0n, least: 0n });
    expect([trace.operation, state.finalRoot]).toEqual([{ type: 'fullExit', leafIndex: POOL, owner: 0n, least: 0n, token: 0n, amount: 0n, shares: 0n }, start.finalRoot]);
    expectRejected('wrongOwner', start, depositOf(nobody, { leafIndex: POOL, token: ETH, amount: 1n }));
    expectRejected('leafNotEmpty', start, openOf(alice, { leafIndex: POOL, token: ETH }));
    expectRejected('unknownLeaf', start, { type: 'collectFees', leafIndex: POOL });
    expectRejected('unknownLeaf', start, withdrawOf({ leafIndex: POOL, token: ETH, to: 1n, amount: 1n, nonce: 0n }, byAlice));
    expectRejected('unknownLeaf', start, changeKeyOf(alice, { leafIndex: POOL, nonce: 0n }, byAlice));
    expectRejected('unknownLeaf', start, transferTo(nobody, { from: ALICE, to: POOL, amount: 1n, nonce: 0n }, byAlice));
    expectRejected('unknownLeaf', start, transferTo(alice, { from: POOL, to: ALICE, amount: 1n, nonce: 0n }, byAlice));
    expectRejected('leafNotEmpty', start, transferToNew(nobody, { from: ALICE, to: POOL, amount: 1n, nonce: 0n }, byAlice));
  });
});
