import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Witness } from '../../circuit/tester.ts';
import type { OperationRequest } from '../../spec/operation.ts';
import { FIELD } from '../../spec/field.ts';
import { SegmentHarness, sealedTrace, type InputChanges } from './segmentHarness.ts';
import { openPool } from './poolWorld.ts';
import { SHARE_TOKEN } from './shareWorld.ts';
import { LEAF, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw } from './world.ts';

/* The header, the emission of words and the public inputs, on two slots, in the sizes of the profile "small". */

vi.hoisted(() => {
  process.env['ROLLUP_PROFILE'] = 'small';
});

const HALF = (FIELD + 1n) / 2n;

describe('segment, binding', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 2 });
  });

  const lying = (operations: OperationRequest[], changes: InputChanges): string[] =>
    segment.violatedPlaces(segment.consistent(segment.inputs(sealedTrace(operations), changes)));
  const edited = (operations: OperationRequest[], changes: (value: (name: string) => bigint) => Record<string, bigint>): string[] => {
    const witness: Witness = segment.consistent(segment.inputs(sealedTrace(operations)));
    expect(segment.violatedPlaces(witness)).toEqual([]);
    return segment.violatedPlaces(segment.tester.edit(witness, changes((name) => witness[segment.tester.wire(name)] ?? 0n)));
  };

  describe('public inputs', () => {
    for (const name of ['c1', 'c2', 'r', 'y1', 'y2']) {
      it(`refuses another ${name}`, () => {
        const operations = [withdraw(), open(users.carol, LEAF.empty)];
        const inputs = segment.inputs(sealedTrace(operations));
        const values = segment.consistent(inputs).slice(1, 6);
        const names = ['c1', 'c2', 'r', 'y1', 'y2'];
        const honest = Object.fromEntries(names.map((n, i) => [n, values[i] ?? 0n]));
        expect(segment.tester.isSatisfied(segment.tester.witness({ ...inputs, ...honest }))).toBe(true);
        expect(segment.tester.isSatisfied(segment.tester.witness({ ...inputs, ...honest, [name]: (honest[name] ?? 0n) + 1n }))).toBe(false);
      });
    }
    it('are the first wires, in the order c1, c2, r, y1, y2', () => {
      expect([1, 2, 3, 4, 5].map((wire) => segment.tester.names(wire)[0])).toEqual(['c1', 'c2', 'r', 'y1', 'y2']);
      expect(segment.tester.publicWires).toBe(5);
    });
  });

  describe('header', () => {
    const operations = [withdraw()];
    it('refuses numbers that leave their bits', () => {
      expect(lying([deposit(users.bob, LEAF.bob)], { chainIndex: 256n })).toEqual(['Range.bits']);
      expect(lying([deposit(users.bob, LEAF.bob)], { blockNumber: 2n ** 32n })).toEqual(['Range.bits']);
      expect(lying([deposit(users.bob, LEAF.bob)], { timestamp: 2n ** 40n })).toEqual(['Range.bits']);
      expect(lying([deposit(users.bob, LEAF.bob)], { blockNumber: -1n })).toEqual(['Range.bits']);
    });
    it('refuses legs that nobody emitted', () => expect(lying(operations, { legsOut: 5n })).toEqual(['']));
    it('carries legs through', () => expect(lying(operations, { legsIn: 5n, legsOut: 5n })).toEqual([]));
    it('refuses a wrong count of words', () => {
      expect(edited(operations, (value) => ({ numbers: value('numbers') + 1n }))).toContain('');
      expect(edited(operations, (value) => ({ numbers: value('numbers') + 2n ** 16n }))).toContain('');
    });
    it('refuses a root out that the operations do not lead to', () => {
      expect(edited(operations, (value) => ({ rootOut: value('rootIn') }))).toContain('');
    });
    it('has another root in for other registers', () => {
      const trace = sealedTrace(operations);
      const witness = segment.consistent(segment.inputs(trace, { 'registersIn[5]': 1n }));
      expect(segment.words(witness).header[2]).not.toBe(trace.rootIn);
      expect(segment.violatedPlaces(witness)).toEqual([]); // a true statement about another tree
    });
    it('refuses a leaf proof that does not end in its register', () => {
      expect(lying([deposit(users.bob, LEAF.bob)], { 'registersIn[0]': 1n })).toEqual(['slot[0].access', 'slot[0].peerAccess', 'slot[1].access', 'slot[1].peerAccess']);
    });
  });

  describe('slots', () => {
    it('refuses two kinds at once', () => {
      expect(lying([withdraw()], { 'slots[0].kind.fullExit': 1n })).toContain('slot[0].Boolean');
      expect(lying([deposit(users.carol, LEAF.empty)], { 'slots[0].kind.open': 1n })).toContain('slot[0].Boolean');
      expect(lying([transfer()], { 'slots[0].kind.transferToNew': 1n })).toContain('slot[0].Boolean');
      expect(lying([changeKey()], { 'slots[0].kind.collectFees': 1n })).toContain('slot[0].Boolean');
    });
    it('refuses fractions of kinds', () => {
      expect(lying([fullExit(users.bob, LEAF.bob)], { 'slots[0].kind.fullExit': HALF, 'slots[0].kind.deposit': HALF })).toContain('slot[0].Boolean');
      expect(lying([withdraw()], { 'slots[0].kind.withdraw': 2n, 'slots[0].kind.open': -1n })).toContain('slot[0].Boolean');
    });
    it('refuses to hide an emitted word or to emit one twice', () => {
      for (const flag of [0n, 2n]) {
        expect(edited([withdraw()], () => ({ 'slot[0].words.isOnchain': flag }))).toContain('slot[0].words');
        expect(edited([withdraw()], () => ({ 'slot[0].words.onchainEmits[1]': flag }))).toContain('slot[0].words');
        expect(edited([withdraw()], () => ({ 'onchainAtR[0].emits[0]': flag }))).toContain('');
        expect(edited([transfer()], () => ({ 'slot[0].words.l2Emits[0]': flag }))).toContain('slot[0].words');
        for (const k of [0, 1, 2, 3]) {
          expect(edited([transferToNew()], () => ({ [`slot[0].words.l2Emits[${k}]`]: flag }))).toContain('slot[0].words');
          expect(edited([transferToNew()], () => ({ [`slot[0].l2Emits[${k}]`]: flag }))).toContain('slot[0]');
          expect(edited([transferToNew()], () => ({ [`l2AtR[0].emits[${k}]`]: flag }))).toContain('');
        }
        expect(edited([changeKey()], () => ({ 'slot[0].words.three': flag }))).toContain('slot[0].words');
        expect(edited([collectFees(LEAF.bob, 0n)], () => ({ 'slot[0].words.l2Emits[0]': flag }))).toContain('slot[0].words');
        expect(edited([openPool()], () => ({ 'slot[0].words.l2Emits[0]': flag }))).toContain('slot[0].words');
        for (const leaf of [LEAF.shares, LEAF.bob]) expect(edited([fullExit(users.alice, leaf)], () => ({ 'slot[0].words.onchainEmits[2]': flag }))).toContain('slot[0].words');
      }
    });
    it('refuses a word that is emitted by an operation without it', () => {
      expect(edited([withdraw()], () => ({ 'slot[0].words.onchain[2]': 1n }))).toContain('slot[0].words');
      expect(edited([withdraw()], () => ({ 'slot[0].words.l2[0]': 1n }))).toContain('slot[0].words');
      expect(edited([fullExit(users.alice, LEAF.shares)], () => ({ 'slot[0].words.onchain[3]': 1n }))).toContain('slot[0].words');
      expect(edited([changeKey()], () => ({ 'slot[0].words.l2[3]': 1n }))).toContain('slot[0].words');
      expect(edited([collectFees(LEAF.bob, 0n)], () => ({ 'slot[0].words.l2[1]': 1n }))).toContain('slot[0].words');
      expect(edited([fullExit(users.alice, LEAF.bob)], (value) => ({ 'slot[0].words.head': value('slot[0].words.head') + 2n ** 160n }))).toContain('slot[0].words');
    });
    it('refuses other words of a full exit of shares', () => {
      const exit = [fullExit(users.alice, LEAF.shares)];
      for (const [name, value] of [['coins', 800_001n], ['shares', 0n], ['shares', 399_999n], ['token', SHARE_TOKEN], ['token', 0n], ['exitShares', 0n]] as const) {
        expect(edited(exit, () => ({ [`slot[0].words.${name}`]: value })), name).not.toEqual([]);
      }
      // A full exit of coins says shares 0.
      expect(edited([fullExit(users.bob, LEAF.bob)], () => ({ 'slot[0].words.onchain[2]': 1n }))).toContain('slot[0].words');
      expect(edited([fullExit(users.bob, LEAF.bob)], () => ({ 'slot[0].words.shares': 500n }))).not.toEqual([]);
    });
    it('refuses a power that advances for a word that is not emitted', () => {
      expect(edited([transfer()], (value) => ({ 'onchainAtR[0].factor[0]': value('r') }))).toContain('onchainAtR[0]');
      expect(edited([transfer()], () => ({ 'l2AtR[0].factor[0]': 1n }))).toContain('l2AtR[0]');
      expect(edited([transfer()], (value) => ({ 'onchainAtR[0].value': value('onchainAtR[0].value') + 1n }))).not.toEqual([]);
      expect(edited([transfer()], (value) => ({ 'l2AtR[1].values[2]': value('l2AtR[1].values[2]') + 1n }))).toContain('l2AtR[1]');
    });
    it('refuses a padding slot that changes a leaf', () => {
      expect(edited([withdraw()], () => ({ 'slot[1].after.balance': 2n }))).toContain('slot[1]');
      expect(edited([withdraw()], (value) => ({ 'slot[1].access.after': value('slot[1].access.after') + 1n }))).not.toEqual([]);
      expect(edited([withdraw()], (value) => ({ 'slot[1].peerAccess.after': value('slot[1].peerAccess.after') + 1n }))).not.toEqual([]);
      expect(edited([withdraw()], (value) => ({ 'slot[1].registersOut[3]': value('slot[1].registersOut[3]') + 1n }))).not.toEqual([]);
    });
    it('refuses a padding slot that reads a leaf that is not there', () => {
      expect(lying([withdraw()], { 'slots[1].balance': 2n })).toContain('slot[1].access.nodes[0]');
      expect(lying([withdraw()], { 'slots[1].peerValue': 1n })).toEqual(['slot[1].peerAccess.nodes[0]']);
    });
    it('refuses a sibling that is not there', () => {
      expect(lying([withdraw()], { 'slots[0].children[1][5]': 1n })).toContain('slot[0].access.nodes[2]');
      expect(lying([transfer()], { 'slots[0].peerChildren[2][7]': 1n })).toContain('slot[0].peerAccess');
    });
    it('refuses an alias of a leaf index', () => {
      expect(lying([deposit(users.bob, LEAF.bob)], { 'slots[0].leafIndex': BigInt(LEAF.bob) + 2n ** 24n })).toContain('slot[0].access.bits');
      expect(lying([transfer()], { 'slots[0].peerIndex': BigInt(LEAF.bob) + 2n ** 24n })).toEqual(['slot[0].peerAccess.bits']);
    });
    it('refuses a child at two places at once', () => {
      expect(edited([deposit(users.bob, LEAF.bob)], (value) => ({ 'slot[0].access.nodes[0].change[0]': value('slot[0].access.nodes[0].change[1]') }))).not.toEqual([]);
      expect(edited([deposit(users.bob, LEAF.bob)], () => ({ 'slot[0].access.nodes[0].change[7]': 1n }))).not.toEqual([]);
      expect(edited([deposit(users.bob, LEAF.bob)], () => ({ 'slot[0].access.bits.out[0]': 2n }))).toContain('slot[0].access.bits');
    });
    it('refuses leaf kind 3', () => {
      expect(lying([fullExit(users.alice, LEAF.bob)], { 'slots[0].pool': 1n })).toContain('slot[0].Boolean');
    });
    it('refuses limbs that make the same meta in another way', () => {
      const { owner } = users.bob;
      const claim = (changes: InputChanges): string[] =>
        lying([fullExit(users.alice, LEAF.bob)], Object.fromEntries(Object.entries(changes).map(([name, value]) => [`slots[0].${name}`, value])));
      expect(claim({ owner: owner + 2n ** 160n, token: 1n })).toEqual(['slot[0].Range.bits']);
      expect(claim({ owner: owner - 2n ** 160n, token: 3n })).toEqual(['slot[0].Range.bits']);
      expect(claim({ token: 2n + 2n ** 32n, nonce: -1n })).toEqual(['slot[0].Range.bits', 'slot[0].Token.bits']);
      expect(claim({ nonce: 2n ** 32n, account: 0n })).toContain('slot[0].Range.bits');
    });
  });
});
