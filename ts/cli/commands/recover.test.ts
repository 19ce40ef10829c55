import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from '../../base/json.ts';
import { paths, root } from '../../base/paths.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { serveRpc, type FakeServer } from '../../recovery/fakeServer.ts';
import type { FakeRpc } from '../../recovery/fakeRpc.ts';
import type { FakeRollupWorld } from '../../recovery/fakeWorld.ts';
import { worldOf } from '../../test/recovery/world.ts';
import { runCommandLine } from './run.ts';
import { recoverCommand } from './recover.ts';

interface Ran {
  code: number;
  out: string;
  error: string;
}

describe('recover command', () => {
  let folder: string;
  let world: FakeRollupWorld;
  let servers: FakeServer[];
  let file: string;
  let deployment: Deployment;
  /** Milliseconds before each answer of the primary about a transaction. */
  let delay = 0;
  /** The primary answers so many questions about transactions more, and then none until they are released. */
  let answers = Infinity;
  let asked = 0;
  const held: (() => void)[] = [];
  let directories = 0;
  const newDirectory = (): string => join(folder, `snapshots ${++directories}`);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recover-command-test-'));
    ({ world } = worldOf({ blocks: 40, together: 1 }));
    const wait = async ({ method }: { method: string }): Promise<void> => {
      if (method !== 'eth_getTransactionByHash') return;
      if (++asked > answers) await new Promise<void>((resolve) => held.push(resolve));
      await new Promise((resolve) => setTimeout(resolve, delay));
    };
    servers = await Promise.all(world.rpcs.map((rpc: FakeRpc, i) => serveRpc(rpc, i === 0 ? wait : undefined)));
    const urlOf = (i: number): string => servers[i]?.url ?? '';
    deployment = { ...world.deployment, arbitratorRpcUrl: urlOf(2), chains: world.deployment.chains.map((chain, i) => ({ ...chain, rpcUrl: urlOf(i) })) };
    file = await save('deployment.json', deployment);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
    await rm(folder, { recursive: true });
  });

  const save = async (name: string, value: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, stringify(value));
    return path;
  };
  const run = async (...args: string[]): Promise<Ran> => {
    const lines: Record<'out' | 'error', string[]> = { out: [], error: [] };
    const code = await runCommandLine({ commands: [recoverCommand], args: ['recover', ...args], env: {}, writeOut: (line) => lines.out.push(line), writeError: (line) => lines.error.push(line) });
    return { code, out: lines.out.join('\n'), error: lines.error.join('\n') };
  };
  const start = (...args: string[]): { child: ChildProcess; ended: Promise<Ran> } => {
    const child = spawn(process.execPath, [paths.launcher, 'ts/cli/main.ts', 'recover', '--deployment', file, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const text = { out: '', error: '' };
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text.out += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text.error += chunk));
    return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, ...text })) };
  };

  it('needs a deployment file and nothing else', async () => {
    const directory = newDirectory();
    const ran = await run('--deployment', file, '--directory', directory);
    expect(ran.error).toContain('block 38 of 38 replayed');
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('Rollup "recovery test": state after block 38, confirmed');
    expect(ran.out).toContain('agreed: zksync, ethereum, arbitrator');
    expect(ran.out).toMatch(/zksync +\d+ +2 +0x/);
    expect(await readdir(directory)).toEqual(['block-0000000038.snapshot']);
    const again = await run('--deployment', file, '--directory', directory);
    expect(again.out).toContain('from the snapshot of block 38 on');
  });

  it('reads a devnet’s description, and prints JSON', async () => {
    const devnet = await save('devnet.json', { pid: 1, deployment, accounts: [], logs: {} });
    const ran = await run('--deployment', devnet, '--directory', newDirectory(), '--to', 'committed', '--json');
    expect(JSON.parse(ran.out)).toMatchObject({ blockNumber: 40, isConfirmed: false, finalRoot: world.blocks[39]?.block.finalRoot.toString(), chains: [{ name: 'linea', pools: 1 }, { pools: 2 }, { pools: 1 }] });
  });

  it('does with the RPC of the primary alone', async () => {
    const unset = { ...deployment, arbitratorRpcUrl: '$RECOVER_TEST_UNSET', chains: deployment.chains.map((chain) => ({ ...chain, rpcUrl: '$RECOVER_TEST_UNSET' })) };
    const path = await save('unset.json', unset);
    const ran = await run('--deployment', path, '--directory', newDirectory(), '--primary', servers[0]?.url ?? '');
    expect(ran.code, ran.error).toBe(0);
    expect(ran.out).toContain('Nobody else was asked: the state is as true as the RPC of the primary');
    expect(ran.out).toContain('not asked: zksync (its URL is not known: the environment variable RECOVER_TEST_UNSET is not set)');
    const compared = await run('--deployment', path, '--directory', newDirectory(), '--primary', servers[0]?.url ?? '', '--chain', `ethereum=${servers[2]?.url}`);
    expect(compared.out).toContain('agreed: ethereum, arbitrator');
    expect(await run('--deployment', path)).toMatchObject({ code: 2, error: expect.stringContaining('Which RPC of the primary?') as string });
  });

  it('refuses what it does not understand', async () => {
    const usage = async (message: string, ...args: string[]): Promise<void> => {
      const ran = await run('--deployment', file, ...args);
      expect(ran.code).toBe(2);
      expect(ran.error).toContain(message);
    };
    await usage('There is no chain "zksink"', '--chain', 'zksink=http://127.0.0.1:1');
    await usage('This is not the URL of an RPC', '--chain', 'zksync=nowhere');
    await usage('This is not the URL of an RPC', '--primary', 'linea');
    await usage('--to is not a block', '--to', 'latest');
    expect(await run('--deployment', join(folder, 'none.json'))).toMatchObject({ code: 1, error: expect.stringContaining('There is no description of the rollup') as string });
  });

  it('fails when another chain disagrees, and says whom not to trust', async () => {
    const other = worldOf({ blocks: 40, seed: 5 }).world;
    const liar = await serveRpc(other.rpcs[1] as FakeRpc);
    const ran = await run('--deployment', file, '--directory', newDirectory(), '--chain', `zksync=${liar.url}`);
    await liar.close();
    expect(ran.code).toBe(1);
    expect(ran.error).toContain('zksync has another block 38 than linea');
    expect(ran.error).toMatch(/next: At least one of these lies or is far behind: the RPC of linea \(127\.0\.0\.1:\d+\), the RPC of zksync/);
  });

  it('goes on after kill -9 in the middle', async () => {
    const directory = newDirectory();
    delay = 60;
    const { child, ended } = start('--directory', directory, '--snapshot-every', '2');
    await expect.poll(async () => (await readdir(directory).catch(() => [])).length, { timeout: 60_000 }).toBeGreaterThan(1);
    child.kill('SIGKILL');
    expect((await ended).out).toBe('');
    delay = 0;
    const ran = await run('--deployment', file, '--directory', directory, '--json');
    const result = JSON.parse(ran.out) as { startedFrom: number };
    expect(result).toMatchObject({ blockNumber: 38, finalRoot: world.blocks[37]?.block.finalRoot.toString() });
    expect(result.startedFrom).toBeGreaterThan(0);
    expect(result.startedFrom).toBeLessThan(38);
  });

  it('stops at Ctrl-C with what it has', async () => {
    const directory = newDirectory();
    // Of 38 blocks 24 are answered; at most 16 are asked ahead, so that who asks for the 36th has replayed 19 and gets no further.
    [asked, answers] = [0, 24];
    const { child, ended } = start('--directory', directory);
    await expect.poll(() => asked, { timeout: 60_000 }).toBeGreaterThanOrEqual(36);
    child.kill('SIGINT');
    const ran = await ended;
    for (const release of held) release();
    answers = Infinity;
    expect(ran.code).toBe(130);
    expect(ran.error).toMatch(/Stopped after block \d+ of 38/);
    expect(ran.error).toContain('Run the same command again to go on from there.');
    expect(await readdir(directory)).toHaveLength(1);
  });
});
