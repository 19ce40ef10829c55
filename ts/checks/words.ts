/** A word that the glossary replaces. `foreignToo`: also where other systems' ABIs and names are spoken. */
interface ReplacedWord {
  pattern: RegExp;
  use: string;
  foreignToo: boolean;
}

export const replacedWords: readonly ReplacedWord[] = [
  { pattern: /slave/i, use: 'secondary', foreignToo: true },
  { pattern: /(?<!pay)master(?!ing|ed|ful|y)/i, use: 'primary', foreignToo: true },
  { pattern: /exodus/i, use: 'exit mode', foreignToo: true },
  { pattern: /(?<![A-Za-z])Hashs\b/i, use: 'hashes', foreignToo: true },
  { pattern: /\bsyncHash\w*List\b/, use: 'syncHashes', foreignToo: true },
  { pattern: /\bpriorityOp(?:eration)?s?\b/, use: 'priority request', foreignToo: false },
];

/** The message services keep the names that their real ABIs have. */
const foreign = [/^script\/devnet\//, /^src\/interfaces\/external\//, /^src\/gateways\//, /^ts\/devnet\//, /^test\/.*(?:ZkSync|Linea)/];

/** One line for each place that uses another word than the glossary's. */
export function wordViolations(file: string, text: string): string[] {
  const isForeign = foreign.some((pattern) => pattern.test(file));
  const words = replacedWords.filter(({ foreignToo }) => foreignToo || !isForeign);
  return text.split('\n').flatMap((line, i) => {
    const wrong = words.find(({ pattern }) => pattern.test(line));
    return wrong ? [`${file}:${i + 1}: use "${wrong.use}": ${line.trim().slice(0, 100)}`] : [];
  });
}
