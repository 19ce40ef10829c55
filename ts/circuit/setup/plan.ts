import { RollupError } from '../../base/errors.ts';
import { R, inverse, mod, power } from './field.ts';
import type { GroupName } from './fixedBase.ts';
import type { R1csHeader } from './r1cs.ts';
import type { Phase1Secrets } from './secrets.ts';

/** What every thread of a setup knows. */
export interface SetupPlan extends Phase1Secrets {
  wires: number;
  /** Public inputs and outputs, without the constant 1. */
  publicWires: number;
  /** Size of the evaluation domain, a power of two. */
  domain: number;
  /** Generators of the domain and of the one of double size, as the curve library has them. */
  root: bigint;
  doubleRoot: bigint;
  /** (tau^n − 1) / n of both domains. */
  scale: bigint;
  doubleScale: bigint;
  inverseDelta: bigint;
}

/** A series of points; its scalars follow from the plan and the sums over the constraints. */
export interface Series {
  name: 'ic' | 'vanishing' | 'cWithoutDelta' | 'a' | 'b1' | 'b2' | 'c' | 'h';
  group: GroupName;
  count: number;
  /** Section of the zkey that it fills. */
  section?: number;
  /** Number that snarkjs's circuit hash announces before the points, if it covers them. */
  hashedCount?: number;
}

/** Largest domain: the field has roots of unity of order 2^28, and the quotient needs one of the double size. */
const MAX_POWER = 27;

/** Points that snarkjs converts at a time for its circuit hash. */
const HASH_CHUNK = 2 ** 14;

export interface PlanSetupParameters {
  header: R1csHeader;
  phase1: Phase1Secrets;
  delta: bigint;
  /** Gives the root of order 2^k that the curve library uses. */
  rootOfUnity: (k: number) => bigint;
}

/** @throws RollupError when the circuit is too large or the beacons are unlucky */
export function planSetup({ header, phase1, delta, rootOfUnity }: PlanSetupParameters): SetupPlan {
  const { wires, outputs, publicInputs, constraints } = header;
  const publicWires = outputs + publicInputs;
  const domainPower = Math.floor(Math.log2(constraints + publicWires)) + 1;
  if (domainPower > MAX_POWER) throw new RollupError('the circuit is too large', { facts: { constraints, limit: 2 ** MAX_POWER } });
  const domain = 2 ** domainPower;
  const { tau } = phase1;
  return {
    ...phase1, wires, publicWires, domain,
    root: rootOfUnity(domainPower),
    doubleRoot: rootOfUnity(domainPower + 1),
    scale: lagrangeScale(tau, domain),
    doubleScale: lagrangeScale(tau, 2 * domain),
    inverseDelta: inverse(delta),
  };
}

/** The points of a key, first those that the circuit hash covers, in its order. */
export function seriesOf({ wires, publicWires, domain }: SetupPlan): Series[] {
  const privateWires = wires - publicWires - 1;
  return [
    { name: 'ic', group: 'G1', count: publicWires + 1, section: 3, hashedCount: publicWires + 1 },
    { name: 'vanishing', group: 'G1', count: hashedVanishingPoints(domain), hashedCount: domain - 1 },
    { name: 'cWithoutDelta', group: 'G1', count: privateWires, hashedCount: privateWires },
    { name: 'a', group: 'G1', count: wires, section: 5, hashedCount: wires },
    { name: 'b1', group: 'G1', count: wires, section: 6, hashedCount: wires },
    { name: 'b2', group: 'G2', count: wires, section: 7, hashedCount: wires },
    { name: 'c', group: 'G1', count: privateWires, section: 8 },
    { name: 'h', group: 'G1', count: domain, section: 9 },
  ];
}

/** Points that snarkjs's circuit hash covers of the quotient series: its last chunk is always full from 2^15 on, one point more than announced. */
export function hashedVanishingPoints(domain: number): number {
  return domain - 1 < HASH_CHUNK ? domain - 1 : Math.ceil((domain - 1) / HASH_CHUNK) * HASH_CHUNK;
}

/** Lagrange polynomial number `index` of the plan's domain at tau. */
export function lagrangeAtTau({ tau, root, scale }: SetupPlan, index: number): bigint {
  const x = power(root, BigInt(index));
  return (((scale * x) % R) * inverse(tau - x)) % R;
}

function lagrangeScale(tau: bigint, domain: number): bigint {
  const vanishing = mod(power(tau, BigInt(domain)) - 1n);
  if (vanishing === 0n) throw new RollupError('tau lies in the evaluation domain', { hint: 'Choose another phase 1 beacon.' });
  return (vanishing * inverse(BigInt(domain))) % R;
}
