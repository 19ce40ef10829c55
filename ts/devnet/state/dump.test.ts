import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zeroAddress, zeroHash } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { silentProgress } from '../../base/progress.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { anvilVersion, dumpDevnet, openDump } from './dump.ts';
import { writeDump } from './dumpFile.ts';
import type { DevnetParts } from './parts.ts';

const folder = mkdtempSync(join(tmpdir(), 'dump-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const contracts = { rollup: zeroAddress, gateway: zeroAddress, l1Gateway: zeroAddress, verifier: zeroAddress, extension: zeroAddress };
const deployment: Deployment = {
  ...{ name: 'devnet', deploymentId: 1n, arbitratorChainId: 1, arbitratorRpcUrl: 'http://127.0.0.1:1', arbitrator: zeroAddress },
  chains: [{ chainIndex: 0, name: 'one', chainId: 1, rpcUrl: 'http://127.0.0.1:1', role: 'primary', ...contracts, deployedAtBlock: 3, tokens: [], messageService: { kind: 'direct' } }],
};

test('forked chains are not dumped', async () => {
  const parts: DevnetParts = { chains: [], forked: true, relayers: { paused: async (work) => await work(), forgive: () => {} }, sequencer: () => undefined };
  const file = join(folder, 'fork.dump');
  await expect(dumpDevnet({ parts, deployment, file })).rejects.toThrow('A devnet with forked chains cannot be dumped');
  expect(existsSync(file)).toBe(false);
});

test('other contracts are noted; no file of the sequencer lands outside of its folder; opened files can be removed', async () => {
  const file = join(folder, 'a.dump');
  const chains = [{ name: 'one', chainId: 1, head: { number: 1, hash: zeroHash, timestamp: 1 }, state: Buffer.from('{}') }];
  await writeDump(file, { anvil: anvilVersion(), contracts: 'others', createdAt: '2026-01-01T00:00:00.000Z', deployment, chains, sequencer: { 'blocks/1.json': '1', '../outside.json': '2' } });
  const lines: string[] = [];
  const opened = await openDump({ file, folder: join(folder, 'load'), progress: { report: (line) => lines.push(line) } });
  expect(lines.join('\n')).toContain('written with other contracts');
  expect(existsSync(opened.chains[0]?.file ?? '')).toBe(true);
  const dataDir = join(folder, 'data');
  expect(() => opened.restoreSequencer?.(dataDir)).toThrow('The dump names a file outside of its folder');
  expect(existsSync(join(dataDir, 'blocks', '1.json'))).toBe(true);
  expect(existsSync(join(folder, 'outside.json'))).toBe(false);
  opened.remove();
  expect(existsSync(opened.chains[0]?.file ?? '')).toBe(false);
  await expect(openDump({ file: join(folder, 'none'), folder: join(folder, 'load'), progress: silentProgress })).rejects.toThrow('The dump cannot be read');
  expect(existsSync(join(folder, 'load'))).toBe(false);
});
