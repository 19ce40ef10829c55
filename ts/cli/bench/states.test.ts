import { expect, test } from 'vitest';
import { formatFigures } from './figure.ts';
import { stateFigures } from './states.ts';

test('figures of the state of a devnet stand against their marks', () => {
  const measured = { deployed: 4, snapshot: 0.5, revert: 0.6, dump: 0.7, load: 3.5, bytes: 200_000 };
  const figures = stateFigures({ measured, chains: { seconds: 2, resident: 512 * 2 ** 20 }, all: { seconds: 4, resident: 800 * 2 ** 20 } });
  expect(figures.find(({ name }) => name.includes('command to three chains'))).toMatchObject({ value: 2, unit: 'seconds', mark: { value: 3 } });
  expect(figures.filter(({ unit }) => unit === 'mebibytes').map(({ value, mark }) => [value, mark?.value])).toEqual([[512, 1_024], [800, 1_024]]);
  expect(formatFigures(figures)).toContain('1.50 ×');
  expect(stateFigures({ measured, chains: { seconds: 2, resident: 0 }, all: { seconds: 4, resident: 0 } }).some(({ unit }) => unit === 'mebibytes')).toBe(false);
});
