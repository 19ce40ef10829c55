import { beforeAll, describe, expect, it } from 'vitest';
import { groupConstraints } from '../../../circuit/soundness/groups.ts';
import { mutate } from '../../../circuit/soundness/mutation.ts';
import { createTester, type CircuitTester } from '../../../circuit/tester.ts';
import { ExitHarness } from '../exitHarness.ts';

/* The tests of soundness find what is missing on purpose, and name it. */

const FILE = '../ts/test/circuits/soundness/planted.circom';

describe('a hint without a constraint', () => {
  let tester: CircuitTester;
  beforeAll(async () => {
    tester = await createTester({ file: FILE, template: 'HintOnly', parameters: [], publicInputs: ['a', 'b'] });
  });

  it('moves, and what depends on it', () => {
    const { nullity, movements } = tester.freedom(tester.witness({ a: 12n, b: 4n }));
    expect({ nullity, movements }).toEqual({ nullity: 1, movements: [['out', 'quotient', 'square']] });
  });

  it('moves alone where its square does not see it', () => {
    expect(tester.freedom(tester.witness({ a: 12n, b: 0n })).movements).toEqual([['quotient']]);
  });
});

it('bits of which only the sum is missing do not move: that takes a lie', async () => {
  const tester = await createTester({ file: FILE, template: 'BitsWithoutSum', parameters: [3], publicInputs: ['in'] });
  const honest = tester.witness({ in: 5n });
  expect(tester.freedom(honest).nullity).toBe(0);
  expect(tester.isSatisfied(tester.edit(honest, { 'bits[1]': 1n, low: 3n }))).toBe(true);
  const report = mutate({ system: tester.system, cases: [{ name: 'five', witness: honest }], lies: [{ name: 'other bits', witness: tester.edit(honest, { 'bits[1]': 1n, low: 3n }) }], follows: [] });
  expect(report.accepted).toEqual(['other bits']);
});

describe('a constraint group that is taken out of the exit circuit', () => {
  let exit: ExitHarness;
  beforeAll(async () => {
    exit = await ExitHarness.load();
  });
  const without = (key: string): number[] => {
    const group = groupConstraints(exit.tester.system).find((candidate) => candidate.key === key);
    if (!group) throw new Error(`there is no group ${key}`);
    return group.constraints;
  };

  it('the comparison with the public root: the final root may be anything', () => {
    const missing = without(': = (finalRoot hashed)');
    expect(exit.tester.freedom(exit.witness('bob'), { without: missing, moving: ['finalRoot'] })).toEqual({ nullity: 1, movements: [['finalRoot']] });
  });

  it('bits that need not be bits: they move against each other, and are named', () => {
    const { nullity, movements } = exit.tester.freedom(exit.witness('bob'), { without: without('Range(nonce).bits: (1 out) * (out) = 0') });
    expect(nullity).toBe(31);
    expect(movements.every((names) => names.length === 2 && names.every((name) => /^Range_\d+_\d+\.bits\.out\[\d+\]$/.test(name)))).toBe(true);
  });

  it('a step of a selection: the cell that is selected moves', () => {
    const { nullity, movements } = exit.tester.freedom(exit.witness('bob'), { without: without('path.picks: (left) * (bits) = (left)') });
    expect(nullity).toBeGreaterThan(0);
    expect(movements.flat().some((name) => /^path\.picks\[\d\]\.left/.test(name))).toBe(true);
  });
});
