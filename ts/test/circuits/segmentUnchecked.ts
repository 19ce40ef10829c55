import { modField } from '../../spec/field.ts';
import { leafHash, type Leaf } from '../../spec/leaf.ts';
import { poolOfShares } from '../../spec/leg.ts';
import type { FullExit, Operation, SignedOperation } from '../../spec/operation.ts';
import { openedHalf, poolLeaf } from '../../spec/pool.ts';
import type { ChainState } from '../../state/chainState.ts';
import { accountLeaf } from '../../state/leafRules.ts';
import type { LeafAccess, SegmentTrace, SlotTrace } from '../../state/trace.ts';
import type { StateTree } from '../../state/tree.ts';
import { CONTEXT } from './segmentHarness.ts';
import { CHAIN_INDEX, world } from './world.ts';

/** A full exit of shares of the pool that is named, whatever the leaf's token says; also one that leaves shares 0 and only opens the pool. */
export interface ExitWithPool extends FullExit {
  pool: number;
}

export type UncheckedOperation = Operation | ExitWithPool;

/**
 * A trace of operations of which nothing is checked: what a prover would make who applies operations that the ledger refuses. Its legs out
 * are 0 (SegmentHarness.withLegs finds them).
 */
export function uncheckedTrace(operations: UncheckedOperation | readonly UncheckedOperation[], state = world()): SegmentTrace {
  const before = state.chain(CHAIN_INDEX);
  const steps = new UncheckedSteps(before);
  const list: readonly UncheckedOperation[] = 'type' in operations ? [operations] : operations;
  const slots = list.map((operation) => steps.apply(operation));
  const none = { onchainData: '0x', l2Data: '0x', onchainWords: 0, l2Words: 0, publicInputs: { c1: 0n, c2: 0n, r: 0n, y1: 0n, y2: 0n } } as const;
  const roots = { rootIn: before.root, rootOut: steps.tree.root, legsIn: 0n, legsOut: 0n, registersIn: before.tree.registers() };
  return { ...CONTEXT, chainIndex: CHAIN_INDEX, ...roots, ...none, slots, padding: steps.read(0) };
}

/** A tree that operations change without any check. A leaf may be anything, also what no `Leaf` of the ledger can be. */
class UncheckedSteps {
  tree: StateTree;
  readonly #chain: ChainState;
  readonly #changed = new Map<number, Leaf>();
  /** What the slot before owes if it changed liquidity. */
  #due = 0n;

  constructor(chain: ChainState) {
    this.#chain = chain;
    this.tree = chain.tree;
  }

  apply(operation: UncheckedOperation): SlotTrace {
    const due = this.#due;
    this.#due = dueAfter(operation);
    const [first, second] = leavesOf(operation, (leafIndex) => this.read(leafIndex).before.token);
    const a = this.#change(first, (leaf) => firstAfter(operation, leaf, due));
    return { operation, a, b: second === null ? null : this.#change(second, (leaf) => secondAfter(operation, leaf, a.before.token)), leg: null };
  }

  read(leafIndex: number): LeafAccess {
    const leaf = this.#changed.get(leafIndex) ?? this.#chain.leaf(leafIndex);
    return { leafIndex, before: leaf, after: leaf, children: this.tree.path(leafIndex) };
  }

  #change(leafIndex: number, change: (leaf: Leaf) => Leaf): LeafAccess {
    const read = this.read(leafIndex);
    const after = change(read.before);
    this.#changed.set(leafIndex, after);
    this.tree = this.tree.set(leafIndex, leafHash(after));
    return { ...read, after };
  }
}

function leavesOf(operation: UncheckedOperation, tokenOf: (leafIndex: number) => bigint): [number, number | null] {
  if (operation.type === 'noop') return [0, null];
  if (operation.type === 'fullExit') {
    const { leafIndex, shares } = operation;
    if ('pool' in operation) return [leafIndex, operation.pool];
    return [leafIndex, shares === 0n ? null : poolOfShares(tokenOf(leafIndex))];
  }
  if (operation.type === 'swapOut') return [operation.pool, operation.to];
  if (!('from' in operation)) return [operation.leafIndex, null];
  return [operation.from, 'pool' in operation ? operation.pool : operation.to];
}

function dueAfter(operation: Operation): bigint {
  switch (operation.type) {
    case 'addLiquidity':
    case 'addLiquidityPeer':
      return operation.shares;
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
      return operation.amount;
    default:
      return 0n;
  }
}

function firstAfter(operation: Operation, leaf: Leaf, due: bigint): Leaf {
  switch (operation.type) {
    case 'deposit':
      return leaf.kind === 0n ? accountLeaf(operation, operation.amount) : plus(leaf, operation.amount);
    case 'open':
      return accountLeaf(operation, 0n);
    case 'openPool': {
      const { token, peerChain: chainIndex, peerLeaf: leafIndex } = operation;
      return poolLeaf(openedHalf({ token, peer: { chainIndex, leafIndex } }));
    }
    case 'collectFees':
      return plus(leaf, operation.amount);
    case 'credit':
      return plus(leaf, due);
    case 'fullExit':
      return plus(leaf, -(operation.shares === 0n ? operation.amount : operation.shares));
    case 'swapOut':
    case 'addLiquidityPeer':
      return plus(leaf, -operation.amount);
    case 'removeLiquidityPeer':
      return plus(leaf, -operation.shares);
    case 'withdraw':
    case 'transfer':
    case 'transferToNew':
    case 'swapIn':
    case 'addLiquidity':
      return signed(operation, leaf, operation.amount);
    case 'removeLiquidity':
      return signed(operation, leaf, operation.shares);
    case 'changeKey':
      return { ...signed(operation, leaf, 0n), keyX: operation.keyX, keyY: operation.keyY };
    case 'noop':
      return leaf;
  }
}

function secondAfter(operation: Operation, leaf: Leaf, token: bigint): Leaf {
  switch (operation.type) {
    case 'transferToNew': {
      const { toOwner: owner, toKeyX: keyX, toKeyY: keyY, amount } = operation;
      return { ...accountLeaf({ owner, token, keyX, keyY }, amount) };
    }
    case 'transfer':
    case 'swapIn':
    case 'swapOut':
      return plus(leaf, operation.amount);
    case 'addLiquidity':
    case 'addLiquidityPeer':
      return plus(leaf, operation.amount, operation.shares);
    case 'removeLiquidity':
    case 'removeLiquidityPeer':
    case 'fullExit':
      return plus(leaf, -operation.amount, -operation.shares);
    default:
      return leaf;
  }
}

function plus(leaf: Leaf, amount: bigint, shares = 0n): Leaf {
  return { ...leaf, balance: modField(leaf.balance + amount), ...(shares === 0n ? {} : { keyX: modField(leaf.keyX + shares) }) };
}

function signed({ fee }: SignedOperation, leaf: Leaf, amount: bigint): Leaf {
  return { ...plus(leaf, -amount - fee), nonce: (leaf.nonce + 1n) % 2n ** 32n };
}
