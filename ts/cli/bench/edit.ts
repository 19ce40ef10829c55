import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { RollupError } from '../../base/errors.ts';
import { paths } from '../../base/paths.ts';
import type { Progress } from '../../base/progress.ts';
import { readInfo, type CircuitArtifacts } from '../../circuit/artifacts.ts';
import { buildCircuits } from '../../circuit/build.ts';
import { readInstances, selectInstances, type CircuitInstance } from '../../circuit/instances.ts';
import { createProver } from '../../prover/pool.ts';
import type { CircuitName } from '../../prover/prove.ts';
import type { Signals } from '../../prover/witness.ts';
import type { Figure } from './figure.ts';
import { marks } from './marks.ts';
import type { SectionParameters } from './section.ts';

/** What a circuit engineer waits for: a source is edited, a proof by the new keys is verified. */
export async function measureEdit({ progress, signal }: SectionParameters): Promise<Figure[]> {
  const [instance] = selectInstances(readInstances(), ['segment']) as [CircuitInstance];
  const { fullSegmentSignals } = await import('./fullSegment.ts');
  const measured = await editToProof({ instance, circuits: paths.circuits, signals: fullSegmentSignals(), progress, signal });
  const figure = (name: string, value: number): Figure => ({ section: 'edit', name: `segment, edited: ${name}`, value, unit: 'seconds' });
  return [
    ...(['compile', 'setup', 'witness', 'prove', 'verify'] as const).map((step) => figure(step, measured[step])),
    { ...figure('from edited source to verified proof', measured.total), mark: marks.editSeconds },
  ];
}

export interface EditToProofParameters {
  instance: CircuitInstance;
  /** Sources; a copy of them is edited. */
  circuits: string;
  signals: Signals;
  progress: Progress;
  signal: AbortSignal;
}

/** Seconds of each step; `total` is what passed on the clock, starts of processes included. */
export type EditToProof = Record<'compile' | 'setup' | 'witness' | 'prove' | 'verify' | 'total', number>;

export async function editToProof({ instance, circuits, signals, progress, signal }: EditToProofParameters): Promise<EditToProof> {
  const folder = mkdtempSync(join(tmpdir(), 'rollup-bench-edit-'));
  const copy = join(folder, 'circuits');
  const skipped = new Set([basename(paths.circuitBuild), basename(paths.ceremony)]);
  try {
    cpSync(circuits, copy, { recursive: true, filter: (source) => !skipped.has(basename(source)) });
    appendFileSync(join(copy, instance.file), '// edited\n');
    const start = performance.now();
    const [built] = (await buildCircuits({ instances: [instance], circuits: copy, buildFolder: join(folder, 'build'), progress, signal })) as [CircuitArtifacts];
    const prover = createProver({ concurrency: 1, artifacts: () => built });
    try {
      progress.report('edit: proving with the new key');
      // The worker has verified the proof when it answers.
      const { timing } = await prover.prove({ circuit: instance.name as CircuitName, signals, signal });
      const total = (performance.now() - start) / 1000;
      const { compileSeconds, setupSeconds } = readInfo(built);
      if (total < compileSeconds + setupSeconds) throw new RollupError('The clock went backwards', { facts: { total, compileSeconds, setupSeconds } });
      return { compile: compileSeconds, setup: setupSeconds, witness: timing.witnessSeconds, prove: timing.proveSeconds, verify: timing.verifySeconds, total };
    } finally {
      await prover.terminate();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
