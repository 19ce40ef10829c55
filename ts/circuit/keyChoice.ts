import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RollupError } from '../base/errors.ts';
import type { Hex } from '../spec/hex.ts';
import type { CircuitArtifacts } from './artifacts.ts';
import { developmentKeys, type KeyProvenance } from './keyProvenance.ts';

/** The ceremony whose keys a checkout uses instead of development keys: `keys.json` in the build folder. */
export interface KeyChoice {
  /** SHA-256 of the transcript, 64 hex digits. */
  transcriptHash: string;
  /** Hash of the build that each circuit's key belongs to, by circuit. */
  circuits: Record<string, string>;
}

const PROVENANCE = 'provenance.json';

/** Folder of a ceremony's keys below the build folder. */
export function ceremonyKeyFolder(buildFolder: string, transcriptHash: string): string {
  return join(buildFolder, `ceremony-${transcriptHash.slice(0, 16)}`);
}

/**
 * Artefacts with the keys that the checkout has chosen. A ceremony's keys hold for all its circuits or for none, because keys must have
 * one phase 1 in common: as soon as a circuit differs from what the ceremony was for, all have development keys again.
 */
export function withChosenKeys(artifacts: readonly CircuitArtifacts[], all: Readonly<Record<string, string>>, buildFolder: string): CircuitArtifacts[] {
  const choice = readKeyChoice(buildFolder);
  if (!choice || Object.entries(choice.circuits).some(([name, hash]) => all[name] !== hash)) return [...artifacts];
  const folder = ceremonyKeyFolder(buildFolder, choice.transcriptHash);
  return artifacts.map((circuit) => {
    const keys = keyFiles(folder, circuit.name);
    if (choice.circuits[circuit.name] === undefined) return circuit;
    if (!existsSync(keys.zkey) || !existsSync(keys.vkey)) {
      throw new RollupError(`the ceremony's key of circuit ${circuit.name} is missing`, { facts: { missing: keys.zkey }, hint: 'Run `npm run circuit -- ceremony export` again, or with --remove to go back to development keys.' });
    }
    return { ...circuit, ...keys };
  });
}

/** Where the keys of these artefacts come from. @throws RollupError when they do not all come from one place */
export function provenanceOf(artifacts: readonly CircuitArtifacts[]): KeyProvenance {
  const hashes = new Set(artifacts.map(({ vkey }) => {
    const path = join(dirname(vkey), PROVENANCE);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { transcriptHash: string }).transcriptHash : undefined;
  }));
  if (hashes.size > 1) throw new RollupError('keys of different origin do not fit together', { facts: { origins: [...hashes].map((hash) => hash ?? 'development').join(', ') } });
  const [hash] = hashes;
  return hash === undefined ? developmentKeys : { kind: 'ceremony', transcriptHash: `0x${hash}` satisfies Hex };
}

/** Undefined for development keys. */
export function readKeyChoice(buildFolder: string): KeyChoice | undefined {
  const path = choicePath(buildFolder);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as KeyChoice) : undefined;
}

/** Chooses keys that are in `ceremonyKeyFolder`; undefined goes back to development keys. */
export function writeKeyChoice(buildFolder: string, choice: KeyChoice | undefined): void {
  const path = choicePath(buildFolder);
  if (!choice) return rmSync(path, { force: true });
  mkdirSync(buildFolder, { recursive: true });
  writeFileSync(join(ceremonyKeyFolder(buildFolder, choice.transcriptHash), PROVENANCE), `${JSON.stringify({ transcriptHash: choice.transcriptHash })}\n`);
  writeFileSync(`${path}.part`, `${JSON.stringify(choice, null, 2)}\n`);
  renameSync(`${path}.part`, path);
}

/** Files of one circuit's keys in a folder of a ceremony's keys. */
export function keyFiles(folder: string, circuit: string): { zkey: string; vkey: string } {
  return { zkey: join(folder, `${circuit}.zkey`), vkey: join(folder, `${circuit}.vkey.json`) };
}

function choicePath(buildFolder: string): string {
  return join(buildFolder, 'keys.json');
}
