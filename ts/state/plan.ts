import { isFieldElement } from '../spec/field.ts';
import { nearestFloat16, tryEncodeFloat16 } from '../spec/float16.ts';
import { floorFloat40, tryEncodeFloat40 } from '../spec/float40.ts';
import { emptyLeaf, isEmptyLeaf, LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import type {
  CollectFees,
  Deposit,
  FullExit,
  FullExitRequest,
  Open,
  Operation,
  OperationRequest,
  PublicChangeKey,
  PublicOperation,
  PublicTransfer,
  PublicTransferToNew,
  PublicWithdraw,
} from '../spec/operation.ts';
import { LEAF_COUNT, MAX_BALANCE, MAX_NONCE, params } from '../spec/params.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import { accruedFees, noFees, type SegmentFees } from './fees.ts';
import { OperationRejected } from './rejection.ts';

/** What an operation does to one leaf. */
export interface LeafChange {
  leafIndex: number;
  before: Leaf;
  /** The same object as `before` when nothing changes. */
  after: Leaf;
}

/** What an operation does; `b` only for a transfer and a transfer to new, as it is after `a`. */
export interface Plan {
  a: LeafChange;
  b: LeafChange | null;
}

/**
 * The effect of an operation, with every check that needs no authority (signature, nonce, receiver).
 * A full exit and a collection of fees must be complete (see completeOperation).
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
    case 'changeKey':
      return { a: planChangeKey(chain, operation), b: null };
    case 'collectFees':
      return { a: planCollectFees(chain, operation), b: null };
    case 'transfer':
      return planTransfer(chain, operation);
    case 'transferToNew':
      return planTransferToNew(chain, operation);
  }
}

/**
 * An operation with what only the ledger can say: what a full exit pays and what a collection of fees finds.
 * @param fees what the segment's earlier operations paid
 */
export function completeOperation(chain: ChainState, request: OperationRequest, fees: SegmentFees = noFees): Exclude<Operation, { type: 'noop' }> {
  switch (request.type) {
    case 'fullExit':
      return fullExitOf(chain, request);
    case 'collectFees': {
      const { type, leafIndex } = request;
      return { type, leafIndex, amount: accruedFees(fees, readAccount(chain, leafIndex).token) };
    }
    default:
      return request;
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

function planFullExit(chain: ChainState, { leafIndex, owner, amount }: FullExit): LeafChange {
  const before = read(chain, leafIndex);
  checkBits('owner', owner, params.bits.owner);
  return { leafIndex, before, after: amount === 0n ? before : { ...before, balance: before.balance - amount } };
}

function planOpen(chain: ChainState, { leafIndex, token, owner, keyX, keyY }: Open): LeafChange {
  const before = read(chain, leafIndex);
  checkIdentity({ token, owner, keyX, keyY });
  checkEmpty(leafIndex, before);
  return { leafIndex, before, after: accountLeaf({ token, owner, keyX, keyY }, 0n) };
}

function planWithdraw(chain: ChainState, { leafIndex, token, to, amount, fee }: PublicWithdraw): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkAmount(amount);
  checkFee(fee);
  checkBits('to', to, params.bits.owner);
  if (before.token !== token) throw new OperationRejected('wrongToken', 'Leaf holds another token', { leafIndex, expected: before.token, actual: token });
  return { leafIndex, before, after: debit(leafIndex, before, { amount, fee }) };
}

function planChangeKey(chain: ChainState, { leafIndex, fee, keyX, keyY }: PublicChangeKey): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkFee(fee);
  checkKey({ keyX, keyY });
  return { leafIndex, before, after: { ...debit(leafIndex, before, { amount: 0n, fee }), keyX, keyY } };
}

function planCollectFees(chain: ChainState, { leafIndex, amount }: CollectFees): LeafChange {
  const before = readAccount(chain, leafIndex);
  checkAmount(amount);
  return { leafIndex, before, after: amount === 0n ? before : credit(leafIndex, before, amount) };
}

function planTransfer(chain: ChainState, transfer: PublicTransfer): Plan {
  const { to, from, amount } = transfer;
  readAccount(chain, to);
  const a = planPayment(chain, transfer);
  const receiver = to === from ? a.after : chain.leaf(to);
  if (receiver.token !== a.before.token) {
    throw new OperationRejected('wrongToken', 'Receiving leaf holds another token', { leafIndex: to, expected: a.before.token, actual: receiver.token });
  }
  return { a, b: { leafIndex: to, before: receiver, after: credit(to, receiver, amount) } };
}

function planTransferToNew(chain: ChainState, transfer: PublicTransferToNew): Plan {
  const { to, amount, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = transfer;
  const before = read(chain, to);
  const a = planPayment(chain, transfer);
  const user = { owner, token: a.before.token, keyX, keyY };
  checkIdentity(user);
  checkEmpty(to, before);
  return { a, b: { leafIndex: to, before, after: accountLeaf(user, amount) } };
}

/** The payer's side of both kinds of transfer. */
function planPayment(chain: ChainState, { from, amount, fee }: PublicTransfer | PublicTransferToNew): LeafChange {
  const before = readAccount(chain, from);
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
  return { leafIndex: from, before, after: debit(from, before, { amount, fee }) };
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

/** What every signed operation does to the leaf that signs it. */
function debit(leafIndex: number, leaf: Leaf, { amount, fee }: { amount: bigint; fee: bigint }): Leaf {
  if (leaf.nonce >= MAX_NONCE) {
    throw new OperationRejected('nonceExhausted', 'Leaf has signed all it can', { leafIndex, nonce: leaf.nonce }, 'Request a full exit of the leaf.');
  }
  const balance = leaf.balance - amount - fee;
  if (balance < 0n) {
    throw new OperationRejected('overdraft', 'Balance is too small for amount and fee', { leafIndex, balance: leaf.balance, amount, fee });
  }
  return { ...leaf, balance, nonce: leaf.nonce + 1n };
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
  if (tryEncodeFloat16(fee) !== null) return;
  throw new OperationRejected('feeNotFloat16', 'Fee has no float16 form', { actual: fee }, `${nearestFloat16(fee)} A fee keeps about three significant digits.`);
}

function checkEmpty(leafIndex: number, leaf: Leaf): void {
  if (isEmptyLeaf(leaf)) return;
  throw new OperationRejected('leafNotEmpty', 'Leaf is not empty', { leafIndex, owner: leaf.owner }, 'Choose an empty leaf.');
}

function checkIdentity({ token, owner, keyX, keyY }: LeafIdentity): void {
  checkBits('token', token, params.bits.token);
  if (token === 0n) throw new OperationRejected('wrongToken', 'Token 0 means none', { actual: token }, 'Name a token that the chain has registered.');
  checkBits('owner', owner, params.bits.owner);
  checkKey({ keyX, keyY });
}

/** Two field elements are enough for a leaf; a key that signs must also be usable (isUsableKey). */
function checkKey(key: Pick<LeafIdentity, 'keyX' | 'keyY'>): void {
  for (const [name, value] of Object.entries(key)) {
    if (!isFieldElement(value)) throw new OperationRejected('fieldOutOfRange', `${name} is not a field element`, { [name]: value });
  }
}

export function checkBits(name: string, value: bigint, bits: number): void {
  if (value < 0n || value >> BigInt(bits) !== 0n) throw new OperationRejected('fieldOutOfRange', `${name} is out of range`, { [name]: value, bits });
}
