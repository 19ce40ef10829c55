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
  /** Cores that the proof could use; a native prover takes what it finds. */
  threads: number;
  /** Which program made it. */
  backend: 'snarkjs' | 'rapidsnark';
  peakBytes: number;
}

/** Makes proofs. `createProver` of pool.ts makes it: worker processes with snarkjs, or with rapidsnark on the same keys. */
export interface Prover {
  /**
   * A proof that has been verified with the circuit's verifying key.
   * @throws RollupError when the circuit is not built, the signals do not satisfy it, the work was cancelled, the proof is wrong or the worker died twice
   */
  prove(parameters: ProveParameters): Promise<ProveReturnType>;
  /** Cancels what is pending and ends every process. The prover cannot be used afterwards. */
  terminate(): Promise<void>;
}
