import { RollupError } from '../base/errors.ts';
import { LEAF_COUNT, params, PATH_LEVELS } from '../spec/params.ts';
import { poseidon } from '../spec/poseidon.ts';
import { emptyNodes } from '../spec/roots.ts';

/**
 * A chain's tree of leaf hashes. Trees are immutable: `set` gives another tree. Level 0 holds the leaves, level `params.depth` the root;
 * a node's index at level l is leafIndex / arity^l.
 */
export interface StateTree {
  readonly root: bigint;
  /** Hash of leaf `leafIndex`; 0 when it is empty. */
  get(leafIndex: number): bigint;
  /** The tree with another value in one leaf. */
  set(leafIndex: number, value: bigint): StateTree;
  /** `path[l]` = the `arity` nodes of level l under the ancestor of the leaf at level l+1, for l = 0 … levels-1 (default PATH_LEVELS). */
  path(leafIndex: number, levels?: number): bigint[][];
  /** All nodes of the level that a segment carries in registers, in order. */
  registers(): bigint[];
}

/** @throws RollupError when `leafIndex` is not a leaf of the tree */
export function assertLeafIndex(leafIndex: number): void {
  if (!Number.isInteger(leafIndex) || leafIndex < 0 || leafIndex >= LEAF_COUNT) {
    throw new RollupError('Leaf index is out of range', { facts: { maximum: LEAF_COUNT - 1, actual: leafIndex } });
  }
}

/** A node above level 0 that is not empty; its hash is computed when it is first asked for, so that unread versions cost nothing. */
class TreeNode {
  #hash: bigint | undefined;
  readonly level: number;
  /** Level 1: leaf hashes. Above: nodes. `undefined` is an empty subtree. */
  readonly children: readonly (TreeNode | bigint | undefined)[];

  constructor(level: number, children: readonly (TreeNode | bigint | undefined)[]) {
    this.level = level;
    this.children = children;
  }

  get hash(): bigint {
    return (this.#hash ??= poseidon(this.childHashes()));
  }

  childHashes(): bigint[] {
    return this.children.map((child) => hashOf(child, this.level - 1));
  }
}

function hashOf(node: TreeNode | bigint | undefined, level: number): bigint {
  if (node === undefined) return emptyNodes[level] ?? 0n;
  return typeof node === 'bigint' ? node : node.hash;
}

const NO_CHILDREN: readonly undefined[] = Array.from({ length: params.arity }, () => undefined);

/** The sparse engine: path copying in a trie, memory grows with the leaves in use only. */
class SparseTree implements StateTree {
  readonly #top: TreeNode | undefined;

  constructor(top: TreeNode | undefined) {
    this.#top = top;
  }

  get root(): bigint {
    return hashOf(this.#top, params.depth);
  }

  get(leafIndex: number): bigint {
    assertLeafIndex(leafIndex);
    let node: TreeNode | bigint | undefined = this.#top;
    for (let level = params.depth - 1; level >= 0; level--) {
      if (!(node instanceof TreeNode)) return 0n;
      node = node.children[digit(leafIndex, level)];
    }
    return typeof node === 'bigint' ? node : 0n;
  }

  set(leafIndex: number, value: bigint): StateTree {
    assertLeafIndex(leafIndex);
    return new SparseTree(withLeaf(this.#top, params.depth, leafIndex, value));
  }

  path(leafIndex: number, levels = PATH_LEVELS): bigint[][] {
    assertLeafIndex(leafIndex);
    const path: bigint[][] = [];
    let node: TreeNode | bigint | undefined = this.#top;
    for (let level = params.depth - 1; level >= 0; level--) {
      const parent: TreeNode = node instanceof TreeNode ? node : new TreeNode(level + 1, NO_CHILDREN);
      if (level < levels) path[level] = parent.childHashes();
      node = parent.children[digit(leafIndex, level)];
    }
    return path;
  }

  registers(): bigint[] {
    let nodes: (TreeNode | bigint | undefined)[] = [this.#top];
    for (let level = params.depth; level > PATH_LEVELS; level--) {
      nodes = nodes.flatMap((node) => (node instanceof TreeNode ? node.children : NO_CHILDREN));
    }
    return nodes.map((node) => hashOf(node, PATH_LEVELS));
  }
}

function withLeaf(node: TreeNode | bigint | undefined, level: number, leafIndex: number, value: bigint): TreeNode {
  const children = node instanceof TreeNode ? node.children : NO_CHILDREN;
  const at = digit(leafIndex, level - 1);
  return new TreeNode(level, children.with(at, level === 1 ? value : withLeaf(children[at], level - 1, leafIndex, value)));
}

/** Which child at `level` lies on the way to a leaf. */
function digit(leafIndex: number, level: number): number {
  return Math.floor(leafIndex / params.arity ** level) % params.arity;
}

/** The tree of a chain before its first block. */
export const emptyTree: StateTree = new SparseTree(undefined);
