import { accessSync, constants, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { RollupError } from '../base/errors.ts';

/** Program that makes proofs out of witnesses. Both read the same `.zkey`. */
export type Backend = { kind: 'snarkjs' } | { kind: 'rapidsnark'; /** Path of the executable. */ binary: string };

/** `auto`: rapidsnark if its executable is found, snarkjs otherwise. */
export const proverNames = ['snarkjs', 'rapidsnark', 'auto'] as const;

/** Environment variables that choose how proofs are made; the flags of commands set them. */
export const proverVariables = {
  /** One of `proverNames`; default snarkjs. */
  prover: 'ROLLUP_PROVER',
  /** Path or name of rapidsnark's executable; default: `rapidsnark` in PATH. */
  binary: 'RAPIDSNARK',
  /** Memory of all workers together in MiB; default 3072. */
  memory: 'ROLLUP_PROVER_MEMORY',
  /** Proofs at a time; default: one for each core. */
  workers: 'ROLLUP_PROVER_WORKERS',
} as const;

export type Environment = Readonly<Record<string, string | undefined>>;

/** How proofs are made. */
export interface ProverChoice {
  backend: Backend;
  /** Bytes. */
  memoryCap: number;
  concurrency: number;
}

const MEBIBYTE = 2 ** 20;
const DEFAULT_MEMORY = 3072;
/** Less does not hold one worker. */
const LEAST_MEMORY = 256;

/** Lines for the help of commands that make proofs. */
export const proverHelp: readonly (readonly [name: string, help: string])[] = [
  [proverVariables.prover, `${proverNames.join(', ')} (default snarkjs; auto takes rapidsnark if it is found)`],
  [proverVariables.binary, "path of rapidsnark's executable (default: rapidsnark in PATH)"],
  [proverVariables.memory, `MiB that all proofs together may take (default ${DEFAULT_MEMORY})`],
  [proverVariables.workers, 'proofs at a time (default: one for each core)'],
];

/** @throws RollupError when a variable has no sense, or rapidsnark is asked for and not found */
export function readProverChoice(env: Environment): ProverChoice {
  const name = env[proverVariables.prover] || 'snarkjs';
  if (!proverNames.some((known) => known === name)) {
    throw new RollupError(`there is no prover "${name}"`, { facts: { expected: proverNames.join(', ') }, hint: `Correct --prover or ${proverVariables.prover}.` });
  }
  return {
    backend: chooseBackend(name as (typeof proverNames)[number], env),
    memoryCap: MEBIBYTE * readInteger(env, proverVariables.memory, DEFAULT_MEMORY, LEAST_MEMORY),
    concurrency: readInteger(env, proverVariables.workers, availableParallelism(), 1),
  };
}

/**
 * Makes a command's `--prover` the choice of this process and its children, and checks it before anything slow begins.
 * @throws RollupError as `readProverChoice`
 */
export function useProver(prover: string | undefined, env: Record<string, string | undefined>): ProverChoice {
  const choice = readProverChoice(prover === undefined ? env : { ...env, [proverVariables.prover]: prover });
  if (prover !== undefined) env[proverVariables.prover] = prover;
  return choice;
}

function chooseBackend(name: (typeof proverNames)[number], env: Environment): Backend {
  if (name === 'snarkjs') return { kind: 'snarkjs' };
  const wanted = env[proverVariables.binary] || 'rapidsnark';
  const binary = findExecutable(wanted, env);
  if (binary !== undefined) return { kind: 'rapidsnark', binary };
  // A path that somebody wrote down is meant.
  if (name === 'auto' && !env[proverVariables.binary]) return { kind: 'snarkjs' };
  throw new RollupError("rapidsnark's executable is not found", {
    facts: { searched: wanted.includes('/') ? wanted : `${wanted} in PATH` },
    hint: `Build it (iden3/rapidsnark: package/bin/prover), set ${proverVariables.binary} to its path, or use --prover snarkjs.`,
  });
}

function findExecutable(name: string, env: Environment): string | undefined {
  const candidates = isAbsolute(name) || name.includes('/') ? [resolve(name)] : (env['PATH'] ?? '').split(delimiter).filter(Boolean).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return statSync(path).isFile();
    } catch {
      return false;
    }
  });
}

function readInteger(env: Environment, name: string, fallback: number, least: number): number {
  const text = env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new RollupError(`${name} is not a whole number of ${least} or more`, { facts: { actual: text } });
}
