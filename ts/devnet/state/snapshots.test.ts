import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { DevnetParts, RestartableChain } from './parts.ts';
import { Snapshots } from './snapshots.ts';

/* Nodes that say what a test wants, instead of anvils. */

const folder = mkdtempSync(join(tmpdir(), 'snapshots-test-'));
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface FakeNode {
  reverts: boolean;
  restarts: boolean;
  log: string[];
}

async function chainOf(name: string, { reverts, restarts, log }: FakeNode): Promise<RestartableChain> {
  const answers: Record<string, unknown> = {
    eth_getBlockByNumber: { number: '0x1', hash: '0x01', timestamp: '0x64' }, evm_snapshot: '0x5', anvil_metadata: { snapshots: { '0x5': [1, '0x01'] } },
    anvil_dumpState: `0x${gzipSync(`state of ${name}`).toString('hex')}`, evm_revert: reverts, evm_setTime: 0,
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      const { id, method } = JSON.parse(body) as { id: number; method: string };
      if (method === 'evm_revert' || method === 'evm_setTime') log.push(`${name} ${method}`);
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] }));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    name, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    restartWith: async (file) => {
      log.push(`${name} restarts with ${readFileSync(file, 'utf8')}`);
      if (!restarts) throw new Error(`${name} is stuck`);
    },
  };
}

async function snapshotsOf(nodes: Record<string, Omit<FakeNode, 'log'>>) {
  const log: string[] = [];
  const chains = await Promise.all(Object.entries(nodes).map(async ([name, node]) => await chainOf(name, { ...node, log })));
  const parts: DevnetParts = { chains, forked: false, relayers: { paused: async (work) => await work(), forgive: () => {} }, sequencer: () => undefined };
  return { snapshots: new Snapshots({ parts, folder }), log };
}

test('when a chain cannot revert, those before it get their state back', async () => {
  const { snapshots, log } = await snapshotsOf({ one: { reverts: true, restarts: true }, two: { reverts: true, restarts: true }, three: { reverts: false, restarts: true } });
  const { id } = await snapshots.take();
  await expect(snapshots.revert(id)).rejects.toMatchObject({ message: `Snapshot ${id} is gone on three`, facts: { restarted: ['one', 'two'] } });
  expect(log).toEqual(['one evm_revert', 'two evm_revert', 'three evm_revert', 'one restarts with state of one', 'one evm_setTime', 'two restarts with state of two', 'two evm_setTime']);
  expect([snapshots.list(), existsSync(folder) ? readdirSync(folder) : []]).toEqual([[], []]);
});

test('a chain that does not start again keeps no other one from its state, and is named', async () => {
  const { snapshots, log } = await snapshotsOf({ one: { reverts: true, restarts: false }, two: { reverts: true, restarts: true }, three: { reverts: false, restarts: true } });
  const { id } = await snapshots.take();
  await expect(snapshots.revert(id)).rejects.toMatchObject({
    message: `Snapshot ${id} is gone on three, and not every chain could be set back to what it was`, facts: { restarted: ['two'], one: 'one is stuck' }, hint: expect.stringContaining('start it again') as string,
  });
  expect(log.slice(3)).toEqual(['one restarts with state of one', 'two restarts with state of two', 'two evm_setTime']);
  expect([snapshots.list(), readdirSync(folder)]).toEqual([[], []]);
});
