import { describe, expect, it } from 'vitest';
import { params } from '../spec/params.ts';
import { packBlock } from './packer.ts';
import { genesisTip } from './sealer.ts';
import { balanceOf, context, depositEvent, fullExitEvent, nextBlock, operator, pooled, signedChangeKey, signedTransfer, signedWithdraw, testUser } from './testSupport.ts';

const alice = testUser(1);
const bob = testUser(2);
const carol = testUser(3);
const parties = { deploymentId: context.deploymentId, operator };
const empty = genesisTip(context).state;
const types = (segments: { operations: readonly { type: string }[] }[]) => segments.map(({ operations }) => operations.map(({ type }) => type));
/** alice in leaf 0 of chain 0 with 1000 of token 1, bob in leaf 1 with 500. */
const funded = () => nextBlock({ requests: [[depositEvent(0, alice, 1000n), depositEvent(1, bob, 500n)]] }).tip;

describe('packer', () => {
  it('makes nothing of nothing', () => {
    const packed = packBlock({ ...parties, state: empty, requests: [[], [], []], transactions: [], timestamp: 1 });
    expect(packed).toEqual({ segments: [], included: [], dropped: [], requestsUsed: [0, 0, 0] });
  });

  it('gives the first deposit leaf 0, and later deposits of the same user the same leaf', () => {
    const { segments } = packBlock({ ...parties,
      state: empty,
      requests: [[depositEvent(0, alice, 1n), depositEvent(1, alice, 2n), depositEvent(2, alice, 3n, 2), depositEvent(3, bob, 4n)], [], []],
      transactions: [], timestamp: 1,
    });
    expect(segments[0]?.operations.map((operation) => operation.type === 'deposit' && operation.leafIndex)).toEqual([0, 0, 1, 2]);
  });

  it('separates users that share an owner or a key only', () => {
    const sameOwner = { ...bob, owner: alice.owner };
    const sameKey = { ...alice, owner: bob.owner };
    const { tip } = nextBlock({ requests: [[depositEvent(0, alice, 1n), depositEvent(1, sameOwner, 2n), depositEvent(2, sameKey, 3n)]] });
    expect([0, 1, 2].map((i) => balanceOf(tip.state, 0, i))).toEqual([1n, 2n, 3n]);
  });

  it('credits a deposit that would overflow a leaf to another leaf of the same user', () => {
    const most = (1n << 128n) - 1n;
    const { tip } = nextBlock({ requests: [[depositEvent(0, alice, most), depositEvent(1, alice, 5n), depositEvent(2, alice, 6n)]] });
    expect([0, 1, 2].map((i) => balanceOf(tip.state, 0, i))).toEqual([most, 11n, 0n]);
  });

  it('serves full exits: everything to the owner, nothing to anybody else', () => {
    const { tip, block } = nextBlock({ tip: funded(), requests: [[fullExitEvent(2, alice, 0), fullExitEvent(3, alice, 1), fullExitEvent(4, alice, 9)]] });
    expect(block.segments[0]?.operations.map((operation) => operation.type === 'fullExit' && operation.amount)).toEqual([1000n, 0n, 0n]);
    expect([0, 1].map((i) => balanceOf(tip.state, 0, i))).toEqual([0n, 500n]);
  });

  it('opens a leaf for a receiver that has none, with the first transfer to it', () => {
    const { block, tip } = nextBlock({
      tip: funded(),
      transactions: [signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 10n }), signedTransfer(alice, carol, { leafIndex: 0, nonce: 1, amount: 20n })],
    });
    expect(types(block.segments)).toEqual([['transferToNew', 'transfer']]);
    expect(balanceOf(tip.state, 0, 2)).toBe(30n);
    expect(block.transactions).toHaveLength(2);
  });

  it('takes the receiver that a deposit of the same block opens', () => {
    const { block } = nextBlock({
      tip: funded(), requests: [[depositEvent(2, carol, 7n)]],
      transactions: [signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 10n })],
    });
    expect(types(block.segments)).toEqual([['deposit', 'transfer']]);
  });

  it('keeps a chain within the bytes that its contract takes for one block', () => {
    const requests = [[depositEvent(0, alice, 1n), depositEvent(1, alice, 2n), depositEvent(2, alice, 3n)], [depositEvent(0, bob, 4n)], []];
    const { segments, requestsUsed } = packBlock({ ...parties, state: empty, requests, transactions: [], timestamp: 1, maxOnchainBytes: 2 * 108 + 107 });
    expect(types(segments)).toEqual([['deposit', 'deposit'], ['deposit']]);
    expect(requestsUsed).toEqual([2, 1, 0]);
  });

  it('transfers to oneself without another leaf', () => {
    const { block, tip } = nextBlock({ tip: funded(), transactions: [signedTransfer(alice, alice, { leafIndex: 0, nonce: 0, amount: 10n })] });
    expect(types(block.segments)).toEqual([['transfer']]);
    expect(balanceOf(tip.state, 0, 0)).toBe(1000n);
  });

  it('puts requests before transactions and keeps the order of both', () => {
    const { block, tip } = nextBlock({
      tip: funded(), requests: [[fullExitEvent(2, bob, 1)], [depositEvent(0, carol, 3n)]],
      transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }), signedTransfer(alice, bob, { leafIndex: 0, nonce: 1, amount: 2n })],
    });
    expect(block.segments.map(({ chainIndex }) => chainIndex)).toEqual([0, 1]);
    expect(types(block.segments)).toEqual([['fullExit', 'withdraw', 'transfer'], ['deposit']]);
    expect([0, 1].map((i) => balanceOf(tip.state, 0, i))).toEqual([997n, 2n]);
  });

  it('splits a chain into segments of K and stops at the largest number of segments', () => {
    const many = Array.from({ length: 200 }, (_, i) => depositEvent(i, testUser(i + 10), 1n));
    const { segments, requestsUsed } = packBlock({ ...parties, state: empty, requests: [many, [], []], transactions: [], timestamp: 1 });
    expect(segments).toHaveLength(params.joinSegments);
    expect(segments.every(({ operations }) => operations.length === params.slots)).toBe(true);
    expect(requestsUsed).toEqual([params.joinSegments * params.slots, 0, 0]);
  });

  it('shares a full block among the chains', () => {
    const many = Array.from({ length: 100 }, (_, i) => depositEvent(i, testUser(i + 10), 1n));
    const { requestsUsed } = packBlock({ ...parties, state: empty, requests: [many, many, many.slice(0, 3)], transactions: [], timestamp: 1 });
    expect(requestsUsed).toEqual([8 * params.slots, 7 * params.slots, 3]);
  });

  it('keeps transactions that have no room for the next block, and does not let later nonces overtake', () => {
    const many = Array.from({ length: params.slots - 1 }, (_, i) => depositEvent(i + 2, testUser(i + 10), 1n));
    const packed = packBlock({ ...parties,
      state: funded().state, requests: [many, [], []], maxSegments: 1, timestamp: 1,
      transactions: pooled(
        signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 1n, fee: 1n }),
        signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 1, amount: 1n }),
        signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 1n }),
      ),
    });
    expect(packed.included).toEqual(pooled(signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 1n })).map(({ id }) => id));
    expect(packed.dropped).toEqual([]);
  });

  it('drops what became invalid, with the reason', () => {
    const { dropped, block } = nextBlock({
      tip: funded(), requests: [[fullExitEvent(2, alice, 0)]], timestamp: 2000,
      transactions: [
        signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }),
        signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 1n, validUntil: 1999 }),
        signedTransfer(bob, alice, { leafIndex: 1, nonce: 0, amount: 501n }),
        signedTransfer(bob, carol, { leafIndex: 1, nonce: 0, amount: 502n }),
        signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 2n }),
      ],
    });
    expect(dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['overdraft', 'expired', 'overdraft', 'overdraft']);
    expect(types(block.segments)).toEqual([['fullExit', 'withdraw']]);
  });

  it('drops what was signed for another token than the leaf has, as after a revert that gave the leaf to other coins', () => {
    const { dropped, block } = nextBlock({
      tip: funded(),
      transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, token: 2n, nonce: 0, amount: 1n }), signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 1n })],
    });
    expect(dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['wrongToken']);
    expect(types(block.segments)).toEqual([['transfer']]);
  });

  it('drops a used nonce, and one whose predecessors are gone', () => {
    const { tip } = nextBlock({ tip: funded(), transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n })] });
    const packed = packBlock({ ...parties,
      state: tip.state, requests: [[], [], []], timestamp: 1,
      transactions: pooled(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }), signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 2, amount: 1n })),
    });
    expect(packed.included).toEqual([]);
    expect(packed.dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['wrongNonce', 'wrongNonce']);
  });

  it('spends in the same block what the same block brought', () => {
    const { tip } = nextBlock({
      tip: funded(),
      transactions: [signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 400n }), signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 900n })],
    });
    expect(balanceOf(tip.state, 0, 1)).toBe(0n);
  });
});

describe('fees', () => {
  const f = (segments: { operations: readonly { type: string }[] }[]) => types(segments);
  const collected = (segments: readonly { operations: readonly { type: string; amount?: bigint }[] }[]) =>
    segments.map(({ operations }) => operations.flatMap((operation) => (operation.type === 'collectFees' ? [operation.amount] : [])));
  const pay = (nonce: number, part: { fee?: bigint; amount?: bigint; leafIndex?: number } = {}) => signedTransfer(alice, bob, { leafIndex: 0, nonce, amount: 1n, fee: 2n, ...part });
  const of = (state: ReturnType<typeof funded>['state'], token = 1n) => state.leaf(0, state.chain(0).findLeaf({ ...operator, token })!).balance;

  it('are collected at the end of their segment, to a leaf that is opened for the operator once', () => {
    const { block, tip } = nextBlock({ tip: funded(), transactions: [pay(0), pay(1), signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 3n, fee: 5n })] });
    expect(f(block.segments)).toEqual([['open', 'transfer', 'transfer', 'withdraw', 'collectFees']]);
    expect(collected(block.segments)).toEqual([[9n]]);
    expect([of(tip.state), balanceOf(tip.state, 0, 0), balanceOf(tip.state, 0, 1)]).toEqual([9n, 994n, 494n]);
    const next = nextBlock({ tip, transactions: [pay(2)] });
    expect(f(next.block.segments)).toEqual([['transfer', 'collectFees']]);
  });

  it('that nobody pays are not collected', () => {
    expect(f(nextBlock({ tip: funded(), transactions: [pay(0, { fee: 0n })] }).block.segments)).toEqual([['transfer']]);
  });

  it('keep their slots however many operations follow: every segment collects its own', () => {
    const { block, tip } = nextBlock({ tip: funded(), transactions: Array.from({ length: 20 }, (_, i) => pay(i)) });
    for (const { operations } of block.segments) {
      expect(operations.length).toBeLessThanOrEqual(params.slots);
      const paid = operations.reduce((sum, operation) => sum + ('fee' in operation ? operation.fee : 0n), 0n);
      expect(operations.at(-1)).toMatchObject({ type: 'collectFees', amount: paid });
    }
    expect(of(tip.state)).toBe(40n);
  });

  it('never move a request: requests come first, and a full block makes the paying transaction wait', () => {
    const many = Array.from({ length: params.slots }, (_, i) => depositEvent(i + 2, testUser(i + 10), 1n));
    const full = packBlock({ ...parties, state: funded().state, requests: [many, [], []], transactions: pooled(pay(0)), timestamp: 1, maxSegments: 1 });
    expect([full.requestsUsed[0], full.included, full.dropped]).toEqual([params.slots, [], []]);
    const two = packBlock({ ...parties, state: funded().state, requests: [many, [], []], transactions: pooled(pay(0)), timestamp: 1, maxSegments: 2 });
    expect(f(two.segments).at(-1)).toEqual(['open', 'transfer', 'collectFees']);
  });

  it('of more tokens than a segment can collect go to another segment', () => {
    const tokens = Array.from({ length: params.feeTokens + 1 }, (_, i) => i + 1);
    // The operator has its leaves, so that only the number of tokens counts.
    const rich = nextBlock({ requests: [tokens.flatMap((token, i) => [depositEvent(2 * i, alice, 100n, token), depositEvent(2 * i + 1, operator, 1n, token)])] });
    const { block, tip } = nextBlock({ tip: rich.tip, transactions: tokens.map((token, i) => signedWithdraw(alice, 9n, { leafIndex: 2 * i, token: BigInt(token), nonce: 0, amount: 1n, fee: 3n })) });
    expect(block.segments.length).toBeGreaterThan(1);
    for (const { operations } of block.segments) expect(operations.filter(({ type }) => type === 'collectFees').length).toBeLessThanOrEqual(params.feeTokens);
    for (const token of tokens) expect(of(tip.state, BigInt(token))).toBe(4n);
  });

  it("of the operator's own transactions come back to it", () => {
    const { tip } = nextBlock({ requests: [[depositEvent(0, operator, 100n), depositEvent(1, bob, 1n)]] });
    const paid = nextBlock({ tip, transactions: [signedTransfer(operator, bob, { leafIndex: 0, nonce: 0, amount: 10n, fee: 4n })] });
    expect(f(paid.block.segments)).toEqual([['transfer', 'collectFees']]);
    expect(balanceOf(paid.tip.state, 0, 0)).toBe(90n);
  });

  it("are not lost when the operator's leaf has no room or gets another key in the same segment", () => {
    const most = (1n << 128n) - 1n;
    const full = nextBlock({ requests: [[depositEvent(0, operator, most), depositEvent(1, alice, 100n), depositEvent(2, bob, 1n)]] });
    const second = nextBlock({ tip: full.tip, transactions: [signedTransfer(alice, bob, { leafIndex: 1, nonce: 0, amount: 1n, fee: 2n })] });
    expect(f(second.block.segments)).toEqual([['open', 'transfer', 'collectFees']]);
    expect(balanceOf(second.tip.state, 0, 3)).toBe(2n);
    const one = nextBlock({ requests: [[depositEvent(0, operator, 50n), depositEvent(1, alice, 100n), depositEvent(2, bob, 1n)]] });
    const changed = nextBlock({
      tip: one.tip,
      transactions: [signedTransfer(alice, bob, { leafIndex: 1, nonce: 0, amount: 1n, fee: 2n }), signedChangeKey(operator, carol, { leafIndex: 0, nonce: 0, fee: 3n })],
    });
    expect(f(changed.block.segments)).toEqual([['transfer', 'open', 'changeKey', 'collectFees']]);
    expect([balanceOf(changed.tip.state, 0, 0), balanceOf(changed.tip.state, 0, 3)]).toEqual([47n, 5n]);
  });
});

describe('change of key', () => {
  const next = testUser(9);

  it('lets the new key sign in the same block, and drops what the old one signed', () => {
    const { block, tip, dropped } = nextBlock({
      tip: funded(),
      transactions: [
        signedChangeKey(alice, next, { leafIndex: 0, nonce: 0 }),
        signedTransfer(alice, bob, { leafIndex: 0, nonce: 1, amount: 1n }),
        signedTransfer(next, bob, { leafIndex: 0, nonce: 1, amount: 2n }),
      ],
    });
    expect(types(block.segments)).toEqual([['changeKey', 'transfer']]);
    expect(dropped).toMatchObject([{ reason: expect.stringContaining('wrongSignature') as string }]);
    expect(tip.state.leaf(0, 0)).toMatchObject({ balance: 998n, nonce: 2n, keyX: next.keyX, keyY: next.keyY });
  });

  it('sends deposits and transfers to the old key to a leaf of the old key', () => {
    const { tip } = nextBlock({ tip: funded(), transactions: [signedChangeKey(alice, next, { leafIndex: 0, nonce: 0 })] });
    const { tip: after, block } = nextBlock({ tip, requests: [[depositEvent(2, alice, 7n)]], transactions: [signedTransfer(bob, alice, { leafIndex: 1, nonce: 0, amount: 3n })] });
    expect(types(block.segments)).toEqual([['deposit', 'transfer']]);
    expect([balanceOf(after.state, 0, 0), balanceOf(after.state, 0, 2)]).toEqual([1000n, 10n]);
  });

  it('does not disturb the indices of leaves that the same block opens', () => {
    const { block, tip } = nextBlock({
      tip: funded(), requests: [[depositEvent(2, carol, 7n)]],
      transactions: [
        signedChangeKey(alice, next, { leafIndex: 0, nonce: 0, fee: 1n }),
        signedTransfer(next, alice, { leafIndex: 0, nonce: 1, amount: 2n, fee: 1n }),
        signedTransfer(bob, alice, { leafIndex: 1, nonce: 0, amount: 4n }),
      ],
    });
    expect(types(block.segments)).toEqual([['deposit', 'open', 'changeKey', 'transferToNew', 'transfer', 'collectFees']]);
    expect([0, 1, 2, 3, 4].map((i) => balanceOf(tip.state, 0, i))).toEqual([996n, 496n, 7n, 2n, 6n]);
  });
});
