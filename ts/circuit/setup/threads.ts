import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RollupError } from '../../base/errors.ts';

/** A worker thread does not inherit the TypeScript loader on every Node version and under every test runner: it registers its own. */
const BOOTSTRAP = `
  const { workerData } = require('node:worker_threads');
  import(workerData.loader).then(({ register }) => { register(); return import(workerData.module); });
`;

export interface StartThreadsParameters {
  /** The module that every thread runs: it answers once when it is ready and then each message. */
  module: URL;
  count: number;
  data: object;
  /** Ends all threads at once. */
  signal?: AbortSignal;
}

/** Worker threads that do one task at a time each. */
export class Threads<Task, Result> {
  readonly #workers: Worker[];
  readonly #signal: AbortSignal | undefined;

  private constructor(workers: Worker[], signal: AbortSignal | undefined) {
    this.#workers = workers;
    this.#signal = signal;
  }

  static async start<Task, Result>({ module, count, data, signal }: StartThreadsParameters): Promise<Threads<Task, Result>> {
    const bootstrap = {
      // For the curve library's own worker package, which takes any thread for one of its own and runs that: here nothing.
      mod: 'data:,',
      loader: new URL('dist/esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))).href,
      module: module.href,
    };
    const workers = Array.from({ length: count }, () => new Worker(BOOTSTRAP, { eval: true, execArgv: [], workerData: { ...data, ...bootstrap } }));
    const threads = new Threads<Task, Result>(workers, signal);
    try {
      await Promise.all(workers.map((worker) => threads.#answer(worker)));
    } catch (error) {
      await threads.terminate();
      throw error;
    }
    return threads;
  }

  /** Does all tasks, in order as threads become free; `onResult` is called in the order of the tasks. */
  async run(tasks: readonly Task[], onResult: (result: Result, task: Task) => void): Promise<void> {
    const early = new Map<number, Result>();
    let next = 0;
    let told = 0;
    await Promise.all(
      this.#workers.map(async (worker) => {
        while (next < tasks.length) {
          const index = next++;
          worker.postMessage(tasks[index]);
          early.set(index, await this.#answer(worker));
          for (; early.has(told); told++) {
            const result = early.get(told) as Result;
            early.delete(told);
            onResult(result, tasks[told]!);
          }
        }
      }),
    );
  }

  /** Lets every thread do the same, one after another. */
  async inTurn(task: Task): Promise<void> {
    for (const worker of this.#workers) {
      worker.postMessage(task);
      await this.#answer(worker);
    }
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #answer(worker: Worker): Promise<Result> {
    const signal = this.#signal;
    return await new Promise((resolve, reject) => {
      const settle = (): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        signal?.removeEventListener('abort', onAbort);
      };
      const fail = (cause: unknown): void => {
        settle();
        reject(cause instanceof RollupError ? cause : new RollupError('a thread of the key setup failed', { cause }));
      };
      const onMessage = (result: Result): void => {
        settle();
        resolve(result);
      };
      const onError = (error: unknown): void => fail(error);
      const onExit = (code: number): void => fail(new Error(`it exited with ${code}`));
      const onAbort = (): void => fail(new RollupError('the key setup was stopped'));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted) onAbort();
    });
  }
}
