import { constants, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { powersOfTau } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import { blake2bOfFile, inMemory } from './binaryFile.ts';
import { compiledCircuits, type CeremonyContext } from './context.ts';
import { readPtauHeader, requireSecretPhase1 } from './ptau.ts';
import { snarkjsCall } from './snarkjsCall.ts';
import { ceremonyFiles, hasTranscript, readTranscript, writeTranscript, type Transcript } from './transcript.ts';

export interface ImportPhase1Parameters extends CeremonyContext {
  /** Path of the `.ptau`. */
  file: string;
  /** Hash that its publishers give; compared if given. 128 hex digits. */
  blake2b?: string;
}

/**
 * First step: takes a powers-of-tau file into a new ceremony. Its form, its size and every power in it are checked; a file that is not
 * prepared for phase 2 is prepared.
 * @throws RollupError that says what is wrong with the file
 */
export async function importPhase1({ file, blake2b, ...context }: ImportPhase1Parameters): Promise<Transcript> {
  const { folder, profile, progress, instances } = context;
  const header = readPtauHeader(file);
  requireSecretPhase1(file, header);
  progress.report(`hashing ${basename(file)}`);
  const importedBlake2b = await blake2bOfFile(file);
  if (blake2b !== undefined && blake2b !== importedBlake2b) {
    throw new RollupError(`${file} is not the file with that hash`, { facts: { expected: blake2b, actual: importedBlake2b }, hint: 'Get the file again; compare the hash with several sources.' });
  }
  if (hasTranscript(folder)) {
    const existing = readTranscript(folder);
    if (existing.phase1.importedBlake2b === importedBlake2b) return existing;
    throw new RollupError('the ceremony has another phase 1 file already', { facts: { folder, expected: existing.phase1.importedBlake2b, actual: importedBlake2b }, hint: 'Start a new ceremony in another folder: --folder DIR.' });
  }
  for (const { name, power, constraints } of await compiledCircuits(context)) {
    if (power <= header.power) continue;
    throw new RollupError(`${basename(file)} is too small for circuit ${name}`, { facts: { expected: `power ${power} (${constraints} constraints)`, actual: `power ${header.power}` }, hint: `Get a file of power ${power} or more.` });
  }

  mkdirSync(folder, { recursive: true });
  const phase1 = ceremonyFiles.phase1(folder);
  const copy = `${phase1}.copy`;
  const prepared = `${phase1}.part`;
  try {
    // What is checked is the copy that stays.
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    if ((await blake2bOfFile(copy)) !== importedBlake2b) throw new RollupError(`${file} changed while it was imported`, { hint: 'Run the command again.' });
    await verifyPhase1(copy, context);
    if (header.isPrepared) renameSync(copy, phase1);
    else {
      await snarkjsCall({
        ...context,
        what: 'preparing phase 2',
        refusal: `${basename(file)} cannot be prepared for phase 2`,
        run: async (logger) => {
          await powersOfTau.preparePhase2(copy, prepared, logger);
          return true;
        },
      });
      await verifyPhase1(prepared, context);
      renameSync(prepared, phase1);
    }
  } finally {
    for (const left of [copy, prepared]) if (existsSync(left)) rmSync(left);
  }
  const { power, ceremonyPower, contributions } = header;
  const transcript: Transcript = {
    format: 1,
    profile,
    phase1: { source: basename(file), importedBlake2b, blake2b: await blake2bOfFile(phase1), power, ceremonyPower, isPreparedHere: !header.isPrepared, contributions },
    circuitNames: instances.map(({ name }) => name),
    circuits: {},
    contributions: [],
  };
  writeTranscript(folder, transcript, { replaces: undefined });
  return transcript;
}

/** Proves that a file is powers of one tau with the contributions that it names. @throws RollupError with snarkjs's reason */
export async function verifyPhase1(path: string, { progress, signal }: Pick<CeremonyContext, 'progress' | 'signal'>): Promise<void> {
  await snarkjsCall({
    what: 'checking the powers of tau',
    refusal: 'the powers of tau are not valid',
    facts: { file: path },
    hint: 'The file was changed or is damaged: get it again from where it is published.',
    progress,
    ...(signal === undefined ? {} : { signal }),
    run: async (logger) => await powersOfTau.verify(inMemory(path), logger),
  });
}
