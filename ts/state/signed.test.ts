import { describe, expect, it } from 'vitest';
import { FIELD } from '../spec/field.ts';
import { MAX_FEE } from '../spec/float16.ts';
import { emptyLeaf, LEAF_KIND } from '../spec/leaf.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE } from '../spec/params.ts';
import { isUsableKey } from '../spec/signature.ts';
import { apply, applyFully, expectRejected, TEST_DOMAIN, TEST_TIMESTAMP } from '../test/ledger.ts';
import { changeKeyOf, depositOf, openOf, testUser, transferTo, transferToNew, userFields, withdrawOf, type TestUser } from '../test/users.ts';
import { LedgerState } from './ledger.ts';

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(testUser) as [TestUser, TestUser, TestUser];
const [CHAIN, ETH, TST] = [TEST_DOMAIN.chainIndex, 1n, 2n];
const byAlice = { by: alice, ...TEST_DOMAIN };

/** 0: alice's ETH (100), 1: bob's ETH (0), 2: alice's TST (50). */
const start = [
  depositOf(alice, { leafIndex: 0, token: ETH, amount: 100n }),
  openOf(bob, { leafIndex: 1, token: ETH }),
  depositOf(alice, { leafIndex: 2, token: TST, amount: 50n }),
].reduce<LedgerState>((state, operation) => apply(state, operation), LedgerState.empty({ chainCount: 2 }));

const withdraw = { leafIndex: 0, token: ETH, to: 9n, amount: 10n, nonce: 0n };
const transfer = { from: 0, to: 1, amount: 10n, nonce: 0n };
const toNew = { from: 0, to: 3, amount: 10n, nonce: 0n };
const changeKey = { leafIndex: 0, nonce: 0n };

describe('token', () => {
  it('is the signed one: who is told that a leaf holds another token moves nothing', () => {
    for (const [operation, again] of [
      [withdrawOf({ ...withdraw, token: TST }, byAlice), { token: ETH }],
      [transferTo(bob, { ...transfer, token: TST }, byAlice), { token: ETH }],
      [transferToNew(carol, { ...toNew, token: TST }, byAlice), { token: ETH }],
      [changeKeyOf(bob, { ...changeKey, token: TST }, byAlice), { token: ETH }],
    ] as const) {
      expect(expectRejected('wrongToken', start, operation).facts).toMatchObject({ leafIndex: 0, expected: ETH, actual: TST });
      expectRejected('wrongSignature', start, { ...operation, ...again });
    }
  });
});

describe('fee', () => {
  it('is taken from the payer on top of the amount, for every signed operation', () => {
    for (const operation of [
      withdrawOf({ ...withdraw, fee: 3n }, byAlice),
      transferTo(bob, { ...transfer, fee: 3n }, byAlice),
      transferToNew(carol, { ...toNew, fee: 3n }, byAlice),
    ]) {
      expect(apply(start, operation).leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 87n, nonce: 1n });
    }
    expect(apply(start, changeKeyOf(bob, { ...changeKey, fee: 3n }, byAlice)).leaf(CHAIN, 0)).toMatchObject({ balance: 97n, nonce: 1n });
  });

  it('and amount together may be the whole balance and not more', () => {
    for (const [amount, fee, fits] of [[90n, 10n, true], [90n, 11n, false], [100n, 0n, true], [100n, 1n, false], [0n, 100n, true], [0n, 101n, false]] as const) {
      for (const operation of [
        withdrawOf({ ...withdraw, amount, fee }, byAlice),
        transferTo(bob, { ...transfer, amount, fee }, byAlice),
        transferToNew(carol, { ...toNew, amount, fee }, byAlice),
      ]) {
        if (fits) expect(apply(start, operation).leaf(CHAIN, 0).balance).toBe(0n);
        else expect(expectRejected('overdraft', start, operation).facts).toMatchObject({ balance: 100n, amount, fee });
      }
    }
    expect(apply(start, changeKeyOf(bob, { ...changeKey, fee: 100n }, byAlice)).leaf(CHAIN, 0).balance).toBe(0n);
    expectRejected('overdraft', start, changeKeyOf(bob, { ...changeKey, fee: 101n }, byAlice));
  });

  it('and amount together may pass 2^128 only to be refused', () => {
    const rich = apply(start, depositOf(bob, { leafIndex: 1, token: ETH, amount: MAX_BALANCE }));
    expectRejected('overdraft', rich, withdrawOf({ ...withdraw, leafIndex: 1, amount: MAX_BALANCE, fee: MAX_FEE }, { ...byAlice, by: bob }));
    const state = apply(rich, withdrawOf({ ...withdraw, leafIndex: 1, amount: MAX_BALANCE - MAX_FEE, fee: MAX_FEE }, { ...byAlice, by: bob }));
    expect(state.leaf(CHAIN, 1).balance).toBe(0n);
  });

  it('is refused without a float16 form, with the nearest ones that have it', () => {
    for (const [fee, hint] of [[2049n, 'Use 2047 or 2050.'], [-1n, 'Use 0 or more.'], [MAX_FEE + 1n, `Use at most ${MAX_FEE}.`]] as const) {
      for (const operation of [withdrawOf(withdraw, byAlice), transferTo(bob, transfer, byAlice), transferToNew(carol, toNew, byAlice), changeKeyOf(bob, changeKey, byAlice)]) {
        expect(expectRejected('feeNotFloat16', start, { ...operation, fee }).hint).toContain(hint);
      }
    }
  });

  it('is part of what is signed', () => {
    for (const operation of [withdrawOf(withdraw, byAlice), transferTo(bob, transfer, byAlice), transferToNew(carol, toNew, byAlice), changeKeyOf(bob, changeKey, byAlice)]) {
      expectRejected('wrongSignature', start, { ...operation, fee: 1n });
    }
  });

  it('is not taken from a transfer of a leaf to itself twice', () => {
    const { state, trace } = applyFully(start, transferTo(alice, { ...transfer, to: 0, amount: 97n, fee: 3n }, byAlice));
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 97n, nonce: 1n });
    expect(trace.b?.before).toEqual(trace.a.after);
  });
});

describe('change key', () => {
  const operation = changeKeyOf(carol, { ...changeKey, fee: 2n }, byAlice);

  it('gives the leaf another key, and nothing else but fee and nonce changes', () => {
    const { state, trace } = applyFully(start, operation);
    const { keyX, keyY } = userFields(carol);
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 98n, nonce: 1n, keyX, keyY });
    expect(trace.b).toBeNull();
    expect(trace.operation).toEqual(operation);
  });

  it('makes the new key sign from then on, and the old one no more', () => {
    const state = apply(start, operation);
    const next = { ...withdraw, nonce: 1n };
    expectRejected('wrongSignature', state, withdrawOf(next, byAlice));
    expect(apply(state, withdrawOf(next, { ...byAlice, by: carol })).leaf(CHAIN, 0).balance).toBe(88n);
    expectRejected('wrongSignature', state, changeKeyOf(alice, { ...changeKey, nonce: 1n }, byAlice));
    expect(apply(state, changeKeyOf(alice, { ...changeKey, nonce: 1n }, { ...byAlice, by: carol })).leaf(CHAIN, 0)).toMatchObject(userFields(alice));
  });

  it('is signed by the old key and for these fields only', () => {
    expectRejected('wrongSignature', start, changeKeyOf(carol, changeKey, { ...byAlice, by: carol }));
    expectRejected('wrongSignature', start, { ...operation, keyX: userFields(bob).keyX });
    expectRejected('wrongSignature', start, { ...operation, keyY: userFields(bob).keyY });
    expectRejected('wrongToken', start, { ...operation, leafIndex: 2 });
    expectRejected('wrongSignature', start, { ...operation, leafIndex: 2, token: TST });
    expectRejected('wrongSignature', start, { ...operation, validUntil: operation.validUntil + 1 });
    expectRejected('wrongSignature', start, operation, { deploymentId: 43n });
    const other = { chainIndex: 1 };
    expectRejected('wrongSignature', apply(start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 100n }), other), operation, other);
  });

  it('may give the key that the leaf has', () => {
    expect(apply(start, changeKeyOf(alice, changeKey, byAlice)).leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), nonce: 1n });
  });

  it('takes any two field elements; whether a key can sign is for others to ask', () => {
    const zero = changeKeyOf({ ...carol, key: { ...carol.key, publicKey: { x: 0n, y: FIELD - 1n } } }, changeKey, byAlice);
    expect(apply(start, zero).leaf(CHAIN, 0)).toMatchObject({ keyX: 0n, keyY: FIELD - 1n });
    expect(isUsableKey({ x: 0n, y: FIELD - 1n })).toBe(false);
    expectRejected('fieldOutOfRange', start, { ...operation, keyX: FIELD });
    expectRejected('fieldOutOfRange', start, { ...operation, keyY: -1n });
  });

  it('is refused at an empty leaf, a wrong nonce, too late, and with the last nonce used', () => {
    expectRejected('unknownLeaf', start, { ...operation, leafIndex: 5 });
    expectRejected('leafIndexOutOfRange', start, { ...operation, leafIndex: LEAF_COUNT });
    expectRejected('wrongNonce', apply(start, operation), operation);
    expectRejected('expired', start, operation, { timestamp: operation.validUntil + 1 });
    expectRejected('fieldOutOfRange', start, { ...operation, validUntil: -1 });
    const last = start.withChain(CHAIN, start.chain(CHAIN).withLeaf(0, { ...start.leaf(CHAIN, 0), nonce: MAX_NONCE }));
    expectRejected('nonceExhausted', last, changeKeyOf(carol, { ...changeKey, nonce: MAX_NONCE }, byAlice));
  });

  it('makes deposits for the old key impossible at that leaf, those for the new one possible', () => {
    const state = apply(start, operation);
    expectRejected('wrongOwner', state, depositOf(alice, { leafIndex: 0, token: ETH, amount: 1n }));
    expect(apply(state, { ...depositOf(carol, { leafIndex: 0, token: ETH, amount: 1n }), owner: alice.owner }).leaf(CHAIN, 0).balance).toBe(99n);
  });

  it('leaves the owner the right to a full exit', () => {
    expect(applyFully(apply(start, operation), { type: 'fullExit', leafIndex: 0, owner: alice.owner, least: 0n }).trace.operation).toMatchObject({ amount: 98n });
  });
});

describe('transfer to new', () => {
  const operation = transferToNew(carol, { ...toNew, fee: 2n }, byAlice);

  it('opens the leaf for the signed user with the amount', () => {
    const { state, trace } = applyFully(start, operation);
    expect(state.leaf(CHAIN, 0)).toEqual({ ...start.leaf(CHAIN, 0), balance: 88n, nonce: 1n });
    expect(state.leaf(CHAIN, 3)).toEqual({ kind: LEAF_KIND.account, token: ETH, nonce: 0n, balance: 10n, ...userFields(carol) });
    expect(trace.b).toMatchObject({ leafIndex: 3, before: emptyLeaf, after: state.leaf(CHAIN, 3) });
    expect(trace.operation).toEqual(operation);
  });

  it("reads the new leaf's path as the payer's change left it", () => {
    const { trace } = applyFully(start, operation);
    const between = start.chain(CHAIN).withLeaf(0, trace.a.after);
    expect(trace.b?.children).toEqual(between.tree.path(3));
    expect(trace.b?.children).not.toEqual(start.chain(CHAIN).tree.path(3));
  });

  it('has the signature of a transfer, so either can be made of it', () => {
    const signed = transferTo(carol, toNew, byAlice);
    expect(apply(start, { ...signed, type: 'transferToNew' }).leaf(CHAIN, 3).balance).toBe(10n);
    const opened = apply(start, openOf(carol, { leafIndex: 3, token: ETH }));
    expect(apply(opened, signed).leaf(CHAIN, 3).balance).toBe(10n);
  });

  it('may move nothing', () => {
    expect(apply(start, transferToNew(carol, { ...toNew, amount: 0n }, byAlice)).leaf(CHAIN, 3)).toMatchObject({ kind: LEAF_KIND.account, balance: 0n });
  });

  it('may open a leaf of a user who has another, or of the payer', () => {
    expect(apply(start, transferToNew(bob, toNew, byAlice)).leaf(CHAIN, 3)).toMatchObject({ balance: 10n, ...userFields(bob) });
    expect(apply(start, transferToNew(alice, toNew, byAlice)).leaf(CHAIN, 3)).toMatchObject({ balance: 10n, ...userFields(alice) });
  });

  it('is refused at a leaf that is not empty', () => {
    expectRejected('leafNotEmpty', start, { ...transferToNew(bob, toNew, byAlice), to: 1 });
    expectRejected('leafNotEmpty', start, { ...operation, to: 2 });
    expectRejected('leafNotEmpty', start, { ...transferToNew(alice, toNew, byAlice), to: 0 });
    expectRejected('leafIndexOutOfRange', start, { ...operation, to: LEAF_COUNT });
    expectRejected('leafIndexOutOfRange', start, { ...operation, to: -1 });
  });

  it('is refused for another receiver than the signed one', () => {
    expectRejected('wrongSignature', start, { ...operation, toOwner: bob.owner });
    expectRejected('wrongSignature', start, { ...operation, toKeyX: 1n });
    expectRejected('wrongSignature', start, { ...operation, toKeyY: 1n });
    expectRejected('wrongSignature', start, transferToNew(carol, toNew, { ...byAlice, by: carol }));
  });

  it('is refused for a receiver whose fields are out of range', () => {
    expectRejected('fieldOutOfRange', start, { ...operation, toOwner: 1n << 160n });
    expectRejected('fieldOutOfRange', start, { ...operation, toKeyX: FIELD });
    expectRejected('fieldOutOfRange', start, { ...operation, toKeyY: FIELD });
  });

  it('is refused like a transfer: payer, nonce, time, amount', () => {
    expectRejected('unknownLeaf', start, { ...operation, from: 9 });
    expectRejected('leafIndexOutOfRange', start, { ...operation, from: LEAF_COUNT });
    expectRejected('wrongNonce', start, transferToNew(carol, { ...toNew, nonce: 1n }, byAlice));
    expectRejected('expired', start, transferToNew(carol, { ...toNew, validUntil: TEST_TIMESTAMP - 1 }, byAlice));
    expectRejected('overdraft', start, transferToNew(carol, { ...toNew, amount: 101n }, byAlice));
    expectRejected('amountOutOfRange', start, { ...operation, amount: MAX_BALANCE + 1n });
    expectRejected('amountOutOfRange', start, { ...operation, amount: -1n });
    const rich = apply(start, depositOf(alice, { leafIndex: 0, token: ETH, amount: 10n ** 18n }));
    expectRejected('amountNotFloat40', rich, { ...operation, amount: (1n << 35n) + 1n });
    const last = start.withChain(CHAIN, start.chain(CHAIN).withLeaf(0, { ...start.leaf(CHAIN, 0), nonce: MAX_NONCE }));
    expectRejected('nonceExhausted', last, transferToNew(carol, { ...toNew, nonce: MAX_NONCE }, byAlice));
  });
});
