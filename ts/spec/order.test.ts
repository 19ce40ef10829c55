import { describe, expect, it } from 'vitest';
import { poseidon } from './poseidon.ts';
import { emptyLeaf, LEAF_KIND } from './leaf.ts';
import { isShareToken, legDigest, legsAfter, legWords, packPlace, shareToken, unpackPlace, type Leg } from './leg.ts';
import type { Order, PoolOperation } from './operation.ts';
import { firstPool, isSecondSide, legOf, secondPool } from './order.ts';
import { isPoolLeaf, LOCKED_SHARES, openedHalf, poolLeaf, poolOf, type PoolHalf } from './pool.ts';
import { orderHash } from './signature.ts';

const order: Order = {
  type: 'addLiquidity',
  chainIndex: 2,
  from: 3,
  token: 4n,
  nonce: 5n,
  validUntil: 6,
  amount: 7n,
  fee: 3n,
  pool: 8,
  peerChain: 9,
  peerLeaf: 10,
  peerToken: 11n,
  limit: 12n,
  peerAmount: 13n,
  peerLimit: 14n,
  owner: 15n,
  keyX: 16n,
  keyY: 17n,
};
const half: PoolHalf = { token: 4n, reserve: 100n, totalShares: 2000n, peer: { chainIndex: 9, leafIndex: 10 } };
const signature = { R8x: 0n, R8y: 0n, S: 0n };
const deploymentId = 99n;

describe('a place', () => {
  it('is packed and unpacked', () => {
    for (const place of [{ chainIndex: 0, leafIndex: 0 }, { chainIndex: 255, leafIndex: 0xffffff }, { chainIndex: 1, leafIndex: 2 }]) expect(unpackPlace(packPlace(place))).toEqual(place);
    expect(packPlace({ chainIndex: 1, leafIndex: 2 })).toBe(0x01000002n);
    expect(() => packPlace({ chainIndex: 256, leafIndex: 0 })).toThrow('does not fit');
    expect(() => packPlace({ chainIndex: 0, leafIndex: 2 ** 24 })).toThrow('does not fit');
  });
});

describe('a pool leaf', () => {
  it('holds a half and nothing else', () => {
    expect(poolLeaf(half)).toEqual({ kind: LEAF_KIND.pool, owner: 0n, token: 4n, nonce: 0n, balance: 100n, keyX: 2000n, keyY: 0x0900000an });
    expect(poolOf(poolLeaf(half))).toEqual(half);
    expect(isPoolLeaf(poolLeaf(half))).toBe(true);
  });

  it('is opened without coins and with the locked shares', () => {
    expect(LOCKED_SHARES).toBe(1000n);
    expect(openedHalf({ token: 4n, peer: half.peer })).toEqual({ ...half, reserve: 0n, totalShares: 1000n });
  });

  it('is no other leaf', () => {
    expect(poolOf(emptyLeaf)).toBeNull();
    expect(poolOf({ ...poolLeaf(half), kind: LEAF_KIND.account })).toBeNull();
    expect(isPoolLeaf(emptyLeaf)).toBe(false);
  });
});

describe('tokens of shares', () => {
  it('are those from 2^31 on', () => {
    expect(shareToken(0)).toBe(2n ** 31n);
    expect(shareToken(0xffffff)).toBe(2n ** 31n + 0xffffffn);
    expect([0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n].map(isShareToken)).toEqual([false, false, false, true, true]);
  });
});

describe('a leg', () => {
  const kinds: [PoolOperation, Partial<Leg>][] = [
    [{ type: 'swapIn', from: 3, pool: 8, amount: 7n, fee: 3n, order, signature }, { amount: 7n, shares: 0n, limit: 12n }],
    [{ type: 'swapOut', pool: 8, to: 3, amount: 6n, order }, { amount: 6n, shares: 0n, limit: 14n }],
    [{ type: 'addLiquidity', from: 3, pool: 8, amount: 7n, shares: 21n, fee: 3n, order, signature }, { amount: 7n, shares: 21n, limit: 12n }],
    [{ type: 'addLiquidityPeer', from: 3, pool: 8, amount: 13n, shares: 22n, fee: 0n, order }, { amount: 13n, shares: 22n, limit: 14n }],
    [{ type: 'removeLiquidity', from: 3, pool: 8, amount: 30n, shares: 7n, fee: 3n, order, signature }, { amount: 30n, shares: 7n, limit: 12n }],
    [{ type: 'removeLiquidityPeer', from: 3, pool: 8, amount: 31n, shares: 13n, fee: 0n, order }, { amount: 31n, shares: 13n, limit: 14n }],
  ];

  it.each(kinds.map(([operation, numbers]) => [operation.type, operation, numbers] as const))('of %s says what the half was and how it changes', (_, operation, numbers) => {
    expect(legOf({ operation, half, chainIndex: 2, deploymentId })).toEqual({
      kind: operation.type,
      pool: { chainIndex: 2, leafIndex: 8 },
      peer: { chainIndex: 9, leafIndex: 10 },
      order: orderHash(order, deploymentId),
      reserve: 100n,
      totalShares: 2000n,
      ...numbers,
    });
    expect(isSecondSide(operation)).toBe(numbers.limit === 14n);
  });

  it('is seven words with their digest, and chains them', () => {
    const [operation] = kinds[3] ?? [];
    if (!operation) throw new Error('There are six kinds');
    const leg = legOf({ operation, half, chainIndex: 2, deploymentId });
    const words = [0x0d_02000008_0900000an, orderHash(order, deploymentId), 13n, 22n, 100n, 2000n, 14n];
    expect(legWords(leg)).toEqual(words);
    expect(legDigest(leg)).toBe(poseidon(words));
    expect(legsAfter(5n, leg)).toBe(poseidon([5n, poseidon(words)]));
  });
});

describe('an order', () => {
  it('names both halves', () => {
    expect(firstPool(order)).toEqual({ chainIndex: 2, leafIndex: 8 });
    expect(secondPool(order)).toEqual({ chainIndex: 9, leafIndex: 10 });
  });
});
