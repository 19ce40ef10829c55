import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RollupError } from '../base/errors.ts';
import type { ProofJob, WorkerMessage } from './messages.ts';

/** The worker process, or the native prover that it runs, ended in the middle of a proof. */
export class WorkerDied extends RollupError {}

/** Lines of a dead worker's output that its error carries. */
const KEPT_LINES = 10;

/** Processes to kill when this one ends, however it ends. */
const running = new Map<ChildProcess, string>();
let exitHandler = false;

/** One worker process; it makes one proof at a time. */
export class WorkerProcess {
  /** Estimate of its peak memory by the largest proof it was given. */
  footprint = 0;
  busy = false;
  /** For files of a native prover: readable by this user only, removed with the process. */
  readonly folder = mkdtempSync(join(tmpdir(), 'rollup-prover-'));
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #output: string[] = [];

  constructor() {
    // The TypeScript loader by its full name: the parent may run under tsx, a test runner or nothing.
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    this.#child = fork(fileURLToPath(new URL('./worker.ts', import.meta.url)), [], {
      execArgv: ['--import', loader],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own, so that a native prover is killed with it.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = [...this.#output, ...text.trimEnd().split('\n')].slice(-KEPT_LINES);
      });
    }
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', () => {
        running.delete(this.#child);
        killGroup(this.#child); // whatever it leaves behind
        rmSync(this.folder, { recursive: true, force: true });
        resolve();
      });
      this.#child.once('error', () => resolve());
    });
    running.set(this.#child, this.folder);
    if (!exitHandler) process.on('exit', killAll);
    exitHandler = true;
    // An idle worker does not keep its parent alive.
    this.#child.unref();
    this.#child.channel?.unref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws WorkerDied when the process ends before it has answered */
  async run(job: ProofJob, onProgress: (step: string, fraction: number) => void): Promise<Extract<WorkerMessage, { kind: 'done' }>> {
    this.busy = true;
    this.#child.ref();
    this.#child.channel?.ref();
    try {
      return await new Promise((resolve, reject) => {
        const finish = (): void => {
          this.#child.off('message', onMessage).off('exit', onExit).off('error', onError);
        };
        const onMessage = (raw: unknown): void => {
          const message = raw as WorkerMessage;
          if (message.id !== job.id) return;
          if (message.kind === 'progress') return onProgress(message.step, message.fraction);
          finish();
          if (message.kind === 'done') resolve(message);
          else {
            const options = { facts: message.facts, ...(message.hint === undefined ? {} : { hint: message.hint }) };
            reject(message.isKilled ? new WorkerDied(message.message, options) : new RollupError(message.message, options));
          }
        };
        const died = (facts: Record<string, unknown>): void => {
          finish();
          reject(
            new WorkerDied(`the process that proved ${job.circuit} ended`, {
              facts: { ...facts, output: this.#output.join(' | ') || 'none' },
              hint: 'If it was killed for memory, create the prover with a smaller concurrency or memory cap.',
            }),
          );
        };
        const onExit = (code: number | null, signal: string | null): void => died({ code, signal });
        const onError = (error: Error): void => died({ error: error.message });
        this.#child.on('message', onMessage).on('exit', onExit).on('error', onError);
        this.#child.send(job, (error) => {
          if (error) onError(error);
        });
      });
    } finally {
      this.busy = false;
      this.#child.unref();
      this.#child.channel?.unref();
    }
  }

  /** Ends the process at once and waits until it is gone. */
  async kill(): Promise<void> {
    killGroup(this.#child);
    this.#child.ref();
    await this.#exited;
  }
}

function killAll(): void {
  for (const [child, folder] of running) {
    killGroup(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The worker and what it started. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // it has no group, or all of it is gone
  }
}
