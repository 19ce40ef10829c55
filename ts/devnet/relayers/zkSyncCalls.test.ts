import { concat, type Hex, keccak256, toHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { EraHistory, type EraBlock } from './eraHistory.ts';
import { priorityPaths } from './zkSyncCalls.ts';

const leavesOf = (count: number): Hex[] => Array.from({ length: count }, (_, i) => keccak256(toHex(`priority transaction ${i}`)));

/** Root of all leaves, and of as many empty ones as make a power of two. */
function rootOf(leaves: readonly Hex[]): Hex {
  const width = 2 ** Math.ceil(Math.log2(leaves.length));
  let level = [...leaves, ...Array.from({ length: width - leaves.length }, () => keccak256('0x'))];
  while (level.length > 1) level = Array.from({ length: level.length / 2 }, (_, i) => keccak256(concat([level[2 * i]!, level[2 * i + 1]!])));
  return level[0]!;
}

const climb = (leaf: Hex, index: number, path: readonly Hex[]): Hex => path.reduce((node, sibling, height) => keccak256(concat((index >> height) & 1 ? [sibling, node] : [node, sibling])), leaf);

describe('the paths of a batch’s first and last priority transaction', () => {
  it.each([1, 2, 3, 5, 8, 9, 31, 32, 33])('lead to the root of a tree of %i', (count) => {
    const leaves = leavesOf(count);
    const root = rootOf(leaves);
    for (const [left, right] of [[0, count - 1], [count >> 1, count - 1], [count - 1, count - 1]] as const) {
      const [leftPath, rightPath] = priorityPaths(leaves, left, right);
      expect(climb(leaves[left]!, left, leftPath)).toBe(root);
      expect(climb(leaves[right]!, right, rightPath)).toBe(root);
    }
  });
});

describe('the end of a batch', () => {
  const history = (priorities: readonly number[]): EraHistory => {
    const known = new EraHistory({} as never);
    let next = 0;
    const block = (count: number, i: number): EraBlock => ({
      ...{ number: BigInt(i), hash: toHex(i), timestamp: BigInt(i) },
      transactions: Array.from({ length: count }, () => ({ hash: toHex(next), messages: [], eip712Hash: undefined, priority: { canonicalTxHash: toHex(next++), success: true } })),
    });
    known.blocks.push(...priorities.map(block));
    return known;
  };

  it('comes before more priority transactions than one execution can name', () => {
    expect(history([600, 400, 1]).nextBatchEnd(-1n, 0n)?.number).toBe(1n);
    expect(history([600, 401]).nextBatchEnd(-1n, 0n)?.number).toBe(0n);
  });

  it('is not before a block that has too many by itself', () => {
    expect(history([1_500, 1]).nextBatchEnd(-1n, 0n)?.number).toBe(0n);
  });
});
