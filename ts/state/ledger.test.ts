import { describe, expect, it } from 'vitest';
import { FIELD } from '../spec/field.ts';
import { LEAF_KIND, leafHash } from '../spec/leaf.ts';
import type { OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE } from '../spec/params.ts';
import { apply, expectRejected, TEST_DOMAIN, TEST_TIMESTAMP } from '../test/ledger.ts';
import { depositOf, openOf, testUser, transferTo, userFields, withdrawOf } from '../test/users.ts';
import { applyOperation, LedgerState } from './ledger.ts';

const alice = testUser('alice');
const bob = testUser('bob');
const [CHAIN, OTHER_CHAIN] = [TEST_DOMAIN.chainIndex, 1];
const [ETH, TST] = [1n, 2n];
const domain = TEST_DOMAIN;
const byAlice = { by: alice, ...domain };
const timestamp = TEST_TIMESTAMP;

/** 0: alice's ETH (100), 1: bob's ETH (0), 2: alice's TST (50). */
const start = [
  depositOf(alice, { leafIndex: 0, token: ETH, amount: 100n }),
  openOf(bob, { leafIndex: 1, token: ETH }),
  depositOf(alice, { leafIndex: 2, token: TST, amount: 50n }),
].reduce<LedgerState>((state, operation) => apply(state, operation), LedgerState.empty({ chainCount: 2 }));

const withdraw = { leafIndex: 0, token: ETH, to: 9n, amount: 10n, nonce: 0n };
const transfer = { from: 0, to: 1, amount: 10n, nonce: 0n };

describe('deposit', () => {
  it('opens an empty leaf and adds to the same leaf later', () => {
    const opened = { kind: LEAF_KIND.account, token: ETH, nonce: 0n, balance: 100n, ...userFields(alice) };
    expect(start.leaf(CHAIN, 0)).toEqual(opened);
    const state = apply(start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 5n }));
    expect(state.leaf(CHAIN, 0)).toEqual({ ...opened, balance: 105n });
    expect(state.chain(CHAIN).tree.get(0)).toBe(leafHash(state.leaf(CHAIN, 0)));
  });

  it('fills a leaf that was opened before', () => {
    expect(apply(start, depositOf(bob, { leafIndex: 1, token: ETH, amount: 5n })).leaf(CHAIN, 1).balance).toBe(5n);
  });

  it('is refused at a leaf of another owner, key or token', () => {
    expectRejected('wrongOwner', start, depositOf(bob, { leafIndex: 0, token: ETH, amount: 1n }));
    expectRejected('wrongOwner', start, { ...depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), owner: bob.owner });
    expectRejected('wrongOwner', start, { ...depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), keyX: 1n });
    expectRejected('wrongOwner', start, { ...depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), keyY: 1n });
    expectRejected('wrongToken', start, depositOf(alice, { leafIndex: 0, token: TST, amount: 1n }));
  });

  it('is refused when the balance would not fit', () => {
    const full = apply(start, depositOf(bob, { leafIndex: 3, token: ETH, amount: MAX_BALANCE }));
    expect(full.leaf(CHAIN, 3).balance).toBe(MAX_BALANCE);
    expectRejected('balanceOverflow', full, depositOf(bob, { leafIndex: 3, token: ETH, amount: 1n }));
  });

  it('is refused when a field is out of range', () => {
    const deposit = depositOf(bob, { leafIndex: 3, token: ETH, amount: 1n });
    expectRejected('amountOutOfRange', start, { ...deposit, amount: MAX_BALANCE + 1n });
    expectRejected('amountOutOfRange', start, { ...deposit, amount: -1n });
    expectRejected('fieldOutOfRange', start, { ...deposit, owner: 1n << 160n });
    expectRejected('fieldOutOfRange', start, { ...deposit, token: 1n << 32n });
    expectRejected('fieldOutOfRange', start, { ...deposit, keyX: FIELD });
    expectRejected('wrongToken', start, { ...deposit, token: 0n });
    for (const leafIndex of [LEAF_COUNT, -1, 1.5]) expectRejected('leafIndexOutOfRange', start, { ...deposit, leafIndex });
    expect(apply(start, { ...deposit, leafIndex: LEAF_COUNT - 1 }).leaf(CHAIN, LEAF_COUNT - 1).balance).toBe(1n);
  });
});

describe('open', () => {
  it('makes an account without money', () => {
    expect(start.leaf(CHAIN, 1)).toEqual({ kind: LEAF_KIND.account, token: ETH, nonce: 0n, balance: 0n, ...userFields(bob) });
  });

  it('is refused at a leaf that is not empty', () => {
    expectRejected('leafNotEmpty', start, openOf(bob, { leafIndex: 0, token: ETH }));
    expectRejected('leafNotEmpty', start, openOf(bob, { leafIndex: 1, token: ETH }));
  });

  it('is refused for token 0 and fields out of range', () => {
    expectRejected('wrongToken', start, openOf(bob, { leafIndex: 5, token: 0n }));
    expectRejected('fieldOutOfRange', start, { ...openOf(bob, { leafIndex: 5, token: ETH }), keyY: FIELD });
    expectRejected('leafIndexOutOfRange', start, openOf(bob, { leafIndex: LEAF_COUNT, token: ETH }));
  });
});

describe('withdraw', () => {
  it('takes the amount and uses the nonce', () => {
    const state = apply(start, withdrawOf({ ...withdraw, amount: 100n }, byAlice));
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 0n, nonce: 1n });
  });

  it('is refused with a signature of another key, other fields, another chain or another deployment', () => {
    expectRejected('wrongSignature', start, withdrawOf(withdraw, { ...byAlice, by: bob }));
    const signed = withdrawOf(withdraw, byAlice);
    expectRejected('wrongSignature', start, { ...signed, amount: 11n });
    expectRejected('wrongSignature', start, { ...signed, to: 8n });
    expectRejected('wrongSignature', start, { ...signed, validUntil: signed.validUntil + 1 });
    expectRejected('wrongSignature', start, withdrawOf(withdraw, { ...byAlice, chainIndex: OTHER_CHAIN }));
    expectRejected('wrongSignature', start, withdrawOf(withdraw, { ...byAlice, deploymentId: 43n }));
    const transferred = transferTo(bob, { ...transfer, amount: 10n }, byAlice);
    expectRejected('wrongSignature', start, { ...signed, signature: transferred.signature });
  });

  it('is refused twice and with any nonce but the next', () => {
    const signed = withdrawOf(withdraw, byAlice);
    expectRejected('wrongNonce', apply(start, signed), signed);
    expectRejected('wrongNonce', start, withdrawOf({ ...withdraw, nonce: 1n }, byAlice));
  });

  it('is refused after its last second only', () => {
    const signed = withdrawOf({ ...withdraw, validUntil: timestamp }, byAlice);
    expect(apply(start, signed).leaf(CHAIN, 0).balance).toBe(90n);
    expectRejected('expired', start, signed, { timestamp: timestamp + 1 });
    expectRejected('fieldOutOfRange', start, { ...signed, validUntil: 2 ** 40 });
    expectRejected('fieldOutOfRange', start, { ...signed, validUntil: Number.NaN });
  });

  it('is refused for more than the balance', () => {
    expectRejected('overdraft', start, withdrawOf({ ...withdraw, amount: 101n }, byAlice));
  });

  it('is refused for another token, an empty leaf, a fee or fields out of range', () => {
    expectRejected('wrongToken', start, withdrawOf({ ...withdraw, token: TST }, byAlice));
    expectRejected('unknownLeaf', start, withdrawOf({ ...withdraw, leafIndex: 5 }, byAlice));
    expectRejected('leafIndexOutOfRange', start, { ...withdrawOf(withdraw, byAlice), leafIndex: LEAF_COUNT });
    expectRejected('feeNotFloat16', start, { ...withdrawOf(withdraw, byAlice), fee: 2049n });
    expectRejected('fieldOutOfRange', start, { ...withdrawOf(withdraw, byAlice), to: 1n << 160n });
    expectRejected('amountOutOfRange', start, { ...withdrawOf(withdraw, byAlice), amount: 1n << 128n });
  });

  it('is refused when the leaf has used its last nonce', () => {
    const last = { ...start.leaf(CHAIN, 0), nonce: MAX_NONCE };
    const state = start.withChain(CHAIN, start.chain(CHAIN).withLeaf(0, last));
    expectRejected('nonceExhausted', state, withdrawOf({ ...withdraw, nonce: MAX_NONCE }, byAlice));
    const before = start.withChain(CHAIN, start.chain(CHAIN).withLeaf(0, { ...last, nonce: MAX_NONCE - 1n }));
    expect(apply(before, withdrawOf({ ...withdraw, nonce: MAX_NONCE - 1n }, byAlice)).leaf(CHAIN, 0).nonce).toBe(MAX_NONCE);
  });

  it('skips the signature only when told that it was checked', () => {
    const forged = { ...withdrawOf(withdraw, byAlice), amount: 11n };
    expect(apply(start, forged, { signatureChecked: true }).leaf(CHAIN, 0).balance).toBe(89n);
  });
});

describe('transfer', () => {
  it('moves the amount and uses the nonce of the payer', () => {
    const state = apply(start, transferTo(bob, transfer, byAlice));
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 90n, nonce: 1n });
    expect(state.leaf(CHAIN, 1)).toEqual({ ...start.leaf(CHAIN, 1), balance: 10n });
  });

  it('goes to any leaf of the signed user and token', () => {
    const state = apply(start, openOf(bob, { leafIndex: 7, token: ETH }));
    expect(apply(state, { ...transferTo(bob, transfer, byAlice), to: 7 }).leaf(CHAIN, 7).balance).toBe(10n);
  });

  it('may go to the leaf that it comes from', () => {
    const { state, trace } = applyOperation(start, { ...domain, timestamp, operation: transferTo(alice, { ...transfer, to: 0, amount: 100n }, byAlice) });
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), nonce: 1n });
    expect(trace.b?.before).toEqual(trace.a.after);
    expect(trace.a.after.balance).toBe(0n);
  });

  it('is refused when the receiving leaf is not of the signed user', () => {
    const signed = transferTo(bob, transfer, byAlice);
    expectRejected('wrongReceiver', start, { ...signed, to: 0 });
    expectRejected('wrongReceiver', start, { ...signed, toOwner: alice.owner });
    expectRejected('wrongReceiver', start, { ...signed, toKeyX: 1n });
    expectRejected('wrongReceiver', start, { ...signed, toKeyY: 1n });
  });

  it('is refused when the receiving leaf is empty or holds another token', () => {
    expectRejected('unknownLeaf', start, { ...transferTo(bob, transfer, byAlice), to: 9 });
    expectRejected('wrongToken', start, transferTo(alice, { ...transfer, to: 2 }, byAlice));
  });

  it('is refused for an amount without float40 form', () => {
    const amount = (1n << 35n) + 1n;
    const rich = apply(start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 10n ** 18n }));
    const error = expectRejected('amountNotFloat40', rich, transferTo(bob, { ...transfer, amount }, byAlice));
    expect(error.hint).toContain('34359738367');
  });

  it('is refused when the receiver would hold too much', () => {
    const full = apply(start, depositOf(bob, { leafIndex: 1, token: ETH, amount: MAX_BALANCE }));
    expectRejected('balanceOverflow', full, transferTo(bob, { ...transfer, amount: 1n }, byAlice));
  });

  it('is refused like a withdrawal: signature, nonce, time, fee, balance, indices', () => {
    expectRejected('wrongSignature', start, transferTo(bob, transfer, { ...byAlice, by: bob }));
    expectRejected('wrongSignature', start, { ...transferTo(bob, transfer, byAlice), amount: 20n });
    expectRejected('wrongNonce', start, transferTo(bob, { ...transfer, nonce: 5n }, byAlice));
    expectRejected('expired', start, transferTo(bob, { ...transfer, validUntil: timestamp - 1 }, byAlice));
    expectRejected('feeNotFloat16', start, { ...transferTo(bob, transfer, byAlice), fee: 2049n });
    expectRejected('overdraft', start, transferTo(bob, { ...transfer, amount: 101n }, byAlice));
    expectRejected('unknownLeaf', start, transferTo(bob, { ...transfer, from: 9 }, byAlice));
    expectRejected('leafIndexOutOfRange', start, { ...transferTo(bob, transfer, byAlice), to: LEAF_COUNT });
    expectRejected('leafIndexOutOfRange', start, { ...transferTo(bob, transfer, byAlice), from: -1 });
  });
});

describe('full exit', () => {
  const exit = (leafIndex: number, owner: bigint, least = 0n): OperationRequest => ({ type: 'fullExit', leafIndex, owner, least });

  it('of coins pays what is enough, and leaves what is not', () => {
    const applied = (least: bigint): ReturnType<typeof applyOperation> => applyOperation(start, { ...domain, timestamp, operation: exit(2, alice.owner, least) });
    expect(applied(50n).trace.operation).toMatchObject({ token: TST, amount: 50n, least: 50n });
    const { state, trace } = applied(51n);
    expect([trace.operation, trace.b]).toEqual([{ type: 'fullExit', leafIndex: 2, owner: alice.owner, least: 51n, token: 0n, amount: 0n, shares: 0n }, null]);
    expect(state.finalRoot).toBe(start.finalRoot);
  });

  it('pays the whole balance to the owner and leaves the account', () => {
    const { state, trace } = applyOperation(start, { ...domain, timestamp, operation: exit(2, alice.owner) });
    expect(trace.operation).toEqual({ type: 'fullExit', leafIndex: 2, owner: alice.owner, least: 0n, token: TST, amount: 50n, shares: 0n });
    expect(state.leaf(CHAIN, 2)).toEqual({ ...start.leaf(CHAIN, 2), balance: 0n });
  });

  it('names the token even when the balance is 0', () => {
    const { trace } = applyOperation(start, { ...domain, timestamp, operation: exit(1, bob.owner) });
    expect(trace.operation).toMatchObject({ token: ETH, amount: 0n });
  });

  it.each([
    ['of another owner', 0, bob.owner],
    ['that is empty', 1234, alice.owner],
    ['that is empty, for owner 0', 1234, 0n],
  ])('pays nothing from a leaf %s, and changes nothing', (_, leafIndex, owner) => {
    const { state, trace } = applyOperation(start, { ...domain, timestamp, operation: exit(leafIndex, owner) });
    expect(trace.operation).toEqual({ type: 'fullExit', leafIndex, owner, least: 0n, token: 0n, amount: 0n, shares: 0n });
    expect(trace.a.after).toEqual(trace.a.before);
    expect(trace.a.children).toHaveLength(6);
    expect(state.finalRoot).toBe(start.finalRoot);
  });

  it('is refused only for what the contract does not accept either: an index out of range, an owner that is no address', () => {
    expectRejected('leafIndexOutOfRange', start, exit(LEAF_COUNT, alice.owner));
    expectRejected('fieldOutOfRange', start, exit(0, 1n << 160n));
  });
});

describe('ledger state', () => {
  it('finds leaves by user and by owner, and free indices', () => {
    const chain = start.chain(CHAIN);
    expect(chain.findLeaf({ token: ETH, ...userFields(bob) })).toBe(1);
    expect(chain.findLeaf({ token: TST, ...userFields(bob) })).toBeNull();
    expect(chain.leavesOf(alice.owner).map(({ leafIndex }) => leafIndex)).toEqual([0, 2]);
    expect(chain.leavesOf(7n)).toEqual([]);
    expect(chain.nextFreeIndex()).toBe(3);
    expect(chain.leafCount).toBe(3);
    expect(chain.entries().map(({ leafIndex, leaf }) => [leafIndex, leaf.balance])).toEqual([[0, 100n], [1, 0n], [2, 50n]]);

    const later = apply(apply(start, openOf(bob, { leafIndex: 4, token: TST })), openOf(alice, { leafIndex: 3, token: ETH })).chain(CHAIN);
    expect(later.nextFreeIndex()).toBe(5);
    expect(later.findLeaf({ token: ETH, ...userFields(alice) })).toBe(0);
    expect(chain.nextFreeIndex()).toBe(3);
  });

  it('prefers the lowest leaf of a user, in whatever order they were opened', () => {
    const empty = LedgerState.empty({ chainCount: 1 });
    const state = apply(apply(empty, openOf(bob, { leafIndex: 4, token: ETH })), openOf(bob, { leafIndex: 2, token: ETH }));
    expect(state.chain(0).findLeaf({ token: ETH, ...userFields(bob) })).toBe(2);
    expect(state.chain(0).nextFreeIndex()).toBe(0);
  });

  it('keeps chains apart', () => {
    const state = apply(start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), { chainIndex: OTHER_CHAIN });
    expect(state.chain(CHAIN)).toBe(start.chain(CHAIN));
    expect(state.leaf(OTHER_CHAIN, 0).balance).toBe(1n);
  });

  it('refuses chains that it does not have', () => {
    expectRejected('unknownChain', start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }), { chainIndex: 2 });
  });

  it('refuses to empty a leaf or to give it to someone else', () => {
    const chain = start.chain(CHAIN);
    const leaf = chain.leaf(0);
    expect(() => chain.withLeaf(0, { ...leaf, owner: 5n })).toThrow('cannot change its kind, owner or token');
    expect(() => chain.withLeaf(0, { ...leaf, token: TST })).toThrow('cannot change its kind, owner or token');
    expect(() => chain.withLeaf(0, { ...leaf, kind: LEAF_KIND.empty })).toThrow('cannot change its kind, owner or token');
    expect(chain.withLeaf(77, chain.leaf(77))).toBe(chain);
  });
});
