import { copyFileSync, renameSync } from 'node:fs';
import { zKey } from 'snarkjs';
import { blake2bOfFile, inMemory } from './binaryFile.ts';
import { checkFile, checkSources, compiledCircuits, type CeremonyContext } from './context.ts';
import { snarkjsCall } from './snarkjsCall.ts';
import { ceremonyFiles, readTranscript, requireStage, writeTranscript, type Transcript } from './transcript.ts';
import { readZkeyRecord } from './zkey.ts';

/**
 * Second step: the first key of every circuit from the one phase 1 file, so that alpha, beta and gamma are common. A circuit whose key was
 * made before an interruption is not made again.
 * @throws RollupError when it is not the turn, or the phase 1 file is not the imported one
 */
export async function startCeremony(context: CeremonyContext): Promise<Transcript> {
  const { folder, progress, signal } = context;
  let transcript = readTranscript(folder);
  requireStage(transcript, 'start', 'start');
  checkSources(context, transcript);
  const phase1 = ceremonyFiles.phase1(folder);
  await checkFile(phase1, transcript.phase1.blake2b, 'the phase 1 file');
  for (const { name, r1cs: compiled, main, constraints, publicInputs, sourceHash, files } of await compiledCircuits(context)) {
    if (transcript.circuits[name]) continue;
    const r1cs = ceremonyFiles.r1cs(folder, name);
    copyFileSync(compiled, r1cs);
    const zkey = ceremonyFiles.zkey(folder, name, 0);
    const part = `${zkey}.part`;
    await snarkjsCall({
      what: `${name}: making the first key`,
      refusal: `the first key of circuit ${name} cannot be made`,
      progress,
      ...(signal === undefined ? {} : { signal }),
      run: async (logger) => await zKey.newZKey(inMemory(r1cs), inMemory(phase1), part, logger),
    });
    renameSync(part, zkey);
    const { circuitHash } = await readZkeyRecord(zkey);
    const record = { main, constraints, publicInputs, sourceHash, files, r1csBlake2b: await blake2bOfFile(r1cs), circuitHash, zkeyBlake2b: await blake2bOfFile(zkey) };
    const next: Transcript = { ...transcript, circuits: { ...transcript.circuits, [name]: record } };
    writeTranscript(folder, next, { replaces: transcript });
    transcript = next;
  }
  return transcript;
}
