import { expect, test } from 'vitest';
import { isGenerated, isRuleItself, repositoryFiles, textOf } from './repository.ts';
import { wordViolations } from './words.ts';

test('one word for each thing: the words of the glossary are used everywhere', () => {
  const files = repositoryFiles().filter((file) => /\.(ts|cjs|sol|circom|md|json|toml)$|^\.ci\//.test(file) && !isGenerated(file) && !isRuleItself(file));
  expect(files.flatMap((file) => wordViolations(file, textOf(file)))).toEqual([]);
});

test('another word is seen, and the word to use is named', () => {
  expect(wordViolations('src/A.sol', 'a\nuint256 slaverChains;')).toEqual(['src/A.sol:2: use "secondary": uint256 slaverChains;']);
  expect(wordViolations('README.md', 'the master chain')).toEqual(['README.md:1: use "primary": the master chain']);
  expect(wordViolations('ts/a.ts', 'isMasterChain()')).toHaveLength(1);
  expect(wordViolations('README.md', 'mastering the paymaster')).toEqual([]);
  expect(wordViolations('ts/sequencer/a.ts', 'const priorityOps = []')).toHaveLength(1);
  expect(wordViolations('script/devnet/zksync/A.sol', 'const priorityOps = []')).toEqual([]);
});
