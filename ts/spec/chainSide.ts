import { encodeAbiParameters, parseAbiParameters } from 'viem';
import { RollupError } from '../base/errors.ts';
import { bigintToBytes, bytesToHex, concatBytes, concatHex, type Hex } from './hex.ts';
import { keccak256 } from './keccak.ts';
import type { Deposit, FullExitRequest, Operation, PublicOperation } from './operation.ts';
import { params } from './params.ts';
import { genesisFinalRoot } from './roots.ts';

/*
 * The structs of src/types/Block.sol and the formulas of src/FORMATS.md, "Chain side". Small integers are numbers (viem wants uint64 as
 * bigint: `BigInt(block.timestamp)`), uint256 is bigint.
 */

export interface StoredBlock {
  blockNumber: number;
  /** Priority requests of this chain that all blocks up to this one consume together. */
  priorityRequestsTotal: number;
  timestamp: number;
  finalRoot: bigint;
  onchainOpsHash: Hex;
  syncHash: Hex;
  proofInputsHash: Hex;
  syncHashesHash: Hex;
}

export interface SegmentData {
  chainIndex: number;
  rootIn: bigint;
  rootOut: bigint;
  legsIn: bigint;
  legsOut: bigint;
  c1: bigint;
  c2: bigint;
  onchainData: Hex;
  l2Data: Hex;
}

export interface PrimaryBlock {
  blockNumber: number;
  timestamp: number;
  finalRoot: bigint;
  joinC1: bigint;
  segments: SegmentData[];
}

export interface SecondaryBlock {
  blockNumber: number;
  timestamp: number;
  finalRoot: bigint;
  onchainData: Hex;
}

export interface ExecuteBlock {
  stored: StoredBlock;
  onchainData: Hex;
}

type Pair = readonly [bigint, bigint];

export interface Proof {
  a: Pair;
  b: readonly [Pair, Pair];
  c: Pair;
}

export type SegmentInputs = readonly [c1: bigint, c2: bigint, r: bigint, y1: bigint, y2: bigint];
export type JoinInputs = readonly [c1: bigint, r: bigint, y1: bigint];

export interface BlockProof {
  segmentInputs: SegmentInputs[];
  joinInputs: JoinInputs;
  segmentProofs: Proof[];
  joinProof: Proof;
}

/** Where a chain's rollup contract stands: src/types/Mode.sol, in its order. */
export const MODES = ['running', 'stopped', 'halted'] as const;
export type Mode = (typeof MODES)[number];

export const ZERO_HASH: Hex = `0x${'00'.repeat(32)}`;

const STORED_BLOCK = parseAbiParameters([
  'StoredBlock stored',
  'struct StoredBlock { uint32 blockNumber; uint64 priorityRequestsTotal; uint64 timestamp; uint256 finalRoot; bytes32 onchainOpsHash; bytes32 syncHash; bytes32 proofInputsHash; bytes32 syncHashesHash; }',
]);
const SYNC_HASH = parseAbiParameters('bytes32 previous, uint32 blockNumber, uint64 timestamp, uint256 finalRoot, bytes32 onchainOpsHash');
const GENESIS_SYNC_HASH = parseAbiParameters('uint256 deploymentId, uint8 chainIndex');
const PROOF_INPUTS = parseAbiParameters('uint256[5][] segmentInputs, uint256[3] joinInputs');
const SYNC_HASHES = parseAbiParameters('bytes32[] syncHashes');
const DEPLOYMENT = parseAbiParameters('string name, uint256 arbitratorChainId, address arbitrator');

/** Identifies a deployment; 248 bits, so that it is a field element. */
export function deploymentIdOf({ name, arbitratorChainId, arbitrator }: { name: string; arbitratorChainId: number; arbitrator: Hex }): bigint {
  return BigInt(keccak256(encodeAbiParameters(DEPLOYMENT, [name, BigInt(arbitratorChainId), arbitrator]))) >> 8n;
}

/** A request of a chain's priority queue. */
export type PriorityRequest = Omit<Deposit, 'leafIndex'> | FullExitRequest;

export function priorityRequestHash(request: PriorityRequest): Hex {
  const { bits } = params;
  const field = (value: bigint, fieldBits: number): Uint8Array => bigintToBytes(value, fieldBits / 8);
  const parts =
    request.type === 'deposit'
      ? [
          Uint8Array.of(params.opcodes.deposit),
          field(request.token, bits.token),
          field(request.owner, bits.owner),
          field(request.amount, bits.balance),
          field(request.keyX, 256),
          field(request.keyY, 256),
        ]
      : [
          Uint8Array.of(params.opcodes.fullExit),
          field(BigInt(request.leafIndex), bits.leafIndex),
          field(request.owner, bits.owner),
          field(request.least, bits.balance),
        ];
  return keccak256(concatBytes(parts));
}

/** The 27 bytes of a request's hash that the queue keeps. */
export function queuedRequestHash(request: PriorityRequest): Hex {
  return `0x${priorityRequestHash(request).slice(2, 2 + 54)}`;
}

/** Priority requests that operations consume, in order. */
export function priorityRequestsOf(operations: readonly (Operation | PublicOperation)[]): PriorityRequest[] {
  return operations.flatMap((operation): PriorityRequest[] => {
    if (operation.type === 'deposit') {
      const { leafIndex: _, ...request } = operation;
      return [request];
    }
    if (operation.type === 'fullExit') {
      const { type, leafIndex, owner, least } = operation;
      return [{ type, leafIndex, owner, least }];
    }
    return [];
  });
}

/** @param onchainData the on-chain bytes of one chain's segments in a block, in order */
export function onchainOpsHash(onchainData: readonly Hex[]): Hex {
  return keccak256(concatHex(onchainData));
}

export function syncHash(block: { previous: Hex; blockNumber: number; timestamp: number; finalRoot: bigint; onchainOpsHash: Hex }): Hex {
  return keccak256(
    encodeAbiParameters(SYNC_HASH, [block.previous, block.blockNumber, BigInt(block.timestamp), block.finalRoot, block.onchainOpsHash]),
  );
}

/** A chain's sync hash of block 0. */
export function genesisSyncHash(deploymentId: bigint, chainIndex: number): Hex {
  return keccak256(encodeAbiParameters(GENESIS_SYNC_HASH, [deploymentId, chainIndex]));
}

/** Every chain's sync hash of block 0, in order of chain index. */
export function genesisSyncHashes(deploymentId: bigint, chainCount: number): Hex[] {
  return Array.from({ length: chainCount }, (_, chainIndex) => genesisSyncHash(deploymentId, chainIndex));
}

export function syncHashesHash(syncHashes: readonly Hex[]): Hex {
  return keccak256(encodeAbiParameters(SYNC_HASHES, [syncHashes]));
}

export function proofInputsHash(segmentInputs: readonly SegmentInputs[], joinInputs: JoinInputs): Hex {
  return keccak256(encodeAbiParameters(PROOF_INPUTS, [segmentInputs, joinInputs]));
}

export function storedBlockHash(block: StoredBlock): Hex {
  return keccak256(encodeAbiParameters(STORED_BLOCK, [{ ...block, priorityRequestsTotal: BigInt(block.priorityRequestsTotal), timestamp: BigInt(block.timestamp) }]));
}

export interface GenesisParameters {
  deploymentId: bigint;
  chainIndex: number;
  chainCount: number;
  role: 'primary' | 'secondary';
}

/** Block 0 as a chain's contract holds it from its deployment on. */
export function genesisStoredBlock({ deploymentId, chainIndex, chainCount, role }: GenesisParameters): StoredBlock {
  if (chainIndex >= chainCount || chainCount > params.chains) {
    throw new RollupError('Chain index is not in the topology', { facts: { chainIndex, chainCount, maximum: params.chains } });
  }
  return {
    blockNumber: 0,
    priorityRequestsTotal: 0,
    timestamp: 0,
    finalRoot: genesisFinalRoot,
    onchainOpsHash: keccak256(bytesToHex(new Uint8Array(0))),
    syncHash: genesisSyncHash(deploymentId, chainIndex),
    proofInputsHash: ZERO_HASH,
    syncHashesHash: role === 'primary' ? syncHashesHash(genesisSyncHashes(deploymentId, chainCount)) : ZERO_HASH,
  };
}
