import { RollupError } from '../base/errors.ts';
import { emptyLeaf, isEmptyLeaf, leafHash, type Leaf } from '../spec/leaf.ts';
import { LEAF_COUNT } from '../spec/params.ts';
import { PersistentMap } from './persistentMap.ts';
import { assertLeafIndex, emptyTree, type StateTree } from './tree.ts';

/** Who a leaf belongs to: one L2 user in one token. */
export type LeafIdentity = Pick<Leaf, 'owner' | 'token' | 'keyX' | 'keyY'>;

export interface LeafEntry {
  leafIndex: number;
  leaf: Leaf;
}

/** Leaf indices by what their leaves have in common, each list in ascending order and none empty. */
type LeafLists = PersistentMap<string, readonly number[]>;

interface Parts {
  tree: StateTree;
  leaves: PersistentMap<number, Leaf>;
  byIdentity: LeafLists;
  byOwner: LeafLists;
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
    return new ChainState({ tree, leaves: PersistentMap.empty(), byIdentity: PersistentMap.empty(), byOwner: PersistentMap.empty(), nextFree: 0 });
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
   * @throws RollupError when that would empty a leaf or change its owner or token: no operation does
   */
  withLeaf(leafIndex: number, leaf: Leaf): ChainState {
    const old = this.leaf(leafIndex);
    if (isEmptyLeaf(old) && isEmptyLeaf(leaf)) return this;
    const { tree, leaves, byIdentity, byOwner, nextFree } = this.#parts;
    const changed = { ...this.#parts, tree: tree.set(leafIndex, leafHash(leaf)), leaves: leaves.set(leafIndex, leaf) };
    const identity = identityOf(leaf);
    if (isEmptyLeaf(old)) {
      let free = nextFree;
      while (free < LEAF_COUNT && changed.leaves.has(free)) free++;
      return new ChainState({
        ...changed,
        byIdentity: withIndex(byIdentity, identity, leafIndex),
        byOwner: withIndex(byOwner, leaf.owner.toString(), leafIndex),
        nextFree: free,
      });
    }
    if (isEmptyLeaf(leaf) || old.owner !== leaf.owner || old.token !== leaf.token) {
      throw new RollupError('A leaf cannot change its owner or token', { facts: { leafIndex } });
    }
    if (old.keyX === leaf.keyX && old.keyY === leaf.keyY) return new ChainState(changed);
    return new ChainState({ ...changed, byIdentity: withIndex(withoutIndex(byIdentity, identityOf(old), leafIndex), identity, leafIndex) });
  }

  /** Lowest leaf index of a user's token; null when there is none. */
  findLeaf(identity: LeafIdentity): number | null {
    return this.#parts.byIdentity.get(identityOf(identity))?.[0] ?? null;
  }

  /** All leaves of an owner, in order of leaf index. */
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

function identityOf({ owner, token, keyX, keyY }: LeafIdentity): string {
  return `${owner.toString(36)}.${token.toString(36)}.${keyX.toString(36)}.${keyY.toString(36)}`;
}

function withIndex(lists: LeafLists, key: string, leafIndex: number): LeafLists {
  const list = lists.get(key) ?? [];
  return lists.set(key, list.toSpliced(list.findLastIndex((other) => other < leafIndex) + 1, 0, leafIndex));
}

function withoutIndex(lists: LeafLists, key: string, leafIndex: number): LeafLists {
  const rest = (lists.get(key) ?? []).filter((other) => other !== leafIndex);
  return rest.length === 0 ? lists.delete(key) : lists.set(key, rest);
}
