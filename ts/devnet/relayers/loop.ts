import { RollupError } from '../../base/errors.ts';
import { type Log, type RelayerStatus, type Round, reasonOf } from './relayer.ts';

/** Longest pause (ms) of a relayer that keeps failing. */
const LONGEST_PAUSE = 2_000;

/** Counts what all loops carried, so that each can tell whether it has looked since; what one relayer carried is often work for the next. */
export class WorkClock {
  time = 0;
  readonly #loops: Loop[] = [];

  add(loop: Loop): void {
    this.#loops.push(loop);
  }

  /** Something was carried: everyone looks at once. @returns the time from then on */
  tick(): number {
    for (const loop of this.#loops) loop.wake();
    return ++this.time;
  }
}

export interface LoopParameters {
  /** Throws when nothing more can be done before the next round. */
  relayer: { name: string; round(): Promise<Round> };
  /** Milliseconds. */
  pollInterval: number;
  log: Log;
  clock: WorkClock;
}

/** Runs one relayer round after round. A round that throws is logged with its reason and repeated after a pause that doubles; nothing ends the loop but stop(). */
export class Loop {
  readonly name: string;
  readonly status: Pick<RelayerStatus, 'carried' | 'waiting' | 'error' | 'rounds'>;
  readonly #parameters: LoopParameters;
  #stopped = false;
  #held = false;
  /** The round that runs, or the last one. */
  #round: Promise<void> = Promise.resolve();
  #woken = false;
  #endPause: () => void = () => {};
  #running: Promise<void> | undefined;
  #failures = 0;
  /** Clock when the last round began that found nothing to do; undefined when the last one found something. */
  #idleSince: number | undefined;

  constructor(parameters: LoopParameters) {
    this.#parameters = parameters;
    this.name = parameters.relayer.name;
    this.status = { carried: 0, waiting: 0, error: undefined, rounds: 0 };
    parameters.clock.add(this);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  /** Begins no further round until `release`. Resolves when none is running. */
  async hold(): Promise<void> {
    this.#held = true;
    await this.#round;
  }

  /** Counts what was carried on demand; the others look at once. */
  count(carried: number): void {
    this.status.carried += carried;
    if (carried > 0) this.#parameters.clock.tick();
  }

  release(): void {
    this.#held = false;
    this.wake();
  }

  get isHeld(): boolean {
    return this.#held;
  }

  /** Ends the pause, or leaves out the next one. */
  wake(): void {
    this.#woken = true;
    this.#endPause();
  }

  /** Whether a round that began at clock time `since` or later, and after everything that was carried, found nothing to do. */
  isIdle(since: number): boolean {
    return !this.#held && this.#idleSince !== undefined && this.#idleSince >= since && this.#idleSince >= this.#parameters.clock.time;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#held) {
        await (this.#round = this.#work());
        this.status.rounds++;
      }
      if (!this.#stopped) await this.#pause(Math.min(this.#parameters.pollInterval * 2 ** this.#failures, Math.max(LONGEST_PAUSE, this.#parameters.pollInterval)));
    }
  }

  async #work(): Promise<void> {
    const { relayer, log, clock } = this.#parameters;
    const began = clock.time;
    try {
      const { carried, waiting } = await relayer.round();
      if (carried > 0) clock.tick();
      this.status.carried += carried;
      this.status.waiting = waiting;
      this.status.error = undefined;
      this.#failures = 0;
      this.#idleSince = carried === 0 && waiting === 0 ? began : undefined;
    } catch (error) {
      this.#idleSince = undefined;
      if (this.#stopped) return;
      const reason = reasonOf(error);
      // The same reason again would only fill the log.
      if (reason !== this.status.error) log(`${relayer.name}: ${reason}; tries again`, { chain: relayer.name.split(' ')[0] ?? '', reason });
      this.status.error = reason;
      this.#failures = Math.min(this.#failures + 1, 8);
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    if (!this.#woken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.#endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#woken = false;
    this.#endPause = () => {};
  }
}

/** @throws RollupError that lists what is left */
export async function untilIdle(loops: readonly Loop[], { clock, timeout, stopped }: { clock: WorkClock; timeout: number; stopped: () => boolean }): Promise<void> {
  const deadline = Date.now() + timeout;
  const since = clock.tick();
  for (;;) {
    if (stopped()) throw new RollupError('The relayers were stopped');
    if (loops.every((loop) => loop.isIdle(since))) return;
    if (Date.now() > deadline) {
      const facts = Object.fromEntries(loops.filter((loop) => !loop.isIdle(since)).map((loop) => [loop.name, loop.isHeld ? 'manual' : (loop.status.error ?? `${loop.status.waiting} waiting`)]));
      throw new RollupError(`Messages are still on their way after ${timeout / 1000} s`, { facts });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
