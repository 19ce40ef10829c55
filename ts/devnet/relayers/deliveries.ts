import { type Log, type Round, reasonOf } from './relayer.ts';

/** Longest pause (ms) between two tries of one message. */
const LONGEST_PAUSE = 2_000;

export interface Delivery {
  /** Identifies the message in the log. */
  label: string;
  /** Read from the chain it goes to. */
  status(): Promise<'unknown' | 'deliverable' | 'delivered'>;
  /** @throws when the receiver, or anything else, refuses */
  deliver(): Promise<void>;
}

interface Open {
  delivery: Delivery;
  failures: number;
  nextTry: number;
  reason: string | undefined;
}

/**
 * Messages that are on their way on one route. Each is tried by itself: a receiver that reverts holds up nobody else, and is tried again
 * until it accepts.
 */
export class Deliveries {
  readonly #name: string;
  readonly #log: Log;
  #open = new Map<string, Open>();

  constructor({ name, log }: { name: string; log: Log }) {
    this.#name = name;
    this.#log = log;
  }

  add(key: string, delivery: Delivery): void {
    if (!this.#open.has(key)) this.#open.set(key, { delivery, failures: 0, nextTry: 0, reason: undefined });
  }

  /** Forgets all of them: the chain that they came from was rewound. */
  clear(): void {
    this.#open.clear();
  }

  async round(): Promise<Round> {
    let carried = 0;
    for (const [key, open] of [...this.#open]) {
      const status = await open.delivery.status();
      if (status === 'delivered') this.#open.delete(key);
      if (status !== 'deliverable' || Date.now() < open.nextTry) continue;
      try {
        await open.delivery.deliver();
        this.#open.delete(key);
        this.#log(`${this.#name}: ${open.delivery.label} delivered`);
        carried++;
      } catch (error) {
        const reason = reasonOf(error);
        if (reason !== open.reason) this.#log(`${this.#name}: ${open.delivery.label} not delivered: ${reason}; tries again`);
        open.reason = reason;
        open.nextTry = Date.now() + Math.min(100 * 2 ** open.failures++, LONGEST_PAUSE);
      }
    }
    return { carried, waiting: this.#open.size };
  }
}
