import { createHash } from 'node:crypto';

/**
 * PUBLIC DEVELOPMENT BEACONS. Everybody who reads this file knows every secret of the keys made from them and can forge proofs:
 * they protect nobody. They exist so that the same sources give byte-identical keys on any machine. For real use run a ceremony
 * (any `.ptau` and phase 2 contributions) and never a beacon alone.
 */
export const PHASE1_BEACON = createHash('sha256').update('multichain-zk-rollup: public development beacon, phase 1').digest('hex');
const PHASE2_BASE = createHash('sha256').update('multichain-zk-rollup: public development beacon, phase 2').digest('hex');

/** Raise when the keys that the setup makes from the same circuit change. */
export const SETUP_VERSION = 1;

/** The beacon's hash is iterated 2^10 times, the least that snarkjs accepts: delay is no protection for a value known beforehand. */
export const BEACON_ITERATIONS_EXPONENT = 10;

/** Name of both contributions as it stands in the files. */
export const CONTRIBUTION_NAME = 'public development beacon';

/** Beacon of a circuit's phase 2: sha256(phase 2 base ‖ circuit name), so that delta differs from circuit to circuit. */
export function phase2Beacon(circuit: string): string {
  return createHash('sha256').update(Buffer.from(PHASE2_BASE, 'hex')).update(circuit, 'utf8').digest('hex');
}
