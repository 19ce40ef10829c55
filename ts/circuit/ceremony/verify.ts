import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { zKey, type Groth16VerificationKey } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import { checkVerifyingKeys } from '../verifyingKeysSolidity.ts';
import { blake2bOfFile, inMemory } from './binaryFile.ts';
import { checkFile, checkSources, compiledCircuits, type CeremonyContext } from './context.ts';
import { checkContributions, refuseDevelopmentBeacon } from './contribute.ts';
import { verifyPhase1 } from './phase1.ts';
import { readPtauHeader, requireSecretPhase1 } from './ptau.ts';
import { snarkjsCall } from './snarkjsCall.ts';
import { ceremonyFiles, isComplete, readTranscript, stageOf, transcriptHash, type Transcript } from './transcript.ts';

export interface VerifyCeremonyParameters extends CeremonyContext {
  /** Transcript to hold the files against; default: the folder's own. */
  transcriptPath?: string;
}

export interface VerifiedCeremony {
  transcript: Transcript;
  transcriptHash: string;
  /** The beacon has been applied: the keys are the last ones. */
  isComplete: boolean;
  /** By circuit: the verifying key of its latest key. */
  keys: Record<string, Groth16VerificationKey>;
}

/**
 * Checks everything that a ceremony claims, from the powers of tau to the last key, against the circuits' sources as they are.
 * @throws RollupError that names the first thing that is not so
 */
export async function verifyCeremony({ transcriptPath, ...context }: VerifyCeremonyParameters): Promise<VerifiedCeremony> {
  const { folder, progress, signal } = context;
  const transcript = readTranscript(folder, transcriptPath);
  const stage = stageOf(transcript);
  if (stage === 'start') throw new RollupError('there is nothing to verify yet', { hint: 'Run `npm run circuit -- ceremony start`.' });
  const unfinished = transcript.contributions.find((contribution) => !isComplete(transcript, contribution));
  if (unfinished) throw new RollupError(`the contribution of ${unfinished.name} is not finished`, { hint: 'Finish it first: run the same command again.' });
  checkSources(context, transcript);
  checkOrder(transcript);

  const phase1 = ceremonyFiles.phase1(folder);
  await checkFile(phase1, transcript.phase1.blake2b, 'the phase 1 file');
  const header = readPtauHeader(phase1);
  requireSecretPhase1(phase1, header);
  if (JSON.stringify(header.contributions) !== JSON.stringify(transcript.phase1.contributions)) throw new RollupError('the contributions to phase 1 are not those of the transcript', { facts: { file: phase1 } });
  await verifyPhase1(phase1, context);

  const keys: Record<string, Groth16VerificationKey> = {};
  for (const { name, r1cs: compiled } of await compiledCircuits(context)) {
    const record = transcript.circuits[name]!;
    if ((await blake2bOfFile(compiled)) !== record.r1csBlake2b) {
      throw new RollupError(`circuit ${name} compiles to other constraints than those of the ceremony`, { facts: { expected: record.r1csBlake2b, file: compiled } });
    }
    const latest = ceremonyFiles.zkey(folder, name, transcript.contributions.length);
    for (const [i, hash] of [record.zkeyBlake2b, ...transcript.contributions.map(({ circuits }) => circuits[name]!.zkeyBlake2b)].entries()) {
      const path = ceremonyFiles.zkey(folder, name, i);
      // Keys in between may have been removed: the last one carries the proof of every contribution.
      if (path === latest || existsSync(path)) await checkFile(path, hash, `key ${i} of circuit ${name}`);
    }
    await checkContributions({ path: latest, circuit: name, circuitHash: record.circuitHash, contributions: transcript.contributions });
    await snarkjsCall({
      what: `${name}: checking the key`,
      refusal: `the key of circuit ${name} does not follow from its constraints, phase 1 and contributions`,
      facts: { file: latest },
      progress,
      ...(signal === undefined ? {} : { signal }),
      run: async (logger) => await zKey.verifyFromR1cs(inMemory(compiled), inMemory(phase1), inMemory(latest), logger),
    });
    keys[name] = await verifyingKey(latest);
  }
  // Before the first contribution delta is gamma.
  if (transcript.contributions.length > 0) checkVerifyingKeys(Object.keys(keys), Object.values(keys));
  for (const [name, { vkeySha256 }] of Object.entries(transcript.keys ?? {})) {
    const key = keys[name];
    const actual = key && sha256(vkeyText(key));
    if (actual !== vkeySha256) throw new RollupError(`the verifying key of circuit ${name} is not the one of the transcript`, { facts: { expected: vkeySha256, actual: actual ?? 'none' } });
  }
  return { transcript, transcriptHash: transcriptHash(transcript), isComplete: stage !== 'contribute', keys };
}

/** One beacon, at the end, not a known one, after at least one party. */
function checkOrder({ contributions, keys, circuitNames }: Transcript): void {
  const beacons = contributions.filter(({ kind }) => kind === 'beacon');
  for (const { beacon = '' } of beacons) refuseDevelopmentBeacon(beacon, circuitNames);
  const isLast = contributions.at(-1)?.kind === 'beacon';
  if (beacons.length > 1 || (beacons.length === 1 && !isLast)) throw new RollupError('a beacon is not the last contribution', { facts: { contributions: contributions.map(({ name }) => name).join(', ') } });
  if (beacons.length === 1 && contributions.length < 2) throw new RollupError('there is no contribution besides the beacon', { hint: 'The secret of such keys is public: the ceremony is worth nothing.' });
  if (keys && beacons.length === 0) throw new RollupError('the ceremony is finished without a beacon');
}

/** The verifying key of a `.zkey`. */
export async function verifyingKey(zkey: string): Promise<Groth16VerificationKey> {
  return await zKey.exportVerificationKey(inMemory(zkey));
}

/** The file that a verifying key is written to, byte for byte as `build` does. */
export function vkeyText(key: Groth16VerificationKey): string {
  return `${JSON.stringify(key, null, 1)}\n`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
