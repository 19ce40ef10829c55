import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { run } from '../base/exec.ts';
import { foundryBinary, paths } from '../base/paths.ts';

/** Programs that a devnet runs; npm installs each from the package of its name. */
export const tools = ['anvil', 'forge', 'cast'] as const;
export type Tool = (typeof tools)[number];

/** Clients that the tests of ts/test/devnet run, unmodified. */
export const testedClients = ['viem', 'ethers', 'zksync-ethers', '@consensys/linea-sdk'] as const;

interface Manifest {
  version?: string;
  devDependencies?: Record<string, string>;
}

function manifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

/** The version that package.json asks for. @throws RollupError when it names none */
export function pinnedVersion(name: string): string {
  const version = manifest(join(paths.root, 'package.json')).devDependencies?.[name];
  if (version === undefined) throw new RollupError(`package.json does not name ${name}`);
  return version;
}

/** The version of a package that is installed; undefined when it is not. */
export function installedVersion(name: string): string | undefined {
  const file = join(paths.nodeModules, ...name.split('/'), 'package.json');
  return existsSync(file) ? manifest(file).version : undefined;
}

/** Of everything that a devnet's clients may want to know, by name, for its description. */
export function versions(): Record<string, string> {
  const names = [...tools.map((tool) => `@foundry-rs/${tool}`), ...testedClients];
  return { node: process.versions.node, ...Object.fromEntries(names.map((name) => [name.replace('@foundry-rs/', ''), installedVersion(name) ?? 'none'])) };
}

export interface CheckToolParameters {
  tool: Tool;
  /** Default: the one that npm installed. */
  binary?: string;
  /** Default: the one that package.json asks for. */
  expected?: string;
}

/**
 * Asks a program for its version. Others than the pinned one may dump state in another form, or answer differently.
 * @returns the version
 * @throws RollupError with what was found, where, and what to do
 */
export async function checkTool({ tool, binary = foundryBinary(tool), expected = pinnedVersion(`@foundry-rs/${tool}`) }: CheckToolParameters): Promise<string> {
  const hint = 'Run `npm ci`: npm installs the pinned version beside the project; nothing else on this machine is used.';
  const where = relative(paths.root, binary);
  let printed: string;
  try {
    printed = (await run({ command: binary, args: ['--version'] })).stdout;
  } catch (cause) {
    throw new RollupError(`${tool} does not run`, { facts: { expected, program: where }, hint, cause });
  }
  const actual = /\bversion:?\s+v?(\d+\.\d+\.\d+)/i.exec(printed)?.[1] ?? printed.split('\n')[0] ?? '';
  if (actual !== expected) throw new RollupError(`${tool} is not the version that this project is tested with`, { facts: { expected, actual, program: where }, hint });
  return actual;
}

/** What a start needs: anvil runs the chains, forge puts the contracts there. */
export async function checkTools(): Promise<void> {
  await Promise.all((['anvil', 'forge'] as const).map(async (tool) => await checkTool({ tool })));
}
