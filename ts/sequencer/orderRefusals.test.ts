import { describe, expect, it } from 'vitest';
import { stringifyPlain } from '../base/json.ts';
import { params } from '../spec/params.ts';
import { MAX_RESERVE } from '../spec/pool.ts';
import { Mempool, type MempoolOptions } from './mempool.ts';
import { parsePairRequest, parseQuote, parseTransaction } from './parseTransaction.ts';
import { refusalReason } from './refusal.ts';
import type { Submission } from './store.ts';
import { context, depositEvent, nextBlock, onWorldPair, operator, poolWorld, signedChangeKey, signedOrder, signedTransfer, signedWithdraw, testUser, traders, type OrderPart, type TestUser } from './testSupport.ts';

const { alice, bob, carol } = traders;
const world = poolWorld();
const now = 1_000_000_000_000;
const rich = 10n ** 12n;
const shares = BigInt(params.shareTokens + 2);
const swap = (part: Partial<OrderPart> = {}, user: TestUser = bob) => signedOrder(user, { type: 'swapIn', from: 1, nonce: 0, ...onWorldPair, amount: 1000n, ...part });
const add = (part: Partial<OrderPart> = {}, user: TestUser = bob) => signedOrder(user, { type: 'addLiquidity', from: 1, nonce: 0, ...onWorldPair, amount: 1000n, ...part });
const remove = (part: Partial<OrderPart> = {}) => signedOrder(alice, { type: 'removeLiquidity', from: 3, nonce: 0, ...onWorldPair, token: shares, peerToken: shares, amount: 1000n, peerAmount: 1000n, ...part });

function pool(options: Partial<MempoolOptions> = {}) {
  const mempool = new Mempool({ deploymentId: context.deploymentId, operator, state: () => world.state, now: () => now, ...options });
  const accept = (submission: Submission): string => {
    const { id, transaction } = mempool.check(submission);
    mempool.add({ id, transaction });
    return id;
  };
  const reason = (submission: Submission): string | null => {
    try {
      mempool.check(submission);
    } catch (error) {
      return refusalReason(error);
    }
    return 'accepted';
  };
  return { mempool, accept, reason };
}

/** As it is sent: without owner and key. */
function sent({ owner: _, keyX: __, keyY: ___, ...order }: ReturnType<typeof swap>): Submission {
  return order;
}

describe('the mempool', () => {
  it('accepts good orders, and fills in owner and key of the leaf', () => {
    const { reason, mempool } = pool();
    for (const order of [swap(), add(), add({ peerAmount: 5n }), remove(), remove({ peerAmount: 0n })]) expect(reason(sent(order))).toBe('accepted');
    expect(mempool.check(sent(swap())).transaction).toEqual(swap());
    // At what price is for its turn: a pair may be filled by then.
    expect(pool({ state: () => poolWorld({ filled: false }).state }).reason(swap())).toBe('accepted');
  });

  it('knows an order that is sent twice', () => {
    const { accept, mempool } = pool();
    const id = accept(sent(swap()));
    expect(mempool.check(sent(swap()))).toMatchObject({ id, known: true });
  });

  it.each([
    ['unknownLeaf', swap({ from: 9 })],
    ['unknownChain', swap({ chainIndex: 9 })],
    ['unknownPool', swap({ peerChain: 9 })],
    ['unknownPool', swap({ pool: 0 })],
    ['unknownPool', swap({ peerLeaf: 9 })],
    ['notMutual', swap({ peerChain: 0, peerLeaf: 2 })],
    ['wrongToken', swap({ token: 2n })],
    ['wrongToken', swap({ peerToken: 1n })],
    ['wrongToken', add({ peerToken: shares })],
    ['wrongToken', signedOrder(alice, { ...swap(), type: 'removeLiquidity', from: 0, nonce: 1, owner: alice.owner, keyX: alice.keyX, keyY: alice.keyY, peerToken: shares })],
    ['wrongToken', remove({ peerToken: 2n })],
    ['wrongToken', signedOrder(alice, { ...swap(), from: 3, token: shares, owner: alice.owner, keyX: alice.keyX, keyY: alice.keyY, nonce: 0 })],
    ['nonceGap', swap({ nonce: 1 })],
    ['expired', swap({ validUntil: now / 1000 + 9 })],
    ['nothingToMove', swap({ amount: 0n })],
    ['amountNotFloat40', swap({ amount: 123_456_789_013n })],
    ['overdraft', swap({ amount: rich, fee: 1n })],
    ['overdraft', add({ peerAmount: rich + 1n })],
    ['overdraft', remove({ peerAmount: 10n ** 10n })],
    ['wrongSignature', { ...swap(), peerLimit: 1n }],
    ['wrongSignature', swap({}, carol)],
  ])('refuses with %s', (expected, order) => {
    expect(pool().reason(sent(order))).toBe(expected);
  });

  it('refuses what takes coins of a leaf that is not there, and says how to do without', () => {
    const funded = nextBlock({ tip: world, requests: [[depositEvent(2, carol, 5000n)]] }).tip;
    const from = funded.state.chain(0).findLeaf({ ...carol, token: 1n })!;
    const { reason } = pool({ state: () => funded.state });
    expect(reason(add({ from, peerAmount: 1n }, carol))).toBe('unknownLeaf');
    expect(reason(add({ from, peerAmount: 0n }, carol))).toBe('accepted');
  });

  it('counts what waits against both leaves of an order', () => {
    const { accept, reason, mempool } = pool();
    const id = accept(add({ amount: rich - 10n, peerAmount: rich - 100n }));
    expect(reason(swap({ nonce: 1, amount: 11n }))).toBe('overdraft');
    expect(reason(add({ nonce: 1, amount: 1n, peerAmount: 101n }))).toBe('overdraft');
    const withdraw = (amount: bigint) => signedWithdraw(bob, 9n, { chainIndex: 1, leafIndex: 1, token: 2n, nonce: 0, amount });
    expect([reason(withdraw(101n)), reason(withdraw(100n))]).toEqual(['overdraft', 'accepted']);
    accept(withdraw(100n));
    expect(reason(add({ nonce: 1, amount: 1n, peerAmount: 1n }))).toBe('overdraft');
    mempool.remove([id]);
    expect(reason(add({ amount: 1n, peerAmount: rich - 100n }))).toBe('accepted');
  });

  it('wants the key that a pending change brings, in the order too', () => {
    const next = testUser(9);
    const { accept, reason } = pool();
    accept(signedChangeKey(bob, next, { leafIndex: 1, nonce: 0 }));
    const renewed: TestUser = { ...next, owner: bob.owner };
    expect(reason(sent(swap({ nonce: 1 })))).toBe('wrongSignature');
    expect(reason(sent(swap({ nonce: 1 }, renewed)))).toBe('accepted');
  });

  it('asks the minimum fee of its kind, in the token that pays it', () => {
    const { reason } = pool({ fees: [{ kind: 'swapIn', token: 1, amount: 5n }, { kind: 'removeLiquidity', token: 1, amount: 5n }] });
    expect([reason(swap({ fee: 4n })), reason(swap({ fee: 5n })), reason(add()), reason(remove())]).toEqual(['feeTooLow', 'accepted', 'accepted', 'accepted']);
  });

  it('lets shares be transferred, and not withdrawn', () => {
    const { reason } = pool();
    expect(reason(signedTransfer(alice, bob, { leafIndex: 3, token: shares, nonce: 0, amount: 5n }))).toBe('accepted');
    expect(reason(signedWithdraw(alice, 9n, { leafIndex: 3, token: shares, nonce: 0, amount: 5n }))).toBe('shareToken');
  });
});

describe('an order on the wire', () => {
  const { from, owner: _, keyX: __, keyY: ___, ...rest } = add({ peerAmount: 7n, limit: 3n, peerLimit: 4n, fee: 2n });
  const wire = JSON.parse(stringifyPlain({ ...rest, leafIndex: from })) as Record<string, unknown>;
  const refusal = (body: unknown, read: (body: unknown) => unknown = parseTransaction): Record<string, unknown> => {
    try {
      read(body);
    } catch (error) {
      return (error as { facts: Record<string, unknown> }).facts;
    }
    return {};
  };

  it('is read as it was signed', () => {
    expect(parseTransaction(wire)).toEqual(sent(add({ peerAmount: 7n, limit: 3n, peerLimit: 4n, fee: 2n })));
    for (const type of ['swapIn', 'removeLiquidity']) expect(parseTransaction({ ...wire, type, limit: 0, peerAmount: 0 })).toMatchObject({ type, from: 1 });
  });

  const tooMuch = `${MAX_RESERVE + 1n}`;
  it.each([
    ['amount', tooMuch], ['limit', tooMuch], ['peerLimit', tooMuch], ['peerAmount', tooMuch], ['pool', 2 ** 24], ['peerChain', 256], ['peerLeaf', 2 ** 24], ['peerToken', 2 ** 32], ['token', 2 ** 32],
    ['chainIndex', -1], ['leafIndex', 'x'], ['nonce', 1.5], ['validUntil', null], ['fee', []], ['type', 'swap'], ['type', 'swapOut'],
  ])('with a wrong %s is refused by that name', (field, value) => {
    expect(refusal({ ...wire, [field]: value })).toMatchObject({ reason: 'wrongField', field });
    const { [field]: ____, ...without } = wire;
    expect(refusal(without)).toMatchObject({ reason: 'wrongField', field });
  });

  it('demands nothing of its own side when it is a swap', () => {
    const swapped = { ...wire, type: 'swapIn', limit: 0, peerAmount: 0 };
    expect(refusal({ ...swapped, limit: 1 })).toMatchObject({ field: 'limit' });
    expect(refusal({ ...swapped, peerAmount: 1 })).toMatchObject({ field: 'peerAmount' });
  });

  it.each([['chainIndex', 256], ['token', params.shareTokens], ['peerChain', '-1'], ['peerToken', undefined]])('names a wrong %s of a pair', (field, value) => {
    expect(refusal({ chainIndex: 0, token: 1, peerChain: 1, peerToken: 2, [field]: value }, parsePairRequest)).toMatchObject({ reason: 'wrongField', field });
  });

  it('reads what to quote, and names what is wrong', () => {
    expect(parseQuote({ type: 'swapIn', chainIndex: '0', pool: '2', amount: '5' })).toEqual({ type: 'swapIn', chainIndex: 0, pool: 2, amount: 5n, peerAmount: 0n, slippage: 50 });
    const query = { type: 'addLiquidity', chainIndex: '0', pool: '2', amount: '5' };
    for (const [field, value] of [['type', 'x'], ['chainIndex', '256'], ['pool', ''], ['amount', '-1'], ['peerAmount', 'x'], ['slippage', '10001']] as const) {
      expect(refusal({ ...query, [field]: value }, (body) => parseQuote(body as Record<string, string>))).toMatchObject({ field });
    }
    expect(refusal({ ...query, type: 'swapIn', peerAmount: '1' }, (body) => parseQuote(body as Record<string, string>))).toMatchObject({ field: 'peerAmount' });
  });
});
