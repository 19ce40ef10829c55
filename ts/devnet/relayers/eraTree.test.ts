import { concat, type Hex, keccak256, padHex, toHex } from 'viem';
import { describe, expect, it } from 'vitest';
import { BOOTLOADER, eraAggregatedRoot, eraLeaf, eraLocalRoot, eraProof, eraRoot, L1_MESSENGER, messageLog, priorityLog } from './eraTree.ts';

// Known answers of zkSync Era: the leaf that pads, the tree without logs, the aggregated roots of its chain ids on mainnet and Sepolia.
const DEFAULT_LEAF = '0x72abee45b59e344af8a6e520241c4744aff26ed411f4c4b00f8af09adada43ba';
const EMPTY_ROOT = '0x375a5bf909cb02143e3695ca658e0641e739aa590f0004dba93572c44cdb9d2d';
const AGGREGATED_MAINNET = '0x61f9014dca2a42d5c84750183d1eab288395ea56c40dba2a3dcbb8419a4a76d1';
const AGGREGATED_SEPOLIA = '0xf7dee40f4d8b94f983076f3435067adec0f689c15b952eee60ccc7c5675f9b93';

const leaves = (count: number): Hex[] => Array.from({ length: count }, (_, i) => keccak256(toHex(`log ${i}`)));

/** As the contract on Ethereum does it. */
function rootOf(leaf: Hex, index: number, path: readonly Hex[]): Hex {
  return path.reduce((node, sibling, height) => keccak256((index >> height) & 1 ? concat([sibling, node]) : concat([node, sibling])), leaf);
}

describe('tree of a zkSync batch', () => {
  it('gives the known roots', () => {
    expect(eraLocalRoot([])).toBe(EMPTY_ROOT);
    expect(eraLocalRoot([DEFAULT_LEAF])).toBe(EMPTY_ROOT);
    expect(eraAggregatedRoot(324)).toBe(AGGREGATED_MAINNET);
    expect(eraAggregatedRoot(300)).toBe(AGGREGATED_SEPOLIA);
  });

  it.each([1, 2, 3, 5, 64, 100])('proves every log of %i in 16 words', (count) => {
    const all = leaves(count);
    for (const [index, leaf] of all.entries()) {
      const proof = eraProof(all, index, 324);
      expect(proof).toHaveLength(16);
      expect(proof[0]).toBe(`0x010f0001${'00'.repeat(28)}`);
      expect(rootOf(leaf, index, proof.slice(1))).toBe(eraRoot(all, 324));
      expect(rootOf(leaf, index, proof.slice(1, 15))).toBe(eraLocalRoot(all));
    }
  });

  it('packs a log into 88 bytes', () => {
    const sender = '0x00000000000000000000000000000000000000aa';
    const log = messageLog({ txNumberInBatch: 258, sender, messageHash: keccak256('0x12') });
    expect(log).toEqual({ txNumberInBatch: 258, sender: L1_MESSENGER, key: padHex(sender, { size: 32 }), value: keccak256('0x12') });
    expect(eraLeaf(log)).toBe(keccak256(concat(['0x00010102', L1_MESSENGER, log.key, log.value])));
    const priority = priorityLog({ txNumberInBatch: 0, canonicalTxHash: keccak256('0x34'), success: true });
    expect(eraLeaf(priority)).toBe(keccak256(concat(['0x00010000', BOOTLOADER, keccak256('0x34'), padHex('0x01', { size: 32 })])));
    expect(priorityLog({ txNumberInBatch: 0, canonicalTxHash: keccak256('0x34'), success: false }).value).toBe(padHex('0x', { size: 32 }));
  });
});
