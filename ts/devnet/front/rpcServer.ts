import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { listen, type PortUse } from '../ports.ts';
import { answerText, INTERNAL_ERROR, type RpcCall, RpcError, type RpcHandler } from './rpc.ts';

export interface ServeRpcParameters {
  /** 0: any free port. */
  port: number;
  /** Who listens there. */
  use: PortUse;
  handle: RpcHandler;
  /** WebSocket of the node that subscriptions are made at. */
  nodeSocketUrl: string;
  /** What a subscriber gets in place of what the node reported. */
  dressEvent: (event: unknown) => Promise<unknown>;
}

export interface RpcServer {
  port: number;
  stop(): Promise<void>;
}

/** Enough for the dump of a chain, which clients give back whole. */
const LARGEST_BODY = 512 * 1024 * 1024;

/** Browsers may ask, as they may ask anvil. */
const HEADERS = { 'content-type': 'application/json', 'access-control-allow-origin': '*', 'access-control-allow-headers': '*', 'access-control-allow-methods': 'POST, GET, OPTIONS' };

/** Serves JSON-RPC by HTTP and by WebSocket on one port. @throws PortError */
export async function serveRpc({ port, use, handle, nodeSocketUrl, dressEvent }: ServeRpcParameters): Promise<RpcServer> {
  const server = createServer((request, response) => void answerHttp(request, response, handle));
  const actualPort = await listen(server, { port, ...use });
  const sockets = new WebSocketServer({ server, maxPayload: LARGEST_BODY });
  sockets.on('connection', (socket) => serveSocket(socket, { handle, nodeSocketUrl, dressEvent }));
  return {
    port: actualPort,
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answerHttp(request: IncomingMessage, response: ServerResponse, handle: RpcHandler): Promise<void> {
  try {
    if (request.method === 'OPTIONS') return void response.writeHead(204, HEADERS).end();
    if (request.method !== 'POST') return void response.writeHead(405, HEADERS).end(JSON.stringify({ error: 'JSON-RPC is sent with POST' }));
    const body = await bodyOf(request);
    if (body === undefined) return void response.writeHead(413, HEADERS).end(JSON.stringify({ error: `A request has at most ${LARGEST_BODY} bytes` }));
    const answer = await answerText(body, handle);
    response.writeHead(200, HEADERS).end(answer === undefined ? '' : JSON.stringify(answer));
  } catch {
    // The client went away in the middle.
    response.destroy();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > LARGEST_BODY) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function serveSocket(socket: WebSocket, { handle, nodeSocketUrl, dressEvent }: Pick<ServeRpcParameters, 'handle' | 'nodeSocketUrl' | 'dressEvent'>): void {
  let subscriptions: Subscriptions | undefined;
  /** Events go out in the order in which they came. */
  let lastEvent: Promise<void> = Promise.resolve();
  const send = (message: unknown): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  const onEvent = (event: unknown): void => {
    lastEvent = lastEvent.then(async () => send(await dressEvent(event))).catch(() => socket.terminate());
  };
  const handleHere = async (call: RpcCall): Promise<unknown> => {
    if (call.method !== 'eth_subscribe' && call.method !== 'eth_unsubscribe') return await handle(call);
    subscriptions ??= new Subscriptions(nodeSocketUrl, onEvent, () => socket.terminate());
    return await subscriptions.call(call);
  };
  socket.on('message', (data) => {
    void answerText(textOf(data), handleHere).then((answer) => {
      if (answer !== undefined) send(answer);
    });
  });
  socket.on('close', () => subscriptions?.close());
  socket.on('error', () => socket.terminate());
}

/** A client's subscriptions at the node, on a connection of their own. Events wait until the answer that names their subscription is out. */
class Subscriptions {
  readonly #socket: WebSocket;
  readonly #opened: Promise<void>;
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: RpcError) => void }>();
  #last = 0;

  constructor(url: string, onEvent: (event: unknown) => void, onEnd: () => void) {
    this.#socket = new WebSocket(url);
    this.#opened = new Promise((resolve, reject) => {
      this.#socket.once('open', () => resolve());
      this.#socket.once('error', reject);
    });
    this.#opened.catch(() => {});
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new RpcError({ code: INTERNAL_ERROR, message: 'The chain does not answer' }));
      onEnd();
    });
    this.#socket.on('message', (data) => {
      const message = JSON.parse(textOf(data)) as { id?: number; result?: unknown; error?: { code: number; message: string; data?: unknown } };
      const waiting = message.id === undefined ? undefined : this.#waiting.get(message.id);
      if (waiting === undefined || message.id === undefined) return void setImmediate(() => onEvent(message));
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting.resolve(message.result);
      else waiting.reject(new RpcError(message.error));
    });
  }

  async call({ method, params }: RpcCall): Promise<unknown> {
    try {
      await this.#opened;
    } catch (cause) {
      throw new RpcError({ code: INTERNAL_ERROR, message: `The chain takes no subscriptions: ${cause instanceof Error ? cause.message : String(cause)}` });
    }
    const id = ++this.#last;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.terminate();
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}
