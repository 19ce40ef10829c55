import { expect, test } from 'vitest';
import { handWrittenCode, isGenerated, repositoryFiles, textOf } from './repository.ts';

const MAXIMUM_LINES = 400;

test(`hand-written files have at most ${MAXIMUM_LINES} lines`, () => {
  const long = handWrittenCode().flatMap((file) => {
    const lines = textOf(file).split('\n').length - 1;
    return lines > MAXIMUM_LINES ? [`${file} has ${lines} lines`] : [];
  });
  expect(long).toEqual([]);
});

test('generated code says so in its first line, and nothing else does', () => {
  const says = (file: string): boolean => /generated/i.test(textOf(file).split('\n')[0] ?? '');
  const code = repositoryFiles().filter((file) => /\.(ts|sol|circom)$/.test(file));
  expect(code.filter((file) => isGenerated(file) && !says(file))).toEqual([]);
  expect(code.filter((file) => !isGenerated(file) && says(file))).toEqual([]);
});

test('Solidity files carry the licence and one compiler version', () => {
  const files = handWrittenCode().filter((file) => file.endsWith('.sol'));
  const head = /^\/\/ SPDX-License-Identifier: GPL-3\.0-or-later\npragma solidity 0\.8\.37;\n/;
  expect(files.filter((file) => !head.test(textOf(file)))).toEqual([]);
});

test('no file names a path of one machine, a package registry or a key service', () => {
  // Written so that this file does not contain what it looks for.
  const forbidden = [/\/(?:work|root|home\/[a-z]\w*|Users\/\w+)\/[\w.]/, /\bregistry\.(?!npmjs\.org\/?["'])[a-z-]+\.[a-z]/, /https?:\/\/[^\s"']*(?:api[_-]?key|infura\.io\/v3\/\w)/i];
  const found = repositoryFiles()
    .filter((file) => /\.(ts|cjs|mjs|sol|circom|md|json|toml|yml|yaml|sh)$/.test(file) || file === '.ci/run')
    .flatMap((file) => {
      const lines = textOf(file).split('\n');
      return lines.flatMap((line, i) => (forbidden.some((pattern) => pattern.test(line)) ? [`${file}:${i + 1}: ${line.trim().slice(0, 120)}`] : []));
    });
  expect(found).toEqual([]);
});

test('no work is left behind in comments', () => {
  const marks = new RegExp(`\\b(?:${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`);
  expect(handWrittenCode().filter((file) => marks.test(textOf(file)))).toEqual([]);
});
