import { beforeAll, describe, expect, it } from 'vitest';
import { JoinHarness } from './joinHarness.ts';
import { joinPairLies } from './joinPairLies.ts';
import { validPairs } from './joinPairs.ts';

describe('pairs in a join', () => {
  let join: JoinHarness;
  beforeAll(async () => {
    join = await JoinHarness.load();
  });

  for (const [name, pair] of Object.entries(validPairs)) {
    it(`accepts ${name}`, () => {
      const witness = join.consistent(join.inputs({ segments: [0, 2], pairs: [pair] }));
      expect(join.places(witness)).toEqual([]);
    });
  }

  for (const [title, lies] of Object.entries(joinPairLies)) {
    describe(title, () => {
      for (const [name, { witness, refusedBy }] of Object.entries(lies)) {
        it(`refuses ${name}`, () => expect(join.places(witness(join))).toEqual([...refusedBy].sort()));
      }
    });
  }
});
