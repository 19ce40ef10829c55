import { describe, expect, it } from 'vitest';
import { FIELD } from '../spec/field.ts';
import { MAX_NONCE } from '../spec/params.ts';
import type { Order, PoolOperation } from '../spec/operation.ts';
import { signOperation, orderHash } from '../spec/signature.ts';
import { apply, expectRejected, TEST_DOMAIN, TEST_TIMESTAMP, applyFully } from '../test/ledger.ts';
import { alice, bob, deploymentId, start, swapIn, SIDES, FIRST, there, swapOut, BOB, addPeer, removePeer, BOB_SHARES, HERE } from '../test/poolWorld.ts';
import type { TestUser } from '../test/users.ts';
import { LedgerState } from './ledger.ts';

describe('the order that a side shows', () => {
  it('is signed by the key of the leaf that pays first, for these fields only', () => {
    for (const [, , make] of FIRST) {
      const operation = make();
      const by = (user: TestUser, at: Partial<typeof TEST_DOMAIN> = {}): PoolOperation =>
        ({ ...operation, signature: signOperation({ ...operation.order, ...at }, { ...TEST_DOMAIN, ...at }, user.key) }) as PoolOperation;
      expectRejected('wrongSignature', start, by(bob));
      expectRejected('wrongSignature', start, by(alice, { deploymentId: 43n }));
      expectRejected('wrongSignature', start, by(alice, { chainIndex: 1 }));
      for (const changes of [{ limit: 1n }, { peerLimit: 1n }, { peerAmount: 201n }, { peerToken: 3n }, { validUntil: 1_999_999_999 }]) {
        expectRejected('wrongSignature', start, { ...operation, order: { ...operation.order, ...changes } });
      }
      expect(apply(start, { ...by(bob) }, { signatureChecked: true })).toBeInstanceOf(LedgerState);
    }
  });

  it('is the one of the leaf that pays first: chain, leaf, token, user, pool, amount, fee, kind', () => {
    const types = { swapIn: 'addLiquidity', addLiquidity: 'removeLiquidity', removeLiquidity: 'swapIn' } as const;
    for (const [name, , make] of FIRST) {
      const { order: shown, ...operation } = make();
      const type = types[name as keyof typeof types];
      for (const changes of [{ type }, { chainIndex: 1 }, { pool: 6 }, { peerChain: 2 }, { peerLeaf: 8 }, { from: 1 }, { amount: 99n }, { fee: 1n }, { owner: 1n }, { keyX: 1n }, { keyY: 1n }]) {
        const error = expectRejected('wrongOrder', start, { ...operation, order: { ...shown, ...changes } } as PoolOperation);
        expect(error.facts).toMatchObject({ field: Object.keys(changes)[0], expected: Object.values(changes)[0] });
      }
      expectRejected('wrongToken', start, { ...operation, order: { ...shown, token: 3n } } as PoolOperation);
    }
  });

  it('has this second side: chain, half, token, amount, user, kind', () => {
    for (const [name, , make] of SIDES.slice(3)) {
      const { order: shown, ...operation } = make();
      const show = (changes: Partial<Order>): PoolOperation => ({ ...operation, order: { ...shown, ...changes } }) as PoolOperation;
      const type = shown.type === 'swapIn' ? 'addLiquidity' : 'swapIn';
      for (const changes of [{ type } as const, { peerChain: 0 }, { peerLeaf: 8 }, { peerToken: 3n }]) expectRejected('wrongOrder', start, show(changes), there);
      for (const changes of [{ owner: 1n }, { keyX: 1n }, { keyY: 1n }]) expectRejected(name === 'swapOut' ? 'wrongReceiver' : 'wrongOrder', start, show(changes), there);
      // What the first side pays, signs and where it stands is for the first side to show; of a swap the second amount is nobody's.
      const free = { amount: 1n, fee: 3n, nonce: 77n, validUntil: 0, from: 9, pool: 9, chainIndex: 200, token: 0n, limit: 1n, peerLimit: 1n };
      expect(applyFully(start, show(free), there).trace.leg?.order).toBe(orderHash({ ...shown, ...free }, deploymentId));
      if (name === 'swapOut') expect(apply(start, show({ peerAmount: 5n }), there)).toBeInstanceOf(LedgerState);
      else expectRejected('wrongOrder', start, show({ peerAmount: 5n }), there);
    }
  });

  it('pays whoever ordered and nobody else', () => {
    expectRejected('wrongReceiver', start, { ...swapOut(), to: BOB } as PoolOperation, there);
    expectRejected('wrongOrder', start, { ...addPeer(), from: BOB } as PoolOperation, there);
    expectRejected('wrongOrder', start, { ...removePeer({ peerAmount: 0n }), from: BOB_SHARES } as PoolOperation, there);
  });

  it('has fields that fit, whichever side shows it', () => {
    const bad: Partial<Order>[] = [
      { chainIndex: 256 }, { from: 2 ** 24 }, { pool: -1 }, { peerChain: 256 }, { peerLeaf: 2 ** 24 }, { validUntil: 2 ** 40 }, { validUntil: Number.NaN },
      { token: 1n << 32n }, { nonce: 1n << 32n }, { amount: -1n }, { amount: 1n << 128n }, { peerToken: 1n << 32n },
      { limit: 1n << 128n }, { limit: -1n }, { peerAmount: 1n << 128n }, { peerLimit: -1n }, { owner: 1n << 160n }, { keyX: FIELD }, { keyY: -1n },
    ];
    for (const changes of bad) {
      const operation = swapOut();
      expectRejected('fieldOutOfRange', start, { ...operation, order: { ...operation.order, ...changes } }, there);
    }
    const operation = swapOut();
    expectRejected('feeNotFloat16', start, { ...operation, order: { ...operation.order, fee: 2049n } }, there);
    for (const changes of [{ limit: 1n << 128n }, { peerAmount: 1n << 128n }, { peerLeaf: 2 ** 24 }]) {
      const first = swapIn();
      expectRejected('fieldOutOfRange', start, { ...first, order: { ...first.order, ...changes } });
    }
  });

  it('is used once: its nonce', () => {
    for (const [, , make] of FIRST) {
      const operation = make();
      const state = apply(start, operation);
      expectRejected('wrongNonce', state, operation);
      expectRejected('wrongNonce', start, make({ nonce: 1n }));
      const from = operation.type === 'swapOut' ? 0 : operation.from;
      const used = start.withChain(HERE, start.chain(HERE).withLeaf(from, { ...start.leaf(HERE, from), nonce: MAX_NONCE }));
      expectRejected('nonceExhausted', used, make({ nonce: MAX_NONCE }));
    }
  });

  it('is valid until its last second', () => {
    for (const [, , make] of FIRST) {
      expect(apply(start, make({ validUntil: TEST_TIMESTAMP }))).toBeInstanceOf(LedgerState);
      expectRejected('expired', start, make({ validUntil: TEST_TIMESTAMP - 1 }));
    }
  });
});
