import { closeSync, openSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { buildBn128, type Bytes, type Curve } from 'ffjavascript';
import { RollupError } from '../../base/errors.ts';
import { silentProgress, type Progress } from '../../base/progress.ts';
import { PHASE1_BEACON, phase2Beacon } from './beacons.ts';
import { RECORD_BYTES, type SharedSums } from './constraintSums.ts';
import { CircuitHash, contributionsSection, montgomery } from './contribution.ts';
import { mod, N8, R, radixPower, readElement, writeElement } from './field.ts';
import { BATCH, POINT_BYTES } from './fixedBase.ts';
import { lagrangeAtTau, planSetup, seriesOf, type Series, type SetupPlan } from './plan.ts';
import { MATRIX_A, readR1csBlocks, type R1csBlocks, type R1csHeader } from './r1cs.ts';
import { phase1Secrets, phase2Secrets } from './secrets.ts';
import { Threads } from './threads.ts';
import type { SetupResult, SetupTask, SetupWorkerData } from './worker.ts';
import { bytes32, createZkey, joinBytes, sectionOffsets, u32, writeAt } from './zkeyFile.ts';

export interface DevelopmentSetupParameters {
  /** Name of the circuit: its phase 2 beacon depends on it. */
  name: string;
  r1csPath: string;
  zkeyPath: string;
  /** Worker threads; default: one for each core, fewer for a small circuit. */
  threads?: number;
  /** Bytes of the r1cs that a thread takes at a time. */
  blockBytes?: number;
  progress?: Progress;
  /** Stops the threads; the unfinished file stays. */
  signal?: AbortSignal;
}

export interface DevelopmentSetupReturnType {
  header: R1csHeader;
  domain: number;
}

/** More threads would wait for memory and for the hash. */
const MAX_THREADS = 8;

/** Constraints for which one more thread is worth its start. */
const CONSTRAINTS_PER_THREAD = 2048;

/** Points of one task: small enough that all threads finish together. */
const TASK_POINTS = 2 * BATCH;

/** G2 costs about this many times as much as G1, which matters for progress only. */
const WEIGHT = { G1: 1, G2: 4 } as const;

/** Sections 1 and 2 of the zkey. */
const PROTOCOL_GROTH16 = 1;

/**
 * Makes a Groth16 key from the public development beacons. A beacon-only setup has publicly known secrets, so every point's discrete
 * logarithm can be computed in the scalar field and the point with one fixed-base multiplication. The file equals, byte for byte, what
 * snarkjs's `powersoftau new, beacon, prepare phase2, groth16 setup, zkey beacon` makes with the same beacons from a phase 1 that is
 * larger than the circuit.
 *
 * Threads read the constraints block by block and write the key's sections where they belong; in memory are three field elements a wire,
 * shared, and as many for each thread.
 */
export async function developmentSetup(parameters: DevelopmentSetupParameters): Promise<DevelopmentSetupReturnType> {
  const { name, r1csPath, zkeyPath, blockBytes, progress = silentProgress, signal } = parameters;
  const curve = await buildBn128(true);
  const phase1 = phase1Secrets(curve, PHASE1_BEACON);
  const beacon = phase2Beacon(name);
  const phase2 = phase2Secrets(curve, beacon);
  if (phase2.delta === 0n || phase2.delta === 1n) throw new RollupError(`${name}: delta is trivial`, { hint: 'Choose another phase 2 beacon.' });

  progress.report(`${name}: evaluating the constraints at tau`);
  const r1cs = readR1csBlocks(r1csPath, blockBytes);
  const { header } = r1cs;
  const plan = planSetup({ header, phase1, delta: phase2.delta, rootOfUnity: (k) => curve.Fr.toObject(curve.Fr.w[k]!) });
  const series = seriesOf(plan);
  const phase1Points = phase1PointsOf(curve, plan);
  const head = groth16Header(curve, plan, phase1Points, phase2.deltaKey);
  const publicRecords = plan.publicWires + 1;
  const coefficientBytes = 4 + (r1cs.coefficients + publicRecords) * RECORD_BYTES;
  const contributions = (circuit: Buffer): Buffer => contributionsSection(curve, circuit, beacon, phase2);
  const bytesOf = (section: number): number => {
    const one = series.find((candidate) => candidate.section === section)!;
    return one.count * POINT_BYTES[one.group];
  };
  const sizes = [4, head.length, bytesOf(3), coefficientBytes, bytesOf(5), bytesOf(6), bytesOf(7), bytesOf(8), bytesOf(9), contributions(Buffer.alloc(64)).length];
  const offsets = sectionOffsets(sizes);
  const offsetOf = (section: number): number => offsets[section - 1]!;
  createZkey(zkeyPath, sizes);

  const count = parameters.threads ?? Math.min(MAX_THREADS, availableParallelism(), Math.ceil(header.constraints / CONSTRAINTS_PER_THREAD));
  const sums = sharedSums(plan.wires);
  const data = {
    plan, sums, r1csPath, zkeyPath,
    recordsOffset: offsetOf(4) + 4,
    largest: largestOf(r1cs),
    expected: { G1: expectedOf(series, 'G1', count), G2: expectedOf(series, 'G2', count) },
  } satisfies SetupWorkerData;
  const threads = await Threads.start<SetupTask, SetupResult>({ module: new URL('./worker.ts', import.meta.url), count, data, ...(signal === undefined ? {} : { signal }) });
  const circuit = new CircuitHash(curve, phase1Points);
  const zkey = openSync(zkeyPath, 'r+');
  try {
    await threads.run(r1cs.blocks.map((block) => ({ kind: 'constraints', block })), () => {});
    await threads.inTurn({ kind: 'sums' });
    const records = addPublicRows(plan, sums[0], header.constraints);
    writeAt(zkey, u32(PROTOCOL_GROTH16), offsetOf(1));
    writeAt(zkey, head, offsetOf(2));
    writeAt(zkey, u32(r1cs.coefficients + publicRecords), offsetOf(4));
    writeAt(zkey, records, offsetOf(4) + 4 + r1cs.coefficients * RECORD_BYTES);

    await threads.run(pointTasks(series, offsetOf), pointObserver({ name, series, circuit, progress }));
    refuseZeroPoints(name, zkey, offsetOf(3), publicRecords);
    writeAt(zkey, contributions(circuit.digest()), offsetOf(10));
  } finally {
    closeSync(zkey);
    await threads.terminate();
  }
  return { header, domain: plan.domain };
}

function sharedSums(wires: number): SharedSums {
  const one = (): Uint8Array<SharedArrayBuffer> => new Uint8Array(new SharedArrayBuffer(wires * N8));
  return [one(), one(), one()];
}

function largestOf({ blocks }: R1csBlocks): SetupWorkerData['largest'] {
  const most = (numbers: number[]): number => numbers.reduce((a, b) => Math.max(a, b), 0);
  return { bytes: most(blocks.map((b) => b.bytes)), constraints: most(blocks.map((b) => b.constraints)), coefficients: most(blocks.map((b) => b.coefficients)) };
}

function expectedOf(series: readonly Series[], group: Series['group'], threads: number): number {
  return Math.ceil(series.reduce((sum, one) => sum + (one.group === group ? one.count : 0), 0) / threads);
}

/**
 * One more row for the constant and each public wire keeps their A polynomials independent (malleability otherwise).
 * @returns the rows' records
 */
function addPublicRows(plan: SetupPlan, a: Uint8Array<SharedArrayBuffer>, constraints: number): Uint8Array {
  const records = Buffer.alloc((plan.publicWires + 1) * RECORD_BYTES);
  const view = new DataView(records.buffer, records.byteOffset);
  const sums = new DataView(a.buffer);
  for (let wire = 0; wire <= plan.publicWires; wire++) {
    const row = constraints + wire;
    writeElement(sums, wire * N8, mod(readElement(sums, wire * N8) + lagrangeAtTau(plan, row)));
    [MATRIX_A, row, wire].forEach((number, i) => view.setUint32(wire * RECORD_BYTES + 4 * i, number, true));
    writeElement(view, wire * RECORD_BYTES + 12, radixPower(2));
  }
  return records;
}

function pointTasks(series: readonly Series[], offsetOf: (section: number) => number): Extract<SetupTask, { kind: 'points' }>[] {
  return series.flatMap(({ name, group, count, section, hashedCount }) =>
    Array.from({ length: Math.ceil(count / TASK_POINTS) }, (_, i) => {
      const start = i * TASK_POINTS;
      return {
        kind: 'points' as const, series: name, group, start,
        count: Math.min(TASK_POINTS, count - start),
        ...(section === undefined ? {} : { offset: offsetOf(section) + start * POINT_BYTES[group] }),
        isHashed: hashedCount !== undefined,
      };
    }),
  );
}

/** Hashes points as they come, in order, and says how far it is. */
function pointObserver({ name, series, circuit, progress }: { name: string; series: readonly Series[]; circuit: CircuitHash; progress: Progress }): (result: SetupResult, task: SetupTask) => void {
  const total = series.reduce((sum, { group, count }) => sum + WEIGHT[group] * count, 0);
  // An empty series has no task but stands in the hash: its head comes before the next one's.
  const heads = series.filter(({ hashedCount }) => hashedCount !== undefined);
  let done = 0;
  let tenths = -1;
  return (points, task) => {
    if (task.kind !== 'points') return;
    if (points) {
      const reached = task.start === 0 ? heads.findIndex((one) => one.name === task.series) : -1;
      for (const head of heads.splice(0, reached + 1)) circuit.startSeries(head.hashedCount!);
      circuit.addPoints(points);
    }
    done += WEIGHT[task.group] * task.count;
    if (Math.floor((10 * done) / total) > tenths) progress.report(`${name}: key points`, (tenths = Math.floor((10 * done) / total)) / 10);
  };
}

function phase1PointsOf(curve: Curve, { alpha, beta }: SetupPlan): [alpha1: Bytes, beta1: Bytes, beta2: Bytes] {
  const { G1, G2, Fr } = curve;
  const [a, b] = [Fr.fromObject(alpha), Fr.fromObject(beta)];
  return [montgomery(G1, G1.timesFr(G1.g, a)), montgomery(G1, G1.timesFr(G1.g, b)), montgomery(G2, G2.timesFr(G2.g, b))];
}

function groth16Header(curve: Curve, { wires, publicWires, domain }: SetupPlan, phase1: readonly Bytes[], delta: Bytes): Uint8Array {
  const { G1, G2 } = curve;
  return joinBytes(
    u32(N8), bytes32(curve.q), u32(N8), bytes32(R),
    u32(wires), u32(publicWires), u32(domain),
    ...phase1,
    montgomery(G2, G2.g), // gamma is never contributed to
    montgomery(G1, G1.timesFr(G1.g, delta)),
    montgomery(G2, G2.timesFr(G2.g, delta)),
  );
}

/** A zero point in IC would leave a public input unbound. */
function refuseZeroPoints(name: string, zkey: number, offset: number, count: number): void {
  const size = POINT_BYTES.G1;
  const ic = Buffer.alloc(count * size);
  readSync(zkey, ic, 0, ic.length, offset);
  for (let i = 0; i < count; i++) {
    if (ic.subarray(i * size, (i + 1) * size).some((byte) => byte !== 0)) continue;
    throw new RollupError(`${name}: the key's point for public input ${i - 1} is zero`, { hint: 'Choose another phase 1 beacon.' });
  }
}
