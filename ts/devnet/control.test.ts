import { expect, test } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { sendOrder, serveControl } from './control.ts';
import { type Controlled, type DevnetOrder, readOrder } from './controlOrders.ts';
import { UnknownWordError } from './relayers/routes.ts';

/** Notes what is asked of it, and answers with it. */
function notingDevnet(done: unknown[]): Controlled {
  const note =
    (name: string) =>
    async (...args: unknown[]): Promise<never> => {
      done.push([name, ...args]);
      return (await Promise.resolve({ name, amount: 10n ** 20n })) as never;
    };
  return {
    removeSequencer: note('removeSequencer'),
    passTime: async (seconds) => {
      if (seconds === 99) throw new UnknownWordError('no such word', { facts: { seconds } });
      if (seconds > 100) throw new RollupError('too long', { facts: { seconds } });
      return await Promise.resolve(BigInt(seconds));
    },
    ...{ snapshot: note('snapshot'), snapshots: () => [], revert: note('revert'), dump: note('dump') },
    relayers: {
      ...{ hold: note('hold'), release: () => {}, setMode: note('setMode'), routes: note('routes'), flush: note('flush'), messages: note('messages'), message: note('message'), retry: note('retry'), reorg: note('reorg') },
      setDelay: (...args) => void done.push(['setDelay', ...args]),
      faults: { add: note('add'), list: () => [], clear: note('clear') },
    },
  };
}

test('a port that is taken is named together with its flag', async () => {
  const first = await serveControl(() => notingDevnet([]));
  const port = Number(new URL(first.url).port);
  try {
    await expect(serveControl(() => notingDevnet([]), { port })).rejects.toMatchObject({ message: `Port ${port} is taken`, facts: { for: 'Control' }, hint: expect.stringContaining('--port-control') });
  } finally {
    await first.stop();
  }
});

const HASH = `0x${'ab'.repeat(32)}` as const;

test('orders reach the devnet, answers and refusals reach who ordered', async () => {
  const done: unknown[] = [];
  const devnet = notingDevnet(done);
  const { url, stop } = await serveControl(() => devnet);
  try {
    const order = async <T extends DevnetOrder>(wanted: T) => await sendOrder({ url, order: wanted });
    await order({ do: 'hold', chain: 'linea', direction: 'down' });
    await order({ do: 'release' });
    await order({ do: 'mode', mode: 'manual', routes: 'linea anchor zksync' });
    await order({ do: 'delay', seconds: 60, routes: 'up' });
    expect(await order({ do: 'flush', routes: '', now: true, dryRun: false })).toEqual({ name: 'flush', amount: 10n ** 20n });
    await order({ do: 'messages', limit: 3 });
    await order({ do: 'message', hash: HASH });
    await order({ do: 'retry', hash: HASH });
    await order({ do: 'addFault', fault: { kind: 'drop', route: 'linea anchor', count: 2, message: HASH } });
    await order({ do: 'clearFaults', id: 4 });
    await order({ do: 'reorg', chain: 'linea', depth: 2 });
    await order({ do: 'reorg', chain: 'zksync', depth: 1, again: true });
    await order({ do: 'snapshot' });
    expect(await order({ do: 'snapshots' })).toEqual([]);
    await order({ do: 'revert', id: 1 });
    await order({ do: 'dump', file: '/a.dump' });
    await order({ do: 'removeSequencer' });
    expect(await order({ do: 'passTime', seconds: 7 })).toEqual({ timestamp: 7n });
    expect(await order({ do: 'faults' })).toEqual([]);
    expect(done).toEqual([
      ['setMode', 'manual', [{ chain: 'linea', direction: 'down' }]],
      ['routes'],
      ['setMode', 'auto', [{}]],
      ['routes'],
      ['setMode', 'manual', [{ chain: 'linea', role: 'anchor' }, { chain: 'zksync' }]],
      ['routes'],
      ['setDelay', 60, [{ direction: 'up' }]],
      ['routes'],
      ['flush', { routes: [], now: true, dryRun: false }],
      ['messages', { limit: 3 }],
      ['message', HASH],
      ['retry', HASH],
      ['add', { kind: 'drop', route: 'linea anchor', count: 2, message: HASH }],
      ['clear', 4],
      ['reorg', 'linea', 2, { again: false }],
      ['reorg', 'zksync', 1, { again: true }],
      ['snapshot'],
      ['revert', 1],
      ['dump', '/a.dump'],
      ['removeSequencer'],
    ]);
    await expect(order({ do: 'passTime', seconds: 101 })).rejects.toThrow(/refuses: .*too long/);
    const unknown = order({ do: 'passTime', seconds: 99 });
    await expect(unknown).rejects.toThrow(UnknownWordError);
    await expect(unknown).rejects.toThrow('no such word');
    const count = done.length;
    const fromPage = await fetch(url, { method: 'POST', headers: { origin: 'https://example.org' }, body: JSON.stringify({ do: 'removeSequencer' }) });
    expect(fromPage.status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(2_000) })).status).toBe(400);
    expect(done).toHaveLength(count);
  } finally {
    await stop();
  }
});

test('what is no order is refused', () => {
  expect(readOrder('{"do":"hold","direction":"up"}')).toEqual({ do: 'hold', direction: 'up' });
  const refused = [
    ...['', 'null', '{"do":"stop"}', '{"do":"passTime"}', '{"do":"passTime","seconds":-1}', '{"do":"passTime","seconds":0.5}', '{"do":"hold","chain":1}', '{"do":"release","direction":"sideways"}'],
    ...['{"do":"toString"}', '{"do":"mode","mode":"off","routes":""}', '{"do":"flush"}', '{"do":"message","hash":"0x12"}'],
    ...['{"do":"addFault","fault":{"kind":"flood","route":"linea"}}', '{"do":"reorg","chain":"linea"}', '{"do":"faults","id":1}'],
  ];
  for (const text of refused) expect(() => readOrder(text), text).toThrow(RollupError);
});
