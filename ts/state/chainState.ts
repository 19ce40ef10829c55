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

interface Parts {
  tree: StateTree;
  leaves: PersistentMap<number, Leaf>;
  byIdentity: PersistentMap<string, number>;
  byOwner: PersistentMap<string, readonly number[]>;
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
   * @throws RollupError when that would empty a leaf or give it to someone else: no operation does
   */
  withLeaf(leafIndex: number, leaf: Leaf): ChainState {
    const { tree, leaves, byIdentity, byOwner, nextFree } = this.#parts;
    const old = this.leaf(leafIndex);
    const changed = { tree: tree.set(leafIndex, leafHash(leaf)), leaves: leaves.set(leafIndex, leaf) };
    if (!isEmptyLeaf(old)) {
      if (isEmptyLeaf(leaf) || identityOf(old) !== identityOf(leaf)) throw new RollupError('A leaf cannot change its user', { facts: { leafIndex } });
      return new ChainState({ ...this.#parts, ...changed });
    }
    if (isEmptyLeaf(leaf)) return this;
    const identity = identityOf(leaf);
    const owner = leaf.owner.toString();
    const first = byIdentity.get(identity);
    let free = nextFree;
    while (free < LEAF_COUNT && changed.leaves.has(free)) free++;
    return new ChainState({
      ...changed,
      byIdentity: first !== undefined && first < leafIndex ? byIdentity : byIdentity.set(identity, leafIndex),
      byOwner: byOwner.set(owner, [...(byOwner.get(owner) ?? []), leafIndex].sort((a, b) => a - b)),
      nextFree: free,
    });
  }

  /** Lowest leaf index of a user's token; null when there is none. */
  findLeaf(identity: LeafIdentity): number | null {
    return this.#parts.byIdentity.get(identityOf(identity)) ?? null;
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
