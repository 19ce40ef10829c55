import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../base/exec.ts';
import { paths, root } from '../../base/paths.ts';
import { params } from '../../spec/params.ts';
import { applyOperation } from '../../state/ledger.ts';
import { ScriptProcess } from './child.ts';
import { advantage, type Figure, formatFigures, formatValue } from './figure.ts';
import { gasFigures, type Snapshots } from './gas.ts';
import { randomTransfers } from './ledger.ts';
import { swapBlock } from './swaps.ts';
import { parseStat, ProcessTree, type ProcessSample, readProcesses } from './processTree.ts';

const bench = (...args: string[]): Promise<{ stdout: string; stderr: string }> => run({ command: process.execPath, args: [paths.launcher, 'ts/cli/bench.ts', ...args], cwd: root });

test('values keep three significant digits, integers all of theirs', () => {
  expect(formatValue(129_826, 'constraints')).toBe('129,826');
  expect(formatValue(18_546.571, 'constraints')).toBe('18,547');
  expect(formatValue(0.01234, 'seconds')).toBe('0.0123 s');
  expect(formatValue(9.876, 'per second')).toBe('9.88 /s');
  expect(formatValue(21_000, 'gas')).toBe('21,000 gas');
  expect(formatValue(0, 'gas')).toBe('0 gas');
});

test('less gas and more a second are both better; no mark, no comparison', () => {
  const figure: Figure = { section: 'gas', name: 'x', value: 50, unit: 'gas', mark: { value: 100, of: 'y' } };
  expect(advantage(figure)).toBe(2);
  expect(advantage({ ...figure, unit: 'per second' })).toBe(0.5);
  expect(advantage({ section: 'gas', name: 'x', value: 50, unit: 'gas' })).toBeUndefined();
  expect(formatFigures([figure])).toMatch(/gas +x +50 gas +100 gas +2\.00 × +y\n$/);
});

/** What forge left in git, which names the very figures that the bench reads. */
function committedSnapshots(): Snapshots {
  const folder = join(root, 'test', 'snapshots');
  const read = (name: string): Record<string, string> => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, string>;
  return Object.fromEntries(readdirSync(folder).map((name) => [name.replace('.json', ''), Object.fromEntries(Object.entries(read(name)).map(([key, gas]) => [key, Number(gas)]))]));
}

test('gas of one more operation, segment and withdraw comes from differences', () => {
  const snapshots = committedSnapshots();
  const changed: Snapshots = {
    ...snapshots,
    CommitOperations: {
      ...snapshots['CommitOperations'],
      '1 transfer': 100_000, '7 transfers': 102_400, '2 segments of 1 transfer': 112_400,
      '1 swap, one chain': 100_400, '3 swaps, one chain': 102_000, '1 swap, two chains': 112_800, '7 swaps, two chains': 117_600,
      '1 liquidity change': 100_000, '7 liquidity changes': 106_000, '1 credit': 100_000, '7 credits': 102_400,
    },
    Story: { ...snapshots['Story'], 'prove: 1 block of 2 segments': 500_000, 'prove: 1 block of 3 segments': 570_000 },
    Rollup: { ...snapshots['Rollup'], 'execute: empty': 40_000, 'execute: 10 withdraws': 300_000 },
  };
  const values = Object.fromEntries(gasFigures(changed).map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    'commit: one more transfer': 400,
    'commit: one more segment': 12_000,
    'commit: one more swap, both sides in a segment': 800,
    'commit: one more swap, a side on each of two chains': 800,
    'commit: one more change of liquidity, both sides with credits': 2_800,
    'prove: one more segment': 70_000,
    'prove: fixed (call, block, join)': 360_000,
    'execute: one more withdraw': 26_000,
  });
});

test('every operation of public data has its gas; the four changes of liquidity are one figure', () => {
  const names = gasFigures(committedSnapshots()).map(({ name }) => name);
  for (const type of Object.keys(params.opcodes).filter((name) => name !== 'noop')) {
    const name = /Liquidity/.test(type) ? 'liquidity change' : type.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    expect(names).toContain(`commit: one more ${name}`);
  }
});

test('a snapshot that is missing is named', () => {
  expect(() => gasFigures({ ...committedSnapshots(), Story: {} })).toThrow('A gas test left no snapshot');
});

test('the ledger that is measured: seeded transfers that apply in order', () => {
  const { state, transfers } = randomTransfers(3, 5);
  expect(randomTransfers(3, 5).transfers).toEqual(transfers);
  const total = (of: typeof state): bigint => of.chain(0).entries().reduce((sum, { leaf }) => sum + leaf.balance, 0n);
  const after = transfers.reduce((now, operation) => applyOperation(now, { deploymentId: 1n, chainIndex: 0, timestamp: 1_800_000_000, operation }).state, state);
  expect(total(after)).toBe(total(state));
  expect(after.finalRoot).not.toBe(state.finalRoot);
});

test('a line of /proc is read whatever the name in it', () => {
  const rest = `S 7 ${Array.from({ length: 17 }, (_, i) => i).join(' ')} 4242 1000000 25 0`;
  expect(parseStat(`12 (a) b (c)) ${rest}`)).toEqual({ pid: 12, parent: 7, startedAt: '4242', resident: 25 * 4096 });
  expect(parseStat('nonsense')).toBeUndefined();
});

test('a tree keeps children that their parent left behind, and no stranger who got an old pid', () => {
  const at = (pid: number, parent: number, startedAt: string, resident: number): ProcessSample => ({ pid, parent, startedAt, resident });
  let processes = [at(1, 0, 'a', 99), at(10, 1, 'b', 5), at(11, 10, 'c', 7), at(12, 11, 'd', 1), at(20, 1, 'e', 50)];
  const tree = new ProcessTree(() => processes);
  tree.add(10);
  expect(tree.sample().map(({ pid }) => pid)).toEqual([10, 11, 12]);
  processes = [at(1, 0, 'a', 99), at(10, 1, 'z', 500), at(12, 1, 'd', 2), at(20, 1, 'e', 50)];
  expect(tree.sample().map(({ pid }) => pid)).toEqual([12]);
  expect(tree.peak).toBe(13);
});

test.runIf(readProcesses().length > 0)('a real child is seen and is gone after the end', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const tree = new ProcessTree();
  tree.add(child.pid!);
  expect(tree.sample().map(({ pid }) => pid)).toEqual([child.pid]);
  expect(tree.peak).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(tree.sample()).toEqual([]);
});

test('a script that fails says what it printed; one that goes on is interrupted and ends', async () => {
  const tree = new ProcessTree();
  const failing = new ScriptProcess({ script: 'ts/cli/bench.ts', args: ['--only', 'nothing'], folder: root, tree });
  await expect(failing.finished(new AbortController().signal)).rejects.toThrow(/exited with 1[\s\S]*no such section/);
  const running = new ScriptProcess({ script: 'ts/cli/bench.ts', args: ['--only', 'ledger', '--quiet'], folder: root, tree });
  await expect(running.finished(AbortSignal.timeout(300))).rejects.toThrow('The bench was interrupted');
  await running.stop();
  expect(running.hasEnded).toBe(true);
  expect(tree.sample()).toEqual([]);
});

test('the command explains itself and refuses what it does not know', async () => {
  expect((await bench('--help')).stdout).toContain('Usage: npm run bench');
  await expect(bench('--only', 'circuits,gass')).rejects.toThrow(/no such section[\s\S]*gass/);
});

test('a block of swaps has both sides of each and pairs that keep their rule', () => {
  const { segments, join } = swapBlock(2);
  expect(segments.map(({ slots }) => slots.map(({ operation }) => operation.type))).toEqual([['swapIn', 'swapIn'], ['swapOut', 'swapOut']]);
  expect(join.pairs).toHaveLength(2);
});
