import type { L2Signature } from './signature.ts';

/*
 * Operations. Whatever ends up in a leaf or a word of public data is a bigint (amounts in the token's smallest unit, addresses and keys
 * as integers, a fee as the amount that its float16 stands for); leaf indices and times (seconds) are numbers.
 */

export interface Noop {
  type: 'noop';
}

/** From the chain's priority queue: adds to a leaf, or opens it when it is empty. */
export interface Deposit {
  type: 'deposit';
  leafIndex: number;
  token: bigint;
  owner: bigint;
  amount: bigint;
  keyX: bigint;
  keyY: bigint;
}

/** From the chain's priority queue: pays the whole balance when the leaf is the owner's, else token 0 and amount 0. */
export interface FullExit {
  type: 'fullExit';
  leafIndex: number;
  owner: bigint;
  token: bigint;
  amount: bigint;
}

/** What public data says of a withdrawal. */
export interface PublicWithdraw {
  type: 'withdraw';
  leafIndex: number;
  token: bigint;
  /** Address that is paid on this chain. */
  to: bigint;
  amount: bigint;
  fee: bigint;
}

/** Creates a leaf with balance 0 in the place of an empty one. */
export interface Open {
  type: 'open';
  leafIndex: number;
  token: bigint;
  owner: bigint;
  keyX: bigint;
  keyY: bigint;
}

/** What public data says of a transfer. */
export interface PublicTransfer {
  type: 'transfer';
  /** Leaf index that pays. */
  from: number;
  /** Leaf index that receives. */
  to: number;
  amount: bigint;
  fee: bigint;
}

/** What public data says of a transfer that opens the receiver's leaf; without a signature of its own kind: it is signed as a transfer. */
export interface PublicTransferToNew {
  type: 'transferToNew';
  /** Leaf index that pays. */
  from: number;
  /** Index of the empty leaf that becomes the receiver's. */
  to: number;
  amount: bigint;
  fee: bigint;
  toOwner: bigint;
  toKeyX: bigint;
  toKeyY: bigint;
}

/** What public data says of a change of key. */
export interface PublicChangeKey {
  type: 'changeKey';
  leafIndex: number;
  fee: bigint;
  /** The new key. */
  keyX: bigint;
  keyY: bigint;
}

/** Credits an account with what earlier operations of the same segment paid as fees in its token. */
export interface CollectFees {
  type: 'collectFees';
  leafIndex: number;
  amount: bigint;
}

/** What a signature adds to an operation; not in public data. */
export interface Signed {
  nonce: bigint;
  /** Last second at which the operation may be in a block. */
  validUntil: number;
  signature: L2Signature;
}

export interface Withdraw extends PublicWithdraw, Signed {}

export interface Transfer extends PublicTransfer, Signed {
  toOwner: bigint;
  toKeyX: bigint;
  toKeyY: bigint;
}

/** A transfer whose receiver has no leaf of the token yet. */
export interface TransferToNew extends PublicTransferToNew, Signed {}

export interface ChangeKey extends PublicChangeKey, Signed {}

/** Operations that carry a signature and may pay a fee. */
export type SignedOperation = Withdraw | Transfer | TransferToNew | ChangeKey;

/** An operation with everything that the ledger and the circuit check. */
export type Operation = Noop | Deposit | FullExit | Open | CollectFees | SignedOperation;

/** A full exit before the ledger has said what it pays. */
export type FullExitRequest = Omit<FullExit, 'token' | 'amount'>;

/** A collection of fees before the ledger has said what there is to collect. */
export type CollectFeesRequest = Omit<CollectFees, 'amount'>;

/** What can be applied to the ledger; an `Operation` is one too. */
export type OperationRequest = Exclude<Operation, FullExit | CollectFees | Noop> | FullExitRequest | CollectFeesRequest;

/** An operation as public data shows it. */
export type PublicOperation = Deposit | FullExit | PublicWithdraw | Open | PublicTransfer | PublicTransferToNew | PublicChangeKey | CollectFees;

/** Words that every slot of a segment has in the on-chain list and in the L2 list. */
export const ONCHAIN_WORDS_PER_SLOT = 4;
export const L2_WORDS_PER_SLOT = 4;

/** True for operations in the on-chain list, false for those in the L2 list. */
export function isOnchain(operation: { type: Operation['type'] }): boolean {
  return operation.type === 'deposit' || operation.type === 'fullExit' || operation.type === 'withdraw';
}

/** True for operations that consume a priority request. */
export function isPriority(operation: { type: Operation['type'] }): boolean {
  return operation.type === 'deposit' || operation.type === 'fullExit';
}

/** True for operations that need a signature and may pay a fee. */
export function isSigned(operation: Operation): operation is SignedOperation {
  return operation.type === 'withdraw' || operation.type === 'transfer' || operation.type === 'transferToNew' || operation.type === 'changeKey';
}
