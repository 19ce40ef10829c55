import { describe, expect, it } from 'vitest';
import { joinPairVectors } from '../fixtures/ammVectors.ts';
import { Random } from '../test/random.ts';
import { changeKeyOf, depositOf, openOf, testUser, transferTo, transferToNew, withdrawOf } from '../test/users.ts';
import { evaluateWords, FIELD } from './field.ts';
import { bigintToHex, concatHex } from './hex.ts';
import { joinC1, joinPublicInputs, joinWords, type JoinContext } from './join.ts';
import { keccak256 } from './keccak.ts';
import { legDigest } from './leg.ts';
import { operationWords } from './pubdata.ts';
import type { Operation } from './operation.ts';
import type { Pair } from './pairRule.ts';
import { params } from './params.ts';
import { buildSegment, segmentInputsOfData, type SegmentContext } from './segment.ts';
import { sponge } from './sponge.ts';

const random = new Random(6, 'segment');
const alice = testUser('alice');
const bob = testUser('bob');
const domain = { deploymentId: random.field(), chainIndex: 1 };
const context: SegmentContext = {
  ...domain,
  blockNumber: 7,
  timestamp: 1_700_000_000,
  rootIn: random.field(),
  rootOut: random.field(),
  legsIn: 0n,
  legsOut: 0n,
};
const deposit = depositOf(alice, { leafIndex: 0, token: 1n, amount: 100n });
const open = openOf(bob, { leafIndex: 1, token: 1n });
const transfer = transferTo(bob, { from: 0, to: 1, amount: 10n, nonce: 0n }, { by: alice, ...domain });
const withdraw = withdrawOf({ leafIndex: 0, token: 1n, to: 5n, amount: 1n, nonce: 1n }, { by: alice, ...domain });
const operations: Operation[] = [deposit, open, transfer, withdraw];
const zeros = (count: number): bigint[] => Array.from({ length: count }, () => 0n);

describe('segment', () => {
  it('has the public inputs of src/FORMATS.md', () => {
    const { header, onchainData, l2Data, onchainWords, l2Words, publicInputs } = buildSegment(context, operations);
    expect([onchainWords, l2Words]).toEqual([6, 4]);

    const c2 = sponge('segmentL2', [...zeros(4), ...operationWords(open), ...zeros(1), ...operationWords(transfer), ...zeros(3 + 4 * (params.slots - 3))]);
    const numbers = (((((((1n << 32n) | 7n) << 40n) | 1_700_000_000n) << 16n) | 6n) << 16n) | 4n;
    expect(header).toEqual([context.deploymentId, numbers, context.rootIn, context.rootOut, 0n, 0n, c2]);

    const slots = [...operationWords(deposit), ...zeros(8), ...operationWords(withdraw), ...zeros(2 + 4 * (params.slots - 4))];
    const c1 = sponge('segmentOnchain', [...header, ...slots]);
    const preimage = concatHex([...[c1, ...header].map((word) => bigintToHex(word, 32)), keccak256(onchainData), keccak256(l2Data)]);
    const r = BigInt(keccak256(preimage)) % FIELD;
    expect(publicInputs).toEqual({
      c1,
      c2,
      r,
      y1: evaluateWords([...header, ...operationWords(deposit), ...operationWords(withdraw)], r),
      y2: evaluateWords([...operationWords(open), ...operationWords(transfer)], r),
    });
  });

  it('has four words for a transfer to new, and three and one for a change of key and a collection', () => {
    const mixed: Operation[] = [
      transferToNew(bob, { from: 0, to: 9, amount: 10n, fee: 2n, nonce: 0n }, { by: alice, ...domain }),
      changeKeyOf(bob, { leafIndex: 0, fee: 2n, nonce: 1n }, { by: alice, ...domain }),
      { type: 'collectFees', leafIndex: 9, amount: 4n },
    ];
    const [first, second, third] = mixed.map(operationWords);
    expect([first?.length, second?.length, third?.length]).toEqual([4, 3, 1]);
    const { header, onchainWords, l2Words } = buildSegment(context, mixed);
    expect([onchainWords, l2Words]).toEqual([0, 8]);
    expect(header[6]).toBe(sponge('segmentL2', [...(first ?? []), ...(second ?? []), 0n, ...(third ?? []), ...zeros(3 + 4 * (params.slots - 3))]));
  });

  it('is what the contract computes from the data', () => {
    const { onchainData, l2Data, publicInputs } = buildSegment(context, operations);
    expect(segmentInputsOfData({ ...context, c1: publicInputs.c1, c2: publicInputs.c2, onchainData, l2Data })).toEqual(publicInputs);
  });

  it('does not depend on no-ops at its end, but on the slots that operations are in', () => {
    const noop = { type: 'noop' } as const;
    expect(buildSegment(context, [...operations, noop]).publicInputs).toEqual(buildSegment(context, operations).publicInputs);
    expect(buildSegment(context, [noop, ...operations]).publicInputs.c1).not.toBe(buildSegment(context, operations).publicInputs.c1);
  });

  it('has other public inputs when any word differs', () => {
    const base = buildSegment(context, operations).publicInputs;
    for (const field of ['deploymentId', 'rootIn', 'rootOut', 'legsIn', 'legsOut'] as const) {
      const { c1, r, y1 } = buildSegment({ ...context, [field]: context[field] + 1n }, operations).publicInputs;
      expect([c1 === base.c1, r === base.r, y1 === base.y1]).toEqual([false, false, false]);
    }
    for (const field of ['chainIndex', 'blockNumber', 'timestamp'] as const) {
      expect(buildSegment({ ...context, [field]: context[field] + 1 }, operations).publicInputs.y1).not.toBe(base.y1);
    }
    expect(buildSegment(context, [deposit, open, { ...transfer, amount: 20n }, withdraw]).publicInputs.c2).not.toBe(base.c2);
  });

  it('refuses more operations than slots', () => {
    expect(() => buildSegment(context, Array.from({ length: params.slots + 1 }, () => deposit))).toThrow('Too many operations');
  });
});

describe('join', () => {
  const join = (count: number): JoinContext => ({
    deploymentId: 1n,
    blockNumber: 2,
    finalRootIn: 3n,
    finalRootOut: 4n,
    legs: 5n,
    segments: Array.from({ length: count }, (_, i) => ({ chainIndex: i, rootIn: BigInt(10 + i), rootOut: BigInt(20 + i) })),
    pairs: [],
  });
  const pairs = joinPairVectors();

  it('has the public inputs of src/FORMATS.md', () => {
    const words = [1n, (2n << 16n) | 2n, 3n, 4n, 5n, 0n, 10n, 20n, 1n, 11n, 21n];
    const c1 = sponge('join', [...words, ...zeros(3 * (params.joinSegments - 2) + 2 * params.joinPairs)]);
    const r = BigInt(keccak256(concatHex([c1, ...words].map((word) => bigintToHex(word, 32))))) % FIELD;
    expect(joinWords(join(2))).toEqual(words);
    expect(joinC1(words, [])).toBe(c1);
    expect(joinPublicInputs(join(2))).toEqual({ c1, r, y1: evaluateWords(words, r) });
  });

  it('absorbs the digests of the legs of every pair', () => {
    const words = joinWords(join(1));
    const digests = pairs.flatMap(({ first, second }) => [legDigest(first), legDigest(second)]);
    const padded = [...words, ...zeros(3 * (params.joinSegments - 1)), ...digests, ...zeros(2 * params.joinPairs - digests.length)];
    expect(digests).toHaveLength(2 * pairs.length);
    expect(joinC1(words, pairs)).toBe(sponge('join', padded));
    expect(joinPublicInputs({ ...join(1), pairs }).c1).toBe(sponge('join', padded));
    expect(joinC1(words, pairs.toReversed())).not.toBe(joinC1(words, pairs));
  });

  it('refuses more pairs than there is room for', () => {
    const many = (count: number): Pair[] => Array.from({ length: count }, (_, i) => pairs[i % pairs.length] as Pair);
    expect(joinC1(joinWords(join(1)), many(params.joinPairs))).toBeGreaterThan(0n);
    expect(() => joinC1(joinWords(join(1)), many(params.joinPairs + 1))).toThrowError(
      expect.objectContaining({ message: 'Too many pairs of legs for one block', facts: { maximum: params.joinPairs, actual: params.joinPairs + 1 } }),
    );
  });

  it('refuses more segments than slots', () => {
    expect(() => joinPublicInputs(join(params.joinSegments + 1))).toThrow('Too many segments');
  });
});
