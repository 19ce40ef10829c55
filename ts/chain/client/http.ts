import { firstLine, RollupError } from '../../base/errors.ts';
import { stringifyPlain } from '../../base/json.ts';
import { Reader } from './reader.ts';

export interface RequestParameters {
  /** Root address of the sequencer's API, without a slash at the end. */
  base: string;
  path: string;
  /** Sent as JSON with POST; without a body the request is a GET. */
  body?: unknown;
  timeoutMilliseconds: number;
}

export interface RequestReturnType {
  status: number;
  /** The answer's JSON. @throws RollupError with the sequencer's own words when it refused */
  read(): Reader;
}

/** One HTTP request. @throws RollupError when there is no answer or it is no JSON */
export async function request({ base, path, body, timeoutMilliseconds }: RequestParameters): Promise<RequestReturnType> {
  const url = `${base}${path}`;
  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(timeoutMilliseconds),
      ...(body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: stringifyPlain(body) }),
    });
    status = response.status;
    text = await response.text();
  } catch (cause) {
    throw new RollupError('The sequencer does not answer', {
      facts: { url, reason: reasonOf(cause) },
      hint: 'Start a devnet with `npm run devnet`, or check the sequencer address. Is the operator gone? `npm run cli -- exit-mode` needs chains only.',
      cause,
    });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RollupError('The sequencer answered something that is not JSON', { facts: { url, status, start: text.slice(0, 80) }, cause });
  }
  return {
    status,
    read() {
      if (status >= 200 && status < 300) return new Reader(json, path);
      throw refusalOf(json, { url, status });
    },
  };
}

function refusalOf(json: unknown, where: { url: string; status: number }): RollupError {
  const error: unknown = typeof json === 'object' && json !== null && 'error' in json ? json.error : undefined;
  if (typeof error !== 'object' || error === null || !('message' in error) || typeof error.message !== 'string') {
    return new RollupError('The sequencer refused without saying why', { facts: where });
  }
  const facts = 'facts' in error && typeof error.facts === 'object' && error.facts !== null ? { ...error.facts } : {};
  return new RollupError(error.message, { facts, ...('hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {}) });
}

/** fetch hides the system's error (ECONNREFUSED …) in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof AggregateError && cause.errors.length > 0) return firstLine(cause.errors[0]);
  return firstLine(cause ?? error);
}
