import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { mainSource, type CircuitInstance } from './instances.ts';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME, PHASE1_BEACON, SETUP_VERSION, phase2Beacon } from './setup/beacons.ts';

/** Flags of every compilation; they are part of the hash. */
export const COMPILE_FLAGS = ['--r1cs', '--wasm', '--sym', '--O2'] as const;

/** Folders in which circom looks for includes, with the name under which the hash lists their files. */
export function libraryFolders(circuits: string = paths.circuits): { name: string; folder: string }[] {
  return [
    { name: 'circuits', folder: realpathSync(circuits) },
    { name: 'circomlib', folder: realpathSync(paths.circomlib) },
    { name: 'node_modules', folder: realpathSync(paths.nodeModules) },
  ];
}

export interface CircuitSources {
  main: string;
  /** All circom files that the circuit includes, by name, with the first 16 hex digits of their SHA-256. */
  files: Record<string, string>;
  /** What else the artefacts depend on: versions of compiler and tools, flags, beacons. */
  settings: Record<string, string>;
  /** Template of each component by `Template.component`, as the sources declare them. */
  components: ReadonlyMap<string, string>;
  /** 16 hex digits over everything that the artefacts depend on. */
  hash: string;
}

/** Reads the circuit with all its includes. @throws RollupError when an include is missing */
export function readSources(instance: CircuitInstance, circuits: string = paths.circuits): CircuitSources {
  const libraries = libraryFolders(circuits);
  const contents = new Map<string, Buffer>();
  const visit = (include: string, from: string, includedBy: string): void => {
    const path = [from, ...libraries.map(({ folder }) => folder)].map((folder) => join(folder, include)).find((candidate) => existsSync(candidate));
    if (path === undefined) {
      throw new RollupError(`${includedBy} includes ${include}, which does not exist`, {
        facts: { searched: [from, ...libraries.map(({ folder }) => folder)].join(', ') },
        hint: 'Correct the include, or run `npm ci` when it is a file of circomlib.',
      });
    }
    const name = nameOf(path, libraries);
    if (contents.has(name)) return;
    const content = readFileSync(path);
    contents.set(name, content);
    for (const next of includesOf(content.toString('utf8'))) visit(next, dirname(path), name);
  };
  visit(instance.file, realpathSync(circuits), `circuit ${instance.name}`);

  const main = mainSource(instance);
  const names = [...contents.keys()].sort();
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  const digests = names.map((name): [string, string] => [name, digest(contents.get(name)!)]);
  const circom2 = packageVersion('circom2');
  const snarkjs = packageVersion('snarkjs');
  const setup = [SETUP_VERSION, PHASE1_BEACON, phase2Beacon(instance.name), BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME];
  const hash = digest(Buffer.from(JSON.stringify({ main, files: digests, circom2, snarkjs, flags: COMPILE_FLAGS, setup }))).slice(0, 16);
  return {
    main,
    files: Object.fromEntries(digests.map(([name, hex]) => [name, hex.slice(0, 16)])),
    settings: { circom2, snarkjs, flags: COMPILE_FLAGS.join(' '), setup: digest(Buffer.from(JSON.stringify(setup))).slice(0, 16) },
    hash,
    get components() {
      return componentsOf([...contents.values()].map((content) => content.toString('utf8')));
    },
  };
}

function componentsOf(sources: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const source of sources) {
    const [, ...parts] = withoutComments(source).split(/^\s*template\s+(?:custom\s+|parallel\s+)*(?=\w)/m);
    for (const part of parts) {
      const template = /^\w+/.exec(part)?.[0] ?? '';
      for (const [, component = '', name = ''] of part.matchAll(/\b(\w+)(?:\[[^\]=]*\])*\s*=\s*(?:parallel\s+)?([A-Z]\w*)\(/g)) found.set(`${template}.${component}`, name);
    }
  }
  return found;
}

function includesOf(source: string): string[] {
  return [...withoutComments(source).matchAll(/\binclude\s+"([^"]+)"/g)].map((match) => match[1]!);
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
}

function nameOf(path: string, libraries: readonly { name: string; folder: string }[]): string {
  for (const { name, folder } of libraries) {
    const inside = relative(folder, path);
    if (!inside.startsWith('..')) return `${name}/${inside}`;
  }
  return path;
}

function packageVersion(name: string): string {
  const { version } = JSON.parse(readFileSync(join(paths.nodeModules, name, 'package.json'), 'utf8')) as { version: string };
  return version;
}
