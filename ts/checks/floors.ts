import { posix } from 'node:path';

/** Floor of each folder below ts/: a module imports its own folder and lower floors only. Equal floors do not see each other. */
export const tsFloors: Readonly<Record<string, number>> = {
  types: 0,
  base: 0,
  spec: 1,
  state: 2,
  circuit: 2,
  prover: 3,
  fixtures: 4,
  chain: 4,
  sequencer: 5,
  recovery: 5,
  devnet: 6,
  network: 7,
  cli: 8,
};

/** Floor of each folder below src/. Contracts directly in src/ stand above all of them. */
export const solFloors: Readonly<Record<string, number>> = { types: 0, generated: 1, libraries: 2, interfaces: 3, rollup: 4, gateways: 4 };
const LEAF_CONTRACTS = 5;

/** What the roots of the checkout may import of each other. */
const solRoots: Readonly<Record<string, readonly string[]>> = { src: ['src'], script: ['script', 'src'], test: ['test', 'script', 'src'] };

/**
 * Relative and absolute module names that a file imports.
 * Comments and strings elsewhere are not told apart: the pattern is anchored at the statement's keyword.
 */
export function importsOf(file: string, text: string): string[] {
  const pattern = file.endsWith('.sol')
    ? /^\s*import\s[^;]*?["']([^"']+)["'];/gm
    : /^\s*(?:import|export)\s(?:[^;'"]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\bnew URL\(\s*['"](\.[^'"]+\.ts)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

/** One line for each import of `file` that breaks a rule, e.g. `state/ledger.ts may not import chain/clients.ts (2 → 4)`. */
export function floorViolations(file: string, text: string): string[] {
  const targets = importsOf(file, text).filter((name) => name.startsWith('.') && !name.endsWith('.json'));
  return targets.flatMap((name) => {
    const target = posix.normalize(posix.join(posix.dirname(file), name));
    const line = file.endsWith('.sol') ? solViolation(file, target) : tsViolation(file, target);
    return line === undefined ? [] : [line];
  });
}

function tsViolation(file: string, target: string): string | undefined {
  const from = tsPlace(file);
  const to = tsPlace(target);
  // Tests may use everything; so may the configuration files directly in ts/.
  if (from === undefined || /\.test\.ts$/.test(file)) return undefined;
  if (to === undefined) return target === 'ts/wagmi.config.ts' && from.folder === 'chain' ? undefined : `${file} may not import ${target} (outside of the floors)`;
  if (/\.test\.ts$/.test(target)) return `${file.slice(3)} may not import ${target.slice(3)} (a test)`;
  if (from.folder === to.folder || to.floor < from.floor || (to.floor === from.floor && to.floor === 0)) return undefined;
  return `${file.slice(3)} may not import ${target.slice(3)} (${from.floor} → ${to.floor})`;
}

function tsPlace(file: string): { folder: string; floor: number } | undefined {
  const [root, folder, rest] = file.split('/');
  if (root !== 'ts' || folder === undefined || rest === undefined) return undefined;
  const floor = tsFloors[folder];
  return floor === undefined ? undefined : { folder, floor };
}

function solViolation(file: string, target: string): string | undefined {
  const fromRoot = file.split('/')[0] ?? '';
  const toRoot = target.split('/')[0] ?? '';
  if (!solRoots[fromRoot]?.includes(toRoot)) return `${file} may not import ${target} (${fromRoot} → ${toRoot})`;
  if (fromRoot !== 'src') return undefined;
  const from = solPlace(file);
  const to = solPlace(target);
  if (from.folder === to.folder) return undefined;
  return to.floor < from.floor ? undefined : `${file} may not import ${target} (${from.floor} → ${to.floor})`;
}

function solPlace(file: string): { folder: string; floor: number } {
  const [, folder = '', rest] = file.split('/');
  if (rest === undefined) return { folder: '', floor: LEAF_CONTRACTS };
  return { folder, floor: solFloors[folder] ?? Number.POSITIVE_INFINITY };
}

/** Packages that a file imports although package.json (TypeScript) or foundry.toml's remappings (Solidity) do not name them. */
export function undeclaredPackages(file: string, text: string, declared: readonly string[]): string[] {
  const names = importsOf(file, text).filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
  const known = (name: string): boolean => declared.some((one) => (file.endsWith('.sol') ? name.startsWith(one) : name === one || name.startsWith(`${one}/`)));
  return names.filter((name) => !known(name)).map((name) => `${file} imports ${name}, which is not declared`);
}
