import { beforeAll, describe, expect, it } from 'vitest';
import { legDigest } from '../../spec/leg.ts';
import { params } from '../../spec/params.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { ALL, JOIN_PUBLIC, JoinHarness, joinTrace, type JoinBlock } from './joinHarness.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { joinLies } from './joinLies.ts';
import { add, addOne, remove, swap } from './joinPairs.ts';

const { chains, joinSegments: M, joinPairs: S } = params;

const orders = Array.from({ length: S }, (_, s) => {
  const { first, second } = [swap, () => add(500n, 600n), () => addOne(50_000n, 20_000n), () => remove(70n, 80n)][s % 4]?.(BigInt(1000 + s)) ?? swap(1n);
  return { first: { ...first, order: BigInt(s) }, second: { ...second, order: BigInt(s) } };
});

const blocks: Record<string, JoinBlock> = {
  'no segment': { segments: [] },
  'one segment': { segments: [3] },
  'segments of several chains': { segments: [0, 2, 1] },
  'several segments of one chain': { segments: [15, 0, 15, 15, 0] },
  'as many segments as there are slots': { segments: Array.from({ length: M }, (_, j) => (j * 5) % chains) },
  'one pair': { segments: [0, 2], pairs: orders.slice(0, 1) },
  'one pair whose second leg comes first': { segments: [2, 0], pairs: orders.slice(0, 1), legList: orders.slice(0, 1).flatMap(({ first, second }) => [second, first]) },
  'as many pairs as there are places': { segments: [0, 2], pairs: orders },
  'as many pairs as there are places, all first legs before all second legs': { segments: [0, 2], pairs: orders.toReversed(), legList: [...orders.map(({ first }) => first), ...orders.map(({ second }) => second)] },
  'the same numbers for two orders': { segments: [0, 2], pairs: [0n, 1n].map((order) => ({ first: { ...swap(9n).first, order }, second: { ...swap(9n).second, order } })) },
};

describe('join', () => {
  let join: JoinHarness;
  let small: JoinHarness;
  beforeAll(async () => {
    join = await JoinHarness.load(ALL);
    small = await JoinHarness.load();
  });

  for (const [name, block] of Object.entries(blocks)) {
    it(`accepts ${name}, with the public inputs of ts/spec`, () => {
      const trace = joinTrace(block);
      const witness = join.tester.witness(joinSignals(trace));
      expect(join.places(witness)).toEqual([]);
      expect(witness.slice(1, 4)).toEqual(Object.values(trace.publicInputs));
      expect([join.value(witness, 'finalRootIn'), join.value(witness, 'finalRootOut')]).toEqual([trace.finalRootIn, trace.finalRootOut]);
      expect(join.value(witness, 'header[4]')).toBe(trace.legs);
      const consistent = join.consistent(joinSignals(trace));
      expect(consistent.slice(1, 4)).toEqual(Object.values(join.publicInputs(consistent)));
    });
  }

  it('has its public inputs first, in the order c1, r, y1', () => {
    expect([1, 2, 3].map((wire) => join.tester.names(wire)[0])).toEqual(JOIN_PUBLIC);
    expect(join.tester.publicWires).toBe(3);
  });

  for (const name of ['c1', 'r', 'y1'] as const) {
    it(`refuses another ${name}`, () => {
      const { publicInputs, ...trace } = joinTrace({ segments: [0, 2], pairs: orders.slice(0, 1) });
      const witness = join.tester.witness(joinSignals({ ...trace, publicInputs: { ...publicInputs, [name]: publicInputs[name] + 1n } }));
      expect(join.places(witness)).not.toEqual([]);
    });
  }

  it('publishes the roots in that the registers hold: no other can be claimed', () => {
    const trace = joinTrace({ segments: [0, 0] });
    const [first = { rootOut: 0n }, second = { rootOut: 0n }] = trace.segments;
    // rootIn is no input; swapping the two segments' roots out makes the second one start from what the first one left.
    const inputs = joinSignals(trace);
    const rootOut = inputs['rootOut'];
    if (typeof rootOut !== 'object') throw new Error('rootOut is a list');
    const swapped = join.consistent({ ...inputs, rootOut: rootOut.with(0, second.rootOut).with(1, first.rootOut) });
    expect(join.places(swapped)).toEqual([]); // true of other segments, whose proofs do not exist
    expect(join.value(swapped, 'rootIn[1]')).toBe(second.rootOut);
    expect(join.value(swapped, 'finalRootOut')).not.toBe(trace.finalRootOut);
  });

  it('hashes the list of legs into the header in its order', () => {
    const { first, second } = swap(1234n);
    const [a, b] = [legDigest(first), legDigest(second)];
    const header = (legList: (typeof first)[]): bigint => join.value(join.consistent(join.inputs({ segments: [0], pairs: [{ first, second }], legList })), 'header[4]');
    expect(header([first, second])).toBe(poseidon([poseidon([0n, a]), b]));
    expect(header([second, first])).toBe(poseidon([poseidon([0n, b]), a]));
  });

  for (const [title, lies] of Object.entries(joinLies)) {
    describe(title, () => {
      for (const [name, { witness, refusedBy }] of Object.entries(lies)) {
        it(`refuses ${name}`, () => expect(small.places(witness(small))).toEqual([...refusedBy].sort()));
      }
    });
  }
});
