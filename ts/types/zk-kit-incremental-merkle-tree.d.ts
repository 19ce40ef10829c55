/** @zk-kit/incremental-merkle-tree 1.1.0 hides its types from NodeNext resolution; this is the part that the project uses. */
declare module '@zk-kit/incremental-merkle-tree' {
  export interface MerkleProof {
    root: bigint;
    leaf: bigint;
    pathIndices: number[];
    siblings: bigint[][];
  }

  export class IncrementalMerkleTree {
    constructor(hash: (values: bigint[]) => bigint, depth: number, zeroValue: bigint, arity?: number, leaves?: bigint[]);
    get root(): bigint;
    get leaves(): bigint[];
    get zeroes(): bigint[];
    insert(leaf: bigint): void;
    update(index: number, leaf: bigint): void;
    createProof(index: number): MerkleProof;
  }
}
