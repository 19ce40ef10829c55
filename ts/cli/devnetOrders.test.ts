import { expect, test } from 'vitest';

import { orderDevnet, parseOrder } from './devnetOrders.ts';

test('orders in words', () => {
  expect(parseOrder(['remove-sequencer'])).toEqual({ do: 'removeSequencer' });
  expect(parseOrder(['hold'])).toEqual({ do: 'hold' });
  expect(parseOrder(['hold', 'linea', 'down'])).toEqual({ do: 'hold', chain: 'linea', direction: 'down' });
  expect(parseOrder(['release', 'up'])).toEqual({ do: 'release', direction: 'up' });
  for (const [text, seconds] of [['7', 7], ['90m', 5_400], ['36h', 129_600], ['4d', 345_600]] as const) expect(parseOrder(['pass-time', text])).toEqual({ do: 'passTime', seconds });
});

test('what is no order is refused with what was expected', () => {
  for (const words of [['halt'], ['remove-sequencer', 'now'], ['hold', 'linea', 'zksync'], ['hold', 'up', 'down'], ['pass-time'], ['pass-time', '0'], ['pass-time', '4w'], ['pass-time', '4d', '5d']]) {
    expect(() => parseOrder(words), words.join(' ')).toThrow(expect.objectContaining({ facts: expect.objectContaining({ actual: words.join(' ') }) }));
  }
});

test('without a devnet there is nobody to order', async () => {
  await expect(orderDevnet({ file: '/nowhere/devnet.json', order: { do: 'hold' } })).rejects.toThrow('No devnet that takes orders is running');
});
