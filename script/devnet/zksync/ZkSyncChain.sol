// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    COMMIT_TIMESTAMP_APPROXIMATION_DELTA,
    EMPTY_STRING_KECCAK,
    ETH_TOKEN_ADDRESS,
    TESTNET_COMMIT_TIMESTAMP_NOT_OLDER
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    BatchHashMismatch,
    BatchNumberMismatch,
    CantExecuteUnprovenBatches,
    CantRevertExecutedBatch,
    L2TimestampTooBig,
    NonIncreasingTimestamp,
    NonSequentialBatch,
    PriorityOperationsRollingHashMismatch,
    QueueIsEmpty,
    RevertedBatchNotAfterNewLastBatch,
    TimeNotReached,
    Unauthorized,
    VerifiedBatchesExceedsCommittedBatches
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";

import { ZkSyncMailbox } from "./ZkSyncMailbox.sol";

/// @title zkSync Era's chain contract on Ethereum (the diamond), local version: mailbox and batches
/// @notice For local chains only. The mailbox has the ABI, events, hashes, fees, limits and errors of the deployed contract.
/// Batches go through the same three steps with the same events behind shorter entry points, because there is neither a validity
/// proof nor a data availability check: a validator is trusted for what they would bind (state root, root of the L2→L1 logs).
/// Still checked on chain: order of batches, that each step gets the batch of the step before, and that the priority
/// transactions that a batch claims are the next ones of the queue. A log is provable only after its batch is executed.
contract ZkSyncChain is ZkSyncMailbox {
    /// @param newStateRoot becomes the batch's hash
    /// @param priorityOperationsHash `h = keccak256(abi.encode(h, canonicalTxHash))` over the batch's priority transactions, from keccak256("")
    /// @param l2LogsTreeRoot `keccak256(root of the 2^14 logs ‖ aggregated root)`
    struct CommitBatchInfo {
        uint64 batchNumber;
        uint64 timestamp;
        bytes32 newStateRoot;
        uint256 numberOfLayer1Txs;
        bytes32 priorityOperationsHash;
        bytes32 l2LogsTreeRoot;
    }

    event ValidatorStatusUpdate(address indexed validatorAddress, bool isActive);

    address public getAdmin;
    uint256 public getTotalBatchesCommitted;
    uint256 public getTotalBatchesVerified;
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
        storedBatchHash[0] = _hash(genesisBatch());
    }

    function setValidator(address validator, bool active) external {
        require(msg.sender == getAdmin, Unauthorized(msg.sender));
        isValidator[validator] = active;
        emit ValidatorStatusUpdate(validator, active);
    }

    /// @notice First step: fixes the next batch's contents. One batch a call, as on Era.
    function commitBatch(IExecutor.StoredBatchInfo calldata lastCommitted, CommitBatchInfo calldata batch)
        external
        onlyValidator
    {
        uint256 committed = getTotalBatchesCommitted;
        _requireStored(committed, lastCommitted);
        require(batch.batchNumber == committed + 1, BatchNumberMismatch(committed + 1, batch.batchNumber));
        require(batch.timestamp > lastCommitted.timestamp, NonIncreasingTimestamp());
        require(
            batch.timestamp + TESTNET_COMMIT_TIMESTAMP_NOT_OLDER >= block.timestamp,
            TimeNotReached(batch.timestamp, block.timestamp - TESTNET_COMMIT_TIMESTAMP_NOT_OLDER)
        );
        require(batch.timestamp <= block.timestamp + COMMIT_TIMESTAMP_APPROXIMATION_DELTA, L2TimestampTooBig());

        IExecutor.StoredBatchInfo memory stored = storedBatch(batch);
        storedBatchHash[committed + 1] = _hash(stored);
        getTotalBatchesCommitted = committed + 1;
        emit IExecutor.BlockCommit(stored.batchNumber, stored.batchHash, stored.commitment);
    }

    /// @notice Second step: on Era it carries the validity proof.
    function proveBatch(IExecutor.StoredBatchInfo calldata previous, IExecutor.StoredBatchInfo calldata batch)
        external
        onlyValidator
    {
        uint256 verified = getTotalBatchesVerified;
        _requireStored(verified, previous);
        require(verified < getTotalBatchesCommitted, VerifiedBatchesExceedsCommittedBatches());
        _requireStored(verified + 1, batch);
        getTotalBatchesVerified = verified + 1;
        emit IExecutor.BlocksVerification(verified, verified + 1);
    }

    /// @notice Third step: consumes the batch's priority transactions and makes its logs provable.
    function executeBatches(IExecutor.StoredBatchInfo[] calldata batches) external onlyValidator {
        uint256 executed = getTotalBatchesExecuted;
        for (uint256 i; i < batches.length; ++i) {
            IExecutor.StoredBatchInfo calldata batch = batches[i];
            require(batch.batchNumber == executed + 1, NonSequentialBatch());
            require(executed < getTotalBatchesVerified, CantExecuteUnprovenBatches());
            _requireStored(++executed, batch);
            require(
                _consumePriorityTransactions(batch.numberOfLayer1Txs) == batch.priorityOperationsHash,
                PriorityOperationsRollingHashMismatch()
            );
            l2LogsRootHash[executed] = batch.l2LogsTreeRoot;
            emit IExecutor.BlockExecution(executed, batch.batchHash, batch.commitment);
        }
        getTotalBatchesExecuted = executed;
    }

    /// @notice Drops the batches above `newLastBatch` that are not executed.
    function revertBatches(uint256 newLastBatch) external onlyValidator {
        require(newLastBatch <= getTotalBatchesCommitted, RevertedBatchNotAfterNewLastBatch());
        require(newLastBatch >= getTotalBatchesExecuted, CantRevertExecutedBatch());
        if (newLastBatch < getTotalBatchesVerified) getTotalBatchesVerified = newLastBatch;
        getTotalBatchesCommitted = newLastBatch;
        emit IExecutor.BlocksRevert(newLastBatch, getTotalBatchesVerified, getTotalBatchesExecuted);
    }

    /// @notice Batch 0, whose successor is the first that is committed.
    function genesisBatch() public pure returns (IExecutor.StoredBatchInfo memory batch) { }

    /// @notice What the contract remembers (as a hash) of a batch that is committed as `batch`.
    function storedBatch(CommitBatchInfo calldata batch) public pure returns (IExecutor.StoredBatchInfo memory stored) {
        stored = IExecutor.StoredBatchInfo({
            batchNumber: batch.batchNumber,
            batchHash: batch.newStateRoot,
            indexRepeatedStorageChanges: 0,
            numberOfLayer1Txs: batch.numberOfLayer1Txs,
            priorityOperationsHash: batch.priorityOperationsHash,
            dependencyRootsRollingHash: bytes32(0),
            l2LogsTreeRoot: batch.l2LogsTreeRoot,
            timestamp: batch.timestamp,
            commitment: keccak256(abi.encode(batch))
        });
    }

    function getBaseToken() external pure returns (address) {
        return ETH_TOKEN_ADDRESS;
    }

    function _consumePriorityTransactions(uint256 count) private returns (bytes32 rollingHash) {
        uint256 next = getFirstUnprocessedPriorityTx;
        require(next + count <= _priorityHashes.length, QueueIsEmpty());
        rollingHash = EMPTY_STRING_KECCAK;
        for (uint256 i; i < count; ++i) {
            rollingHash = keccak256(abi.encode(rollingHash, _priorityHashes[next + i]));
        }
        getFirstUnprocessedPriorityTx = next + count;
    }

    function _requireStored(uint256 batchNumber, IExecutor.StoredBatchInfo calldata batch) private view {
        bytes32 expected = storedBatchHash[batchNumber];
        bytes32 actual = _hash(batch);
        require(expected == actual, BatchHashMismatch(expected, actual));
    }

    function _hash(IExecutor.StoredBatchInfo memory batch) private pure returns (bytes32) {
        return keccak256(abi.encode(batch));
    }
}
