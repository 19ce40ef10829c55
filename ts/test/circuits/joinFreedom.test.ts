import { beforeAll, describe, expect, it } from 'vitest';
import { createTester, type CircuitTester } from '../../circuit/tester.ts';
import { params } from '../../spec/params.ts';
import { FEW, JOIN_PUBLIC, JoinHarness, type JoinBlock } from './joinHarness.ts';
import { remove, swap, validPairs } from './joinPairs.ts';

/* What can move in a join while its inputs stay: nothing but the inverse of a reserve that is 0, of which nothing depends. */

const blocks: Record<string, JoinBlock> = {
  'no segment': { segments: [] },
  'three chains': { segments: [0, 2, 1] },
  'two pairs': { segments: [0, 2], pairs: [swap(1234n), remove(4000n, 3000n)] },
  ...Object.fromEntries(Object.entries(validPairs).map(([name, pair]): [string, JoinBlock] => [name, { segments: [0, 2], pairs: [pair] }])),
};

/** Reserves that are 0, before and after: those of unused pairs, and of empty halves. */
function emptyReserves({ pairs = [] }: JoinBlock): number {
  const reserves = pairs.flatMap(({ first, second }) => [first, second]).flatMap(({ kind, reserve, amount }) => [reserve, kind.startsWith('add') ? reserve + amount : reserve]);
  return 4 * (FEW.pairs - pairs.length) + reserves.filter((reserve) => reserve === 0n).length;
}

describe('nothing moves in a join but the inverse of 0', () => {
  let join: JoinHarness;
  let simplified: CircuitTester;
  beforeAll(async () => {
    join = await JoinHarness.load();
    simplified = await createTester({ file: 'join.circom', template: 'Join', parameters: [params.chains, FEW.segments, FEW.pairs], publicInputs: JOIN_PUBLIC, simplification: 2 });
  });

  for (const [name, block] of Object.entries(blocks)) {
    it(name, () => {
      const inputs = join.inputs(block);
      const witness = join.consistent(inputs);
      expect(join.places(witness)).toEqual([]);
      const inverses = Array.from({ length: emptyReserves(block) }, () => [expect.stringMatching(/^rules\[\d\]\.(IsZero_\d+_\d+\[[01]\]\.inv|leftFilled\[[01]\]\.inverse)$/)]);
      expect(join.tester.freedom(witness)).toEqual({ nullity: inverses.length, movements: inverses });
      expect(join.tester.freedom(witness, { moving: ['c1', 'y1'] }).nullity).toBe(inverses.length);
      // As it is for keys. Inputs that the compiler computes from others are wires that may move as far as the inputs let them.
      const short = simplified.witness({ ...inputs, ...join.publicInputs(witness) });
      expect(simplified.violations(short)).toEqual([]);
      expect(simplified.freedom(short).nullity).toBe(inverses.length);
    });
  }
});
