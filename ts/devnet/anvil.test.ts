import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { paths } from '../base/paths.ts';
import { publicClient } from '../chain/clients.ts';
import { Anvil, assertPortFree } from './anvil.ts';

const folder = mkdtempSync(join(tmpdir(), 'anvil-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
/** In order of their start. */
function childrenOf(pid: number | undefined): string[] {
  return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).trim().split('\n');
}

const logFile = join(folder, 'anvil.log');

test('starts on any port with its chain id and clock, logs to its file, stops', async () => {
  const anvil = new Anvil({ name: 'linea', chainId: 31_338, port: 0, logFile, timestamp: 1_800_000_000 });
  await anvil.start();
  const client = publicClient({ name: 'linea', chainId: 31_338, rpcUrl: anvil.url });
  expect(await client.getChainId()).toBe(31_338);
  expect((await client.getBlock({ blockNumber: 0n })).timestamp).toBe(1_800_000_000n);
  expect(anvil.state).toBe('running');
  await expect(anvil.start()).rejects.toThrow('cannot start');
  await anvil.stop();
  expect(anvil.state).toBe('stopped');
  await assertPortFree({ port: anvil.port, what: 'test', flag: '--port' });
  expect(readFileSync(logFile, 'utf8')).toContain('Listening on');
});

test('a taken port is named together with its flag', async () => {
  const first = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  await first.start();
  const second = new Anvil({ name: 'linea', chainId: 1, port: first.port, logFile: `${logFile}.2` });
  const failure = await second.start().then(
    () => undefined,
    (error: unknown) => error,
  );
  await first.stop();
  expect(failure).toMatchObject({ message: `Port ${first.port} is taken`, hint: expect.stringContaining('--port-linea') });
});

test('a process that does not start shows the end of its log', async () => {
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile, flags: ['--no-such-flag'] });
  await expect(anvil.start()).rejects.toMatchObject({ message: expect.stringContaining('did not start'), facts: { lastLines: expect.stringContaining('--no-such-flag') } });
});

test('a process that dies by itself is reported once', async () => {
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  await anvil.start();
  const crash = new Promise<Error>((resolve) => anvil.onCrash(resolve));
  const [program] = childrenOf(anvil.pid);
  process.kill(Number(program), 'SIGKILL');
  expect((await crash).message).toContain('ended by itself');
  expect(anvil.state).toBe('crashed');
  await anvil.stop();
});

test('anvil goes when the process that started it is killed', async () => {
  const script = `import { Anvil } from ${JSON.stringify(join(paths.root, 'ts/devnet/anvil.ts'))};
    const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile: ${JSON.stringify(logFile)} });
    anvil.start().then(() => process.stdout.write(String(anvil.port)));`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: paths.root, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => parent.stdout.on('data', (data) => resolve(Number(data))));
  await expect(assertPortFree({ port, what: 'test', flag: '--port' })).rejects.toThrow('is taken');
  parent.kill('SIGKILL');
  await expect.poll(() => assertPortFree({ port, what: 'test', flag: '--port' }).then(() => 'free', () => 'taken'), { timeout: 5_000 }).toBe('free');
});
