import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves, powersOfTau, zKey } from 'snarkjs';
import { RollupError } from '../../base/errors.ts';
import type { Progress } from '../../base/progress.ts';
import { artifactPaths } from '../../circuit/artifacts.ts';
import { compile } from '../../circuit/compile.ts';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME, PHASE1_BEACON, phase2Beacon } from '../../circuit/setup/beacons.ts';
import { readR1cs } from '../../circuit/setup/r1cs.ts';
import { developmentSetup } from '../../circuit/setup/setup.ts';
import { makeSmallCircuit } from '../../circuit/smallCircuit.ts';
import { readSources } from '../../circuit/sources.ts';
import type { Figure } from './figure.ts';
import { marks } from './marks.ts';
import type { SectionParameters } from './section.ts';

/** Poseidon hashes of the circuit that is measured: a domain of 2^13, for which the pipeline takes minutes. */
const ROUNDS = 30;

/** The development setup beside the snarkjs pipeline that gives the same file. */
export async function measureSetup({ progress, signal }: SectionParameters): Promise<Figure[]> {
  const { constraints, domain, steps, pipelineSeconds, setupSeconds, pipelineCpuSeconds, setupCpuSeconds } = await compareSetups({ rounds: ROUNDS, progress, signal });
  const seconds = (name: string, value: number): Figure => ({ section: 'setup', name, value, unit: 'seconds' });
  return [
    { section: 'setup', name: 'circuit of both: constraints', value: constraints, unit: 'constraints' },
    { section: 'setup', name: 'circuit of both: domain', value: domain, unit: 'constraints' },
    ...steps.map(({ name, seconds: value }) => seconds(`snarkjs: ${name}`, value)),
    seconds('snarkjs pipeline', pipelineSeconds),
    seconds('development setup, same bytes', setupSeconds),
    { section: 'setup', name: 'development setup: times faster than the pipeline', value: pipelineSeconds / setupSeconds, unit: 'times', mark: marks.setupTimes },
    // Says something on a busy machine too.
    { section: 'setup', name: 'the same in processor time of all threads', value: pipelineCpuSeconds / setupCpuSeconds, unit: 'times', mark: marks.setupTimes },
  ];
}

export interface CompareSetupsParameters {
  /** Poseidon hashes in the circuit, some 250 constraints each. */
  rounds: number;
  progress: Progress;
  signal: AbortSignal;
}

export interface ComparedSetups {
  constraints: number;
  domain: number;
  steps: { name: string; seconds: number }[];
  pipelineSeconds: number;
  setupSeconds: number;
  /** Processor time of all threads. */
  pipelineCpuSeconds: number;
  setupCpuSeconds: number;
}

/** @throws RollupError when the two keys are not the same, byte for byte */
export async function compareSetups({ rounds, progress, signal }: CompareSetupsParameters): Promise<ComparedSetups> {
  const small = makeSmallCircuit({ rounds });
  const folder = mkdtempSync(join(tmpdir(), 'rollup-bench-setup-'));
  const file = (name: string): string => join(folder, name);
  const { name } = small.instance;
  try {
    const sources = readSources(small.instance, small.circuits);
    const artifacts = artifactPaths(name, sources.hash, small.buildFolder);
    progress.report('setup: compiling a circuit to measure with');
    await compile({ sources, artifacts, circuits: small.circuits, signal });
    const { constraints } = readR1cs(artifacts.r1cs).header;

    progress.report('setup: development setup');
    const start = performance.now();
    const cpuStart = process.cpuUsage();
    const { domain } = await developmentSetup({ name, r1csPath: artifacts.r1cs, zkeyPath: file('development.zkey') });
    const setupSeconds = (performance.now() - start) / 1000;
    const setupCpuSeconds = cpuSince(cpuStart);

    // Phase 1 is one power larger than the circuit, as every public file is.
    const power = Math.log2(domain) + 1;
    const curve = await curves.getCurveFromName('bn128');
    const work: [string, () => Promise<unknown>][] = [
      ['powers of tau, new', async () => await powersOfTau.newAccumulator(curve, power, file('0.ptau'))],
      ['powers of tau, beacon', async () => await powersOfTau.beacon(file('0.ptau'), file('1.ptau'), CONTRIBUTION_NAME, PHASE1_BEACON, BEACON_ITERATIONS_EXPONENT)],
      ['prepare phase 2', async () => await powersOfTau.preparePhase2(file('1.ptau'), file('2.ptau'))],
      ['groth16 setup', async () => await zKey.newZKey(artifacts.r1cs, file('2.ptau'), file('0.zkey'))],
      ['zkey beacon', async () => await zKey.beacon(file('0.zkey'), file('1.zkey'), CONTRIBUTION_NAME, phase2Beacon(name), BEACON_ITERATIONS_EXPONENT)],
    ];
    const steps: ComparedSetups['steps'] = [];
    const cpuPipeline = process.cpuUsage();
    for (const [step, run] of work) {
      signal.throwIfAborted();
      progress.report(`setup: snarkjs: ${step}, power ${power}`);
      const begin = performance.now();
      await run();
      steps.push({ name: step, seconds: (performance.now() - begin) / 1000 });
    }
    const pipelineCpuSeconds = cpuSince(cpuPipeline);
    if (!readFileSync(file('1.zkey')).equals(readFileSync(file('development.zkey')))) {
      throw new RollupError('the development setup and the snarkjs pipeline give different keys', { facts: { constraints, domain }, hint: 'npx vitest run --config ts/vitest.config.ts ts/circuit/setup' });
    }
    return { constraints, domain, steps, pipelineSeconds: steps.reduce((sum, { seconds }) => sum + seconds, 0), setupSeconds, pipelineCpuSeconds, setupCpuSeconds };
  } finally {
    small.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
