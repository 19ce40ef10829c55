import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { run } from '../../base/exec.ts';
import { paths } from '../../base/paths.ts';
import type { CircuitInfo } from '../../circuit/artifacts.ts';

const command = fileURLToPath(new URL('../circuit.ts', import.meta.url));

async function circuit(...args: string[]): Promise<{ stdout: string; stderr: string; seconds: number }> {
  const start = performance.now();
  const output = await run({ command: process.execPath, args: [paths.launcher, command, ...args], cwd: paths.root });
  return { ...output, seconds: (performance.now() - start) / 1000 };
}

test('says "up to date" at once when nothing has changed', async () => {
  await circuit('build', '--quiet');
  const { stdout, stderr, seconds } = await circuit('build');
  expect(stdout).toMatch(/^segment: unchanged \([0-9a-f]{16}\)\njoin: unchanged .*\nexit: unchanged .*\nup to date\n$/);
  expect(stderr).toBe('');
  console.log(`unchanged circuits: ${seconds.toFixed(2)} s`);
});

test('--json prints the facts of each circuit', async () => {
  const { circuits } = JSON.parse((await circuit('build', '--json')).stdout) as { circuits: { name: string; info: CircuitInfo }[] };
  expect(circuits.map(({ name }) => name)).toEqual(['segment', 'join', 'exit']);
  for (const { info } of circuits) expect(info.constraints + info.publicInputs).toBeLessThan(info.domain);
});

test('--help shows the options and an example, unknown options, circuits and profiles are refused', async () => {
  expect((await circuit('build', '--help')).stdout).toMatch(/--force[\s\S]*Examples:\n {2}npm run circuit -- build/);
  await expect(circuit('build', '--fast')).rejects.toThrow('build has no option --fast');
  await expect(circuit('build', '--only', 'segmnt')).rejects.toThrow('there is no circuit "segmnt"');
  await expect(circuit('build', '--profile', 'smal')).rejects.toThrow('there is no profile "smal"');
  await expect(circuit('buidl')).rejects.toThrow('Did you mean build?');
});
