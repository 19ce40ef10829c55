import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { run } from './exec.ts';

const node = process.execPath;

it('a program that is stopped was interrupted, and has ended when that is known', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'exec-'));
  const file = join(folder, 'ended');
  const stop = new AbortController();
  const code = `process.on('SIGTERM', () => setTimeout(() => { require('node:fs').writeFileSync(${JSON.stringify(file)}, ''); process.exit(0); }, 100)); setInterval(() => {}, 1000); console.log('ready');`;
  const running = run({ command: node, args: ['-e', code], signal: stop.signal, onLine: () => stop.abort() });
  await expect(running).rejects.toMatchObject({ message: 'node was interrupted', hint: undefined });
  expect(existsSync(file)).toBe(true);
  rmSync(folder, { recursive: true });
});

it('a program that is not to begin at all was interrupted, too', async () => {
  await expect(run({ command: node, args: ['-e', 'setInterval(() => {}, 1000)'], signal: AbortSignal.abort() })).rejects.toThrow('node was interrupted');
});

it('a program that is not there could not be run', async () => {
  await expect(run({ command: 'no-such-program', args: [] })).rejects.toMatchObject({ message: 'no-such-program could not be run', hint: 'Run `npm ci` first.' });
});

it('a program that fails is shown with what it printed last', async () => {
  await expect(run({ command: node, args: ['-e', 'console.log("because"); process.exit(3)'] })).rejects.toThrow(/exited with 3\nbecause/);
});
