import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { RollupError } from '../../base/errors.ts';
import { N8, writeElement } from './field.ts';
import { POINT_BYTES, type GroupName } from './fixedBase.ts';
import type { MultiplyTask } from './multiplyWorker.ts';

/** Scalars whose multiples of a generator are wanted. */
export interface MultiplyJob {
  group: GroupName;
  scalars: readonly bigint[];
}

export interface MultiplyParameters {
  jobs: readonly MultiplyJob[];
  /** Worker threads; default: one for each core, at most 8. */
  threads?: number;
  onProgress?: (fraction: number) => void;
}

/** Scalars of one task: small enough that all threads finish together. */
const TASK_SIZE = 4096;

/** G2 costs about this many times as much as G1, which matters for progress only. */
const WEIGHT = { G1: 1, G2: 2.6 } as const;

/** Affine points (Montgomery form, as in a zkey) for each job's scalars, computed in worker threads. */
export async function multiplyGenerators({ jobs, threads, onProgress }: MultiplyParameters): Promise<Uint8Array[]> {
  const count = threads ?? Math.min(8, availableParallelism());
  const expected = { G1: 0, G2: 0 };
  for (const { group, scalars } of jobs) expected[group] += Math.ceil(scalars.length / count);
  const tasks: MultiplyTask[] = [];
  const results = jobs.map(({ group, scalars }) => {
    const size = POINT_BYTES[group];
    const input = new Uint8Array(new SharedArrayBuffer(scalars.length * N8));
    const output = new Uint8Array(new SharedArrayBuffer(scalars.length * size));
    const view = new DataView(input.buffer);
    scalars.forEach((scalar, i) => writeElement(view, i * N8, scalar));
    for (let start = 0; start < scalars.length; start += TASK_SIZE) {
      const end = Math.min(start + TASK_SIZE, scalars.length);
      tasks.push({ group, expected: expected[group], scalars: input.subarray(start * N8, end * N8), points: output.subarray(start * size, end * size) });
    }
    return output;
  });
  // The dear ones first, so that none is left over for a single thread at the end.
  tasks.sort((x, y) => WEIGHT[y.group] - WEIGHT[x.group]);
  const total = tasks.reduce((sum, { group }) => sum + WEIGHT[group], 0);
  let done = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(count, tasks.length) }, async () => {
      const worker = new Worker(BOOTSTRAP, { eval: true, execArgv: [], workerData: bootstrapData() });
      try {
        await answer(worker);
        for (let task = tasks[next++]; task; task = tasks[next++]) {
          worker.postMessage(task);
          await answer(worker);
          done += WEIGHT[task.group];
          onProgress?.(done / total);
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  return results;
}

async function answer(worker: Worker): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const settle = (cause?: unknown): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (cause === undefined) resolve();
      else reject(new RollupError('a thread of the key setup failed', { cause }));
    };
    const onMessage = (): void => settle();
    const onError = (error: unknown): void => settle(error);
    const onExit = (code: number): void => settle(new Error(`it exited with ${code}`));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}

/** A worker thread does not inherit the TypeScript loader on every Node version and under every test runner: it registers its own. */
const BOOTSTRAP = `
  const { workerData } = require('node:worker_threads');
  import(workerData.loader).then(({ register }) => { register(); return import(workerData.module); });
`;

/** `mod` is for the curve library's own worker package, which takes any thread for one of its own and runs that: here nothing. */
function bootstrapData(): { loader: string; module: string; mod: string } {
  return {
    mod: 'data:,',
    loader: new URL('dist/esm/api/index.mjs', pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'))).href,
    module: new URL('./multiplyWorker.ts', import.meta.url).href,
  };
}
