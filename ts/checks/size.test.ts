import { expect, test } from 'vitest';
import { handWrittenCode, textOf } from './repository.ts';

const MAXIMUM_LINES = 400;
/** Also in columns: `forge fmt` keeps statements short but not comments, and nothing formats TypeScript. */
const MAXIMUM_COLUMNS = 240;

function tooLong(file: string, text: string): string[] {
  const lines = text.split('\n');
  const count = lines.length - (text.endsWith('\n') ? 1 : 0);
  return [
    ...(count > MAXIMUM_LINES ? [`${file} has ${count} lines`] : []),
    ...lines.flatMap((line, i) => (line.length > MAXIMUM_COLUMNS ? [`${file}:${i + 1} has ${line.length} columns`] : [])),
  ];
}

test(`hand-written files have at most ${MAXIMUM_LINES} lines of at most ${MAXIMUM_COLUMNS} columns`, () => {
  expect(handWrittenCode().flatMap((file) => tooLong(file, textOf(file)))).toEqual([]);
});

test('a long file and a long line are seen', () => {
  expect(tooLong('a.ts', 'a\n'.repeat(MAXIMUM_LINES))).toEqual([]);
  expect(tooLong('a.ts', 'a\n'.repeat(MAXIMUM_LINES + 1))).toEqual(['a.ts has 401 lines']);
  expect(tooLong('a.ts', `a\n${'b'.repeat(MAXIMUM_COLUMNS + 1)}`)).toEqual(['a.ts:2 has 241 columns']);
});
