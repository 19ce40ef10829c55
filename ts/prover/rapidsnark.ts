import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Groth16Proof } from 'snarkjs';
import { RollupError } from '../base/errors.ts';

export interface RunRapidsnarkParameters {
  /** Executable with the command line `<zkey> <wtns> <proof.json> <public.json>` (iden3/rapidsnark, `package/bin/prover`). */
  binary: string;
  zkey: string;
  /** In `.wtns` format. */
  witness: Uint8Array;
  /** Private folder for files that live as long as the call: the witness is secret. */
  folder: string;
  /** It is killed when it takes longer. */
  timeoutSeconds: number;
}

export interface RunRapidsnarkReturnType {
  proof: Groth16Proof;
  publicInputs: bigint[];
  /** Largest resident memory that was seen; 0 where there is no /proc. */
  peakBytes: number;
}

/** The program ended by a signal: the machine killed it, or it crashed. A second attempt may work. */
export class NativeProverKilled extends RollupError {}

const KEPT_LINES = 10;

/** Milliseconds. */
const WATCH_INTERVAL = 100;

/** One proof by the native prover. What it says is not believed: the caller verifies the proof. @throws RollupError with what it printed */
export async function runRapidsnark({ binary, zkey, witness, folder, timeoutSeconds }: RunRapidsnarkParameters): Promise<RunRapidsnarkReturnType> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const [input, proofFile, publicFile] = [file('witness.wtns'), file('proof.json'), file('public.json')];
  try {
    writeFileSync(input, witness, { mode: 0o600 });
    const peakBytes = await runToEnd(binary, [zkey, input, proofFile, publicFile], timeoutSeconds);
    return { proof: readProof(binary, proofFile), publicInputs: readPublicInputs(binary, publicFile), peakBytes };
  } finally {
    for (const path of [input, proofFile, publicFile]) rmSync(path, { force: true });
  }
}

async function runToEnd(binary: string, args: readonly string[], timeoutSeconds: number): Promise<number> {
  let output = '';
  let peakBytes = 0;
  let isLate = false;
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).split('\n').slice(-KEPT_LINES).join('\n')));
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, 1000 * timeoutSeconds);
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(child.pid))), WATCH_INTERVAL);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', (cause) => reject(new RollupError('rapidsnark could not be run', { facts: { binary }, cause })));
      child.on('close', (code, signal) => {
        const facts = { binary, output: output.trim().slice(-1000) || 'none' };
        if (isLate) reject(new RollupError('rapidsnark did not end and was killed', { facts: { ...facts, expected: `at most ${timeoutSeconds} s` } }));
        else if (signal) reject(new NativeProverKilled('rapidsnark was killed', { facts: { ...facts, signal }, hint: 'If it was for memory, prove fewer at a time.' }));
        else if (code !== 0) reject(new RollupError('rapidsnark failed', { facts: { ...facts, code }, hint: 'Run it by hand to see why, or use --prover snarkjs.' }));
        else resolve();
      });
    });
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
  }
  return peakBytes;
}

/** Linux keeps the peak of a running process. */
function peakOf(pid: number | undefined): number {
  try {
    return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function readProof(binary: string, path: string): Groth16Proof {
  const value = readJson(binary, path) as Partial<Record<keyof Groth16Proof, unknown>> | null;
  const { pi_a, pi_b, pi_c, protocol } = value ?? {};
  const isNumber = (item: unknown): item is string => typeof item === 'string' && /^\d{1,78}$/.test(item);
  const isList = (item: unknown, length: number, check: (entry: unknown) => boolean): boolean => Array.isArray(item) && item.length === length && item.every(check);
  const isProof = protocol === 'groth16' && isList(pi_a, 3, isNumber) && isList(pi_c, 3, isNumber) && isList(pi_b, 3, (row) => isList(row, 2, isNumber));
  if (!isProof) throw notUnderstood(binary, 'proof');
  // It does not name the curve; the key does.
  return { pi_a, pi_b, pi_c, protocol, curve: 'bn128' } as Groth16Proof;
}

function readPublicInputs(binary: string, path: string): bigint[] {
  const value = readJson(binary, path);
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && /^\d{1,78}$/.test(item))) throw notUnderstood(binary, 'list of public inputs');
  return value.map((item) => BigInt(item as string));
}

function readJson(binary: string, path: string): unknown {
  if (!existsSync(path)) throw new RollupError('rapidsnark wrote nothing', { facts: { binary, missing: path }, hint: 'Is it the prover of iden3/rapidsnark?' });
  try {
    // Some versions pad the file with zero bytes.
    return JSON.parse(readFileSync(path, 'utf8').replace(/\0+$/, ''));
  } catch {
    throw notUnderstood(binary, 'JSON file');
  }
}

function notUnderstood(binary: string, expected: string): RollupError {
  return new RollupError('what rapidsnark wrote is not understood', { facts: { binary, expected: `a ${expected}` }, hint: 'Is it the prover of iden3/rapidsnark?' });
}
