import { buildBn128, type Bytes, type Curve } from 'ffjavascript';
import { RollupError } from '../../base/errors.ts';
import { silentProgress, type Progress } from '../../base/progress.ts';
import { PHASE1_BEACON, phase2Beacon } from './beacons.ts';
import { circuitHash, contributionsSection, hashedVanishingPoints, montgomery } from './contribution.ts';
import { N8, R, inverse } from './field.ts';
import { multiplyGenerators } from './multiply.ts';
import { readR1cs, type R1csHeader } from './r1cs.ts';
import { keyScalars, vanishingPowers, type KeyScalars } from './scalars.ts';
import { phase1Secrets, phase2Secrets } from './secrets.ts';
import { bytes32, joinBytes, u32, writeZkey } from './zkeyFile.ts';

export interface DevelopmentSetupParameters {
  /** Name of the circuit: its phase 2 beacon depends on it. */
  name: string;
  r1csPath: string;
  zkeyPath: string;
  /** Worker threads; default: one for each core. */
  threads?: number;
  progress?: Progress;
}

export interface DevelopmentSetupReturnType {
  header: R1csHeader;
  domain: number;
}

/**
 * Makes a Groth16 key from the public development beacons. A beacon-only setup has publicly known secrets, so every point's discrete
 * logarithm can be computed in the scalar field and the point with one fixed-base multiplication. The file equals, byte for byte, what
 * snarkjs's `powersoftau new, beacon, prepare phase2, groth16 setup, zkey beacon` makes with the same beacons from a phase 1 that is
 * larger than the circuit.
 */
export async function developmentSetup({ name, r1csPath, zkeyPath, threads, progress = silentProgress }: DevelopmentSetupParameters): Promise<DevelopmentSetupReturnType> {
  const curve = await buildBn128(true);
  const phase1 = phase1Secrets(curve, PHASE1_BEACON);
  const beacon = phase2Beacon(name);
  const phase2 = phase2Secrets(curve, beacon);
  if (phase2.delta === 0n || phase2.delta === 1n) throw new RollupError(`${name}: delta is trivial`, { hint: 'Choose another phase 2 beacon.' });

  progress.report(`${name}: evaluating the constraints at tau`);
  const r1cs = readR1cs(r1csPath);
  const scalars = keyScalars(r1cs, phase1, (k) => curve.Fr.toObject(curve.Fr.w[k]!));
  const { publicWires, domain } = scalars;
  const withoutDelta = scalars.k.slice(publicWires + 1);
  const inverseDelta = inverse(phase2.delta);
  const divide = (values: bigint[]): bigint[] => values.map((value) => (value * inverseDelta) % R);

  const jobs = [
    scalars.k.slice(0, publicWires + 1),
    scalars.a,
    scalars.b,
    divide(withoutDelta),
    divide(scalars.h),
    withoutDelta,
    vanishingPowers(phase1.tau, domain, hashedVanishingPoints(domain)),
  ].map((values) => ({ group: 'G1' as const, scalars: values }));
  const onProgress = (fraction: number): void => progress.report(`${name}: key points`, Math.floor(fraction * 10) / 10);
  const points = await multiplyGenerators({ jobs: [...jobs, { group: 'G2', scalars: scalars.b }], onProgress, ...(threads === undefined ? {} : { threads }) });
  const [ic, a, b1, c, h, cWithoutDelta, vanishing, b2] = points as [Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes, Bytes];
  refuseZeroPoints(name, ic);

  progress.report(`${name}: writing the key`);
  const { G1, G2, Fr } = curve;
  const alpha = Fr.fromObject(phase1.alpha);
  const beta = Fr.fromObject(phase1.beta);
  const alpha1 = montgomery(G1, G1.timesFr(G1.g, alpha));
  const beta1 = montgomery(G1, G1.timesFr(G1.g, beta));
  const beta2 = montgomery(G2, G2.timesFr(G2.g, beta));
  const circuit = await circuitHash(curve, {
    phase1: [alpha1, beta1, beta2], ic, vanishing, hCount: domain - 1, c: cWithoutDelta, a, b1, b2,
  });
  writeZkey(zkeyPath, {
    1: u32(1), // Groth16
    2: groth16Header(curve, scalars, [alpha1, beta1, beta2], phase2.deltaKey),
    3: ic,
    4: scalars.coefficients,
    5: a,
    6: b1,
    7: b2,
    8: c,
    9: h,
    10: contributionsSection(curve, circuit, beacon, phase2),
  });
  return { header: r1cs.header, domain };
}

function groth16Header(curve: Curve, { wires, publicWires, domain }: KeyScalars, phase1: readonly Bytes[], delta: Bytes): Uint8Array {
  const { G1, G2 } = curve;
  const [alpha1, beta1, beta2] = phase1 as [Bytes, Bytes, Bytes];
  return joinBytes(
    u32(N8), bytes32(curve.q), u32(N8), bytes32(curve.r),
    u32(wires), u32(publicWires), u32(domain),
    alpha1, beta1, beta2,
    montgomery(G2, G2.g), // gamma is never contributed to
    montgomery(G1, G1.timesFr(G1.g, delta)),
    montgomery(G2, G2.timesFr(G2.g, delta)),
  );
}

/** A zero point in IC would leave a public input unbound. */
function refuseZeroPoints(name: string, ic: Bytes): void {
  for (let i = 0; 64 * i < ic.length; i++) {
    if (ic.subarray(64 * i, 64 * i + 64).some((byte) => byte !== 0)) continue;
    throw new RollupError(`${name}: the key's point for public input ${i - 1} is zero`, { hint: 'Choose another phase 1 beacon.' });
  }
}
