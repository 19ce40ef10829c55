import { RollupError } from '../../base/errors.ts';
import type { Hex } from '../../spec/hex.ts';
import { joinInputsOfWords, joinWords, type JoinWordsContext } from '../../spec/join.ts';
import { isOnchain, type Operation, type PublicOperation } from '../../spec/operation.ts';
import { decodeOperations, operationWords, type DataList } from '../../spec/pubdata.ts';
import { segmentHeader, segmentInputsOfData, type SegmentContext } from '../../spec/segment.ts';
import type { JoinTrace, SegmentTrace } from '../../state/trace.ts';

/** One word or public input as both sides have it. */
export interface ExplainedWord {
  group: 'header' | 'on-chain words' | 'L2 words' | 'words' | 'public inputs';
  name: string;
  /** Undefined where only the other side is known. */
  circuit: bigint | undefined;
  contract: bigint | undefined;
  /** False if both are known and differ. */
  isSame: boolean;
}

/** A segment as the contract gets it, and the words that the prover gave the circuit, if they are known. */
export interface CommittedSegment extends SegmentContext {
  circuit: 'segment';
  c1: bigint;
  c2: bigint;
  onchainData: Hex;
  l2Data: Hex;
  words?: { header: bigint[]; onchain: bigint[]; l2: bigint[] };
}

/** A join as the contract sees it, with the circuit's words if they are known. */
export interface CommittedJoin extends JoinWordsContext {
  circuit: 'join';
  c1: bigint;
  words?: bigint[];
}

export type Committed = CommittedSegment | CommittedJoin;

const HEADER_NAMES = ['deployment id', 'chain, block, time, counts', 'root in', 'root out', 'legs in', 'legs out', 'c2'];

export function committedSegment(trace: SegmentTrace): CommittedSegment {
  const { deploymentId, chainIndex, blockNumber, timestamp, rootIn, rootOut, legsIn, legsOut, onchainData, l2Data, publicInputs, slots } = trace;
  const { c1, c2 } = publicInputs;
  const operations = slots.map(({ operation }) => operation);
  const list = (onchain: boolean): bigint[] => operations.filter((operation) => isOnchain(operation) === onchain).flatMap((operation: Operation) => operationWords(operation));
  const words = { header: segmentHeader({ ...trace, c2 }), onchain: list(true), l2: list(false) };
  return { circuit: 'segment', deploymentId, chainIndex, blockNumber, timestamp, rootIn, rootOut, legsIn, legsOut, c1, c2, onchainData, l2Data, words };
}

export function committedJoin(trace: JoinTrace): CommittedJoin {
  const { deploymentId, blockNumber, finalRootIn, finalRootOut, legs, segments, publicInputs } = trace;
  return { circuit: 'join', deploymentId, blockNumber, finalRootIn, finalRootOut, legs, segments, c1: publicInputs.c1, words: joinWords(trace) };
}

/**
 * Every word by name, then the public inputs: what the proof says beside what the contract computes from the bytes.
 * @param publicInputs of the proof, in the circuit's order
 * @throws RollupError when the bytes are no public data, or the number of public inputs is not the circuit's
 */
export function explain(committed: Committed, publicInputs: readonly bigint[]): ExplainedWord[] {
  return committed.circuit === 'segment' ? explainSegment(committed, publicInputs) : explainJoin(committed, publicInputs);
}

function explainSegment(committed: CommittedSegment, publicInputs: readonly bigint[]): ExplainedWord[] {
  checkCount(publicInputs, 5);
  const onchain = labelledWords(committed.onchainData, 'onchain');
  const l2 = labelledWords(committed.l2Data, 'l2');
  const header = segmentHeader({ ...committed, onchainWords: onchain.length, l2Words: l2.length });
  const { words } = committed;
  const { c1, c2, r, y1, y2 } = segmentInputsOfData(committed);
  return [
    ...compare('header', HEADER_NAMES.map((name, i) => ({ name, word: header[i]! })), words?.header),
    ...compare('on-chain words', onchain, words?.onchain),
    ...compare('L2 words', l2, words?.l2),
    ...compare('public inputs', [['c1', c1], ['c2', c2], ['r', r], ['y1', y1], ['y2', y2]].map(named), publicInputs),
  ];
}

function explainJoin(committed: CommittedJoin, publicInputs: readonly bigint[]): ExplainedWord[] {
  checkCount(publicInputs, 3);
  const names = ['deployment id', 'block, count of segments', 'final root in', 'final root out', 'legs', ...committed.segments.flatMap((_, i) => ['chain', 'root in', 'root out'].map((name) => `segment ${i}: ${name}`))];
  const words = joinWords(committed);
  const { c1, r, y1 } = joinInputsOfWords(committed.c1, words);
  return [
    ...compare('words', names.map((name, i) => ({ name, word: words[i]! })), committed.words),
    ...compare('public inputs', [['c1', c1], ['r', r], ['y1', y1]].map(named), publicInputs),
  ];
}

function named([name, word]: (string | bigint)[]): { name: string; word: bigint } {
  return { name: String(name), word: BigInt(word ?? 0n) };
}

function labelledWords(data: Hex, list: DataList): { name: string; word: bigint }[] {
  return decodeOperations(data, list).flatMap((operation: PublicOperation, i) => operationWords(operation).map((word, k) => ({ name: `${i} ${operation.type}${k === 0 ? '' : `, word ${k + 1}`}`, word })));
}

/** Also words that only one side has. */
function compare(group: ExplainedWord['group'], contract: readonly { name: string; word: bigint }[], circuit: readonly bigint[] | undefined): ExplainedWord[] {
  return Array.from({ length: Math.max(contract.length, circuit?.length ?? 0) }, (_, i) => {
    const [ours, theirs] = [circuit?.[i], contract[i]];
    return { group, name: theirs?.name ?? `word ${i}, not in the data`, circuit: ours, contract: theirs?.word, isSame: circuit === undefined || ours === theirs?.word };
  });
}

function checkCount(publicInputs: readonly bigint[], expected: number): void {
  if (publicInputs.length !== expected) throw new RollupError('the proof has another number of public inputs than the committed data wants', { facts: { expected, actual: publicInputs.length } });
}
