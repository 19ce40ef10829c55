import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../spec/leaf.ts';
import type { Operation } from '../../spec/operation.ts';
import { params } from '../../spec/params.ts';
import { SegmentHarness } from './segmentHarness.ts';
import { uncheckedTrace } from './segmentUnchecked.ts';
import { LEAF, TOKEN, account, collectFees, transfer, transferToNew, users, world } from './world.ts';

/* What a witness cannot say, wire by wire, about the leaf that a transfer opens and about the fee registers. */

const OTHER_TOKEN = TOKEN + 1n;
const paidAndCollected: Operation[] = [transfer({ fee: 30n }), collectFees(LEAF.bob, 30n)];

describe('the leaf that a transfer opens', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load();
  });

  it('has nonce 0 and the amount as its balance, whatever nonce and balance the prover names', () => {
    const trace = uncheckedTrace(transferToNew());
    const expected = leafHash(account(users.carol, { balance: 1200n, token: TOKEN }));
    for (const changes of [{}, { 'slots[0].peerNonce': 5n, 'slots[0].peerBalance': 10n ** 9n }]) {
      const witness = segment.consistent(segment.inputs(trace, changes));
      expect(segment.violatedPlaces(witness)).toEqual([]);
      expect(witness[segment.tester.wire('slot[0].peerAccess.after')]).toBe(expected);
    }
  });

  for (const [name, value] of [
    ['peer.leaf.nonce', 1n],
    ['peer.changed.nonce', 1n],
    ['peer.leaf.balance', 1n],
    ['peer.held', 1n],
    ['peer.changed.balance', 1201n],
    ['peer.changed.token', TOKEN + 1n],
    ['peer.changed.owner', users.alice.owner],
    ['peer.changed.account', 0n],
    ['peer.changed.pool', 1n],
    ['peer.after', 5n],
  ] as const) {
    it(`cannot have another ${name}`, () => {
      const witness = segment.consistent(segment.inputs(uncheckedTrace(transferToNew())));
      const places = segment.violatedPlaces(segment.tester.edit(witness, { [`slot[0].${name}`]: value }));
      expect(places.some((place) => place.startsWith('slot[0].peer') || place === 'slot[0]')).toBe(true);
    });
  }
});

describe('fee registers', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 2 });
  });

  const edited = (changes: (value: (name: string) => bigint) => Record<string, bigint>): string[] => {
    const witness = segment.consistent(segment.inputs(uncheckedTrace(paidAndCollected)));
    expect(segment.violatedPlaces(witness)).toEqual([]);
    return segment.violatedPlaces(segment.tester.edit(witness, changes((name) => witness[segment.tester.wire(name)] ?? 0n)));
  };

  it('start at 0', () => {
    for (let f = 0; f < params.feeTokens; f++) expect(edited(() => ({ [`slot[0].accruedIn[${f}]`]: 5n }))).toContain('slot[0]');
  });
  it('are carried from slot to slot', () => {
    for (let f = 0; f < params.feeTokens; f++) {
      expect(edited(() => ({ [`slot[1].accruedIn[${f}]`]: 5n }))).toContain('');
      expect(edited((value) => ({ [`slot[0].accruedOut[${f}]`]: value(`slot[0].accruedOut[${f}]`) + 5n }))).not.toEqual([]);
    }
  });
  it('grow by what the payer is debited, and are empty after the collection', () => {
    expect(edited(() => ({ 'slot[0].fees.paid': 31n }))).toContain('slot[0]');
    expect(edited(() => ({ 'slot[0].fees.change[0]': 31n }))).toContain('slot[0].fees');
    expect(edited(() => ({ 'slot[0].fees.change[1]': 30n }))).toContain('slot[0].fees');
    expect(edited(() => ({ 'slot[1].fees.taken[0]': 0n }))).toContain('slot[1].fees');
    expect(edited(() => ({ 'slot[1].fees.change[0]': 0n }))).toContain('slot[1].fees');
    expect(edited(() => ({ 'slot[1].fees.accruedOut[0]': 30n }))).toContain('slot[1].fees');
  });
  it('are as many as params.json says', () => {
    const witness = segment.consistent(segment.inputs(uncheckedTrace(paidAndCollected)));
    expect(witness[segment.tester.wire(`slot[0].accruedIn[${params.feeTokens - 1}]`)]).toBe(0n);
    expect(() => segment.tester.wire(`slot[0].accruedIn[${params.feeTokens}]`)).toThrow('No such signal');
  });
  it('are chosen by the witness: tokens that are collected, in order; more of them than registers are refused', () => {
    const tokens = Array.from({ length: params.feeTokens + 1 }, (_, i) => BigInt(100 + i));
    const state = world({ bob: { token: tokens[0] ?? 0n } });
    expect(segment.inputs(uncheckedTrace([collectFees(LEAF.carolOther, 0n), collectFees(LEAF.bob, 0n)], state))['feeToken']).toEqual([OTHER_TOKEN, 100n, 0n, 0n]);
    const one = uncheckedTrace(collectFees(LEAF.bob, 0n));
    const slots = tokens.flatMap((token) => one.slots.map((slot) => ({ ...slot, a: { ...slot.a, before: { ...slot.a.before, token } } })));
    expect(() => segment.inputs({ ...one, slots })).toThrow('more tokens than it has fee registers');
  });
});
