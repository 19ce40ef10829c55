import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { paths } from '../../base/paths.ts';
import { silentProgress } from '../../base/progress.ts';
import { measureDevnetIn } from './devnet.ts';
import { readProcesses } from './processTree.ts';

// How the bench watches a devnet, on scripts that take a devnet's place: the real one is measured by the bench itself and needs minutes.

/** Writes the description and answers /status, with a child of its own, until it is interrupted. */
const DEVNET = `
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1', () => {
  mkdirSync('.devnet', { recursive: true });
  writeFileSync('.devnet/devnet.json', JSON.stringify({ pid: process.pid, sequencerUrl: 'http://127.0.0.1:' + (server.address() as { port: number }).port }));
});
process.on('SIGINT', () => { KILL; server.close(); process.exit(0); });
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollup-bench-test-'));
  mkdirSync(join(folder, 'ts', 'cli'), { recursive: true });
  mkdirSync(join(folder, 'ts', 'tools'));
  copyFileSync(paths.launcher, join(folder, 'ts', 'tools', 'run.cjs'));
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  mkdirSync(join(folder, 'circuits'));
  writeFileSync(join(folder, 'circuits', 'params.json'), '{}');
  symlinkSync(paths.nodeModules, join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function scripts({ devnet, story }: { devnet: string; story: string }): void {
  writeFileSync(join(folder, 'ts', 'cli', 'devnet.ts'), devnet);
  writeFileSync(join(folder, 'ts', 'cli', 'story.ts'), story);
}

const measure = (quick = false): ReturnType<typeof measureDevnetIn> => measureDevnetIn({ progress: silentProgress, signal: new AbortController().signal, quick, large: false, folder });
const orderly = DEVNET.replace('KILL', "child.kill('SIGKILL')");

test('cold and warm start, the story and the memory of all processes are measured', async () => {
  scripts({ devnet: orderly, story: `await new Promise((resolve) => setTimeout(resolve, 300));` });
  const figures = Object.fromEntries((await measure()).map(({ name, value }) => [name, value]));
  expect(Object.keys(figures).filter((name) => !name.startsWith('peak'))).toEqual(['cold start: circuits, keys, contracts, three chains', 'warm start', 'story on a running devnet', 'cold start and story']);
  expect(figures['story on a running devnet']).toBeGreaterThan(0.3);
  if (readProcesses().length > 0) expect(figures['peak memory of all processes, resident sizes added up']).toBeGreaterThan(0);
});

test('quick has no cold start', async () => {
  scripts({ devnet: orderly, story: '' });
  expect((await measure(true)).map(({ name }) => name)).not.toContain('cold start and story');
});

test('a devnet that does not come up is an error with its output', async () => {
  scripts({ devnet: `console.error('port 8545 is busy'); process.exit(1);`, story: '' });
  await expect(measure()).rejects.toThrow(/ended before the devnet was ready[\s\S]*port 8545 is busy/);
});

test('a story that fails is an error with its output, and the devnet is stopped', async () => {
  scripts({ devnet: orderly, story: `console.error('balances differ'); process.exit(1);` });
  await expect(measure()).rejects.toThrow(/story.ts exited with 1[\s\S]*balances differ/);
  expect(readProcesses().filter(({ parent }) => parent === process.pid)).toHaveLength(0);
});

test.runIf(readProcesses().length > 0)('a devnet that leaves a process behind is an error', async () => {
  scripts({ devnet: DEVNET.replace('KILL', ''), story: '' });
  await expect(measure(true)).rejects.toThrow('left processes behind');
});
