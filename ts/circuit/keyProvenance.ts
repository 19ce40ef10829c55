import type { Hex } from '../spec/hex.ts';

/**
 * Where the keys of all circuits come from. Development keys are made from public beacons, so everybody can forge proofs for them; a
 * ceremony's are told by the SHA-256 hash (32 bytes) of its transcript. The contracts refuse development keys on chains that are not local.
 */
export type KeyProvenance = { kind: 'development' } | { kind: 'ceremony'; transcriptHash: Hex };

export const developmentKeys: KeyProvenance = { kind: 'development' };
