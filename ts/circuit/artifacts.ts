import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import { paths } from '../base/paths.ts';
import { committedProfile, params } from '../spec/params.ts';
import { readInstances, selectInstances } from './instances.ts';
import { withChosenKeys } from './keyChoice.ts';
import { readSources } from './sources.ts';

/** Facts about a built circuit, kept beside its artefacts. Times in seconds, sizes in bytes. */
export interface CircuitInfo {
  name: string;
  hash: string;
  /** Template with its sizes, e.g. `Segment(7, 8, 8, 2)`. */
  main: string;
  /** Source files and settings as `readSources` gives them. */
  files: Record<string, string>;
  settings: Record<string, string>;
  constraints: number;
  wires: number;
  publicInputs: number;
  privateInputs: number;
  /** Size of the evaluation domain, a power of two above the number of constraints. */
  domain: number;
  r1csBytes: number;
  wasmBytes: number;
  zkeyBytes: number;
  r1csSha256: string;
  wasmSha256: string;
  zkeySha256: string;
  vkeySha256: string;
  compileSeconds: number;
  setupSeconds: number;
  /** Peak resident memory of the compiler and of the process that ran the setup. */
  compilePeakBytes: number;
  setupPeakBytes: number;
}

/** Where the files of one built circuit are. */
export interface CircuitArtifacts {
  name: string;
  hash: string;
  folder: string;
  r1cs: string;
  wasm: string;
  sym: string;
  zkey: string;
  vkey: string;
  info: string;
}

export function artifactPaths(name: string, hash: string, buildFolder: string = paths.circuitBuild): CircuitArtifacts {
  const folder = join(buildFolder, `${name}-${hash}`);
  const file = (end: string): string => join(folder, `${name}.${end}`);
  return {
    name, hash, folder,
    r1cs: file('r1cs'), wasm: file('wasm'), sym: file('sym'), zkey: file('zkey'),
    vkey: join(folder, 'vkey.json'),
    info: join(folder, 'info.json'),
  };
}

/** A folder appears under its final name only when it is complete. */
export function isBuilt({ info }: CircuitArtifacts): boolean {
  return existsSync(info);
}

/** Artefacts of a circuit as its sources are now, in the chosen profile, with the chosen keys. @throws RollupError when it has not been built since they changed */
export function circuitArtifacts(name: string): CircuitArtifacts {
  const instances = readInstances();
  selectInstances(instances, [name]);
  const hashes = Object.fromEntries(instances.map((instance) => [instance.name, readSources(instance).hash]));
  const artifacts = artifactPaths(name, hashes[name]!);
  if (isBuilt(artifacts)) return withChosenKeys([artifacts], hashes, paths.circuitBuild)[0]!;
  const flags = params.profile === committedProfile ? '' : ` --profile ${params.profile}`;
  throw new RollupError(`circuit ${name} is not built`, { facts: { missing: artifacts.folder }, hint: `Run \`npm run circuit -- build${flags}\`.` });
}

export function readInfo(artifacts: CircuitArtifacts): CircuitInfo {
  return JSON.parse(readFileSync(artifacts.info, 'utf8')) as CircuitInfo;
}
