import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { formatError, RollupError } from '../base/errors.ts';
import { parse, stringify } from '../base/json.ts';
import { type Controlled, type DevnetOrder, obey, type OrderAnswers, readOrder } from './controlOrders.ts';
import { HOST, listen } from './ports.ts';
import { UnknownWordError } from './relayers/routes.ts';

export interface DevnetControl {
  url: string;
  stop(): Promise<void>;
}

const largestBody = 1_000;
/** HTTP status of an order with a word that names nothing. */
const UNKNOWN_WORD = 422;

export interface ServeControlOptions {
  /** Default 0: any free one. */
  port?: number;
  /** Answers GET requests. */
  read?: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Serves orders for a devnet, on this machine only and to no page of a browser. @throws PortError */
export async function serveControl(devnet: () => Controlled, { port = 0, read }: ServeControlOptions = {}): Promise<DevnetControl> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && read !== undefined) {
      read(request, response);
      return;
    }
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(stringify(body));
    void (async () => {
      try {
        // Pages of any site can reach this port; they cannot hide where they come from.
        if (request.headers.origin !== undefined) throw new RollupError('Orders from web pages are refused', { facts: { origin: request.headers.origin } });
        answer(200, await obey(devnet(), readOrder(await bodyOf(request))));
      } catch (error) {
        answer(error instanceof UnknownWordError ? UNKNOWN_WORD : 400, { error: formatError(error) });
      }
    })();
  });
  const actualPort = await listen(server, { port, what: 'Control', flag: '--port-control' });
  return {
    url: `http://${HOST}:${actualPort}`,
    stop: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Whoever follows the events would hold it open.
        server.closeAllConnections();
      });
    },
  };
}

/** @throws RollupError when the devnet refuses, with its reason; UnknownWordError when a word names nothing there */
export async function sendOrder<T extends DevnetOrder>({ url, order }: { url: string; order: T }): Promise<OrderAnswers[T['do']]> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
  const text = await response.text();
  if (response.ok) return parse(text);
  const { error } = parse<{ error: string }>(text);
  throw response.status === UNKNOWN_WORD ? new UnknownWordError(error) : new RollupError(`The devnet refuses: ${error}`);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > largestBody) throw new RollupError('An order is short', { facts: { expected: `at most ${largestBody} characters` } });
  }
  return text;
}
