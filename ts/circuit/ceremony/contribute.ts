import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { zKey, type Logger } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import { PHASE1_BEACON, phase2Beacon } from '../setup/beacons.ts';
import { blake2bOfFile, inMemory, type ContributionLabel } from './binaryFile.ts';
import { checkFile, checkSources, type CeremonyContext } from './context.ts';
import { snarkjsCall } from './snarkjsCall.ts';
import { ceremonyFiles, isComplete, readTranscript, requireStage, writeTranscript, type ContributionRecord, type Transcript } from './transcript.ts';
import { readZkeyRecord } from './zkey.ts';

export interface ContributeParameters extends CeremonyContext {
  /** Who contributes: 1 to 64 printable characters, stands in the keys. */
  name: string;
  /** Mixed with randomness of the operating system, which alone is enough. Never logged or stored. */
  entropy?: string;
}

export interface ApplyBeaconParameters extends CeremonyContext {
  /** A public value that nobody could know while contributions were made; at least 32 bytes of hex. */
  beacon: string;
  /** It is hashed 2^iterations times; 10 to 40. */
  iterations: number;
}

export const BEACON_ITERATIONS = { least: 10, most: 40 } as const;
const BEACON_NAME = 'public beacon';
const BEACON_BYTES = { least: 32, most: 255 };

/**
 * A party's contribution to the keys of all circuits: reads the latest keys, writes the next. The secret exists in this process only.
 * @throws RollupError when it is not the turn, or a file before it is not what the transcript says
 */
export async function contribute({ name, entropy = '', ...context }: ContributeParameters): Promise<Transcript> {
  if (!/^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u.test(name) || name.trim() !== name || Buffer.byteLength(name) > 255) {
    throw new RollupError('a contribution needs a name of 1 to 64 printable characters', { facts: { actual: JSON.stringify(name) } });
  }
  return await addContribution({
    ...context,
    label: { kind: 'contribution', name },
    step: 'contribute',
    // Drawn for each circuit: two keys never share a secret. snarkjs hashes it together with randomness of its own.
    apply: async (from, to, logger) => await zKey.contribute(from, to, name, `${randomBytes(64).toString('hex')}${entropy}`, logger),
  });
}

/**
 * The last contribution: from a public random value, so that the last party could not choose the result.
 * @throws RollupError when nobody has contributed a secret, or for a value that is not fit
 */
export async function applyBeacon({ beacon, iterations, ...context }: ApplyBeaconParameters): Promise<Transcript> {
  const value = beacon.replace(/^0x/, '').toLowerCase();
  const { least, most } = BEACON_BYTES;
  if (!/^([0-9a-f]{2})+$/.test(value) || value.length < 2 * least || value.length > 2 * most) {
    throw new RollupError(`a beacon is ${least} to ${most} bytes of hex`, {
      facts: { actual: beacon },
      hint: 'Take the hash of a block, or the output of a public randomness service, that did not exist when the last party contributed.',
    });
  }
  if (/^(..)\1*$/.test(value)) throw new RollupError('a beacon is a random value', { facts: { actual: beacon } });
  refuseDevelopmentBeacon(value, context.instances.map(({ name }) => name));
  if (!Number.isSafeInteger(iterations) || iterations < BEACON_ITERATIONS.least || iterations > BEACON_ITERATIONS.most) {
    throw new RollupError('the beacon is hashed 2^N times', { facts: { expected: `N from ${BEACON_ITERATIONS.least} to ${BEACON_ITERATIONS.most}`, actual: iterations } });
  }
  const transcript = readTranscript(context.folder);
  requireStage(transcript, 'contribute', 'apply the beacon');
  if (!transcript.contributions.some((contribution) => contribution.kind === 'contribution' && isComplete(transcript, contribution))) {
    throw new RollupError('nobody has contributed yet', { hint: 'Run `npm run circuit -- ceremony contribute --name NAME`. A beacon alone makes keys whose secret is public.' });
  }
  return await addContribution({
    ...context,
    label: { kind: 'beacon', name: BEACON_NAME, beacon: value, iterations },
    step: 'apply the beacon',
    apply: async (from, to, logger) => await zKey.beacon(from, to, BEACON_NAME, value, iterations, logger),
  });
}

/** @throws RollupError for the beacons of the development keys, whose circuits' secrets everybody can compute */
export function refuseDevelopmentBeacon(beacon: string, circuits: readonly string[]): void {
  const known = [PHASE1_BEACON, ...circuits.map(phase2Beacon)];
  if (known.includes(beacon)) throw new RollupError('this is the public development beacon', { facts: { actual: beacon }, hint: 'A beacon must be a value that nobody knew beforehand.' });
}

interface AddContributionParameters extends CeremonyContext {
  label: ContributionLabel;
  step: string;
  apply(from: string, to: string, logger: Logger): Promise<Uint8Array | false>;
}

async function addContribution({ label, step, apply, ...context }: AddContributionParameters): Promise<Transcript> {
  const { folder, progress, signal } = context;
  let transcript = readTranscript(folder);
  requireStage(transcript, 'contribute', step);
  checkSources(context, transcript);
  await checkFile(ceremonyFiles.phase1(folder), transcript.phase1.blake2b, 'the phase 1 file');

  const unfinished = transcript.contributions.find((contribution) => !isComplete(transcript, contribution));
  if (unfinished && (unfinished.name !== label.name || unfinished.kind !== label.kind || unfinished.beacon !== label.beacon || unfinished.iterations !== label.iterations)) {
    const command = unfinished.kind === 'beacon' ? `beacon --hash ${unfinished.beacon} --iterations ${unfinished.iterations}` : `contribute --name "${unfinished.name}"`;
    const missing = transcript.circuitNames.filter((name) => !unfinished.circuits[name]).join(', ');
    throw new RollupError(`the contribution of ${unfinished.name} is not finished`, { facts: { missing }, hint: `Run \`npm run circuit -- ceremony ${command}\`.` });
  }
  const index = unfinished ? transcript.contributions.length - 1 : transcript.contributions.length;
  const earlier = transcript.contributions.slice(0, index);
  if (earlier.some(({ name }) => name === label.name)) {
    throw new RollupError(`${label.name} has contributed already`, { hint: 'Each contribution has a name of its own.' });
  }

  const pending = transcript.circuitNames.filter((name) => !unfinished?.circuits[name]);
  // All before the first, so that a bad key leaves no half contribution.
  for (const circuit of pending) await checkLatest({ ...context, transcript, circuit, earlier });
  for (const name of pending) {
    const made = transcript.contributions[index]?.circuits ?? {};
    const from = ceremonyFiles.zkey(folder, name, index);
    const to = ceremonyFiles.zkey(folder, name, index + 1);
    const part = `${to}.part`;
    try {
      await snarkjsCall({
        what: `${name}: ${label.kind === 'beacon' ? 'applying the beacon' : 'contributing'}`,
        refusal: `${label.name} cannot contribute to circuit ${name}`,
        progress,
        ...(signal === undefined ? {} : { signal }),
        run: async (logger) => await apply(from, part, logger),
      });
      renameSync(part, to);
    } finally {
      if (existsSync(part)) rmSync(part);
    }
    const contributionHash = (await readZkeyRecord(to)).contributions.at(-1)!.hash;
    const record: ContributionRecord = { ...label, circuits: { ...made, [name]: { contributionHash, zkeyBlake2b: await blake2bOfFile(to) } } };
    const next: Transcript = { ...transcript, contributions: [...earlier, record] };
    writeTranscript(folder, next, { replaces: transcript });
    transcript = next;
  }
  return transcript;
}

interface CheckLatestParameters extends CeremonyContext {
  transcript: Transcript;
  circuit: string;
  earlier: readonly ContributionRecord[];
}

/** A contribution to a key that was swapped or is not valid would be lost. */
async function checkLatest({ folder, progress, signal, transcript, circuit, earlier }: CheckLatestParameters): Promise<void> {
  const first = transcript.circuits[circuit]!;
  const latest = ceremonyFiles.zkey(folder, circuit, earlier.length);
  await checkFile(latest, earlier.at(-1)?.circuits[circuit]?.zkeyBlake2b ?? first.zkeyBlake2b, `the latest key of circuit ${circuit}`);
  await checkContributions({ path: latest, circuit, circuitHash: first.circuitHash, contributions: earlier });
  if (earlier.length === 0) return;
  const initial = ceremonyFiles.zkey(folder, circuit, 0);
  await checkFile(initial, first.zkeyBlake2b, `the first key of circuit ${circuit}`);
  await snarkjsCall({
    what: `${circuit}: checking the contributions before`,
    refusal: `the latest key of circuit ${circuit} is not valid`,
    facts: { file: latest },
    hint: 'Tell everybody: one of the contributions is not what it claims to be.',
    progress,
    ...(signal === undefined ? {} : { signal }),
    run: async (logger) => await zKey.verifyFromInit(inMemory(initial), inMemory(ceremonyFiles.phase1(folder)), inMemory(latest), logger),
  });
}

export interface CheckContributionsParameters {
  path: string;
  circuit: string;
  circuitHash: string;
  contributions: readonly ContributionRecord[];
}

/** @throws RollupError when a key's own record is not the transcript's: other circuit, other, swapped or missing contributions */
export async function checkContributions({ path, circuit, circuitHash, contributions }: CheckContributionsParameters): Promise<void> {
  const record = await readZkeyRecord(path);
  if (record.circuitHash !== circuitHash) throw new RollupError(`the key is not of circuit ${circuit}`, { facts: { file: path, expected: circuitHash, actual: record.circuitHash } });
  if (record.contributions.length !== contributions.length) {
    throw new RollupError(`the key of circuit ${circuit} has another number of contributions than the transcript`, { facts: { file: path, expected: contributions.length, actual: record.contributions.length } });
  }
  record.contributions.forEach((actual, i) => {
    const expected = contributions[i]!;
    const differs = (['kind', 'name', 'beacon', 'iterations'] as const).find((field) => actual[field] !== expected[field]);
    if (differs) throw new RollupError(`contribution ${i + 1} to circuit ${circuit} has another ${differs} than the transcript`, { facts: { file: path, expected: expected[differs] ?? 'none', actual: actual[differs] ?? 'none' } });
    const hash = expected.circuits[circuit]?.contributionHash;
    if (actual.hash !== hash) throw new RollupError(`contribution ${i + 1} to circuit ${circuit} is not the one of the transcript`, { facts: { file: path, expected: hash ?? 'none', actual: actual.hash } });
  });
}
