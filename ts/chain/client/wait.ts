import { RollupError } from '../../base/errors.ts';

export interface PollParameters<T> {
  /** Called until it gives something other than undefined. */
  check: () => Promise<T | undefined>;
  /** For the error, e.g. `block 3 to be executed on linea`. */
  what: string;
  timeoutMilliseconds: number;
  intervalMilliseconds?: number;
  signal?: AbortSignal;
  /** Facts for the error, read when the time is over. */
  facts?: () => Record<string, unknown>;
}

/** @throws RollupError when the time is over or `signal` aborts */
export async function poll<T>({ check, what, timeoutMilliseconds, intervalMilliseconds = 300, signal, facts }: PollParameters<T>): Promise<T> {
  const end = Date.now() + timeoutMilliseconds;
  for (;;) {
    if (signal?.aborted === true) throw new RollupError(`Stopped while waiting for ${what}`);
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() >= end) {
      throw new RollupError(`Waited ${Math.round(timeoutMilliseconds / 1000)} s in vain for ${what}`, {
        facts: facts?.() ?? {},
        hint: 'See `npm run cli -- status` and the log of the sequencer.',
      });
    }
    await pause(intervalMilliseconds, signal);
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done);
  });
}
