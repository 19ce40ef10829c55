import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Hex } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { Progress } from '../../base/progress.ts';
import type { Deployment } from '../../chain/deployments.ts';
import { dumpChain, headOf, nodeOf } from './chainState.ts';
import { type DevnetDump, readDump, writeDump } from './dumpFile.ts';
import { type DevnetParts, quiet } from './parts.ts';
import type { StoredDeployment } from './preBuilt.ts';
import { contractsKey } from './stateKey.ts';

/** Version of the installed anvil, e.g. `1.7.1`. */
export function anvilVersion(): string {
  const file = join(paths.nodeModules, '@foundry-rs', 'anvil', 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

export interface DumpReturnType {
  file: string;
  bytes: number;
  chains: { name: string; block: number }[];
  sequencer: boolean;
}

/**
 * Writes a running devnet into one file, at one quiet point of all its parts.
 * @throws RollupError when the file cannot be written (what was there before stays), or a chain is a fork
 */
export async function dumpDevnet({ parts, deployment, file }: { parts: DevnetParts; deployment: Deployment; file: string }): Promise<DumpReturnType> {
  if (parts.forked) throw new RollupError('A devnet with forked chains cannot be dumped', { hint: 'What they did not change is at their origin only. Snapshots work.' });
  const dump = await quiet(parts, async (): Promise<DevnetDump> => {
    const sequencer = parts.sequencer();
    const chains = await Promise.all(parts.chains.map(async (chain) => {
      const chainId = Number((await nodeOf(chain)({ method: 'eth_chainId', params: [] })) as Hex);
      return { name: chain.name, chainId, ...(await dumpAtHead(chain)) };
    }));
    return {
      anvil: anvilVersion(),
      contracts: contractsKey(),
      createdAt: new Date().toISOString(),
      deployment,
      chains,
      ...(sequencer === undefined ? {} : { sequencer: readFolder(sequencer.dataDir) }),
    };
  });
  const bytes = await writeDump(file, dump);
  return { file, bytes, chains: dump.chains.map(({ name, head }) => ({ name, block: head.number })), sequencer: dump.sequencer !== undefined };
}

/** A user's block may come between the two looks: then once more. */
async function dumpAtHead(chain: DevnetParts['chains'][number]): Promise<Pick<DevnetDump['chains'][number], 'head' | 'state'>> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const head = await headOf(chain);
    const state = await dumpChain(chain);
    if ((await headOf(chain)).hash === head.hash) return { head, state };
  }
  throw new RollupError(`Chain ${chain.name} makes blocks too fast to be dumped`, { hint: 'Stop what sends transactions, or its block time.' });
}

export interface LoadedDump extends StoredDeployment {
  /** Writes the sequencer's files into its data folder, which holds nothing else afterwards. Absent for a devnet that had no sequencer. */
  restoreSequencer?: (dataDir: string) => void;
  /** Deletes the files that the chains are started from. */
  remove(): void;
}

/**
 * Reads a dump and puts the chains' states into files that anvil loads.
 * @param folder for these files
 * @throws RollupError when it is no whole dump of this version; nothing is written then
 */
export async function openDump({ file, folder, progress }: { file: string; folder: string; progress: Progress }): Promise<LoadedDump> {
  const { deployment, chains, sequencer, contracts, createdAt } = await readDump(file, { anvil: anvilVersion() });
  progress.report(`loading ${file}, written at ${createdAt}`);
  if (contracts !== contractsKey()) progress.report('note: it was written with other contracts than those of this checkout; their code is as it was there');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stored = chains.map(({ state, ...chain }) => {
    const path = join(folder, `${chain.chainId}.json`);
    writeFileSync(path, state);
    return { ...chain, file: path };
  });
  return {
    deployment,
    chains: stored,
    ...(sequencer === undefined ? {} : { restoreSequencer: (dataDir: string) => writeFolder(dataDir, sequencer) }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readFolder(folder: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = readFileSync(path, 'utf8');
  }
  return files;
}

function writeFolder(folder: string, files: Record<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    if (relative(folder, path).startsWith('..')) throw new RollupError('The dump names a file outside of its folder', { facts: { name } });
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
