import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { firstLine, RollupError } from '../base/errors.ts';
import { stringifyPlain } from '../base/json.ts';
import { silentProgress, type Progress } from '../base/progress.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import { parsePairRequest, parseQuote, parseTransaction } from './parseTransaction.ts';
import type { SequencerView } from './view.ts';

export interface ApiOptions {
  view: SequencerView;
  /** 0 takes a free one. */
  port: number;
  /** Default 127.0.0.1: who opens the API to others puts a proxy in front. */
  host?: string;
  progress?: Progress;
}

/** Largest body of a request, in bytes; a transaction has about one thousand. */
const bodyLimit = 16_384;

class HttpError extends RollupError {
  readonly status: number;

  constructor(status: number, message: string, facts: Record<string, unknown> = {}, hint?: string) {
    super(message, { facts, ...(hint === undefined ? {} : { hint }) });
    this.status = status;
  }
}

interface Answer {
  status: number;
  body: unknown;
}

type Handler = (parameters: { path: string[]; query: URLSearchParams; request: IncomingMessage; view: SequencerView }) => Promise<Answer> | Answer;

const ok = (body: unknown): Answer => ({ status: 200, body });

/** Method, path with `*` for a part that is passed on, what it does. */
const routes: readonly (readonly [method: string, pattern: string, handler: Handler])[] = [
  ['GET', 'status', async ({ view }) => ok(await view.status())],
  [
    'GET',
    'blocks',
    async ({ query, view }) => ok(await view.blocks({ before: optional(query, 'before'), limit: Math.min(optional(query, 'limit') ?? 20, 100) })),
  ],
  [
    'GET',
    'blocks/*',
    async ({ path, view }) => {
      const blockNumber = integer(path[0], 'block number', 2 ** 32 - 1);
      return found(await view.block(blockNumber), 'block', { blockNumber });
    },
  ],
  [
    'GET',
    'users/*',
    ({ path, view }) => {
      const owner = path[0] ?? '';
      if (!/^0x[0-9a-fA-F]{40}$/.test(owner)) throw new HttpError(400, 'Not an address', { owner }, 'Give the owner as 0x and 40 hex digits.');
      return ok(view.leavesOf(BigInt(owner)));
    },
  ],
  [
    'GET',
    'leaves/*/*',
    ({ path, view }) => {
      const chainIndex = integer(path[0], 'chain index', 255);
      const leafIndex = integer(path[1], 'leaf index', LEAF_COUNT - 1);
      return found(view.leaf(chainIndex, leafIndex), 'leaf', { chainIndex, leafIndex });
    },
  ],
  ['POST', 'transactions', async ({ request, view }) => ({ status: 202, body: await view.submit(parseTransaction(await readBody(request))) })],
  ['GET', 'pools', ({ view }) => ok(view.pools())],
  ['POST', 'pools', async ({ request, view }) => ({ status: 202, body: await view.requestPair(parsePairRequest(await readBody(request))) })],
  ['GET', 'quote', ({ query, view }) => ok(view.quote(parseQuote(Object.fromEntries(query))))],
  ['GET', 'transactions/*', async ({ path, view }) => found(await view.transaction(path[0] ?? ''), 'transaction', { id: path[0] })],
];

export interface Api {
  url: string;
  stop(): Promise<void>;
}

/** Serves the API. @throws RollupError when the port is taken */
export async function startApi({ view, port, host = '127.0.0.1', progress = silentProgress }: ApiOptions): Promise<Api> {
  const server = createServer((request, response) => {
    void serve({ request, response, view, progress });
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  await listen(server, port, host);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${actual}`,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(new RollupError('The API cannot listen', { facts: { host, port, code: cause.code }, hint: 'Choose another port, or stop what uses this one.', cause }));
    });
    server.listen(port, host, resolve);
  });
}

async function serve({ request, response, view, progress }: { request: IncomingMessage; response: ServerResponse; view: SequencerView; progress: Progress }): Promise<void> {
  let answer: Answer;
  try {
    answer = await route(request, view);
  } catch (error) {
    answer = errorAnswer(error);
    if (answer.status === 500) progress.report(`API: ${request.method} ${request.url}: ${firstLine(error)}`);
  }
  const body = `${stringifyPlain(answer.body)}\n`;
  // A body that was not read to its end would be taken for the next request.
  const connection = request.complete ? {} : { connection: 'close' };
  response.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store', ...connection });
  response.end(body);
}

async function route(request: IncomingMessage, view: SequencerView): Promise<Answer> {
  const { pathname, searchParams } = parseUrl(request.url ?? '/');
  const parts = pathname.split('/').filter((part) => part !== '');
  const matching = routes.flatMap(([method, pattern, handler]) => {
    const names = pattern.split('/');
    if (names.length !== parts.length || !names.every((name, i) => name === '*' || name === parts[i])) return [];
    return [{ method, handler, path: parts.filter((_, i) => names[i] === '*') }];
  });
  if (matching.length === 0) {
    throw new HttpError(404, 'There is nothing here', { path: pathname }, `Known: ${routes.map(([method, pattern]) => `${method} /${pattern}`).join(', ')}.`);
  }
  const chosen = matching.find(({ method }) => method === request.method);
  if (chosen === undefined) {
    throw new HttpError(405, 'This method is not allowed here', { method: request.method, allowed: matching.map(({ method }) => method).join(', ') });
  }
  return await chosen.handler({ path: chosen.path, query: searchParams, request, view });
}

function parseUrl(text: string): URL {
  try {
    return new URL(text, 'http://localhost');
  } catch (cause) {
    throw new HttpError(400, 'Not a URL', { url: text.slice(0, 200), cause: firstLine(cause) });
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) throw new HttpError(413, 'The body is too large', { maximum: bodyLimit });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new HttpError(400, 'The body is not JSON', { cause: firstLine(cause) }, 'Send a JSON object.');
  }
}

/** Reasons that are not the sender's fault. */
const refusalStatus: Readonly<Record<string, number>> = { tooManyPending: 429, exitMode: 503 };

function errorAnswer(error: unknown): Answer {
  if (error instanceof HttpError) return { status: error.status, body: errorBody(error) };
  // A RollupError with a reason is a refusal of what was sent; everything else is a fault of ours, whose details stay in the log.
  if (error instanceof RollupError && 'reason' in error.facts) return { status: refusalStatus[String(error.facts['reason'])] ?? 400, body: errorBody(error) };
  if (error instanceof RollupError && error.facts['unavailable'] === true) return { status: 503, body: errorBody(error) };
  return { status: 500, body: { error: { message: 'The sequencer failed to answer', facts: {}, hint: 'Try again; if it stays, tell the operator.' } } };
}

function errorBody({ message, facts, hint }: RollupError): unknown {
  return { error: { message, facts, ...(hint === undefined ? {} : { hint }) } };
}

function found(body: unknown, what: string, facts: Record<string, unknown>): Answer {
  if (body === null) throw new HttpError(404, `There is no such ${what}`, facts);
  return ok(body);
}

function integer(text: string | undefined, name: string, maximum: number): number {
  if (text === undefined || !/^[0-9]{1,12}$/.test(text) || Number(text) > maximum) {
    throw new HttpError(400, `Not a ${name}`, { expected: `an integer from 0 to ${maximum}`, actual: (text ?? '').slice(0, 100) });
  }
  return Number(text);
}

function optional(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text === null ? undefined : integer(text, name, 2 ** 32 - 1);
}
