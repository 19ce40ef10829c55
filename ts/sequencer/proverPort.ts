import { readFileSync } from 'node:fs';
import { curves, groth16, type Groth16VerificationKey } from 'snarkjs';
import { circuitArtifacts } from '../circuit/artifacts.ts';
import { createProver, type CreateProverParameters } from '../prover/pool.ts';
import { fromSolidityProof, toSolidityProof } from '../prover/proof.ts';
import { segmentSignals } from '../prover/witness.ts';
import { joinSignals } from '../prover/witnessJoin.ts';
import type { CircuitName, VerifyProof } from './auditor.ts';
import type { ProveStatement } from './ports.ts';

/** Makes and checks proofs. */
export interface ProverPort {
  prove: ProveStatement;
  verify: VerifyProof;
  /** Cancels what is running and ends every process. */
  stop(): Promise<void>;
}

/** Worker processes on this machine with the keys that `npm run circuit -- build` or a ceremony made; which program proves says the environment. */
export function localProver(parameters: CreateProverParameters = {}): ProverPort {
  const prover = createProver(parameters);
  const { verify, stop } = proofVerifier();
  return {
    async prove(job, signal) {
      const signals = job.circuit === 'segment' ? segmentSignals(job.trace) : joinSignals(job.trace);
      const { proof, publicInputs } = await prover.prove({ circuit: job.circuit, signals, signal });
      return { proof: toSolidityProof(proof), publicInputs };
    },
    verify,
    async stop() {
      await prover.terminate();
      await stop();
    },
  };
}

/** Checks proofs in this process, from the form in which they are sent, so that the conversion is checked too. */
export function proofVerifier(): { verify: VerifyProof; stop(): Promise<void> } {
  const keys = new Map<CircuitName, Groth16VerificationKey>();
  return {
    async verify({ circuit, statement }) {
      const key = keys.get(circuit) ?? (JSON.parse(readFileSync(circuitArtifacts(circuit).vkey, 'utf8')) as Groth16VerificationKey);
      keys.set(circuit, key);
      return await groth16.verify(key, statement.publicInputs.map(String), fromSolidityProof(statement.proof));
    },
    async stop() {
      // The first verification starts snarkjs's threads, which would keep the process alive.
      if (keys.size > 0) await (await curves.getCurveFromName('bn128')).terminate();
    },
  };
}
