import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestClient, http } from 'viem';
import { afterAll, expect, test, vi } from 'vitest';
import { paths } from '../base/paths.ts';
import { publicClient } from '../chain/clients.ts';
import { Anvil } from './anvil.ts';
import { assertPortFree, freePort, listen } from './ports.ts';
import { dumpChain } from './state/chainState.ts';

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

test('a free port that another process takes first is left to it', async () => {
  const first = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  await first.start();
  const found = [first.port, first.port];
  // The chain that answers there has the same id, so it could be taken for this one.
  const second = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile: `${logFile}.2`, findPort: async () => found.shift() ?? (await freePort()) });
  const third = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile: `${logFile}.3`, findPort: async () => await Promise.resolve(first.port) });
  try {
    await second.start();
    expect(second.port).not.toBe(first.port);
    expect(found).toEqual([]);
    const block = async ({ url }: Anvil): Promise<bigint> => await publicClient({ name: 'linea', chainId: 1, rpcUrl: url }).getBlockNumber({ cacheTime: 0 });
    await createTestClient({ mode: 'anvil', transport: http(second.url) }).mine({ blocks: 3 });
    expect([await block(first), await block(second)]).toEqual([0n, 3n]);
    await expect(third.start()).rejects.toMatchObject({ message: `Port ${first.port} is taken`, facts: { for: 'Chain linea' }, hint: expect.stringContaining('--port-linea') });
    expect(third.state).toBe('stopped');
  } finally {
    await Promise.all([first, second, third].map((anvil) => anvil.stop()));
  }
});

test('a chain that is stopped while it starts leaves no process', async () => {
  let hasAsked = (): void => {};
  const asked = new Promise<void>((resolve) => (hasAsked = resolve));
  let answer: (port: number) => void = () => {};
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile, findPort: async () => await new Promise((resolve) => ((answer = resolve), hasAsked())) });
  const started = expect(anvil.start()).rejects.toThrow('was stopped while it started');
  await asked;
  await anvil.stop();
  answer(await freePort());
  await started;
  expect([anvil.state, anvil.pid]).toEqual(['stopped', undefined]);
});

/** Calls that leave this process, by method; `before` runs when the answer to one is here and nobody has read it. */
function watchCalls(before: (method: string) => void): { calls: string[]; unwatch: () => void } {
  const calls: string[] = [];
  const real = globalThis.fetch;
  const spy = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { method } = JSON.parse(String(init?.body)) as { method: string };
    calls.push(method);
    const response = await real(input, init);
    const text = await response.text();
    before(method);
    return new Response(text, response);
  });
  return { calls, unwatch: () => spy.mockRestore() };
}

/** A file with the state of an empty chain. */
async function stateFile(): Promise<string> {
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  await anvil.start();
  const file = join(folder, 'state.json');
  writeFileSync(file, await dumpChain(anvil));
  await anvil.stop();
  return file;
}

test('a chain that is stopped at the end of its start stays stopped, crashes for nobody and is not watched', async () => {
  const state = await stateFile();
  // The answer that ends the wait; with an empty chain, one that funds an account.
  for (const { method, own } of [{ method: 'eth_chainId', own: { state } }, { method: 'eth_chainId', own: {} }, { method: 'anvil_setBalance', own: {} }]) {
    const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile, ...own });
    const crashes: Error[] = [];
    anvil.onCrash((error) => crashes.push(error));
    let stopped: Promise<void> | undefined;
    const { calls, unwatch } = watchCalls((answered) => {
      if (answered === method) stopped ??= anvil.stop();
    });
    try {
      await expect(anvil.start()).rejects.toThrow(method === 'eth_chainId' ? 'was stopped while it started' : /./);
      expect(stopped).toBeDefined();
      await stopped;
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(calls.filter((call) => call.startsWith('txpool'))).toEqual([]);
    } finally {
      unwatch();
    }
    expect([anvil.state, crashes]).toEqual(['stopped', []]);
    await assertPortFree({ port: anvil.port, what: 'test' });
  }
});

/** Starts a chain again, and takes its port as soon as it has given it up. */
async function restartWithoutPort(anvil: Anvil, state: string): Promise<{ failure: Promise<unknown>; release: () => Promise<void> }> {
  const { port } = anvil;
  for (;;) {
    let over = false;
    const failure = anvil.restartWith(state).then(
      () => void (over = true),
      (error: unknown) => ((over = true), error),
    );
    // The chain may be first, as it takes a moment to listen again: then once more.
    while (!over) {
      const server = createServer();
      const taken = await listen(server, { port, what: 'test' }).then(() => true, () => false);
      if (taken) return { failure, release: async () => await new Promise((resolve) => server.close(() => resolve())) };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await failure).toBeUndefined();
  }
}

test('a chain that starts again waits for its port', async () => {
  const state = await stateFile();
  const anvil = new Anvil({ name: 'zksync', chainId: 1, port: 0, logFile, use: { what: 'Node of zksync behind its front' } });
  await expect(anvil.restartWith(state)).rejects.toMatchObject({ message: 'Anvil zksync cannot start again', facts: { expected: 'running', actual: 'idle' } });
  await anvil.start();
  const { port } = anvil;
  try {
    const short = await restartWithoutPort(anvil, state);
    setTimeout(() => void short.release(), 1_000);
    expect(await short.failure).toBeUndefined();
    expect([anvil.state, anvil.port]).toEqual(['running', port]);
    expect(await publicClient({ name: 'zksync', chainId: 1, rpcUrl: anvil.url }).getChainId()).toBe(1);

    const long = await restartWithoutPort(anvil, state);
    const failure = await long.failure;
    await long.release();
    expect(failure).toMatchObject({ message: `Port ${port} is taken`, facts: { for: 'Node of zksync behind its front' }, hint: 'Free it, or start again: any free port will do.' });
    expect(anvil.state).toBe('stopped');
  } finally {
    await anvil.stop();
  }
});

test('a chain that is stopped while it waits for its port starts no more', async () => {
  const state = await stateFile();
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  await anvil.start();
  const { failure, release } = await restartWithoutPort(anvil, state);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await anvil.stop();
  await release();
  expect(await failure).toMatchObject({ message: 'Chain linea was stopped while it started' });
  expect(anvil.state).toBe('stopped');
  await assertPortFree({ port: anvil.port, what: 'test' });
});

test('a process that a signal ends while it starts is not waited for', async () => {
  const anvil = new Anvil({ name: 'linea', chainId: 1, port: 0, logFile });
  const started = expect(anvil.start()).rejects.toMatchObject({ message: 'Chain linea (anvil) did not start', facts: { signal: 'SIGKILL' } });
  while (anvil.pid === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  // With all of its group: the shell alone may not have come to guard what it began.
  process.kill(-anvil.pid, 'SIGKILL');
  await started;
  expect(anvil.state).toBe('stopped');
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
