import { evaluateWords, pack } from './field.ts';
import { bigintToBytes, concatBytes, hexToBytes, type Hex } from './hex.ts';
import { keccak256, keccakField } from './keccak.ts';
import { isOnchain, L2_WORDS_PER_SLOT, ONCHAIN_WORDS_PER_SLOT, type Operation } from './operation.ts';
import { params } from './params.ts';
import { encodeOperations, operationWords, wordsOfData } from './pubdata.ts';
import { RollupError } from '../base/errors.ts';
import { sponge } from './sponge.ts';

/** What a segment's header says, without what follows from its operations. */
export interface SegmentContext {
  deploymentId: bigint;
  chainIndex: number;
  blockNumber: number;
  /** Seconds. */
  timestamp: number;
  rootIn: bigint;
  rootOut: bigint;
  legsIn: bigint;
  legsOut: bigint;
}

/** Public inputs of the segment circuit, in the circuit's order. */
export interface SegmentPublicInputs {
  c1: bigint;
  c2: bigint;
  r: bigint;
  y1: bigint;
  y2: bigint;
}

/** A segment's public data as it is committed, with the counts of emitted words. */
export interface SegmentPublicData {
  onchainData: Hex;
  l2Data: Hex;
  onchainWords: number;
  l2Words: number;
}

/** The seven header words. */
export function segmentHeader(segment: SegmentContext & { onchainWords: number; l2Words: number; c2: bigint }): bigint[] {
  const { bits } = params;
  const numbers = pack([
    [BigInt(segment.chainIndex), bits.chainIndex],
    [BigInt(segment.blockNumber), bits.blockNumber],
    [BigInt(segment.timestamp), bits.timestamp],
    [BigInt(segment.onchainWords), bits.wordCount],
    [BigInt(segment.l2Words), bits.wordCount],
  ]);
  return [segment.deploymentId, numbers, segment.rootIn, segment.rootOut, segment.legsIn, segment.legsOut, segment.c2];
}

/** Public data of 0 … K operations. */
export function segmentPublicData(operations: readonly Operation[]): SegmentPublicData {
  const count = (onchain: boolean): number => operations.reduce((sum, o) => sum + (isOnchain(o) === onchain ? operationWords(o).length : 0), 0);
  return { ...encodeOperations(operations), onchainWords: count(true), l2Words: count(false) };
}

/** `c2`: depends on the slots only. */
export function segmentC2(operations: readonly Operation[]): bigint {
  return sponge('segmentL2', slotWords(operations, false));
}

/** `c1`: header and on-chain words of every slot. */
export function segmentC1(header: readonly bigint[], operations: readonly Operation[]): bigint {
  return sponge('segmentOnchain', [...header, ...slotWords(operations, true)]);
}

/** `r`: fixed by the commitments and by the very bytes that are published. */
export function segmentChallenge({ c1, header, onchainData, l2Data }: { c1: bigint; header: readonly bigint[]; onchainData: Hex; l2Data: Hex }): bigint {
  return keccakField(
    concatBytes([c1, ...header].map((word) => bigintToBytes(word, 32)).concat(hexToBytes(keccak256(onchainData)), hexToBytes(keccak256(l2Data)))),
  );
}

/**
 * What the contract computes from a committed segment: `r`, `y1`, `y2` from the given commitments and the bytes.
 * @throws RollupError as decodeOperations does
 */
export function segmentInputsOfData(segment: SegmentContext & { c1: bigint; c2: bigint; onchainData: Hex; l2Data: Hex }): SegmentPublicInputs {
  const onchain = wordsOfData(segment.onchainData, 'onchain');
  const l2 = wordsOfData(segment.l2Data, 'l2');
  const { c1, c2 } = segment;
  const header = segmentHeader({ ...segment, onchainWords: onchain.length, l2Words: l2.length });
  const r = segmentChallenge({ ...segment, header });
  return { c1, c2, r, y1: evaluateWords([...header, ...onchain], r), y2: evaluateWords(l2, r) };
}

/** Public data, header and public inputs of a segment of 0 … K operations in the order of its slots. */
export function buildSegment(
  context: SegmentContext,
  operations: readonly Operation[],
): SegmentPublicData & { header: bigint[]; publicInputs: SegmentPublicInputs } {
  const data = segmentPublicData(operations);
  const c2 = segmentC2(operations);
  const header = segmentHeader({ ...context, ...data, c2 });
  const c1 = segmentC1(header, operations);
  return { ...data, header, publicInputs: segmentInputsOfData({ ...context, ...data, c1, c2 }) };
}

/** The fixed number of words of every slot of one list, 0 where a slot emits none. */
function slotWords(operations: readonly Operation[], onchain: boolean): bigint[] {
  if (operations.length > params.slots) {
    throw new RollupError('Too many operations for one segment', { facts: { maximum: params.slots, actual: operations.length } });
  }
  const perSlot = onchain ? ONCHAIN_WORDS_PER_SLOT : L2_WORDS_PER_SLOT;
  const words = Array.from({ length: params.slots * perSlot }, () => 0n);
  operations.forEach((operation, slot) => {
    if (isOnchain(operation) === onchain) operationWords(operation).forEach((word, k) => (words[slot * perSlot + k] = word));
  });
  return words;
}
