import { expect, test } from 'vitest';
import { isGenerated, repositoryFiles, textOf } from './repository.ts';

/** Words that the glossary replaces: pattern → the word to use. */
const replaced: readonly [RegExp, string][] = [
  [/sla[v]er?s?\b/i, 'secondary'],
  [/\bmaster(?!ing|ed)\w*/i, 'primary'],
  [/\bexo[d]us/i, 'exit mode'],
  [/\bHash[s]\b/, 'hashes'],
  [/\bsyncHash\w*Lis[t]\b/, 'syncHashes'],
  [/\bpriorityOp(?:eration)?[s]?\b/, 'priority request'],
];

/** The words of other systems are theirs: the message services keep the names that their ABIs have. */
const foreign = [/^script\/devnet\//, /^src\/interfaces\/external\//, /^ts\/devnet\//, /^ts\/checks\//, /^src\/gateways\//, /^test\/.*(?:ZkSync|Linea)/, /^LICENSE$/];

test('one word for each thing: the words of the glossary are used everywhere', () => {
  const files = repositoryFiles().filter((file) => /\.(ts|sol|circom|md)$/.test(file) && !isGenerated(file) && !foreign.some((pattern) => pattern.test(file)));
  const found = files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, i) => {
        const wrong = replaced.find(([pattern]) => pattern.test(line));
        return wrong ? [`${file}:${i + 1}: use "${wrong[1]}": ${line.trim().slice(0, 100)}`] : [];
      }),
  );
  expect(found).toEqual([]);
});
