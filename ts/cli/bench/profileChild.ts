import { formatError } from '../../base/errors.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { readInstances, selectInstances } from '../../circuit/instances.ts';
import { createProver } from '../../prover/pool.ts';
import { params } from '../../spec/params.ts';
import { fullSegmentSignals } from './fullSegment.ts';
import type { ProfileMeasurement } from './profiles.ts';

// Builds the segment of the process's profile and proves it once, full of transfers; prints one JSON object.

async function main(): Promise<void> {
  const [built] = await ensureBuilt({ instances: selectInstances(readInstances(), ['segment']) });
  if (!built) throw new Error('nothing was built');
  const prover = createProver({ concurrency: 1, artifacts: () => built.artifacts });
  try {
    const { timing } = await prover.prove({ circuit: 'segment', signals: fullSegmentSignals() });
    process.stdout.write(JSON.stringify({ profile: params.profile, slots: params.slots, info: built.info, timing } satisfies ProfileMeasurement));
  } finally {
    await prover.terminate();
  }
}

// snarkjs keeps its worker threads.
main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${formatError(error)}\n`);
    process.exit(1);
  },
);
