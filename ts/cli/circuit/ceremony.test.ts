import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { curves, powersOfTau } from 'snarkjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths, root } from '../../base/paths.ts';
import { runCommandLine } from '../commands/run.ts';
import { circuitCommands, circuitProgram } from './registry.ts';

const command = fileURLToPath(new URL('../circuit.ts', import.meta.url));
let folder: string;

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** In this process, for what needs no input and no profile of its own. */
async function here(...args: string[]): Promise<Outcome> {
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  const to = (stream: 'stdout' | 'stderr') => (line: string) => void (outcome[stream] += `${line}\n`);
  outcome.code = await runCommandLine({ program: circuitProgram, commands: circuitCommands, args: ['ceremony', ...args], env: {}, writeOut: to('stdout'), writeError: to('stderr') });
  return outcome;
}

async function ceremony(args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(process.execPath, [paths.launcher, command, 'ceremony', ...args], { cwd: root });
  const outcome: Outcome = { code: null, stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].setEncoding('utf8').on('data', (text: string) => (outcome[stream] += text));
  child.stdin.end(input);
  [outcome.code] = (await once(child, 'close')) as [number | null];
  return outcome;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollup-ceremony-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await (await curves.getCurveFromName('bn128')).terminate();
});

test('every step has help with an example', async () => {
  const { stdout, code } = await here('contribute', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/--name NAME[\s\S]*--entropy SOURCE[\s\S]*Examples:/);
  expect((await here()).stderr).toContain('ceremony needs one more word');
  expect((await here('contribut')).stderr).toContain('Did you mean ceremony contribute?');
});

test('a step out of turn says which one is next', async () => {
  for (const args of [['start'], ['contribute', '--name', 'Ada'], ['beacon', '--hash', 'ab'.repeat(31) + '01', '--iterations', '10'], ['verify'], ['finish'], ['export']]) {
    const { code, stderr } = await here(...args, '--folder', join(folder, 'none'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no ceremony in[\s\S]*next: Run `npm run circuit -- ceremony import FILE.ptau`/);
  }
  expect((await here('beacon', '--folder', folder)).code).toBe(2);
});

test('entropy is not taken from the command line, and what comes from stdin is not shown or kept', async () => {
  const words = 'correct horse battery staple';
  const typed = await ceremony(['contribute', '--name', 'Ada', '--entropy', words, '--folder', folder]);
  expect(typed.code).toBe(2);
  expect(typed.stdout + typed.stderr).not.toContain('horse');
  const piped = await ceremony(['contribute', '--name', 'Ada', '--entropy', 'stdin', '--folder', folder], words);
  expect(piped.stderr).toContain('there is no ceremony');
  expect(piped.stdout + piped.stderr).not.toContain('horse');
  expect((await ceremony(['contribute', '--name', 'Ada', '--entropy', 'stdin', '--folder', folder])).stderr).toContain('stdin gave no entropy');
});

test('import refuses a file that is too small for the real circuits, in JSON too, and leaves nothing behind', async () => {
  const [empty, file] = [join(folder, 'empty.ptau'), join(folder, 'small.ptau')];
  await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), 6, empty);
  await powersOfTau.contribute(empty, file, 'Ada', 'entropy');
  const target = join(folder, 'new');
  const { code, stdout } = await ceremony(['import', file, '--folder', target, '--json', '--profile', 'small']);
  expect(code).toBe(1);
  const { error } = JSON.parse(stdout) as { error: { message: string; facts: Record<string, string> } };
  expect(error.message).toContain('small.ptau is too small for circuit');
  expect(error.facts['actual']).toBe('power 6');
  expect(readdirSync(folder)).not.toContain('new');
  const wrong = await ceremony(['import', file, '--blake2b', 'AB'.repeat(64), '--folder', target]);
  expect(wrong.stderr).toContain('is not the file with that hash');
  expect((await here('import', '--folder', target)).stderr).toContain('Missing FILE.ptau');
  expect(readFileSync(file).length).toBeGreaterThan(1000);
});
