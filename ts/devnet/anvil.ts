import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createTestClient, http, parseEther } from 'viem';
import { RollupError } from '../base/errors.ts';
import { foundryBinary } from '../base/paths.ts';
import { operatorAccounts, TEST_MNEMONIC, type Users } from './accounts.ts';
import { guardPool, type PoolGuard } from './poolGuard.ts';
import { assertPortFree, freePort, HOST, PortTakenError, type PortUse } from './ports.ts';

/** Users that a chain has unless it is told otherwise. */
export const USER_COUNT = 10;
/** Ether that each account has from the start unless it is told otherwise. */
export const BALANCE = 10_000;

/** Free ports that are tried, should others take them first. */
const MOST_PORTS = 5;
/** How long a chain that starts again waits for its port: another program's connection may have it for a while. */
const PORT_WAIT_MS = 5_000;

export type AnvilState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'crashed';

/** A node whose state a chain begins with. */
export interface Fork {
  url: string;
  /** Default: its latest. */
  block?: number;
}

export interface AnvilParameters {
  /** Name of the chain. */
  name: string;
  chainId: number;
  /** 0: any free port. */
  port: number;
  logFile: string;
  /** Seconds since 1970 of block 0, so that all chains start with one clock. */
  timestamp?: number;
  /** Wei for a unit of gas; default: anvil's own. */
  gasPrice?: bigint;
  /** Whom the chain knows and funds besides the devnet's own parts; default: ten accounts of the public mnemonic. */
  users?: Users & { /** Ether of each; default 10,000. */ balance?: number };
  /** File with the state that the chain begins with, as anvil dumps it; its accounts are as they are there. Default: an empty chain. */
  state?: string;
  /** Begin with the state of another node; the chain keeps its own id. */
  fork?: Fork;
  /** Further flags. */
  flags?: readonly string[];
  /** Where ports come from when any free one will do. */
  findPort?: () => Promise<number>;
  /** Who an error about its port names; default: the chain and `--port-<name>`. */
  use?: PortUse;
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
  #parameters: AnvilParameters;
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
   * Starts the process and waits until it answers. Where any port will do and another process is first to take the one that was found, it tries others.
   * @throws PortTakenError naming the port and its flag; PortError when there is none; RollupError with the end of the log when it does not start
   */
  async start(): Promise<void> {
    if (this.state !== 'idle') throw new RollupError(`Anvil ${this.name} cannot start`, { facts: { state: this.state } });
    this.state = 'starting';
    await this.#startBy(async () => await this.#launch());
  }

  /**
   * Ends the process and starts it again on its port with the state of a file. Connections are cut, and the snapshots that the process kept are gone.
   * @throws RollupError as `start` does; the chain is stopped then
   */
  async restartWith(state: string): Promise<void> {
    if (this.state !== 'running') throw new RollupError(`Anvil ${this.name} cannot start again`, { facts: { expected: 'running', actual: this.state } });
    // `stop` finds it starting from here on, and its end is no crash.
    this.state = 'starting';
    this.#parameters = { ...this.#parameters, state };
    await this.#startBy(async () => {
      await this.#poolGuard?.stop();
      await this.#end();
      await this.#launchAgain();
    });
  }

  async #startBy(launch: () => Promise<void>): Promise<void> {
    try {
      await launch();
      // Its answer may have been under way when `stop` was called.
      this.#assertIs('starting');
    } catch (error) {
      await this.#end();
      this.state = 'stopped';
      throw error;
    }
    this.state = 'running';
    if (this.#parameters.state === undefined) await this.#fundOperators();
    this.#assertIs('running');
    if (this.#parameters.guarded ?? true) this.#poolGuard = guardPool({ rpcUrl: this.url });
  }

  /** What begins after `stop` nobody would end. */
  #assertIs(expected: AnvilState): void {
    if (this.state !== expected) throw new RollupError(`Chain ${this.name} was stopped while it started`, { facts: { state: this.state } });
  }

  get #use(): PortUse {
    return this.#parameters.use ?? { what: `Chain ${this.name}`, flag: `--port-${this.name}` };
  }

  async #launch(): Promise<void> {
    const { port, findPort = freePort } = this.#parameters;
    if (port !== 0) {
      await assertPortFree({ port, ...this.#use });
      return await this.#launchOn(port);
    }
    for (let tried = 1; ; tried++) {
      try {
        return await this.#launchOn(await findPort());
      } catch (error) {
        // Somebody else took it in the meantime.
        if (!(error instanceof PortTakenError) || tried === MOST_PORTS || this.state !== 'starting') throw error;
        await this.#end();
      }
    }
  }

  /** On the port that clients know. */
  async #launchAgain(): Promise<void> {
    const { port } = this;
    for (const deadline = Date.now() + PORT_WAIT_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      this.#assertIs('starting');
      try {
        await assertPortFree({ port, ...this.#use });
        return await this.#launchOn(port);
      } catch (error) {
        if (!(error instanceof PortTakenError) || Date.now() > deadline) throw error;
        await this.#end();
      }
    }
  }

  async #launchOn(port: number): Promise<void> {
    const { chainId, logFile, timestamp, gasPrice, users = {}, state, fork, flags = [] } = this.#parameters;
    const { mnemonic = TEST_MNEMONIC, count = USER_COUNT, balance = BALANCE } = users;
    this.#assertIs('starting');
    this.port = port;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'w');
    const args = [
      ...['--host', HOST, '--port', String(this.port), '--chain-id', String(chainId), '--mnemonic', mnemonic, '--accounts', String(count), '--balance', String(balance)],
      ...(timestamp === undefined ? [] : ['--timestamp', String(timestamp)]),
      ...(gasPrice === undefined ? [] : ['--gas-price', String(gasPrice), '--base-fee', String(gasPrice)]),
      ...(state === undefined ? [] : ['--load-state', state]),
      // Anvil's cache goes by chain id and block number: another origin may have other state there.
      ...(fork === undefined ? [] : ['--fork-url', fork.url, '--no-storage-caching', ...(fork.block === undefined ? [] : ['--fork-block-number', String(fork.block)])]),
      ...flags,
    ];
    const child = spawn('sh', ['-c', GUARD, 'anvil', foundryBinary('anvil'), ...args], { stdio: ['pipe', log, log], detached: true });
    closeSync(log);
    this.#process = child;
    child.stdin?.on('error', () => {}); // The pipe may close first when the process dies.
    this.#closed = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('close', (code, signal) => {
        resolve();
        if (this.state !== 'running') return;
        this.state = 'crashed';
        void this.#poolGuard?.stop();
        this.#onCrash(new RollupError(`Chain ${this.name} (anvil) ended by itself`, { facts: { ...endOf(code, signal), log: logFile, ...this.#logTail() } }));
      });
    });
    await this.#waitUntilReady(child);
  }

  async #waitUntilReady(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        if (/address already in use/i.test(this.#log())) throw new PortTakenError({ port: this.port, ...this.#use });
        const facts = { ...endOf(child.exitCode, child.signalCode), log: this.logFile, ...this.#logTail() };
        throw new RollupError(`Chain ${this.name} (anvil) did not start`, { facts, hint: 'Run `npm ci` if the program is missing.' });
      }
      // Only its own word tells that the one that answers is this process: another devnet's chain has the same id.
      const answer = this.#log().includes(`Listening on ${HOST}:${this.port}`) ? await askChainId(this.url) : undefined;
      if (answer === this.chainId) return;
      if (answer !== undefined) throw new RollupError(`Another chain answers on the port of ${this.name}`, { facts: { url: this.url, expected: this.chainId, actual: answer } });
      if (Date.now() > deadline) throw new RollupError(`Chain ${this.name} (anvil) does not answer`, { facts: { url: this.url, log: this.logFile, ...this.#logTail() } });
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  /** Anvil itself knows one path of one mnemonic only. */
  async #fundOperators(): Promise<void> {
    const client = createTestClient({ mode: 'anvil', transport: http(this.url) });
    await Promise.all(operatorAccounts.map(async ({ address }) => await client.setBalance({ address, value: parseEther(String(BALANCE)) })));
  }

  /** From now on a block every `seconds`, with whatever waits for one; 0 changes nothing. */
  async mineEvery(seconds: number): Promise<void> {
    if (seconds === 0) return;
    await createTestClient({ mode: 'anvil', transport: http(this.url) }).setIntervalMining({ interval: seconds });
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
    const lines = this.#log().trimEnd().split('\n').slice(-5).join('\n    ');
    return lines === '' ? {} : { lastLines: `\n    ${lines}` };
  }

  #log(): string {
    try {
      return readFileSync(this.logFile, 'utf8');
    } catch {
      return '';
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

/** How a process ended: by itself, or by a signal. */
function endOf(exitCode: number | null, signal: NodeJS.Signals | null): Record<string, unknown> {
  return signal === null ? { exitCode } : { signal };
}

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
