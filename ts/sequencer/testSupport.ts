import { bigintToHex, type Hex } from '../spec/hex.ts';
import { l2KeyFromSeed, signOperation, type L2Key } from '../spec/signature.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { DepositEvent, FullExitEvent, PriorityEvent } from './events.ts';
import { packBlock } from './packer.ts';
import { genesisTip, seal, type SealReturnType, type Tip } from './sealer.ts';
import { transactionId } from './parseTransaction.ts';
import type { SignedTransaction } from './store.ts';

/* Users, requests and signed transactions for the tests of this folder. Everything follows from small numbers, so every run is the same. */

export const context = { deploymentId: 77n, chainCount: 3, primaryIndex: 0 };

/** Who collects the fees. */
export const operator: TestUser = testUser(60_000);

export const farFuture = 4_000_000_000;

export interface TestUser {
  key: L2Key;
  owner: bigint;
  keyX: bigint;
  keyY: bigint;
}

/** @param seed 1 … 2^16 */
export function testUser(seed: number): TestUser {
  const key = l2KeyFromSeed(bigintToHex(BigInt(seed), 32));
  return { key, owner: 0xa11ce0000n + BigInt(seed), keyX: key.publicKey.x, keyY: key.publicKey.y };
}

function position(requestId: number) {
  return { blockNumber: requestId + 1, blockHash: '0x' as Hex, transactionHash: '0x' as Hex, logIndex: 0, requestId, expiresAt: farFuture };
}

export function depositEvent(requestId: number, user: TestUser, amount: bigint, token = 1): DepositEvent {
  return { type: 'deposit', owner: bigintToHex(user.owner, 20), token, amount, keyX: user.keyX, keyY: user.keyY, ...position(requestId) };
}

export function fullExitEvent(requestId: number, user: TestUser, leafIndex: number): FullExitEvent {
  return { type: 'fullExit', owner: bigintToHex(user.owner, 20), leafIndex, ...position(requestId) };
}

interface MoveParameters {
  chainIndex?: number;
  leafIndex: number;
  token?: bigint;
  nonce: number;
  amount: bigint;
  validUntil?: number;
  fee?: bigint;
}

export function signedTransfer(from: TestUser, to: TestUser, { chainIndex = 0, leafIndex, token = 1n, nonce, amount, validUntil = farFuture, fee = 0n }: MoveParameters): SignedTransaction {
  const message = {
    type: 'transfer' as const, from: leafIndex, token, nonce: BigInt(nonce), validUntil, amount, fee, toOwner: to.owner, toKeyX: to.keyX, toKeyY: to.keyY,
  };
  return { ...message, chainIndex, signature: signOperation(message, { deploymentId: context.deploymentId, chainIndex }, from.key) };
}

export function signedWithdraw(from: TestUser, to: bigint, { chainIndex = 0, leafIndex, token = 1n, nonce, amount, validUntil = farFuture, fee = 0n }: MoveParameters): SignedTransaction {
  const message = { type: 'withdraw' as const, leafIndex, token, nonce: BigInt(nonce), validUntil, amount, fee, to };
  return { ...message, chainIndex, signature: signOperation(message, { deploymentId: context.deploymentId, chainIndex }, from.key) };
}

export function signedChangeKey(
  user: TestUser,
  to: { keyX: bigint; keyY: bigint },
  { chainIndex = 0, leafIndex, token = 1n, nonce, validUntil = farFuture, fee = 0n }: Omit<MoveParameters, 'amount'>,
): SignedTransaction {
  const message = { type: 'changeKey' as const, leafIndex, token, nonce: BigInt(nonce), validUntil, fee, keyX: to.keyX, keyY: to.keyY };
  return { ...message, chainIndex, signature: signOperation(message, { deploymentId: context.deploymentId, chainIndex }, user.key) };
}

export function pooled(...transactions: SignedTransaction[]) {
  return transactions.map((transaction) => ({ id: transactionId(transaction, context.deploymentId), transaction, acceptedAt: 0 }));
}

export interface NextBlockParameters {
  tip?: Tip;
  /** By chain index. */
  requests?: PriorityEvent[][];
  transactions?: SignedTransaction[];
  timestamp?: number;
}

/** Packs and seals one block. */
export function nextBlock({ tip = genesisTip(context), requests = [], transactions = [], timestamp = 1000 }: NextBlockParameters): SealReturnType & { dropped: { id: string; reason: string }[] } {
  const { segments, included, dropped } = packBlock({
    state: tip.state, deploymentId: context.deploymentId, operator, requests: [0, 1, 2].map((i) => requests[i] ?? []), transactions: pooled(...transactions), timestamp,
  });
  return { ...seal({ context, tip, segments, timestamp, transactions: included }), dropped };
}

/** Balance of leaf `leafIndex`. */
export function balanceOf(state: LedgerState, chainIndex: number, leafIndex: number): bigint {
  return state.leaf(chainIndex, leafIndex).balance;
}
