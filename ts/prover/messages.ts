import type { Groth16Proof } from 'snarkjs';
import type { Backend } from './choice.ts';
import type { ProofTiming } from './prove.ts';
import type { Signals } from './witness.ts';

/** What pool and worker processes say to each other. */
export interface ProofJob {
  id: number;
  circuit: string;
  wasm: string;
  zkey: string;
  vkey: string;
  signals: Signals;
  backend: Backend;
  /** Private folder of the worker; it is removed with the worker. */
  folder: string;
  /** A native prover is killed when it takes longer. */
  timeoutSeconds: number;
  /** Use one core only, because other proofs are running. */
  singleThread: boolean;
}

export type WorkerMessage =
  | { kind: 'progress'; id: number; step: string; fraction: number }
  | { kind: 'done'; id: number; proof: Groth16Proof; publicInputs: bigint[]; timing: ProofTiming }
  | { kind: 'failed'; id: number; message: string; facts: Record<string, string>; hint: string | undefined; /** Trying again may help: a program was killed. */ isKilled: boolean };
