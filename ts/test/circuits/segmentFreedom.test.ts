import { beforeAll, describe, expect, it } from 'vitest';
import type { Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import type { OperationRequest } from '../../spec/operation.ts';
import { SegmentHarness, sealedTrace, uncheckedTrace } from './segmentHarness.ts';
import { LEAF, changeKey, collectFees, deposit, fullExit, open, transfer, transferToNew, users, withdraw } from './world.ts';

/*
 * What a prover can still choose. First: once the inputs are fixed, nothing but hints on which nothing depends. Then: once the public
 * inputs are fixed, of the inputs nothing but those that the operation does not use.
 */

interface Case {
  operations: OperationRequest[];
  /** Inverses of 0. */
  hints: string[];
  /** Inputs of the slot that the operation does not use. */
  unused: string[];
}

const OWNER_HINT = 'slot[0].fullExit.IsEqual.isz.inv';
const UNSIGNED = ['R8x', 'R8y', 'S', 'fee', 'float', 'peerBalance', 'peerNonce', 'validUntil'];
const NO_RECEIVER = ['float', 'peerBalance', 'peerNonce'];

const cases: Record<string, Case> = {
  deposit: { operations: [deposit(users.bob, LEAF.bob)], hints: [OWNER_HINT], unused: UNSIGNED },
  'deposit that opens': { operations: [deposit(users.carol, LEAF.empty)], hints: [], unused: UNSIGNED },
  'full exit that pays': { operations: [fullExit(users.bob, LEAF.bob)], hints: [OWNER_HINT], unused: [...UNSIGNED, 'keyX', 'keyY'] },
  'full exit that does not pay': { operations: [fullExit(users.alice, LEAF.bob)], hints: [], unused: [...UNSIGNED, 'keyX', 'keyY'] },
  withdraw: { operations: [withdraw()], hints: [], unused: [...NO_RECEIVER, 'keyX', 'keyY'] },
  'withdraw with a fee': { operations: [withdraw({ amount: 5n, fee: 30n })], hints: [], unused: [...NO_RECEIVER, 'keyX', 'keyY'] },
  open: { operations: [open(users.carol, LEAF.empty)], hints: [], unused: [...UNSIGNED, 'amount'] },
  transfer: { operations: [transfer()], hints: [], unused: [] },
  'transfer to new': { operations: [transferToNew({ fee: 30n })], hints: [], unused: ['peerBalance', 'peerNonce'] },
  'change key': { operations: [changeKey({ fee: 30n })], hints: [], unused: [...NO_RECEIVER, 'address'] },
  'collect fees': { operations: [collectFees(LEAF.bob, 0n)], hints: [], unused: [...UNSIGNED, 'address', 'keyX', 'keyY'] },
};

describe('segment, freedom', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 1 });
  });

  const honest = (operations: OperationRequest[]): { inputs: SignalInputs; witness: Witness } => {
    const inputs = segment.inputs(sealedTrace(operations));
    const witness = segment.consistent(inputs);
    const [c1 = 0n, c2 = 0n, r = 0n, y1 = 0n, y2 = 0n] = witness.slice(1, 6);
    return { inputs: { ...inputs, c1, c2, r, y1, y2 }, witness };
  };

  for (const [name, { operations, hints, unused }] of Object.entries(cases)) {
    it(`${name}: inputs fix every other signal`, () => {
      const { witness } = honest(operations);
      const free = segment.tester.freeWires(witness).map((wire) => segment.tester.names(wire)[0]?.replace(/_\d+_\d+/g, ''));
      expect(free.sort()).toEqual([...hints].sort());
    });

    it(`${name}: public inputs fix every input that is used`, () => {
      const { inputs } = honest(operations);
      const loose: string[] = [];
      for (const [key, value] of Object.entries(inputs)) {
        if (typeof value !== 'bigint' || !key.startsWith('slots[0].')) continue;
        if (segment.tester.isSatisfied(segment.tester.witness({ ...inputs, [key]: value + 1n }))) loose.push(key.slice('slots[0].'.length));
      }
      expect(loose.sort()).toEqual([...unused].sort());
    });
  }

  it('a no-op leaves every leaf as it is and publishes nothing', () => {
    const witness = segment.consistent(segment.inputs(uncheckedTrace({ type: 'noop' })));
    expect(segment.violatedPlaces(witness)).toEqual([]);
    const { header, onchain, l2 } = segment.words(witness);
    expect([header[2], onchain, l2]).toEqual([header[3], [], []]);
  });
});

describe('segment, simplified as for keys', () => {
  it('has no wire (of a seeded sample) that can be changed alone', async () => {
    const plain = await SegmentHarness.load({ slots: 1 });
    const segment = await SegmentHarness.load({ slots: 1, simplification: 2 });
    const inputs = plain.inputs(sealedTrace([transfer()]));
    const [c1 = 0n, c2 = 0n, r = 0n, y1 = 0n, y2 = 0n] = plain.consistent(inputs).slice(1, 6);
    const witness = segment.tester.witness({ ...inputs, c1, c2, r, y1, y2 });
    expect(segment.tester.violations(witness)).toEqual([]);

    const seed = 20_240_607;
    const loose: string[] = [];
    for (let i = 0, wire = seed; i < 2000; i++) {
      wire = (wire * 1_103_515_245 + 12_345) % 2 ** 31 | 0;
      const index = 1 + (Math.abs(wire) % (segment.tester.wireCount - 1));
      for (const step of [1n, -1n]) {
        if (segment.tester.violationsOfWire(witness, index, (witness[index] ?? 0n) + step).length === 0) loose.push(segment.tester.names(index)[0] ?? `wire ${index}`);
      }
    }
    // A fee register that no slot uses may have any token.
    expect([...new Set(loose)].filter((name) => !/^feeToken\[\d+\]$/.test(name)), `seed ${seed}`).toEqual([]);
  });
});
