/** Weight of the newest of several measurements. */
const NEWEST = 0.5;
/** Below this share of a first proof nothing can be said about its end. */
const LEAST_FRACTION = 0.2;

interface Running {
  kind: string;
  startedAt: number;
  fraction: number;
}

/**
 * Estimates how long a set of proofs still takes, from how long earlier ones of the same kind took. A set begins with the first proof that
 * is asked for while nothing is pending and ends with the last.
 */
export class RemainingTime {
  readonly #lanes: number;
  readonly #now: () => number;
  readonly #seconds = new Map<string, number>();
  readonly #waiting = new Map<number, string>();
  readonly #running = new Map<number, Running>();
  #done = 0;

  /** @param lanes proofs at a time @param now milliseconds */
  constructor(lanes: number, now: () => number = () => performance.now()) {
    this.#lanes = lanes;
    this.#now = now;
  }

  get done(): number {
    return this.#done;
  }

  get total(): number {
    return this.#done + this.#waiting.size + this.#running.size;
  }

  add(id: number, kind: string): void {
    if (this.#waiting.size + this.#running.size === 0) this.#done = 0;
    this.#waiting.set(id, kind);
  }

  /** Also after a worker died and the proof begins again. */
  start(id: number): void {
    const kind = this.#waiting.get(id) ?? this.#running.get(id)?.kind;
    if (kind === undefined) return;
    this.#waiting.delete(id);
    this.#running.set(id, { kind, startedAt: this.#now(), fraction: 0 });
  }

  /** @param fraction 0…1 of this proof */
  advance(id: number, fraction: number): void {
    const running = this.#running.get(id);
    if (running) running.fraction = Math.max(running.fraction, fraction);
  }

  /** @param isMade false for a proof that failed or was cancelled: its time says nothing */
  end(id: number, isMade: boolean): void {
    const running = this.#running.get(id);
    this.#waiting.delete(id);
    this.#running.delete(id);
    this.#done++;
    if (!running || !isMade) return;
    const seconds = (this.#now() - running.startedAt) / 1000;
    const before = this.#seconds.get(running.kind);
    this.#seconds.set(running.kind, before === undefined ? seconds : NEWEST * seconds + (1 - NEWEST) * before);
  }

  /** Seconds until the last pending proof is made; undefined as long as nothing can be said. */
  seconds(): number | undefined {
    const left: number[] = [];
    for (const { kind, startedAt, fraction } of this.#running.values()) {
      const elapsed = (this.#now() - startedAt) / 1000;
      const all = this.#seconds.get(kind) ?? this.#extrapolated(kind);
      if (all === undefined) return undefined;
      // A proof that takes longer than the last one did still has what its fraction says.
      left.push(Math.max(all - elapsed, fraction > 0 ? (1 - fraction) * Math.min(all, elapsed / fraction) : 0));
    }
    for (const kind of this.#waiting.values()) {
      const all = this.#seconds.get(kind) ?? this.#extrapolated(kind);
      if (all === undefined) return undefined;
      left.push(all);
    }
    // The longest first on the lane that is free first: what a queue gives, within one proof.
    const lanes = new Array<number>(this.#lanes).fill(0);
    for (const seconds of left.sort((a, b) => b - a)) {
      const first = lanes.indexOf(Math.min(...lanes));
      lanes[first] = (lanes[first] ?? 0) + seconds;
    }
    return Math.max(...lanes);
  }

  /** E.g. `2 of 5 proofs, about 1 min 20 s left`; undefined for a single proof. */
  describe(): string | undefined {
    if (this.total < 2) return undefined;
    const seconds = this.seconds();
    return `${this.done} of ${this.total} proofs${seconds === undefined ? '' : `, about ${formatSeconds(seconds)} left`}`;
  }

  #extrapolated(kind: string): number | undefined {
    const known = [...this.#running.values()].filter((running) => running.kind === kind && running.fraction >= LEAST_FRACTION);
    if (known.length === 0) return undefined;
    return Math.max(...known.map(({ startedAt, fraction }) => (this.#now() - startedAt) / 1000 / fraction));
  }
}

/** Whole seconds as people say them. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min${whole % 60 === 0 ? '' : ` ${whole % 60} s`}`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
