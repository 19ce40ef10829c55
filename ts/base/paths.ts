import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Every path that the project reads or writes; no other file spells one out. */
export const paths = {
  root,
  params: join(root, 'circuits', 'params.json'),
  circuits: join(root, 'circuits'),
  instances: join(root, 'circuits', 'circuits.json'),
  circuitsReadme: join(root, 'circuits', 'README.md'),
  circuitBuild: join(root, 'circuits', 'build'),
  /** Files of a ceremony unless another folder is named. */
  ceremony: join(root, 'circuits', 'ceremony'),
  nodeModules: join(root, 'node_modules'),
  circomlib: join(root, 'node_modules', 'circomlib', 'circuits'),
  generatedSolidity: join(root, 'src', 'generated'),
  fixtures: join(root, 'test', 'fixtures'),
  forgeOut: join(root, 'out'),
  deployments: join(root, 'script', 'deployments'),
  scriptConfig: join(root, 'script', 'config'),
  generatedAbi: join(root, 'ts', 'chain', 'generated', 'abi.ts'),
  /** State of a running devnet: its description, logs, sequencer data. */
  devnet: join(root, '.devnet'),
  /** States of a devnet's chains right after a deployment, kept between starts. */
  devnetStates: join(root, '.devnet-cache'),
  /** Data of sequencers of deployments, a folder for each. */
  sequencer: join(root, '.sequencer'),
  /** Snapshots of recovered states, a folder for each deployment. */
  recovery: join(root, '.recovery'),
  bench: join(root, 'out', 'bench.json'),
  /** Runs a program of ts/cli: the first argument after it is the program. */
  launcher: join(root, 'ts', 'tools', 'run.cjs'),
} as const;

/** Native binary of one of the foundry tools from npm; falls back to the npm launcher. */
export function foundryBinary(tool: 'forge' | 'anvil' | 'cast'): string {
  const native = join(paths.nodeModules, '@foundry-rs', `${tool}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`, 'bin', tool);
  return existsSync(native) ? native : join(paths.nodeModules, '.bin', tool);
}
