import { describe, expect, it } from 'vitest';
import { depositOf, testUser } from '../test/users.ts';
import {
  deploymentIdOf,
  genesisStoredBlock,
  genesisSyncHash,
  genesisSyncHashes,
  onchainOpsHash,
  priorityRequestHash,
  priorityRequestsOf,
  proofInputsHash,
  queuedRequestHash,
  storedBlockHash,
  syncHash,
  syncHashesHash,
  ZERO_HASH,
  type StoredBlock,
} from './chainSide.ts';
import { isFieldElement } from './field.ts';
import { bigintToHex, concatHex, type Hex } from './hex.ts';
import { keccak256 } from './keccak.ts';
import { genesisFinalRoot } from './roots.ts';

/** abi.encode of static values, by hand. */
function words(...values: (bigint | number | Hex)[]): Hex {
  return concatHex(values.map((value) => (typeof value === 'string' ? value : bigintToHex(BigInt(value), 32))));
}

const HASH: Hex = `0x${'ab'.repeat(32)}`;
const EMPTY_HASH: Hex = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

describe('chain side', () => {
  it('hashes priority requests as the queue does', () => {
    const alice = testUser('alice');
    const deposit = depositOf(alice, { leafIndex: 9, token: 2n, amount: 77n });
    const { leafIndex: _, ...request } = deposit;
    const { owner, keyX, keyY } = deposit;
    const bytes = concatHex(['0x01', bigintToHex(2n, 4), bigintToHex(owner, 20), bigintToHex(77n, 16), bigintToHex(keyX, 32), bigintToHex(keyY, 32)]);
    expect(priorityRequestHash(request)).toBe(keccak256(bytes));
    expect(queuedRequestHash(request)).toBe(keccak256(bytes).slice(0, 56));

    const exit = { type: 'fullExit', leafIndex: 0x010203, owner, least: 5n } as const;
    expect(priorityRequestHash(exit)).toBe(keccak256(concatHex(['0x02', '0x010203', bigintToHex(owner, 20), bigintToHex(5n, 16)])));
    expect(priorityRequestsOf([deposit, { type: 'noop' }, { ...exit, token: 1n, amount: 5n, shares: 2n }])).toEqual([request, exit]);
  });

  it('chains sync hashes from block 0', () => {
    expect(genesisSyncHash(5n, 2)).toBe(keccak256(words(5n, 2)));
    expect(genesisSyncHashes(5n, 3)[2]).toBe(genesisSyncHash(5n, 2));
    expect(syncHash({ previous: HASH, blockNumber: 3, timestamp: 4, finalRoot: 5n, onchainOpsHash: EMPTY_HASH })).toBe(keccak256(words(HASH, 3, 4, 5n, EMPTY_HASH)));
    expect(syncHashesHash([HASH, ZERO_HASH])).toBe(keccak256(words(32, 2, HASH, ZERO_HASH)));
    expect(onchainOpsHash([])).toBe(EMPTY_HASH);
    expect(onchainOpsHash(['0x01', '0x02'])).toBe(keccak256('0x0102'));
  });

  it('hashes stored blocks and proof inputs as Solidity encodes them', () => {
    const block: StoredBlock = {
      blockNumber: 1,
      priorityRequestsTotal: 2,
      timestamp: 3,
      finalRoot: 4n,
      onchainOpsHash: EMPTY_HASH,
      syncHash: HASH,
      proofInputsHash: ZERO_HASH,
      syncHashesHash: HASH,
    };
    expect(storedBlockHash(block)).toBe(keccak256(words(1, 2, 3, 4n, EMPTY_HASH, HASH, ZERO_HASH, HASH)));
    expect(proofInputsHash([[1n, 2n, 3n, 4n, 5n]], [6n, 7n, 8n])).toBe(keccak256(words(4 * 32, 6n, 7n, 8n, 1, 1n, 2n, 3n, 4n, 5n)));
  });

  it('describes block 0 of a primary and of a secondary', () => {
    const topology = { deploymentId: 5n, chainCount: 3 };
    expect(genesisStoredBlock({ ...topology, chainIndex: 1, role: 'secondary' })).toEqual({
      blockNumber: 0,
      priorityRequestsTotal: 0,
      timestamp: 0,
      finalRoot: genesisFinalRoot,
      onchainOpsHash: EMPTY_HASH,
      syncHash: genesisSyncHash(5n, 1),
      proofInputsHash: ZERO_HASH,
      syncHashesHash: ZERO_HASH,
    });
    expect(genesisStoredBlock({ ...topology, chainIndex: 0, role: 'primary' }).syncHashesHash).toBe(syncHashesHash(genesisSyncHashes(5n, 3)));
    expect(() => genesisStoredBlock({ ...topology, chainIndex: 3, role: 'secondary' })).toThrow('not in the topology');
  });

  it('gives deployments ids that are field elements and differ', () => {
    const arbitrator: Hex = `0x${'11'.repeat(20)}`;
    const id = deploymentIdOf({ name: 'devnet', arbitratorChainId: 1, arbitrator });
    expect(isFieldElement(id) && id < 1n << 248n).toBe(true);
    expect(deploymentIdOf({ name: 'devnet', arbitratorChainId: 2, arbitrator })).not.toBe(id);
    const name = concatHex([bigintToHex(6n, 32), `0x${Buffer.from('devnet').toString('hex').padEnd(64, '0')}`]);
    expect(id).toBe(BigInt(keccak256(concatHex([words(96, 1), bigintToHex(BigInt(arbitrator), 32), name]))) >> 8n);
  });
});
