import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curves, powersOfTau, zKey } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RollupError } from '../../base/errors.ts';
import { CONTRIBUTION_NAME, PHASE1_BEACON, phase2Beacon } from '../setup/beacons.ts';
import { readBinaryFile } from './binaryFile.ts';
import type { CeremonyContext } from './context.ts';
import { applyBeacon, contribute } from './contribute.ts';
import { exportKeys, finishCeremony } from './finish.ts';
import { importPhase1 } from './phase1.ts';
import { startCeremony } from './start.ts';
import { makeTestCeremony, type TestCeremony } from './testCeremony.ts';
import { ceremonyFiles, readTranscript, type Transcript } from './transcript.ts';
import { verifyCeremony } from './verify.ts';
import { blake2bOfFile } from './binaryFile.ts';

const BEACON = 'c3'.repeat(31) + '11';
let ceremony: TestCeremony;
/** After phase 1 was imported; started; contributed to by Ada and Grace; ended by the beacon. */
const at: Record<'imported' | 'started' | 'contributed' | 'ended', CeremonyContext> = {} as never;

beforeAll(async () => {
  ceremony = await makeTestCeremony();
  const { context, ptau } = ceremony;
  await importPhase1({ ...context, file: ptau });
  at.imported = ceremony.copy();
  await startCeremony(context);
  at.started = ceremony.copy();
  await contribute({ ...context, name: 'Ada' });
  await contribute({ ...context, name: 'Grace' });
  at.contributed = ceremony.copy();
  await applyBeacon({ ...context, beacon: BEACON, iterations: 10 });
  at.ended = ceremony.copy();
});
afterAll(() => ceremony.remove());

let copies = 0;
/** A copy of the ceremony as it was after a step. */
function copyOf(step: keyof typeof at): CeremonyContext {
  const folder = join(ceremony.folder, `refusal-${++copies}`);
  cpSync(at[step].folder, folder, { recursive: true });
  return { ...at[step], folder };
}

function edit(context: CeremonyContext, change: (transcript: Transcript) => void): void {
  const transcript = readTranscript(context.folder);
  change(transcript);
  writeFileSync(ceremonyFiles.transcript(context.folder), JSON.stringify(transcript));
}

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path);
  bytes[offset < 0 ? bytes.length + offset : offset]! ^= 1;
  writeFileSync(path, bytes);
}

/** Puts the hash of the file that is there into the transcript, as whoever tampered with it would. */
async function acceptKey(context: CeremonyContext, circuit: string, index: number): Promise<void> {
  const zkeyBlake2b = await blake2bOfFile(ceremonyFiles.zkey(context.folder, circuit, index));
  edit(context, (transcript) => void (transcript.contributions[index - 1]!.circuits[circuit]!.zkeyBlake2b = zkeyBlake2b));
}

async function refusal(work: Promise<unknown>): Promise<RollupError> {
  return await work.then(() => { throw new Error('it was accepted'); }, (error: unknown) => error as RollupError);
}

describe('phase 1', () => {
  const fresh = (): CeremonyContext => ({ ...ceremony.context, folder: join(ceremony.folder, `fresh-${++copies}`) });
  const edited = (change: (bytes: Buffer) => Buffer | void): string => {
    const bytes = readFileSync(ceremony.ptau);
    const path = join(ceremony.folder, `edited-${++copies}.ptau`);
    writeFileSync(path, change(bytes) ?? bytes);
    return path;
  };
  const importing = (file: string, more: { blake2b?: string } = {}): Promise<unknown> => importPhase1({ ...fresh(), file, ...more });

  test('of another kind, cut off, too long or missing', async () => {
    await expect(importing(edited((bytes) => bytes.subarray(0, bytes.length - 1)))).rejects.toThrow('is cut off');
    await expect(importing(edited((bytes) => bytes.subarray(0, 7)))).rejects.toThrow('is not a .ptau file');
    await expect(importing(edited((bytes) => Buffer.concat([bytes, Buffer.alloc(1)])))).rejects.toThrow('bytes after its last section');
    await expect(importing(edited((bytes) => void bytes.write('zkey', 'latin1')))).rejects.toThrow('is not a .ptau file');
    await expect(importing(join(ceremony.folder, 'nowhere.ptau'))).rejects.toThrow('cannot be read');
  });

  test('of another curve', async () => {
    const path = join(ceremony.folder, 'bls.ptau');
    const curve = await curves.getCurveFromName('bls12381');
    await powersOfTau.newAccumulator(curve, 4, path);
    await curve.terminate();
    const error = await refusal(importing(path));
    expect(error.message).toContain('is of another curve');
    expect(error.facts).toMatchObject({ expected: 'BN254', actual: 'a base field of 384 bits' });
  });

  test('with a section of another size or an impossible power', async () => {
    const { sections } = readBinaryFile(ceremony.ptau, 'ptau');
    const power = sections.get(1)!.start + 4 + 32;
    await expect(importing(edited((bytes) => void bytes.writeUInt32LE(4, power)))).rejects.toThrow('section 2 of the wrong size');
    await expect(importing(edited((bytes) => void bytes.writeUInt32LE(99, power)))).rejects.toThrow('impossible power');
    await expect(importing(edited((bytes) => void bytes.writeUInt32LE(40, sections.get(13)!.start - 12)))).rejects.toThrow('half prepared');
  });

  test.each([[2, 'tauG1'], [5, 'betaTauG1'], [13, 'Lagrange form of tauG2']])('with one bit of section %i (%s) changed', async (id) => {
    const { start, size } = readBinaryFile(ceremony.ptau, 'ptau').sections.get(id)!;
    const error = await refusal(importing(edited((bytes) => void (bytes[start + size - 130]! ^= 1))));
    expect(error.message).toMatch(/the powers of tau are not valid/);
    expect(error.facts['reason']).toBeDefined();
  });

  test('that is not the file its publishers mean', async () => {
    await expect(importing(ceremony.ptau, { blake2b: 'ab'.repeat(64) })).rejects.toThrow('is not the file with that hash');
  });

  test('without a secret: no contribution, beacons only, the development beacon', async () => {
    const [empty, beacon, development] = ['empty.ptau', 'beacon.ptau', 'development.ptau'].map((name) => join(ceremony.folder, name)) as [string, string, string];
    await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), 4, empty);
    await powersOfTau.beacon(empty, beacon, 'a beacon', BEACON, 10);
    await powersOfTau.beacon(empty, development, CONTRIBUTION_NAME, PHASE1_BEACON, 10);
    await expect(importing(empty)).rejects.toThrow('has no contribution with a secret');
    await expect(importing(beacon)).rejects.toThrow('has no contribution with a secret');
    await expect(importing(development)).rejects.toThrow('is the public development phase 1');
  });

  test('too small for a circuit', async () => {
    const [empty, small] = ['empty4.ptau', 'small.ptau'].map((name) => join(ceremony.folder, name)) as [string, string];
    await powersOfTau.newAccumulator(await curves.getCurveFromName('bn128'), 4, empty);
    await powersOfTau.contribute(empty, small, 'Ada', 'entropy');
    const error = await refusal(importing(small));
    expect(error.message).toContain('is too small for circuit segment');
    expect(error.facts['actual']).toBe('power 4');
  });

  test('other than the one that was imported', async () => {
    const context = copyOf('imported');
    await expect(importPhase1({ ...context, file: ceremony.unpreparedPtau })).rejects.toThrow('has another phase 1 file already');
    flip(ceremonyFiles.phase1(context.folder), -1);
    await expect(startCeremony(context)).rejects.toThrow('the phase 1 file is not the file of the transcript');
    rmSync(ceremonyFiles.phase1(context.folder));
    await expect(startCeremony(context)).rejects.toThrow('the phase 1 file is missing');
  });
});

describe('order', () => {
  const nobody = { beacon: BEACON, iterations: 10 };

  test('nothing without a ceremony', async () => {
    const context = { ...ceremony.context, folder: join(ceremony.folder, 'none') };
    for (const step of [startCeremony, finishCeremony, exportKeys, verifyCeremony]) {
      const error = await refusal(step(context));
      expect(error.message).toContain('there is no ceremony');
      expect(error.hint).toContain('ceremony import');
    }
  });

  test.each([
    ['imported', ['contribute', 'beacon', 'finish', 'export', 'verify'], 'ceremony start'],
    ['started', ['start', 'finish', 'export'], 'ceremony contribute'],
    ['contributed', ['start', 'finish', 'export'], 'ceremony contribute'],
    ['ended', ['start', 'contribute', 'beacon', 'export'], 'ceremony finish'],
  ] as const)('after it is %s, not %s; the error says what is next', async (step, refused, next) => {
    const context = copyOf(step);
    const run = {
      start: () => startCeremony(context),
      contribute: () => contribute({ ...context, name: 'Late' }),
      beacon: () => applyBeacon({ ...context, ...nobody }),
      finish: () => finishCeremony(context),
      export: () => exportKeys(context),
      verify: () => verifyCeremony(context),
    };
    for (const name of refused) expect((await refusal(run[name]())).hint, name).toContain(next);
  });

  test('no beacon before a contribution, no known or malformed beacon, no other number of hashes', async () => {
    const started = copyOf('started');
    await expect(applyBeacon({ ...started, ...nobody })).rejects.toThrow('nobody has contributed yet');
    const context = copyOf('contributed');
    for (const beacon of [PHASE1_BEACON, phase2Beacon('join')]) await expect(applyBeacon({ ...context, ...nobody, beacon })).rejects.toThrow('the public development beacon');
    for (const beacon of ['', 'xyz', 'ab', 'ab'.repeat(31), `${'ab'.repeat(32)}c`, 'cd'.repeat(256)]) await expect(applyBeacon({ ...context, ...nobody, beacon })).rejects.toThrow('a beacon is 32 to 255 bytes of hex');
    await expect(applyBeacon({ ...context, ...nobody, beacon: '00'.repeat(32) })).rejects.toThrow('a random value');
    for (const iterations of [9, 41, 10.5, Number.NaN]) await expect(applyBeacon({ ...context, ...nobody, iterations })).rejects.toThrow('hashed 2^N times');
  });

  test('no contribution without a name, with a bad one or with one that is taken', async () => {
    const context = copyOf('contributed');
    for (const name of ['', ' Ada', 'a'.repeat(65), 'line\nbreak']) await expect(contribute({ ...context, name })).rejects.toThrow('needs a name');
    await expect(contribute({ ...context, name: 'Ada' })).rejects.toThrow('Ada has contributed already');
  });
});

describe('what was changed', () => {
  test('a circuit since the start, the profile, the set of circuits', async () => {
    const context = copyOf('contributed');
    const other = context.instances.map((instance) => (instance.name === 'join' ? { ...instance, parameters: [2] } : instance));
    for (const step of [(c: CeremonyContext) => contribute({ ...c, name: 'Late' }), verifyCeremony]) {
      await expect(step({ ...context, instances: other })).rejects.toThrow('circuit join has changed since the ceremony started');
      await expect(step({ ...context, profile: 'large' })).rejects.toThrow('for another profile');
      await expect(step({ ...context, instances: other.slice(1) })).rejects.toThrow('for other circuits');
    }
    const source = join(context.circuits!, 'lib', 'bits8.circom');
    const before = readFileSync(source, 'utf8');
    try {
      writeFileSync(source, before.replace('in;', 'in; // edited'));
      const error = await refusal(applyBeacon({ ...context, beacon: BEACON, iterations: 10 }));
      expect(error.message).toBe('circuit segment has changed since the ceremony started');
      expect(error.facts['changed']).toBe('circuits/lib/bits8.circom');
    } finally {
      writeFileSync(source, before);
    }
  });

  test('constraints that do not come from the sources', async () => {
    const context = copyOf('ended');
    edit(context, (transcript) => void (transcript.circuits['join']!.r1csBlake2b = 'ab'.repeat(64)));
    await expect(verifyCeremony(context)).rejects.toThrow('circuit join compiles to other constraints');
  });

  test('a key, one bit of it: before a contribution, at the end, in between', async () => {
    const context = copyOf('contributed');
    flip(ceremonyFiles.zkey(context.folder, 'exit', 2), 5000);
    const next = contribute({ ...context, name: 'Late' });
    await expect(next).rejects.toThrow('the latest key of circuit exit is not the file of the transcript');
    await expect(verifyCeremony(context)).rejects.toThrow('key 2 of circuit exit is not the file');
    const between = copyOf('contributed');
    flip(ceremonyFiles.zkey(between.folder, 'join', 1), 5000);
    await expect(verifyCeremony(between)).rejects.toThrow('key 1 of circuit join is not the file');
    rmSync(ceremonyFiles.zkey(between.folder, 'join', 1));
    expect((await verifyCeremony(between)).isComplete).toBe(false);
    truncateSync(ceremonyFiles.zkey(between.folder, 'join', 2), 5000);
    await acceptKey(between, 'join', 2);
    await expect(verifyCeremony(between)).rejects.toThrow('is cut off');
  });

  test('a key with its hash in the transcript: points of H or L, delta', async () => {
    const offsets = (path: string): number[] => [9, 8, 2].map((id) => {
      const { start, size } = readBinaryFile(path, 'zkey').sections.get(id)!;
      return start + size - 64;
    });
    const untouched = copyOf('contributed');
    for (const [i] of [9, 8, 2].entries()) {
      const context = copyOf('contributed');
      const path = ceremonyFiles.zkey(context.folder, 'segment', 2);
      // A point of the same key in another place is still on the curve.
      const bytes = readFileSync(path);
      const [from, to] = [readBinaryFile(path, 'zkey').sections.get(5)!.start + 64, offsets(path)[i]!];
      bytes.copy(bytes, to, from, from + 64);
      writeFileSync(path, bytes);
      await acceptKey(context, 'segment', 2);
      await expect(contribute({ ...context, name: 'Late' })).rejects.toThrow('the latest key of circuit segment is not valid');
      await expect(verifyCeremony(context)).rejects.toThrow('does not follow from its constraints, phase 1 and contributions');
    }
    expect((await verifyCeremony(untouched)).isComplete).toBe(false);
  });

  test('a contribution swapped for another by the same name, with the hash of its key in the transcript', async () => {
    const context = copyOf('contributed');
    const path = ceremonyFiles.zkey(context.folder, 'join', 2);
    await zKey.contribute(ceremonyFiles.zkey(context.folder, 'join', 1), path, 'Grace', 'not hers');
    await expect(verifyCeremony(context)).rejects.toThrow('key 2 of circuit join is not the file');
    await acceptKey(context, 'join', 2);
    await expect(verifyCeremony(context)).rejects.toThrow('contribution 2 to circuit join is not the one of the transcript');
    await expect(applyBeacon({ ...context, beacon: BEACON, iterations: 10 })).rejects.toThrow('contribution 2 to circuit join is not the one');
  });

  test('a contribution to the wrong circuit, one that was left out, one of another name', async () => {
    const wrong = copyOf('contributed');
    cpSync(ceremonyFiles.zkey(wrong.folder, 'segment', 2), ceremonyFiles.zkey(wrong.folder, 'join', 2));
    await acceptKey(wrong, 'join', 2);
    await expect(contribute({ ...wrong, name: 'Late' })).rejects.toThrow('the key is not of circuit join');

    const short = copyOf('contributed');
    cpSync(ceremonyFiles.zkey(short.folder, 'join', 1), ceremonyFiles.zkey(short.folder, 'join', 2));
    await acceptKey(short, 'join', 2);
    await expect(verifyCeremony(short)).rejects.toThrow('another number of contributions');

    const renamed = copyOf('contributed');
    edit(renamed, (transcript) => void (transcript.contributions[1]!.name = 'Mallory'));
    await expect(verifyCeremony(renamed)).rejects.toThrow('has another name than the transcript');
  });

  test('the beacon: another value, not last, the development one, alone', async () => {
    const context = copyOf('ended');
    edit(context, (transcript) => void (transcript.contributions[2]!.beacon = 'dd'.repeat(32)));
    await expect(verifyCeremony(context)).rejects.toThrow('has another beacon than the transcript');
    edit(context, (transcript) => void (transcript.contributions[2]!.beacon = phase2Beacon('exit')));
    await expect(verifyCeremony(context)).rejects.toThrow('the public development beacon');
    const early = copyOf('ended');
    edit(early, ({ contributions }) => void contributions.push(...contributions.splice(0, 1)));
    await expect(verifyCeremony(early)).rejects.toThrow('a beacon is not the last contribution');
    const alone = copyOf('ended');
    edit(alone, ({ contributions }) => void contributions.splice(0, 2));
    await expect(verifyCeremony(alone)).rejects.toThrow('no contribution besides the beacon');
    const none = copyOf('contributed');
    edit(none, (transcript) => void (transcript.keys = {}));
    await expect(verifyCeremony(none)).rejects.toThrow('finished without a beacon');
  });

  test('the transcript: not one, another one, other contributions to phase 1', async () => {
    const context = copyOf('ended');
    const published = join(ceremony.folder, 'published.json');
    cpSync(ceremonyFiles.transcript(at.contributed.folder), published);
    // The transcript of an earlier step does not name the later key, and holds for the earlier ones.
    expect((await verifyCeremony({ ...context, transcriptPath: published })).isComplete).toBe(false);
    for (const [text, reason] of [['{', 'not JSON'], ['[]', 'not an object'], ['{"format":2}', 'field format'], [readFileSync(published, 'utf8').replace(/"r1csBlake2b": "../, '"r1csBlake2b": "ZZ'), 'field circuits']] as const) {
      writeFileSync(published, text);
      const error = await refusal(verifyCeremony({ ...context, transcriptPath: published }));
      expect(error.message).toContain('is not the transcript of a ceremony');
      expect(error.facts['reason']).toContain(reason);
    }
    edit(context, ({ phase1 }) => void (phase1.contributions[0]!.name = 'somebody else'));
    await expect(verifyCeremony(context)).rejects.toThrow('the contributions to phase 1 are not those');
  });

  test('keys after the end: the verifying key, the last key', async () => {
    const context = copyOf('ended');
    await finishCeremony(context);
    await expect(finishCeremony(context)).rejects.toThrow('not the time to finish');
    const last = ceremonyFiles.zkey(context.folder, 'join', 3);
    const bytes = readFileSync(last);
    flip(last, 5000);
    await expect(exportKeys(context)).rejects.toThrow('the last key of circuit join is not the file');
    rmSync(last);
    await expect(exportKeys(context)).rejects.toThrow('the last key of circuit join is missing');
    writeFileSync(last, bytes);
    edit(context, (transcript) => void (transcript.keys!['join'] = transcript.keys!['exit']!));
    await expect(verifyCeremony(context)).rejects.toThrow('the verifying key of circuit join is not the one of the transcript');
    await expect(exportKeys(context)).rejects.toThrow('the verifying key of circuit join is not the one of the transcript');
  });
});
