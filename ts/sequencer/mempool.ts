import { RollupError } from '../base/errors.ts';
import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import { isUsableKey, messageHash, verifyMessage } from '../spec/signature.ts';
import { planOperation } from '../state/plan.ts';
import { OperationRejected, type RejectionReason } from '../state/rejection.ts';
import type { LedgerState } from '../state/ledger.ts';
import { signerLeaf, transactionId } from './parseTransaction.ts';
import type { SignedTransaction } from './store.ts';

export interface PooledTransaction {
  id: string;
  transaction: SignedTransaction;
  /** Milliseconds since the epoch. */
  acceptedAt: number;
}

export interface MempoolOptions {
  deploymentId: bigint;
  /** The newest ledger state. */
  state: () => LedgerState;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Most transactions in all and of one leaf. Defaults 10,000 and 64. */
  maxPending?: number;
  maxPendingPerLeaf?: number;
  /** Seconds that a transaction must at least be valid for when it is accepted. Default 10. */
  minValidity?: number;
}

/** Why a transaction is refused, next to the reasons of the ledger. */
export type RefusalReason = RejectionReason | 'nonceUsed' | 'nonceGap' | 'nonceTaken' | 'tooManyPending' | 'nothingToMove' | 'zeroReceiver' | 'unusableKey';

/** Accepted transactions that are not in a block yet: per leaf in the order of their nonces, among leaves in the order of acceptance. */
export class Mempool {
  readonly #options: Required<MempoolOptions>;
  readonly #byLeaf = new Map<string, PooledTransaction[]>();
  readonly #byId = new Map<string, PooledTransaction>();

  constructor(options: MempoolOptions) {
    this.#options = { now: Date.now, maxPending: 10_000, maxPendingPerLeaf: 64, minValidity: 10, ...options };
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Milliseconds since the epoch at which the oldest one was accepted; null when there is none. */
  get oldest(): number | null {
    const first = this.#byId.values().next();
    return first.done === true ? null : first.value.acceptedAt;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /**
   * Checks a transaction against the ledger and everything pending before it, and says under which id it can be added.
   * `known` is true when the very same transaction is already pending.
   * @throws RollupError with reason, facts and a hint when it cannot be in one of the next blocks
   */
  check(transaction: SignedTransaction): { id: string; known: boolean } {
    const { deploymentId, maxPending, maxPendingPerLeaf, minValidity, now } = this.#options;
    const id = transactionId(transaction, deploymentId);
    if (this.#byId.has(id)) return { id, known: true };
    const { chainIndex, nonce, validUntil, amount } = transaction;
    const leafIndex = signerLeaf(transaction);
    const state = this.#options.state();
    const leaf = state.leaf(chainIndex, leafIndex);
    if (isEmptyLeaf(leaf)) {
      throw refuse('unknownLeaf', 'There is no account in this leaf', { chainIndex, leafIndex }, 'Deposit first, or look up your leaves with GET /users/:owner.');
    }
    const pending = this.#byLeaf.get(leafKey(chainIndex, leafIndex)) ?? [];
    checkNonce({ leaf, nonce, pending, facts: { chainIndex, leafIndex } });
    const seconds = Math.floor(now() / 1000);
    if (validUntil < seconds + minValidity) {
      throw refuse('expired', 'The transaction is not valid for long enough', { validUntil, now: seconds, minimum: seconds + minValidity }, 'Sign it with a later validUntil.');
    }
    if (amount === 0n) throw refuse('nothingToMove', 'The amount is zero', { amount }, 'Sign an amount above zero.');
    checkReceiver(transaction);
    const reserved = pending.reduce((sum, { transaction: earlier }) => sum + earlier.amount, 0n);
    if (leaf.balance < reserved + amount) {
      throw refuse('overdraft', 'The balance is too small', { balance: leaf.balance, pending: reserved, amount }, 'Wait for incoming transfers to be in a block, or move less.');
    }
    // Form and fee rules are the ledger's; the receiver's leaf is chosen later, so the plan is made against the sender's own.
    const plan = transaction.type === 'transfer' ? { ...transaction, to: leafIndex } : { ...transaction, token: leaf.token };
    planOperation(state.chain(chainIndex), plan);
    if (pending.length >= maxPendingPerLeaf) {
      throw refuse('tooManyPending', 'The leaf has too many pending transactions', { maximum: maxPendingPerLeaf }, 'Wait for the next block.');
    }
    if (this.#byId.size >= maxPending) {
      throw refuse('tooManyPending', 'The sequencer has too many pending transactions', { maximum: maxPending }, 'Try again later.');
    }
    // The signature is last because it costs most.
    const message = messageHash(transaction, { deploymentId, chainIndex });
    if (!verifyMessage(message, transaction.signature, { x: leaf.keyX, y: leaf.keyY })) {
      throw refuse(
        'wrongSignature',
        "The signature is not one of the leaf's key for this transaction",
        { chainIndex, leafIndex, deploymentId, keyX: leaf.keyX, keyY: leaf.keyY },
        'Sign with the key of the leaf, for this deployment, chain and nonce.',
      );
    }
    return { id, known: false };
  }

  /** Adds a checked transaction. */
  add({ id, transaction }: { id: string; transaction: SignedTransaction }): void {
    if (this.#byId.has(id)) return;
    const entry = { id, transaction, acceptedAt: this.#options.now() };
    this.#byId.set(id, entry);
    const key = leafKey(transaction.chainIndex, signerLeaf(transaction));
    const queue = [...(this.#byLeaf.get(key) ?? []), entry];
    this.#byLeaf.set(key, queue.sort((a, b) => Number(a.transaction.nonce - b.transaction.nonce)));
  }

  /** Removes transactions that were included or dropped. */
  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      const entry = this.#byId.get(id);
      if (entry === undefined) continue;
      this.#byId.delete(id);
      const key = leafKey(entry.transaction.chainIndex, signerLeaf(entry.transaction));
      const rest = (this.#byLeaf.get(key) ?? []).filter((other) => other.id !== id);
      if (rest.length === 0) this.#byLeaf.delete(key);
      else this.#byLeaf.set(key, rest);
    }
  }

  /** Nonce that the leaf's next transaction must have. */
  nextNonce(chainIndex: number, leafIndex: number): bigint {
    const pending = this.#byLeaf.get(leafKey(chainIndex, leafIndex))?.length ?? 0;
    return this.#options.state().leaf(chainIndex, leafIndex).nonce + BigInt(pending);
  }

  /** All pending ones in the order in which a block should try them. */
  inOrder(): PooledTransaction[] {
    const taken = new Map<string, number>();
    // A leaf's transactions can only have been accepted in nonce order; after a restart or a dropped block the order is restored here.
    return [...this.#byId.values()].map((entry) => {
      const key = leafKey(entry.transaction.chainIndex, signerLeaf(entry.transaction));
      const position = taken.get(key) ?? 0;
      taken.set(key, position + 1);
      return this.#byLeaf.get(key)?.[position] ?? entry;
    });
  }
}

function checkNonce({ leaf, nonce, pending, facts }: { leaf: Leaf; nonce: bigint; pending: readonly PooledTransaction[]; facts: Record<string, unknown> }): void {
  const expected = leaf.nonce + BigInt(pending.length);
  if (nonce === expected) return;
  const details = { ...facts, expected, actual: nonce };
  if (nonce < leaf.nonce) throw refuse('nonceUsed', 'The nonce is already used', details, 'Sign again with the expected nonce.');
  if (nonce < expected) throw refuse('nonceTaken', 'Another transaction with this nonce is pending', details, 'Wait for it, or sign again with the expected nonce.');
  throw refuse('nonceGap', 'The nonce leaves a gap', details, 'Send the transactions of a leaf in the order of their nonces.');
}

function checkReceiver(transaction: SignedTransaction): void {
  if (transaction.type === 'withdraw') {
    if (transaction.to === 0n) throw refuse('zeroReceiver', 'The receiver is the zero address', { to: transaction.to }, 'Sign an address that somebody owns.');
    return;
  }
  const { toOwner, toKeyX, toKeyY } = transaction;
  if (toOwner === 0n) throw refuse('zeroReceiver', "The receiver's owner is the zero address", { toOwner }, 'Sign the address that may exit the funds.');
  if (!isUsableKey({ x: toKeyX, y: toKeyY })) {
    throw refuse('unusableKey', "The receiver's key cannot sign", { toKeyX, toKeyY }, 'Ask the receiver for the L2 public key of the account.');
  }
}

function refuse(reason: RefusalReason, message: string, facts: Record<string, unknown>, hint: string): RollupError {
  return new RollupError(message, { facts: { reason, ...facts }, hint });
}

/** Reason of a refusal or rejection; null when the error is something else. */
export function refusalReason(error: unknown): string | null {
  if (error instanceof OperationRejected) return error.reason;
  if (error instanceof RollupError && typeof error.facts['reason'] === 'string') return error.facts['reason'];
  return null;
}

function leafKey(chainIndex: number, leafIndex: number): string {
  return `${chainIndex}/${leafIndex}`;
}
