import { statSync } from 'node:fs';
import { RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { circuitArtifacts, type CircuitArtifacts } from '../circuit/artifacts.ts';
import { readProverChoice, type Backend } from './choice.ts';
import { MemoryBudget } from './memoryBudget.ts';
import type { ProofJob } from './messages.ts';
import type { ProveParameters, Prover, ProveReturnType } from './prove.ts';
import { RemainingTime, formatSeconds } from './remainingTime.ts';
import { WorkerDied, WorkerProcess } from './workerProcess.ts';

export interface CreateProverParameters {
  /** Program that makes the proofs; this and the next two by default as the environment says (choice.ts): snarkjs, one a core, 3 GiB. */
  backend?: Backend;
  /** Proofs at a time. */
  concurrency?: number;
  /** Peak memory of all workers together, in bytes. One proof runs even if it needs more. */
  memoryCap?: number;
  /** A native prover is killed when it takes longer; default 30 minutes. */
  timeoutSeconds?: number;
  /** Lines for each step of a proof, or only for each proof that is made; default steps. */
  detail?: 'steps' | 'proofs';
  /** Told about all proofs, with the time that is left when there are several; a proof's own `progress` is told about that one. */
  progress?: Progress;
  /** Where a circuit's files are; default: circuits/build for the sources as they are. */
  artifacts?: (circuit: string) => CircuitArtifacts;
}

interface Job {
  parameters: ProveParameters;
  files: CircuitArtifacts;
  id: number;
  zkeyBytes: number;
  attempts: number;
  worker: WorkerProcess | undefined;
  cancelled: RollupError | undefined;
  resolve(result: ProveReturnType): void;
  reject(error: unknown): void;
}

const DEFAULT_TIMEOUT = 1800;

/** A proof whose worker died is tried again once. */
const ATTEMPTS = 2;

/**
 * A prover in worker processes, with snarkjs or rapidsnark. With snarkjs a proof that has the machine to itself uses all cores (2 cores: 10 s for a segment instead of
 * 17 s); as soon as several are wanted each gets one core, which wastes none on the phases that do not run in parallel (8.5 s for each).
 */
export function createProver(parameters: CreateProverParameters = {}): Prover & { workerPids(): number[] } {
  return new ProverPool(parameters);
}

class ProverPool implements Prover {
  readonly #concurrency: number;
  readonly #backend: Backend;
  readonly #timeoutSeconds: number;
  readonly #memory: MemoryBudget;
  readonly #remaining: RemainingTime;
  readonly #progress: Progress;
  readonly #detail: 'steps' | 'proofs';
  readonly #artifacts: (circuit: string) => CircuitArtifacts;
  readonly #queue: Job[] = [];
  readonly #running = new Set<Job>();
  readonly #workers = new Set<WorkerProcess>();
  #nextId = 1;
  #terminated = false;

  constructor(parameters: CreateProverParameters) {
    const { progress = silentProgress, artifacts = circuitArtifacts, timeoutSeconds = DEFAULT_TIMEOUT, detail = 'steps' } = parameters;
    const { backend, concurrency, memoryCap } = { ...readProverChoice(process.env), ...parameters };
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RollupError('concurrency must be a positive integer', { facts: { concurrency } });
    }
    this.#concurrency = concurrency;
    this.#backend = backend;
    this.#timeoutSeconds = timeoutSeconds;
    this.#memory = new MemoryBudget(memoryCap);
    this.#remaining = new RemainingTime(concurrency);
    this.#progress = progress;
    this.#detail = detail;
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
    const zkeyBytes = statSync(files.zkey).size;
    let stopListening = (): void => {};
    try {
      return await new Promise<ProveReturnType>((resolve, reject) => {
        const job: Job = { parameters, files, id: this.#nextId++, zkeyBytes, attempts: 0, worker: undefined, cancelled: undefined, resolve, reject };
        const onAbort = (): void => this.#cancel(job, cancelled(circuit, signal));
        signal?.addEventListener('abort', onAbort, { once: true });
        stopListening = () => signal?.removeEventListener('abort', onAbort);
        this.#queue.push(job);
        this.#remaining.add(job.id, circuit);
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
      const worker = this.#workerFor(this.#memory.footprintOf(job.files.zkey, job.zkeyBytes));
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
    while (total > this.#memory.cap && idle.length > 0) {
      const spare = idle.pop()!;
      total -= spare.footprint;
      void this.#end(spare);
    }
    if (total > this.#memory.cap && this.#running.size > 0) return undefined;
    const worker = chosen ?? new WorkerProcess();
    this.#workers.add(worker);
    worker.footprint = Math.max(worker.footprint, footprint);
    return worker;
  }

  async #run(job: Job, worker: WorkerProcess, singleThread: boolean): Promise<void> {
    const { circuit, signals, progress } = job.parameters;
    const { wasm, zkey, vkey } = job.files;
    const message: ProofJob = { id: job.id, circuit, wasm, zkey, vkey, signals, singleThread, backend: this.#backend, folder: worker.folder, timeoutSeconds: this.#timeoutSeconds };
    job.worker = worker;
    job.attempts++;
    this.#remaining.start(job.id);
    let isRetried = false;
    let isMade = false;
    const begin = performance.now();
    try {
      const { proof, publicInputs, timing } = await worker.run(message, (step, fraction) => {
        this.#remaining.advance(job.id, fraction);
        if (this.#detail === 'steps') this.#report(`${circuit}: ${step}`, fraction);
        progress?.report(`${circuit}: ${step}`, fraction);
      });
      isMade = true;
      this.#memory.note(zkey, timing.peakBytes);
      worker.footprint = timing.peakBytes;
      job.resolve({ proof, publicInputs, timing });
    } catch (error) {
      // Also when only its native prover was killed: a new one begins without what this one holds.
      if (error instanceof WorkerDied) void this.#end(worker);
      if (job.cancelled) job.reject(job.cancelled);
      else if (error instanceof WorkerDied && job.attempts < ATTEMPTS && !this.#terminated) {
        this.#progress.report(`${circuit}: the worker died, trying again`);
        isRetried = true;
        this.#queue.unshift(job);
      } else job.reject(error);
    } finally {
      job.worker = undefined;
      this.#running.delete(job);
      if (!isRetried) this.#remaining.end(job.id, isMade);
      if (isMade) this.#report(`${circuit}: proved in ${formatSeconds((performance.now() - begin) / 1000)}`, 1);
      this.#dispatch();
    }
  }

  #report(message: string, fraction: number): void {
    const set = this.#remaining.describe();
    this.#progress.report(`${message}${set === undefined ? '' : ` (${set})`}`, fraction);
  }

  #cancel(job: Job, reason: RollupError): void {
    job.cancelled = reason;
    const queued = this.#queue.indexOf(job);
    if (queued >= 0) {
      this.#queue.splice(queued, 1);
      this.#remaining.end(job.id, false);
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
