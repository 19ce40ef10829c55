import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { groth16, type Groth16VerificationKey, type Logger } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import { loadWitnessProgram, type WitnessProgram } from '../circuit/witnessProgram.ts';
import type { ProofJob, WorkerMessage } from './messages.ts';
import { NativeProverKilled, runRapidsnark, type RunRapidsnarkReturnType } from './rapidsnark.ts';
import { witnessFile } from './witnessFile.ts';

/*
 * A process that makes one proof at a time. It keeps the witness programs and the curve warm; keys are read from disk for every proof (the
 * system caches them), because keeping them would cost several hundred megabytes and save some 50 ms.
 */

/** snarkjs's log lines at which a phase of a proof begins, with the share of the work that is done by then. */
const PHASES: readonly (readonly [line: string, step: string, fraction: number])[] = [
  ['Building ABC', 'evaluating the constraints', 0.08],
  ['Join ABC', 'computing the quotient', 0.22],
  ['Reading A Points', 'summing A', 0.24],
  ['Reading B1 Points', 'summing B', 0.35],
  ['Reading B2 Points', 'summing B in G2', 0.43],
  ['Reading C Points', 'summing C', 0.73],
  ['Reading H Points', 'summing H', 0.84],
];

const programs = new Map<string, Promise<WitnessProgram>>();
const keys = new Map<string, Groth16VerificationKey>();

function send(message: WorkerMessage): void {
  process.send?.(message);
}

async function prove(job: ProofJob): Promise<WorkerMessage> {
  const { id, circuit } = job;
  const report = (step: string, fraction: number): void => send({ kind: 'progress', id, step, fraction });
  const lap = stopwatch();
  report('calculating the witness', 0);
  let program = programs.get(job.wasm);
  if (!program) programs.set(job.wasm, (program = loadWitnessProgram(job.wasm)));
  const values = calculate(await program, job);
  const witness = witnessFile(values);
  const witnessSeconds = lap();
  const { kind } = job.backend;
  const { proof, publicInputs, peakBytes } = await (job.backend.kind === 'rapidsnark' ? runNative(job, job.backend.binary, witness, report) : runSnarkjs(job, witness, report));
  const proveSeconds = lap();

  report('verifying', 0.98);
  let key = keys.get(job.vkey);
  if (!key) keys.set(job.vkey, (key = JSON.parse(readFileSync(job.vkey, 'utf8')) as Groth16VerificationKey));
  // What was asked for is in the witness, whatever the prover says it has proved.
  const expected = values.slice(1, key.nPublic + 1);
  if (publicInputs.join() !== expected.join()) {
    throw new RollupError(`the ${circuit} proof is for other public inputs`, { facts: { prover: kind, expected: expected.join(', '), actual: publicInputs.join(', ') } });
  }
  if (!(await groth16.verify(key, publicInputs.map(String), proof))) {
    throw new RollupError(`the ${circuit} proof does not verify`, {
      facts: { zkey: job.zkey, prover: kind },
      hint:
        kind === 'snarkjs'
          ? 'The signals satisfy the witness program but not the constraints, or the key is damaged: `npm run circuit -- build --force`.'
          : 'Try --prover snarkjs: if its proof verifies, the native prover is at fault.',
    });
  }
  const timing = {
    witnessSeconds,
    proveSeconds,
    verifySeconds: lap(),
    threads: job.singleThread && kind === 'snarkjs' ? 1 : availableParallelism(),
    backend: kind,
    peakBytes: 1024 * process.resourceUsage().maxRSS + peakBytes,
  };
  return { kind: 'done', id, proof, publicInputs, timing };
}

type Report = (step: string, fraction: number) => void;

async function runSnarkjs({ zkey, singleThread }: ProofJob, witness: Uint8Array, report: Report): Promise<RunRapidsnarkReturnType> {
  const quiet = (): void => {};
  const logger: Logger = {
    debug(line) {
      const phase = PHASES.find(([start]) => line.startsWith(start));
      if (phase) report(phase[1], phase[2]);
    },
    info: quiet,
    warn: quiet,
    error: quiet,
  };
  const { proof, publicSignals } = await groth16.prove(zkey, { type: 'mem', data: witness }, logger, { singleThread });
  return { proof, publicInputs: publicSignals.map(BigInt), peakBytes: 0 };
}

async function runNative({ zkey, folder, timeoutSeconds }: ProofJob, binary: string, witness: Uint8Array, report: Report): Promise<RunRapidsnarkReturnType> {
  report('proving with rapidsnark', 0.1);
  return await runRapidsnark({ binary, zkey, witness, folder, timeoutSeconds });
}

function calculate(program: WitnessProgram, { circuit, signals, wasm }: ProofJob): bigint[] {
  try {
    return program.calculate(signals);
  } catch (cause) {
    programs.delete(wasm); // it stopped half-way
    const facts = { ...(cause instanceof RollupError ? cause.facts : {}), reason: cause instanceof Error ? cause.message : String(cause) };
    throw new RollupError(`the signals do not satisfy the ${circuit} circuit`, { cause, facts });
  }
}

function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = Math.round(now - last) / 1000;
    last = now;
    return seconds;
  };
}

function failure(id: number, error: unknown): WorkerMessage {
  const facts = error instanceof RollupError ? Object.entries(error.facts).map(([name, value]) => [name, String(value)] as const) : [];
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: 'failed',
    id,
    message,
    facts: Object.fromEntries(facts),
    hint: error instanceof RollupError ? error.hint : undefined,
    isKilled: error instanceof NativeProverKilled,
  };
}

process.on('message', (job: ProofJob) => {
  prove(job).then(send, (error: unknown) => send(failure(job.id, error)));
});
process.on('disconnect', () => {
  // The parent is gone: a native prover that still runs goes with its group.
  try {
    process.kill(-process.pid, 'SIGKILL');
  } finally {
    process.exit(0);
  }
});
