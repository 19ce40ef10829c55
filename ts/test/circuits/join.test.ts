import { beforeAll, describe, expect, it } from 'vitest';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { params } from '../../spec/params.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { JOIN_PUBLIC, JoinHarness, blockOf } from './joinHarness.ts';
import { LEG_DIGEST, joinLies } from './joinLies.ts';

const { chains, joinSegments: M, joinPairs: S } = params;

const blocks = {
  'no segment': [],
  'one segment': [3],
  'segments of several chains': [0, 2, 1],
  'several segments of one chain': [15, 0, 15, 15, 0],
  'as many segments as there are slots': Array.from({ length: M }, (_, j) => (j * 5) % chains),
};

describe('join', () => {
  let join: JoinHarness;
  beforeAll(async () => {
    join = await JoinHarness.load();
  });

  for (const [name, chainIndices] of Object.entries(blocks)) {
    it(`accepts ${name}, with the public inputs of ts/spec`, () => {
      const trace = blockOf(chainIndices);
      const witness = join.tester.witness(joinSignals(trace));
      expect(join.places(witness)).toEqual([]);
      expect(witness.slice(1, 4)).toEqual(Object.values(trace.publicInputs));
      expect([join.value(witness, 'finalRootIn'), join.value(witness, 'finalRootOut')]).toEqual([trace.finalRootIn, trace.finalRootOut]);
      const consistent = join.consistent(joinSignals(trace));
      expect(consistent.slice(1, 4)).toEqual(Object.values(join.publicInputs(consistent)));
    });

    it(`${name}: nothing moves while the inputs stay, nor when c1 and y1 may follow`, () => {
      const witness = join.consistent(joinSignals(blockOf(chainIndices)));
      expect(join.tester.freedom(witness)).toEqual({ nullity: 0, movements: [] });
      expect(join.tester.freedom(witness, { moving: ['c1', 'y1'] })).toEqual({ nullity: 0, movements: [] });
    });
  }

  it('has its public inputs first, in the order c1, r, y1', () => {
    expect([1, 2, 3].map((wire) => join.tester.names(wire)[0])).toEqual(JOIN_PUBLIC);
    expect(join.tester.publicWires).toBe(3);
  });

  for (const name of ['c1', 'r', 'y1'] as const) {
    it(`refuses another ${name}`, () => {
      const { publicInputs, ...trace } = blockOf([0, 2]);
      const witness = join.tester.witness(joinSignals({ ...trace, publicInputs: { ...publicInputs, [name]: publicInputs[name] + 1n } }));
      expect(join.places(witness)).not.toEqual([]);
    });
  }

  it('publishes the roots in that the registers hold: no other can be claimed', () => {
    const trace = blockOf([0, 0]);
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

  it('hashes the list of legs into the header', () => {
    const listed = join.consistent({
      ...joinSignals(blockOf([0])),
      listed: Array.from({ length: 2 * S }, (_, i) => (i < 2 ? 1n : 0n)),
      digest: Array.from({ length: 2 * S }, (_, i) => (i < 2 ? LEG_DIGEST : 77n)),
    });
    expect(join.value(listed, 'header[4]')).toBe(poseidon([poseidon([0n, LEG_DIGEST]), LEG_DIGEST]));
  });

  for (const [title, lies] of Object.entries(joinLies)) {
    describe(title, () => {
      for (const [name, { witness, refusedBy }] of Object.entries(lies)) {
        it(`refuses ${name}`, () => expect(join.places(witness(join))).toEqual([...refusedBy].sort()));
      }
    });
  }
});
