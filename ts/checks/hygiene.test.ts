import { expect, test } from 'vitest';
import { badTestNames, hygieneViolations, npmScriptsIn, strangersAtTheTop } from './hygiene.ts';
import { handWrittenCode, isRuleItself, repositoryFiles, textOf } from './repository.ts';

const scripts = Object.keys((JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts);

test('no path of one machine, no registry, no key of a service, no work left behind', () => {
  const files = repositoryFiles().filter((file) => file !== 'LICENSE' && !isRuleItself(file));
  expect(files.flatMap((file) => hygieneViolations(file, textOf(file)))).toEqual([]);
});

test('every such thing is seen', () => {
  const seen = (line: string): string[] => hygieneViolations('a.ts', line).map((violation) => violation.split(': ')[1] ?? '');
  for (const line of [`'/home/ann/x'`, '"/Users/ann/x"', 'cd /tmp/out', '`/mnt/repo`', `'C:\\Users\\ann'`]) expect(seen(line)).toEqual(['path of one machine']);
  // Put together here, so that this file names none either.
  const host = (start: string): string => `https://${start}.example.com/viem`;
  for (const line of [host('registry'), `registry=${host('packages')}`, host('deb')]) expect(seen(line)).toEqual(['host of a package registry']);
  expect(seen('https://mainnet.infura.io/v3/0123abcd')).toEqual(['key of a service']);
  expect(seen(`request({ method: '${'anvil'}_nodeInfo' })`)).toEqual(['call that can hang anvil for good (anvil_metadata cannot)']);
  for (const line of [`// ${'TO'}DO later`, `/* ${'FIX'}ME */`]) expect(seen(line)).toEqual(['work left behind']);
  // Imports, routes, URLs and relative paths are no paths of a machine.
  for (const line of [`from './commands/registry.ts'`, `'../../tmp/x'`, 'https://example.org/home/page', '`${root}/mnt/x`', '/** tmp/x */', '/blocks/:n']) expect(seen(line)).toEqual([]);
});

test('the root of the checkout holds the known names only', () => {
  expect(strangersAtTheTop(repositoryFiles())).toEqual([]);
  expect(strangersAtTheTop(['src/a.sol', 'bench.txt', '.ci/run', 'docs/a.md', 'docs/b.md'])).toEqual(['bench.txt', 'docs']);
});

test('every npm script that a document, a help text or a message names exists', () => {
  const files = repositoryFiles().filter((file) => /\.(md|ts|sol)$|^\.ci\//.test(file) && !isRuleItself(file));
  const unknown = files.flatMap((file) => npmScriptsIn(textOf(file)).flatMap((name) => (scripts.includes(name) ? [] : [`${file}: npm run ${name}`])));
  expect(unknown).toEqual([]);
  expect(npmScriptsIn('Run `npm run gen:check`, then npm test; npm ci; npm run cli -- --help')).toEqual(['cli', 'gen:check', 'test']);
});

test('Solidity files carry the licence and one compiler version', () => {
  const head = /^\/\/ SPDX-License-Identifier: GPL-3\.0-or-later\npragma solidity 0\.8\.37;\n/;
  expect(handWrittenCode().filter((file) => file.endsWith('.sol') && !head.test(textOf(file)))).toEqual([]);
});

test('circuits carry the licence', () => {
  const head = /^\/\/ SPDX-License-Identifier: GPL-3\.0-or-later\npragma circom 2\.\d\.\d;\n/;
  expect(handWrittenCode().filter((file) => file.endsWith('.circom') && !head.test(textOf(file)))).toEqual([]);
});

test('forge tests are named test_X, testFuzz_X or invariant_X', () => {
  const files = handWrittenCode().filter((file) => file.endsWith('.t.sol'));
  expect(files.flatMap((file) => badTestNames(textOf(file)).map((name) => `${file}: ${name}`))).toEqual([]);
  expect(badTestNames('    function testDeposit() public {\n    function test_Deposit() public {\n    function invariantSolvent() public {\n    function test_deposit_twice() public {')).toEqual(['testDeposit', 'invariantSolvent']);
});
