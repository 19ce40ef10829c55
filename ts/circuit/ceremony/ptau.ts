import { RollupError } from '../../base/errors.ts';
import { BEACON_ITERATIONS_EXPONENT, PHASE1_BEACON } from '../setup/beacons.ts';
import { Fields, readBinaryFile, readLabel, type BinaryFile, type ContributionLabel } from './binaryFile.ts';

/** What the head of a powers-of-tau file says; nothing of it is proven yet. */
export interface PtauHeader {
  bytes: number;
  /** Circuits of up to 2^power rows. */
  power: number;
  /** Power of the ceremony that the file was cut out of. */
  ceremonyPower: number;
  /** It has the points in Lagrange form that phase 2 starts from. */
  isPrepared: boolean;
  contributions: ContributionLabel[];
}

/** Order of BN254's base field, which names the curve in these files. */
const BASE_FIELD = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
const G1 = 64;
const G2 = 128;
/** tau, alpha and beta after the contribution, its public key, hash states. */
const CONTRIBUTION_POINTS = 3 * G1 + 2 * G2 + 6 * G1 + 3 * G2 + 216 + 64;
const LARGEST_POWER = 28;
const LAGRANGE = [12, 13, 14, 15] as const;

/**
 * Checks the form of a powers-of-tau file: kind, curve, whole sections of the sizes that its power asks for, real contributions.
 * @throws RollupError that says what is wrong with it
 */
export function readPtauHeader(path: string): PtauHeader {
  const file = readBinaryFile(path, 'ptau');
  const fields = new Fields(file.read(1));
  const curve = fields.bytes(fields.u32());
  if (BigInt(`0x${Buffer.from(curve).reverse().toString('hex')}`) !== BASE_FIELD) {
    throw new RollupError(`${path} is of another curve`, { facts: { expected: 'BN254', actual: `a base field of ${8 * curve.length} bits` }, hint: 'The contracts verify over BN254 (bn128): get a file of that curve.' });
  }
  const power = fields.u32();
  const ceremonyPower = fields.u32();
  if (power < 1 || power > LARGEST_POWER || ceremonyPower < power) throw new RollupError(`${path} has an impossible power`, { facts: { power, ceremonyPower } });
  checkSize(file, 2, (2 ** (power + 1) - 1) * G1);
  checkSize(file, 3, 2 ** power * G2);
  checkSize(file, 4, 2 ** power * G1);
  checkSize(file, 5, 2 ** power * G1);
  checkSize(file, 6, G2);
  const present = LAGRANGE.filter((id) => file.sections.has(id));
  const isPrepared = present.length === LAGRANGE.length;
  if (present.length > 0 && !isPrepared) throw new RollupError(`${path} is half prepared for phase 2`, { facts: { sections: present.join(', ') } });
  if (isPrepared) {
    checkSize(file, 12, (2 ** (power + 2) - 1) * G1);
    checkSize(file, 13, (2 ** (power + 1) - 1) * G2);
    checkSize(file, 14, (2 ** (power + 1) - 1) * G1);
    checkSize(file, 15, (2 ** (power + 1) - 1) * G1);
  }
  return { bytes: file.bytes, power, ceremonyPower, isPrepared, contributions: readContributions(file) };
}

/**
 * Whoever knows tau forges proofs, so at least one party must have contributed a secret.
 * @throws RollupError for a file without contributions, or with beacons only: their secrets are public
 */
export function requireSecretPhase1(path: string, { contributions }: Pick<PtauHeader, 'contributions'>): void {
  const facts = { contributions: contributions.map(({ kind, name }) => `${name || 'no name'} (${kind})`).join(', ') || 'none' };
  const isDevelopment = contributions.some(({ beacon, iterations }) => beacon === PHASE1_BEACON && iterations === BEACON_ITERATIONS_EXPONENT);
  if (contributions.some(({ kind }) => kind === 'contribution')) return;
  throw new RollupError(isDevelopment ? `${path} is the public development phase 1: everybody knows its secrets` : `${path} has no contribution with a secret`, {
    facts,
    hint: 'Use the file of a public powers-of-tau ceremony with many parties.',
  });
}

function checkSize(file: BinaryFile, id: number, expected: number): void {
  const actual = file.sections.get(id)?.size;
  if (actual !== expected) throw new RollupError(`${file.path} has a section ${id} of the wrong size`, { facts: { expected, actual: actual ?? 'missing' } });
}

function readContributions(file: BinaryFile): ContributionLabel[] {
  const fields = new Fields(file.read(7));
  return Array.from({ length: fields.u32() }, () => {
    fields.bytes(CONTRIBUTION_POINTS);
    return readLabel(fields);
  });
}
