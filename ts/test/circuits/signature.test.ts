import { babyjubjub } from '@noble/curves/misc.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTester, type CircuitTester } from '../../circuit/tester.ts';
import { FIELD, modField } from '../../spec/field.ts';
import { poseidon } from '../../spec/poseidon.ts';
import { SUBGROUP_ORDER, l2KeyFromSeed, signMessage, verifyMessage, type L2PublicKey, type L2Signature } from '../../spec/signature.ts';
import { Random } from '../random.ts';
import { smallOrderPoints } from './curve.ts';

/*
 * The signature circuit says what circomlib's verifier and ts/spec say, for valid and invalid signatures; and it asks for nothing when it
 * is not enabled.
 */

const { Point } = babyjubjub;
const SEED = 20_251_121;
const PAIRS = 26;
const l = SUBGROUP_ORDER;

interface Claim {
  key: L2PublicKey;
  signature: L2Signature;
  message: bigint;
}

type Change = (claim: Claim, random: Random) => Claim;
const add = (a: L2PublicKey, b: L2PublicKey): L2PublicKey => Point.fromAffine(a).add(Point.fromAffine(b)).toAffine();
const sign = (claim: Claim, change: Partial<L2Signature>): Claim => ({ ...claim, signature: { ...claim.signature, ...change } });
const torsion = smallOrderPoints().filter(({ order }) => order > 1);

/** Wrong in one place, but with key and R8 on the curve: circomlib's verifier takes for granted that they are. */
const changes: Record<string, Change> = {
  'message + 1': (claim) => ({ ...claim, message: claim.message + 1n }),
  'message - 1': (claim) => ({ ...claim, message: claim.message - 1n }),
  'S + 1': (claim) => sign(claim, { S: claim.signature.S + 1n }),
  'S - 1': (claim) => sign(claim, { S: claim.signature.S - 1n }),
  'S + l': (claim) => sign(claim, { S: claim.signature.S + l }),
  'S + 2l': (claim) => sign(claim, { S: claim.signature.S + 2n * l }),
  '-S': (claim) => sign(claim, { S: l - claim.signature.S }),
  'another S': (claim, random) => sign(claim, { S: random.field() % l }),
  '-R8': (claim) => sign(claim, { R8x: FIELD - claim.signature.R8x }),
  'another key': (claim, random) => ({ ...claim, key: Point.BASE.multiply(1n + (random.field() % (l - 1n))).toAffine() }),
  '-key': (claim) => ({ ...claim, key: { ...claim.key, x: FIELD - claim.key.x } }),
  'R8 + a point of small order': (claim, random) => {
    const { x: R8x, y: R8y } = add({ x: claim.signature.R8x, y: claim.signature.R8y }, random.pick(torsion));
    return sign(claim, { R8x, R8y });
  },
  'key + a point of small order': (claim, random) => ({ ...claim, key: add(claim.key, random.pick(torsion)) }),
};

function signed(random: Random): Claim {
  const key = l2KeyFromSeed(`0x${random.bits(256).toString(16).padStart(64, '0')}`);
  const message = random.field();
  return { key: key.publicKey, signature: signMessage(message, key), message };
}

/** A signature made from the equation, for a key that is not in the prime subgroup: 8·key is what counts. */
function signedWithMixedKey(random: Random): Claim {
  const secret = 1n + (random.field() % (l - 1n));
  const nonce = 1n + (random.field() % (l - 1n));
  const message = random.field();
  const key = add(Point.BASE.multiply(secret).toAffine(), random.pick(torsion));
  const { x: R8x, y: R8y } = Point.BASE.multiply(nonce).toAffine();
  const S = (nonce + 8n * (poseidon([R8x, R8y, key.x, key.y, message]) % l) * secret) % l;
  return { key, signature: { R8x, R8y, S }, message };
}

describe('signature', () => {
  let ours: CircuitTester;
  let circomlibs: CircuitTester;
  beforeAll(async () => {
    const instance = { parameters: [], publicInputs: [], simplification: 2 as const };
    ours = await createTester({ file: 'lib/signature.circom', template: 'Signature', ...instance });
    circomlibs = await createTester({ file: 'eddsaposeidon.circom', template: 'EdDSAPoseidonVerifier', ...instance });
  });

  const accepts = ({ key, signature, message }: Claim, enabled = 1n): boolean =>
    ours.isSatisfied(ours.witness({ enabled, keyX: key.x, keyY: key.y, ...signature, message }));
  const circomlibAccepts = ({ key, signature: { R8x, R8y, S }, message }: Claim): boolean =>
    circomlibs.isSatisfied(circomlibs.witness({ enabled: 1n, Ax: key.x, Ay: key.y, R8x, R8y, S, M: message }));
  /** What all three say; they say the same. */
  const verdict = (claim: Claim): boolean => {
    const verdicts = [accepts(claim), circomlibAccepts(claim), verifyMessage(claim.message, claim.signature, claim.key)];
    expect(new Set(verdicts).size, `circuit, circomlib, ts/spec say ${verdicts.join(', ')}`).toBe(1);
    return verdicts[0] === true;
  };

  it('costs three quarters of what circomlib\'s verifier costs', () => {
    expect([ours.constraintCount, circomlibs.constraintCount]).toEqual([3154, 4217]);
  });

  it(`accepts what circomlib and ts/spec accept (${2 * PAIRS} random keys and messages)`, () => {
    const random = new Random(SEED, 'valid signatures');
    for (let i = 0; i < PAIRS; i++) {
      expect(verdict(signed(random))).toBe(true);
      expect(verdict(signedWithMixedKey(random))).toBe(true);
    }
  });

  it(`refuses what they refuse (${4 * Object.keys(changes).length} random keys and messages)`, () => {
    const random = new Random(SEED + 1, 'invalid signatures');
    for (const [name, change] of Object.entries(changes)) {
      for (let i = 0; i < 4; i++) expect(verdict(change(signed(random), random)), name).toBe(false);
    }
  });

  it.each(['message', 'R8x', 'R8y', 'S', 'x', 'y'] as const)('refuses every other %s that is one bit away', (field) => {
    const claim = signed(new Random(SEED + 2, field));
    for (let bit = 0n; bit < 254n; bit += 11n) {
      const flip = (value: bigint): bigint => modField(value ^ (1n << bit));
      const other: Claim =
        field === 'message'
          ? { ...claim, message: flip(claim.message) }
          : field === 'x' || field === 'y'
            ? { ...claim, key: { ...claim.key, [field]: flip(claim.key[field]) } }
            : sign(claim, { [field]: flip(claim.signature[field]) });
      expect(accepts(other)).toBe(false);
      expect(verifyMessage(other.message, other.signature, other.key)).toBe(false);
    }
  });

  // For such a key h·8·A is the identity, so any r would sign: S = r, R8 = r·Base8.
  it.each(smallOrderPoints())('refuses a key of order $order', ({ x, y }) => {
    for (const r of [1n, 2n, l - 1n]) {
      const { x: R8x, y: R8y } = Point.BASE.multiply(r).toAffine();
      const claim = { key: { x, y }, signature: { R8x, R8y, S: r }, message: 7n };
      expect(verdict(claim)).toBe(false);
    }
  });

  it('refuses keys and R8 that are not on the curve', () => {
    const random = new Random(SEED + 3, 'off the curve');
    for (const off of [{ x: 0n, y: 0n }, { x: 1n, y: 1n }, { x: 0n, y: 5n }, { x: random.field(), y: random.field() }]) {
      const claim = signed(random);
      for (const wrong of [{ ...claim, key: off }, sign(claim, { R8x: off.x, R8y: off.y })]) {
        expect(accepts(wrong)).toBe(false);
        expect(verifyMessage(wrong.message, wrong.signature, wrong.key)).toBe(false);
      }
    }
  });

  it('asks for nothing when it is not enabled', () => {
    const random = new Random(SEED + 4, 'not enabled');
    const small = smallOrderPoints();
    const values = [0n, 1n, FIELD - 1n, l, ...small.flatMap(({ x, y }) => [x, y]), random.field(), random.field()];
    for (let i = 0; i < 40; i++) {
      const any = (): bigint => random.pick(values);
      expect(accepts({ key: { x: any(), y: any() }, signature: { R8x: any(), R8y: any(), S: any() }, message: any() }, 0n)).toBe(true);
    }
  });
});
