import { IncrementalMerkleTree } from '@zk-kit/incremental-merkle-tree';
import { params, PATH_LEVELS } from '../spec/params.ts';
import { poseidon } from '../spec/poseidon.ts';
import { assertLeafIndex, type StateTree } from './tree.ts';

/**
 * The same tree on @zk-kit/incremental-merkle-tree. That package fills leaves from the left and changes them in place, so this engine
 * takes memory and time in proportion to the highest leaf index; it is the reference that the sparse engine is held against.
 */
class ZkKitTree implements StateTree {
  readonly #leaves: ReadonlyMap<number, bigint>;
  /** Handed on to the next version; built again when an older version is asked. */
  #engine: IncrementalMerkleTree | null;

  constructor(leaves: ReadonlyMap<number, bigint>, engine: IncrementalMerkleTree | null) {
    this.#leaves = leaves;
    this.#engine = engine;
  }

  get root(): bigint {
    return this.#build().root;
  }

  get(leafIndex: number): bigint {
    assertLeafIndex(leafIndex);
    return this.#leaves.get(leafIndex) ?? 0n;
  }

  set(leafIndex: number, value: bigint): StateTree {
    assertLeafIndex(leafIndex);
    const engine = this.#build();
    this.#engine = null;
    write(engine, leafIndex, value);
    return new ZkKitTree(new Map(this.#leaves).set(leafIndex, value), engine);
  }

  path(leafIndex: number, levels = PATH_LEVELS): bigint[][] {
    assertLeafIndex(leafIndex);
    const engine = this.#build();
    extend(engine, leafIndex);
    const { siblings, pathIndices } = engine.createProof(leafIndex);
    const path: bigint[][] = [];
    let node = this.get(leafIndex);
    for (let level = 0; level < levels; level++) {
      const children = (siblings[level] ?? []).toSpliced(pathIndices[level] ?? 0, 0, node);
      path.push(children);
      node = poseidon(children);
    }
    return path;
  }

  registers(): bigint[] {
    const width = params.arity ** PATH_LEVELS;
    return Array.from({ length: params.arity ** params.registerLevels }, (_, i) => {
      // A register without leaves needs no path, which would fill the engine up to it.
      if (![...this.#leaves.keys()].some((leafIndex) => Math.floor(leafIndex / width) === i)) return this.#build().zeroes[PATH_LEVELS] ?? 0n;
      const path = this.path(i * width);
      return poseidon(path[PATH_LEVELS - 1] ?? []);
    });
  }

  #build(): IncrementalMerkleTree {
    if (this.#engine) return this.#engine;
    const engine = new IncrementalMerkleTree(poseidon, params.depth, 0n, params.arity);
    for (const [leafIndex, value] of this.#leaves) write(engine, leafIndex, value);
    return (this.#engine = engine);
  }
}

function write(engine: IncrementalMerkleTree, leafIndex: number, value: bigint): void {
  extend(engine, leafIndex);
  engine.update(leafIndex, value);
}

/** Fills the engine with empty leaves up to and with `leafIndex`. */
function extend(engine: IncrementalMerkleTree, leafIndex: number): void {
  for (let length = engine.leaves.length; length <= leafIndex; length++) engine.insert(0n);
}

export const emptyZkKitTree: StateTree = new ZkKitTree(new Map(), null);
