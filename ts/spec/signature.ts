import { babyjubjub } from '@noble/curves/misc.js';
import { blake512 } from '@noble/hashes/blake1.js';
import { RollupError } from '../base/errors.ts';
import { FIELD, isFieldElement, modField, pack } from './field.ts';
import { encodeFloat16 } from './float16.ts';
import { bigintToBytes, bytesToBigintLE, concatBytes, hexToBytes, type Hex } from './hex.ts';
import { keccak256 } from './keccak.ts';
import type { ChangeKey, Order, SignedOperation, Transfer, TransferToNew, Withdraw } from './operation.ts';
import { params } from './params.ts';
import { poseidon } from './poseidon.ts';

const { Point } = babyjubjub;

/** Order of Baby Jubjub's prime subgroup. noble's base point is circomlib's Base8, of this order. */
export const SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041n;

const CURVE_A = 168700n;
const CURVE_D = 168696n;

export interface L2PublicKey {
  x: bigint;
  y: bigint;
}

/** The key that signs a user's L2 messages. `privateKey` is 32 bytes. */
export interface L2Key {
  privateKey: Hex;
  publicKey: L2PublicKey;
}

/** An EdDSA-Poseidon signature: R8 = (R8x, R8y) and S. */
export interface L2Signature {
  R8x: bigint;
  R8y: bigint;
  S: bigint;
}

/** What a wallet signs (EIP-191 personal_sign) to make its owner's L2 key. */
export const L2_KEY_MESSAGE = [
  'Make the key of my account on the multi-chain rollup.',
  '',
  'Whoever has this signature controls the L2 account and can move everything in it.',
  'Sign it only in an application that you trust.',
].join('\n');

/**
 * L2 key from a wallet's signature of L2_KEY_MESSAGE. Ethereum wallets sign deterministically (RFC 6979), so the wallet alone restores
 * the key.
 */
export function deriveL2Key(ethereumSignature: Hex): L2Key {
  if (hexToBytes(ethereumSignature).length !== 65) {
    throw new RollupError('Not an Ethereum signature', { facts: { expectedBytes: 65, actualBytes: (ethereumSignature.length - 2) / 2 } });
  }
  return l2KeyFromSeed(keccak256(ethereumSignature));
}

/** @param seed 32 bytes, the private key */
export function l2KeyFromSeed(seed: Hex): L2Key {
  const { scalar } = expandPrivateKey(seed);
  const { x, y } = Point.BASE.multiply(scalar).toAffine();
  return { privateKey: seed, publicKey: { x, y } };
}

/** Signature of message hash `message`, equal to circomlib's EdDSA-Poseidon. */
export function signMessage(message: bigint, key: L2Key): L2Signature {
  const { scalar, prefix } = expandPrivateKey(key.privateKey);
  const messageBytes = bigintToBytes(message, 32).reverse();
  const r = bytesToBigintLE(blake512(concatBytes([prefix, messageBytes]))) % SUBGROUP_ORDER;
  const { x: R8x, y: R8y } = Point.BASE.multiply(r).toAffine();
  const hash = poseidon([R8x, R8y, key.publicKey.x, key.publicKey.y, message]);
  // The secret of the equation is 8·scalar: circomlib's public key is (s >> 3)·Base8 with s a multiple of 8.
  const S = (r + (hash % SUBGROUP_ORDER) * 8n * scalar) % SUBGROUP_ORDER;
  return { R8x, R8y, S };
}

/** True when the signature is valid. A key or R8 off the curve, a key of small order and an S that is not canonical are invalid. */
export function verifyMessage(message: bigint, signature: L2Signature, publicKey: L2PublicKey): boolean {
  const { R8x, R8y, S } = signature;
  if (!isFieldElement(message) || S < 0n || S >= SUBGROUP_ORDER) return false;
  if (!isOnCurve({ x: R8x, y: R8y }) || !isUsableKey(publicKey)) return false;
  const hash = poseidon([R8x, R8y, publicKey.x, publicKey.y, message]);
  // 8·hash·A: the cofactor goes first, so that the rest is a multiplication inside the prime subgroup.
  const key8 = Point.fromAffine(publicKey).clearCofactor();
  const right = Point.fromAffine({ x: R8x, y: R8y }).add(key8.multiplyUnsafe(hash % SUBGROUP_ORDER));
  return Point.BASE.multiplyUnsafe(S).equals(right);
}

/** True when a key can make valid signatures: on the curve and not of small order. */
export function isUsableKey(key: L2PublicKey): boolean {
  return isOnCurve(key) && !Point.fromAffine(key).isSmallOrder();
}

function isOnCurve({ x, y }: L2PublicKey): boolean {
  if (!isFieldElement(x) || !isFieldElement(y)) return false;
  const xx = (x * x) % FIELD;
  const yy = (y * y) % FIELD;
  return modField(CURVE_A * xx + yy - 1n - CURVE_D * ((xx * yy) % FIELD)) === 0n;
}

function expandPrivateKey(privateKey: Hex): { scalar: bigint; prefix: Uint8Array } {
  const bytes = hexToBytes(privateKey);
  if (bytes.length !== 32) throw new RollupError('An L2 private key has 32 bytes', { facts: { actual: bytes.length } });
  const digest = blake512(bytes);
  const low = digest.slice(0, 32);
  low[0] = (low[0] ?? 0) & 0xf8;
  low[31] = ((low[31] ?? 0) & 0x7f) | 0x40;
  // s / 8, reduced because noble only takes scalars below the order; Base8 has that order, so the point is the same.
  return { scalar: (bytesToBigintLE(low) >> 3n) % SUBGROUP_ORDER, prefix: digest.slice(32) };
}

/** Where a signature is valid: one deployment and one chain of it. */
export interface SigningDomain {
  deploymentId: bigint;
  chainIndex: number;
}

/** What an owner signs of a transfer; the receiving leaf is chosen by whoever builds the block. */
export type TransferMessage = Pick<Transfer, 'type' | 'from' | 'token' | 'nonce' | 'validUntil' | 'amount' | 'fee' | 'toOwner' | 'toKeyX' | 'toKeyY'>;

/** A transfer whose receiver's leaf is opened by it; signed as a transfer, so that whoever builds the block may choose between the two. */
export type TransferToNewMessage = Pick<TransferToNew, 'type' | 'from' | 'token' | 'nonce' | 'validUntil' | 'amount' | 'fee' | 'toOwner' | 'toKeyX' | 'toKeyY'>;

/** What an owner signs of a withdrawal. */
export type WithdrawMessage = Pick<Withdraw, 'type' | 'leafIndex' | 'token' | 'nonce' | 'validUntil' | 'amount' | 'fee' | 'to'>;

/** What an owner signs, with the old key, to give a leaf the new key `keyX`, `keyY`. */
export type ChangeKeyMessage = Pick<ChangeKey, 'type' | 'leafIndex' | 'token' | 'nonce' | 'validUntil' | 'fee' | 'keyX' | 'keyY'>;

/** Everything that an owner signs. */
export type SignedMessage = TransferMessage | TransferToNewMessage | WithdrawMessage | ChangeKeyMessage | Order;

/** What is signed of an operation that carries a signature: the operation's order if it is of one. */
export function signedMessage(operation: SignedOperation): SignedMessage {
  return 'order' in operation ? operation.order : operation;
}

/** The leaf whose key signs. */
export function signingLeaf(message: SignedMessage | SignedOperation): number {
  return 'from' in message ? message.from : message.leafIndex;
}

/** Leaf that signs and its token, nonce and last second (validUntil), of what is signed or of an operation that carries a signature. */
export function turnOf(signed: SignedMessage | SignedOperation): { leafIndex: number; token: bigint; nonce: bigint; validUntil: number } {
  const { token, nonce, validUntil } = 'order' in signed ? signed.order : signed;
  return { leafIndex: signingLeaf(signed), token, nonce, validUntil };
}

/**
 * The signed message hash `M` of src/FORMATS.md.
 * @throws RollupError when a field does not fit, the fee has no float16 form, or an order is signed for another chain than its own
 */
export function messageHash(message: SignedMessage, domain: SigningDomain): bigint {
  return poseidon(messageInputs(message, domain));
}

/** `M` of an order: both sides of its pair show it. Errors as in messageHash. */
export function orderHash(order: Order, deploymentId: bigint): bigint {
  return messageHash(order, { deploymentId, chainIndex: order.chainIndex });
}

/** The nine inputs of `M`: deploymentId, m1, m2, a, b, c, limit, peerAmount, peerLimit. Errors as in messageHash. */
export function messageInputs(message: SignedMessage, { deploymentId, chainIndex }: SigningDomain): bigint[] {
  const { bits, opcodes } = params;
  if (isOrder(message)) checkOrderFields(message, chainIndex);
  const { pool, peerChain, peerLeaf, peerToken, limit, peerAmount, peerLimit } = isOrder(message) ? message : NO_ORDER;
  const m1 = pack([
    [BigInt(opcodes[message.type === 'transferToNew' ? 'transfer' : message.type]), 8],
    [BigInt(chainIndex), bits.chainIndex],
    [BigInt(signingLeaf(message)), bits.leafIndex],
    [message.token, bits.token],
    [message.nonce, bits.nonce],
    [BigInt(message.validUntil), bits.timestamp],
  ]);
  const m2 = pack([
    [BigInt(peerChain), bits.chainIndex],
    [BigInt(peerLeaf), bits.leafIndex],
    [peerToken, bits.token],
    [BigInt(pool), bits.leafIndex],
    [message.type === 'changeKey' ? 0n : message.amount, bits.balance],
    [encodeFloat16(message.fee), bits.feeMantissa + bits.feeExponent],
  ]);
  return [deploymentId, m1, m2, ...signedFields(message), limit, peerAmount, peerLimit];
}

const NO_ORDER: Pick<Order, 'pool' | 'peerChain' | 'peerLeaf' | 'peerToken' | 'limit' | 'peerAmount' | 'peerLimit'> = {
  pool: 0,
  peerChain: 0,
  peerLeaf: 0,
  peerToken: 0n,
  limit: 0n,
  peerAmount: 0n,
  peerLimit: 0n,
};

function checkOrderFields({ chainIndex: own, limit, peerAmount, peerLimit }: Order, chainIndex: number): void {
  if (own !== chainIndex) {
    throw new RollupError('An order is signed for the chain of the leaf that signs', {
      facts: { expected: own, actual: chainIndex },
      hint: 'Use orderHash, which takes the chain from the order.',
    });
  }
  for (const value of [limit, peerAmount, peerLimit]) pack([[value, params.bits.balance]]);
}

function isOrder(message: SignedMessage): message is Order {
  return message.type === 'swapIn' || message.type === 'addLiquidity' || message.type === 'removeLiquidity';
}

/** `a, b, c`: whom the operation pays, or the new key. */
function signedFields(message: SignedMessage): [bigint, bigint, bigint] {
  switch (message.type) {
    case 'transfer':
    case 'transferToNew':
      return [message.toOwner, message.toKeyX, message.toKeyY];
    case 'withdraw':
      return [message.to, 0n, 0n];
    case 'changeKey':
      return [message.keyX, message.keyY, 0n];
    case 'swapIn':
    case 'addLiquidity':
    case 'removeLiquidity':
      return [message.owner, message.keyX, message.keyY];
  }
}

/** Signature of an operation or order by its leaf's key; for a change of key that is the old one. Errors as in messageHash. */
export function signOperation(message: SignedMessage, domain: SigningDomain, key: L2Key): L2Signature {
  return signMessage(messageHash(message, domain), key);
}
