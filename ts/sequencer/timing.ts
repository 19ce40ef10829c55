/** A wait that can be cut short. */
export interface Pause {
  done: Promise<void>;
  wake(): void;
}

export function sleep(ms: number): Pause {
  let wake = (): void => {};
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { done, wake };
}

export interface PersistParameters<T> {
  work: () => Promise<T>;
  /** Says what failed and that it is tried again. */
  onFailure: (error: unknown, waitMs: number) => void;
  /** Trying again is of no use, or nobody waits for it any more. */
  isOver: (error: unknown) => boolean;
  /** How often it is tried in all. Default 6: with the waits of `backoff` half a minute. */
  attempts?: number;
}

/** Tries again what failed, each time after a longer wait. @throws what `work` threw last */
export async function persist<T>({ work, onFailure, isOver, attempts = 6 }: PersistParameters<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (failures + 1 >= attempts || isOver(error)) throw error;
      onFailure(error, backoff(failures));
      await sleep(backoff(failures)).done;
    }
  }
}

/** Milliseconds to wait before attempt `attempt` (0 = the first repetition): doubles from `base` up to `most`. */
export function backoff(attempt: number, base = 500, most = 30_000): number {
  return Math.min(most, base * 2 ** Math.min(attempt, 20));
}
