import { constants, copyFileSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import { ceremonyKeyFolder, keyFiles, writeKeyChoice } from '../keyChoice.ts';
import { readSources } from '../sources.ts';
import { blake2bOfFile } from './binaryFile.ts';
import { checkFile, checkSources, compiledCircuits, type CeremonyContext } from './context.ts';
import { ceremonyFiles, readTranscript, requireStage, transcriptHash, writeTranscript, type Transcript } from './transcript.ts';
import { sha256, verifyCeremony, verifyingKey, vkeyText } from './verify.ts';

/** A ceremony after its last step. */
export interface FinishedCeremony {
  transcript: Transcript;
  /** SHA-256, 64 hex digits; the contracts carry it. */
  transcriptHash: string;
}

/**
 * Last step: verifies everything, then writes the verifying keys and closes the transcript.
 * @throws RollupError when the beacon has not been applied or anything is not as the transcript says
 */
export async function finishCeremony(context: CeremonyContext): Promise<FinishedCeremony> {
  const { folder } = context;
  const before = readTranscript(folder);
  requireStage(before, 'finish', 'finish');
  const { keys } = await verifyCeremony(context);
  for (const [name, key] of Object.entries(keys)) {
    const path = ceremonyFiles.vkey(folder, name);
    writeFileSync(`${path}.part`, vkeyText(key));
    renameSync(`${path}.part`, path);
  }
  const transcript: Transcript = { ...before, keys: Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, { vkeySha256: sha256(vkeyText(key)) }])) };
  writeTranscript(folder, transcript, { replaces: before });
  return { transcript, transcriptHash: transcriptHash(transcript) };
}

/**
 * Makes a checkout use the keys of a finished ceremony: provers, generated Solidity, everything that asks for a circuit's keys. The files
 * are held against the transcript; `verify` is what proves the transcript.
 * @throws RollupError when the ceremony is not finished, the circuits have changed or a file is not the transcript's
 */
export async function exportKeys(context: CeremonyContext): Promise<FinishedCeremony> {
  const { folder, instances, circuits, buildFolder = paths.circuitBuild, progress } = context;
  const transcript = readTranscript(folder);
  requireStage(transcript, 'export', 'export keys');
  checkSources(context, transcript);
  for (const { name, r1cs } of await compiledCircuits(context)) {
    const { r1csBlake2b } = transcript.circuits[name]!;
    const actual = await blake2bOfFile(r1cs);
    if (actual !== r1csBlake2b) throw new RollupError(`circuit ${name} compiles to other constraints than those of the ceremony`, { facts: { expected: r1csBlake2b, actual } });
  }
  const hash = transcriptHash(transcript);
  const target = ceremonyKeyFolder(buildFolder, hash);
  mkdirSync(target, { recursive: true });
  for (const name of transcript.circuitNames) {
    progress.report(`${name}: copying the key`);
    const { zkey, vkey } = keyFiles(target, name);
    const final = ceremonyFiles.zkey(folder, name, transcript.contributions.length);
    if (!existsSync(final)) throw new RollupError(`the last key of circuit ${name} is missing`, { facts: { expected: final }, hint: 'Get it from where the ceremony is published.' });
    copyFileSync(final, `${zkey}.part`, constants.COPYFILE_FICLONE);
    await checkFile(`${zkey}.part`, transcript.contributions.at(-1)!.circuits[name]!.zkeyBlake2b, `the last key of circuit ${name}`);
    const text = vkeyText(await verifyingKey(`${zkey}.part`));
    const expected = transcript.keys?.[name]?.vkeySha256;
    if (sha256(text) !== expected) throw new RollupError(`the verifying key of circuit ${name} is not the one of the transcript`, { facts: { expected, actual: sha256(text) } });
    writeFileSync(vkey, text);
    renameSync(`${zkey}.part`, zkey);
  }
  writeKeyChoice(buildFolder, { transcriptHash: hash, circuits: Object.fromEntries(instances.map((instance) => [instance.name, readSources(instance, circuits).hash])) });
  return { transcript, transcriptHash: hash };
}
