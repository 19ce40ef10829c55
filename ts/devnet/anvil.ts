import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createTestClient, http } from 'viem';
import { RollupError } from '../base/errors.ts';
import { foundryBinary } from '../base/paths.ts';
import { TEST_MNEMONIC } from './accounts.ts';
import { guardPool, type PoolGuard } from './poolGuard.ts';

/** The address that everything of a devnet listens on: its keys are public. */
export const HOST = '127.0.0.1';

export type AnvilState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed';

export interface AnvilParameters {
  /** Name of the chain; `--port-<name>` is the flag that an error about its port names. */
  name: string;
  chainId: number;
  /** 0: any free port. */
  port: number;
  logFile: string;
  /** Seconds since 1970 of block 0, so that all chains start with one clock. */
  timestamp?: number;
  /** Wei for a unit of gas; default: anvil's own. */
  gasPrice?: bigint;
  /** Further flags. */
  flags?: readonly string[];
  /** Puts back transactions that anvil forgets (poolGuard.ts); default true. */
  guarded?: boolean;
}

/**
 * One anvil process.
 *
 * It runs in a process group of its own (a Ctrl-C in the terminal reaches only us, and we stop things in order) under a shell that ends it
 * when our end of its input closes: it goes even when this process is killed.
 */
export class Anvil {
  readonly name: string;
  readonly chainId: number;
  readonly logFile: string;
  state: AnvilState = 'idle';
  /** Set while it runs. */
  port = 0;
  readonly #parameters: AnvilParameters;
  #process: ChildProcess | undefined;
  #closed: Promise<void> = Promise.resolve();
  #poolGuard: PoolGuard | undefined;
  #onCrash: (error: RollupError) => void = () => {};

  constructor(parameters: AnvilParameters) {
    this.#parameters = parameters;
    this.name = parameters.name;
    this.chainId = parameters.chainId;
    this.logFile = parameters.logFile;
  }

  get url(): string {
    return `http://${HOST}:${this.port}`;
  }

  /** Of the shell that guards anvil. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Called once if the process ends by itself after it was ready. */
  onCrash(listener: (error: RollupError) => void): void {
    this.#onCrash = listener;
  }

  /**
   * Starts the process and waits until it answers.
   * @throws RollupError naming the port and its flag when the port is taken; with the end of the log when it does not start
   */
  async start(): Promise<void> {
    if (this.state !== 'idle') throw new RollupError(`Anvil ${this.name} cannot start`, { facts: { state: this.state } });
    this.state = 'starting';
    try {
      await this.#launch();
    } catch (error) {
      await this.#end();
      this.state = 'stopped';
      throw error;
    }
    this.state = 'running';
    if (this.#parameters.guarded ?? true) this.#poolGuard = guardPool({ rpcUrl: this.url });
  }

  async #launch(): Promise<void> {
    const { port, chainId, logFile, timestamp, gasPrice, flags = [] } = this.#parameters;
    this.port = port === 0 ? await freePort() : port;
    if (port !== 0) await assertPortFree({ port, what: `Chain ${this.name}`, flag: `--port-${this.name}` });
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'w');
    const args = [
      ...['--host', HOST, '--port', String(this.port), '--chain-id', String(chainId), '--mnemonic', TEST_MNEMONIC, '--accounts', '10'],
      ...(timestamp === undefined ? [] : ['--timestamp', String(timestamp)]),
      ...(gasPrice === undefined ? [] : ['--gas-price', String(gasPrice), '--base-fee', String(gasPrice)]),
      ...flags,
    ];
    const child = spawn('sh', ['-c', GUARD, 'anvil', foundryBinary('anvil'), ...args], { stdio: ['pipe', log, log], detached: true });
    closeSync(log);
    this.#process = child;
    child.stdin?.on('error', () => {}); // The pipe may close first when the process dies.
    this.#closed = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('close', (code) => {
        resolve();
        if (this.state !== 'running') return;
        this.state = 'crashed';
        void this.#poolGuard?.stop();
        this.#onCrash(new RollupError(`Chain ${this.name} (anvil) ended by itself`, { facts: { code, log: logFile, ...this.#logTail() } }));
      });
    });
    await this.#waitUntilReady(child);
  }

  async #waitUntilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      if (child.exitCode !== null || child.pid === undefined) {
        const facts = { exitCode: child.exitCode, log: this.logFile, ...this.#logTail() };
        throw new RollupError(`Chain ${this.name} (anvil) did not start`, { facts, hint: 'Run `npm ci` if the program is missing.' });
      }
      const answer = await askChainId(this.url);
      if (answer === this.chainId) return;
      if (answer !== undefined) throw new RollupError(`Another chain answers on the port of ${this.name}`, { facts: { url: this.url, expected: this.chainId, actual: answer } });
      if (Date.now() > deadline) throw new RollupError(`Chain ${this.name} (anvil) does not answer`, { facts: { url: this.url, log: this.logFile, ...this.#logTail() } });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** Puts the chain's clock ahead and mines a block there. */
  async passTime(seconds: number): Promise<void> {
    const client = createTestClient({ mode: 'anvil', transport: http(this.url) });
    await client.increaseTime({ seconds });
    await client.mine({ blocks: 1 });
  }

  /** Ends the process and waits for its end. Safe to call in every state. */
  async stop(): Promise<void> {
    if (this.state !== 'running' && this.state !== 'starting') return;
    this.state = 'stopping';
    await this.#poolGuard?.stop();
    await this.#end();
    this.state = 'stopped';
  }

  async #end(): Promise<void> {
    const child = this.#process;
    if (!child || child.pid === undefined) return;
    child.stdin?.end();
    const { pid } = child;
    const kill = setTimeout(() => {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It ended in the meantime.
      }
    }, 5_000);
    await this.#closed;
    clearTimeout(kill);
  }

  #logTail(): { lastLines?: string } {
    try {
      const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n    ');
      return lines === '' ? {} : { lastLines: `\n    ${lines}` };
    } catch {
      return {};
    }
  }
}

/** Runs its arguments and ends them when its standard input closes. */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- & program=$!
{ read -r _ <&3; kill "$program" 2>/dev/null; } & guard=$!
wait "$program"; code=$?
kill "$guard" 2>/dev/null
exit $code`;

async function askChainId(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
      signal: AbortSignal.timeout(2_000),
    });
    const { result } = (await response.json()) as { result?: string };
    return result === undefined ? undefined : Number(result);
  } catch {
    return undefined;
  }
}

/** @throws RollupError naming the port and the flag that changes it */
export async function assertPortFree({ port, what, flag }: { port: number; what: string; flag: string }): Promise<void> {
  try {
    await listenOnce(port);
  } catch (cause) {
    throw new RollupError(`Port ${port} is taken`, { facts: { for: what }, hint: `Free it, or choose another with \`${flag} <port>\` (0 for any free one).`, cause });
  }
}

export async function freePort(): Promise<number> {
  return await listenOnce(0);
}

async function listenOnce(port: number): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
