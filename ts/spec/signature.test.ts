import { babyjubjub } from '@noble/curves/misc.js';
import { buildEddsa, type Eddsa } from 'circomlibjs';
import { privateKeyToAccount } from 'viem/accounts';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../test/random.ts';
import { FIELD } from './field.ts';
import { bigintToHex, hexToBytes } from './hex.ts';
import type { Order, SwapIn, Withdraw } from './operation.ts';
import { poseidon } from './poseidon.ts';
import {
  deriveL2Key,
  isUsableKey,
  L2_KEY_MESSAGE,
  l2KeyFromSeed,
  messageHash,
  messageInputs,
  orderHash,
  signedMessage,
  signingLeaf,
  signMessage,
  signOperation,
  SUBGROUP_ORDER,
  turnOf,
  verifyMessage,
  type L2PublicKey,
  type ChangeKeyMessage,
  type TransferMessage,
  type WithdrawMessage,
} from './signature.ts';

let eddsa: Eddsa;
beforeAll(async () => {
  eddsa = await buildEddsa();
});

const key = l2KeyFromSeed(bigintToHex(7n, 32));
const message = 123456789n;

/** Adds a point of small order, so that the result is on the curve but outside the prime subgroup. */
function withTorsion({ x, y }: L2PublicKey): L2PublicKey {
  return { x: FIELD - x, y: FIELD - y };
}

describe('EdDSA-Poseidon', () => {
  it("has circomlib's base point and order", () => {
    const [x, y] = eddsa.babyJub.Base8;
    expect(babyjubjub.Point.BASE.toAffine()).toEqual({ x: eddsa.F.toObject(x), y: eddsa.F.toObject(y) });
    expect(eddsa.babyJub.subOrder).toBe(SUBGROUP_ORDER);
    expect(babyjubjub.Point.Fn.ORDER).toBe(SUBGROUP_ORDER);
  });

  it('makes the keys and signatures that circomlibjs makes, and both verify them', () => {
    const random = new Random(5, 'signatures');
    for (let i = 0; i < 12; i++) {
      const seed = bigintToHex(random.bits(256), 32);
      const own = l2KeyFromSeed(seed);
      const hash = random.field();
      const signature = signMessage(hash, own);
      const theirKey = eddsa.prv2pub(hexToBytes(seed));
      const theirs = eddsa.signPoseidon(hexToBytes(seed), eddsa.F.e(hash));
      expect(own.publicKey).toEqual({ x: eddsa.F.toObject(theirKey[0]), y: eddsa.F.toObject(theirKey[1]) });
      expect(signature).toEqual({ R8x: eddsa.F.toObject(theirs.R8[0]), R8y: eddsa.F.toObject(theirs.R8[1]), S: theirs.S });
      expect(eddsa.verifyPoseidon(eddsa.F.e(hash), { R8: [eddsa.F.e(signature.R8x), eddsa.F.e(signature.R8y)], S: signature.S }, theirKey)).toBe(true);
      expect(verifyMessage(hash, signature, own.publicKey)).toBe(true);
    }
  });

  it('refuses every change of message, signature or key', () => {
    const signature = signMessage(message, key);
    const other = l2KeyFromSeed(bigintToHex(8n, 32));
    expect(verifyMessage(message + 1n, signature, key.publicKey)).toBe(false);
    expect(verifyMessage(message, { ...signature, S: signature.S ^ 1n }, key.publicKey)).toBe(false);
    expect(verifyMessage(message, { ...signature, R8x: signature.R8x ^ 1n }, key.publicKey)).toBe(false);
    expect(verifyMessage(message, { ...signature, R8x: other.publicKey.x, R8y: other.publicKey.y }, key.publicKey)).toBe(false);
    expect(verifyMessage(message, signature, other.publicKey)).toBe(false);
    expect(verifyMessage(FIELD + message, signature, key.publicKey)).toBe(false);
  });

  it('refuses an S that is not canonical', () => {
    const signature = signMessage(message, key);
    expect(verifyMessage(message, { ...signature, S: signature.S + SUBGROUP_ORDER }, key.publicKey)).toBe(false);
    expect(verifyMessage(message, { ...signature, S: -1n }, key.publicKey)).toBe(false);
  });

  it('refuses points off the curve and coordinates that are not canonical', () => {
    const signature = signMessage(message, key);
    const { x, y } = key.publicKey;
    expect(verifyMessage(message, signature, { x, y: y + 1n })).toBe(false);
    expect(verifyMessage(message, signature, { x: x + FIELD, y })).toBe(false);
    expect(verifyMessage(message, { ...signature, R8y: signature.R8y + FIELD }, key.publicKey)).toBe(false);
    expect(isUsableKey({ x: 1n, y: 1n })).toBe(false);
  });

  it('refuses keys of small order, for which anyone could sign', () => {
    const generator = { x: 995203441582195749578291179787384436505546430278305826713579947235728471134n, y: 5472060717959818805561601436314318772137091100104008585924551046643952123905n };
    // The full group has order 8·n: n times its generator is a point of order 8.
    let point = babyjubjub.Point.ZERO;
    const bits = SUBGROUP_ORDER.toString(2);
    for (const bit of bits) {
      point = point.double();
      if (bit === '1') point = point.add(babyjubjub.Point.fromAffine(generator));
    }
    const base = babyjubjub.Point.BASE.toAffine();
    for (let order = 8; order >= 1; order /= 2) {
      const small = point.toAffine();
      expect(isUsableKey(small)).toBe(false);
      // A forgery that works for such a key without the check: S·Base8 = R8 + 8·h·A holds with 8·A = 0.
      expect(verifyMessage(message, { R8x: base.x, R8y: base.y, S: 1n }, small)).toBe(false);
      point = point.double();
    }
  });

  it('treats a key outside the prime subgroup as circomlib does: its torsion does not count', () => {
    const twisted = withTorsion(key.publicKey);
    expect(isUsableKey(twisted)).toBe(true);
    const signature = signMessage(message, { ...key, publicKey: twisted });
    const raw: [Uint8Array, Uint8Array] = [eddsa.F.e(signature.R8x), eddsa.F.e(signature.R8y)];
    expect(eddsa.verifyPoseidon(eddsa.F.e(message), { R8: raw, S: signature.S }, [eddsa.F.e(twisted.x), eddsa.F.e(twisted.y)])).toBe(true);
    expect(verifyMessage(message, signature, twisted)).toBe(true);
  });

  it('refuses private keys that are not 32 bytes', () => {
    expect(() => l2KeyFromSeed('0x01')).toThrow('32 bytes');
  });
});

describe('key from a wallet', () => {
  it('follows from the signature of the fixed text', async () => {
    const account = privateKeyToAccount(bigintToHex(1n, 32));
    const signature = await account.signMessage({ message: L2_KEY_MESSAGE });
    expect(deriveL2Key(signature)).toEqual(deriveL2Key(await account.signMessage({ message: L2_KEY_MESSAGE })));
    expect(isUsableKey(deriveL2Key(signature).publicKey)).toBe(true);
    expect(L2_KEY_MESSAGE).toContain('controls the L2 account');
  });

  it('refuses anything but 65 bytes', () => {
    expect(() => deriveL2Key('0x1234')).toThrow('Not an Ethereum signature');
  });
});

describe('signed message', () => {
  const domain = { deploymentId: 99n, chainIndex: 2 };
  const transfer: TransferMessage = { type: 'transfer', from: 3, token: 2n, nonce: 4n, validUntil: 5, amount: 6n, fee: 0n, toOwner: 7n, toKeyX: 8n, toKeyY: 9n };
  const withdraw: WithdrawMessage = { type: 'withdraw', leafIndex: 3, token: 2n, nonce: 4n, validUntil: 5, amount: 6n, fee: 1n, to: 7n };
  const changeKey: ChangeKeyMessage = { type: 'changeKey', leafIndex: 3, token: 2n, nonce: 4n, validUntil: 5, fee: 30_000n, keyX: 7n, keyY: 8n };

  it('is the hash of src/FORMATS.md', () => {
    const m1 = (kind: bigint): bigint => (((((((((kind << 8n) | 2n) << 24n) | 3n) << 32n) | 2n) << 32n) | 4n) << 40n) | 5n;
    expect(messageHash(transfer, domain)).toBe(poseidon([99n, m1(5n), 6n << 16n, 7n, 8n, 9n, 0n, 0n, 0n]));
    expect(messageHash(withdraw, domain)).toBe(poseidon([99n, m1(3n), (6n << 16n) | (1n << 5n), 7n, 0n, 0n, 0n, 0n, 0n]));
    // 30000 = 300 · 10^2
    expect(messageHash(changeKey, domain)).toBe(poseidon([99n, m1(6n), (300n << 5n) | 2n, 7n, 8n, 0n, 0n, 0n, 0n]));
    expect(messageInputs(transfer, domain)).toHaveLength(9);
  });

  it('is the same for a transfer and one that opens the receiver\'s leaf', () => {
    expect(messageHash({ ...transfer, type: 'transferToNew' }, domain)).toBe(messageHash(transfer, domain));
  });

  it('is refused for a fee that has no float16 form', () => {
    for (const message of [transfer, withdraw, changeKey]) {
      expect(() => messageHash({ ...message, fee: 2051n }, domain)).toThrowError(expect.objectContaining({ message: 'Fee has no float16 form', hint: 'Use 2050 or 2060.' }));
    }
  });

  it('signs all of them with the key of the leaf', () => {
    for (const message of [transfer, withdraw, changeKey]) {
      expect(verifyMessage(messageHash(message, domain), signOperation(message, domain, key), key.publicKey)).toBe(true);
    }
  });

  it('differs when any part differs', () => {
    const hashes = [
      messageHash(transfer, domain),
      messageHash(transfer, { ...domain, chainIndex: 1 }),
      messageHash(transfer, { ...domain, deploymentId: 98n }),
      ...(['from', 'validUntil'] as const).map((field) => messageHash({ ...transfer, [field]: 100 }, domain)),
      ...(['token', 'nonce', 'amount', 'fee', 'toOwner', 'toKeyX', 'toKeyY'] as const).map((field) => messageHash({ ...transfer, [field]: 100n }, domain)),
      messageHash(withdraw, domain),
      messageHash({ ...withdraw, to: 100n }, domain),
      messageHash({ ...withdraw, token: 100n }, domain),
      messageHash(changeKey, domain),
      ...(['leafIndex', 'validUntil'] as const).map((field) => messageHash({ ...changeKey, [field]: 100 }, domain)),
      ...(['token', 'nonce', 'fee', 'keyX', 'keyY'] as const).map((field) => messageHash({ ...changeKey, [field]: 100n }, domain)),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('names the leaf that signs', () => {
    expect([transfer, { ...transfer, type: 'transferToNew' as const }, withdraw, changeKey].map(signingLeaf)).toEqual([3, 3, 3, 3]);
  });
});

describe('signed order', () => {
  const order: Order = {
    type: 'swapIn',
    chainIndex: 2,
    from: 3,
    token: 4n,
    nonce: 5n,
    validUntil: 6,
    amount: 7n,
    fee: 3n,
    pool: 8,
    peerChain: 9,
    peerLeaf: 10,
    peerToken: 11n,
    limit: 12n,
    peerAmount: 13n,
    peerLimit: 14n,
    owner: 15n,
    keyX: 16n,
    keyY: 17n,
  };
  const domain = { deploymentId: 99n, chainIndex: 2 };

  it('is the hash of src/FORMATS.md', () => {
    const m1 = (kind: bigint): bigint => (((((((((kind << 8n) | 2n) << 24n) | 3n) << 32n) | 4n) << 32n) | 5n) << 40n) | 6n;
    const m2 = (((((((((9n << 24n) | 10n) << 32n) | 11n) << 24n) | 8n) << 128n) | 7n) << 16n) | (3n << 5n);
    for (const [type, kind] of [['swapIn', 10n], ['addLiquidity', 12n], ['removeLiquidity', 14n]] as const) {
      const inputs = [99n, m1(kind), m2, 15n, 16n, 17n, 12n, 13n, 14n];
      expect(messageInputs({ ...order, type }, domain)).toEqual(inputs);
      expect(messageHash({ ...order, type }, domain)).toBe(poseidon(inputs));
      expect(orderHash({ ...order, type }, 99n)).toBe(poseidon(inputs));
    }
  });

  it('differs when any field differs', () => {
    const numbers = ['chainIndex', 'from', 'validUntil', 'pool', 'peerChain', 'peerLeaf'] as const;
    const bigints = ['token', 'nonce', 'amount', 'fee', 'peerToken', 'limit', 'peerAmount', 'peerLimit', 'owner', 'keyX', 'keyY'] as const;
    const hashes = [
      orderHash(order, 99n),
      orderHash(order, 98n),
      orderHash({ ...order, type: 'addLiquidity' }, 99n),
      orderHash({ ...order, type: 'removeLiquidity' }, 99n),
      ...numbers.map((field) => orderHash({ ...order, [field]: 100 }, 99n)),
      ...bigints.map((field) => orderHash({ ...order, [field]: 100n }, 99n)),
    ];
    expect(new Set(hashes).size).toBe(4 + numbers.length + bigints.length);
    expect(numbers.length + bigints.length + 1).toBe(Object.keys(order).length);
  });

  it('is signed on its own chain only', () => {
    expect(verifyMessage(orderHash(order, 99n), signOperation(order, domain, key), key.publicKey)).toBe(true);
    expect(() => signOperation(order, { ...domain, chainIndex: 9 }, key)).toThrowError(
      expect.objectContaining({ message: 'An order is signed for the chain of the leaf that signs', facts: { expected: 2, actual: 9 } }),
    );
  });

  it('refuses fields that do not fit', () => {
    for (const field of ['amount', 'limit', 'peerAmount', 'peerLimit'] as const) {
      expect(() => orderHash({ ...order, [field]: 1n << 128n }, 99n)).toThrow('does not fit');
      expect(() => orderHash({ ...order, [field]: -1n }, 99n)).toThrow('does not fit');
      expect(orderHash({ ...order, [field]: (1n << 128n) - 1n }, 99n)).toBeGreaterThan(0n);
    }
    for (const field of ['chainIndex', 'peerChain'] as const) expect(() => orderHash({ ...order, [field]: 256 }, 99n)).toThrow('does not fit');
    for (const field of ['from', 'pool', 'peerLeaf'] as const) expect(() => orderHash({ ...order, [field]: 2 ** 24 }, 99n)).toThrow('does not fit');
    for (const field of ['token', 'peerToken', 'nonce'] as const) expect(() => orderHash({ ...order, [field]: 1n << 32n }, 99n)).toThrow('does not fit');
    expect(() => orderHash({ ...order, validUntil: 2 ** 40 }, 99n)).toThrow('does not fit');
    expect(() => orderHash({ ...order, fee: 2051n }, 99n)).toThrow('no float16 form');
  });

  it('is what is signed of an operation of it', () => {
    const signature = signOperation(order, domain, key);
    const swapIn: SwapIn = { type: 'swapIn', from: 3, pool: 8, amount: 7n, fee: 3n, order, signature };
    const withdraw: Withdraw = { type: 'withdraw', leafIndex: 1, token: 2n, nonce: 3n, validUntil: 4, amount: 5n, fee: 6n, to: 7n, signature };
    expect(signedMessage(swapIn)).toBe(order);
    expect(signedMessage(withdraw)).toBe(withdraw);
    expect(signingLeaf(swapIn)).toBe(3);
    for (const signed of [order, swapIn]) expect(turnOf(signed)).toEqual({ leafIndex: 3, token: 4n, nonce: 5n, validUntil: 6 });
    expect(turnOf(withdraw)).toEqual({ leafIndex: 1, token: 2n, nonce: 3n, validUntil: 4 });
  });
});
