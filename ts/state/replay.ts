import { RollupError } from '../base/errors.ts';
import type { Hex } from '../spec/hex.ts';
import { isEmptyLeaf, LEAF_KIND, type Leaf } from '../spec/leaf.ts';
import { isShareToken, poolOfShares } from '../spec/leg.ts';
import { isLiquidityChange, type FullExit, type PublicLiquidityChange, type PublicOperation, type PublicTransfer } from '../spec/operation.ts';
import { MAX_BALANCE, MAX_NONCE } from '../spec/params.ts';
import { openedHalf, poolLeaf } from '../spec/pool.ts';
import { decodeOperations } from '../spec/pubdata.ts';
import type { ChainState, LeafIdentity } from './chainState.ts';
import type { LedgerState } from './ledger.ts';
import { accountLeaf } from './leafRules.ts';

export interface ReplaySegmentParameters {
  chainIndex: number;
  onchainData: Hex;
  l2Data: Hex;
}

/** What a segment does to one leaf, whatever the order of its operations. */
interface Delta {
  balance: bigint;
  nonce: bigint;
  /** Of a pool: change of its total shares. */
  shares: bigint;
  /** What the leaf becomes if it is empty. Two openings of an account differ at most in the key, and then a change of key has the last word. */
  opens: Leaf | null;
  /** The last change of key. */
  key: Pick<LeafIdentity, 'keyX' | 'keyY'> | null;
  /** What some operation needs there, if any does. */
  needs: 'account' | 'pool' | 'both' | null;
}

/** As replaySegments, for one segment. */
export function replaySegment(state: LedgerState, segment: ReplaySegmentParameters): LedgerState {
  return replaySegments(state, [segment]);
}

/**
 * The state after proved segments, from their public data alone. Signatures and the order between a segment's two lists are not in the data and
 * not needed: each operation is a delta, opens a leaf or sets its key. Whether the result is right is for the caller to see by the root.
 * A leaf is hashed once, however many segments change it.
 * @throws RollupError when the data cannot be decoded or no valid segments with these data fit the state
 */
export function replaySegments(state: LedgerState, segments: readonly ReplaySegmentParameters[]): LedgerState {
  const chains = new Map<number, ChangedLeaves>();
  for (const segment of segments) {
    const leaves = chains.get(segment.chainIndex) ?? new ChangedLeaves(state.chain(segment.chainIndex));
    chains.set(segment.chainIndex, leaves);
    replayOn(leaves, segment);
  }
  let after = state;
  for (const [chainIndex, leaves] of chains) after = after.withChain(chainIndex, leaves.applied());
  return after;
}

function replayOn(leaves: ChangedLeaves, { chainIndex, onchainData, l2Data }: ReplaySegmentParameters): void {
  const deltas = new Deltas(leaves);
  // On-chain operations first: whatever leaf an operation of the L2 list pays from is open by then.
  for (const operation of decodeOperations(onchainData, 'onchain')) deltas.add(operation);
  let previous: PublicOperation | null = null;
  for (const operation of decodeOperations(l2Data, 'l2')) {
    // Nothing of the on-chain list is between a liquidity change and its credit: they are neighbours in the segment.
    deltas.add(operation, previous);
    previous = operation;
  }
  deltas.addShareExits();
  for (const [leafIndex, delta] of deltas.byLeaf) {
    const before = leaves.leaf(leafIndex);
    const after = changed(before, delta);
    if (after === null) throw unfit({ chainIndex, leafIndex, balanceBefore: before.balance, balanceChange: delta.balance, opens: delta.opens !== null });
    leaves.set(leafIndex, after);
  }
}

/** A chain's leaves with changes that its tree does not have yet. */
class ChangedLeaves {
  readonly #chain: ChainState;
  readonly #changed = new Map<number, Leaf>();

  constructor(chain: ChainState) {
    this.#chain = chain;
  }

  leaf(leafIndex: number): Leaf {
    return this.#changed.get(leafIndex) ?? this.#chain.leaf(leafIndex);
  }

  set(leafIndex: number, leaf: Leaf): void {
    this.#changed.set(leafIndex, leaf);
  }

  applied(): ChainState {
    let chain = this.#chain;
    for (const [leafIndex, leaf] of this.#changed) chain = chain.withLeaf(leafIndex, leaf);
    return chain;
  }
}

/** Sums up a segment's operations leaf by leaf. */
class Deltas {
  readonly byLeaf = new Map<number, Delta>();
  readonly #chain: Pick<ChainState, 'leaf'>;
  readonly #shareExits: FullExit[] = [];

  constructor(chain: Pick<ChainState, 'leaf'>) {
    this.#chain = chain;
  }

  /** @param previous of the same list */
  add(operation: PublicOperation, previous: PublicOperation | null = null): void {
    switch (operation.type) {
      case 'deposit':
        this.#open(operation.leafIndex, accountLeaf(operation, 0n));
        this.#credit(operation.leafIndex, operation.amount);
        return;
      case 'open':
        this.#open(operation.leafIndex, accountLeaf(operation, 0n));
        return;
      case 'fullExit':
        // One that pays nothing may name any leaf.
        if (operation.shares > 0n) this.#shareExits.push(operation);
        else if (operation.amount > 0n) this.#credit(operation.leafIndex, -operation.amount);
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
        this.#open(to, accountLeaf({ owner, token: this.#tokenOf(from), keyX, keyY }, 0n));
        this.#pay(operation);
        return;
      }
      case 'openPool': {
        const { leafIndex, token, peerChain, peerLeaf } = operation;
        this.#open(leafIndex, poolLeaf(openedHalf({ token, peer: { chainIndex: peerChain, leafIndex: peerLeaf } })));
        return;
      }
      case 'swapIn':
        this.#sign(operation.from, operation.amount + operation.fee);
        this.#pool(operation.pool, operation.amount, 0n);
        return;
      case 'swapOut':
        this.#pool(operation.pool, -operation.amount, 0n);
        this.#credit(operation.to, operation.amount);
        return;
      case 'addLiquidity':
      case 'removeLiquidity':
      case 'addLiquidityPeer':
      case 'removeLiquidityPeer':
        this.#changeLiquidity(operation);
        return;
      case 'credit':
        if (previous === null || !isLiquidityChange(previous)) throw unfit({ credit: operation.leafIndex, previous: previous?.type ?? null });
        this.#credit(operation.leafIndex, addsLiquidity(previous) ? previous.shares : previous.amount);
    }
  }

  /** Full exits of shares, last: which pool is in the leaf's token, and an operation of the L2 list may open the leaf. */
  addShareExits(): void {
    for (const { leafIndex, amount, shares } of this.#shareExits) {
      const token = this.#tokenOf(leafIndex);
      if (!isShareToken(token)) throw unfit({ leafIndex, token, shares });
      this.#credit(leafIndex, -shares);
      this.#pool(poolOfShares(token), -amount, -shares);
    }
  }

  #of(leafIndex: number): Delta {
    const found = this.byLeaf.get(leafIndex) ?? { balance: 0n, nonce: 0n, shares: 0n, opens: null, key: null, needs: null };
    this.byLeaf.set(leafIndex, found);
    return found;
  }

  #open(leafIndex: number, leaf: Leaf): void {
    this.#of(leafIndex).opens ??= leaf;
    this.#need(leafIndex, leaf.kind === LEAF_KIND.pool ? 'pool' : 'account');
  }

  #need(leafIndex: number, kind: 'account' | 'pool'): void {
    const delta = this.#of(leafIndex);
    delta.needs = delta.needs === null || delta.needs === kind ? kind : 'both';
  }

  #credit(leafIndex: number, amount: bigint): void {
    const delta = this.#of(leafIndex);
    delta.balance += amount;
    this.#need(leafIndex, 'account');
  }

  #sign(leafIndex: number, paid: bigint): void {
    this.#credit(leafIndex, -paid);
    this.#of(leafIndex).nonce += 1n;
  }

  #pay({ from, to, amount, fee }: Pick<PublicTransfer, 'from' | 'to' | 'amount' | 'fee'>): void {
    this.#sign(from, amount + fee);
    this.#credit(to, amount);
  }

  #pool(leafIndex: number, reserve: bigint, shares: bigint): void {
    const delta = this.#of(leafIndex);
    delta.balance += reserve;
    delta.shares += shares;
    this.#need(leafIndex, 'pool');
  }

  #changeLiquidity(operation: PublicLiquidityChange): void {
    const { type, from, pool, fee, amount, shares } = operation;
    const adds = addsLiquidity(operation);
    const paid = (adds ? amount : shares) + fee;
    if (type === 'addLiquidity' || type === 'removeLiquidity') this.#sign(from, paid);
    else this.#credit(from, -paid);
    this.#pool(pool, adds ? amount : -amount, adds ? shares : -shares);
  }

  /** The token of a leaf that pays is not in the data: it is in the leaf, or in the operation that opened it. */
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

function addsLiquidity({ type }: PublicLiquidityChange): boolean {
  return type === 'addLiquidity' || type === 'addLiquidityPeer';
}

/** Null when the leaf cannot change like that. */
function changed(before: Leaf, { balance, nonce, shares, opens, key, needs }: Delta): Leaf | null {
  if (needs === null) return before;
  const start = isEmptyLeaf(before) ? opens : before;
  if (start === null || start.kind !== LEAF_KIND_OF[needs]) return null;
  const keys = needs === 'pool' ? { keyX: start.keyX + shares } : key && { keyX: key.keyX, keyY: key.keyY };
  const after = { ...start, ...keys, balance: start.balance + balance, nonce: start.nonce + nonce };
  const fits = after.balance >= 0n && after.balance <= MAX_BALANCE && after.nonce <= MAX_NONCE && after.keyX >= 0n;
  return fits ? after : null;
}

/** No leaf is both. */
const LEAF_KIND_OF = { account: LEAF_KIND.account, pool: LEAF_KIND.pool, both: null } as const;
