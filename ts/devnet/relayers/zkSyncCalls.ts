import { type Address, concat, decodeAbiParameters, encodeAbiParameters, encodePacked, type Hex, keccak256, numberToHex, parseAbiParameters, slice, stringToHex, zeroHash } from 'viem';
import { RollupError } from '../../base/errors.ts';
import { BOOTLOADER, L1_MESSENGER } from './eraTree.ts';

/** First byte of the data of all three calls. */
const ENCODING: Hex = '0x01';
const SYSTEM_CONTEXT: Address = '0x000000000000000000000000000000000000800b';
/** Bytes of a system log. */
const LOG_SIZE = 88;
/** Words that would say something of up to 16 blobs. */
const BLOB_WORDS = 32;

const STORED_END = 'bytes32 dependencyRootsRollingHash; bytes32 l2LogsTreeRoot; uint256 timestamp; bytes32 commitment;';
const COMMIT_END = 'bytes32 bootloaderHeapInitialContentsHash; bytes32 eventsQueueStateHash; bytes systemLogs; bytes operatorDAInput;';
const structs = [
  `struct StoredBatchInfo { uint64 batchNumber; bytes32 batchHash; uint64 indexRepeatedStorageChanges; uint256 numberOfLayer1Txs; bytes32 priorityOperationsHash; ${STORED_END} }`,
  `struct CommitBatchInfo { uint64 batchNumber; uint64 timestamp; uint64 indexRepeatedStorageChanges; bytes32 newStateRoot; uint256 numberOfLayer1Txs; bytes32 priorityOperationsHash; ${COMMIT_END} }`,
  'struct PriorityOpsBatchInfo { bytes32[] leftPath; bytes32[] rightPath; bytes32[] itemHashes; }',
  'struct InteropRoot { uint256 chainId; uint256 blockOrBatchNumber; bytes32[] sides; }',
] as const;
const storedParameters = parseAbiParameters([...structs, 'StoredBatchInfo info']);
const commitParameters = parseAbiParameters([...structs, 'StoredBatchInfo previous, CommitBatchInfo[] batches']);
const proveParameters = parseAbiParameters([...structs, 'StoredBatchInfo previous, StoredBatchInfo[] batches, uint256[] proof']);
const executeParameters = parseAbiParameters([...structs, 'StoredBatchInfo[] batches, PriorityOpsBatchInfo[] priorityOps, InteropRoot[][] dependencies']);

/** What the chain's contract remembers of a batch (`StoredBatchInfo`), as a hash. */
export interface BatchInfo {
  batchNumber: bigint;
  /** The hash of its last block, as the relayer commits it. */
  batchHash: Hex;
  indexRepeatedStorageChanges: bigint;
  numberOfLayer1Txs: bigint;
  priorityOperationsHash: Hex;
  dependencyRootsRollingHash: Hex;
  l2LogsTreeRoot: Hex;
  /** Seconds. */
  timestamp: bigint;
  commitment: Hex;
}

type CommitBatchInfo = ReturnType<typeof decodeAbiParameters<typeof commitParameters>>[1][number];

/** Arguments of commitBatchesSharedBridge, proveBatchesSharedBridge and executeBatchesSharedBridge: contract, first and last batch, data. */
type Call = readonly [Address, bigint, bigint, Hex];

/** Batch 0. */
export const GENESIS_BATCH: BatchInfo = {
  ...{ batchNumber: 0n, batchHash: zeroHash, indexRepeatedStorageChanges: 0n, numberOfLayer1Txs: 0n, priorityOperationsHash: keccak256('0x') },
  ...{ dependencyRootsRollingHash: zeroHash, l2LogsTreeRoot: zeroHash, timestamp: 0n, commitment: zeroHash },
};

export interface CommitParameters {
  diamond: Address;
  previous: BatchInfo;
  /** `timestamp` of the batch; `blockTimestamp` of its last block. */
  batch: Pick<BatchInfo, 'batchHash' | 'numberOfLayer1Txs' | 'priorityOperationsHash' | 'l2LogsTreeRoot' | 'timestamp'> & { blockTimestamp: bigint };
}

/** Commits the batch after `previous`. The system logs are those that zkSync's system contracts would leave. */
export function commitCall({ diamond, previous, batch }: CommitParameters): Call {
  const { batchHash, numberOfLayer1Txs, priorityOperationsHash, l2LogsTreeRoot, timestamp, blockTimestamp } = batch;
  const logs: [Address, Hex][] = [
    [L1_MESSENGER, l2LogsTreeRoot],
    [SYSTEM_CONTEXT, word((timestamp << 128n) | blockTimestamp)],
    [BOOTLOADER, priorityOperationsHash],
    [BOOTLOADER, word(numberOfLayer1Txs)],
    [SYSTEM_CONTEXT, previous.batchHash],
    // Nothing on zkSync validates data, imports messages of other chains or promises results of transactions.
    ...[L1_MESSENGER, L1_MESSENGER, BOOTLOADER, BOOTLOADER].map((sender): [Address, Hex] => [sender, zeroHash]),
  ];
  const info: CommitBatchInfo = {
    ...{ batchNumber: previous.batchNumber + 1n, timestamp, indexRepeatedStorageChanges: 0n, newStateRoot: batchHash, numberOfLayer1Txs, priorityOperationsHash },
    ...{ bootloaderHeapInitialContentsHash: zeroHash, eventsQueueStateHash: zeroHash },
    systemLogs: concat(logs.map(([sender, value], key) => encodePacked(['uint8', 'bool', 'uint16', 'address', 'bytes32', 'bytes32'], [0, true, 0, sender, word(BigInt(key)), value]))),
    operatorDAInput: keccak256(batchHash),
  };
  return [diamond, info.batchNumber, info.batchNumber, concat([ENCODING, encodeAbiParameters(commitParameters, [previous, [info]])])];
}

/** What the chain's contract keeps of a batch: `keccak256(abi.encode(StoredBatchInfo))`. */
export function storedHashOf(info: BatchInfo): Hex {
  return keccak256(encodeAbiParameters(storedParameters, [info]));
}

/** The batch that a commit made of its data. @throws RollupError when it is not one batch */
export function committedBatch(data: Hex): BatchInfo {
  const [, [info, ...more]] = decodeAbiParameters(commitParameters, slice(data, 1));
  if (info === undefined || more.length > 0) throw new RollupError('A commit does not hold one batch', { facts: { batches: more.length + (info === undefined ? 0 : 1) } });
  const { batchNumber, timestamp, indexRepeatedStorageChanges, newStateRoot, numberOfLayer1Txs, priorityOperationsHash, systemLogs } = info;
  return {
    ...{ batchNumber, batchHash: newStateRoot, indexRepeatedStorageChanges, numberOfLayer1Txs, priorityOperationsHash },
    ...{ dependencyRootsRollingHash: systemLog(systemLogs, 7n), l2LogsTreeRoot: systemLog(systemLogs, 0n), timestamp, commitment: commitmentOf(info) },
  };
}

/** Proves one batch with the one proof that the devnet's verifier (script/devnet/zksync/UnprovenVerifier.sol) takes, or another. */
export function proveCall({ diamond, previous, batch, proof }: { diamond: Address; previous: BatchInfo; batch: BatchInfo; proof?: bigint }): Call {
  const input = BigInt(keccak256(concat([previous.commitment, batch.commitment]))) >> 32n;
  const unproven = BigInt(keccak256(concat([stringToHex('unproven'), word(input)])));
  return [diamond, batch.batchNumber, batch.batchNumber, concat([ENCODING, encodeAbiParameters(proveParameters, [previous, [batch], [proof ?? unproven]])])];
}

export interface ExecuteParameters {
  diamond: Address;
  batch: BatchInfo;
  /** Canonical hashes of its priority transactions. */
  priorityHashes: readonly Hex[];
  /** Those of all batches before it. */
  earlier: readonly Hex[];
}

/** Executes one batch. Its priority transactions are shown in the tree as it was when it ended with them. */
export function executeCall({ diamond, batch, priorityHashes, earlier }: ExecuteParameters): Call {
  const all = [...earlier, ...priorityHashes];
  const [leftPath, rightPath] = priorityHashes.length === 0 ? [[], []] : priorityPaths(all, earlier.length, all.length - 1);
  const priorityOps = { leftPath, rightPath, itemHashes: priorityHashes };
  return [diamond, batch.batchNumber, batch.batchNumber, concat([ENCODING, encodeAbiParameters(executeParameters, [[batch], [priorityOps], [[]]])])];
}

/** Siblings of two leaves, from the leaves up, in a tree as high as its leaves need. Missing leaves are keccak256 of nothing. */
export function priorityPaths(leaves: readonly Hex[], left: number, right: number): [Hex[], Hex[]] {
  const paths: [Hex[], Hex[]] = [[], []];
  let level = leaves;
  let padding = keccak256('0x');
  for (let height = 0; level.length > 1; height++) {
    paths[0].push(level[(left >> height) ^ 1] ?? padding);
    paths[1].push(level[(right >> height) ^ 1] ?? padding);
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => keccak256(concat([level[2 * i] ?? padding, level[2 * i + 1] ?? padding])));
    padding = keccak256(concat([padding, padding]));
  }
  return paths;
}

/** What a validity proof would be about. */
function commitmentOf({ indexRepeatedStorageChanges, newStateRoot, systemLogs, operatorDAInput, bootloaderHeapInitialContentsHash, eventsQueueStateHash }: CommitBatchInfo): Hex {
  const passThrough = keccak256(encodePacked(['uint64', 'bytes32', 'uint64', 'bytes32'], [indexRepeatedStorageChanges, newStateRoot, 0n, zeroHash]));
  const metadata = keccak256(encodePacked(['bool', 'bytes32', 'bytes32', 'bytes32'], [false, zeroHash, zeroHash, zeroHash]));
  const blobs = Array.from({ length: BLOB_WORDS }, () => zeroHash);
  const auxiliary = keccak256(concat([keccak256(systemLogs), operatorDAInput, bootloaderHeapInitialContentsHash, eventsQueueStateHash, ...blobs]));
  return keccak256(concat([passThrough, metadata, auxiliary]));
}

/** Value of the system log with a key; zero without one. */
function systemLog(logs: Hex, key: bigint): Hex {
  for (let at = 0; at < (logs.length - 2) / 2; at += LOG_SIZE) if (BigInt(slice(logs, at + 24, at + 56)) === key) return slice(logs, at + 56, at + LOG_SIZE);
  return zeroHash;
}

function word(value: bigint): Hex {
  return numberToHex(value, { size: 32 });
}
