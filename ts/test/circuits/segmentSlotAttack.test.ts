import { beforeAll, describe, expect, it } from 'vitest';
import type { SignalInputs } from '../../circuit/witnessProgram.ts';
import { FIELD, modField } from '../../spec/field.ts';
import type { Operation } from '../../spec/operation.ts';
import { Random } from '../random.ts';
import { addLiquidity, addLiquidityPeer, credit, openPool, poolWorld, removeLiquidity, removeLiquidityPeer, swapIn, swapOut } from './poolWorld.ts';
import { SegmentHarness } from './segmentHarness.ts';
import { uncheckedTrace } from './segmentUnchecked.ts';
import { LEAF, changeKey, collectFees, deposit, open, transfer, transferToNew, users, withdraw } from './world.ts';

/*
 * Every number that the prover says about an operation, one at a time, is another one, and everything that follows from it follows. Either the
 * circuit refuses, or nothing changes, or what changes is seen: another root means other public data, and of what somebody signed nothing
 * changes but what the pair's rule is asked about.
 */

const VALUES_PER_INPUT = Number(process.env['ATTACK_VALUES'] ?? 1);

/** Operations and, per slot, the inputs in which the builder has a choice that no signature takes away. */
const CASES: Record<string, { operations: Operation[]; choices?: readonly string[] }> = {
  'swap in': { operations: [swapIn()] },
  'swap out': { operations: [swapOut()], choices: ['0/amount', '0/float', '0/limit', '0/peerAmount', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'add liquidity': { operations: [addLiquidity(), credit(LEAF.shares)] },
  'add liquidity, peer': { operations: [addLiquidityPeer(), credit(LEAF.shares)], choices: ['0/limit', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'remove liquidity': { operations: [removeLiquidity(), credit(LEAF.alice)] },
  'remove liquidity, peer': { operations: [removeLiquidityPeer(), credit(LEAF.alice)], choices: ['0/limit', '0/peerLimit', '0/orderHead', '0/orderRest'] },
  'open pool': { operations: [openPool()], choices: ['0/token', '0/keyY'] },
  deposit: { operations: [deposit(users.bob, LEAF.bob)], choices: ['0/amount'] },
  open: { operations: [open(users.carol, LEAF.empty)], choices: ['0/token', '0/address', '0/keyX', '0/keyY'] },
  transfer: { operations: [transfer({ fee: 30n }), collectFees(LEAF.bob, 30n)] },
  'transfer to new': { operations: [transferToNew()] },
  withdrawal: { operations: [withdraw({ amount: 1000n })] },
  'change of key': { operations: [changeKey()] },
};

describe('what the prover says about a slot', () => {
  let segment: SegmentHarness;
  beforeAll(async () => {
    segment = await SegmentHarness.load({ slots: 2 });
  });

  const inputsOf = (operations: Operation[]): SignalInputs => segment.withLegs(segment.inputs(uncheckedTrace(operations, poolWorld())));

  /** What the world sees of a segment, or null when no proof of it exists. */
  const seen = (inputs: SignalInputs): { root: bigint; legs: bigint; words: string } | null => {
    const whole = segment.withLegs(inputs);
    // Most lies are refused inside of a slot: the public inputs need not fit for that.
    const places = segment.violatedPlaces(segment.tester.witness(whole));
    if (places.some((place) => place !== '')) return null;
    const witness = segment.consistent(whole);
    if (!segment.tester.isSatisfied(witness)) return null;
    const { header, onchain, l2 } = segment.words(witness);
    return { root: header[3] ?? 0n, legs: header[5] ?? 0n, words: JSON.stringify([onchain, l2].map((list) => list.map(String))) };
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
        if (typeof value !== 'bigint' || Number(slot) >= operations.length || field.startsWith('kind.')) continue;
        for (let i = 0; i < VALUES_PER_INPUT; i++) {
          const other = modField(random.pick([value + 1n, value - 1n, -value, 0n, value + 2n ** 24n, value + 2n ** 32n, value + 2n ** 128n, value + 2n ** 160n, random.field(), random.bits(20)]));
          if (other === value) continue;
          const after = seen({ ...honest, [key]: other });
          if (after === null) continue;
          const input = `${slot}/${field}`;
          const text = `${input}: ${value} → ${other === value + 1n ? '+ 1' : other > FIELD / 2n ? `-${FIELD - other}` : other}`;
          if (after.root === before.root && after.legs === before.legs && after.words === before.words) free.add(input);
          else {
            chosen.add(input);
            expect(after.words === before.words ? after.root : before.root, `${text}: the root changes and no word does`).toBe(before.root);
          }
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
      const own = KINDS.find((kind) => honest[`slots[0].kind.${kind}`] === 1n)!;
      const others = VALUES_PER_INPUT > 1 ? KINDS : [random.pick(KINDS), random.pick(KINDS), random.pick(KINDS)];
      for (const other of others.filter((kind) => kind !== own)) {
        expect(seen({ ...honest, [`slots[0].kind.${other}`]: 1n }), `${name} and ${other}`).toBe(null);
        const instead = seen({ ...honest, [`slots[0].kind.${own}`]: 0n, [`slots[0].kind.${other}`]: 1n });
        // Both open an empty leaf or need nothing of it; public data tells them apart.
        if (instead !== null) expect([`${name} as ${other}`, instead.words === seen(honest)?.words]).toEqual([expect.stringMatching(/ as (deposit|open|fullExit)$/), false]);
      }
    }
  });
});
