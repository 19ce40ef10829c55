import { encodeAbiParameters, getAbiItem } from 'viem';
import { describe, expect, it } from 'vitest';
import { primaryRollupAbi, secondaryRollupAbi } from '../chain/generated/abi.ts';
import type { Hex } from '../spec/hex.ts';
import { Backwards } from '../test/recovery/backwards.ts';
import { decodeArgument, DecodingBudget } from './contractCalldata.ts';

const { inputs } = getAbiItem({ abi: secondaryRollupAbi, name: 'commitBlocks' });
const zero = `0x${'00'.repeat(32)}` as const;
const last = {
  blockNumber: 0, priorityRequestsTotal: 0n, timestamp: 0n, finalRoot: 1n,
  onchainOpsHash: `0x${'11'.repeat(32)}`, syncHash: `0x${'22'.repeat(32)}`, proofInputsHash: zero, syncHashesHash: zero,
} as const;
const blocks = [
  { blockNumber: 1, timestamp: 1_800_000_000n, finalRoot: 7n, onchainData: `0x03${'ab'.repeat(45)}` },
  { blockNumber: 2, timestamp: 1_800_000_001n, finalRoot: 8n, onchainData: '0x' },
] as const;
const selector = '0x12345678';
const canonical = `${selector}${encodeAbiParameters(inputs, [last, blocks]).slice(2)}` as const;
const decode = (calldata: Hex, budget?: DecodingBudget): unknown => decodeArgument({ inputs, index: 1, calldata, ...(budget === undefined ? {} : { budget }) });
/** Calldata of words behind the head of commitBlocks; the blocks begin at `at`, counted from the arguments' begin. */
const behindHead = (at: number, words: readonly bigint[]): Hex => {
  const memory = new Backwards(9 * 32);
  memory.words(words);
  return memory.calldata(selector, [...Array<bigint>(8).fill(0n), BigInt(at)]);
};

describe('calldata as a contract reads it', () => {
  it('what is usually written', () => {
    expect(decode(canonical)).toEqual(blocks);
    expect(decodeArgument({ inputs, index: 0, calldata: canonical })).toEqual(last);
    const primary = getAbiItem({ abi: primaryRollupAbi, name: 'commitBlocks' }).inputs;
    const segment = { chainIndex: 1, rootIn: 1n, rootOut: 2n, legsIn: 3n, legsOut: 4n, c1: 5n, c2: 6n, onchainData: '0x0102', l2Data: `0x${'cd'.repeat(33)}` } as const;
    const block = { blockNumber: 9, timestamp: 10n, finalRoot: 11n, joinC1: 12n, segments: [segment, { ...segment, chainIndex: 0 }] } as const;
    const calldata: Hex = `${selector}${encodeAbiParameters(primary, [last, [last.syncHash], [block]]).slice(2)}`;
    expect(decodeArgument({ inputs: primary, index: 2, calldata })).toEqual([block]);
    expect(decodeArgument({ inputs: primary, index: 1, calldata })).toEqual([last.syncHash]);
  });

  it('offsets that lead backwards', () => {
    const memory = new Backwards(9 * 32);
    const at = memory.array(blocks.map(({ blockNumber, timestamp, finalRoot, onchainData }) => memory.tuple([BigInt(blockNumber), timestamp, finalRoot], [memory.bytes(onchainData)])));
    expect(decode(memory.calldata(selector, [...Array<bigint>(8).fill(0n), BigInt(at)]))).toEqual(blocks);
  });

  it('values that share their bytes', () => {
    // Two elements, both of them the tuple behind them.
    const shared = behindHead(288, [2n, 64n, 64n, 5n, 6n, 7n, 128n, 0n]);
    expect(decode(shared)).toEqual([1, 2].map(() => ({ blockNumber: 5, timestamp: 6n, finalRoot: 7n, onchainData: '0x' })));
  });

  it('zero where there is no calldata', () => {
    expect(decode(behindHead(288, [1n, 1n << 200n]))).toEqual([{ blockNumber: 0, timestamp: 0n, finalRoot: 0n, onchainData: '0x' }]);
  });

  it('refuses what no contract takes', () => {
    const refused = (calldata: Hex, message: string): void => {
      expect(() => decode(calldata)).toThrow(message);
    };
    refused(behindHead(288, [2n, 0n]), 'A list in calldata is longer than the calldata');
    refused(behindHead(288, [1n << 64n]), 'A list in calldata is longer than the calldata');
    refused(behindHead(288, [1n, 32n, 1n << 32n, 0n, 0n, 0n]), 'A number in calldata is too large for its type');
    refused(behindHead(288, [1n, 32n, 1n, 0n, 0n, 128n, 33n]), 'A list in calldata is longer than the calldata');
    expect(() => decodeArgument({ inputs, index: 2, calldata: canonical })).toThrow('The function has no such argument');
    expect(() => decodeArgument({ inputs: [{ type: 'int8' }], index: 0, calldata: canonical })).toThrow('Calldata of this type is not decoded');
  });

  it('gives up on a short calldata that spells out very much', () => {
    const length = 2000n;
    const many = behindHead(288, [length, ...Array<bigint>(Number(length)).fill(64n)]);
    expect(() => decode(many, new DecodingBudget(1 << 16))).toThrow('Calldata spells out more than can be decoded');
    // So are many calls: each costs its bytes, also when nothing is found in it.
    const budget = new DecodingBudget(2.5 * canonical.length);
    expect(() => { for (;;) decode(canonical, budget); }).toThrow('Calldata spells out more than can be decoded');
    expect(() => decode('0x12345678', new DecodingBudget(3))).toThrow('Calldata spells out more than can be decoded');
  });
});
