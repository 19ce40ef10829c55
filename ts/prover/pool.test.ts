import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { groth16, type Groth16VerificationKey } from 'snarkjs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { curves } from 'snarkjs';
import { RollupError } from '../base/errors.ts';
import type { CircuitArtifacts } from '../circuit/artifacts.ts';
import { buildCircuits } from '../circuit/build.ts';
import { makeSmallCircuit } from '../circuit/smallCircuit.ts';
import { FIELD } from '../spec/field.ts';
import { poseidon } from '../spec/poseidon.ts';
import { createProver } from './pool.ts';
import type { Signals } from './witness.ts';

const ROUNDS = 16;
const small = makeSmallCircuit({ rounds: ROUNDS });
let files: CircuitArtifacts;
let prover: ReturnType<typeof createProver>;

function signals(left = 5n, right = 7n, factor = 3n): Signals {
  let hash = right;
  for (let i = 0n; i < ROUNDS; i++) hash = poseidon([left + i, hash]);
  return { hash: (hash * factor) % FIELD, left, right, factor };
}

function make(options: Parameters<typeof createProver>[0] = {}): typeof prover {
  prover = createProver({ artifacts: () => files, ...options });
  return prover;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Reports whose message contains a text. */
function reports(text: string): { progress: { report(message: string): void }; seen: Promise<void>; count(): number } {
  let count = 0;
  let resolve = (): void => {};
  const seen = new Promise<void>((done) => (resolve = done));
  const report = (message: string): void => {
    if (!message.includes(text)) return;
    count++;
    resolve();
  };
  return { progress: { report }, seen, count: () => count };
}

beforeAll(async () => {
  [files] = (await buildCircuits({ instances: [small.instance], circuits: small.circuits, buildFolder: small.buildFolder })) as [CircuitArtifacts];
});
afterEach(() => prover.terminate());
afterAll(async () => {
  small.remove();
  await (await curves.getCurveFromName('bn128')).terminate();
});

describe('prover', () => {
  test('gives a proof that verifies, with its public inputs and timing, and reports progress', async () => {
    const progress: [string, number | undefined][] = [];
    const { proof, publicInputs, timing } = await make().prove({
      circuit: 'segment',
      signals: signals(),
      progress: { report: (message, fraction) => progress.push([message, fraction]) },
    });
    expect(publicInputs).toEqual([signals()['hash']]);
    const key = JSON.parse(readFileSync(files.vkey, 'utf8')) as Groth16VerificationKey;
    expect(await groth16.verify(key, publicInputs.map(String), proof)).toBe(true);
    expect(timing.proveSeconds).toBeGreaterThan(0);
    expect(timing.peakBytes).toBeGreaterThan(50e6);
    expect(progress[0]).toEqual(['segment: calculating the witness', 0]);
    expect(progress.at(-1)).toEqual(['segment: verifying', 0.98]);
    const fractions = progress.map(([, fraction]) => fraction ?? 0);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  });

  test('makes proofs at the same time in two processes, each with one core, and keeps the processes', async () => {
    make({ concurrency: 2 });
    const results = await Promise.all([1n, 2n, 3n].map((left) => prover.prove({ circuit: 'join', signals: signals(left) })));
    expect(results.map(({ publicInputs }) => publicInputs[0])).toEqual([1n, 2n, 3n].map((left) => signals(left)['hash']));
    expect(results.slice(0, 2).map(({ timing }) => timing.threads)).toEqual([1, 1]);
    const pids = prover.workerPids();
    expect(pids).toHaveLength(2);
    await prover.prove({ circuit: 'join', signals: signals() });
    expect(prover.workerPids()).toEqual(pids);
  });

  test('says of several proofs how many are made and how long the others take', async () => {
    const lines: string[] = [];
    make({ concurrency: 1, detail: 'proofs', progress: { report: (line) => lines.push(line) } });
    await Promise.all([1n, 2n, 3n].map((left) => prover.prove({ circuit: 'join', signals: signals(left) })));
    expect(lines[0]).toMatch(/^join: proved in \d+ s \(1 of 3 proofs, about \d+ s left\)$/);
    expect(lines[2]).toMatch(/\(3 of 3 proofs, about 0 s left\)$/);
    expect(lines).toHaveLength(3);
    await prover.prove({ circuit: 'join', signals: signals() });
    expect(lines[3]).toMatch(/^join: proved in \d+ s$/);
  });

  test('refuses signals that do not satisfy the circuit and goes on working', async () => {
    make({ concurrency: 1 });
    const wrong = prover.prove({ circuit: 'exit', signals: { ...signals(), hash: 1n } });
    await expect(wrong).rejects.toThrow('the signals do not satisfy the exit circuit');
    const error = (await wrong.catch((caught: unknown) => caught)) as RollupError;
    expect(JSON.stringify(error.facts)).toContain('Small line');
    await expect(prover.prove({ circuit: 'exit', signals: signals(256n) })).rejects.toThrow('do not satisfy');
    const { factor: _, ...missing } = signals();
    await expect(prover.prove({ circuit: 'exit', signals: missing })).rejects.toThrow('do not satisfy');
    await expect(prover.prove({ circuit: 'exit', signals: { ...signals(), surplus: 1n } })).rejects.toThrow('do not satisfy');
    expect((await prover.prove({ circuit: 'exit', signals: signals() })).publicInputs).toEqual([signals()['hash']]);
    expect(prover.workerPids()).toHaveLength(1);
  });

  test('does not return a proof that its verifying key refuses', async () => {
    const damaged = { ...files, vkey: `${files.vkey}.damaged` };
    const key = JSON.parse(readFileSync(files.vkey, 'utf8')) as Groth16VerificationKey;
    writeFileSync(damaged.vkey, JSON.stringify({ ...key, vk_delta_2: key.vk_gamma_2 }));
    make({ artifacts: () => damaged });
    await expect(prover.prove({ circuit: 'join', signals: signals() })).rejects.toThrow('the join proof does not verify');
  });

  test('a damaged key is an error, not a hang', async () => {
    const damaged = { ...files, zkey: `${files.zkey}.damaged` };
    writeFileSync(damaged.zkey, readFileSync(files.zkey));
    truncateSync(damaged.zkey, 5000);
    make({ artifacts: () => damaged });
    await expect(prover.prove({ circuit: 'join', signals: signals() })).rejects.toThrow();
  });

  test('a circuit that is not built says what to run', async () => {
    make({ artifacts: () => { throw new RollupError('circuit join is not built', { hint: 'Run `npm run circuit -- build`.' }); } });
    await expect(prover.prove({ circuit: 'join', signals: signals() })).rejects.toThrow('not built');
    expect(() => createProver({ concurrency: 0 })).toThrow('concurrency must be a positive integer');
  });
});

describe('cancelling', () => {
  test('kills the worker of a running proof; the prover goes on', async () => {
    make({ concurrency: 1 });
    const started = reports('calculating');
    const controller = new AbortController();
    const running = prover.prove({ circuit: 'segment', signals: signals(), signal: controller.signal, progress: started.progress });
    await started.seen;
    const [pid] = prover.workerPids();
    controller.abort(new Error('changed my mind'));
    await expect(running).rejects.toThrow('proving segment was cancelled');
    expect(isAlive(pid!)).toBe(false);
    await prover.prove({ circuit: 'segment', signals: signals() });
  });

  test('takes a waiting proof out of the queue and leaves the running one alone', async () => {
    make({ concurrency: 1 });
    const controller = new AbortController();
    const first = prover.prove({ circuit: 'segment', signals: signals(1n) });
    const second = prover.prove({ circuit: 'segment', signals: signals(2n), signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toThrow('cancelled');
    expect((await first).publicInputs).toEqual([signals(1n)['hash']]);
  });

  test('an aborted signal starts nothing', async () => {
    make();
    await expect(prover.prove({ circuit: 'segment', signals: signals(), signal: AbortSignal.abort() })).rejects.toThrow('cancelled');
    expect(prover.workerPids()).toEqual([]);
  });

  test('terminate rejects what is pending, leaves no process and allows no more', async () => {
    const started = reports('calculating');
    make({ concurrency: 1, progress: started.progress });
    const pending = [1n, 2n].map((left) => prover.prove({ circuit: 'segment', signals: signals(left) }));
    const settled = Promise.allSettled(pending);
    await started.seen;
    const pids = prover.workerPids();
    expect(pids).toHaveLength(1);
    await prover.terminate();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(prover.prove({ circuit: 'segment', signals: signals() })).rejects.toThrow('has been terminated');
  });
});

describe('a worker that dies', () => {
  test('is replaced and its proof made after all', async () => {
    let killed = 0;
    const started = reports('calculating');
    make({ concurrency: 1, progress: started.progress });
    const proof = prover.prove({ circuit: 'segment', signals: signals() });
    await started.seen;
    for (const pid of prover.workerPids()) killed += process.kill(pid, 'SIGKILL') ? 1 : 0;
    expect((await proof).publicInputs).toEqual([signals()['hash']]);
    expect(killed).toBe(1);
    expect(started.count()).toBe(2);
  });

  test('twice is an error that says how it ended', async () => {
    make({
      concurrency: 1,
      progress: {
        report(message) {
          if (message.includes('calculating')) for (const pid of prover.workerPids()) process.kill(pid, 'SIGKILL');
        },
      },
    });
    const proof = prover.prove({ circuit: 'segment', signals: signals() });
    await expect(proof).rejects.toThrow('the process that proved segment ended');
    const error = (await proof.catch((caught: unknown) => caught)) as RollupError;
    expect(error.facts['signal']).toBe('SIGKILL');
    expect(error.hint).toContain('memory');
  });
});

test('the memory cap lets one proof run at a time', async () => {
  let together = 0;
  let most = 0;
  make({ concurrency: 2, memoryCap: 1 });
  await Promise.all(
    [1n, 2n, 3n].map(async (left) => {
      let mine = false;
      const progress = {
        report(message: string): void {
          if (!mine && message.includes('calculating')) {
            mine = true;
            most = Math.max(most, ++together);
          }
        },
      };
      await prover.prove({ circuit: 'segment', signals: signals(left), progress });
      together--;
    }),
  );
  expect(most).toBe(1);
  expect(prover.workerPids()).toHaveLength(1);
});
