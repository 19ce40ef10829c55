import { formatError, RollupError } from '../base/errors.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { AuditFailure } from './auditReplay.ts';
import type { ProveStatement } from './ports.ts';
import type { BlockProofs, BlockRecord, ProofPart, Store } from './store.ts';
import { backoff, sleep } from './timing.ts';

export interface ProvingOptions {
  store: Store;
  prove: ProveStatement;
  /** @throws AuditFailure */
  auditProofs: (block: BlockRecord, proofs: BlockProofs) => Promise<void>;
  /** Blocks up to here need no proof from us: the primary has proved them. */
  provedUpTo: number;
  /** Most blocks whose proofs are made at the same time. Default 2. */
  parallelBlocks?: number;
  /** Attempts for one proof before it is a fault. Default 3. */
  attempts?: number;
  progress?: Progress;
  /** All proofs of block `blockNumber` and of all before it are there and have passed the audit. */
  onProvable?: (blockNumber: number) => void;
  onFault?: (error: RollupError) => void;
}

/**
 * Makes the proofs of sealed blocks, all parts of a block in parallel; begins when a block is sealed and does not wait for its commit.
 * Each proof is stored when it is done, so that a restart only makes what is missing.
 */
export class Proving {
  readonly #options: ProvingOptions;
  readonly #progress: Progress;
  readonly #abort = new AbortController();
  readonly #done = new Set<number>();
  readonly #running = new Map<number, Promise<void>>();
  #queue: number[] = [];
  #provable: number;

  constructor(options: ProvingOptions) {
    this.#options = options;
    this.#progress = options.progress ?? silentProgress;
    this.#provable = options.provedUpTo;
  }

  /** Every block up to here can be proved on the primary. */
  get provable(): number {
    return this.#provable;
  }

  /** A block is in the store. Blocks must come in order. */
  add(blockNumber: number): void {
    if (blockNumber <= this.#options.provedUpTo) return;
    this.#queue.push(blockNumber);
    this.#next();
  }

  /** Cancels running proofs and waits until they have ended. */
  async stop(): Promise<void> {
    this.#queue = [];
    this.#abort.abort();
    await Promise.all(this.#running.values());
  }

  #next(): void {
    while (this.#running.size < (this.#options.parallelBlocks ?? 2) && !this.#abort.signal.aborted) {
      const blockNumber = this.#queue.shift();
      if (blockNumber === undefined) return;
      const work = this.#proveBlock(blockNumber)
        .then(() => this.#finished(blockNumber))
        .catch((error: unknown) => this.#failed(blockNumber, error))
        .finally(() => {
          this.#running.delete(blockNumber);
          this.#next();
        });
      this.#running.set(blockNumber, work);
    }
  }

  async #proveBlock(blockNumber: number): Promise<void> {
    const { store, auditProofs } = this.#options;
    const block = await store.block(blockNumber);
    if (block === null) throw new RollupError('A block to be proved is not in the store', { facts: { blockNumber } });
    const known = await store.proofs(blockNumber);
    const parts: ProofPart[] = [...block.segments.keys(), 'join'];
    const missing = parts.filter((part) => !known.has(part));
    if (missing.length > 0) {
      const started = Date.now();
      const trace = await store.trace(blockNumber);
      if (trace === null) throw new RollupError('The trace of a block that is not proved is gone', { facts: { blockNumber, missing } });
      this.#progress.report(`block ${blockNumber}: ${missing.length} proofs to make`);
      await Promise.all(missing.map(async (part) => {
        const segment = part === 'join' ? undefined : trace.segments[part];
        const statement = await this.#attempt(segment === undefined ? { circuit: 'join', trace: trace.join } : { circuit: 'segment', trace: segment });
        await store.saveProof({ blockNumber, part, statement });
      }));
      this.#progress.report(`block ${blockNumber}: proofs made in ${((Date.now() - started) / 1000).toFixed(1)} s`);
    }
    await auditProofs(block, await store.proofs(blockNumber));
    await store.dropTrace(blockNumber);
  }

  async #attempt(job: Parameters<ProveStatement>[0]): Promise<Awaited<ReturnType<ProveStatement>>> {
    const { prove, attempts = 3 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await prove(job, this.#abort.signal);
      } catch (error) {
        if (attempt >= attempts || this.#abort.signal.aborted) throw error;
        this.#progress.report(`block ${job.trace.blockNumber}: a ${job.circuit} proof failed (attempt ${attempt}): ${formatError(error)}`);
        const pause = sleep(backoff(attempt - 1));
        this.#abort.signal.addEventListener('abort', pause.wake, { once: true });
        await pause.done;
        this.#abort.signal.throwIfAborted();
      }
    }
  }

  #finished(blockNumber: number): void {
    this.#done.add(blockNumber);
    while (this.#done.delete(this.#provable + 1)) {
      this.#provable++;
      this.#options.onProvable?.(this.#provable);
    }
  }

  #failed(blockNumber: number, error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#options.onFault?.(
      error instanceof AuditFailure
        ? error
        : new RollupError(`Block ${blockNumber} cannot be proved`, { facts: { blockNumber }, cause: error, hint: 'See the log of the prover; a restart tries again.' }),
    );
  }
}
