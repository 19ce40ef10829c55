import { RollupError } from '../base/errors.ts';
import { emptyLeaf, isEmptyLeaf, leafHash, type Leaf } from '../spec/leaf.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import { isPoolLeaf, poolOf, type PoolHalf } from '../spec/pool.ts';
import { PersistentMap } from './persistentMap.ts';
import { assertLeafIndex, emptyTree, type StateTree } from './tree.ts';

/** Who a leaf belongs to: one L2 user in one token. */
export type LeafIdentity = Pick<Leaf, 'owner' | 'token' | 'keyX' | 'keyY'>;

/** A pool half and where on its chain it is. */
export interface Pool extends PoolHalf {
  leafIndex: number;
}

export interface LeafEntry {
  leafIndex: number;
  leaf: Leaf;
}

/** Leaf indices by what their leaves have in common, each list in ascending order and none empty. */
type LeafLists = PersistentMap<string, readonly number[]>;

interface Parts {
  tree: StateTree;
  leaves: PersistentMap<number, Leaf>;
  /** Of accounts: a pool is nobody's. */
  byIdentity: LeafLists;
  byOwner: LeafLists;
  /** Leaf indices of pools, ascending. */
  pools: readonly number[];
  nextFree: number;
}

/** One chain's leaves and their tree. Immutable: `withLeaf` gives another state. */
export class ChainState {
  readonly tree: StateTree;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.tree = parts.tree;
    this.#parts = parts;
  }

  /** @param tree an empty tree of the engine to use */
  static empty(tree: StateTree = emptyTree): ChainState {
    return new ChainState({ tree, leaves: PersistentMap.empty(), byIdentity: PersistentMap.empty(), byOwner: PersistentMap.empty(), pools: [], nextFree: 0 });
  }

  get root(): bigint {
    return this.tree.root;
  }

  /** Number of leaves in use. */
  get leafCount(): number {
    return this.#parts.leaves.size;
  }

  /** The leaf at `leafIndex`; an empty leaf where nothing is. */
  leaf(leafIndex: number): Leaf {
    assertLeafIndex(leafIndex);
    return this.#parts.leaves.get(leafIndex) ?? emptyLeaf;
  }

  /**
   * The state with another leaf at `leafIndex`.
   * @throws RollupError when that would empty a leaf or change its kind, owner or token, or a pool's peer: no operation does
   */
  withLeaf(leafIndex: number, leaf: Leaf): ChainState {
    const old = this.leaf(leafIndex);
    if (isEmptyLeaf(old) && isEmptyLeaf(leaf)) return this;
    const { tree, leaves, byIdentity, byOwner, pools, nextFree } = this.#parts;
    const changed = { ...this.#parts, tree: tree.set(leafIndex, leafHash(leaf)), leaves: leaves.set(leafIndex, leaf) };
    const identity = identityOf(leaf);
    if (isEmptyLeaf(old)) {
      let free = nextFree;
      while (free < LEAF_COUNT && changed.leaves.has(free)) free++;
      if (isPoolLeaf(leaf)) return new ChainState({ ...changed, pools: inserted(pools, leafIndex), nextFree: free });
      return new ChainState({
        ...changed,
        byIdentity: withIndex(byIdentity, identity, leafIndex),
        byOwner: withIndex(byOwner, leaf.owner.toString(), leafIndex),
        nextFree: free,
      });
    }
    if (old.kind !== leaf.kind || old.owner !== leaf.owner || old.token !== leaf.token) {
      throw new RollupError('A leaf cannot change its kind, owner or token', { facts: { leafIndex, expected: identityFacts(old), actual: identityFacts(leaf) } });
    }
    if (isPoolLeaf(leaf)) {
      if (old.keyY !== leaf.keyY) throw new RollupError('A pool half cannot change its peer', { facts: { leafIndex, expected: old.keyY, actual: leaf.keyY } });
      return new ChainState(changed);
    }
    if (old.keyX === leaf.keyX && old.keyY === leaf.keyY) return new ChainState(changed);
    return new ChainState({ ...changed, byIdentity: withIndex(withoutIndex(byIdentity, identityOf(old), leafIndex), identity, leafIndex) });
  }

  /** Lowest leaf index of a user's account of a token; null when there is none. */
  findLeaf(identity: LeafIdentity): number | null {
    return this.#parts.byIdentity.get(identityOf(identity))?.[0] ?? null;
  }

  /** The pool half at `leafIndex`; null when something else, or nothing, is there. */
  pool(leafIndex: number): Pool | null {
    const half = poolOf(this.leaf(leafIndex));
    return half && { leafIndex, ...half };
  }

  /** All pool halves, in order of leaf index. */
  pools(): Pool[] {
    return this.#parts.pools.flatMap((leafIndex) => this.pool(leafIndex) ?? []);
  }

  /** All accounts of an owner, in order of leaf index. */
  leavesOf(owner: bigint): LeafEntry[] {
    return (this.#parts.byOwner.get(owner.toString()) ?? []).map((leafIndex) => ({ leafIndex, leaf: this.leaf(leafIndex) }));
  }

  /** Lowest index of an empty leaf; null when the tree is full. */
  nextFreeIndex(): number | null {
    return this.#parts.nextFree < LEAF_COUNT ? this.#parts.nextFree : null;
  }

  /** All leaves in use, in order of leaf index. */
  entries(): LeafEntry[] {
    return [...this.#parts.leaves.entries()].map(([leafIndex, leaf]) => ({ leafIndex, leaf })).sort((a, b) => a.leafIndex - b.leafIndex);
  }
}

function identityFacts({ kind, owner, token }: Leaf): Pick<Leaf, 'kind' | 'owner' | 'token'> {
  return { kind, owner, token };
}

function identityOf({ owner, token, keyX, keyY }: LeafIdentity): string {
  return `${owner.toString(36)}.${token.toString(36)}.${keyX.toString(36)}.${keyY.toString(36)}`;
}

function withIndex(lists: LeafLists, key: string, leafIndex: number): LeafLists {
  const list = lists.get(key) ?? [];
  return lists.set(key, inserted(list, leafIndex));
}

function inserted(ascending: readonly number[], leafIndex: number): number[] {
  return ascending.toSpliced(ascending.findLastIndex((other) => other < leafIndex) + 1, 0, leafIndex);
}

function withoutIndex(lists: LeafLists, key: string, leafIndex: number): LeafLists {
  const rest = (lists.get(key) ?? []).filter((other) => other !== leafIndex);
  return rest.length === 0 ? lists.delete(key) : lists.set(key, rest);
}
