import { pack } from './field.ts';
import type { PoolOperation } from './operation.ts';
import { params } from './params.ts';
import { poseidon } from './poseidon.ts';

/** Where a leaf is: a pool half names its peer so. */
export interface Place {
  chainIndex: number;
  leafIndex: number;
}

/** What an operation on a pool half says of it (src/FORMATS.md, "Legs"). Amounts in the smallest unit. */
export interface Leg {
  kind: PoolOperation['type'];
  pool: Place;
  /** Where the half says its peer is. */
  peer: Place;
  /** Signed message hash of the order. */
  order: bigint;
  /** By how much the reserve changes. */
  amount: bigint;
  /** By how much the total shares change; 0 in a swap. */
  shares: bigint;
  /** Before the operation. */
  reserve: bigint;
  totalShares: bigint;
  /** Least that the order demands on this side. */
  limit: bigint;
}

export const WORDS_PER_LEG = 7;

/** `chainIndex(8) | leafIndex(24)`: what a pool leaf holds as keyY. */
export function packPlace({ chainIndex, leafIndex }: Place): bigint {
  const { bits } = params;
  return pack([
    [BigInt(chainIndex), bits.chainIndex],
    [BigInt(leafIndex), bits.leafIndex],
  ]);
}

/** The inverse of packPlace; `packed` is below 2^32. */
export function unpackPlace(packed: bigint): Place {
  const leafBits = BigInt(params.bits.leafIndex);
  return { chainIndex: Number(packed >> leafBits), leafIndex: Number(packed & ((1n << leafBits) - 1n)) };
}

/** Token id of the shares of the pool half in a leaf. */
export function shareToken(pool: number): bigint {
  return BigInt(params.shareTokens + pool);
}

/** True for token ids of shares. */
export function isShareToken(token: bigint): boolean {
  return token >= BigInt(params.shareTokens);
}

/** Leaf index of the pool half that a share token is of. */
export function poolOfShares(token: bigint): number {
  return Number(token) - params.shareTokens;
}

/** The seven words. */
export function legWords(leg: Leg): bigint[] {
  const placeBits = params.bits.chainIndex + params.bits.leafIndex;
  const head = pack([
    [BigInt(params.opcodes[leg.kind]), 8],
    [packPlace(leg.pool), placeBits],
    [packPlace(leg.peer), placeBits],
  ]);
  return [head, leg.order, leg.amount, leg.shares, leg.reserve, leg.totalShares, leg.limit];
}

export function legDigest(leg: Leg): bigint {
  return poseidon(legWords(leg));
}

/** `legs out` of an operation that emits `leg`. */
export function legsAfter(legsIn: bigint, leg: Leg): bigint {
  return poseidon([legsIn, legDigest(leg)]);
}
