import { RollupError } from '../base/errors.ts';
import { evaluateWords, pack } from './field.ts';
import { bigintToBytes, concatBytes } from './hex.ts';
import { keccakField } from './keccak.ts';
import { legDigest } from './leg.ts';
import type { Pair } from './pairRule.ts';
import { params } from './params.ts';
import { sponge } from './sponge.ts';

/** One segment as the join proof sees it. */
export interface JoinSegment {
  chainIndex: number;
  rootIn: bigint;
  rootOut: bigint;
}

/** What the published words say of a block. */
export interface JoinWordsContext {
  deploymentId: bigint;
  blockNumber: number;
  finalRootIn: bigint;
  finalRootOut: bigint;
  /** Legs out of the last segment, 0 if there is none. */
  legs: bigint;
  segments: readonly JoinSegment[];
}

export interface JoinContext extends JoinWordsContext {
  /** The block's pairs, in any order. */
  pairs: readonly Pair[];
}

/** Public inputs of the join circuit, in the circuit's order. */
export interface JoinPublicInputs {
  c1: bigint;
  r: bigint;
  y1: bigint;
}

const WORDS_PER_SEGMENT = 3;

/** Words 0 … 4+3m. */
export function joinWords({ deploymentId, blockNumber, finalRootIn, finalRootOut, legs, segments }: JoinWordsContext): bigint[] {
  if (segments.length > params.joinSegments) {
    throw new RollupError('Too many segments for one block', { facts: { maximum: params.joinSegments, actual: segments.length } });
  }
  const numbers = pack([
    [BigInt(blockNumber), params.bits.blockNumber],
    [BigInt(segments.length), params.bits.wordCount],
  ]);
  return [
    deploymentId,
    numbers,
    finalRootIn,
    finalRootOut,
    legs,
    ...segments.flatMap(({ chainIndex, rootIn, rootOut }) => [BigInt(chainIndex), rootIn, rootOut]),
  ];
}

/** `c1`: the words padded to all segment slots, then the digests of both legs of every pair, padded with zeros. */
export function joinC1(words: readonly bigint[], pairs: readonly Pair[]): bigint {
  if (pairs.length > params.joinPairs) {
    throw new RollupError('Too many pairs of legs for one block', { facts: { maximum: params.joinPairs, actual: pairs.length } });
  }
  const padded = (list: readonly bigint[], length: number): bigint[] => Array.from({ length }, (_, k) => list[k] ?? 0n);
  const blockWords = 5 + WORDS_PER_SEGMENT * params.joinSegments;
  const digests = pairs.flatMap(({ first, second }) => [legDigest(first), legDigest(second)]);
  return sponge('join', [...padded(words, blockWords), ...padded(digests, 2 * params.joinPairs)]);
}

/** What the contract computes: `r` and `y1` from the given commitment and the words. */
export function joinInputsOfWords(c1: bigint, words: readonly bigint[]): JoinPublicInputs {
  const r = keccakField(concatBytes([c1, ...words].map((word) => bigintToBytes(word, 32))));
  return { c1, r, y1: evaluateWords(words, r) };
}

export function joinPublicInputs(context: JoinContext): JoinPublicInputs {
  const words = joinWords(context);
  return joinInputsOfWords(joinC1(words, context.pairs), words);
}
