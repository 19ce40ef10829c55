import { expect, test } from 'vitest';
import { RollupError } from '../base/errors.ts';
import { type Controlled, readOrder, sendOrder, serveControl } from './control.ts';

test('orders reach the devnet; refusals reach who ordered', async () => {
  const done: unknown[] = [];
  const devnet: Controlled = {
    removeSequencer: async () => void done.push('removed'),
    passTime: async (seconds) => {
      if (seconds > 100) throw new RollupError('too long', { facts: { seconds } });
      done.push(seconds);
    },
    relayers: { hold: async (routes) => void done.push(['hold', routes]), release: (routes) => void done.push(['release', routes]) },
  };
  const { url, stop } = await serveControl(() => devnet);
  try {
    await sendOrder({ url, order: { do: 'hold', chain: 'linea', direction: 'down' } });
    await sendOrder({ url, order: { do: 'release' } });
    await sendOrder({ url, order: { do: 'passTime', seconds: 7 } });
    await sendOrder({ url, order: { do: 'removeSequencer' } });
    expect(done).toEqual([['hold', { chain: 'linea', direction: 'down' }], ['release', {}], 7, 'removed']);
    await expect(sendOrder({ url, order: { do: 'passTime', seconds: 101 } })).rejects.toThrow(/refuses: .*too long/);
    const fromPage = await fetch(url, { method: 'POST', headers: { origin: 'https://example.org' }, body: JSON.stringify({ do: 'removeSequencer' }) });
    expect(fromPage.status).toBe(400);
    expect((await fetch(url, { method: 'POST', body: 'x'.repeat(2_000) })).status).toBe(400);
    expect(done).toHaveLength(4);
  } finally {
    await stop();
  }
});

test('what is no order is refused', () => {
  expect(readOrder('{"do":"hold","direction":"up"}')).toEqual({ do: 'hold', direction: 'up' });
  for (const text of ['', 'null', '{"do":"stop"}', '{"do":"passTime"}', '{"do":"passTime","seconds":-1}', '{"do":"passTime","seconds":0.5}', '{"do":"hold","chain":1}', '{"do":"release","direction":"sideways"}']) {
    expect(() => readOrder(text), text).toThrow(RollupError);
  }
});
