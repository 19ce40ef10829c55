import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { circuitArtifacts, type CircuitArtifacts } from '../circuit/artifacts.ts';
import type { ProofJob } from './messages.ts';
import type { ProveParameters, Prover, ProveReturnType } from './prove.ts';
import { WorkerDied, WorkerProcess } from './workerProcess.ts';

export interface CreateProverParameters {
  /** Proofs at a time; default: one for each core. */
  concurrency?: number;
  /** Peak memory of all workers together, in bytes; default 3 GiB. One proof runs even if it needs more. */
  memoryCap?: number;
  /** Told about all proofs; a proof's own `progress` is told about that one. */
  progress?: Progress;
  /** Where a circuit's files are; default: circuits/build for the sources as they are. */
  artifacts?: (circuit: string) => CircuitArtifacts;
}

interface Job {
  parameters: ProveParameters;
  files: CircuitArtifacts;
  footprint: number;
  attempts: number;
  worker: WorkerProcess | undefined;
  cancelled: RollupError | undefined;
  resolve(result: ProveReturnType): void;
  reject(error: unknown): void;
}

const DEFAULT_MEMORY_CAP = 3 * 2 ** 30;

/** A worker's peak memory by measurement: some 250 MB and 4.2 bytes for each byte of the key. */
const BASE_FOOTPRINT = 250e6;
const FOOTPRINT_PER_KEY_BYTE = 4.2;

/** A proof whose worker died is tried again once. */
const ATTEMPTS = 2;

/**
 * A prover with snarkjs in worker processes. A proof that has the machine to itself uses all cores (2 cores: 10 s for a segment instead of
 * 17 s); as soon as several are wanted each gets one core, which wastes none on the phases that do not run in parallel (8.5 s for each).
 */
export function createProver(parameters: CreateProverParameters = {}): Prover & { workerPids(): number[] } {
  return new ProverPool(parameters);
}

class ProverPool implements Prover {
  readonly #concurrency: number;
  readonly #memoryCap: number;
  readonly #progress: Progress;
  readonly #artifacts: (circuit: string) => CircuitArtifacts;
  readonly #queue: Job[] = [];
  readonly #running = new Set<Job>();
  readonly #workers = new Set<WorkerProcess>();
  #nextId = 1;
  #terminated = false;

  constructor({ concurrency = availableParallelism(), memoryCap = DEFAULT_MEMORY_CAP, progress = silentProgress, artifacts = circuitArtifacts }: CreateProverParameters) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RollupError('concurrency must be a positive integer', { facts: { concurrency } });
    }
    this.#concurrency = concurrency;
    this.#memoryCap = memoryCap;
    this.#progress = progress;
    this.#artifacts = artifacts;
  }

  workerPids(): number[] {
    return [...this.#workers].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  async prove(parameters: ProveParameters): Promise<ProveReturnType> {
    const { circuit, signal } = parameters;
    if (this.#terminated) throw new RollupError('the prover has been terminated');
    if (signal?.aborted) throw cancelled(circuit, signal);
    const files = this.#artifacts(circuit);
    const footprint = BASE_FOOTPRINT + FOOTPRINT_PER_KEY_BYTE * statSync(files.zkey).size;
    let stopListening = (): void => {};
    try {
      return await new Promise<ProveReturnType>((resolve, reject) => {
        const job: Job = { parameters, files, footprint, attempts: 0, worker: undefined, cancelled: undefined, resolve, reject };
        const onAbort = (): void => this.#cancel(job, cancelled(circuit, signal));
        signal?.addEventListener('abort', onAbort, { once: true });
        stopListening = () => signal?.removeEventListener('abort', onAbort);
        this.#queue.push(job);
        // Later in this turn, so that proofs that are asked for together know of each other.
        setImmediate(() => this.#dispatch());
      });
    } finally {
      stopListening();
    }
  }

  async terminate(): Promise<void> {
    this.#terminated = true;
    for (const job of [...this.#queue, ...this.#running]) {
      this.#cancel(job, new RollupError(`proving ${job.parameters.circuit} was cancelled: the prover was terminated`));
    }
    await Promise.all([...this.#workers].map((worker) => this.#end(worker)));
  }

  /** Starts queued jobs, in order, as long as there is room. */
  #dispatch(): void {
    if (this.#terminated) return;
    for (let job = this.#queue[0]; job && this.#running.size < this.#concurrency; job = this.#queue[0]) {
      const worker = this.#workerFor(job.footprint);
      if (!worker) return;
      this.#queue.shift();
      this.#running.add(job);
      // It shares the cores if another is running or waiting.
      void this.#run(job, worker, this.#running.size > 1 || this.#queue.length > 0);
    }
  }

  /** An idle or a new worker with which all workers stay below the memory cap; undefined when a running proof must end first. */
  #workerFor(footprint: number): WorkerProcess | undefined {
    const idle = [...this.#workers].filter((worker) => !worker.busy).sort((a, b) => b.footprint - a.footprint);
    const chosen = idle.shift();
    const others = [...this.#workers].filter((worker) => worker !== chosen);
    let total = Math.max(footprint, chosen?.footprint ?? 0) + others.reduce((sum, worker) => sum + worker.footprint, 0);
    while (total > this.#memoryCap && idle.length > 0) {
      const spare = idle.pop()!;
      total -= spare.footprint;
      void this.#end(spare);
    }
    if (total > this.#memoryCap && this.#running.size > 0) return undefined;
    const worker = chosen ?? new WorkerProcess();
    this.#workers.add(worker);
    worker.footprint = Math.max(worker.footprint, footprint);
    return worker;
  }

  async #run(job: Job, worker: WorkerProcess, singleThread: boolean): Promise<void> {
    const { circuit, signals, progress } = job.parameters;
    const { wasm, zkey, vkey } = job.files;
    const message: ProofJob = { id: this.#nextId++, circuit, wasm, zkey, vkey, signals, singleThread };
    job.worker = worker;
    job.attempts++;
    try {
      const { proof, publicInputs, timing } = await worker.run(message, (step, fraction) => {
        for (const target of [this.#progress, progress]) target?.report(`${circuit}: ${step}`, fraction);
      });
      job.resolve({ proof, publicInputs, timing });
    } catch (error) {
      if (error instanceof WorkerDied) this.#workers.delete(worker);
      if (job.cancelled) job.reject(job.cancelled);
      else if (error instanceof WorkerDied && job.attempts < ATTEMPTS && !this.#terminated) {
        this.#progress.report(`${circuit}: the worker died, trying again`);
        this.#queue.unshift(job);
      } else job.reject(error);
    } finally {
      job.worker = undefined;
      this.#running.delete(job);
      this.#dispatch();
    }
  }

  #cancel(job: Job, reason: RollupError): void {
    job.cancelled = reason;
    const queued = this.#queue.indexOf(job);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      job.reject(reason);
    }
    if (job.worker) void this.#end(job.worker);
  }

  async #end(worker: WorkerProcess): Promise<void> {
    this.#workers.delete(worker);
    await worker.kill();
  }
}

function cancelled(circuit: string, signal: AbortSignal | undefined): RollupError {
  return new RollupError(`proving ${circuit} was cancelled`, { cause: signal?.reason as unknown });
}
