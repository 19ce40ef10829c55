import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves, groth16, type Groth16VerificationKey } from 'snarkjs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RollupError } from '../base/errors.ts';
import type { CircuitArtifacts } from '../circuit/artifacts.ts';
import { buildCircuits } from '../circuit/build.ts';
import { makeSmallCircuit } from '../circuit/smallCircuit.ts';
import { FIELD } from '../spec/field.ts';
import { poseidon } from '../spec/poseidon.ts';
import { readProverChoice, useProver } from './choice.ts';
import { createProver } from './pool.ts';
import { makeStandIn, type StandIn } from './standIn.ts';
import type { Signals } from './witness.ts';

// The real executable cannot be had where these tests run: its command line is what is tested.
const small = makeSmallCircuit({ rounds: 1 });
let files: CircuitArtifacts;
let prover: ReturnType<typeof createProver> | undefined;

const signals: Signals = { hash: (poseidon([5n, 7n]) * 3n) % FIELD, left: 5n, right: 7n, factor: 3n };
const standIn = (kind: StandIn): string => makeStandIn(join(small.folder, 'native'), kind);

function make(kind: StandIn, options: { timeoutSeconds?: number } = {}): ReturnType<typeof createProver> {
  prover = createProver({ artifacts: () => files, concurrency: 1, backend: { kind: 'rapidsnark', binary: standIn(kind) }, ...options });
  return prover;
}

async function refusal(kind: StandIn, options: { timeoutSeconds?: number } = {}): Promise<RollupError> {
  return await make(kind, options).prove({ circuit: 'segment', signals }).then(() => { throw new Error('it was accepted'); }, (error: unknown) => error as RollupError);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const foldersNow = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('rollup-prover-'));
let foldersBefore: string[];

beforeAll(async () => {
  foldersBefore = foldersNow();
  [files] = (await buildCircuits({ instances: [small.instance], circuits: small.circuits, buildFolder: small.buildFolder })) as [CircuitArtifacts];
});
afterEach(async () => await prover?.terminate());
afterAll(async () => {
  small.remove();
  await (await curves.getCurveFromName('bn128')).terminate();
});

describe('a native prover', () => {
  test.each(['good', 'padded'] as const)('makes proofs with the same keys (%s)', async (kind) => {
    const steps: string[] = [];
    const { proof, publicInputs, timing } = await make(kind).prove({ circuit: 'segment', signals, progress: { report: (step) => steps.push(step) } });
    expect(publicInputs).toEqual([signals['hash']]);
    expect(proof.curve).toBe('bn128');
    expect(await groth16.verify(JSON.parse(readFileSync(files.vkey, 'utf8')) as Groth16VerificationKey, publicInputs.map(String), proof)).toBe(true);
    expect(timing.backend).toBe('rapidsnark');
    expect(steps).toContain('segment: proving with rapidsnark');
    // Its own memory is counted too.
    if (existsSync('/proc/self/status')) expect(timing.peakBytes).toBeGreaterThan(150e6);
  });

  test('signals that do not satisfy the circuit never reach it', async () => {
    await expect(make('failing').prove({ circuit: 'segment', signals: { ...signals, hash: 1n } })).rejects.toThrow('do not satisfy the segment circuit');
  });

  test.each([
    ['failing', 'rapidsnark failed', 'Invalid witness length'],
    ['silent', 'rapidsnark wrote nothing', 'proof.json'],
    ['garbage', 'what rapidsnark wrote is not understood', 'JSON file'],
    ['otherShape', 'what rapidsnark wrote is not understood', 'a proof'],
    ['badInputs', 'what rapidsnark wrote is not understood', 'list of public inputs'],
    ['wrongProof', 'the segment proof does not verify', 'rapidsnark'],
    ['wrongInputs', 'the segment proof is for other public inputs', 'rapidsnark'],
  ] as const)('that is %s is an error: %s', async (kind, message, fact) => {
    const error = await refusal(kind);
    expect(error.message).toBe(message);
    expect(JSON.stringify(error.facts)).toContain(fact);
  });

  test('that hangs is killed when its time is over', async () => {
    const error = await refusal('hanging', { timeoutSeconds: 1 });
    expect(error.message).toBe('rapidsnark did not end and was killed');
    expect(isAlive(Number(readFileSync(`${standIn('hanging')}.pid`, 'utf8')))).toBe(false);
  });

  test('that is killed is tried again once, then it is an error', async () => {
    expect((await make('killedOnce').prove({ circuit: 'segment', signals })).publicInputs).toEqual([signals['hash']]);
    await prover?.terminate();
    const error = await refusal('killed');
    expect(error.message).toBe('rapidsnark was killed');
    expect(error.facts['signal']).toBe('SIGKILL');
  });

  test('that runs when the proof is cancelled, or its worker is killed, ends with it; no witness stays', async () => {
    const mark = `${standIn('hanging')}.pid`;
    const started = async (): Promise<number> => {
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        const pid = existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0;
        if (pid > 0 && isAlive(pid)) return pid;
      }
    };
    const gone = async (pid: number): Promise<void> => {
      for (let i = 0; i < 100 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(isAlive(pid)).toBe(false);
    };
    const controller = new AbortController();
    const cancelled = make('hanging').prove({ circuit: 'segment', signals, signal: controller.signal });
    const first = await started();
    controller.abort();
    await expect(cancelled).rejects.toThrow('cancelled');
    await gone(first);

    const orphaned = make('hanging').prove({ circuit: 'segment', signals });
    const settled = orphaned.catch((error: unknown) => error);
    const second = await started();
    process.kill(prover!.workerPids()[0]!, 'SIGKILL');
    await gone(second);
    await prover?.terminate();
    await settled;
    expect(foldersNow().filter((name) => !foldersBefore.includes(name))).toEqual([]);
  });
});

describe('the choice of a prover', () => {
  const folder = join(small.folder, 'path');
  const inPath = (): string => {
    mkdirSync(folder, { recursive: true });
    const link = join(folder, 'rapidsnark');
    if (!existsSync(link)) symlinkSync(standIn('good'), link);
    return link;
  };

  test('is snarkjs unless another is asked for', () => {
    const found = inPath();
    expect(readProverChoice({}).backend).toEqual({ kind: 'snarkjs' });
    expect(readProverChoice({ PATH: folder }).backend).toEqual({ kind: 'snarkjs' });
    expect(readProverChoice({ PATH: `/nowhere:${folder}`, ROLLUP_PROVER: 'rapidsnark' }).backend).toEqual({ kind: 'rapidsnark', binary: found });
    expect(readProverChoice({ RAPIDSNARK: standIn('good'), ROLLUP_PROVER: 'rapidsnark' }).backend).toEqual({ kind: 'rapidsnark', binary: standIn('good') });
    expect(readProverChoice({ PATH: folder, ROLLUP_PROVER: 'auto' }).backend).toEqual({ kind: 'rapidsnark', binary: found });
    expect(readProverChoice({ PATH: '/nowhere', ROLLUP_PROVER: 'auto' }).backend).toEqual({ kind: 'snarkjs' });
  });

  test('one that is not there, or not an executable, is an error that says what to do', () => {
    const notExecutable = join(small.folder, 'text');
    writeFileSync(notExecutable, 'text');
    chmodSync(notExecutable, 0o644);
    for (const env of [
      { ROLLUP_PROVER: 'rapidsnark', PATH: '/nowhere' },
      { ROLLUP_PROVER: 'rapidsnark', RAPIDSNARK: notExecutable },
      { ROLLUP_PROVER: 'rapidsnark', RAPIDSNARK: small.folder },
      { ROLLUP_PROVER: 'auto', RAPIDSNARK: '/nowhere/prover' },
    ]) {
      expect(() => readProverChoice(env)).toThrow("rapidsnark's executable is not found");
    }
    expect(() => readProverChoice({ ROLLUP_PROVER: 'bellman' })).toThrow('there is no prover "bellman"');
  });

  test('memory and workers are numbers', () => {
    expect(readProverChoice({ ROLLUP_PROVER_MEMORY: '1024', ROLLUP_PROVER_WORKERS: '3' })).toMatchObject({ memoryCap: 2 ** 30, concurrency: 3 });
    expect(readProverChoice({}).memoryCap).toBe(3 * 2 ** 30);
    for (const text of ['1', '-5', '2G', '1e4', '300.5']) expect(() => readProverChoice({ ROLLUP_PROVER_MEMORY: text })).toThrow('ROLLUP_PROVER_MEMORY is not a whole number of 256 or more');
    expect(() => readProverChoice({ ROLLUP_PROVER_WORKERS: '0' })).toThrow('ROLLUP_PROVER_WORKERS is not a whole number of 1 or more');
  });

  test('a flag is checked, and holds for this process and its children', () => {
    const env: Record<string, string | undefined> = { PATH: folder, ROLLUP_PROVER: 'snarkjs' };
    inPath();
    expect(useProver('rapidsnark', env).backend.kind).toBe('rapidsnark');
    expect(env['ROLLUP_PROVER']).toBe('rapidsnark');
    expect(() => useProver('fast', env)).toThrow('there is no prover "fast"');
    expect(env['ROLLUP_PROVER']).toBe('rapidsnark');
    expect(useProver(undefined, env).backend.kind).toBe('rapidsnark');
  });
});
