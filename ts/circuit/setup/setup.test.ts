import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curves, groth16, powersOfTau, wtns, zKey, type File } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poseidon } from '../../spec/poseidon.ts';
import { artifactPaths, type CircuitArtifacts } from '../artifacts.ts';
import { compile } from '../compile.ts';
import { makeSmallCircuit } from '../smallCircuit.ts';
import { readSources } from '../sources.ts';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME, PHASE1_BEACON, phase2Beacon } from './beacons.ts';
import { FIELD } from '../../spec/field.ts';
import { R, invertAll, inverse } from './field.ts';
import { multiplyGenerators } from './multiply.ts';
import { readR1cs } from './r1cs.ts';
import { developmentSetup } from './setup.ts';

const small = makeSmallCircuit({ rounds: 1 });
const POWER = 9;
let files: CircuitArtifacts;
let ptau: File;
let theirs: Buffer;

/** snarkjs's beacon calls return false instead of throwing. */
function accepted<T>(result: T | false): T {
  if (result === false) throw new Error('snarkjs refused an argument');
  return result;
}

function sections(zkey: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 12; at < zkey.length; ) {
    const size = Number(zkey.readBigUInt64LE(at + 4));
    found.set(zkey.readUInt32LE(at), zkey.subarray(at + 12, at + 12 + size));
    at += 12 + size;
  }
  return found;
}

beforeAll(async () => {
  const sources = readSources(small.instance, small.circuits);
  files = artifactPaths('small', sources.hash, small.buildFolder);
  await compile({ sources, artifacts: files, circuits: small.circuits });
  await developmentSetup({ name: 'small', r1csPath: files.r1cs, zkeyPath: files.zkey });

  const file = (name: string): string => join(small.folder, name);
  const curve = await curves.getCurveFromName('bn128');
  await powersOfTau.newAccumulator(curve, POWER, file('0.ptau'));
  accepted(await powersOfTau.beacon(file('0.ptau'), file('1.ptau'), CONTRIBUTION_NAME, PHASE1_BEACON, BEACON_ITERATIONS_EXPONENT));
  ptau = file('2.ptau');
  await powersOfTau.preparePhase2(file('1.ptau'), ptau);
  await zKey.newZKey(files.r1cs, ptau, file('0.zkey'));
  accepted(await zKey.beacon(file('0.zkey'), file('1.zkey'), CONTRIBUTION_NAME, phase2Beacon('small'), BEACON_ITERATIONS_EXPONENT));
  theirs = readFileSync(file('1.zkey'));
});

afterAll(async () => {
  small.remove();
  await (await curves.getCurveFromName('bn128')).terminate();
});

describe('development setup', () => {
  test("equals snarkjs's beacon pipeline byte for byte", () => {
    const ours = readFileSync(files.zkey);
    const [expected, actual] = [sections(theirs), sections(ours)];
    expect([...actual.keys()]).toEqual([...expected.keys()]);
    for (const [id, bytes] of expected) expect(bytes.equals(actual.get(id)!), `section ${id}`).toBe(true);
    expect(ours.equals(theirs), 'whole file').toBe(true);
  });

  test("passes snarkjs's `zkey verify` with the phase 1 file", async () => {
    expect(await zKey.verifyFromR1cs(files.r1cs, ptau, files.zkey)).toBe(true);
  });

  test('gives a key whose proofs verify, and only with their own inputs', async () => {
    const left = 5n;
    const right = 7n;
    const factor = 3n;
    const hash = (poseidon([left, right]) * factor) % FIELD;
    const witness = { type: 'mem' as const };
    await wtns.calculate({ hash, left, right, factor }, files.wasm, witness);
    const { proof, publicSignals } = await groth16.prove(files.zkey, witness);
    const key = await zKey.exportVerificationKey({ type: 'mem', data: readFileSync(files.zkey) });
    expect(publicSignals).toEqual([`${hash}`]);
    expect(await groth16.verify(key, publicSignals, proof)).toBe(true);
    expect(await groth16.verify(key, [`${hash + 1n}`], proof)).toBe(false);
  });

  test('does not depend on the number of threads, and depends on the name in delta, C and H only', async () => {
    const again = join(small.folder, 'again.zkey');
    await developmentSetup({ name: 'small', r1csPath: files.r1cs, zkeyPath: again, threads: 1 });
    expect(readFileSync(again).equals(theirs)).toBe(true);

    await developmentSetup({ name: 'other', r1csPath: files.r1cs, zkeyPath: again });
    const [expected, actual] = [sections(theirs), sections(readFileSync(again))];
    for (const id of [1, 3, 4, 5, 6, 7]) expect(actual.get(id)!.equals(expected.get(id)!), `section ${id}`).toBe(true);
    for (const id of [2, 8, 9, 10]) expect(actual.get(id)!.equals(expected.get(id)!), `section ${id}`).toBe(false);
  });

  test('refuses a file that is not an r1cs', () => {
    const path = join(small.folder, 'bad.r1cs');
    writeFileSync(path, 'not constraints');
    expect(() => readR1cs(path)).toThrow('not an r1cs file');
    writeFileSync(path, readFileSync(files.r1cs).subarray(0, 2000));
    expect(() => readR1cs(path)).toThrow('cut off');
  });
});

describe('fixed-base multiplication', () => {
  test('equals the curve library on edge cases and in every window size', async () => {
    const curve = await curves.getCurveFromName('bn128');
    const edges = [0n, 1n, 2n, 8191n, 8192n, 8193n, 16383n, 16384n, (1n << 253n) - 1n, R - 2n, R - 1n];
    for (const count of [edges.length, 300, 9000]) {
      const scalars = [...edges];
      for (let x = 0x5eedn; scalars.length < count; x = (x * x + 7n) % R) scalars.push(x);
      const [g1, g2] = await multiplyGenerators({ jobs: [{ group: 'G1', scalars }, { group: 'G2', scalars }] });
      for (const i of [...edges.keys(), count - 1]) {
        for (const [group, points, size] of [[curve.G1, g1!, 64], [curve.G2, g2!, 128]] as const) {
          const expected = new Uint8Array(size);
          group.toRprLEM(expected, 0, group.toAffine(group.timesScalar(group.g, scalars[i]!)));
          expect(Buffer.from(points.subarray(i * size, (i + 1) * size)).equals(expected), `${scalars[i]} · G, ${size} bytes, ${count} scalars`).toBe(true);
        }
      }
    }
  });
});

describe('scalar field', () => {
  test('inverts, alone and all at once', () => {
    const values = [1n, 2n, R - 1n, 12345678901234567890n];
    const inverted = [...values];
    invertAll(inverted);
    values.forEach((value, i) => {
      expect((value * inverted[i]!) % R).toBe(1n);
      expect(inverse(value)).toBe(inverted[i]);
    });
    expect(() => inverse(0n)).toThrow(RangeError);
    expect(() => invertAll([1n, 0n])).toThrow(RangeError);
  });
});
