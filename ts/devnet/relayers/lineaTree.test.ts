import { concat, type Hex, keccak256, toHex, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import { lineaPosition, lineaProof, lineaRoot, lineaTrees } from './lineaTree.ts';

const hashes = (count: number): Hex[] => Array.from({ length: count }, (_, i) => keccak256(toHex(`message ${i}`)));

/** As the contract on Ethereum does it. */
function rootOf(leaf: Hex, index: number, proof: readonly Hex[]): Hex {
  return proof.reduce((node, sibling, height) => keccak256((index >> height) & 1 ? concat([sibling, node]) : concat([node, sibling])), leaf);
}

describe('trees of messages from Linea', () => {
  it('hashes a single message up with zero words', () => {
    const [leaf] = hashes(1) as [Hex];
    let expected = keccak256(concat([leaf, zeroHash]));
    let empty = keccak256(concat([zeroHash, zeroHash]));
    for (let height = 1; height < 5; height++) {
      expected = keccak256(concat([expected, empty]));
      empty = keccak256(concat([empty, empty]));
    }
    expect(lineaRoot([leaf])).toBe(expected);
  });

  it.each([1, 2, 3, 17, 31, 32])('proves every leaf of %i', (count) => {
    const run = hashes(count);
    for (const [index, leaf] of run.entries()) expect(rootOf(leaf, index, lineaProof(run, index))).toBe(lineaRoot(run));
  });

  it('cuts messages in runs of 32', () => {
    expect(lineaTrees([])).toEqual([]);
    expect(lineaTrees(hashes(32)).map(({ length }) => length)).toEqual([32]);
    expect(lineaTrees(hashes(65)).map(({ length }) => length)).toEqual([32, 32, 1]);
  });

  it('finds a message in the tree that holds it', () => {
    const all = hashes(33);
    const position = lineaPosition(all, all[32]!)!;
    expect(position.leafIndex).toBe(0);
    expect(position.root).toBe(lineaRoot([all[32]!]));
    expect(lineaPosition(all, all[31]!)!.leafIndex).toBe(31);
    expect(lineaPosition(all, zeroHash)).toBeUndefined();
  });
});
