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

/** From the chain's priority queue: pays all that the leaf holds when it is the owner's and stands for `least` coins or more, else token, amount and shares 0. */
export interface FullExit {
  type: 'fullExit';
  leafIndex: number;
  owner: bigint;
  /** The fewest coins that the owner takes for all that the leaf holds: for fewer it stays as it is. */
  least: bigint;
  /** Token that is paid: the leaf's; of a leaf with shares their pool's. */
  token: bigint;
  /** Coins of that token. */
  amount: bigint;
  /** Shares that the coins are for, which are gone then; 0 when the leaf holds coins. */
  shares: bigint;
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

/** Opens one half of a liquidity pair in the place of an empty leaf: reserve 0, params.lockedShares shares that are nobody's. */
export interface OpenPool {
  type: 'openPool';
  leafIndex: number;
  token: bigint;
  /** Where the other half is (or will be). */
  peerChain: number;
  peerLeaf: number;
}

/** What public data says of the first side of a swap: coins go from a leaf into a pool half. */
export interface PublicSwapIn {
  type: 'swapIn';
  from: number;
  /** Leaf index of the pool half. */
  pool: number;
  amount: bigint;
  fee: bigint;
}

/** What public data says of the second side of a swap: coins go from a pool half to a leaf. */
export interface PublicSwapOut {
  type: 'swapOut';
  pool: number;
  to: number;
  amount: bigint;
}

/** What public data says of one side of adding or removing liquidity. The next operation of the segment is its credit. */
export interface PublicLiquidityChange {
  type: 'addLiquidity' | 'addLiquidityPeer' | 'removeLiquidity' | 'removeLiquidityPeer';
  /** Add: leaf of the half's token that pays `amount`. Remove: leaf of the half's shares that pays `shares`. */
  from: number;
  pool: number;
  /** 0 for the peer side. */
  fee: bigint;
  /** By how much the half's reserve changes. */
  amount: bigint;
  /** By how much the half's total shares change. */
  shares: bigint;
}

/** Pays the LP what the liquidity change right before it gives: shares (add) or coins (remove). */
export interface Credit {
  type: 'credit';
  leafIndex: number;
}

/** What a signature adds to an operation; not in public data. */
export interface Signed {
  /** Of the leaf that signs. A leaf index is only a number that somebody names: without the token, coins of another leaf could be moved. */
  token: bigint;
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

/** Kinds of orders, named as the operation that carries the signature. */
export type OrderType = 'swapIn' | 'addLiquidity' | 'removeLiquidity';

/**
 * What is signed once for both halves of a pair (src/FORMATS.md, "L2 signatures"). Amounts and limits of a swap: `amount` coins in, `peerLimit`
 * least coins out, the others 0. Add: `amount`, `peerAmount` coins of the two halves, `limit`, `peerLimit` least shares. Remove: `amount`,
 * `peerAmount` shares, `limit`, `peerLimit` least coins.
 */
export interface Order {
  type: OrderType;
  /** Chain of the leaf that signs and of `pool`. */
  chainIndex: number;
  /** Leaf that signs and pays `amount + fee`. */
  from: number;
  /** Token of that leaf. */
  token: bigint;
  nonce: bigint;
  /** Last second at which the order may be filled. */
  validUntil: number;
  amount: bigint;
  fee: bigint;
  pool: number;
  peerChain: number;
  peerLeaf: number;
  /** Token of the leaf that the second side changes first: of the peer half (swap, add), or of its shares (remove). */
  peerToken: bigint;
  limit: bigint;
  peerAmount: bigint;
  peerLimit: bigint;
  /** The user: owner and key of the leaf that signs, and of every leaf that is paid. */
  owner: bigint;
  keyX: bigint;
  keyY: bigint;
}

/** What every operation of an order shows of it; not in public data. */
export interface OfOrder {
  order: Order;
}

/** What the first side of an order adds. */
export interface SignedOrder extends OfOrder {
  signature: L2Signature;
}

export interface SwapIn extends PublicSwapIn, SignedOrder {}

export interface SwapOut extends PublicSwapOut, OfOrder {}

/** First side of an add or remove order. */
export interface LiquidityChange extends PublicLiquidityChange, SignedOrder {
  type: 'addLiquidity' | 'removeLiquidity';
}

/** Second side of an add or remove order. */
export interface PeerLiquidityChange extends PublicLiquidityChange, OfOrder {
  type: 'addLiquidityPeer' | 'removeLiquidityPeer';
}

/** Operations that move a pool half, each emits one leg. */
export type PoolOperation = SwapIn | SwapOut | LiquidityChange | PeerLiquidityChange;

/** Operations that carry a signature and may pay a fee. */
export type SignedOperation = Withdraw | Transfer | TransferToNew | ChangeKey | SwapIn | LiquidityChange;

/** An operation with everything that the ledger and the circuit check. */
export type Operation = Noop | Deposit | FullExit | Open | CollectFees | OpenPool | PoolOperation | Credit | SignedOperation;

/** A full exit before the ledger has said what it pays. */
export type FullExitRequest = Omit<FullExit, 'token' | 'amount' | 'shares'>;

/** A collection of fees before the ledger has said what there is to collect. */
export type CollectFeesRequest = Omit<CollectFees, 'amount'>;

/** What can be applied to the ledger; an `Operation` is one too. */
export type OperationRequest = Exclude<Operation, FullExit | CollectFees | Noop> | FullExitRequest | CollectFeesRequest;

/** An operation as public data shows it. */
export type PublicOperation =
  | Deposit
  | FullExit
  | PublicWithdraw
  | Open
  | PublicTransfer
  | PublicTransferToNew
  | PublicChangeKey
  | CollectFees
  | OpenPool
  | PublicSwapIn
  | PublicSwapOut
  | PublicLiquidityChange
  | Credit;

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
  return SIGNED.has(operation.type);
}

const SIGNED: ReadonlySet<Operation['type']> = new Set<SignedOperation['type']>([
  'withdraw', 'transfer', 'transferToNew', 'changeKey', 'swapIn', 'addLiquidity', 'removeLiquidity',
]);

/** True for operations that move a pool half: each emits one leg. */
export function isPoolOperation(operation: Operation): operation is PoolOperation {
  return POOL.has(operation.type);
}

const POOL: ReadonlySet<Operation['type']> = new Set<PoolOperation['type']>([
  'swapIn', 'swapOut', 'addLiquidity', 'addLiquidityPeer', 'removeLiquidity', 'removeLiquidityPeer',
]);

/** True for operations that the segment's next operation must credit. */
export function isLiquidityChange(operation: { type: Operation['type'] }): operation is LiquidityChange | PeerLiquidityChange {
  return POOL.has(operation.type) && operation.type !== 'swapIn' && operation.type !== 'swapOut';
}
