import { RollupError } from '../../base/errors.ts';
import type { CircuitInfo } from '../../circuit/artifacts.ts';
import { ensureBuilt } from '../../circuit/ensureBuilt.ts';
import { buildStoryScenario } from '../../fixtures/story.ts';
import { createProver } from '../../prover/pool.ts';
import type { CircuitName, ProofTiming } from '../../prover/prove.ts';
import { segmentSignals, type Signals } from '../../prover/witness.ts';
import { exitSignals } from '../../prover/witnessExit.ts';
import { joinSignals } from '../../prover/witnessJoin.ts';
import { params } from '../../spec/params.ts';
import type { Figure, Mark, Unit } from './figure.ts';
import { marks } from './marks.ts';
import { measureParts } from './parts.ts';
import type { SectionParameters } from './section.ts';

const MEBIBYTE = 2 ** 20;
/** Proofs of a segment that are asked for at once to measure the rate. */
const RATE_PROOFS = 4;

/** Sizes and build costs from circuits/build, costs of real proofs of the story's blocks. */
export async function measureCircuits({ progress, signal }: SectionParameters): Promise<Figure[]> {
  const infos = (await ensureBuilt({ progress, signal })).map(({ info }) => info);
  const figures = [...infos.flatMap(buildFigures), ...(await measureParts({ progress, signal }))];
  const signals = await storySignals();
  for (const circuit of ['segment', 'join', 'exit'] as const) {
    signal.throwIfAborted();
    progress.report(`circuits: proving ${circuit}`);
    figures.push(...proofFigures(circuit, await proveTwice(circuit, signals[circuit], signal)));
  }
  progress.report(`circuits: proving ${RATE_PROOFS} segments at once`);
  return [...figures, ...(await rateFigures(signals.segment, signal))];
}

function figureOf(name: string, value: number, unit: Unit, mark?: Mark): Figure {
  return { section: 'circuits', name, value, unit, ...(mark ? { mark } : {}) };
}

function buildFigures(info: CircuitInfo): Figure[] {
  const { name, constraints, wires, compileSeconds, setupSeconds, compilePeakBytes, setupPeakBytes } = info;
  const markOf: Partial<Record<string, Mark>> = { segment: marks.segmentConstraintsBound, exit: marks.exitConstraints };
  return [
    figureOf(`${name}: constraints`, constraints, 'constraints', markOf[name]),
    ...(name === 'segment'
      ? [
          figureOf(`${name}: constraints a slot, fixed part included`, constraints / params.slots, 'constraints', marks.slotConstraints),
          figureOf(`${name}: the same against our bound`, constraints / params.slots, 'constraints', marks.slotConstraintsBound),
        ]
      : []),
    figureOf(`${name}: wires`, wires, 'wires'),
    figureOf(`${name}: compile, when it was built`, compileSeconds, 'seconds'),
    figureOf(`${name}: compile, peak memory`, compilePeakBytes / MEBIBYTE, 'mebibytes', marks.peakMebibytes),
    figureOf(`${name}: setup, when it was built`, setupSeconds, 'seconds'),
    figureOf(`${name}: setup, peak memory`, setupPeakBytes / MEBIBYTE, 'mebibytes', marks.peakMebibytes),
  ];
}

/** Inputs of real proofs: the fullest segment of the story, the join with the most segments, the exit of a leaf with money. */
async function storySignals(): Promise<Record<CircuitName, Signals>> {
  const { blocks, state } = await buildStoryScenario();
  const traces = blocks.map(({ trace }) => trace);
  const segment = traces.flatMap(({ segments }) => segments).sort((a, b) => b.slots.length - a.slots.length)[0];
  const join = traces.map((trace) => trace.join).sort((a, b) => b.segments.length - a.segments.length)[0];
  const found = state.chains.flatMap((chain, chainIndex) => chain.entries().map((entry) => ({ chainIndex, ...entry }))).find(({ leaf }) => leaf.balance > 0n);
  if (!segment || !join || !found) throw new RollupError('The story has no block to prove', { facts: { blocks: blocks.length } });
  const { chainIndex, leafIndex } = found;
  return {
    segment: segmentSignals(segment),
    join: joinSignals(join),
    exit: exitSignals({ state, chainIndex, leafIndex }),
  };
}

/** A proof by a new worker, then one by the warm worker, which has the machine to itself. */
async function proveTwice(circuit: CircuitName, signals: Signals, signal: AbortSignal): Promise<{ firstSeconds: number; warm: ProofTiming }> {
  const prover = createProver({ concurrency: 1 });
  try {
    const start = performance.now();
    await prover.prove({ circuit, signals, signal });
    const firstSeconds = (performance.now() - start) / 1000;
    const { timing } = await prover.prove({ circuit, signals, signal });
    return { firstSeconds, warm: timing };
  } finally {
    await prover.terminate();
  }
}

function proofFigures(circuit: CircuitName, { firstSeconds, warm }: { firstSeconds: number; warm: ProofTiming }): Figure[] {
  const isExit = circuit === 'exit';
  return [
    figureOf(`${circuit}: first proof, worker start included`, firstSeconds, 'seconds', isExit ? marks.exitSeconds : undefined),
    figureOf(`${circuit}: witness`, warm.witnessSeconds, 'seconds'),
    figureOf(`${circuit}: prove, ${warm.threads} threads`, warm.proveSeconds, 'seconds'),
    figureOf(`${circuit}: verify`, warm.verifySeconds, 'seconds'),
    figureOf(`${circuit}: witness and proof, peak memory`, warm.peakBytes / MEBIBYTE, 'mebibytes', isExit ? marks.exitMebibytes : marks.peakMebibytes),
  ];
}

/** Several segments with a worker for each core, as the sequencer proves. */
async function rateFigures(signals: Signals, signal: AbortSignal): Promise<Figure[]> {
  const prover = createProver();
  try {
    const start = performance.now();
    const all = Promise.all(Array.from({ length: RATE_PROOFS }, () => prover.prove({ circuit: 'segment', signals, signal })));
    await all;
    const minutes = (performance.now() - start) / 60_000;
    return [figureOf('segments proved on all cores', RATE_PROOFS / minutes, 'per minute'), figureOf('operations proved on all cores', (params.slots * RATE_PROOFS) / minutes, 'per minute')];
  } finally {
    await prover.terminate();
  }
}
