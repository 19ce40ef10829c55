import { createHash } from 'node:crypto';
import type { Bytes, Curve, Group } from 'ffjavascript';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME } from './beacons.ts';
import { chachaFrom, type Phase2Secrets } from './secrets.ts';
import { joinBytes, u32 } from './zkeyFile.ts';

/** Points of a key before phase 2 in the order in which snarkjs hashes a circuit. Affine, Montgomery form. */
export interface CircuitPoints {
  /** alpha·G1, beta·G1, beta·G2 */
  phase1: readonly [Bytes, Bytes, Bytes];
  ic: Bytes;
  /** (tau^(n+i) − tau^i)·G1 */
  vanishing: Bytes;
  /** Number of H points that the hash announces (domain − 1). */
  hCount: number;
  c: Bytes;
  a: Bytes;
  b1: Bytes;
  b2: Bytes;
}

/** Points converted at a time. */
const CHUNK = 2 ** 14;

/** snarkjs's circuit hash: what every contribution to a key starts from. 64 bytes. */
export async function circuitHash(curve: Curve, points: CircuitPoints): Promise<Buffer> {
  const { G1, G2 } = curve;
  const hash = createHash('blake2b512');
  const [alpha1, beta1, beta2] = points.phase1;
  for (const [group, point] of [[G1, alpha1], [G1, beta1], [G2, beta2], [G2, G2.g], [G1, G1.g], [G2, G2.g]] as const) {
    hash.update(uncompressed(group, point));
  }
  const series: [Group, Bytes, number?][] = [[G1, points.ic], [G1, points.vanishing, points.hCount], [G1, points.c], [G1, points.a], [G1, points.b1], [G2, points.b2]];
  for (const [group, bytes, count] of series) {
    const size = 2 * group.F.n8;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(count ?? bytes.length / size);
    hash.update(head);
    for (let at = 0; at < bytes.length; at += CHUNK * size) hash.update(await group.batchLEMtoU(bytes.slice(at, at + CHUNK * size)));
  }
  return hash.digest();
}

/** Points that snarkjs's circuit hash covers of the quotient series: its last chunk is always full from 2^15 on, one point more than announced. */
export function hashedVanishingPoints(domain: number): number {
  return domain - 1 < CHUNK ? domain - 1 : Math.ceil((domain - 1) / CHUNK) * CHUNK;
}

/** Section 10 of a zkey: circuit hash and the one beacon contribution, as snarkjs's `zkey beacon` writes it. */
export function contributionsSection(curve: Curve, circuit: Buffer, beacon: string, secrets: Phase2Secrets): Buffer {
  const { G1, G2 } = curve;
  const transcript = createHash('blake2b512')
    .update(circuit)
    .update(uncompressed(G1, secrets.g1S))
    .update(uncompressed(G1, secrets.g1Sx))
    .digest();
  const g2Sp = G2.fromRng(chachaFrom(transcript));
  const g2Spx = G2.toAffine(G2.timesFr(g2Sp, secrets.deltaKey));
  const name = Buffer.from(CONTRIBUTION_NAME, 'utf8');
  const value = Buffer.from(beacon, 'hex');
  const parameters = joinBytes(
    Buffer.from([1, name.length]), name,
    Buffer.from([2, BEACON_ITERATIONS_EXPONENT]),
    Buffer.from([3, value.length]), value,
  );
  return joinBytes(
    circuit,
    u32(1),
    montgomery(G1, G1.timesFr(G1.g, secrets.deltaKey)),
    montgomery(G1, secrets.g1S),
    montgomery(G1, secrets.g1Sx),
    montgomery(G2, g2Spx),
    transcript,
    u32(1), // a beacon
    u32(parameters.length),
    parameters,
  );
}

/** Affine coordinates in Montgomery form, little-endian. */
export function montgomery(group: Group, point: Bytes): Bytes {
  const bytes = new Uint8Array(2 * group.F.n8);
  group.toRprLEM(bytes, 0, point);
  return bytes;
}

function uncompressed(group: Group, point: Bytes): Bytes {
  const bytes = new Uint8Array(2 * group.F.n8);
  group.toRprUncompressed(bytes, 0, point);
  return bytes;
}
