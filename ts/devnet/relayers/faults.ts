import type { Hex } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { type Message, messageKey } from './message.ts';
import type { Pauses } from './pauses.ts';
import { type Manner, reasonOf, type Step } from './relayer.ts';
import type { Mischief } from './routeRunner.ts';
import { parseRoutes, type Role, type RouteId, routeName, selectRoutes, UnknownWordError } from './routes.ts';
import { RelayerKilled } from './sender.ts';

export const FAULT_KINDS = ['drop', 'duplicate', 'reorder', 'delay', 'pause', 'wrong-root', 'kill'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Roles whose relayers can have a fault. */
const FITTING: Readonly<Record<FaultKind, readonly Role[]>> = {
  drop: ['anchor', 'finalize', 'postman', 'sequencer', 'batcher', 'claimer'],
  // Executed twice on zkSync a transaction would be done twice: only Ethereum refuses, when it sees the batch (reorder of the batcher).
  duplicate: ['anchor', 'finalize', 'postman', 'batcher', 'claimer'],
  reorder: ['anchor', 'postman', 'batcher', 'claimer'],
  delay: ['anchor', 'finalize', 'postman', 'sequencer', 'batcher', 'claimer'],
  pause: ['anchor', 'finalize', 'postman', 'sequencer', 'batcher'],
  'wrong-root': ['finalize', 'batcher'],
  kill: ['anchor', 'finalize', 'postman', 'sequencer', 'batcher', 'claimer'],
};

export interface FaultSpec {
  kind: FaultKind;
  /** In words, as in `parseRoutes`; must mean one route. */
  route: string;
  /** How often it happens; default 1. A delay and a pause last until they are cleared. */
  count?: number;
  /** Only to this message. */
  message?: Hex;
  /** Of a delay: seconds of chain time. */
  seconds?: number;
}

export interface Fault {
  id: number;
  kind: FaultKind;
  /** Name of the route. */
  route: string;
  /** How often it will still happen. */
  left: number;
  message: Hex | undefined;
  seconds: number | undefined;
  /** What it did: the step, and how the chains answered. */
  done: { step: string; result: string }[];
}

interface Active extends Fault {
  id_: RouteId;
  /** Steps that it dropped; they stay dropped until it is cleared. */
  dropped: Set<string>;
  /** Steps that it falsified, whose answer is to come. */
  falsified: Set<string>;
}

/** Everything that goes wrong on purpose, and what came of it. */
export class Faults implements Mischief {
  readonly #active: Active[] = [];
  readonly #pauses: Pauses | undefined;
  #routes: readonly { id: RouteId }[] = [];
  #nextId = 1;

  constructor(pauses: Pauses | undefined) {
    this.#pauses = pauses;
  }

  /** The routes that faults can be on. */
  connect(routes: readonly { id: RouteId }[]): void {
    this.#routes = routes;
  }

  /** @throws UnknownWordError when there is no such route, or the fault does not fit it */
  async add({ kind, route: words, count = 1, message, seconds }: FaultSpec): Promise<Fault> {
    const [route, ...others] = selectRoutes(this.#routes, parseRoutes([words]));
    if (route === undefined || others.length > 0) {
      throw new UnknownWordError('A fault is on one route', { facts: { expected: this.#routes.map(({ id }) => routeName(id)).join(', '), actual: words === '' ? 'none' : words } });
    }
    const { id } = route;
    if (!FITTING[kind].includes(id.role)) {
      const fitting = FAULT_KINDS.filter((other) => FITTING[other].includes(id.role));
      throw new UnknownWordError(`The fault ${kind} does not fit ${routeName(id)}`, { facts: { expected: fitting.join(', '), actual: kind } });
    }
    if (!Number.isSafeInteger(count) || count < 1) throw new RollupError('A fault happens a whole number of times', { facts: { expected: 'at least 1', actual: count } });
    if ((kind === 'delay') !== (seconds !== undefined)) throw new RollupError('A delay, and nothing else, takes a time', { facts: { expected: kind === 'delay' ? 'seconds' : 'no seconds', actual: seconds ?? 'none' } });
    if (kind === 'pause') await this.#requirePauses().pause(id);
    const fault: Active = { id: this.#nextId++, kind, route: routeName(id), left: count, message: message?.toLowerCase() as Hex | undefined, seconds, done: [], id_: id, dropped: new Set(), falsified: new Set() };
    this.#active.push(fault);
    return shown(fault);
  }

  list(): Fault[] {
    return this.#active.map(shown);
  }

  /** Ends one fault, or all. @returns those that it ended. @throws RollupError when there is no such fault */
  async clear(id?: number): Promise<Fault[]> {
    const ending = this.#active.filter((fault) => id === undefined || fault.id === id);
    if (id !== undefined && ending.length === 0) throw new RollupError('There is no such fault', { facts: { expected: this.#active.map((fault) => fault.id).join(', ') || 'none is there', actual: id } });
    for (const fault of ending) {
      if (fault.kind === 'pause') await this.#requirePauses().resume(fault.id_);
      this.#active.splice(this.#active.indexOf(fault), 1);
    }
    return ending.map(shown);
  }

  /** Whether a route may put right what a fault spoiled: not as long as the fault is there. */
  allowsRepair(route: RouteId): boolean {
    return !this.#on(route).some(({ kind }) => kind === 'wrong-root' || kind === 'reorder');
  }

  /** Seconds that faults add to the delay of a route. */
  delay(route: RouteId): number {
    return this.#on(route).reduce((sum, { seconds = 0 }) => sum + seconds, 0);
  }

  /** Why a fault holds a message up; undefined when none does. */
  holds(route: RouteId, message: Message): string | undefined {
    const key = messageKey(message);
    for (const fault of this.#on(route)) {
      const what = holdOf(fault, key);
      if (what !== undefined) return `fault ${fault.id} ${what}; \`fault clear ${fault.id}\` lets it go on`;
    }
    return undefined;
  }

  select(route: RouteId, steps: Step[]): Step[] {
    let left = steps;
    for (const fault of this.#on(route)) {
      if (fault.kind === 'drop') left = drop(fault, left);
      if (fault.kind === 'reorder' && !isOrdered(route) && fault.left > 0) {
        // Two make an order.
        if (left.length < 2) return [];
        left = [...left].reverse();
        fault.left--;
        fault.done.push({ step: left.map(({ label }) => label).join(', '), result: 'done in this order' });
      }
    }
    return left;
  }

  manner(route: RouteId, step: Step): Manner {
    const falsifying = this.#on(route).find((fault) => this.#falsifies(fault, route, step));
    if (falsifying !== undefined) {
      falsifying.left--;
      falsifying.falsified.add(step.key);
    }
    const killing = this.#on(route).find((fault) => fault.kind === 'kill' && fault.left > 0 && concerns(fault, step));
    return {
      ...(falsifying === undefined ? {} : { falsification: falsifying.kind as 'reorder' | 'wrong-root' }),
      ...(killing === undefined ? {} : { afterSend: () => this.#kill(killing, step) }),
    };
  }

  async done(route: RouteId, step: Step): Promise<void> {
    for (const fault of this.#on(route)) {
      if (fault.falsified.delete(step.key)) fault.done.push({ step: step.label, result: route.role === 'batcher' ? 'committed; no proof fits it' : 'accepted: only a validity proof could tell' });
      if (fault.kind !== 'duplicate' || fault.left === 0 || !concerns(fault, step)) continue;
      fault.left--;
      fault.done.push({ step: step.label, result: await this.#again(step) });
    }
  }

  refused(route: RouteId, step: Step, reason: string): void {
    for (const fault of this.#on(route)) if (fault.falsified.delete(step.key)) fault.done.push({ step: step.label, result: `refused: ${reason}` });
  }

  async #again(step: Step): Promise<string> {
    try {
      await step.perform();
      return 'ACCEPTED a second time';
    } catch (error) {
      return `refused: ${reasonOf(error)}`;
    }
  }

  #kill(fault: Active, { label }: Step): never {
    fault.left--;
    fault.done.push({ step: label, result: 'killed between sending and the receipt' });
    throw new RelayerKilled(`killed after sending ${label}`);
  }

  #falsifies(fault: Active, route: RouteId, step: Step): boolean {
    if ((fault.kind !== 'wrong-root' && fault.kind !== 'reorder') || !isOrdered(route) || fault.left === 0 || step.messages.length === 0) return false;
    return concerns(fault, step) && (route.role !== 'batcher' || step.to === 'committed');
  }

  #on({ chain, role, direction }: RouteId): Active[] {
    return this.#active.filter(({ id_ }) => id_.chain === chain && id_.role === role && id_.direction === direction);
  }

  #requirePauses(): Pauses {
    if (this.#pauses !== undefined) return this.#pauses;
    throw new RollupError('Nobody here may pause the services', { hint: 'Start the relayers with the key of the services’ administrator (`keys.admin`).' });
  }
}

function isOrdered({ role }: RouteId): boolean {
  return role !== 'postman' && role !== 'claimer';
}

/** What a fault does that keeps a message back. */
function holdOf({ kind, id_, dropped, seconds = 0, done, left }: Active, key: string): string | undefined {
  switch (kind) {
    case 'drop':
      return dropped.has(key) ? 'dropped it' : undefined;
    case 'pause':
      return 'pauses the contract';
    case 'delay':
      return `delays it by ${seconds} s of chain time`;
    case 'reorder':
    case 'wrong-root':
      if (isOrdered(id_)) return done.length > 0 ? 'keeps the route from putting right what it spoiled' : undefined;
      return left > 0 ? 'waits for a second message, to change their order' : undefined;
    default:
      return undefined;
  }
}

function concerns({ message }: Active, step: Step): boolean {
  return message === undefined || step.messages.some(({ hash }) => hash === message);
}

/** Without the steps that are dropped; on an ordered route also without those behind them. */
function drop(fault: Active, steps: Step[]): Step[] {
  const left: Step[] = [];
  for (const step of steps) {
    if (!fault.dropped.has(step.key) && fault.left > 0 && concerns(fault, step)) {
      fault.left--;
      fault.dropped.add(step.key);
      for (const message of step.messages) fault.dropped.add(messageKey(message));
      fault.done.push({ step: step.label, result: 'not sent' });
    }
    if (!fault.dropped.has(step.key)) left.push(step);
    else if (isOrdered(fault.id_)) return left;
  }
  return left;
}

function shown({ id, kind, route, left, message, seconds, done }: Active): Fault {
  return { id, kind, route, left, message, seconds, done: done.map((entry) => ({ ...entry })) };
}
