import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import type { ProcessTree } from './processTree.ts';

const KEPT_LINES = 25;
const STOP_MILLISECONDS = 30_000;

export interface StartScriptParameters {
  /** A file of ts/cli, relative to the checkout. */
  script: string;
  args?: readonly string[];
  /** Root of the checkout to run it in. */
  folder: string;
  tree: ProcessTree;
}

/** One of the project's commands as a child process, in the very way in which npm runs it but without npm in between. */
export class ScriptProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #tree: ProcessTree;
  readonly #closed: Promise<number | null>;
  #lines: string[] = [];

  constructor({ script, args = [], folder, tree }: StartScriptParameters) {
    this.#name = script;
    this.#tree = tree;
    this.#child = spawn(process.execPath, [join(folder, 'ts', 'tools', 'run.cjs'), script, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#lines = [...this.#lines, ...text.trimEnd().split('\n')].slice(-KEPT_LINES);
      });
    }
    this.#closed = new Promise((resolve) => {
      this.#child.once('close', (code) => resolve(code));
      this.#child.once('error', () => resolve(null));
    });
    if (this.#child.pid !== undefined) tree.add(this.#child.pid);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /** Waits for its end. @throws RollupError with the last lines of its output when it fails; the signal's reason when that comes first */
  async finished(signal: AbortSignal): Promise<void> {
    let onAbort = (): void => {};
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(new RollupError('The bench was interrupted', { cause: signal.reason as unknown }));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      signal.throwIfAborted();
      const code = await Promise.race([this.#closed, aborted]);
      if (code !== 0) throw this.failure(`exited with ${code ?? 'a signal'}`);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** An error that carries the last lines of its output. */
  failure(what: string): RollupError {
    return new RollupError(`${this.#name} ${what}\n${this.#lines.slice(-10).join('\n')}`, { hint: `Run it alone: node ts/tools/run.cjs ${this.#name}` });
  }

  /** Interrupts it as Ctrl-C does, and sees to it that nothing of it stays. @throws RollupError when something had to be killed */
  async stop(): Promise<void> {
    this.#tree.sample();
    this.#child.kill('SIGINT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLISECONDS);
    await this.#closed;
    clearTimeout(timer);
    // Children that were told to end may need a moment to do so.
    const end = Date.now() + 2000;
    while (this.#tree.sample().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 50));
    const left = this.#tree.sample();
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
    if (left.length > 0) throw new RollupError(`${this.#name} left processes behind`, { facts: { pids: left.map(({ pid }) => pid) } });
  }
}
