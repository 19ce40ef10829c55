import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { ensureBuilt } from '../ensureBuilt.ts';
import { mainComponent, type CircuitInstance } from '../instances.ts';
import { readSources } from '../sources.ts';
import { blake2bOfFile } from './binaryFile.ts';
import type { Transcript } from './transcript.ts';

/** Where a ceremony is and which circuits it is for. */
export interface CeremonyContext {
  /** Everything of the ceremony is in it; it is all that moves between machines. */
  folder: string;
  profile: string;
  instances: readonly CircuitInstance[];
  /** Default: circuits/ and circuits/build/. */
  circuits?: string;
  buildFolder?: string;
  progress: Progress;
  /** Stops; running the same step again goes on. */
  signal?: AbortSignal;
}

export interface CeremonySources {
  main: string;
  sourceHash: string;
  files: Record<string, string>;
}

/** A circuit's sources with what turns them into constraints. */
export function ceremonySources(instance: CircuitInstance, circuits?: string): CeremonySources {
  const { main, files, settings } = readSources(instance, circuits);
  const { circom2, flags } = settings;
  return { main: mainComponent(instance), files, sourceHash: createHash('sha256').update(JSON.stringify({ main, files, circom2, flags })).digest('hex') };
}

/** @throws RollupError when the checkout's circuits are not those that the ceremony started with */
export function checkSources({ instances, circuits, profile }: CeremonyContext, transcript: Transcript): void {
  if (profile !== transcript.profile) {
    throw new RollupError('the ceremony is for another profile', { facts: { expected: transcript.profile, actual: profile }, hint: `Add --profile ${transcript.profile}.` });
  }
  const names = instances.map(({ name }) => name);
  if ([...names].sort().join() !== [...transcript.circuitNames].sort().join()) {
    throw new RollupError('the ceremony is for other circuits', { facts: { expected: transcript.circuitNames.join(', '), actual: names.join(', ') } });
  }
  for (const instance of instances) {
    const record = transcript.circuits[instance.name];
    if (!record) continue;
    const { sourceHash, files, main } = ceremonySources(instance, circuits);
    if (sourceHash === record.sourceHash) continue;
    const changed = [...new Set([...Object.keys(files), ...Object.keys(record.files)])].filter((file) => files[file] !== record.files[file]);
    throw new RollupError(`circuit ${instance.name} has changed since the ceremony started`, {
      facts: { changed: changed.join(', ') || (main === record.main ? 'compiler or its flags' : 'sizes'), expected: record.sourceHash, actual: sourceHash },
      hint: 'Check out the commit that the ceremony started from, or start a new ceremony in another folder: keys belong to one version of a circuit.',
    });
  }
}

export interface CompiledCircuit extends CeremonySources {
  name: string;
  r1cs: string;
  constraints: number;
  publicInputs: number;
  /** Smallest power of a phase 1 that it fits into. */
  power: number;
}

/** The circuits as their sources are now, compiled. */
export async function compiledCircuits({ instances, circuits, buildFolder, progress, signal }: CeremonyContext): Promise<CompiledCircuit[]> {
  const built = await ensureBuilt({
    instances, progress,
    ...(circuits === undefined ? {} : { circuits }),
    ...(buildFolder === undefined ? {} : { buildFolder }),
    ...(signal === undefined ? {} : { signal }),
  });
  return instances.map((instance, i) => {
    const { artifacts, info } = built[i]!;
    const { constraints, publicInputs, domain } = info;
    return { name: instance.name, ...ceremonySources(instance, circuits), r1cs: artifacts.r1cs, constraints, publicInputs, power: Math.log2(domain) };
  });
}

/** @throws RollupError when the file is missing or is not the one that the transcript names */
export async function checkFile(path: string, blake2b: string, what: string): Promise<void> {
  if (!existsSync(path)) throw new RollupError(`${what} is missing`, { facts: { expected: path }, hint: 'The folder of a ceremony moves as a whole: get it again from who ran the last step.' });
  const actual = await blake2bOfFile(path);
  if (actual === blake2b) return;
  throw new RollupError(`${what} is not the file of the transcript`, { facts: { file: path, expected: blake2b, actual }, hint: 'It was changed or swapped: get it again from who ran the step that made it.' });
}
