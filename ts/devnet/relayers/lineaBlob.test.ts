import { concat, keccak256, toHex, zeroHash } from 'viem';
import { describe, expect, it } from 'vitest';
import { constantBlob } from './lineaBlob.ts';
import { type FinalizationData, publicInput, shnarfOf, unprovenProof } from './lineaPublicInput.ts';

describe('blob of one word', () => {
  it('says it 4096 times, less the last byte', () => {
    const { blob, claim, proof } = constantBlob(keccak256('0x01'));
    expect(blob.length).toBe(2 + 2 * 131_072);
    expect(claim).toBe(BigInt(keccak256('0x01')) >> 8n);
    expect(BigInt(blob.slice(0, 66))).toBe(claim);
    expect(proof).toBe(`0xc0${'00'.repeat(47)}`);
  });

  it('is committed to like the blob of zeros that every client knows', () => {
    expect(constantBlob(zeroHash)).toMatchObject({ commitment: `0xc0${'00'.repeat(47)}`, versionedHash: '0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014' });
  });
});

describe('public input of a finalization', () => {
  const zeros = { parentShnarf: zeroHash, snarkHash: zeroHash, finalStateRootHash: zeroHash, dataEvaluationPoint: zeroHash, dataEvaluationClaim: zeroHash };
  const data: FinalizationData = {
    ...{ parentStateRootHash: zeroHash, endBlockNumber: 0n, shnarfData: zeros, lastFinalizedTimestamp: 0n, finalTimestamp: 0n },
    ...{ lastFinalizedL1RollingHash: zeroHash, l1RollingHash: zeroHash, lastFinalizedL1RollingHashMessageNumber: 0n, l1RollingHashMessageNumber: 0n },
    ...{ l2MerkleTreesDepth: 0n, lastFinalizedForcedTransactionNumber: 0n, finalForcedTransactionNumber: 0n, lastFinalizedForcedTransactionRollingHash: zeroHash },
    ...{ l2MerkleRoots: [], filteredAddresses: [], l2MessagingBlocksOffsets: '0x' },
  };
  const rest = { lastShnarf: zeroHash, lastBlock: 0n, forcedTransactionRollingHash: zeroHash, chainConfiguration: zeroHash };

  it('hashes eighteen words', () => {
    const words = [zeroHash, shnarfOf(zeros), ...Array.from({ length: 13 }, () => zeroHash), keccak256('0x'), zeroHash, keccak256('0x')];
    const field = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
    expect(publicInput({ data, ...rest })).toBe(BigInt(keccak256(concat(words))) % field);
  });

  it('changes with everything that a proof binds', () => {
    const address = '0x0000000000000000000000000000000000000001';
    const one = toHex(1n, { size: 32 });
    const changes: Partial<FinalizationData>[] = [
      ...[{ endBlockNumber: 1n }, { finalTimestamp: 1n }, { l1RollingHash: one }, { l2MerkleTreesDepth: 1n }, { l2MerkleRoots: [one] }],
      ...[{ filteredAddresses: [address] as const }, { shnarfData: { ...zeros, snarkHash: one } }],
    ];
    const inputs = [data, ...changes.map((change) => ({ ...data, ...change }))].map((changed) => publicInput({ data: changed, ...rest }));
    expect(new Set(inputs).size).toBe(changes.length + 1);
    expect(unprovenProof(1n)).not.toBe(unprovenProof(2n));
  });
});
