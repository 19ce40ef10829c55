import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Witness } from '../../circuit/tester.ts';
import { SEGMENT_FOLLOWS, SegmentForge } from './soundness/segmentForge.ts';
import { validLiquidity, validOperations } from './soundness/segmentSubject.ts';
import { SegmentHarness, sealedTrace } from './segmentHarness.ts';
import { transfer } from './world.ts';

/*
 * What a prover can still choose. Once the inputs are fixed: nothing but hints on which nothing depends, the inverses of 0. Once the public
 * inputs are fixed: of the inputs nothing but those that the operation does not use.
 * In the sizes of the profile "small": the rules of a slot are the same.
 */

vi.hoisted(() => {
  process.env['ROLLUP_PROFILE'] = 'small';
});

const OWNER = 'slot[0].fullExit.IsEqual.isz.inv';
const TOKEN = 'slot[0].open.NonZeroIf.inverse';
const BALANCE = 'slot[0].fullExit.IsZero.inv';

/** Wires that move: the owner compared is the same, the balance is 0, or the token is 0. */
const hints: Record<string, string[]> = {
  deposit: [OWNER],
  'deposit that opens': [BALANCE],
  open: [BALANCE],
  'full exit that pays': [OWNER],
  'full exit of shares': [OWNER],
  'full exit of coins that are not enough': [OWNER],
  'full exit of shares that are not enough': [OWNER],
  'full exit of a leaf without shares': [OWNER, BALANCE],
  'full exit of an empty leaf': [BALANCE, TOKEN],
  'transfer to oneself': [OWNER],
  'open pool': [OWNER, BALANCE],
  'swap in': [OWNER],
};

/** In the slot of the change and in that of its credit. */
const hintsOfLiquidity = [[OWNER], [OWNER.replace('slot[0]', 'slot[1]')]];

const UNSIGNED = ['R8x', 'R8y', 'S', 'fee', 'validUntil'];
const NO_PEER = ['float', 'peerBalance', 'peerNonce'];
const NO_POOL = ['peerPlace', 'peerShares'];
const NO_LIQUIDITY = ['counter', 'peerToken'];
const FIRST_SIDE = ['orderHead', 'orderRest']; // these are of second sides
const REST_OF_ORDER = ['orderToken', 'peerAmount', 'peerLimit'];
const ORDER = ['limit', ...REST_OF_ORDER];
const NO_ORDER = [...FIRST_SIDE, ...NO_POOL, ...NO_LIQUIDITY, ...ORDER];
const NO_FEE = ['feeToken[0]', 'feeToken[1]'];
const NO_EXIT = ['keyX', 'keyY', ...REST_OF_ORDER]; // the limit is the least amount
const EXIT_OF_COINS = [...UNSIGNED, ...FIRST_SIDE, ...NO_POOL, ...NO_LIQUIDITY, ...NO_EXIT, ...NO_PEER, ...NO_FEE];
const EXIT_OF_SHARES = [...UNSIGNED, ...FIRST_SIDE, ...NO_EXIT, ...NO_FEE, 'float', 'peerNonce'];
const EMPTY = ['feeFlags[0]', 'feeFlags[1]']; // a leaf that is opened has token 0 before, as registers without use have, and pays no fee

/** Inputs that an operation does not use (of the fee registers, the first two). */
const unused: Record<string, string[]> = {
  'no-op': [...UNSIGNED, ...NO_ORDER, ...NO_PEER, ...NO_FEE, 'address', 'amount', 'keyX', 'keyY'],
  deposit: [...UNSIGNED, ...NO_ORDER, ...NO_PEER, ...NO_FEE],
  'deposit that opens': [...UNSIGNED, ...NO_ORDER, ...NO_PEER, ...NO_FEE, ...EMPTY],
  'full exit that pays': [...EXIT_OF_COINS],
  'full exit of coins that are not enough': [...EXIT_OF_COINS],
  'full exit of shares': [...EXIT_OF_SHARES],
  'full exit of shares that are not enough': [...EXIT_OF_SHARES],
  'full exit of a leaf without shares': [...EXIT_OF_COINS],
  withdraw: [...NO_ORDER, ...NO_PEER, ...NO_FEE, 'keyX', 'keyY'],
  open: [...UNSIGNED, ...NO_ORDER, ...NO_PEER, ...NO_FEE, ...EMPTY, 'amount'],
  transfer: [...NO_ORDER, ...NO_FEE],
  'transfer to new': [...NO_ORDER, ...NO_FEE, 'peerBalance', 'peerNonce'],
  'change key': [...NO_ORDER, ...NO_PEER, ...NO_FEE, 'address'],
  'open pool': [...UNSIGNED, ...NO_ORDER, ...NO_PEER, ...NO_FEE, ...EMPTY, 'address', 'amount'],
  'swap in': [...FIRST_SIDE, ...NO_LIQUIDITY, ...NO_FEE, 'peerNonce'],
  'swap out': [...NO_POOL, ...NO_LIQUIDITY, ...NO_FEE, 'R8x', 'R8y', 'S', 'validUntil'],
  'collect fees': [...UNSIGNED, ...NO_ORDER, ...NO_PEER, 'address', 'feeToken[1]', 'keyX', 'keyY'],
};

describe('segment, freedom', () => {
  let forge: SegmentForge;
  const witnesses = new Map<string, Witness>();
  beforeAll(async () => {
    forge = await SegmentForge.load();
    for (const [name, make] of Object.entries(validOperations)) witnesses.set(name, make(forge));
  });

  for (const name of Object.keys(validOperations)) {
    it(`${name}: nothing moves while the inputs stay, nor when the public ones may follow, but hints on which nothing depends`, () => {
      const witness = witnesses.get(name) ?? [];
      for (const moving of [[], SEGMENT_FOLLOWS]) {
        const { nullity, movements } = forge.segment.tester.freedom(witness, { moving });
        expect(movements.map((wires) => wires.map((wire) => wire.replace(/_\d+_\d+/g, ''))).sort()).toEqual((hints[name] ?? []).map((hint) => [hint]));
        expect(nullity).toBe(movements.length);
      }
    });
  }

  for (const [name, inputs] of Object.entries(unused)) {
    it(`${name}: public inputs fix every input that is used`, () => {
      expect(forge.looseInputs(witnesses.get(name) ?? [])).toEqual([...inputs].sort());
    });
  }

  it('a no-op leaves every leaf as it is and publishes nothing', () => {
    const { header, onchain, l2 } = forge.segment.words(witnesses.get('no-op') ?? []);
    expect([header[2], onchain, l2]).toEqual([header[3], [], []]);
  });
});

describe('segment of two slots, freedom', () => {
  let forge: SegmentForge;
  beforeAll(async () => {
    forge = await SegmentForge.load(2);
  });

  for (const [name, make] of Object.entries(validLiquidity)) {
    it(`${name} and its credit: nothing moves while the inputs stay, nor when the public ones may follow`, () => {
      const witness = make(forge);
      expect(forge.segment.violatedPlaces(witness)).toEqual([]);
      for (const moving of [[], SEGMENT_FOLLOWS]) {
        const { movements } = forge.segment.tester.freedom(witness, { moving });
        expect(movements.map((wires) => wires.map((wire) => wire.replace(/_\d+_\d+/g, ''))).sort()).toEqual(hintsOfLiquidity);
      }
    });
  }
});

describe('segment, simplified as for keys', () => {
  it('nothing moves while the inputs stay', async () => {
    const plain = await SegmentHarness.load({ slots: 1 });
    const segment = await SegmentHarness.load({ slots: 1, simplification: 2 });
    const inputs = plain.inputs(sealedTrace([transfer()]));
    const [c1 = 0n, c2 = 0n, r = 0n, y1 = 0n, y2 = 0n] = plain.consistent(inputs).slice(1, 6);
    const witness = segment.tester.witness({ ...inputs, c1, c2, r, y1, y2 });
    expect(segment.tester.violations(witness)).toEqual([]);
    expect(segment.tester.freedom(witness)).toEqual({ nullity: 0, movements: [] });
  });
});
