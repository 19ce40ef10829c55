import { bigintToHex, type Hex } from '../spec/hex.ts';
import { l2KeyFromSeed, signOperation, type L2Key } from '../spec/signature.ts';
import type { Order } from '../spec/operation.ts';
import type { LedgerState } from '../state/ledger.ts';
import type { DepositEvent, FullExitEvent, PriorityEvent } from './events.ts';
import { packBlock } from './packer.ts';
import { genesisTip, seal, type SealReturnType, type Tip } from './sealer.ts';
import { transactionId } from './parseTransaction.ts';
import type { OrderTransaction, PairRequest, SignedTransaction } from './store.ts';

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

export function fullExitEvent(requestId: number, user: TestUser, leafIndex: number, least = 0n): FullExitEvent {
  return { type: 'fullExit', owner: bigintToHex(user.owner, 20), leafIndex, least, ...position(requestId) };
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

/** What a test says of an order; the rest follows from the user and is far in the future, free and without limits. */
export type OrderPart = Pick<Order, 'type' | 'from' | 'token' | 'amount' | 'pool' | 'peerChain' | 'peerLeaf' | 'peerToken'> & Partial<Omit<Order, 'nonce'>> & { nonce: number };

export function signedOrder(user: TestUser, part: OrderPart): OrderTransaction {
  const { owner, keyX, keyY } = user;
  const order: Order = { chainIndex: 0, validUntil: farFuture, fee: 0n, limit: 0n, peerAmount: 0n, peerLimit: 0n, owner, keyX, keyY, ...part, nonce: BigInt(part.nonce) };
  return { ...order, signature: signOperation(order, { deploymentId: context.deploymentId, chainIndex: order.chainIndex }, user.key) };
}

export function pooled(...transactions: SignedTransaction[]) {
  return transactions.map((transaction) => ({ id: transactionId(transaction, context.deploymentId), transaction, acceptedAt: 0 }));
}

export interface NextBlockParameters {
  tip?: Tip;
  /** By chain index. */
  requests?: PriorityEvent[][];
  transactions?: SignedTransaction[];
  pairs?: PairRequest[];
  timestamp?: number;
}

/** Packs and seals one block. */
export function nextBlock({ tip = genesisTip(context), requests = [], transactions = [], pairs = [], timestamp = 1000 }: NextBlockParameters): SealReturnType & { dropped: { id: string; reason: string }[] } {
  const { segments, included, dropped } = packBlock({
    state: tip.state, deploymentId: context.deploymentId, operator, requests: [0, 1, 2].map((i) => requests[i] ?? []), pairs, transactions: pooled(...transactions), timestamp,
  });
  return { ...seal({ context, tip, segments, timestamp, transactions: included }), dropped };
}

export const traders = { alice: testUser(1), bob: testUser(2), carol: testUser(3) };

/** The pair of `poolWorld`: token 1 of chain 0 against token 2 of chain 1. */
export const worldPair: PairRequest = { chainIndex: 0, token: 1, peerChain: 1, peerToken: 2 };

/** What orders on the world's pair have in common: from leaf `from` of chain 0 with token 1. */
export const onWorldPair = { token: 1n, pool: 2, peerChain: 1, peerLeaf: 2, peerToken: 2n };

/**
 * Chains 0 and 1, each with alice in leaf 0 and bob in leaf 1 (10^12 coins each, of token 1 and of token 2), and a pair in leaves 2. With
 * `filled`, alice has added 10^9 and 4·10^9 coins: her shares are in leaves 3, and her nonce is 1.
 */
export function poolWorld(part: { filled?: boolean } = {}): Tip {
  return poolBlocks(part).at(-1)?.tip ?? genesisTip(context);
}

/** The blocks that lead to `poolWorld`; the first one uses `poolRequests`. */
export function poolBlocks({ filled = true }: { filled?: boolean } = {}): SealReturnType[] {
  const funded = nextBlock({ requests: poolRequests });
  const opened = nextBlock({ tip: funded.tip, pairs: [worldPair] });
  if (!filled) return [funded, opened];
  const first = signedOrder(traders.alice, { type: 'addLiquidity', from: 0, nonce: 0, ...onWorldPair, amount: 10n ** 9n, peerAmount: 4n * 10n ** 9n });
  return [funded, opened, nextBlock({ tip: opened.tip, transactions: [first] })];
}

/** By chain index: alice and bob deposit on chains 0 and 1. */
export const poolRequests: PriorityEvent[][] = [1, 2].map((token) => [depositEvent(0, traders.alice, 10n ** 12n, token), depositEvent(1, traders.bob, 10n ** 12n, token)]);

/** Balance of leaf `leafIndex`. */
export function balanceOf(state: LedgerState, chainIndex: number, leafIndex: number): bigint {
  return state.leaf(chainIndex, leafIndex).balance;
}
