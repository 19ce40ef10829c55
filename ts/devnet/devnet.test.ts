import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Address } from 'viem';
import { afterAll, expect, test } from 'vitest';
import { paths } from '../base/paths.ts';
import { arbitratorEndpoint, publicClient } from '../chain/clients.ts';
import { arbitrator, secondaryRollup, token } from '../chain/contracts.ts';
import { findDevnet } from '../chain/deployments.ts';
import { testAccount } from './accounts.ts';
import { assertPortFree } from './ports.ts';
import { startDevnet } from './devnet.ts';
import { lockFolder } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'devnet-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function portOf(url: string): number {
  return Number(new URL(url).port);
}

async function expectFree(urls: readonly string[]): Promise<void> {
  for (const url of urls) await assertPortFree({ port: portOf(url), what: 'test', flag: '--port' });
}

test('chains, contracts and tokens are there; a second one is refused; stopping leaves nothing', async () => {
  const start = Date.now();
  const devnet = await startDevnet({ sequencer: false, folder });
  process.stdout.write(`devnet without sequencer ready in ${Date.now() - start} ms\n`);
  const { deployment } = devnet;
  try {
    expect(deployment.chains.map(({ name, role }) => `${name} ${role}`)).toEqual(['linea primary', 'zksync secondary', 'ethereum secondary']);
    const l1 = publicClient(arbitratorEndpoint(deployment));
    expect(await arbitrator({ address: deployment.arbitrator, client: l1 }).read.chainCount()).toBe(3);
    for (const chain of deployment.chains) {
      const client = publicClient(chain);
      expect(await client.getChainId()).toBe(chain.chainId);
      const rollup = secondaryRollup({ address: chain.rollup, client });
      expect(await rollup.read.deploymentId()).toBe(deployment.deploymentId);
      expect(await rollup.read.gateway()).toBe(chain.gateway);
      expect(chain.deployedAtBlock).toBeLessThanOrEqual(Number(await rollup.read.deployedAtBlock()));
      const tst = chain.tokens.find(({ symbol }) => symbol === 'TST')?.address as Address;
      expect(await rollup.read.tokenAddress([2])).toBe(tst);
      expect(await token({ address: tst, client }).read.balanceOf([testAccount('alice').address])).toBe(10n ** 24n);
      expect(await token({ address: tst, client }).read.balanceOf([testAccount('dave').address])).toBe(0n);
    }
    expect(findDevnet(join(folder, 'devnet.json'))?.deployment).toEqual(deployment);
    expect(Object.values(devnet.logs).every(existsSync)).toBe(true);
    await expect(startDevnet({ sequencer: false, folder })).rejects.toMatchObject({ message: 'A devnet is already running here', facts: { process: process.pid } });
  } finally {
    await devnet.stop();
  }
  await devnet.stop();
  await expectFree(deployment.chains.map(({ rpcUrl }) => rpcUrl));
  expect(readdirSync(folder).filter((file) => !file.endsWith('.log'))).toEqual([]);
  expect(existsSync(join(paths.deployments, deployment.name))).toBe(false);
});

test('a start that fails half-way leaves nothing', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve(portOf(`http://127.0.0.1:${(server.address() as { port: number }).port}`))));
  await expect(startDevnet({ sequencer: false, folder, ports: { zksync: port } })).rejects.toMatchObject({ message: `Port ${port} is taken`, hint: expect.stringContaining('--port-zksync') });
  await expect(startDevnet({ folder, sequencerPort: port })).rejects.toMatchObject({ message: `Port ${port} is taken`, hint: expect.stringContaining('--port-sequencer') });
  server.close();
  const interrupted = new AbortController();
  const failed = expect(startDevnet({ sequencer: false, fresh: true, folder, signal: interrupted.signal })).rejects.toThrow();
  setTimeout(() => interrupted.abort(), 400);
  await failed;
  expect(readdirSync(folder).filter((file) => !file.endsWith('.log'))).toEqual([]);
});

test('the lock of a process that has ended counts for nothing', () => {
  const release = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('already running');
  release();
  const ended = execFileSync(process.execPath, ['-e', `require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'lock'))}, String(process.pid))`]);
  expect(ended).toBeDefined();
  lockFolder(folder)();
  // An earlier process had this one's id, as happens in containers.
  writeFileSync(join(folder, 'lock'), String(process.pid));
  const again = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow('already running');
  again();
  expect(readdirSync(folder).filter((name) => name.startsWith('lock'))).toEqual([]);
});

// ── the command ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Run {
  child: ChildProcess;
  out: () => string;
  err: () => string;
  /** Of the process; null when a signal ended it. */
  code: Promise<number | null>;
}

function runCommand(...args: string[]): Run {
  const child = spawn(process.execPath, [paths.launcher, join(paths.root, 'ts', 'cli', 'devnet.ts'), ...args], { cwd: paths.root, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { out: '', err: '' };
  child.stdout?.on('data', (data: Buffer) => (text.out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (text.err += data.toString()));
  return { child, out: () => text.out, err: () => text.err, code: new Promise((resolve) => child.on('close', resolve)) };
}

const ANY_PORTS = ['--port', '0', '--no-sequencer', '--folder', folder];

async function description(run: Run): Promise<{ deployment: { name: string; chains: { rpcUrl: string }[] } }> {
  await expect.poll(() => run.out().trimEnd().endsWith('}') || run.child.exitCode !== null, { timeout: 120_000 }).toBe(true);
  return JSON.parse(run.out()) as { deployment: { name: string; chains: { rpcUrl: string }[] } };
}

test('the command takes orders; Ctrl-C ends it with 0 and leaves no process and no description', async () => {
  const run = runCommand(...ANY_PORTS, '--json', '--quiet');
  const { deployment } = await description(run);
  expect(findDevnet(join(folder, 'devnet.json'))?.deployment.name).toBe(deployment.name);

  // Meanwhile it takes orders from another terminal.
  const order = async (...words: string[]): Promise<{ code: number | null; err: string }> => {
    const { code, err } = runCommand(...words, '--folder', folder);
    return { code: await code, err: err() };
  };
  const times = async (): Promise<number[]> => await Promise.all(findDevnet(join(folder, 'devnet.json'))?.deployment.chains.map(async (chain) => Number((await publicClient(chain).getBlock()).timestamp)) ?? []);
  const before = await times();
  expect(await order('time', '+2d')).toEqual({ code: 0, err: '' });
  for (const [i, time] of (await times()).entries()) expect(time - (before[i] ?? 0)).toBeGreaterThanOrEqual(2 * 86_400);
  expect(await order('hold', 'linea', 'down')).toEqual({ code: 0, err: '' });
  expect(await order('release')).toEqual({ code: 0, err: '' });
  expect(await order('hold', 'ethereum')).toMatchObject({ code: 2, err: expect.stringContaining('There is no such route') });
  expect(await order('remove-sequencer')).toMatchObject({ code: 1, err: expect.stringContaining('has no sequencer') });
  expect((await order('halt')).code).toBe(2);

  run.child.kill('SIGINT');
  expect(await run.code).toBe(0);
  expect(run.err()).toBe('');
  await expectFree(deployment.chains.map(({ rpcUrl }) => rpcUrl));
  expect(existsSync(join(folder, 'devnet.json'))).toBe(false);
});

test('a signal during the start ends it in order', async () => {
  const run = runCommand(...ANY_PORTS, '--fresh');
  await expect.poll(() => run.err(), { timeout: 120_000 }).toContain('deploying');
  run.child.kill('SIGTERM');
  expect(await run.code).toBe(0);
  expect(run.err()).toContain('SIGTERM: stopping');
  expect(readdirSync(folder).filter((file) => !file.endsWith('.log'))).toEqual([]);
});

test('a chain that dies ends the command with 1 and names its log', async () => {
  const run = runCommand(...ANY_PORTS, '--json', '--quiet');
  const { deployment } = await description(run);
  const linea = portOf(deployment.chains[0]?.rpcUrl ?? '');
  const guards = execFileSync('pgrep', ['-P', String(run.child.pid)], { encoding: 'utf8' }).trim().split('\n');
  const anvils = guards.flatMap((guard) => execFileSync('pgrep', ['-a', '-P', guard], { encoding: 'utf8' }).trim().split('\n'));
  const victim = anvils.find((line) => line.includes(`--port ${linea} `));
  process.kill(Number(victim?.split(' ')[0]), 'SIGKILL');
  expect(await run.code).toBe(1);
  expect(run.err()).toContain('Chain linea (anvil) ended by itself');
  expect(run.err()).toContain('linea.log');
  await expectFree(deployment.chains.map(({ rpcUrl }) => rpcUrl));
});

test('wrong flags are refused with 2, --help shows every flag', async () => {
  const wrong = runCommand('--port-linea', 'many');
  expect(await wrong.code).toBe(2);
  expect(wrong.err()).toContain('--port-linea is not a whole number');
  const unknown = runCommand('--colour');
  expect(await unknown.code).toBe(2);
  expect(unknown.err()).toContain('--colour');
  const help = runCommand('--help');
  expect(await help.code).toBe(0);
  for (const flag of ['remove-sequencer', 'time', '--port-ethereum', '--port-linea', '--port-zksync', '--port-sequencer', '--no-sequencer', '--fresh', '--json', '--quiet', '--folder']) expect(help.out()).toContain(flag);
});

test('the banner says where everything is and what to do next', async () => {
  const run = runCommand(...ANY_PORTS, '--quiet');
  await expect.poll(() => run.out(), { timeout: 120_000 }).toContain('Ctrl-C stops everything');
  run.child.kill('SIGINT');
  expect(await run.code).toBe(0);
  for (const text of ['chain id         31337', 'chain id         31338', 'chain id         31339', 'http://127.0.0.1:', 'arbitrator', 'rollup', 'KEYS ARE PUBLIC', 'alice', 'npm run', '.log']) {
    expect(run.out()).toContain(text);
  }
});

test('logs are readable text', () => {
  expect(readFileSync(join(folder, 'ethereum.log'), 'utf8')).toContain('Listening on');
});
