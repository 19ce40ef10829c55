import type { Groth16Proof } from 'snarkjs';
import type { Progress } from '../base/progress.ts';
import type { Signals } from './witness.ts';

export type CircuitName = 'segment' | 'join' | 'exit';

export interface ProveParameters {
  circuit: CircuitName;
  /** Inputs of the circuit by qualified signal name. */
  signals: Signals;
  /** Cancels: the work stops at once and the promise is rejected. */
  signal?: AbortSignal;
  progress?: Progress;
}

export interface ProveReturnType {
  /** As snarkjs writes it; `toSolidityProof` gives the contracts' form. */
  proof: Groth16Proof;
  /** In the circuit's order. */
  publicInputs: bigint[];
  timing: ProofTiming;
}

/** What one proof cost. Seconds; bytes of the worker's peak resident memory since it was started. */
export interface ProofTiming {
  witnessSeconds: number;
  proveSeconds: number;
  verifySeconds: number;
  /** Cores that the proof could use. */
  threads: number;
  peakBytes: number;
}

/** Makes proofs. One implementation is the pool of snarkjs workers; a native prover or a job queue would be another. */
export interface Prover {
  /**
   * A proof that has been verified with the circuit's verifying key.
   * @throws RollupError when the circuit is not built, the signals do not satisfy it, the work was cancelled or the worker failed twice
   */
  prove(parameters: ProveParameters): Promise<ProveReturnType>;
  /** Cancels what is pending and ends every process. The prover cannot be used afterwards. */
  terminate(): Promise<void>;
}
