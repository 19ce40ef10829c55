import { createHash } from 'node:crypto';
import { buildBn128 } from 'ffjavascript';
import { RollupError } from '../../base/errors.ts';
import { Fields, readBinaryFile, readLabel, type ContributionLabel } from './binaryFile.ts';

/** One contribution to a key. */
export interface ZkeyContribution extends ContributionLabel {
  /** Hash of its public key as snarkjs prints it; 128 hex digits. */
  hash: string;
}

/** What a proving key says of its own making; only `verify` proves it. */
export interface ZkeyRecord {
  /** snarkjs's hash of the circuit and its phase 1; 128 hex digits. */
  circuitHash: string;
  contributions: ZkeyContribution[];
}

const G1 = 64;
const G2 = 128;

/** Reads the record of contributions in a `.zkey`. @throws RollupError when the file is not a whole key */
export async function readZkeyRecord(path: string): Promise<ZkeyRecord> {
  const file = readBinaryFile(path, 'zkey');
  if (file.read(1).readUInt32LE(0) !== 1) throw new RollupError(`${path} is not a Groth16 key`);
  const curve = await buildBn128(true);
  const fields = new Fields(file.read(10));
  const circuitHash = fields.bytes(64).toString('hex');
  const contributions: ZkeyContribution[] = [];
  for (let left = fields.u32(); left > 0; left--) {
    const hash = createHash('blake2b512');
    // delta after it and its public key: two points of G1, one of G2; then the hash of all before it.
    for (let i = 0; i < 3; i++) hash.update(await curve.G1.batchLEMtoU(Uint8Array.from(fields.bytes(G1))));
    hash.update(await curve.G2.batchLEMtoU(Uint8Array.from(fields.bytes(G2)))).update(fields.bytes(64));
    contributions.push({ ...readLabel(fields), hash: hash.digest('hex') });
  }
  if (fields.left > 0) throw new RollupError(`${path} has bytes after its last contribution`, { facts: { actual: fields.left } });
  return { circuitHash, contributions };
}
