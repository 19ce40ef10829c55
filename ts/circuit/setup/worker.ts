import { openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { buildBn128 } from 'ffjavascript';
import { ConstraintSums, type ConstraintSumsParameters, type SharedSums } from './constraintSums.ts';
import { BATCH, createFixedBase, POINT_BYTES, type FixedBase, type GroupName } from './fixedBase.ts';
import type { Series, SetupPlan } from './plan.ts';
import type { R1csBlock } from './r1cs.ts';
import { ScalarField } from './scalarField.ts';
import { SeriesScalars } from './seriesScalars.ts';
import { WasmArena } from './wasmArena.ts';
import { writeAt } from './zkeyFile.ts';

export interface SetupWorkerData {
  plan: SetupPlan;
  sums: SharedSums;
  r1csPath: string;
  zkeyPath: string;
  recordsOffset: number;
  largest: ConstraintSumsParameters['largest'];
  /** Multiplications that this thread is expected to make: sizes its tables. */
  expected: Readonly<Record<GroupName, number>>;
}

export type SetupTask =
  | { kind: 'constraints'; block: R1csBlock }
  /** After the last constraints: hands the thread's sums over. */
  | { kind: 'sums' }
  | { kind: 'points'; series: Series['name']; group: GroupName; start: number; count: number; /** Place in the zkey. */ offset?: number; isHashed: boolean };

/** What a task gives: uncompressed points if they are hashed. */
export type SetupResult = Uint8Array<ArrayBuffer> | undefined;

/** What a thread does; the rest of this file puts it behind the message port. @throws RollupError when a file cannot be read or written */
export async function createSetupWorker(data: SetupWorkerData): Promise<(task: SetupTask) => SetupResult> {
  const { plan, sums, expected } = data;
  const curve = await buildBn128(true);
  const arena = new WasmArena(curve);
  const r1cs = openSync(data.r1csPath, 'r');
  const zkey = openSync(data.zkeyPath, 'r+');
  let constraints: ConstraintSums | undefined = new ConstraintSums({ ...data, arena, field: new ScalarField(curve, arena), r1cs, zkey });
  let scalars: SeriesScalars | undefined;
  const bases = new Map<GroupName, FixedBase>();
  const uncompress = { G1: curve.tm.instance.exports['g1m_batchLEMtoU']!, G2: curve.tm.instance.exports['g2m_batchLEMtoU']! };
  let uncompressed = 0;

  const points = ({ series, group, start, count, offset, isHashed }: Extract<SetupTask, { kind: 'points' }>): SetupResult => {
    if (constraints) {
      // The sums are in shared memory now: their place serves for the tables.
      constraints = undefined;
      arena.clear();
      uncompressed = arena.reserve(BATCH * POINT_BYTES.G2);
      scalars = new SeriesScalars({ arena, field: new ScalarField(curve, arena), plan, sums, batch: BATCH });
      for (const name of ['G1', 'G2'] as const) bases.set(name, createFixedBase(curve, arena, name, expected[name]));
    }
    const size = POINT_BYTES[group];
    const hashed = isHashed ? new Uint8Array(count * size) : undefined;
    for (let at = 0; at < count; at += BATCH) {
      const batch = Math.min(BATCH, count - at);
      const pointer = bases.get(group)!.multiply(scalars!.fill(series, start + at, batch), batch);
      if (offset !== undefined) writeAt(zkey, arena.bytes(pointer, batch * size), offset + at * size);
      if (hashed === undefined) continue;
      uncompress[group](pointer, batch, uncompressed);
      hashed.set(arena.bytes(uncompressed, batch * size), at * size);
    }
    return hashed;
  };

  return (task) => {
    if (task.kind === 'constraints') constraints!.add(task.block);
    else if (task.kind === 'sums') constraints!.addTo(sums);
    else return points(task);
    return undefined;
  };
}

const port = parentPort;
if (port) {
  const work = await createSetupWorker(workerData as SetupWorkerData);
  port.on('message', (task: SetupTask) => {
    const result = work(task);
    port.postMessage(result, result === undefined ? [] : [result.buffer]);
  });
  port.postMessage(undefined);
}
