// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    COMMIT_TIMESTAMP_APPROXIMATION_DELTA,
    EMPTY_STRING_KECCAK,
    MAINNET_CHAIN_ID,
    MAINNET_COMMIT_TIMESTAMP_NOT_OLDER,
    PACKED_L2_BLOCK_TIMESTAMP_MASK,
    PUBLIC_INPUT_SHIFT,
    TESTNET_COMMIT_TIMESTAMP_NOT_OLDER
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    BatchHashMismatch,
    BatchNumberMismatch,
    CanOnlyProcessOneBatch,
    CantExecuteUnprovenBatches,
    CantRevertExecutedBatch,
    HashMismatch,
    InvalidProof,
    L2TimestampTooBig,
    NonIncreasingTimestamp,
    NonSequentialBatch,
    PriorityOperationsRollingHashMismatch,
    RevertedBatchNotAfterNewLastBatch,
    TimeNotReached,
    TimestampError,
    Unauthorized,
    ValueMismatch,
    VerifiedBatchesExceedsCommittedBatches
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { InteropRoot } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    CommitBasedInteropNotSupported,
    DependencyRootsRollingHashMismatch,
    InvalidBatchesDataLength,
    MessageRootIsZero,
    MismatchNumberOfLayer1Txs,
    ValL1DAWrongInputLength
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    IExecutor,
    SystemLogKey,
    TOTAL_BLOBS_IN_COMMITMENT
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    BatchDecoder
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/BatchDecoder.sol";
import {
    PriorityOpsBatchInfo,
    PriorityTree
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/PriorityTree.sol";

import { SystemLogs } from "./SystemLogs.sol";
import { UnprovenVerifier } from "./UnprovenVerifier.sol";
import { ZkSyncGetters } from "./ZkSyncGetters.sol";
import { ZkSyncMailbox } from "./ZkSyncMailbox.sol";

/// @title zkSync Era's chain contract on Ethereum (the diamond), local version: mailbox and batches
/// @notice For local chains only. ABI, events, hashes, fees, limits, errors and their order are those of the deployed contract.
/// There is neither a validity proof nor a data availability check: a validator is trusted for what they would bind (state root, root of the
/// L2→L1 logs, priority transactions with their results); see UnprovenVerifier. Still checked on chain: order of batches, that each step gets
/// the batch of the step before, and that the priority transactions that a batch claims are the next ones. A log is provable only after its
/// batch is executed. Roots of other chains' messages are refused: none is kept.
contract ZkSyncChain is ZkSyncGetters {
    using PriorityTree for PriorityTree.Tree;

    event ValidatorStatusUpdate(address indexed validatorAddress, bool isActive);

    /// @dev Seconds. The deployed contract too gives testnets more time.
    uint256 private immutable COMMIT_TIMESTAMP_NOT_OLDER =
        block.chainid == MAINNET_CHAIN_ID ? MAINNET_COMMIT_TIMESTAMP_NOT_OLDER : TESTNET_COMMIT_TIMESTAMP_NOT_OLDER;

    address public getAdmin;
    /// @notice Set once.
    address public getVerifier;
    mapping(address account => bool active) public isValidator;
    mapping(uint256 batchNumber => bytes32 batchHash) public storedBatchHash;

    modifier onlyValidator() {
        require(isValidator[msg.sender], Unauthorized(msg.sender));
        _;
    }

    /// @param chainId EVM chain id of the zkSync chain
    /// @param bridgehub must register this contract under `chainId`
    /// @param admin appoints validators
    constructor(uint256 chainId, address bridgehub, address admin) ZkSyncMailbox(chainId, bridgehub) {
        getAdmin = admin;
        getVerifier = address(new UnprovenVerifier());
        IExecutor.StoredBatchInfo memory genesis;
        genesis.priorityOperationsHash = EMPTY_STRING_KECCAK;
        storedBatchHash[0] = _hash(genesis);
    }

    /// @notice Older name.
    function storedBlockHash(uint256 batchNumber) external view returns (bytes32) {
        return storedBatchHash[batchNumber];
    }

    function setValidator(address validator, bool active) external {
        require(msg.sender == getAdmin, Unauthorized(msg.sender));
        isValidator[validator] = active;
        emit ValidatorStatusUpdate(validator, active);
    }

    /// @notice First step: fixes the next batch's contents. One batch a call.
    /// @param commitData `0x01 ‖ abi.encode(StoredBatchInfo lastCommitted, CommitBatchInfo[1])`
    function commitBatchesSharedBridge(address, uint256 processFrom, uint256 processTo, bytes calldata commitData)
        external
        onlyValidator
    {
        (IExecutor.StoredBatchInfo memory last, IExecutor.CommitBatchInfo[] memory batches) =
            BatchDecoder.decodeAndCheckCommitData(commitData, processFrom, processTo);
        require(batches.length == 1, CanOnlyProcessOneBatch());
        uint256 committed = getTotalBatchesCommitted;
        _requireStored(committed, last);

        IExecutor.StoredBatchInfo memory stored = _commit(last, batches[0]);
        storedBatchHash[stored.batchNumber] = _hash(stored);
        emit IExecutor.BlockCommit(stored.batchNumber, stored.batchHash, stored.commitment);
        getTotalBatchesCommitted = committed + 1;
    }

    /// @notice Second step. One batch a call.
    /// @param proofData `0x01 ‖ abi.encode(StoredBatchInfo previous, StoredBatchInfo[1], uint256[] proof)`
    function proveBatchesSharedBridge(address, uint256 processFrom, uint256 processTo, bytes calldata proofData)
        external
        onlyValidator
    {
        (
            IExecutor.StoredBatchInfo memory previous,
            IExecutor.StoredBatchInfo[] memory batches,
            uint256[] memory proof
        ) = BatchDecoder.decodeAndCheckProofData(proofData, processFrom, processTo);
        uint256 verified = getTotalBatchesVerified;
        _requireStored(verified, previous);
        uint256 last = verified;
        uint256[] memory inputs = new uint256[](batches.length);
        bytes32 commitment = previous.commitment;
        for (uint256 i; i < batches.length; ++i) {
            _requireStored(++last, batches[i]);
            inputs[i] = uint256(keccak256(abi.encodePacked(commitment, batches[i].commitment))) >> PUBLIC_INPUT_SHIFT;
            commitment = batches[i].commitment;
        }
        require(last <= getTotalBatchesCommitted, VerifiedBatchesExceedsCommittedBatches());
        require(inputs.length == 1, CanOnlyProcessOneBatch());
        require(UnprovenVerifier(getVerifier).verify(inputs, proof), InvalidProof());
        emit IExecutor.BlocksVerification(verified, last);
        getTotalBatchesVerified = last;
    }

    /// @notice Third step: consumes the batches' priority transactions and makes their logs provable.
    /// @param executeData `0x01 ‖ abi.encode(StoredBatchInfo[], PriorityOpsBatchInfo[], InteropRoot[][])`
    function executeBatchesSharedBridge(address, uint256 processFrom, uint256 processTo, bytes calldata executeData)
        external
        onlyValidator
    {
        (
            IExecutor.StoredBatchInfo[] memory batches,
            PriorityOpsBatchInfo[] memory priorityOps,
            InteropRoot[][] memory dependencies
        ) = BatchDecoder.decodeAndCheckExecuteData(executeData, processFrom, processTo);
        require(batches.length == priorityOps.length, InvalidBatchesDataLength(batches.length, priorityOps.length));
        uint256 executed = getTotalBatchesExecuted;
        for (uint256 i; i < batches.length; ++i) {
            _execute(batches[i], priorityOps[i], dependencies[i], executed + i + 1);
            emit IExecutor.BlockExecution(batches[i].batchNumber, batches[i].batchHash, batches[i].commitment);
        }
        getTotalBatchesExecuted = executed + batches.length;
        require(getTotalBatchesExecuted <= getTotalBatchesVerified, CantExecuteUnprovenBatches());
    }

    /// @notice Drops the batches above `newLastBatch` that are not executed.
    function revertBatchesSharedBridge(address, uint256 newLastBatch) external onlyValidator {
        require(newLastBatch <= getTotalBatchesCommitted, RevertedBatchNotAfterNewLastBatch());
        require(newLastBatch >= getTotalBatchesExecuted, CantRevertExecutedBatch());
        if (newLastBatch < getTotalBatchesVerified) getTotalBatchesVerified = newLastBatch;
        getTotalBatchesCommitted = newLastBatch;
        emit IExecutor.BlocksRevert(newLastBatch, getTotalBatchesVerified, getTotalBatchesExecuted);
    }

    function _commit(IExecutor.StoredBatchInfo memory last, IExecutor.CommitBatchInfo memory batch)
        private
        view
        returns (IExecutor.StoredBatchInfo memory stored)
    {
        uint64 next = last.batchNumber + 1;
        require(batch.batchNumber == next, BatchNumberMismatch(next, batch.batchNumber));
        bytes32[] memory logs = SystemLogs.read(batch.systemLogs);
        // The deployed chain asks a data availability contract. Like a validium's, it takes the hash of the state changes as it is told.
        uint256 length = batch.operatorDAInput.length;
        require(length == 32, ValL1DAWrongInputLength(length, 32));
        bytes32 hash = logs[uint256(SystemLogKey.PREV_BATCH_HASH_KEY)];
        require(hash == last.batchHash, HashMismatch(hash, last.batchHash));
        hash = logs[uint256(SystemLogKey.CHAINED_PRIORITY_TXN_HASH_KEY)];
        require(hash == batch.priorityOperationsHash, HashMismatch(hash, batch.priorityOperationsHash));
        uint256 count = uint256(logs[uint256(SystemLogKey.NUMBER_OF_LAYER_1_TXS_KEY)]);
        require(count == batch.numberOfLayer1Txs, ValueMismatch(count, batch.numberOfLayer1Txs));
        _requireTimestamp(
            uint256(logs[uint256(SystemLogKey.PACKED_BATCH_AND_L2_BLOCK_TIMESTAMP_KEY)]),
            batch.timestamp,
            last.timestamp
        );
        stored = IExecutor.StoredBatchInfo({
            batchNumber: next,
            batchHash: batch.newStateRoot,
            indexRepeatedStorageChanges: batch.indexRepeatedStorageChanges,
            numberOfLayer1Txs: batch.numberOfLayer1Txs,
            priorityOperationsHash: batch.priorityOperationsHash,
            dependencyRootsRollingHash: logs[uint256(SystemLogKey.MESSAGE_ROOT_ROLLING_HASH_KEY)],
            l2LogsTreeRoot: logs[uint256(SystemLogKey.L2_TO_L1_LOGS_TREE_ROOT_KEY)],
            timestamp: batch.timestamp,
            commitment: _commitmentOf(batch)
        });
    }

    /// @param packed timestamps of the batch (high half) and of its last block
    function _requireTimestamp(uint256 packed, uint256 timestamp, uint256 lastTimestamp) private view {
        uint256 batchTimestamp = packed >> 128;
        require(batchTimestamp == timestamp, TimestampError());
        require(lastTimestamp < batchTimestamp, NonIncreasingTimestamp());
        uint256 oldest = block.timestamp - COMMIT_TIMESTAMP_NOT_OLDER;
        require(batchTimestamp >= oldest, TimeNotReached(batchTimestamp, oldest));
        require(
            packed & PACKED_L2_BLOCK_TIMESTAMP_MASK <= block.timestamp + COMMIT_TIMESTAMP_APPROXIMATION_DELTA,
            L2TimestampTooBig()
        );
    }

    /// @dev What a validity proof would be about. No bytecode hashes: a local chain runs the EVM; no blobs.
    function _commitmentOf(IExecutor.CommitBatchInfo memory batch) private pure returns (bytes32) {
        bytes32 passThroughDataHash =
            keccak256(abi.encodePacked(batch.indexRepeatedStorageChanges, batch.newStateRoot, uint64(0), bytes32(0)));
        bytes32 metadataHash = keccak256(abi.encodePacked(false, bytes32(0), bytes32(0), bytes32(0)));
        bytes32 auxiliaryOutputHash = keccak256(
            abi.encodePacked(
                keccak256(batch.systemLogs),
                bytes32(batch.operatorDAInput),
                batch.bootloaderHeapInitialContentsHash,
                batch.eventsQueueStateHash,
                new bytes32[](2 * TOTAL_BLOBS_IN_COMMITMENT)
            )
        );
        return keccak256(abi.encode(passThroughDataHash, metadataHash, auxiliaryOutputHash));
    }

    function _execute(
        IExecutor.StoredBatchInfo memory batch,
        PriorityOpsBatchInfo memory priorityOps,
        InteropRoot[] memory dependencies,
        uint256 batchNumber
    ) private {
        bytes32[] memory hashes = priorityOps.itemHashes;
        require(
            hashes.length == batch.numberOfLayer1Txs, MismatchNumberOfLayer1Txs(batch.numberOfLayer1Txs, hashes.length)
        );
        bytes32 rollingHash = EMPTY_STRING_KECCAK;
        for (uint256 i; i < hashes.length; ++i) {
            rollingHash = keccak256(abi.encode(rollingHash, hashes[i]));
        }
        // No chain here imports messages of others, so nothing keeps a message root on Ethereum, and the hash of what a batch imports is 0.
        if (dependencies.length > 0) {
            require(dependencies[0].chainId == block.chainid, CommitBasedInteropNotSupported());
            revert MessageRootIsZero();
        }
        require(batch.batchNumber == batchNumber, NonSequentialBatch());
        _requireStored(batchNumber, batch);
        require(rollingHash == batch.priorityOperationsHash, PriorityOperationsRollingHashMismatch());
        bytes32 roots = batch.dependencyRootsRollingHash;
        require(roots == bytes32(0), DependencyRootsRollingHashMismatch(roots, bytes32(0)));
        _priorityTree.processBatch(priorityOps);
        l2LogsRootHash[batchNumber] = batch.l2LogsTreeRoot;
    }

    function _requireStored(uint256 batchNumber, IExecutor.StoredBatchInfo memory batch) private view {
        bytes32 expected = storedBatchHash[batchNumber];
        bytes32 actual = _hash(batch);
        require(expected == actual, BatchHashMismatch(expected, actual));
    }

    function _hash(IExecutor.StoredBatchInfo memory batch) private pure returns (bytes32) {
        return keccak256(abi.encode(batch));
    }
}
