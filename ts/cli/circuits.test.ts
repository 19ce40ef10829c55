import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../base/exec.ts';
import { paths } from '../base/paths.ts';
import type { CircuitInfo } from '../circuit/artifacts.ts';

const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const command = fileURLToPath(new URL('./circuits.ts', import.meta.url));

async function circuits(...args: string[]): Promise<{ stdout: string; stderr: string; seconds: number }> {
  const start = performance.now();
  const output = await run({ command: process.execPath, args: [tsx, command, ...args], cwd: paths.root });
  return { ...output, seconds: (performance.now() - start) / 1000 };
}

test('says "up to date" at once when nothing has changed', async () => {
  await circuits();
  const { stdout, stderr, seconds } = await circuits();
  expect(stdout).toContain('up to date');
  expect(stdout).toMatch(/^circuit +constraints/);
  expect(stderr).toBe('');
  console.log(`unchanged circuits: ${seconds.toFixed(2)} s`);
  // Under a second on an idle machine; the bound leaves room for a busy one.
  expect(seconds).toBeLessThan(3);
});

test('--json prints the facts of each circuit', async () => {
  const infos = JSON.parse((await circuits('--json')).stdout) as CircuitInfo[];
  expect(infos.map(({ name }) => name)).toEqual(['segment', 'join', 'exit']);
  for (const { constraints, publicInputs, domain } of infos) expect(constraints + publicInputs).toBeLessThan(domain);
});

test('--help shows the flags and an example, unknown flags and circuits are refused', async () => {
  expect((await circuits('--help')).stdout).toMatch(/--force[\s\S]*Example: npm run circuits/);
  await expect(circuits('--fast')).rejects.toThrow("Unknown option '--fast'");
  await expect(circuits('--only', 'segmnt')).rejects.toThrow('there is no circuit "segmnt"');
});
