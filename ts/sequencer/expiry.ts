import type { PriorityEvent } from './events.ts';

/* How long requests have waited. A request that is not executed when it expires lets anyone stop the rollup. */

/** The request of a chain that must be executed next. Times in Unix seconds. */
export interface OldestRequest {
  requestId: number;
  type: PriorityEvent['type'];
  expiresAt: number;
  /** How much of its time has passed: 0 when it was made, 1 when it expires. */
  passed: number;
}

export interface OldestRequestParameters {
  /** Every request of the chain, index = request id. */
  requests: readonly PriorityEvent[];
  /** Requests that executed blocks have used. */
  executed: number;
  /** Seconds that a request has. */
  priorityExpiration: number;
  /** Seconds; the later of the chain's time and ours, so that a clock that is late gives no false comfort. */
  now: number;
}

/** Null when every request is executed. */
export function oldestRequest({ requests, executed, priorityExpiration, now }: OldestRequestParameters): OldestRequest | null {
  const oldest = requests[executed];
  if (oldest === undefined) return null;
  const { requestId, type, expiresAt } = oldest;
  const left = expiresAt - now;
  return { requestId, type, expiresAt, passed: priorityExpiration === 0 ? 1 : Math.max(0, 1 - left / priorityExpiration) };
}

/** From which part of its time on a request is in danger. */
const danger = 0.5;

/** Parts of a request's time at which it is reported again. */
const levels = [danger, 0.75, 0.9, 1] as const;

/** What to say of a chain whose oldest request is in danger; null while half of its time is left. */
export function expiryWarning(chain: string, { requestId, type, expiresAt, passed }: OldestRequest): string | null {
  if (passed < danger) return null;
  const what = `${type === 'deposit' ? 'deposit' : 'full exit'} ${requestId} of ${chain}`;
  const when = new Date(expiresAt * 1000).toISOString();
  if (passed >= 1) return `${what} has expired (${when}): anyone can put the rollup into exit mode, unless the block that serves it is executed first`;
  return `${what} is not executed and ${Math.floor(passed * 100)} % of its time has passed: it expires at ${when}, and then anyone can put the rollup into exit mode`;
}

/** Decides when the warnings go into the log: once at each level for each request. */
export class ExpiryLog {
  readonly #reported = new Map<string, { requestId: number; level: number }>();

  /** The warning, when it has not been reported at this level yet. */
  next(chain: string, oldest: OldestRequest | null): string | null {
    const warning = oldest === null ? null : expiryWarning(chain, oldest);
    if (oldest === null || warning === null) return null;
    const level = levels.findLastIndex((least) => oldest.passed >= least);
    const known = this.#reported.get(chain);
    if (known?.requestId === oldest.requestId && known.level >= level) return null;
    this.#reported.set(chain, { requestId: oldest.requestId, level });
    return warning;
  }
}
