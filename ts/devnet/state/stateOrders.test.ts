import { expect, test } from 'vitest';
import { parseStateOrder, stateAnswerText } from './stateOrders.ts';

const parse = (text: string): ReturnType<typeof parseStateOrder> => parseStateOrder(text.split(' '), (path) => `/here/${path}`);

test('orders in words', () => {
  expect(parse('snapshot')).toEqual({ do: 'snapshot' });
  expect(parse('snapshots')).toEqual({ do: 'snapshots' });
  expect(parse('revert 12')).toEqual({ do: 'revert', id: 12 });
  expect(parse('dump a.dump')).toEqual({ do: 'dump', file: '/here/a.dump' });
  expect(parse('hold linea')).toBeUndefined();
});

test.each([
  ...[['snapshot 1', 'snapshot'], ['snapshots x', 'snapshots'], ['revert', 'revert NUMBER'], ['revert 0', 'revert NUMBER'], ['revert one', 'revert NUMBER']],
  ...[['revert 1 2', 'revert NUMBER'], ['dump', 'dump FILE'], ['dump a b', 'dump FILE']],
] as [string, string][])(
  '%s is refused',
  (text, expected) => expect(() => parse(text)).toThrow(expect.objectContaining({ message: 'The devnet does not know this order', facts: { expected, actual: text } })),
);

test('answers are one line each', () => {
  const snapshot = { id: 2, takenAt: '2026-01-01T00:00:00.000Z', ahead: 0, chains: [{ name: 'linea', block: 9 }, { name: 'zksync', block: 14 }], sequencer: true };
  expect(stateAnswerText({ do: 'snapshot' }, snapshot)).toBe('snapshot 2: 2026-01-01T00:00:00.000Z, linea 9, zksync 14, sequencer');
  expect(stateAnswerText({ do: 'revert', id: 2 }, { ...snapshot, sequencer: false, ahead: 60 })).toBe('back at snapshot 2: 2026-01-01T00:00:00.000Z, linea 9, zksync 14, clocks 60 s ahead');
  expect(stateAnswerText({ do: 'snapshots' }, [])).toBe('no snapshots');
  expect(stateAnswerText({ do: 'dump', file: 'a' }, { file: 'a', bytes: 12_345, chains: [{ name: 'linea', block: 9 }], sequencer: false })).toBe('a: 12,345 bytes, linea 9');
});
