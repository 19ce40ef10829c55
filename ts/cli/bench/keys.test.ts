import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves } from 'snarkjs';
import { afterAll, expect, test } from 'vitest';
import { run } from '../../base/exec.ts';
import { paths, root } from '../../base/paths.ts';
import { silentProgress } from '../../base/progress.ts';
import { buildCircuits } from '../../circuit/build.ts';
import { makeSmallCircuit } from '../../circuit/smallCircuit.ts';
import { readConstraintSystem } from '../../circuit/soundness/constraintSystem.ts';
import { FIELD } from '../../spec/field.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { editToProof } from './edit.ts';
import { differenceOf, largest, partsOf } from './parts.ts';
import { chosenProfiles, profileFigures } from './profiles.ts';
import { compareSetups } from './setup.ts';

const parameters = { progress: silentProgress, signal: new AbortController().signal };
const leftBehind = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('rollup-bench-setup-') || name.startsWith('rollup-bench-edit-'));

afterAll(async () => {
  await (await curves.getCurveFromName('bn128')).terminate();
});

test('both setups are timed on the same circuit and compared byte for byte', async () => {
  const before = leftBehind();
  const { constraints, domain, steps, pipelineSeconds, setupSeconds, pipelineCpuSeconds, setupCpuSeconds } = await compareSetups({ rounds: 1, ...parameters });
  expect(Math.log2(domain)).toBe(8);
  expect(constraints).toBeLessThan(domain);
  expect(steps.map(({ name }) => name)).toEqual(['powers of tau, new', 'powers of tau, beacon', 'prepare phase 2', 'groth16 setup', 'zkey beacon']);
  expect(pipelineSeconds).toBeCloseTo(steps.reduce((sum, { seconds }) => sum + seconds, 0));
  expect(setupSeconds).toBeGreaterThan(0);
  expect(pipelineCpuSeconds).toBeGreaterThan(setupCpuSeconds);
  expect(setupCpuSeconds).toBeGreaterThan(0);
  expect(leftBehind()).toEqual(before);
});

test('an interrupt ends the comparison between two steps', async () => {
  const controller = new AbortController();
  const progress = { report: (line: string) => line.includes('prepare') && controller.abort(new Error('stop')) };
  await expect(compareSetups({ rounds: 1, progress, signal: controller.signal })).rejects.toThrow('stop');
});

test('from an edited copy of the sources to a verified proof; the sources stay as they are', async () => {
  const small = makeSmallCircuit({ rounds: 1, name: 'segment' });
  const source = join(small.circuits, small.instance.file);
  const text = readFileSync(source, 'utf8');
  const before = leftBehind();
  try {
    const signals = { hash: (poseidon([5n, 7n]) * 3n) % FIELD, left: 5n, right: 7n, factor: 3n };
    const { total, compile, setup, witness, prove } = await editToProof({ instance: small.instance, circuits: small.circuits, signals, ...parameters });
    expect(total).toBeGreaterThan(compile + setup + witness + prove);
    await expect(editToProof({ instance: small.instance, circuits: small.circuits, signals: { ...signals, hash: 1n }, ...parameters })).rejects.toThrow('do not satisfy');
    expect(readFileSync(source, 'utf8')).toBe(text);
    expect(existsSync(small.buildFolder)).toBe(false);
    expect(leftBehind()).toEqual(before);
  } finally {
    small.remove();
  }
});

test('constraints are counted by component, and none is lost', async () => {
  const small = makeSmallCircuit({ rounds: 2 });
  try {
    const [built] = await buildCircuits({ instances: [small.instance], circuits: small.circuits, buildFolder: small.buildFolder });
    const system = readConstraintSystem(built!);
    const parts = partsOf(system);
    expect([...parts.values()].reduce((sum, count) => sum + count, 0)).toBe(system.count);
    expect(parts.get('bits.bits')).toBe(8);
    expect([...parts.keys()]).toContain('hashes.pEx');
    expect(differenceOf(parts, parts).size).toBe(0);
  } finally {
    small.remove();
  }
  expect([...differenceOf(new Map([['a', 3], ['b', 1]]), new Map([['b', 2]]))]).toEqual([['a', 3], ['b', -1]]);
  expect(largest(new Map([['small', 1], ['large', 150], ['middle', 60], ['moved', -11]]), 200)).toEqual([['large', 150], ['middle', 60], ['everything else, with what simplification moves', -10]]);
});

test('the large profile is measured only when it is asked for, quick has the small one only', () => {
  expect(chosenProfiles({ quick: false, large: false })).toEqual(['small', 'default']);
  expect(chosenProfiles({ quick: false, large: true })).toEqual(['small', 'default', 'large']);
  expect(chosenProfiles({ quick: true, large: false })).toEqual(['small']);
});

test('a profile gives its figures a slot and a minute', () => {
  const info = { constraints: 2000, compileSeconds: 1, setupSeconds: 2, compilePeakBytes: 2 ** 20, setupPeakBytes: 2 ** 21, zkeyBytes: 2 ** 22 };
  const timing = { witnessSeconds: 1, proveSeconds: 2, verifySeconds: 0, threads: 2, backend: 'snarkjs' as const, peakBytes: 2 ** 20 };
  const figures = profileFigures({ profile: 'small', slots: 2, info: info as never, timing });
  const values = Object.fromEntries(figures.map(({ name, value }) => [name.replace('small: segment of 2 slots: ', ''), value]));
  expect(values).toMatchObject({ constraints: 2000, 'constraints a slot': 1000, 'setup, peak memory': 2, 'witness and proof, 2 threads': 3, 'operations proved by one worker': 40 });
});

test('quick says what it leaves out', async () => {
  const { stdout } = await run({ command: process.execPath, args: [paths.launcher, 'ts/cli/bench.ts', '--help'], cwd: root });
  expect(stdout).toMatch(/--quick +leaves out what takes minutes, and says so/);
  expect(stdout).toMatch(/--large +profiles: also the large one/);
});
