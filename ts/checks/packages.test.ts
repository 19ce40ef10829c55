import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { paths } from '../base/paths.ts';
import { textOf } from './repository.ts';

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const manifest = JSON.parse(textOf('package.json')) as Manifest;
const wanted = { ...manifest.dependencies, ...manifest.devDependencies };

test('every package is pinned to one version', () => {
  expect(Object.entries(wanted).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

test('the lock file holds the same versions and no address of a registry', () => {
  const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, { version?: string; resolved?: string }> };
  const locked = Object.fromEntries(Object.keys(wanted).map((name) => [name, lock.packages[`node_modules/${name}`]?.version]));
  expect(locked).toEqual(wanted);
  expect(Object.values(lock.packages).flatMap(({ resolved }) => (resolved === undefined ? [] : [resolved]))).toEqual([]);
});

test("no script runs forge through npm's launcher, which loses forge's exit code", () => {
  const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
  expect(Object.entries(scripts).filter(([, command]) => /(^|&& )(npx )?forge /.test(command))).toEqual([]);
});

test('ts/tools/forge.cjs ends as forge ends', () => {
  const forge = (...args: string[]): number | null => spawnSync(process.execPath, ['ts/tools/forge.cjs', ...args], { cwd: paths.root, stdio: 'ignore' }).status;
  expect(forge('--version')).toBe(0);
  expect(forge('no-such-command')).not.toBe(0);
});

test('ts/tools/lanes.cjs fails when one of its lanes fails, after all have ended', () => {
  const lanes = (...args: string[]): { status: number | null; stdout: string; stderr: string } => spawnSync(process.execPath, ['ts/tools/lanes.cjs', ...args], { cwd: paths.root, encoding: 'utf8' });
  const mixed = lanes('node -e "process.exit(3)"', 'node -e "setTimeout(() => console.log(7), 300)"');
  expect(mixed.status).toBe(1);
  expect(mixed.stdout).toBe('2| 7\n');
  expect(mixed.stderr).toMatch(/process\.exit\(3\).*ended with 3/);
  expect(lanes('node -e "0"', 'node -e "0"').status).toBe(0);
  expect(lanes().status).toBe(2);
});
