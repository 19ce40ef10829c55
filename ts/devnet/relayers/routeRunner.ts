import { isFinal, type Message, messageKey } from './message.ts';
import { type Log, type Manner, type Outcome, type Relayer, reasonOf, type Round, type Step } from './relayer.ts';
import { type RouteId, routeName } from './routes.ts';
import { RelayerKilled, type Sender } from './sender.ts';
import { type AddressNames, type CallTrace, traceOf } from './trace.ts';

/** Longest pause (ms) between two tries of one message. */
const LONGEST_PAUSE = 2_000;
/** Milliseconds that a flush waits for clocks: Ethereum finalizes only blocks of Linea that are older than its next one. */
const LONGEST_CLOCK_WAIT = 3_000;
/** Steps of one round that do not end by themselves are a mistake. */
const MOST_STEPS = 10_000;

/** What goes wrong on purpose; see faults.ts. */
export interface Mischief {
  /** Steps in the order, and without those, that faults leave. */
  select(route: RouteId, steps: Step[]): Step[];
  /** How a step is to be done. */
  manner(route: RouteId, step: Step): Manner;
  /** Called when a step was done; may do it again. */
  done(route: RouteId, step: Step): Promise<void>;
  refused(route: RouteId, step: Step, reason: string): void;
}

export interface RouteRunnerParameters {
  /** Makes the relayer, and makes it anew when it was killed. */
  make: () => Relayer;
  /** Sends the relayer's transactions; undefined when it sends none of its own. */
  sender: Sender | undefined;
  mischief: Mischief;
  /** For traces. */
  names: AddressNames;
  log: Log;
}

/** Something that was tried, and how it ended. */
export interface Attempt {
  /** Name of the route. */
  route: string;
  label: string;
  to: Step['to'];
  messages: readonly Message[];
  /** Why it was refused; for a priority transaction why it failed for good. Undefined when it went well. */
  failure: string | undefined;
  trace?: CallTrace | undefined;
}

interface Failure {
  count: number;
  /** On this machine's clock (ms). */
  nextTry: number;
  reason: string;
  error: unknown;
}

export interface PerformOptions {
  /** Does what is due only later as well. */
  now?: boolean;
  /** Only steps with this message. */
  only?: Message;
  /** Also tells what is refused, with its trace. */
  attempts?: Attempt[];
}

/** Runs one route's relayer: its rounds, its steps on demand, what failed and why. Only one of these at a time. */
export class RouteRunner {
  readonly id: RouteId;
  readonly name: string;
  readonly #parameters: RouteRunnerParameters;
  #relayer: Relayer;
  readonly #failures = new Map<string, Failure>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parameters: RouteRunnerParameters) {
    this.#parameters = parameters;
    this.#relayer = parameters.make();
    this.id = this.#relayer.id;
    this.name = routeName(this.id);
  }

  get relayer(): Relayer {
    return this.#relayer;
  }

  /** For the loop: does everything that is due. @throws what stops the route */
  async round(): Promise<Round> {
    return await this.alone(async () => {
      const carried = await this.#work({});
      return { carried, waiting: this.#relayer.waiting() };
    });
  }

  /** Does everything that is due, also on a manual route, each message once. @returns how many messages, or steps without any, were carried */
  async perform(options: PerformOptions): Promise<number> {
    return await this.alone(async () => {
      const deadline = Date.now() + LONGEST_CLOCK_WAIT;
      let carried = 0;
      for (;;) {
        carried += await this.#work({ ...options, attempts: options.attempts ?? [] });
        const waits = (await this.#relayer.plan()).some(({ clock }) => clock === true);
        if (!waits || Date.now() > deadline) return carried;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  }

  /** Runs `work` while no step of this route is under way. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => {});
    return await result;
  }

  failureOf(message: Message): { reason: string; count: number; error: unknown } | undefined {
    return this.#failures.get(messageKey(message));
  }

  async #work({ now = false, only, attempts }: PerformOptions): Promise<number> {
    const tried = new Set<string>();
    let carried = 0;
    for (let count = 0; count < MOST_STEPS; count++) {
      const steps = (await this.#open({ now, only })).filter(({ key }) => !tried.has(key) && (attempts !== undefined || this.#isTime(key)));
      // An ordered route plans anew after each step.
      const next = this.#relayer.independent ? steps : steps.slice(0, 1);
      if (next.length === 0) return carried;
      for (const step of next) {
        // What an earlier life has sent does the step already.
        if ((await this.#parameters.sender?.settle()) === true) break;
        if (this.#relayer.independent) tried.add(step.key);
        try {
          await this.#do(step, attempts);
          carried += Math.max(step.messages.length, 1);
        } catch (error) {
          if (error instanceof RelayerKilled) return carried + this.#startAnew(error);
          if (this.#relayer.independent) continue;
          if (attempts === undefined) throw error;
          return carried;
        }
      }
    }
    return carried;
  }

  /** Steps that can be done now; on an ordered route nothing overtakes a step whose delay runs. */
  async #open({ now, only }: { now: boolean; only: Message | undefined }): Promise<Step[]> {
    const { mischief } = this.#parameters;
    const steps = mischief.select(this.id, await this.#relayer.plan(only)).filter(({ notBefore, clock }) => clock !== true && (now || notBefore === undefined));
    if (only === undefined) return steps;
    const key = messageKey(only);
    const index = steps.findIndex(({ messages }) => messages.some((message) => messageKey(message) === key));
    return this.#relayer.independent ? steps.slice(index, index + 1) : steps.slice(0, index + 1);
  }

  async #do(step: Step, attempts: Attempt[] | undefined): Promise<void> {
    const { mischief, names, log } = this.#parameters;
    const attempt = { route: this.name, label: step.label, to: step.to, messages: step.messages };
    let outcome: Outcome;
    try {
      outcome = await step.perform(mischief.manner(this.id, step));
    } catch (error) {
      if (error instanceof RelayerKilled) throw error;
      const reason = reasonOf(error);
      mischief.refused(this.id, step, reason);
      attempts?.push({ ...attempt, failure: reason, trace: await traceOf(error, names).catch(() => undefined) });
      this.#failed(step, error, reason, log);
      throw error;
    }
    this.#failures.delete(step.key);
    attempts?.push({ ...attempt, to: outcome.failure === undefined ? step.to : 'failed', failure: outcome.failure });
    await mischief.done(this.id, step);
  }

  #failed(step: Step, error: unknown, reason: string, log: Log): void {
    const before = this.#failures.get(step.key);
    // An ordered route says in its status what stops it; the same reason again would only fill the log.
    if (this.#relayer.independent && reason !== before?.reason) log(`${this.name}: ${step.label} not delivered: ${reason}; tries again`, { chain: this.id.chain, reason });
    const count = (before?.count ?? 0) + 1;
    this.#failures.set(step.key, { count, reason, error, nextTry: Date.now() + Math.min(100 * 2 ** (count - 1), LONGEST_PAUSE) });
  }

  #isTime(key: string): boolean {
    return !this.#relayer.independent || Date.now() >= (this.#failures.get(key)?.nextTry ?? 0);
  }

  /** Everything that a killed process would have lost is lost. */
  #startAnew(error: RelayerKilled): number {
    this.#parameters.log(`${this.name}: ${error.message}; starts anew`);
    this.#relayer = this.#parameters.make();
    this.#failures.clear();
    return 1;
  }

  /** What failed before is no reason not to try it now. */
  forgive(): void {
    this.#failures.clear();
    this.#relayer.forgive?.();
  }

  /** Forgets failures of messages that are no longer open. */
  forget(messages: readonly Message[]): void {
    for (const message of messages) if (isFinal(message)) this.#failures.delete(messageKey(message));
  }
}
