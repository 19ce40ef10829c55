import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import type { Place } from '../spec/leg.ts';
import type { PublicOperation } from '../spec/operation.ts';
import { isUsableKey, messageHash, signingLeaf, verifyMessage, type L2PublicKey } from '../spec/signature.ts';
import { planOperation } from '../state/plan.ts';
import type { LedgerState } from '../state/ledger.ts';
import { isOperators, minimumFee, type FeePolicy, type Operator } from './fees.ts';
import { pairOfOrder, peerLeaves, peerPaymentOf, plannedOrder } from './orderChecks.ts';
import { transactionId } from './parseTransaction.ts';
import { refuse } from './refusal.ts';
import { isOrder, type OrderTransaction, type SignedTransaction, type Submission } from './store.ts';

export interface PooledTransaction {
  id: string;
  transaction: SignedTransaction;
  /** Milliseconds since the epoch. */
  acceptedAt: number;
  /** The key under which its signature was found to be good. Absent after a restart: then nobody has checked it in this run. */
  signer?: L2PublicKey;
  /** Of an order that takes coins or shares on its peer's chain: the leaf against whose balance that is counted while it waits. */
  peerLeaf?: Place;
}

/** What `check` found of a transaction. */
export interface CheckedTransaction {
  id: string;
  /** What was sent, an order with the owner and key of its leaf. */
  transaction: SignedTransaction;
  /** The very same transaction is already pending. */
  known: boolean;
  /** The key that signed it. */
  signer?: L2PublicKey;
}

export interface MempoolOptions {
  deploymentId: bigint;
  /** The newest ledger state. */
  state: () => LedgerState;
  /** Milliseconds since the epoch; when a transaction was accepted. */
  now?: () => number;
  /** Seconds since the epoch; what `validUntil` is compared with. Default: `now`'s. */
  time?: () => number;
  /** Most transactions in all and of one leaf. Defaults 10,000 and 64. */
  maxPending?: number;
  maxPendingPerLeaf?: number;
  /** What a transaction has to pay. Default: nothing. */
  fees?: FeePolicy;
  /** Pays no minimum: its fees come back to it. */
  operator: Operator;
  /** Seconds that a transaction must at least be valid for when it is accepted. Default 10. */
  minValidity?: number;
}

/** Accepted transactions that are not in a block yet: per leaf in the order of their nonces, among leaves in the order of acceptance. */
export class Mempool {
  readonly #options: Required<MempoolOptions>;
  readonly #byLeaf = new Map<string, PooledTransaction[]>();
  readonly #byId = new Map<string, PooledTransaction>();
  /** Orders by the leaf that pays their second side. */
  readonly #byPeerLeaf = new Map<string, PooledTransaction[]>();

  constructor(options: MempoolOptions) {
    const { now = Date.now } = options;
    this.#options = { now, time: () => Math.floor(now() / 1000), maxPending: 10_000, maxPendingPerLeaf: 64, minValidity: 10, fees: [], ...options };
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
   * @throws RollupError with reason, facts and a hint when it cannot be in one of the next blocks
   */
  check(submission: Submission): CheckedTransaction {
    const { deploymentId, maxPending, maxPendingPerLeaf, minValidity, time } = this.#options;
    const { chainIndex, nonce, validUntil } = submission;
    const leafIndex = signingLeafOf(submission);
    const state = this.#options.state();
    const leaf = state.leaf(chainIndex, leafIndex);
    const pending = this.#byLeaf.get(leafKey(chainIndex, leafIndex)) ?? [];
    const transaction = completed(submission, leaf, pending);
    const id = transactionId(transaction, deploymentId);
    if (this.#byId.has(id)) return { id, transaction, known: true };
    if (isEmptyLeaf(leaf)) {
      throw refuse('unknownLeaf', 'There is no account in this leaf', { chainIndex, leafIndex }, 'Deposit first, or look up your leaves with GET /users/:owner.');
    }
    if (transaction.token !== leaf.token) {
      const facts = { chainIndex, leafIndex, expected: leaf.token, actual: transaction.token };
      throw refuse('wrongToken', 'The leaf holds another token than was signed', facts, 'Look up your leaves with GET /users/:owner.');
    }
    checkNonce({ leaf, nonce, pending, facts: { chainIndex, leafIndex } });
    const seconds = time();
    if (validUntil < seconds + minValidity) {
      throw refuse('expired', 'The transaction is not valid for long enough', { validUntil, now: seconds, minimum: seconds + minValidity }, 'Sign it with a later validUntil.');
    }
    const key = keyAfter(leaf, pending);
    checkContent(transaction, key);
    this.#checkFee(transaction, leaf);
    if (isOrder(transaction)) pairOfOrder(state, transaction, leaf);
    const reserved = this.#reserved(chainIndex, leafIndex);
    if (leaf.balance < reserved + cost(transaction)) {
      const { fee } = transaction;
      const facts = { balance: leaf.balance, pending: reserved, ...(transaction.type === 'changeKey' ? {} : { amount: transaction.amount }), fee };
      throw refuse('overdraft', 'The balance is too small', facts, 'Wait for incoming transfers to be in a block, or move less.');
    }
    if (isOrder(transaction)) this.#checkPeerPayment(transaction);
    // Form is the ledger's to check; the receiver's leaf is chosen later, so the plan is made against the sender's own.
    planOperation(state.chain(chainIndex), planned(transaction));
    if (pending.length >= maxPendingPerLeaf) {
      throw refuse('tooManyPending', 'The leaf has too many pending transactions', { maximum: maxPendingPerLeaf }, 'Wait for the next block.');
    }
    if (this.#byId.size >= maxPending) {
      throw refuse('tooManyPending', 'The sequencer has too many pending transactions', { maximum: maxPending }, 'Try again later.');
    }
    // The signature is last because it costs most.
    const message = messageHash(transaction, { deploymentId, chainIndex });
    if (!verifyMessage(message, transaction.signature, key)) {
      const isChanging = key.x !== leaf.keyX || key.y !== leaf.keyY;
      throw refuse(
        'wrongSignature',
        "The signature is not one of the leaf's key for this transaction",
        { chainIndex, leafIndex, deploymentId, keyX: key.x, keyY: key.y, ...(isChanging ? { changeOfKey: 'pending' } : {}) },
        isChanging ? 'A change of key is pending: sign with the new key.' : 'Sign with the key of the leaf, for this deployment, chain and nonce.',
      );
    }
    return { id, transaction, known: false, signer: key };
  }

  /** What pending transactions take from a leaf, as the one that signs or as the one that pays an order's second side. */
  #reserved(chainIndex: number, leafIndex: number): bigint {
    const key = leafKey(chainIndex, leafIndex);
    const signed = (this.#byLeaf.get(key) ?? []).reduce((sum, { transaction }) => sum + cost(transaction), 0n);
    return (this.#byPeerLeaf.get(key) ?? []).reduce((sum, { transaction }) => sum + (isOrder(transaction) ? transaction.peerAmount : 0n), signed);
  }

  /** @throws RollupError when no leaf of the user can pay the order's second side */
  #checkPeerPayment(order: OrderTransaction): void {
    const payment = peerPaymentOf(order);
    if (payment === null || this.#peerLeafFor(order) !== null) return;
    const { chainIndex, token, amount } = payment;
    const found = peerLeaves(this.#options.state().chain(chainIndex), order).map(({ leafIndex, leaf: { balance } }) => ({ leafIndex, balance, pending: this.#reserved(chainIndex, leafIndex) }));
    const facts = { chainIndex, token, peerAmount: amount, leaves: found };
    if (found.length === 0) throw refuse('unknownLeaf', "The order takes coins or shares on its peer's chain, where its owner and key have no leaf of that token", facts, 'Deposit there first, or leave the peer out (peerAmount 0).');
    throw refuse('overdraft', "The balance on the peer's chain is too small", facts, 'Wait for incoming transfers to be in a block, or move less.');
  }

  /** The first leaf that can pay an order's second side besides everything that is pending; null when there is none. */
  #peerLeafFor(order: OrderTransaction): Place | null {
    const payment = peerPaymentOf(order);
    if (payment === null) return null;
    const { chainIndex, amount } = payment;
    const found = peerLeaves(this.#options.state().chain(chainIndex), order).find(({ leafIndex, leaf }) => leaf.balance >= this.#reserved(chainIndex, leafIndex) + amount);
    return found === undefined ? null : { chainIndex, leafIndex: found.leafIndex };
  }

  #checkFee(transaction: SignedTransaction, leaf: Leaf): void {
    const { fees, operator } = this.#options;
    const { type: kind, fee } = transaction;
    const minimum = minimumFee(fees, { kind, token: leaf.token });
    if (fee >= minimum || isOperators(leaf, operator)) return;
    throw refuse('feeTooLow', 'The fee is below the minimum', { kind, token: leaf.token, minimum, fee }, `Sign it with fee ${minimum} or more; GET /status shows all minimum fees.`);
  }

  /** Adds a checked transaction. */
  add({ id, transaction, signer }: Pick<PooledTransaction, 'id' | 'transaction' | 'signer'>): void {
    if (this.#byId.has(id)) return;
    const peerLeaf = isOrder(transaction) ? this.#peerLeafFor(transaction) : null;
    const entry: PooledTransaction = { id, transaction, acceptedAt: this.#options.now(), ...(signer === undefined ? {} : { signer }), ...(peerLeaf === null ? {} : { peerLeaf }) };
    this.#byId.set(id, entry);
    const key = leafKey(transaction.chainIndex, signingLeaf(transaction));
    const queue = [...(this.#byLeaf.get(key) ?? []), entry];
    this.#byLeaf.set(key, queue.sort((a, b) => Number(a.transaction.nonce - b.transaction.nonce)));
    if (peerLeaf === null) return;
    const peerKey = leafKey(peerLeaf.chainIndex, peerLeaf.leafIndex);
    this.#byPeerLeaf.set(peerKey, [...(this.#byPeerLeaf.get(peerKey) ?? []), entry]);
  }

  /** Removes transactions that were included or dropped. */
  remove(ids: Iterable<string>): void {
    for (const id of ids) {
      const entry = this.#byId.get(id);
      if (entry === undefined) continue;
      this.#byId.delete(id);
      withoutEntry(this.#byLeaf, leafKey(entry.transaction.chainIndex, signingLeaf(entry.transaction)), id);
      if (entry.peerLeaf !== undefined) withoutEntry(this.#byPeerLeaf, leafKey(entry.peerLeaf.chainIndex, entry.peerLeaf.leafIndex), id);
    }
  }

  /** Nonce that the leaf's next transaction must have. */
  nextNonce(chainIndex: number, leafIndex: number): bigint {
    const pending = this.#byLeaf.get(leafKey(chainIndex, leafIndex))?.length ?? 0;
    return this.#options.state().leaf(chainIndex, leafIndex).nonce + BigInt(pending);
  }

  /** Key that the leaf's next transaction must be signed with. */
  nextKey(chainIndex: number, leafIndex: number): L2PublicKey {
    return keyAfter(this.#options.state().leaf(chainIndex, leafIndex), this.#byLeaf.get(leafKey(chainIndex, leafIndex)) ?? []);
  }

  /** All pending ones in the order in which a block should try them. */
  inOrder(): PooledTransaction[] {
    const taken = new Map<string, number>();
    // A leaf's transactions can only have been accepted in nonce order; after a restart or a dropped block the order is restored here.
    return [...this.#byId.values()].map((entry) => {
      const key = leafKey(entry.transaction.chainIndex, signingLeaf(entry.transaction));
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

/** What a transaction takes from its leaf. */
function cost(transaction: SignedTransaction): bigint {
  return transaction.fee + (transaction.type === 'changeKey' ? 0n : transaction.amount);
}

/** The leaf's key once all pending transactions are in a block. */
function keyAfter({ keyX, keyY }: Leaf, pending: readonly PooledTransaction[]): L2PublicKey {
  const last = pending.map(({ transaction }) => transaction).findLast((transaction) => transaction.type === 'changeKey');
  return last === undefined ? { x: keyX, y: keyY } : { x: last.keyX, y: last.keyY };
}

function planned(transaction: SignedTransaction): PublicOperation {
  if (isOrder(transaction)) return plannedOrder(transaction);
  return transaction.type === 'transfer' ? { ...transaction, to: transaction.from } : transaction;
}

function signingLeafOf(submission: Submission): number {
  return 'from' in submission ? submission.from : submission.leafIndex;
}

/** An order is signed for the owner and key that its leaf has at its turn: after the pending transactions with lower nonces. */
function completed(submission: Submission, leaf: Leaf, pending: readonly PooledTransaction[]): SignedTransaction {
  if (!isOrder(submission)) return submission;
  const { x: keyX, y: keyY } = keyAfter(leaf, pending.filter(({ transaction }) => transaction.nonce < submission.nonce));
  return { ...submission, owner: leaf.owner, keyX, keyY };
}

function withoutEntry(lists: Map<string, PooledTransaction[]>, key: string, id: string): void {
  const rest = (lists.get(key) ?? []).filter((other) => other.id !== id);
  if (rest.length === 0) lists.delete(key);
  else lists.set(key, rest);
}

function checkContent(transaction: SignedTransaction, key: L2PublicKey): void {
  if (transaction.type === 'changeKey') {
    const { keyX, keyY } = transaction;
    if (!isUsableKey({ x: keyX, y: keyY })) {
      throw refuse('unusableKey', 'The new key cannot sign: nobody could use the leaf any more', { keyX, keyY }, 'Sign an L2 public key: a point of Baby Jubjub that is not of small order.');
    }
    if (keyX === key.x && keyY === key.y) throw refuse('nothingToChange', 'The leaf has this key already', { keyX, keyY }, 'Sign another key.');
    return;
  }
  const { amount } = transaction;
  if (amount === 0n) throw refuse('nothingToMove', 'The amount is zero', { amount }, 'Sign an amount above zero.');
  if (isOrder(transaction)) return;
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

function leafKey(chainIndex: number, leafIndex: number): string {
  return `${chainIndex}/${leafIndex}`;
}
