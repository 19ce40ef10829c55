import { beforeAll, describe, expect, it, vi } from 'vitest';
import { constraintsOf, holds, nameOf, wiresOf } from '../../circuit/soundness/constraintSystem.ts';
import { commonComponent, type Witness } from '../../circuit/tester.ts';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { FIELD, modField } from '../../spec/field.ts';
import { Random } from '../random.ts';
import { addLiquidity, addLiquidityPeer, credit, openPool, poolWorld, removeLiquidity, removeLiquidityPeer, swapIn, swapOut } from './poolWorld.ts';
import { SegmentHarness } from './segmentHarness.ts';
import { keptShares, shareExit } from './shareWorld.ts';
import { uncheckedTrace, type UncheckedOperation } from './segmentUnchecked.ts';
import { LEAF } from './world.ts';

/*
 * Every number that the prover says about an operation, one at a time, is another one, and everything that follows from it follows. Either the
 * circuit refuses, or nothing changes, or what changes is seen: another root means other public data, and of what somebody signed nothing
 * changes but what the pair's rule is asked about.
 * In the sizes of the profile "small": the rules of a slot are the same.
 */

vi.hoisted(() => {
  process.env['ROLLUP_PROFILE'] = 'small';
});

/**
 * Operations on pool halves, full exits of shares too, and, per slot, the inputs in which the builder has a choice that no signature takes away. (Other operations have their lies.)
 */
const CASES: Record<string, { operations: UncheckedOperation[]; choices?: readonly string[] }> = {
  'swap in': { operations: [swapIn()] },
  'swap out': { operations: [swapOut()], choices: ['0/amount', '0/float', '0/limit', '0/peerAmount', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'add liquidity': { operations: [addLiquidity(), credit(LEAF.shares)] },
  'add liquidity, peer': { operations: [addLiquidityPeer(), credit(LEAF.shares)], choices: ['0/limit', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'remove liquidity': { operations: [removeLiquidity(), credit(LEAF.alice)] },
  'remove liquidity, peer': { operations: [removeLiquidityPeer(), credit(LEAF.alice)], choices: ['0/limit', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'open pool': { operations: [openPool()], choices: ['0/token', '0/keyY'] },
  'full exit of shares': { operations: [shareExit()], choices: ['0/limit'] },
  // Who asks, and for how much, is in the words: the chain's queue says it.
  'full exit of shares that stay': { operations: [keptShares()], choices: ['0/address', '0/limit'] },
};

interface Seen {
  root: bigint;
  legs: bigint;
  words: string;
  witness: Witness;
}

describe('what the prover says about a slot', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 2 });
  });

  const inputsOf = (operations: UncheckedOperation[]): SignalInputs => segment.withLegs(segment.inputs(uncheckedTrace(operations, poolWorld())));

  /** Whether a constraint inside of a slot objects to what differs from a valid witness. (The public inputs need not fit for that.) */
  const objects = (valid: Witness, witness: Witness): boolean => {
    const { system } = segment.tester;
    const looked = new Set<number>();
    for (let wire = 1; wire < witness.length; wire++) {
      if (witness[wire] === valid[wire]) continue;
      for (const constraint of constraintsOf(system, wire)) {
        if (looked.has(constraint) || holds(system, witness, constraint)) {
          looked.add(constraint);
          continue;
        }
        if (commonComponent(wiresOf(system, constraint).map((each) => nameOf(system, each))) !== '') return true;
      }
    }
    return false;
  };

  /** What the world sees of a segment, or null when no proof of it exists. */
  const seen = (inputs: SignalInputs, valid?: Witness): Seen | null => {
    if (valid && objects(valid, segment.tester.witness(inputs))) return null;
    const witness = segment.consistent(inputs, { legs: 'emitted' });
    if (!segment.tester.isSatisfied(witness)) return null;
    const { header, onchain, l2 } = segment.words(witness);
    return { root: header[3] ?? 0n, legs: header[5] ?? 0n, words: JSON.stringify([onchain, l2].map((list) => list.map(String))), witness };
  };

  for (const [name, { operations, choices = [] }] of Object.entries(CASES)) {
    it(`is bound for ${name}`, () => {
      const random = new Random(20251121, name);
      const honest = inputsOf(operations);
      const before = seen(honest);
      if (before === null) return expect.unreachable('the honest segment is refused');
      const free = new Set<string>();
      const chosen = new Set<string>();
      for (const [key, value] of Object.entries(honest)) {
        const [, slot = '', field = ''] = /^slots\[(\d+)\]\.(.*)$/.exec(key) ?? [];
        if (typeof value !== 'bigint' || slot === '' || Number(slot) >= (name === 'add liquidity' ? 2 : 1) || field.startsWith('kind.')) continue;
        const other = modField(random.pick([value + 1n, value - 1n, -value, 0n, value + 2n ** 24n, value + 2n ** 32n, value + 2n ** 128n, value + 2n ** 160n, random.field(), random.bits(20)]));
        if (other === value) continue;
        const after = seen({ ...honest, [key]: other }, before.witness);
        if (after === null) continue;
        const input = `${slot}/${field}`;
        const text = `${input}: ${value} → ${other === value + 1n ? '+ 1' : other > FIELD / 2n ? `-${FIELD - other}` : other}`;
        if (after.root === before.root && after.legs === before.legs && after.words === before.words) free.add(input);
        else {
          chosen.add(input);
          expect(after.words === before.words ? after.root : before.root, `${text}: the root changes and no word does`).toBe(before.root);
        }
      }
      console.info(`${name}: without effect ${[...free].join(' ')}; the builder's choice ${[...chosen].join(' ')}`);
      expect([...chosen].filter((input) => !choices.includes(input))).toEqual([]);
    });
  }

  const KINDS = ['deposit', 'fullExit', 'withdraw', 'open', 'transfer', 'changeKey', 'collectFees', 'transferToNew', 'openPool', 'swapIn', 'swapOut', 'addLiquidity', 'addLiquidityPeer', 'removeLiquidity', 'removeLiquidityPeer', 'credit'];

  it('is no other kind of operation, and no two at once', () => {
    const random = new Random(7, 'kinds');
    for (const [name, { operations }] of Object.entries(CASES)) {
      const honest = inputsOf(operations);
      const before = seen(honest);
      if (before === null) return expect.unreachable(`${name}: the honest segment is refused`);
      const own = KINDS.find((kind) => honest[`slots[0].kind.${kind}`] === 1n)!;
      const others = KINDS.filter((kind) => kind !== own);
      for (const other of [random.pick(others), random.pick(others)]) {
        expect(seen({ ...honest, [`slots[0].kind.${other}`]: 1n }, before.witness), `${name} and ${other}`).toBe(null);
        const instead = seen({ ...honest, [`slots[0].kind.${own}`]: 0n, [`slots[0].kind.${other}`]: 1n }, before.witness);
        // They need no signature, and public data tells them apart.
        if (instead !== null) expect([`${name} as ${other}`, instead.words === before.words]).toEqual([expect.stringMatching(/ as (deposit|open|fullExit)$/), false]);
      }
    }
  });
});
