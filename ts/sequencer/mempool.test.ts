import { describe, expect, it } from 'vitest';
import { stringifyPlain } from '../base/json.ts';
import { Mempool, type MempoolOptions } from './mempool.ts';
import { parseTransaction } from './parseTransaction.ts';
import { refusalReason } from './refusal.ts';
import type { SignedTransaction } from './store.ts';
import { bigintToHex } from '../spec/hex.ts';
import { context, depositEvent, farFuture, nextBlock, operator, signedChangeKey, signedTransfer, signedWithdraw, testUser } from './testSupport.ts';

const alice = testUser(1);
const bob = testUser(2);
const { tip } = nextBlock({ requests: [[depositEvent(0, alice, 1000n), depositEvent(1, bob, 500n)]] });
const now = 1_000_000_000_000;

function pool(options: Partial<{ maxPending: number; maxPendingPerLeaf: number }> = {}, world: Partial<Pick<MempoolOptions, 'state' | 'fees'>> = {}) {
  const mempool = new Mempool({ deploymentId: context.deploymentId, operator, state: () => tip.state, now: () => now, ...options, ...world });
  const accept = (transaction: SignedTransaction) => {
    const { id } = mempool.check(transaction);
    mempool.add({ id, transaction });
    return id;
  };
  const reason = (transaction: SignedTransaction): string | null => {
    try {
      mempool.check(transaction);
    } catch (error) {
      return refusalReason(error);
    }
    return 'accepted';
  };
  return { mempool, accept, reason };
}

describe('mempool', () => {
  it('accepts a good transfer and a good withdrawal, also behind pending ones', () => {
    const { mempool, accept, reason } = pool();
    expect(mempool.oldest).toBe(null);
    accept(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 600n }));
    accept(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 300n }));
    expect(mempool.size).toBe(2);
    expect(mempool.oldest).toBe(now);
    expect(mempool.nextNonce(0, 0)).toBe(2n);
    expect(reason(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 2, amount: 101n }))).toBe('overdraft');
    expect(reason(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 2, amount: 100n }))).toBe('accepted');
  });

  it('knows a transaction that is sent twice', () => {
    const { mempool, accept } = pool();
    const transaction = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n });
    const id = accept(transaction);
    expect(mempool.check(transaction)).toEqual({ id, transaction, known: true });
    mempool.add({ id, transaction });
    expect(mempool.size).toBe(1);
  });

  it('refuses with a reason', () => {
    const { accept, reason } = pool({ maxPendingPerLeaf: 2 });
    const transfer = (part: object) => signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 5n, ...part });
    expect(reason(transfer({ leafIndex: 7 }))).toBe('unknownLeaf');
    expect(reason(transfer({ chainIndex: 9 }))).toBe('unknownChain');
    expect(reason(transfer({ token: 2n }))).toBe('wrongToken');
    expect(reason({ ...transfer({ token: 2n }), token: 1n })).toBe('wrongSignature');
    expect(reason(transfer({ nonce: 1 }))).toBe('nonceGap');
    expect(reason(transfer({ validUntil: now / 1000 + 9 }))).toBe('expired');
    expect(reason(transfer({ amount: 0n }))).toBe('nothingToMove');
    expect(reason(transfer({ amount: 1001n }))).toBe('overdraft');
    expect(reason(transfer({ amount: 1000n, fee: 1n }))).toBe('overdraft');
    expect(reason(signedTransfer(bob, alice, { leafIndex: 0, nonce: 0, amount: 5n }))).toBe('wrongSignature');
    expect(reason({ ...transfer({}), validUntil: farFuture - 1 })).toBe('wrongSignature');
    expect(reason(signedWithdraw(alice, 0n, { leafIndex: 0, nonce: 0, amount: 1n }))).toBe('zeroReceiver');
    expect(reason(signedTransfer(alice, { ...bob, owner: 0n }, { leafIndex: 0, nonce: 0, amount: 1n }))).toBe('zeroReceiver');
    expect(reason(signedTransfer(alice, { ...bob, keyX: 3n }, { leafIndex: 0, nonce: 0, amount: 1n }))).toBe('unusableKey');
    accept(transfer({}));
    expect(reason(transfer({ amount: 6n }))).toBe('nonceTaken');
    accept(transfer({ nonce: 1 }));
    expect(reason(transfer({ nonce: 2 }))).toBe('tooManyPending');
    expect(pool({ maxPending: 0 }).reason(transfer({}))).toBe('tooManyPending');
  });

  it('refuses an amount that has no float40 form', () => {
    const rich = nextBlock({ requests: [[depositEvent(0, alice, 10n ** 20n)]] });
    const mempool = new Mempool({ deploymentId: context.deploymentId, operator, state: () => rich.tip.state, now: () => now });
    expect(() => mempool.check(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 10n ** 19n }))).not.toThrow();
    const receiver = { toOwner: bob.owner, toKeyX: bob.keyX, toKeyY: bob.keyY };
    const signature = { R8x: 0n, R8y: 1n, S: 0n };
    const odd = { type: 'transfer' as const, chainIndex: 0, from: 0, token: 1n, nonce: 0n, validUntil: farFuture, amount: 12_345_678_901_234n, fee: 0n, ...receiver, signature };
    expect(() => mempool.check(odd)).toThrow('float40');
  });

  it('refuses a nonce that a block has used', () => {
    const after = nextBlock({ tip, transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n })] });
    const mempool = new Mempool({ deploymentId: context.deploymentId, operator, state: () => after.tip.state, now: () => now });
    expect(() => mempool.check(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }))).toThrow('already used');
  });

  it('takes no fee below the minimum of its kind and token, except from the operator, and keeps what pending ones pay', () => {
    const own = { ...operator, key: operator.key };
    const paid = nextBlock({ requests: [[depositEvent(0, alice, 1000n), depositEvent(1, own, 100n), depositEvent(2, alice, 1000n, 2)]] });
    const fees = [{ kind: 'transfer' as const, token: 1, amount: 5n }, { kind: 'changeKey' as const, token: 1, amount: 7n }];
    const { reason, accept } = pool({}, { state: () => paid.tip.state, fees });
    const transfer = (part: object) => signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 5n, ...part });
    expect(reason(transfer({ fee: 4n }))).toBe('feeTooLow');
    expect(reason(transfer({ fee: 5n }))).toBe('accepted');
    expect(reason(transfer({ leafIndex: 2, token: 2n }))).toBe('accepted');
    expect(reason(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n }))).toBe('accepted');
    expect(reason(signedChangeKey(alice, bob, { leafIndex: 0, nonce: 0, fee: 6n }))).toBe('feeTooLow');
    expect(reason(signedTransfer(own, bob, { leafIndex: 1, nonce: 0, amount: 5n }))).toBe('accepted');
    expect(reason(transfer({ amount: 996n, fee: 5n }))).toBe('overdraft');
    accept(transfer({ amount: 900n, fee: 5n }));
    expect(reason(transfer({ nonce: 1, amount: 91n, fee: 5n }))).toBe('overdraft');
    expect(reason(transfer({ nonce: 1, amount: 90n, fee: 5n }))).toBe('accepted');
    expect(reason(signedChangeKey(alice, bob, { leafIndex: 0, nonce: 1, fee: 96n }))).toBe('overdraft');
  });

  it('takes a change of key, and behind it only what the new key signs', () => {
    const { mempool, accept, reason } = pool();
    const next = testUser(9);
    const change = (part: object = {}) => signedChangeKey(alice, next, { leafIndex: 0, nonce: 0, ...part });
    expect(reason(signedChangeKey(alice, { keyX: 0n, keyY: 1n }, { leafIndex: 0, nonce: 0 }))).toBe('unusableKey');
    expect(reason(signedChangeKey(alice, { keyX: 5n, keyY: 6n }, { leafIndex: 0, nonce: 0 }))).toBe('unusableKey');
    expect(reason(signedChangeKey(alice, alice, { leafIndex: 0, nonce: 0 }))).toBe('nothingToChange');
    expect(reason(signedChangeKey(bob, next, { leafIndex: 0, nonce: 0 }))).toBe('wrongSignature');
    expect(mempool.nextKey(0, 0)).toEqual({ x: alice.keyX, y: alice.keyY });
    accept(change());
    expect(mempool.nextKey(0, 0)).toEqual({ x: next.keyX, y: next.keyY });
    const transfer = (user: typeof alice) => signedTransfer(user, bob, { leafIndex: 0, nonce: 1, amount: 5n });
    expect(reason(transfer(alice))).toBe('wrongSignature');
    expect(reason(transfer(next))).toBe('accepted');
  });

  it('orders a leaf by nonce and leaves by acceptance', () => {
    const { mempool } = pool();
    const order = [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 1n }), signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 1n }), signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n })];
    order.forEach((transaction, i) => mempool.add({ id: `${i}`, transaction }));
    expect(mempool.inOrder().map(({ id }) => id)).toEqual(['2', '1', '0']);
    mempool.remove(['2', 'unknown']);
    expect(mempool.inOrder().map(({ id }) => id)).toEqual(['0', '1']);
  });
});

describe('transaction body', () => {
  const body = () => {
    const { from, toOwner, ...rest } = signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 5n }) as Extract<SignedTransaction, { type: 'transfer' }>;
    return JSON.parse(stringifyPlain({ ...rest, leafIndex: from, toOwner: bigintToHex(toOwner, 20) })) as Record<string, unknown>;
  };

  it.each([['20481', 'Use 20470 or 20500.'], [`${(1n << 128n) - 1n}`, 'Use']])('with fee %s, which has no float16 form, names the nearest', (fee, hint) => {
    try {
      parseTransaction({ ...body(), fee });
      expect.unreachable('it was accepted');
    } catch (error) {
      expect(error).toMatchObject({ facts: { reason: 'feeNotFloat16' }, hint: expect.stringContaining(hint) as string });
    }
  });

  it('of a change of key is read as it was signed', () => {
    const change = signedChangeKey(alice, bob, { leafIndex: 0, nonce: 3, fee: 20n });
    expect(parseTransaction(JSON.parse(stringifyPlain(change)))).toEqual(change);
  });

  it('is read as it was signed', () => {
    expect(parseTransaction(body())).toEqual(signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 5n }));
    const { to, ...withdraw } = signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 5n }) as Extract<SignedTransaction, { type: 'withdraw' }>;
    expect(parseTransaction({ ...withdraw, amount: '0x5', token: 1, nonce: 0, fee: '0', signature: JSON.parse(stringifyPlain(withdraw.signature)), to: bigintToHex(to, 20) })).toEqual({ ...withdraw, to });
  });

  it.each([
    ['body', null], ['body', 'text'], ['body', []],
    ['type', { ...body(), type: 'deposit' }],
    ['chainIndex', { ...body(), chainIndex: 256 }],
    ['leafIndex', { ...body(), leafIndex: 2 ** 24 }],
    ['leafIndex', { ...body(), leafIndex: -1 }],
    ['nonce', { ...body(), nonce: '4294967296' }],
    ['token', { ...body(), token: '4294967296' }],
    ['token', { ...body(), token: undefined }],
    ['validUntil', { ...body(), validUntil: 1.5 }],
    ['amount', { ...body(), amount: '1e3' }],
    ['amount', { ...body(), amount: `${1n << 128n}` }],
    ['amount', { ...body(), amount: '9'.repeat(100_000) }],
    ['fee', { ...body(), fee: '-1' }],
    ['keyX', { ...body(), type: 'changeKey' }],
    ['amount', { ...body(), amount: null }],
    ['type', { ...body(), type: '\ud800' }],
    ['signature', { ...body(), signature: [] }],
    ['toOwner', { ...body(), toOwner: '0x12' }],
    ['toKeyX', { ...body(), toKeyX: {} }],
    ['signature', { ...body(), signature: undefined }],
    ['signature.S', { ...body(), signature: { R8x: '1', R8y: '2' } }],
  ])('with a wrong %s is refused', (field, value) => {
    try {
      parseTransaction(value);
      expect.unreachable('it was accepted');
    } catch (error) {
      expect(error).toMatchObject({ name: 'RollupError', facts: { reason: 'wrongField', field } });
    }
  });
});
