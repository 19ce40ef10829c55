import { type Message, messageKey, type Stage, stageOf } from './message.ts';
import { type Preview, reasonOf } from './relayer.ts';
import type { Attempt, RouteRunner } from './routeRunner.ts';
import type { Role } from './routes.ts';
import { callText } from './trace.ts';

/** Order in which routes work into each other's hands. */
const ORDER: readonly Role[] = ['anchor', 'finalize', 'sequencer', 'batcher', 'postman', 'claimer'];
/** Rounds over all routes; what one delivers may send further messages. */
const MOST_PASSES = 20;

/** A message as a flush lists it. */
export interface FlushedMessage {
  route: string;
  hash: Message['hash'];
  number: bigint | undefined;
  from: Message['from'];
  to: Message['to'];
  /** Wei. */
  value: bigint;
  /** Wei. */
  fee: bigint;
  /** What it calls: name and arguments where the contract is known, else selector and length. */
  call: string;
  /** First four bytes of its data; `0x` for none. */
  selector: string;
  fromStage: Stage;
  toStage: Stage;
}

export interface FlushReport {
  /** Of a dry run: what would be delivered. */
  delivered: FlushedMessage[];
  /** What was refused, or failed for good. */
  failed: (FlushedMessage & { reason: string; trace: readonly string[] })[];
  /** What waits for its delay. */
  waiting: (FlushedMessage & { notBefore: bigint })[];
  /** Routes that cannot go on at all. */
  stopped: { route: string; reason: string }[];
}

/** Carries everything that the routes can carry, each message once per stage. */
export async function flush(routes: readonly RouteRunner[], { now }: { now: boolean }): Promise<FlushReport> {
  const ordered = inOrder(routes);
  const attempts: Attempt[] = [];
  const stopped = new Map<string, string>();
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    let carried = 0;
    for (const route of ordered) {
      // What failed once in this flush is not tried again in it.
      const failed = attempts.some(({ route: name, failure, to }) => name === route.name && failure !== undefined && to !== 'failed');
      if (failed || stopped.has(route.name)) continue;
      try {
        carried += await route.perform({ now, attempts });
      } catch (error) {
        stopped.set(route.name, reasonOf(error));
      }
    }
    if (carried === 0) break;
  }
  const report: FlushReport = { delivered: [], failed: [], waiting: [], stopped: [] };
  for (const { route, messages, to, failure, trace } of attempts) {
    if (messages.length === 0 && failure !== undefined) stopped.set(route, failure);
    for (const message of messages) {
      const entry = flushed(route, message, to);
      if (failure === undefined) report.delivered.push(entry);
      else report.failed.push({ ...entry, reason: failure, trace: trace?.lines ?? [] });
    }
  }
  report.stopped = [...stopped].map(([route, reason]) => ({ route, reason }));
  if (!now) report.waiting = (await preview(ordered, { now })).waiting;
  return report;
}

/** What `flush` would deliver. Messages that a delivery sends in turn are not known before. */
export async function preview(routes: readonly RouteRunner[], { now }: { now: boolean }): Promise<FlushReport> {
  const report: FlushReport = { delivered: [], failed: [], waiting: [], stopped: [] };
  const assumed: Message[] = [];
  for (const route of inOrder(routes)) {
    let previews: Preview[] = [];
    try {
      previews = await route.alone(async () => await route.relayer.preview(assumed));
    } catch (error) {
      report.stopped.push({ route: route.name, reason: reasonOf(error) });
    }
    for (const { message, to, notBefore } of previews) {
      const comes = assumed.findLast((other) => messageKey(other) === messageKey(message));
      const entry = { ...flushed(route.name, message, to), ...(comes === undefined ? {} : { fromStage: stageBefore(to, message) }) };
      if (notBefore !== undefined && !now) report.waiting.push({ ...entry, notBefore });
      else {
        report.delivered.push(entry);
        assumed.push(message);
      }
    }
  }
  return report;
}

function inOrder(routes: readonly RouteRunner[]): RouteRunner[] {
  return [...routes].sort((a, b) => ORDER.indexOf(a.id.role) - ORDER.indexOf(b.id.role));
}

/** Stage of a message that the same dry run has brought on. */
function stageBefore(to: Stage, { service, direction }: Message): Stage {
  if (to !== 'claimed') return 'sent';
  return service === 'zksync' ? 'executed' : direction === 'down' ? 'anchored' : 'finalized';
}

function flushed(route: string, message: Message, toStage: Stage): FlushedMessage {
  const { hash, number, from, to, value, fee, data } = message;
  return { route, hash, number, from, to, value, fee, call: callText(data), selector: data.slice(0, 10), fromStage: stageOf(message), toStage };
}
