import { isOnchain, type OperationRequest } from '../spec/operation.ts';
import { LEAF_COUNT, params } from '../spec/params.ts';
import { operationLength } from '../spec/pubdata.ts';
import type { SegmentOperations } from '../state/block.ts';
import type { ChainState, LeafIdentity } from '../state/chainState.ts';
import type { LedgerState } from '../state/ledger.ts';
import { planOperation, type Plan } from '../state/plan.ts';
import { fullExitOf } from '../state/planExit.ts';
import { OperationRejected } from '../state/rejection.ts';
import { checkNothingAwaited, emptySegment, segmentAfter } from '../state/segmentState.ts';
import type { Operator } from './fees.ts';

/**
 * Leaves of a tree that only deposits open: a 256th. Who floods layer 2 with transfers to new users, which cost next to nothing, must not be able to
 * fill a tree, so that deposits cannot be served, expire, and stop the rollup. Deposits cost what their chain asks for.
 */
export const LEAF_RESERVE = Math.floor(LEAF_COUNT / 256);

/** Lowest index of a leaf that a transaction may open; null when only the reserve is left. */
export function leafToOpen(chain: ChainState, reserve = LEAF_RESERVE): number | null {
  return LEAF_COUNT - chain.leafCount > reserve ? chain.nextFreeIndex() : null;
}

/** Operations that stand in slots next to each other in one segment, and the fee that they pay. */
export interface DraftStep {
  operations: readonly Exclude<OperationRequest, { type: 'collectFees' }>[];
  /** In the token's smallest unit; 0 when nobody signs. At most one of the operations is signed. */
  fee: bigint;
  /** Of the leaf that pays the fee. */
  token: bigint;
}

interface DraftSegment {
  operations: OperationRequest[];
  /** By token: what its operations have paid and its end will collect. */
  fees: ReadonlyMap<bigint, bigint>;
}

/** Why a step is not in the open segment (it, or the whole block, is full), or the token for whose fees the operator has no leaf. */
type Outcome = 'taken' | 'full' | 'blockFull' | { missing: bigint };

export interface DraftParameters {
  /** State before the block. */
  state: LedgerState;
  operator: Operator;
  maxSegments: number;
  /** Bytes of on-chain operations that the block may have for each chain. */
  maxOnchainBytes?: number;
  /** Leaves of a tree that transactions may not open. Default LEAF_RESERVE. */
  leafReserve?: number;
  /** Orders that the block may fill: each has two legs in the join. Default params.joinPairs. */
  maxOrders?: number;
}

/** What `atomically` goes back to. */
interface Saved {
  chains: ChainState[];
  segments: DraftSegment[][];
  onchainBytes: number[];
}

/**
 * A block while its operations are chosen, and the state after them. A segment always keeps the slots in which its end collects the fees
 * that its operations pay, so that no fee is lost however the segment is filled.
 */
export class Draft {
  #chains: ChainState[];
  #segments: DraftSegment[][];
  readonly #operator: Operator;
  readonly #maxSegments: number;
  readonly #maxOnchainBytes: number;
  readonly #maxOrders: number;
  readonly #leafReserve: number;
  #onchainBytes: number[];
  #orders = 0;

  constructor({ state, operator, maxSegments, maxOnchainBytes = params.maxOnchainBytes, maxOrders = params.joinPairs, leafReserve = LEAF_RESERVE }: DraftParameters) {
    this.#chains = [...state.chains];
    this.#segments = state.chains.map(() => []);
    this.#operator = operator;
    this.#maxSegments = maxSegments;
    this.#maxOnchainBytes = maxOnchainBytes;
    this.#maxOrders = maxOrders;
    this.#leafReserve = leafReserve;
    this.#onchainBytes = state.chains.map(() => 0);
  }

  /** By chain index. */
  get chains(): readonly ChainState[] {
    return this.#chains;
  }

  get hasRoomForOrder(): boolean {
    return this.#orders < this.#maxOrders;
  }

  /** @throws OperationRejected when there is no such chain */
  chain(chainIndex: number): ChainState {
    const chain = this.#chains[chainIndex];
    if (chain === undefined) throw new OperationRejected('unknownChain', 'There is no chain with this index', { chainIndex });
    return chain;
  }

  /** Where a transaction may open a leaf; null when there is only room for deposits left. */
  leafToOpen(chain: ChainState): number | null {
    return leafToOpen(chain, this.#leafReserve);
  }

  /**
   * Takes what `build` makes of the state at that moment; it is called again when a leaf had to be opened or a segment ended before.
   * @returns false when `build` gives nothing or the block has no room
   * @throws OperationRejected as `build` does, or when the operation cannot be applied; it is not taken then
   */
  take(chainIndex: number, build: (chain: ChainState) => DraftStep | null): boolean {
    const opened = new Set<bigint>();
    for (;;) {
      const step = build(this.chain(chainIndex));
      if (step === null) return false;
      const outcome = this.#add(chainIndex, step);
      if (outcome === 'taken') return true;
      if (outcome === 'blockFull') return false;
      if (outcome !== 'full' && !opened.has(outcome.missing)) {
        const open = this.#openOperator(chainIndex, outcome.missing);
        if (open === null) return false;
        if (this.#add(chainIndex, open) === 'taken') {
          opened.add(outcome.missing);
          continue;
        }
      }
      if (!this.#startSegment(chainIndex)) return false;
    }
  }

  /**
   * All that `place` takes, or nothing when it says false or throws: the sides of an order go into a block together.
   * @returns what `place` returns
   */
  atomically(place: () => boolean): boolean {
    const saved = this.#save();
    let placed = false;
    try {
      placed = place();
    } finally {
      if (!placed) this.#restore(saved);
    }
    return placed;
  }

  /** `atomically` for what fills an order: false also when the block has filled as many as a join can pair. */
  fillAtomically(place: () => boolean): boolean {
    if (!this.hasRoomForOrder || !this.atomically(place)) return false;
    this.#orders++;
    return true;
  }

  #save(): Saved {
    const segments = this.#segments.map((own) => own.map(({ operations, fees }) => ({ operations: [...operations], fees })));
    return { chains: [...this.#chains], segments, onchainBytes: [...this.#onchainBytes] };
  }

  #restore({ chains, segments, onchainBytes }: Saved): void {
    this.#chains = chains;
    this.#segments = segments;
    this.#onchainBytes = onchainBytes;
  }

  /** Ends all segments. Nothing can be taken afterwards. */
  finish(): SegmentOperations[] {
    return this.#segments.flatMap((segments, chainIndex) => {
      this.#endSegment(chainIndex);
      return segments.filter(({ operations }) => operations.length > 0).map(({ operations }) => ({ chainIndex, operations }));
    });
  }

  #add(chainIndex: number, { operations, fee, token }: DraftStep): Outcome {
    const segment = this.#segments[chainIndex]?.at(-1);
    const after = appliedAll(this.chain(chainIndex), operations);
    const bytes = operations.reduce((sum, operation) => sum + (isOnchain(operation) ? operationLength(operation.type) : 0), 0);
    const onchainBytes = (this.#onchainBytes[chainIndex] ?? 0) + bytes;
    if (onchainBytes > this.#maxOnchainBytes) return 'blockFull';
    if (segment === undefined) return 'full';
    const fees = fee === 0n ? segment.fees : new Map([...segment.fees, [token, (segment.fees.get(token) ?? 0n) + fee]]);
    if (fees.size > params.feeTokens || segment.operations.length + operations.length + fees.size > params.slots) return 'full';
    for (const [feeToken, amount] of fees) {
      if (receivingLeaf(after, { ...this.#operator, token: feeToken }, amount) === null) return { missing: feeToken };
    }
    this.#chains[chainIndex] = after;
    this.#onchainBytes[chainIndex] = onchainBytes;
    segment.operations.push(...operations);
    segment.fees = fees;
    return 'taken';
  }

  /** Null when the tree is full. */
  #openOperator(chainIndex: number, token: bigint): DraftStep | null {
    const leafIndex = this.chain(chainIndex).nextFreeIndex();
    const { owner, keyX, keyY } = this.#operator;
    return leafIndex === null ? null : { operations: [{ type: 'open', leafIndex, owner, token, keyX, keyY }], fee: 0n, token };
  }

  /** False when the block has as many as it can, or the chain's last one is still empty: another one would not help. */
  #startSegment(chainIndex: number): boolean {
    const own = this.#segments[chainIndex];
    const count = this.#segments.reduce((sum, { length }) => sum + length, 0);
    if (own === undefined || count >= this.#maxSegments || own.at(-1)?.operations.length === 0) return false;
    this.#endSegment(chainIndex);
    own.push({ operations: [], fees: new Map() });
    return true;
  }

  #endSegment(chainIndex: number): void {
    const segment = this.#segments[chainIndex]?.at(-1);
    if (segment === undefined) return;
    let chain = this.chain(chainIndex);
    for (const [token, amount] of segment.fees) {
      const leafIndex = receivingLeaf(chain, { ...this.#operator, token }, amount);
      // #add has looked for it after every operation.
      if (leafIndex === null) throw new OperationRejected('unknownLeaf', "The operator's leaf is gone", { chainIndex, token });
      chain = applied(chain, planOperation(chain, { type: 'collectFees', leafIndex, amount }));
      segment.operations.push({ type: 'collectFees', leafIndex });
    }
    segment.fees = new Map();
    this.#chains[chainIndex] = chain;
  }
}

/** The chain after operations that stand next to each other: a credit pays what the one before it says. @throws OperationRejected */
function appliedAll(chain: ChainState, operations: DraftStep['operations']): ChainState {
  let after = chain;
  let segment = emptySegment;
  for (const operation of operations) {
    const complete = operation.type === 'fullExit' ? fullExitOf(after, operation) : operation;
    const plan = planOperation(after, complete, segment);
    segment = segmentAfter(segment, complete, plan);
    after = applied(after, plan);
  }
  checkNothingAwaited(segment);
  return after;
}

function applied(chain: ChainState, { a, b }: Plan): ChainState {
  let after = chain;
  for (const change of [a, b]) {
    if (change !== null && change.before !== change.after) after = after.withLeaf(change.leafIndex, change.after);
  }
  return after;
}

/** A leaf of this user and token that has room for `amount` more; a leaf that pays itself always has. */
export function receivingLeaf(chain: ChainState, user: LeafIdentity, amount: bigint, payer?: number): number | null {
  const hasRoom = (leafIndex: number): boolean => leafIndex === payer || chain.leaf(leafIndex).balance + amount >> BigInt(params.bits.balance) === 0n;
  const first = chain.findLeaf(user);
  if (first === null || hasRoom(first)) return first;
  const other = chain
    .leavesOf(user.owner)
    .find(({ leafIndex, leaf }) => leaf.token === user.token && leaf.keyX === user.keyX && leaf.keyY === user.keyY && hasRoom(leafIndex));
  return other?.leafIndex ?? null;
}
