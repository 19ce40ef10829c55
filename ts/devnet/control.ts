import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatError, RollupError } from '../base/errors.ts';
import { HOST } from './anvil.ts';
import type { Devnet } from './devnet.ts';
import type { Direction } from './relayers/startRelayers.ts';

/** What a devnet in another process can be asked to do. */
export type DevnetOrder =
  | { do: 'removeSequencer' }
  | { do: 'hold' | 'release'; chain?: string; direction?: Direction }
  | { do: 'passTime'; seconds: number };

export type Controlled = Pick<Devnet, 'removeSequencer' | 'passTime'> & { relayers: Pick<Devnet['relayers'], 'hold' | 'release'> };

export interface DevnetControl {
  url: string;
  stop(): Promise<void>;
}

const largestBody = 1_000;

/** Serves orders for a devnet, on this machine only and to no page of a browser. */
export async function serveControl(devnet: () => Controlled): Promise<DevnetControl> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
    void (async () => {
      try {
        // Pages of any site can reach this port; they cannot hide where they come from.
        if (request.headers.origin !== undefined) throw new RollupError('Orders from web pages are refused', { facts: { origin: request.headers.origin } });
        await obey(devnet(), readOrder(await bodyOf(request)));
        answer(200, {});
      } catch (error) {
        answer(400, { error: formatError(error) });
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return { url: `http://${HOST}:${(server.address() as AddressInfo).port}`, stop: async () => await new Promise((resolve) => server.close(() => resolve())) };
}

/** @throws RollupError with what the devnet answers */
export async function sendOrder({ url, order }: { url: string; order: DevnetOrder }): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
  if (response.ok) return;
  const { error } = (await response.json()) as { error: string };
  throw new RollupError(`The devnet refuses: ${error}`);
}

async function obey({ removeSequencer, passTime, relayers }: Controlled, order: DevnetOrder): Promise<void> {
  if (order.do === 'removeSequencer') return await removeSequencer();
  if (order.do === 'passTime') return await passTime(order.seconds);
  const { chain, direction } = order;
  const routes = { ...(chain === undefined ? {} : { chain }), ...(direction === undefined ? {} : { direction }) };
  if (order.do === 'hold') await relayers.hold(routes);
  else relayers.release(routes);
}

/** @throws RollupError */
export function readOrder(text: string): DevnetOrder {
  let value: Record<string, unknown>;
  try {
    value = Object(JSON.parse(text)) as Record<string, unknown>;
  } catch (cause) {
    throw new RollupError('An order is one JSON object', { cause });
  }
  const { do: name, chain, direction, seconds } = value;
  if (name === 'removeSequencer') return { do: name };
  if (name === 'passTime' && typeof seconds === 'number' && Number.isSafeInteger(seconds) && seconds > 0) return { do: name, seconds };
  const isRoute = (chain === undefined || typeof chain === 'string') && (direction === undefined || direction === 'up' || direction === 'down');
  if ((name === 'hold' || name === 'release') && isRoute) return { do: name, ...(chain === undefined ? {} : { chain }), ...(direction === undefined ? {} : { direction }) };
  throw new RollupError('This is no order for a devnet', { facts: { expected: 'removeSequencer, hold, release or passTime with its fields', actual: text.slice(0, 200) } });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > largestBody) throw new RollupError('An order is short', { facts: { expected: `at most ${largestBody} characters` } });
  }
  return text;
}
