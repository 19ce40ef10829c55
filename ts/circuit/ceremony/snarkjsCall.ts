import type { Logger } from 'snarkjs';
import { RollupError, firstLine } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';

export interface SnarkjsCallParameters<T> {
  /** What is being done, for progress and errors, e.g. `checking phase1.ptau`. */
  what: string;
  /** Sentence of the error when snarkjs says no. */
  refusal: string;
  facts?: Record<string, unknown>;
  hint?: string;
  progress: Progress;
  /** Stops waiting at once; what snarkjs still does ends with the process. */
  signal?: AbortSignal;
  /** @returns false, -1 or an exception when snarkjs refuses */
  run(logger: Logger): Promise<T | false | -1>;
}

/** Progress lines at most this often, in milliseconds. */
const INTERVAL = 1000;

/**
 * Runs one of snarkjs's ceremony functions. Some refuse by an exception, some by `false` and a line in the logger, some by `false` and a
 * line on the console; all become an error that carries what snarkjs said.
 */
export async function snarkjsCall<T>({ what, refusal, facts = {}, hint, progress, signal, run }: SnarkjsCallParameters<T>): Promise<T> {
  const said: string[] = [];
  let last = 0;
  const step = (line: string): void => {
    if (Date.now() - last < INTERVAL) return;
    last = Date.now();
    progress.report(`${what}: ${line.replace(/[\s:.]+$/, '')}`);
  };
  const say = (line: string): void => void said.push(line.trim());
  const logger: Logger = { debug: step, info: () => {}, warn: () => {}, error: say };
  const refuse = (cause?: unknown): RollupError =>
    new RollupError(refusal, {
      facts: { ...facts, ...(said.length === 0 ? {} : { reason: said.join('; ') }) },
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });
  progress.report(what);
  const restore = captureConsole(say);
  let result: T | false | -1;
  try {
    result = await untilAborted(run(logger), signal);
  } catch (cause) {
    if (signal?.aborted) throw new RollupError(`${what} was stopped`, { hint: 'Run the same command again: it goes on where it stopped.' });
    if (cause instanceof Error && said.length === 0) said.push(firstLine(cause));
    throw refuse(cause);
  } finally {
    restore();
  }
  if (result === false || result === -1) throw refuse();
  return result;
}

/** Rejects when the signal is aborted first. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  signal.throwIfAborted();
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason instanceof Error ? signal.reason : new RollupError('stopped'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
    work.catch(() => undefined);
  }
}

/** snarkjs's key verification writes its reason to stdout, where a command's own output goes. */
function captureConsole(say: (line: string) => void): () => void {
  const { log } = console;
  console.log = (...words: unknown[]) => say(words.map(String).join(' '));
  return () => {
    console.log = log;
  };
}
