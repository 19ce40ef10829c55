import { isFieldElement } from '../spec/field.ts';
import { nearestFloat16, tryEncodeFloat16 } from '../spec/float16.ts';
import { floorFloat40, tryEncodeFloat40 } from '../spec/float40.ts';
import { emptyLeaf, isEmptyLeaf, LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import { isShareToken } from '../spec/leg.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE, params } from '../spec/params.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import { OperationRejected } from './rejection.ts';

/* What operations do to a leaf and demand of their fields, each with its refusal. */

/** What an operation does to one leaf. */
export interface LeafChange {
  leafIndex: number;
  before: Leaf;
  /** The same object as `before` when nothing changes. */
  after: Leaf;
}

/** An account that has signed nothing yet. */
export function accountLeaf({ owner, token, keyX, keyY }: LeafIdentity, balance: bigint): Leaf {
  return { ...emptyLeaf, kind: LEAF_KIND.account, owner, token, keyX, keyY, balance };
}

export function credit(leafIndex: number, leaf: Leaf, amount: bigint): Leaf {
  const balance = leaf.balance + amount;
  if (balance > MAX_BALANCE) {
    throw new OperationRejected(
      'balanceOverflow',
      'Balance would be larger than a leaf can hold',
      { leafIndex, maximum: MAX_BALANCE, balance: leaf.balance, amount },
      'Use another leaf of the same user and token.',
    );
  }
  return { ...leaf, balance };
}

/** What every signed operation does to the leaf that signs it. */
export function debitSigned(leafIndex: number, leaf: Leaf, payment: Payment): Leaf {
  if (leaf.nonce >= MAX_NONCE) {
    throw new OperationRejected('nonceExhausted', 'Leaf has signed all it can', { leafIndex, nonce: leaf.nonce }, 'Request a full exit of the leaf.');
  }
  return { ...debit(leafIndex, leaf, payment), nonce: leaf.nonce + 1n };
}

/** Coins or shares that leave a leaf, in its token. */
export interface Payment {
  amount: bigint;
  fee: bigint;
}

export function debit(leafIndex: number, leaf: Leaf, { amount, fee }: Payment): Leaf {
  const balance = leaf.balance - amount - fee;
  if (balance < 0n) {
    throw new OperationRejected('overdraft', 'Balance is too small for amount and fee', { leafIndex, balance: leaf.balance, amount, fee });
  }
  return { ...leaf, balance };
}

export function read(chain: ChainState, leafIndex: number): Leaf {
  if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= LEAF_COUNT) {
    throw new OperationRejected('leafIndexOutOfRange', 'Leaf index is out of range', { maximum: LEAF_COUNT - 1, actual: leafIndex });
  }
  return chain.leaf(leafIndex);
}

/** @throws OperationRejected when the leaf is not an account */
export function readAccount(chain: ChainState, leafIndex: number): Leaf {
  const leaf = read(chain, leafIndex);
  if (leaf.kind !== LEAF_KIND.account) {
    throw new OperationRejected('unknownLeaf', 'There is no account in this leaf', { leafIndex, kind: leaf.kind }, 'Deposit to it or open it first.');
  }
  return leaf;
}

export function checkAmount(amount: bigint): void {
  if (amount < 0n || amount > MAX_BALANCE) throw new OperationRejected('amountOutOfRange', 'Amount is out of range', { maximum: MAX_BALANCE, actual: amount });
}

/** Amounts that public data holds as float40. */
export function checkFloatAmount(amount: bigint): void {
  checkAmount(amount);
  if (tryEncodeFloat40(amount) !== null) return;
  throw new OperationRejected(
    'amountNotFloat40',
    'Amount has no float40 form',
    { amount },
    `Name ${floorFloat40(amount)} instead: an amount that is transferred or swapped keeps about ten significant digits.`,
  );
}

export function checkFee(fee: bigint): void {
  if (tryEncodeFloat16(fee) !== null) return;
  throw new OperationRejected('feeNotFloat16', 'Fee has no float16 form', { actual: fee }, `${nearestFloat16(fee)} A fee keeps about three significant digits.`);
}

export function checkEmpty(leafIndex: number, leaf: Leaf): void {
  if (isEmptyLeaf(leaf)) return;
  throw new OperationRejected('leafNotEmpty', 'Leaf is not empty', { leafIndex, owner: leaf.owner }, 'Choose an empty leaf.');
}

/** Shares are neither deposited nor withdrawn, and are not what a pool holds. */
export function checkNoShares(leafIndex: number, token: bigint): void {
  if (!isShareToken(token)) return;
  throw new OperationRejected(
    'shareToken',
    'Token is shares of a pool half',
    { leafIndex, token, firstShareToken: params.shareTokens },
    'Remove liquidity to get the coins that shares stand for; shares can be transferred.',
  );
}

export function checkIdentity({ token, owner, keyX, keyY }: LeafIdentity): void {
  checkBits('token', token, params.bits.token);
  if (token === 0n) throw new OperationRejected('wrongToken', 'Token 0 means none', { actual: token }, 'Name a token that the chain has registered.');
  checkBits('owner', owner, params.bits.owner);
  checkKey({ keyX, keyY });
}

/** Two field elements are enough for a leaf; a key that signs must also be usable (isUsableKey). */
export function checkKey(key: Pick<LeafIdentity, 'keyX' | 'keyY'>): void {
  for (const [name, value] of Object.entries(key)) {
    if (!isFieldElement(value)) throw new OperationRejected('fieldOutOfRange', `${name} is not a field element`, { [name]: value });
  }
}

/** As checkBits, for what is a number and must be a whole one. */
export function checkWhole(name: string, value: number, bits: number): void {
  checkBits(name, Number.isSafeInteger(value) ? BigInt(value) : -1n, bits);
}

export function checkBits(name: string, value: bigint, bits: number): void {
  if (value < 0n || value >> BigInt(bits) !== 0n) throw new OperationRejected('fieldOutOfRange', `${name} is out of range`, { [name]: value, bits });
}

/** @throws OperationRejected when a leaf is not of this user (owner and key) */
export function checkUser(leafIndex: number, leaf: Leaf, { owner, keyX, keyY }: Pick<LeafIdentity, 'owner' | 'keyX' | 'keyY'>): void {
  if (leaf.owner === owner && leaf.keyX === keyX && leaf.keyY === keyY) return;
  throw new OperationRejected(
    'wrongReceiver',
    'Receiving leaf is not of the user that was signed',
    { leafIndex, expected: { owner, keyX, keyY }, actual: { owner: leaf.owner, keyX: leaf.keyX, keyY: leaf.keyY } },
    'Choose or open a leaf of the signed owner, key and token.',
  );
}
