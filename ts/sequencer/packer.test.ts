import { describe, expect, it } from 'vitest';
import { params } from '../spec/params.ts';
import { packBlock } from './packer.ts';
import { genesisTip } from './sealer.ts';
import { balanceOf, context, depositEvent, fullExitEvent, nextBlock, pooled, signedTransfer, signedWithdraw, testUser } from './testSupport.ts';

const alice = testUser(1);
const bob = testUser(2);
const carol = testUser(3);
const empty = genesisTip(context).state;
const types = (segments: { operations: readonly { type: string }[] }[]) => segments.map(({ operations }) => operations.map(({ type }) => type));
/** alice in leaf 0 of chain 0 with 1000 of token 1, bob in leaf 1 with 500. */
const funded = () => nextBlock({ requests: [[depositEvent(0, alice, 1000n), depositEvent(1, bob, 500n)]] }).tip;

describe('packer', () => {
  it('makes nothing of nothing', () => {
    const packed = packBlock({ state: empty, requests: [[], [], []], transactions: [], timestamp: 1 });
    expect(packed).toEqual({ segments: [], included: [], dropped: [], requestsUsed: [0, 0, 0] });
  });

  it('gives the first deposit leaf 0, and later deposits of the same user the same leaf', () => {
    const { segments } = packBlock({
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

  it('opens a leaf for a receiver that has none, before the transfer, once', () => {
    const { block, tip } = nextBlock({
      tip: funded(),
      transactions: [signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 10n }), signedTransfer(alice, carol, { leafIndex: 0, nonce: 1, amount: 20n })],
    });
    expect(types(block.segments)).toEqual([['open', 'transfer', 'transfer']]);
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
    const { segments, requestsUsed } = packBlock({ state: empty, requests: [many, [], []], transactions: [], timestamp: 1 });
    expect(segments).toHaveLength(params.joinSegments);
    expect(segments.every(({ operations }) => operations.length === params.slots)).toBe(true);
    expect(requestsUsed).toEqual([params.joinSegments * params.slots, 0, 0]);
  });

  it('shares a full block among the chains', () => {
    const many = Array.from({ length: 100 }, (_, i) => depositEvent(i, testUser(i + 10), 1n));
    const { requestsUsed } = packBlock({ state: empty, requests: [many, many, many.slice(0, 3)], transactions: [], timestamp: 1 });
    expect(requestsUsed).toEqual([8 * params.slots, 7 * params.slots, 3]);
  });

  it('keeps transactions that have no room for the next block, and does not let later nonces overtake', () => {
    const many = Array.from({ length: params.slots - 1 }, (_, i) => depositEvent(i + 2, testUser(i + 10), 1n));
    const packed = packBlock({
      state: funded().state, requests: [many, [], []], maxSegments: 1, timestamp: 1,
      transactions: pooled(
        signedTransfer(alice, carol, { leafIndex: 0, nonce: 0, amount: 1n }),
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

  it('drops a used nonce and keeps one that is too early', () => {
    const { tip } = nextBlock({ tip: funded(), transactions: [signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n })] });
    const packed = packBlock({
      state: tip.state, requests: [[], [], []], timestamp: 1,
      transactions: pooled(signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 0, amount: 1n }), signedWithdraw(alice, 9n, { leafIndex: 0, nonce: 2, amount: 1n })),
    });
    expect(packed.included).toEqual([]);
    expect(packed.dropped.map(({ reason }) => reason.split(':')[0])).toEqual(['wrongNonce']);
  });

  it('spends in the same block what the same block brought', () => {
    const { tip } = nextBlock({
      tip: funded(),
      transactions: [signedTransfer(alice, bob, { leafIndex: 0, nonce: 0, amount: 400n }), signedWithdraw(bob, 9n, { leafIndex: 1, nonce: 0, amount: 900n })],
    });
    expect(balanceOf(tip.state, 0, 1)).toBe(0n);
  });
});
