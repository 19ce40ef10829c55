import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { AnvilParameters } from '../anvil.ts';
import { readTopology } from '../deploy.ts';
import { stateKey } from './stateKey.ts';

const root = mkdtempSync(join(tmpdir(), 'state-key-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const topology = readTopology('devnet');
const anvils: AnvilParameters[] = [{ name: 'ethereum', chainId: 31_337, port: 0, logFile: 'a.log' }];
const files = {
  'src/Rollup.sol': 'contract Rollup {}',
  'script/devnet/DeployServices.s.sol': 'contract DeployServices {}',
  'foundry.toml': 'optimizer_runs = 200',
  'package-lock.json': '{ "anvil": "1.7.1" }',
  'ts/devnet/state/startChains.ts': "import { deploy } from '../deploy.ts';",
  'ts/devnet/deploy.ts': "import { place } from './place.ts';\nconst later = await import('./later.ts');",
  'ts/devnet/place.ts': 'export const place = 1;',
  'ts/devnet/later.ts': "export { other } from './other.ts';",
  'ts/devnet/other.ts': 'export const other = 1;',
};

function write(name: string, content: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}

beforeEach(() => Object.entries(files).forEach(([name, content]) => write(name, content)));

test.each(Object.keys(files))('a change of %s is another state', (name) => {
  const before = stateKey({ anvils, topology, root });
  expect(stateKey({ anvils, topology, root })).toBe(before);
  write(name, `${files[name as keyof typeof files]} // changed`);
  expect(stateKey({ anvils, topology, root })).not.toBe(before);
});

test('another chain id, topology or flag is another state; another port, log or URL is not', () => {
  const before = stateKey({ anvils, topology, root });
  const of = (changed: Partial<AnvilParameters>): string => stateKey({ anvils: anvils.map((anvil) => ({ ...anvil, ...changed })), topology, root });
  expect(of({ port: 9_545, logFile: 'b.log' })).toBe(before);
  expect(of({ chainId: 1 })).not.toBe(before);
  expect(of({ gasPrice: 0n })).not.toBe(before);
  const moved = { ...topology, arbitratorRpcUrl: 'http://127.0.0.1:1', chains: topology.chains.map((chain) => ({ ...chain, rpcUrl: 'http://127.0.0.1:2' })) };
  expect(stateKey({ anvils, topology: moved, root })).toBe(before);
  expect(stateKey({ anvils, topology: { ...topology, name: 'other' }, root })).not.toBe(before);
});

test('a file that the deploying code does not import is no part of it', () => {
  const before = stateKey({ anvils, topology, root });
  write('ts/devnet/banner.ts', 'export const banner = 1;');
  expect(stateKey({ anvils, topology, root })).toBe(before);
});
