import { Field } from '@noble/curves/abstract/modular.js';
import { babyjubjub } from '@noble/curves/misc.js';
import { createTester, type Witness } from '../../../circuit/tester.ts';
import { FIELD, modField } from '../../../spec/field.ts';
import { poseidon } from '../../../spec/poseidon.ts';
import { SUBGROUP_ORDER, type L2PublicKey } from '../../../spec/signature.ts';
import { smallOrderPoints } from '../curve.ts';
import { Forger } from './forger.ts';

/*
 * Signatures that must be refused although nearly everything about them is right: whoever makes them knows the secret, or a secret that
 * fits the key once one statement of the circuit is missing.
 */

const { Point } = babyjubjub;
const field = Field(FIELD);
const l = SUBGROUP_ORDER;
const D = 4n * l - 3n * 2n ** 251n;

/** A key, claimed coordinates of R8, and S = nonce + k·secret with k from the challenge h. */
interface Signed {
  key: L2PublicKey;
  /** 8·key = secret·Base8 */
  secret: bigint;
  message: bigint;
  R8?: (actual: L2PublicKey) => L2PublicKey;
  /** What is multiplied instead of h. */
  scalar?: (h: bigint) => bigint;
  nonce?: bigint;
}

export class SignatureForge {
  readonly forger: Forger;

  private constructor(forger: Forger) {
    this.forger = forger;
  }

  static async load(): Promise<SignatureForge> {
    const tester = await createTester({ file: 'lib/signature.circom', template: 'Signature', parameters: [], publicInputs: [] });
    const idle = tester.witness({ enabled: 0n, keyX: 0n, keyY: 0n, R8x: 0n, R8y: 0n, S: 0n, message: 0n });
    return new SignatureForge(new Forger({ tester, idle, follows: [] }));
  }

  witness(signed: Signed, changes: { S?: bigint } = {}): Witness {
    const { key, message } = signed;
    const { R8, S } = signatureOf(signed);
    return this.forger.tester.witness({ enabled: 1n, keyX: key.x, keyY: key.y, R8x: R8.x, R8y: R8.y, S: changes.S ?? S, message });
  }

  /** With some wires changed; then the quotient is that of the challenge again. */
  forced(witness: Witness, changes: Record<string, bigint>): Witness {
    return this.forger.withQuotient(this.forger.following(witness, changes), '');
  }

  /** With another quotient than the challenge's. */
  withQuotient(witness: Witness, quotient: bigint, changes: Record<string, bigint> = {}): Witness {
    const q = Object.fromEntries([0n, 1n, 2n].map((i) => [`ScalarMultiple.RecodedScalar.q[${i}]`, (quotient >> i) & 1n]));
    return this.forger.following(witness, { ...q, ...changes });
  }
}

function signatureOf({ key, secret, message, R8: claim = (actual) => actual, scalar = (h) => h, nonce = NONCE }: Signed): { R8: L2PublicKey; S: bigint; h: bigint } {
  const R8 = claim(Point.BASE.multiply(nonce).toAffine());
  const h = poseidon([R8.x, R8.y, key.x, key.y, message]);
  return { R8, S: modOrder(nonce + modOrder(scalar(h)) * secret), h };
}

const modOrder = (value: bigint): bigint => ((value % l) + l) % l;

const SECRET = 0x1234567890abcdef1234567890abcdef1234567890abcdefn;
const NONCE = 0xfedcba0987654321fedcba0987654321fedcba0987654321n;
const key = Point.BASE.multiply(SECRET).toAffine();
const signed: Signed = { key, secret: 8n * SECRET, message: 7n };

/** The first message for which the signature has a property. */
function where(property: (signature: { S: bigint; h: bigint }) => boolean, base: Signed = signed): Signed {
  for (let message = 1n; ; message++) {
    const candidate = { ...base, message };
    if (property(signatureOf(candidate))) return candidate;
  }
}

const [a, d] = [168700n, 168696n];

function roots(square: bigint): bigint[] {
  try {
    const root = field.sqrt(modField(square));
    return [root, modField(-root)];
  } catch {
    return []; // no square
  }
}

const onCurve = (x: bigint, y: bigint): boolean => modField(a * x * x + y * y) === modField(1n + d * x * x * y * y);
/** First coordinate of a point with this y, second of one with this x; undefined if there is none. */
const xFor = (y: bigint): bigint | undefined => roots(field.div(modField(1n - y * y), modField(a - d * y * y)))[0];
const yFor = (x: bigint): bigint | undefined => roots(field.div(modField(1n - a * x * x), modField(1n - d * x * x)))[0];

/** A key off the curve whose double, as the circuit's formulas make it, is on the curve: Q = q·Base8. Each coordinate is that of some point. */
function offCurveKey(): Signed {
  for (let q = 2n; ; q++) {
    const Q = Point.BASE.multiply(q).toAffine();
    // x(Q) = 2u / (1 + d·u²) with u = x·y; y(Q)·(1 - d·u²) = y² - a·x²
    for (const root of roots(1n - d * Q.x * Q.x)) {
      const u = field.div(modField(1n + root), modField(d * Q.x));
      const v = modField(Q.y * (1n - d * u * u));
      for (const other of roots(v * v + 4n * a * u * u)) {
        for (const x of roots(field.div(modField(other - v), modField(2n * a)))) {
          const y = field.div(u, x);
          if (!onCurve(x, y) && xFor(y) !== undefined && yFor(x) !== undefined) return { key: { x, y }, secret: 4n * q, message: 7n };
        }
      }
    }
  }
}

const torsion = smallOrderPoints();

export const validSignatures: Record<string, (forge: SignatureForge) => Witness> = {
  'a signature': (forge) => forge.witness(signed),
  'another signature': (forge) => forge.witness({ ...signed, message: 8n, nonce: 5n }),
  'an even challenge': (forge) => forge.witness(where(({ h }) => ((h % l) + D) % 2n === 0n)),
  'the lowest quotient': (forge) => forge.witness(where(({ h }) => h / l === 0n)),
  'the highest quotient': (forge) => forge.witness(where(({ h }) => h / l === 7n)),
  'no signature': (forge) => forge.forger.tester.witness({ enabled: 0n, keyX: 1n, keyY: 2n, R8x: 3n, R8y: 4n, S: 5n, message: 6n }),
};

export const signatureLies: Record<string, (forge: SignatureForge) => Witness> = {
  'of another message': (forge) => forge.forger.following(forge.witness(signed), {}).with(forge.forger.wire('message'), 8n),
  'with a key off the curve': (forge) => forge.witness(offCurveKey()),
  'with a key off the curve, of which another x is checked': (forge) => {
    const off = offCurveKey();
    return forge.forced(forge.witness(off), { 'BabyCheck.x': xFor(off.key.y) ?? 0n });
  },
  'with a key off the curve, of which another y is checked': (forge) => {
    const off = offCurveKey();
    return forge.forced(forge.witness(off), { 'BabyCheck.y': yFor(off.key.x) ?? 0n });
  },
  'with the x of another key': (forge) => forge.forced(forge.witness({ ...signed, key: { x: FIELD - key.x, y: key.y } }, { S: signatureOf(signed).S }), { x: key.x }),
  'with the y of another key': (forge) => forge.forced(forge.witness({ ...signed, key: { x: key.x, y: FIELD - key.y } }, { S: signatureOf(signed).S }), { y: key.y }),
  'with S + subgroup order': (forge) => {
    const small = where(({ S }) => S < 2n ** 251n - l);
    return forge.witness(small, { S: signatureOf(small).S + l });
  },
  'with a mirrored R8 (x)': (forge) => forge.witness({ ...signed, R8: ({ x, y }) => ({ x: FIELD - x, y }) }),
  'with a mirrored R8 (y)': (forge) => forge.witness({ ...signed, R8: ({ x, y }) => ({ x, y: FIELD - y }) }),
  // The challenge is below its quotient's multiple of l, or above it by so much that the field wraps: h is taken for h - p or h + p.
  'with a challenge that is taken for h - p': (forge) => forge.withQuotient(forge.witness(where(({ h }) => h > FIELD - D, { ...signed, scalar: (h) => h - FIELD })), 0n),
  'with a challenge that is taken for h + p': (forge) => forge.withQuotient(forge.witness(where(({ h }) => h + FIELD - 7n * l + D < 2n ** 251n, { ...signed, scalar: (h) => h + FIELD })), 7n),
  'with a challenge that is taken for h + p and a quotient that does not count as the highest': (forge) =>
    forge.withQuotient(forge.witness(where(({ h }) => h + FIELD - 7n * l + D < 2n ** 251n, { ...signed, scalar: (h) => h + FIELD })), 7n, { 'ScalarMultiple.RecodedScalar.is7': 0n }),
  ...Object.fromEntries(torsion.map(({ order, x, y }) => [`with a key of order ${order}`, (forge: SignatureForge) => forge.witness({ key: { x, y }, secret: 0n, message: 7n })])),
};
