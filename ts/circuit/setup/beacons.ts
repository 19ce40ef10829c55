import { createHash } from 'node:crypto';
import { ChaCha, type Bytes, type Curve } from 'ffjavascript';

/**
 * PUBLIC DEVELOPMENT BEACONS. Everybody who reads this file knows every secret of the keys made from them and can forge proofs:
 * they protect nobody. They exist so that the same sources give byte-identical keys on any machine. For real use run a ceremony
 * (any `.ptau` and phase 2 contributions) and never a beacon alone.
 */
export const PHASE1_BEACON = createHash('sha256').update('multichain-zk-rollup: public development beacon, phase 1').digest('hex');
const PHASE2_BASE = createHash('sha256').update('multichain-zk-rollup: public development beacon, phase 2').digest('hex');

/** The beacon's hash is iterated 2^10 times, the least that snarkjs accepts: delay is no protection for a value known beforehand. */
export const BEACON_ITERATIONS_EXPONENT = 10;

/** Name of both contributions as it stands in the files. */
export const CONTRIBUTION_NAME = 'public development beacon';

/** Beacon of a circuit's phase 2: sha256(phase 2 base ‖ circuit name), so that delta differs from circuit to circuit. */
export function phase2Beacon(circuit: string): string {
  return createHash('sha256').update(Buffer.from(PHASE2_BASE, 'hex')).update(circuit, 'utf8').digest('hex');
}

/** The secrets of phase 1, common to all circuits. Integers below the scalar field's order. */
export interface Phase1Secrets {
  tau: bigint;
  alpha: bigint;
  beta: bigint;
}

/** Phase 1 secrets as snarkjs's `powersoftau beacon` draws them from a fresh accumulator. */
export function phase1Secrets(curve: Curve, beacon: string): Phase1Secrets {
  const random = beaconRandomness(beacon);
  const draw = (): bigint => curve.Fr.toObject(curve.Fr.fromRng(random));
  return { tau: draw(), alpha: draw(), beta: draw() };
}

/** One circuit's phase 2 secret with the public key that the contribution record carries (affine points). */
export interface Phase2Secrets {
  delta: bigint;
  deltaKey: Bytes;
  g1S: Bytes;
  g1Sx: Bytes;
}

/** Phase 2 secret as snarkjs's `zkey beacon` draws it. */
export function phase2Secrets(curve: Curve, beacon: string): Phase2Secrets {
  const random = beaconRandomness(beacon);
  const deltaKey = curve.Fr.fromRng(random);
  const g1S = curve.G1.toAffine(curve.G1.fromRng(random));
  const g1Sx = curve.G1.toAffine(curve.G1.timesFr(g1S, deltaKey));
  return { delta: curve.Fr.toObject(deltaKey), deltaKey, g1S, g1Sx };
}

function beaconRandomness(beacon: string): ChaCha {
  let hash: Buffer = Buffer.from(beacon, 'hex');
  for (let i = 0; i < 2 ** BEACON_ITERATIONS_EXPONENT; i++) hash = createHash('sha256').update(hash).digest();
  return chachaFrom(hash);
}

/** snarkjs's generator seeded with the first 32 bytes of a hash. */
export function chachaFrom(hash: Uint8Array): ChaCha {
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return new ChaCha(Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, false)));
}
