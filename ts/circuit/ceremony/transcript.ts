import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import type { ContributionLabel } from './binaryFile.ts';
import { transcriptText } from './transcriptText.ts';

/** The powers-of-tau file. Hashes of files are blake2b-512, 128 hex digits. */
export interface Phase1Record {
  /** Name of the file that was imported. */
  source: string;
  importedBlake2b: string;
  /** Differs from the imported one when the file was prepared for phase 2 here. */
  blake2b: string;
  power: number;
  ceremonyPower: number;
  isPreparedHere: boolean;
  contributions: ContributionLabel[];
}

/** A circuit as it was when the ceremony started. */
export interface CircuitRecord {
  /** Template with its sizes. */
  main: string;
  constraints: number;
  publicInputs: number;
  /** SHA-256 over the sources, the compiler's version and flags. */
  sourceHash: string;
  files: Record<string, string>;
  r1csBlake2b: string;
  /** snarkjs's hash of circuit and phase 1. */
  circuitHash: string;
  /** The key before any contribution. */
  zkeyBlake2b: string;
}

/** A contribution to the keys of all circuits, or the beacon that ends them. */
export interface ContributionRecord extends ContributionLabel {
  /** By circuit; incomplete while the contribution is being made. */
  circuits: Record<string, { contributionHash: string; zkeyBlake2b: string }>;
}

/** Everything that happened, in order; what anybody needs to check the keys. */
export interface Transcript {
  format: 1;
  profile: string;
  phase1: Phase1Record;
  circuits: Record<string, CircuitRecord>;
  /** Circuits that the ceremony makes keys for; `circuits` is complete when it has them all. */
  circuitNames: string[];
  contributions: ContributionRecord[];
  /** SHA-256 of each verifying key file; present when the ceremony is finished. */
  keys?: Record<string, { vkeySha256: string }>;
}

/** What may be done next. */
export type Stage = 'start' | 'contribute' | 'finish' | 'export';

const TRANSCRIPT = 'transcript.json';

export const ceremonyFiles = {
  transcript: (folder: string): string => join(folder, TRANSCRIPT),
  phase1: (folder: string): string => join(folder, 'phase1.ptau'),
  r1cs: (folder: string, circuit: string): string => join(folder, `${circuit}.r1cs`),
  /** Key after some contributions. */
  zkey: (folder: string, circuit: string, contributions: number): string => join(folder, `${circuit}-${String(contributions).padStart(4, '0')}.zkey`),
  vkey: (folder: string, circuit: string): string => join(folder, `${circuit}.vkey.json`),
};

export function stageOf(transcript: Transcript): Stage {
  if (transcript.circuitNames.some((name) => transcript.circuits[name] === undefined)) return 'start';
  if (transcript.keys) return 'export';
  const last = transcript.contributions.at(-1);
  return last?.kind === 'beacon' && isComplete(transcript, last) ? 'finish' : 'contribute';
}

/** All circuits have the contribution. */
export function isComplete(transcript: Transcript, contribution: ContributionRecord): boolean {
  return transcript.circuitNames.every((name) => contribution.circuits[name] !== undefined);
}

const NEXT: Record<Stage, string> = {
  start: '`npm run circuit -- ceremony start`',
  contribute: '`npm run circuit -- ceremony contribute --name NAME`, or `ceremony beacon` when everybody has contributed',
  finish: '`npm run circuit -- ceremony finish`',
  export: '`npm run circuit -- ceremony export`; the ceremony is over',
};

/** @throws RollupError that names the step to do, when it is not the turn of this one */
export function requireStage(transcript: Transcript, stage: Stage, what: string): void {
  const actual = stageOf(transcript);
  if (actual !== stage) throw new RollupError(`it is not the time to ${what}`, { hint: `Run ${NEXT[actual]}.` });
}

/** @throws RollupError when there is none or it is not one */
export function readTranscript(folder: string, path: string = ceremonyFiles.transcript(folder)): Transcript {
  if (!existsSync(path)) throw new RollupError(`there is no ceremony in ${folder}`, { facts: { missing: path }, hint: 'Run `npm run circuit -- ceremony import FILE.ptau`.' });
  const damaged = (reason: string): RollupError => new RollupError(`${path} is not the transcript of a ceremony`, { facts: { reason }, hint: 'Get it again from who ran the last step.' });
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw damaged('not JSON');
  }
  const wrong = firstWrongField(value);
  if (wrong !== undefined) throw damaged(wrong);
  return value as Transcript;
}

export function hasTranscript(folder: string): boolean {
  return existsSync(ceremonyFiles.transcript(folder));
}

/** Writes the transcript and its text for people. @throws RollupError when another step has written it since it was read */
export function writeTranscript(folder: string, transcript: Transcript, { replaces }: { replaces: Transcript | undefined }): void {
  const path = ceremonyFiles.transcript(folder);
  const current = hasTranscript(folder) ? transcriptHash(readTranscript(folder)) : undefined;
  if (current !== (replaces && transcriptHash(replaces))) {
    throw new RollupError('another step of this ceremony runs in the same folder', { facts: { folder }, hint: 'Wait for it, then run the command again.' });
  }
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of [[path, `${JSON.stringify(transcript, null, 2)}\n`], [join(folder, 'transcript.md'), transcriptText(transcript, transcriptHash(transcript))]] as const) {
    writeFileSync(`${file}.part`, text);
    renameSync(`${file}.part`, file);
  }
}

/** SHA-256 over the transcript's content, whatever its layout. 64 hex digits. */
export function transcriptHash(transcript: Transcript): string {
  return createHash('sha256').update(canonical(transcript)).digest('hex');
}

/** JSON with the names of every object in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`).join(',')}}`;
}

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string';
const integer: Check = (value) => Number.isSafeInteger(value);
const hex = (digits: number): Check => (value) => typeof value === 'string' && value.length === digits && /^[0-9a-f]*$/.test(value);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const mapOf = (check: Check): Check => (value) => isObject(value) && Object.values(value).every(check);
const objectOf = (fields: Record<string, Check>): Check => (value) => isObject(value) && Object.entries(fields).every(([name, check]) => check(value[name]));

const LABEL: Record<string, Check> = { kind: (value) => value === 'contribution' || value === 'beacon', name: text };
const FIELDS: Record<string, Check> = {
  format: (value) => value === 1,
  profile: text,
  phase1: objectOf({ source: text, importedBlake2b: hex(128), blake2b: hex(128), power: integer, ceremonyPower: integer, contributions: listOf(objectOf(LABEL)) }),
  circuitNames: listOf((value) => typeof value === 'string' && /^[a-zA-Z0-9]+$/.test(value)),
  circuits: mapOf(objectOf({ main: text, constraints: integer, publicInputs: integer, sourceHash: hex(64), files: mapOf(text), r1csBlake2b: hex(128), circuitHash: hex(128), zkeyBlake2b: hex(128) })),
  contributions: listOf(objectOf({ ...LABEL, circuits: mapOf(objectOf({ contributionHash: hex(128), zkeyBlake2b: hex(128) })) })),
  keys: (value) => value === undefined || mapOf(objectOf({ vkeySha256: hex(64) }))(value),
};

function firstWrongField(value: unknown): string | undefined {
  if (!isObject(value)) return 'not an object';
  const wrong = Object.entries(FIELDS).find(([name, check]) => !check(value[name]));
  return wrong && `field ${wrong[0]} is missing or malformed`;
}
