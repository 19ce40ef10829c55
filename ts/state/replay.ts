import { RollupError } from '../base/errors.ts';
import type { Hex } from '../spec/hex.ts';
import { isEmptyLeaf, type Leaf } from '../spec/leaf.ts';
import type { PublicOperation, PublicTransfer } from '../spec/operation.ts';
import { MAX_BALANCE, MAX_NONCE } from '../spec/params.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import type { LedgerState } from './ledger.ts';
import { accountLeaf } from './plan.ts';

export interface ReplaySegmentParameters {
  chainIndex: number;
  onchainData: Hex;
  l2Data: Hex;
}

/** What a segment does to one leaf, whatever the order of its operations. */
interface Delta {
  balance: bigint;
  nonce: bigint;
  /** Whose the leaf becomes if it is empty. Two openings differ at most in the key, and then a change of key has the last word. */
  opens: LeafIdentity | null;
  /** The last change of key. */
  key: Pick<LeafIdentity, 'keyX' | 'keyY'> | null;
  /** Some operation needs an account there. */
  needsAccount: boolean;
}

/**
 * The state after a proved segment, from its public data alone. Signatures and the order between the two lists are not in the data and
 * not needed: each operation is a delta, opens a leaf or sets its key. Whether the result is right is for the caller to see by the root.
 * @throws RollupError when the data cannot be decoded or no valid segment with this data fits the state
 */
export function replaySegment(state: LedgerState, { chainIndex, onchainData, l2Data }: ReplaySegmentParameters): LedgerState {
  let chain = state.chain(chainIndex);
  const deltas = new Deltas(chain);
  // On-chain operations first: whatever leaf an operation of the L2 list pays from is open by then.
  for (const operation of [...decodeOperations(onchainData, 'onchain'), ...decodeOperations(l2Data, 'l2')]) deltas.add(operation);
  for (const [leafIndex, delta] of deltas.byLeaf) {
    const before = chain.leaf(leafIndex);
    const after = changed(before, delta);
    if (after === null) throw unfit({ chainIndex, leafIndex, balanceBefore: before.balance, balanceChange: delta.balance, opens: delta.opens !== null });
    chain = chain.withLeaf(leafIndex, after);
  }
  return state.withChain(chainIndex, chain);
}

/** Sums up a segment's operations leaf by leaf. */
class Deltas {
  readonly byLeaf = new Map<number, Delta>();
  readonly #chain: ChainState;

  constructor(chain: ChainState) {
    this.#chain = chain;
  }

  add(operation: PublicOperation): void {
    switch (operation.type) {
      case 'deposit':
        this.#open(operation.leafIndex, operation);
        this.#credit(operation.leafIndex, operation.amount);
        return;
      case 'open':
        this.#open(operation.leafIndex, operation);
        return;
      case 'fullExit':
        // One that pays nothing may name any leaf.
        if (operation.amount > 0n) this.#credit(operation.leafIndex, -operation.amount);
        return;
      case 'withdraw':
        this.#sign(operation.leafIndex, operation.amount + operation.fee);
        return;
      case 'changeKey':
        this.#sign(operation.leafIndex, operation.fee);
        this.#of(operation.leafIndex).key = operation;
        return;
      case 'collectFees':
        this.#credit(operation.leafIndex, operation.amount);
        return;
      case 'transfer':
        this.#pay(operation);
        return;
      case 'transferToNew': {
        const { from, to, toOwner: owner, toKeyX: keyX, toKeyY: keyY } = operation;
        this.#open(to, { owner, token: this.#tokenOf(from), keyX, keyY });
        this.#pay(operation);
      }
    }
  }

  #of(leafIndex: number): Delta {
    const found = this.byLeaf.get(leafIndex) ?? { balance: 0n, nonce: 0n, opens: null, key: null, needsAccount: false };
    this.byLeaf.set(leafIndex, found);
    return found;
  }

  #open(leafIndex: number, user: LeafIdentity): void {
    this.#of(leafIndex).opens ??= user;
  }

  #credit(leafIndex: number, amount: bigint): void {
    const delta = this.#of(leafIndex);
    delta.balance += amount;
    delta.needsAccount = true;
  }

  #sign(leafIndex: number, paid: bigint): void {
    this.#credit(leafIndex, -paid);
    this.#of(leafIndex).nonce += 1n;
  }

  #pay({ from, to, amount, fee }: Pick<PublicTransfer, 'from' | 'to' | 'amount' | 'fee'>): void {
    this.#sign(from, amount + fee);
    this.#credit(to, amount);
  }

  /** A payer's token is not in the data: it is in the leaf, or in the operation that opened it. */
  #tokenOf(leafIndex: number): bigint {
    const leaf = this.#chain.leaf(leafIndex);
    if (!isEmptyLeaf(leaf)) return leaf.token;
    const token = this.byLeaf.get(leafIndex)?.opens?.token;
    if (token === undefined) throw unfit({ leafIndex, payerIsOpen: false });
    return token;
  }
}

function unfit(facts: Record<string, unknown>): RollupError {
  return new RollupError('Public data of a segment do not fit the state', { facts, hint: 'Replay every earlier segment first, in order.' });
}

/** Null when the leaf cannot change like that. */
function changed(before: Leaf, { balance, nonce, opens, key, needsAccount }: Delta): Leaf | null {
  if (isEmptyLeaf(before) && opens === null) return needsAccount ? null : before;
  const start = isEmptyLeaf(before) && opens ? accountLeaf(opens, 0n) : before;
  const after = { ...start, ...(key && { keyX: key.keyX, keyY: key.keyY }), balance: start.balance + balance, nonce: start.nonce + nonce };
  return after.balance < 0n || after.balance > MAX_BALANCE || after.nonce > MAX_NONCE ? null : after;
}
