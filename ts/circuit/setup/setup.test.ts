import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { curves, groth16, powersOfTau, wtns, zKey, type File } from 'snarkjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBn128 } from 'ffjavascript';
import { poseidon } from '../../spec/poseidon.ts';
import { artifactPaths, type CircuitArtifacts } from '../artifacts.ts';
import { compile } from '../compile.ts';
import { makeSmallCircuit } from '../smallCircuit.ts';
import { readSources } from '../sources.ts';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME, PHASE1_BEACON, phase2Beacon } from './beacons.ts';
import { FIELD } from '../../spec/field.ts';
import { R, inverse, mod, power, readElement } from './field.ts';
import { BATCH, createFixedBase, POINT_BYTES } from './fixedBase.ts';
import { readR1cs, readR1csBlocks } from './r1cs.ts';
import { ScalarField } from './scalarField.ts';
import { developmentSetup } from './setup.ts';
import { WasmArena } from './wasmArena.ts';
import { readFirstSections } from './zkeyFile.ts';

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

  test('does not depend on the number of threads and on where the constraints are cut', async () => {
    const again = join(small.folder, 'again.zkey');
    expect(readR1csBlocks(files.r1cs, 1000).blocks.length).toBeGreaterThan(10);
    for (const options of [{ threads: 1 }, { threads: 3, blockBytes: 1000 }]) {
      await developmentSetup({ name: 'small', r1csPath: files.r1cs, zkeyPath: again, ...options });
      expect(readFileSync(again).equals(theirs), JSON.stringify(options)).toBe(true);
    }
  });

  test('can be stopped', async () => {
    const controller = new AbortController();
    const stopped = developmentSetup({ name: 'small', r1csPath: files.r1cs, zkeyPath: join(small.folder, 'stopped.zkey'), signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(stopped).rejects.toThrow('the key setup was stopped');
  });

  test('depends on the name in delta, C and H only', async () => {
    const again = join(small.folder, 'other.zkey');
    await developmentSetup({ name: 'other', r1csPath: files.r1cs, zkeyPath: again });
    const [expected, actual] = [sections(theirs), sections(readFileSync(again))];
    for (const id of [1, 3, 4, 5, 6, 7]) expect(actual.get(id)!.equals(expected.get(id)!), `section ${id}`).toBe(true);
    for (const id of [2, 8, 9, 10]) expect(actual.get(id)!.equals(expected.get(id)!), `section ${id}`).toBe(false);
  });

  test('refuses a file that is not an r1cs', () => {
    const path = join(small.folder, 'bad.r1cs');
    for (const read of [readR1cs, readR1csBlocks]) {
      writeFileSync(path, 'not constraints');
      expect(() => read(path)).toThrow('not an r1cs file');
      writeFileSync(path, readFileSync(files.r1cs).subarray(0, 2000));
      expect(() => read(path)).toThrow('cut off');
    }
    const bytes = readFileSync(files.r1cs);
    const { blocks } = readR1csBlocks(files.r1cs);
    bytes.writeUInt32LE(2 ** 30, blocks[0]!.offset); // coefficients of the first linear combination
    writeFileSync(path, bytes);
    expect(() => readR1csBlocks(path)).toThrow('constraints do not fill their section');
  });

  test('refuses a wire that is not there', async () => {
    const path = join(small.folder, 'wire.r1cs');
    const bytes = readFileSync(files.r1cs);
    const { blocks } = readR1csBlocks(files.r1cs);
    const start = blocks[0]!.offset;
    expect(bytes.readUInt32LE(start)).toBeGreaterThan(0);
    bytes.writeUInt32LE(1_000_000, start + 4);
    writeFileSync(path, bytes);
    const failed = developmentSetup({ name: 'small', r1csPath: path, zkeyPath: join(small.folder, 'wire.zkey') });
    await expect(failed).rejects.toMatchObject({ message: 'a thread of the key setup failed', cause: { message: 'the r1cs names a wire that it does not have' } });
  });

  test("the first sections of a key are a key that snarkjs takes a verifying key from", async () => {
    const whole = await zKey.exportVerificationKey({ type: 'mem', data: readFileSync(files.zkey) });
    expect(await zKey.exportVerificationKey({ type: 'mem', data: readFirstSections(files.zkey, 3) })).toEqual(whole);
    expect(() => readFirstSections(files.r1cs, 3)).toThrow('is not a proving key');
    const cut = join(small.folder, 'cut.zkey');
    writeFileSync(cut, theirs.subarray(0, 300));
    expect(() => readFirstSections(cut, 3)).toThrow('is not a proving key');
  });
});

describe('fixed-base multiplication', () => {
  test('equals the curve library on edge cases and in every window size', async () => {
    const curve = await curves.getCurveFromName('bn128');
    const edges = [0n, 1n, 2n, 8191n, 8192n, 8193n, 16383n, 16384n, 16385n, (1n << 253n) - 1n, R - 2n, R - 1n];
    for (const expected of [edges.length, 300, 9000, 400_000]) {
      const own = await buildBn128(true);
      const arena = new WasmArena(own);
      const input = arena.reserve(BATCH * 32);
      const scalars = [...edges];
      for (let x = 0x5eedn; scalars.length < Math.min(expected, BATCH); x = (x * x + 7n) % R) scalars.push(x);
      for (const group of ['G1', 'G2'] as const) {
        const size = POINT_BYTES[group];
        const base = createFixedBase(own, arena, group, expected);
        const field = new ScalarField(own, arena);
        scalars.forEach((scalar, i) => field.setPlain(input + 32 * i, scalar));
        const points = arena.bytes(base.multiply(input, scalars.length), scalars.length * size);
        const theirs = curve[group];
        for (const i of [...edges.keys(), scalars.length - 1]) {
          const wanted = new Uint8Array(size);
          theirs.toRprLEM(wanted, 0, theirs.toAffine(theirs.timesScalar(theirs.g, scalars[i]!)));
          expect(Buffer.from(points.subarray(i * size, (i + 1) * size)).equals(wanted), `${scalars[i]} · ${group}, table for ${expected}`).toBe(true);
        }
      }
    }
  });
});

describe('scalar field', () => {
  test('inverts', () => {
    for (const value of [1n, 2n, R - 1n, 12345678901234567890n]) expect((value * inverse(value)) % R).toBe(1n);
    expect(() => inverse(0n)).toThrow(RangeError);
  });

  test('evaluates Lagrange polynomials as their formula says', async () => {
    const curve = await buildBn128(true);
    const power12 = curve.Fr.toObject(curve.Fr.w[12]!);
    const arena = new WasmArena(curve); // detaches the curve's own view
    const field = new ScalarField(curve, arena);
    const count = 3000; // more than one batch
    const out = arena.reserve(32 * count);
    const [tau, scale, first] = [987654321n, 5n, power(power12, 7n)];
    field.lagrange({ tau, first, ratio: power12, scale, count, out, isMontgomery: false });
    for (const i of [0, 1, 2047, 2048, count - 1]) {
      const x = mod(first * power(power12, BigInt(i)));
      expect(readElement(arena.view(), out + 32 * i)).toBe((((scale * x) % R) * inverse(tau - x)) % R);
    }
  });
});
