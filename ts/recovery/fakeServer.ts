import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeRpc, RpcRequest } from './fakeRpc.ts';

/** A chain in memory behind a real port. */
export interface FakeServer {
  url: string;
  close(): Promise<void>;
}

/** @param before may delay an answer, or refuse it by throwing */
export async function serveRpc(rpc: FakeRpc, before: (request: RpcRequest) => Promise<void> | void = () => undefined): Promise<FakeServer> {
  const answer = async (call: RpcRequest & { id: unknown }): Promise<unknown> => {
    try {
      await before(call);
      return { jsonrpc: '2.0', id: call.id, result: rpc.request(call) };
    } catch (error) {
      return { jsonrpc: '2.0', id: call.id, error: { code: -32000, message: error instanceof Error ? error.message : String(error) } };
    }
  };
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const call = JSON.parse(body) as RpcRequest & { id: unknown };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(await answer(call)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return body;
}
