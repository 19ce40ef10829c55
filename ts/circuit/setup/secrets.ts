import { createHash } from 'node:crypto';
import { ChaCha, type Bytes, type Curve } from 'ffjavascript';
import { BEACON_ITERATIONS_EXPONENT } from './beacons.ts';

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
