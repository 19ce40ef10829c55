import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { paths } from '../../base/paths.ts';
import { type DevnetDescription, findDevnet } from '../../chain/deployments.ts';
import { startDevnet } from '../../devnet/devnet.ts';
import type { DevnetEvent } from '../../devnet/events/event.ts';
import { checkTool, pinnedVersion } from '../../devnet/versions.ts';

/* The devnet as a program: two at once, readiness, the stream of events, options from everywhere, versions. */

const folder = mkdtempSync(join(tmpdir(), 'software-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  code: Promise<number | null>;
}

function command(args: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [paths.launcher, join(paths.root, 'ts', 'cli', 'devnet.ts'), ...args], { cwd: paths.root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const text = { out: '', err: '' };
  child.stdout?.on('data', (data: Buffer) => (text.out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (text.err += data.toString()));
  return { child, out: () => text.out, err: () => text.err, code: new Promise((resolve) => child.on('close', resolve)) };
}

async function ended(run: Run): Promise<{ code: number | null; out: string; err: string }> {
  return { code: await run.code, out: run.out(), err: run.err() };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('two devnets start at once in two folders and know nothing of each other; one tells when it is ready', async () => {
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const control = await freePort();
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ port: 0, sequencer: false, 'block-time-linea': 1 }));
  const run = command(['--config', join(folder, 'config.json'), '--folder', first, '--json', '--quiet'], { ROLLUP_DEVNET_PORT_CONTROL: String(control) });
  // The control server is there before the chains are, so somebody who asks from the beginning sees both answers.
  const ready = async (): Promise<number> => await fetch(`http://127.0.0.1:${control}/ready`).then(({ status }) => status, () => 0);
  const seen = new Set<number>();
  const polled = expect.poll(async () => (seen.add(await ready()), [...seen].at(-1)), { timeout: 120_000 }).toBe(200);
  const other = await startDevnet({ sequencer: false, folder: second });
  try {
    await polled;
    expect([...seen].filter((status) => status !== 0)).toEqual([503, 200]);
    expect(await ended(command(['wait', '--timeout', '20', '--folder', first]))).toEqual({ code: 0, out: '', err: '' });

    const description = findDevnet(join(first, 'devnet.json')) as DevnetDescription;
    expect(JSON.parse(run.out())).toMatchObject({ pid: run.child.pid, controlUrl: `http://127.0.0.1:${control}`, networks: { zksync: { chainId: 31_339 } }, versions: { anvil: pinnedVersion('@foundry-rs/anvil') } });
    const urls = [description, other].flatMap(({ networks = {} }) => Object.values(networks).map(({ rpcUrl }) => rpcUrl));
    expect(new Set(urls).size).toBe(6);

    // A message on the one is none on the other; they live at the same addresses.
    const { ethereum, linea } = other.clients;
    const service = other.networks?.['ethereum']?.contracts['LineaRollup'];
    expect(description.networks?.['ethereum']?.contracts['LineaRollup']).toBe(service);
    const follow = command(['events', '--follow', '--json', '--folder', first]);
    const value = 11n;
    await ethereum.wallet('bob').sendTransaction({ to: ethereum.wallet('alice').account.address, value });
    await other.relayers.idle();
    expect(await ethereum.public.getTransactionCount({ address: ethereum.wallet('bob').account.address })).toBe(1);
    const count = await rpc(description, 'ethereum', 'eth_getTransactionCount', [ethereum.wallet('bob').account.address, 'latest']);
    expect(count).toBe('0x0');

    // Its Linea makes a block each second, with or without transactions; the other's does not.
    const [before, still] = [Number(await rpc(description, 'linea', 'eth_blockNumber', [])), await linea.public.getBlockNumber()];
    await expect.poll(async () => Number(await rpc(description, 'linea', 'eth_blockNumber', [])), { timeout: 10_000 }).toBeGreaterThan(before + 1);
    expect(await linea.public.getBlockNumber()).toBe(still);

    await expect.poll(() => follow.out().includes('\n'), { timeout: 30_000 }).toBe(true);
    const [event] = follow.out().split('\n').map((line) => (line === '' ? undefined : (JSON.parse(line) as DevnetEvent)));
    expect(event).toMatchObject({ id: 1, chain: expect.any(String), text: expect.any(String) });
    follow.child.kill();
    await follow.code;
  } finally {
    run.child.kill('SIGINT');
    expect(await run.code).toBe(0);
    await other.stop();
  }
});

async function rpc({ networks = {} }: DevnetDescription, chain: string, method: string, params: unknown[]): Promise<string> {
  const response = await fetch(networks[chain]?.rpcUrl ?? '', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  return ((await response.json()) as { result: string }).result;
}

test('verbs without a devnet, and words that are none, are refused', async () => {
  const nowhere = ['--folder', join(folder, 'nowhere')];
  const [env, waiting, extra, stray] = await Promise.all([
    ended(command(['env', ...nowhere])),
    ended(command(['wait', '--timeout', '0', ...nowhere])),
    ended(command(['events', 'now', ...nowhere])),
    ended(command(['--follow', ...nowhere])),
  ]);
  expect(env).toMatchObject({ code: 1, err: expect.stringContaining('No devnet is running') });
  expect(waiting).toMatchObject({ code: 1, err: expect.stringContaining('not ready after 0 s') });
  expect(extra).toMatchObject({ code: 2, err: expect.stringContaining('takes no further words') });
  expect(stray).toMatchObject({ code: 2, err: expect.stringContaining('--follow belongs to a verb') });
});

test('a tool of another version, or none, is named with where it is and what to do', async () => {
  expect(await checkTool({ tool: 'anvil' })).toBe(pinnedVersion('@foundry-rs/anvil'));
  const binary = join(folder, 'anvil');
  writeFileSync(binary, '#!/bin/sh\necho "anvil Version: 0.3.0-nightly"\n');
  chmodSync(binary, 0o755);
  await expect(checkTool({ tool: 'anvil', binary })).rejects.toMatchObject({
    message: expect.stringContaining('not the version'), facts: { expected: pinnedVersion('@foundry-rs/anvil'), actual: '0.3.0' }, hint: expect.stringContaining('npm ci'),
  });
  await expect(checkTool({ tool: 'anvil', binary: join(folder, 'none') })).rejects.toMatchObject({ message: 'anvil does not run', hint: expect.stringContaining('npm ci') });
});
