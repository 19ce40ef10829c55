import { isFieldElement } from '../spec/field.ts';
import { floorFloat40, tryEncodeFloat40 } from '../spec/float40.ts';
import { emptyLeaf, isEmptyLeaf, LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import type { Deposit, FullExit, FullExitRequest, Open, PublicOperation, PublicTransfer, PublicWithdraw } from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE, params } from '../spec/params.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import { OperationRejected } from './rejection.ts';

/** What an operation does to one leaf. */
export interface LeafChange {
  leafIndex: number;
  before: Leaf;
  /** The same object as `before` when nothing changes. */
  after: Leaf;
}

/** What an operation does; `b` only for a transfer, as it is after `a`. */
export interface Plan {
  a: LeafChange;
  b: LeafChange | null;
}

/**
 * The effect of an operation, with every check that needs no authority (signature, nonce, receiver).
 * A full exit must be complete (see fullExitOf).
 * @throws OperationRejected
 */
export function planOperation(chain: ChainState, operation: PublicOperation): Plan {
  switch (operation.type) {
    case 'deposit':
      return { a: planDeposit(chain, operation), b: null };
    case 'fullExit':
      return { a: planFullExit(chain, operation), b: null };
    case 'open':
      return { a: planOpen(chain, operation), b: null };
    case 'withdraw':
      return { a: planWithdraw(chain, operation), b: null };
    case 'transfer':
      return planTransfer(chain, operation);
  }
}

/** A full exit with what it pays: the whole balance when the leaf is an account of the owner, else token 0 and amount 0. */
export function fullExitOf(chain: ChainState, { leafIndex, owner }: FullExitRequest): FullExit {
  const leaf = read(chain, leafIndex);
  const pays = leaf.kind === LEAF_KIND.account && leaf.owner === owner;
  return { type: 'fullExit', leafIndex, owner, token: pays ? leaf.token : 0n, amount: pays ? leaf.balance : 0n };
}

function planDeposit(chain: ChainState, { leafIndex, token, owner, amount, keyX, keyY }: Deposit): LeafChange {
  const before = read(chain, leafIndex);
  checkAmount(amount);
  checkIdentity({ token, owner, keyX, keyY });
  if (isEmptyLeaf(before)) return { leafIndex, before, after: accountLeaf({ token, owner, keyX, keyY }, amount) };
  const hint = 'Choose the leaf of this owner, key and token, or an empty one.';
  if (before.kind !== LEAF_KIND.account || before.owner !== owner || before.keyX !== keyX || before.keyY !== keyY) {
    const { owner: actualOwner, keyX: actualX, keyY: actualY } = before;
    throw new OperationRejected(
      'wrongOwner',
      'Leaf belongs to another user',
      { leafIndex, expected: { owner, keyX, keyY }, actual: { owner: actualOwner, keyX: actualX, keyY: actualY } },
      hint,
    );
  }
  if (before.token !== token) {
    throw new OperationRejected('wrongToken', 'Leaf holds another token', { leafIndex, expected: token, actual: before.token }, hint);
  }
  return { leafIndex, before, after: credit(leafIndex, before, amount) };
}

function planFullExit(chain: ChainState, { leafIndex, amount }: FullExit): LeafChange {
  const before = read(chain, leafIndex);
  return { leafIndex, before, after: amount === 0n ? before : { ...before, balance: before.balance - amount } };
}

function planOpen(chain: ChainState, { leafIndex, token, owner, keyX, keyY }: Open): LeafChange {
  const before = read(chain, leafIndex);
  checkIdentity({ token, owner, keyX, keyY });
  if (!isEmptyLeaf(before)) {
    throw new OperationRejected('leafNotEmpty', 'Leaf is not empty', { leafIndex, owner: before.owner }, 'Choose an empty leaf.');
  }
  return { leafIndex, before, after: accountLeaf({ token, owner, keyX, keyY }, 0n) };
}

function planWithdraw(chain: ChainState, { leafIndex, token, to, amount, fee }: PublicWithdraw): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkAmount(amount);
  checkFee(fee);
  checkBits('to', to, params.bits.owner);
  if (before.token !== token) throw new OperationRejected('wrongToken', 'Leaf holds another token', { leafIndex, expected: before.token, actual: token });
  return { leafIndex, before, after: debit(leafIndex, before, amount) };
}

function planTransfer(chain: ChainState, { from, to, amount, fee }: PublicTransfer): Plan {
  const payer = readAccount(chain, from);
  readAccount(chain, to);
  checkAmount(amount);
  checkFee(fee);
  if (tryEncodeFloat40(amount) === null) {
    throw new OperationRejected(
      'amountNotFloat40',
      'Amount has no float40 form',
      { amount },
      `Transfer ${floorFloat40(amount)} instead: a transferred amount keeps about ten significant digits.`,
    );
  }
  const a = { leafIndex: from, before: payer, after: debit(from, payer, amount) };
  const receiver = to === from ? a.after : chain.leaf(to);
  if (receiver.token !== payer.token) {
    throw new OperationRejected('wrongToken', 'Receiving leaf holds another token', { leafIndex: to, expected: payer.token, actual: receiver.token });
  }
  return { a, b: { leafIndex: to, before: receiver, after: credit(to, receiver, amount) } };
}

/** An account that has signed nothing yet. */
export function accountLeaf({ owner, token, keyX, keyY }: LeafIdentity, balance: bigint): Leaf {
  return { ...emptyLeaf, kind: LEAF_KIND.account, owner, token, keyX, keyY, balance };
}

function credit(leafIndex: number, leaf: Leaf, amount: bigint): Leaf {
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

function debit(leafIndex: number, leaf: Leaf, amount: bigint): Leaf {
  if (leaf.nonce >= MAX_NONCE) {
    throw new OperationRejected('nonceExhausted', 'Leaf has signed all it can', { leafIndex, nonce: leaf.nonce }, 'Request a full exit of the leaf.');
  }
  if (leaf.balance < amount) {
    throw new OperationRejected('overdraft', 'Balance is too small', { leafIndex, balance: leaf.balance, amount });
  }
  return { ...leaf, balance: leaf.balance - amount, nonce: leaf.nonce + 1n };
}

function read(chain: ChainState, leafIndex: number): Leaf {
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

function checkAmount(amount: bigint): void {
  if (amount < 0n || amount > MAX_BALANCE) throw new OperationRejected('amountOutOfRange', 'Amount is out of range', { maximum: MAX_BALANCE, actual: amount });
}

function checkFee(fee: bigint): void {
  if (fee !== 0n) throw new OperationRejected('feeNotZero', 'There are no fees yet', { expected: 0n, actual: fee }, 'Sign the operation with fee 0.');
}

function checkIdentity({ token, owner, keyX, keyY }: LeafIdentity): void {
  checkBits('token', token, params.bits.token);
  if (token === 0n) throw new OperationRejected('wrongToken', 'Token 0 means none', { actual: token }, 'Name a token that the chain has registered.');
  checkBits('owner', owner, params.bits.owner);
  for (const [name, value] of Object.entries({ keyX, keyY })) {
    if (!isFieldElement(value)) throw new OperationRejected('fieldOutOfRange', `${name} is not a field element`, { [name]: value });
  }
}

export function checkBits(name: string, value: bigint, bits: number): void {
  if (value < 0n || value >> BigInt(bits) !== 0n) throw new OperationRejected('fieldOutOfRange', `${name} is out of range`, { [name]: value, bits });
}
