import { pack } from './field.ts';
import { params } from './params.ts';
import { poseidon } from './poseidon.ts';

/** One balance of one user in one token on one chain. Amounts are in the token's smallest unit. */
export interface Leaf {
  /** params.leafKinds: 0 empty, 1 account, 2 pool */
  kind: bigint;
  /** Address that exits pay, as an integer. */
  owner: bigint;
  token: bigint;
  nonce: bigint;
  balance: bigint;
  /** Baby Jubjub public key. */
  keyX: bigint;
  keyY: bigint;
}

export const LEAF_KIND = {
  empty: BigInt(params.leafKinds.empty),
  account: BigInt(params.leafKinds.account),
  pool: BigInt(params.leafKinds.pool),
} as const;

export const emptyLeaf: Leaf = Object.freeze({ kind: LEAF_KIND.empty, owner: 0n, token: 0n, nonce: 0n, balance: 0n, keyX: 0n, keyY: 0n });

export function isEmptyLeaf(leaf: Leaf): boolean {
  return leaf.kind === LEAF_KIND.empty;
}

/** `kind | nonce | token | owner`. */
export function leafMeta(leaf: Leaf): bigint {
  const { bits } = params;
  return pack([
    [leaf.kind, bits.leafKind],
    [leaf.nonce, bits.nonce],
    [leaf.token, bits.token],
    [leaf.owner, bits.owner],
  ]);
}

/** What the tree holds for a leaf; 0 for an empty one. */
export function leafHash(leaf: Leaf): bigint {
  return isEmptyLeaf(leaf) ? 0n : poseidon([leafMeta(leaf), leaf.balance, leaf.keyX, leaf.keyY]);
}
