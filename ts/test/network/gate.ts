import { createServer, type Server } from 'node:http';

/** A node's RPC behind another URL, where sending can be refused. */
export class Gate {
  /** Refuses every transaction. */
  closed = false;
  readonly #server: Server;
  #url = '';

  constructor(target: string) {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
        const body = Buffer.concat(parts).toString();
        void this.#answer(target, body).then(
          (text) => response.setHeader('content-type', 'application/json').end(text),
          () => response.destroy(),
        );
      });
    });
  }

  get url(): string {
    return this.#url;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(target: string, body: string): Promise<string> {
    const { id, method } = JSON.parse(body) as { id?: unknown; method?: string };
    if (this.closed && method?.startsWith('eth_send') === true) return JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32_003, message: 'the gate is closed' } });
    return await (await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).text();
  }
}
