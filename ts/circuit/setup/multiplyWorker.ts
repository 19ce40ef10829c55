import { parentPort } from 'node:worker_threads';
import { buildBn128 } from 'ffjavascript';
import { createFixedBase, type FixedBase, type GroupName } from './fixedBase.ts';

/** A run of scalars and the place for their points, both in shared memory. `expected` sizes the tables. */
export interface MultiplyTask {
  group: GroupName;
  expected: number;
  scalars: Uint8Array<SharedArrayBuffer>;
  points: Uint8Array<SharedArrayBuffer>;
}

const port = parentPort;
if (port) {
  const curve = await buildBn128(true);
  const bases = new Map<GroupName, FixedBase>();
  port.on('message', (task: MultiplyTask) => {
    let base = bases.get(task.group);
    if (!base) bases.set(task.group, (base = createFixedBase(curve, task.group, task.expected)));
    base.multiply(task.scalars, task.points);
    port.postMessage('done');
  });
  port.postMessage('ready');
}
