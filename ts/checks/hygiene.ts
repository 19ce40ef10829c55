/** Rules that hold for the text of every file, whatever it is about. */
export interface TextRule {
  name: string;
  pattern: RegExp;
}

export const textRules: readonly TextRule[] = [
  { name: 'path of one machine', pattern: /(?<![\w.$}*)/-])\/(?:work|root|tmp|mnt|opt|private|var\/folders|home\/[\w-]+|Users\/\w+)\/[\w.@]/ },
  { name: 'path of one machine', pattern: /\b[A-Z]:\\{1,2}(?:Users|Windows|Program)/ },
  { name: 'host of a package registry', pattern: /\b(?:registry|packages|deb)\.[a-z0-9-]+\.[a-z]{2,}\b/i },
  { name: 'key of a service', pattern: /https?:\/\/[^\s"'`]*(?:api[_-]?key=|infura\.io\/v3\/\w|alchemy\.com\/v2\/\w)/i },
  // Anvil 1.7.1 takes two locks there in another order than while it mines a block.
  { name: 'call that can hang anvil for good (anvil_metadata cannot)', pattern: /method: '(?:anvil)_nodeInfo'/ },
  { name: 'work left behind', pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/ },
];

/** One line for each place in `text` that breaks a rule. */
export function hygieneViolations(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, i) => {
    const broken = textRules.filter(({ pattern }) => pattern.test(line));
    return broken.map(({ name }) => `${file}:${i + 1}: ${name}: ${line.trim().slice(0, 120)}`);
  });
}

/** Names that the root of the checkout may hold besides dotfiles. */
export const topLevel: readonly string[] = [
  'src',
  'script',
  'test',
  'lib',
  'circuits',
  'ts',
  'foundry.toml',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'SECURITY.md',
];

export function strangersAtTheTop(files: readonly string[]): string[] {
  const names = new Set(files.map((file) => file.split('/')[0] ?? file));
  return [...names].filter((name) => !name.startsWith('.') && !topLevel.includes(name)).sort();
}

/** Scripts that a document tells its reader to run, without npm's own (`npm test` is `npm run test`). */
export function npmScriptsIn(text: string): string[] {
  const run = [...text.matchAll(/\bnpm run ([a-z][\w:-]*)/g)].map((match) => match[1] ?? '');
  const own = /\bnpm (?:test|t)\b/.test(text) ? ['test'] : [];
  return [...new Set([...run, ...own])].sort();
}

/** Test functions of a forge test file whose name does not say at once what kind of test it is. */
export function badTestNames(text: string): string[] {
  const names = [...text.matchAll(/^ {4}function (test\w*|invariant\w*|check\w*)\(/gm)].map((match) => match[1] ?? '');
  return names.filter((name) => !/^(?:test|testFuzz|invariant)_[A-Za-z]/.test(name));
}
