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

/** Milliseconds to wait before attempt `attempt` (0 = the first repetition): doubles from `base` up to `most`. */
export function backoff(attempt: number, base = 500, most = 30_000): number {
  return Math.min(most, base * 2 ** Math.min(attempt, 20));
}
