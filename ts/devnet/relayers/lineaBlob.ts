import { bls12_381 } from '@noble/curves/bls12-381.js';
import { bytesToHex, commitmentToVersionedHash, type Hex, numberToHex } from 'viem';

/** Field elements of a blob. */
const WORDS = 4096;

/** A blob with what a node and a contract ask to see of it. */
export interface Blob {
  blob: Hex;
  /** 48 bytes. */
  commitment: Hex;
  /** 48 bytes: of the blob, and of its value at any point. */
  proof: Hex;
  versionedHash: Hex;
  /** Value of the blob's polynomial, at any point. */
  claim: bigint;
}

/** The point at infinity, which proves that a constant is itself everywhere. */
const INFINITY: Hex = `0xc0${'00'.repeat(47)}`;

/**
 * A blob that says one word in every place, less the word's last byte. Its polynomial is a constant, so commitment and proof need no trusted setup,
 * and nodes and contracts check them like any others.
 * @param word 32 bytes
 */
export function constantBlob(word: Hex): Blob {
  // 31 bytes lie in the field whatever they are.
  const claim = BigInt(word) >> 8n;
  const point = claim === 0n ? bls12_381.G1.Point.ZERO : bls12_381.G1.Point.BASE.multiply(claim);
  const commitment = bytesToHex(point.toBytes(true));
  return { blob: `0x${numberToHex(claim, { size: 32 }).slice(2).repeat(WORDS)}`, commitment, proof: INFINITY, versionedHash: commitmentToVersionedHash({ commitment }), claim };
}
