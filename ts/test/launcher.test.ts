import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { paths } from '../base/paths.ts';

// The launcher on small programs of its own, in a folder that looks like the repository's.

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollup-launcher-test-'));
  for (const name of ['ts/cli', 'ts/tools', 'circuits']) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(paths.launcher, join(folder, 'ts', 'tools', 'run.cjs'));
  write('package-lock.json', '{}');
  write('package.json', '{ "type": "module" }');
  write('circuits/params.json', '{ "slots": 7 }');
  symlinkSync(paths.nodeModules, join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const launcher = (): string => join(folder, 'ts', 'tools', 'run.cjs');
function launch(program = 'ts/cli/hello.ts', ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [launcher(), program, ...args], { encoding: 'utf8' });
}

const HELLO = `
import { keccak256 } from 'viem';
import params from '../../circuits/params.json' with { type: 'json' };
import { word } from '../word.ts';
console.log(word, params.slots, keccak256('0x').slice(0, 6), process.argv.slice(2).join(' '), import.meta.url.endsWith('/ts/cli/hello.ts'));
`;

test('a program runs with its arguments, and again after each change of what it depends on', () => {
  write('ts/word.ts', `export const word: string = 'hello';`);
  write('ts/cli/hello.ts', HELLO);
  expect(launch('ts/cli/hello.ts', '--to', 'you')).toMatchObject({ status: 0, stdout: 'hello 7 0xc5d2 --to you true\n', stderr: '' });
  expect(launch()).toMatchObject({ stdout: 'hello 7 0xc5d2  true\n' });
  expect(readdirSync(join(folder, 'out', 'programs'))).toHaveLength(1);
  write('circuits/params.json', '{ "slots": 64 }');
  write('ts/word.ts', `export const word: string = 'good day';`);
  expect(launch()).toMatchObject({ stdout: 'good day 64 0xc5d2  true\n' });
  expect(readdirSync(join(folder, 'out', 'programs'))).toHaveLength(2);
});

test('sources that do not go together are named with their place, without a stack', () => {
  write('ts/cli/hello.ts', `console.log('hello';`);
  const { status, stderr } = launch();
  expect(status).toBe(1);
  expect(stderr).toMatch(/cannot be put together[\s\S]*ts\/cli\/hello\.ts:1:19/);
  expect(stderr).not.toContain('    at ');
  write('other.json', '{}');
  write('ts/cli/hello.ts', `import other from '../../other.json' with { type: 'json' };\nconsole.log(other);`);
  expect(launch()).toMatchObject({ status: 1, stderr: expect.stringContaining('other.json is part of a program; a change of it would go unseen') });
});

test('what is no program is refused', () => {
  write('ts/word.ts', '');
  for (const name of ['ts/word.ts', 'ts/cli/nothing.ts']) expect(launch(name)).toMatchObject({ status: 2, stderr: expect.stringContaining(`expected a program of ts/cli, got ${name}`) });
});

test('output that nobody reads ends a program in silence, and in order where there is something to stop', async () => {
  const endless = `setInterval(() => console.log('more'), 5);`;
  for (const [text, code] of [[endless, 0], [`process.once('SIGTERM', () => process.exit(3));\n${endless}`, 3]] as const) {
    write('ts/cli/hello.ts', text);
    const child = spawn(process.execPath, [launcher(), 'ts/cli/hello.ts'], { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.stdout.once('data', () => child.stdout.destroy());
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(code);
    expect(errors).toBe('');
  }
});
