import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { curves } from 'snarkjs';
import { readInfo } from './artifacts.ts';
import { changeLines, changeOf, type CircuitChange } from './changes.ts';
import { costTable, countConstraints } from './costs.ts';
import { describeCircuit } from './describe.ts';
import { ensureBuilt } from './ensureBuilt.ts';
import { SMALL_SOURCE, makeSmallCircuit } from './smallCircuit.ts';

const small = makeSmallCircuit({ rounds: 1 });
const { circuits, buildFolder, instance } = small;
const other = { ...instance, name: 'other', file: 'other.circom', template: 'Other', parameters: [] };
const OTHER_SOURCE = 'pragma circom 2.2.0;\n\ntemplate Other() {\n    signal input hash;\n    signal input left;\n    hash === left * left;\n}\n';
writeFileSync(join(circuits, 'other.circom'), OTHER_SOURCE);

afterAll(async () => {
  small.remove();
  await (await curves.getCurveFromName('bn128')).terminate();
});

async function build(force = false): Promise<CircuitChange[]> {
  return (await ensureBuilt({ instances: [instance, other], circuits, buildFolder, force })).map(changeOf);
}

describe('what a build changed', () => {
  test('only what depends on an edited file is built again, and the difference is told', async () => {
    const first = await build();
    expect(first.map(({ state, isFresh }) => [state, isFresh])).toEqual([['new', true], ['new', true]]);
    expect((await build()).map(({ state, isFresh }) => [state, isFresh])).toEqual([['unchanged', false], ['unchanged', false]]);

    writeFileSync(join(circuits, 'small.circom'), SMALL_SOURCE.replace('hash === chain[rounds] * factor;', 'signal half <== chain[rounds] * factor;\n    hash === half * factor;'));
    const [changed, untouched] = await build();
    expect(untouched).toMatchObject({ name: 'other', state: 'unchanged', isFresh: false });
    expect(changed).toMatchObject({ name: 'small', state: 'changed', isFresh: true, files: ['~ circuits/small.circom'], settings: [], before: first[0]?.after });
    expect(changed!.after.constraints).toBe(first[0]!.after.constraints + 1);
    expect(changed!.after.zkeySha256).not.toBe(first[0]!.after.zkeySha256);
    const lines = changeLines(changed!);
    expect(lines[0]).toMatch(/^small: changed \([0-9a-f]{16}\)$/);
    expect(lines.join('\n')).toMatch(/sources +~ circuits\/small\.circom\n +constraints +\d+ → \d+ \(\+1\)\n +wires +.*\n +key +[0-9a-f]{16} .* → [0-9a-f]{16} /);

    writeFileSync(join(circuits, 'small.circom'), SMALL_SOURCE);
    const [back] = await build();
    expect(back).toMatchObject({ state: 'changed', isFresh: false, after: first[0]?.after });
    expect(changeLines(back!)[0]).toContain('found built');
  });

  test('a forced build of the same sources gives the same key', async () => {
    const changes = await build(true);
    expect(changes.map(({ state, isFresh }) => [state, isFresh])).toEqual([['unchanged', true], ['unchanged', true]]);
    expect(changeLines(changes[0]!)).toEqual([expect.stringMatching(/^small: unchanged \(.*\), built again, same key$/)]);
  });
});

describe('what a circuit costs', () => {
  test('every constraint counts at one place, and the places have their templates', async () => {
    const [{ artifacts } = { artifacts: undefined }] = await ensureBuilt({ instances: [instance], circuits, buildFolder });
    const costs = await countConstraints(artifacts!);
    expect(costs.reduce((sum, { constraints }) => sum + constraints, 0)).toBe(readInfo(artifacts!).constraints);
    // Eight bits are boolean; hash === chain · factor is the main component's own.
    expect(costs.find(({ path }) => path === 'bits.bits')).toEqual({ path: 'bits.bits', constraints: 8 });
    expect(costs.find(({ path }) => path === '')).toEqual({ path: '', constraints: 1 });
    const { costs: rows } = await describeCircuit(instance, { circuits, buildFolder });
    expect(rows.find(({ path }) => path === 'hashes')?.template).toBe('Poseidon');
    expect(rows.find(({ path }) => path === 'bits')?.template).toBe('Bits8');
  });

  test('small parts are rest, large ones are split unless nearly all is in one piece', () => {
    const rows = costTable([
      { path: '', constraints: 2 },
      { path: 'a', constraints: 30 },
      { path: 'a.b', constraints: 30 },
      { path: 'c.d', constraints: 37 },
      { path: 'e', constraints: 1 },
    ], { splitShare: 0.2, rowShare: 0.05, depth: 2 });
    expect(rows).toEqual([
      { path: 'a', level: 0, constraints: 60, share: 0.6, isRest: false },
      { path: 'a.b', level: 1, constraints: 30, share: 0.3, isRest: false },
      { path: 'a', level: 1, constraints: 30, share: 0.3, isRest: true },
      { path: 'c', level: 0, constraints: 37, share: 0.37, isRest: false },
      { path: '', level: 0, constraints: 3, share: 0.03, isRest: true },
    ]);
  });

  test('a circuit that is not built is named', async () => {
    await expect(describeCircuit({ ...instance, name: 'never' }, { circuits, buildFolder })).rejects.toThrow('circuit never is not built');
  });
});
