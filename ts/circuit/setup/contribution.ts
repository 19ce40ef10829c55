import { createHash } from 'node:crypto';
import type { Bytes, Curve, Group } from 'ffjavascript';
import { BEACON_ITERATIONS_EXPONENT, CONTRIBUTION_NAME } from './beacons.ts';
import { chachaFrom, type Phase2Secrets } from './secrets.ts';
import { joinBytes, u32 } from './zkeyFile.ts';

/** snarkjs's circuit hash: what every contribution to a key starts from. It covers the points before phase 2, series by series. */
export class CircuitHash {
  readonly #hash = createHash('blake2b512');

  /** @param phase1 alpha·G1, beta·G1, beta·G2, affine in Montgomery form */
  constructor(curve: Curve, phase1: readonly [Bytes, Bytes, Bytes]) {
    const { G1, G2 } = curve;
    const [alpha1, beta1, beta2] = phase1;
    for (const [group, point] of [[G1, alpha1], [G1, beta1], [G2, beta2], [G2, G2.g], [G1, G1.g], [G2, G2.g]] as const) {
      this.#hash.update(uncompressed(group, point));
    }
  }

  startSeries(count: number): void {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(count);
    this.#hash.update(head);
  }

  /** @param bytes uncompressed points: plain coordinates, big-endian */
  addPoints(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** 64 bytes. */
  digest(): Buffer {
    return this.#hash.digest();
  }
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
