// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { stdError } from "forge-std/Test.sol";

import {
    BatchHashMismatch,
    CantExecuteUnprovenBatches,
    CantRevertExecutedBatch,
    EmptyData,
    IncorrectBatchBounds,
    MerkleIndexOrHeightMismatch,
    MerklePathEmpty,
    MerklePathLengthMismatch,
    MerklePathOutOfBounds,
    NonSequentialBatch,
    PriorityOperationsRollingHashMismatch,
    RevertedBatchNotAfterNewLastBatch,
    UnsupportedExecuteBatchEncoding
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { InteropRoot } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    CommitBasedInteropNotSupported,
    DependencyRootsRollingHashMismatch,
    InvalidBatchesDataLength,
    MessageRootIsZero,
    MismatchNumberOfLayer1Txs,
    NotHistoricalRoot
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    PriorityOpsBatchInfo
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/PriorityTree.sol";

import { EraBatches } from "../../utils/EraBatches.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice The third step of batches, what it consumes, and how batches are taken back before it.
contract ZkSyncExecutionTest is EraBatches {
    // ── several batches ───────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_execute_takesSeveralBatches() public {
        bytes32[] memory hashes = _priorities(3);
        IExecutor.StoredBatchInfo[] memory batches = new IExecutor.StoredBatchInfo[](3);
        batches[0] = _commitAndProve(_slice(hashes, 0, 2));
        batches[1] = _commitAndProve(none);
        batches[2] = _commitAndProve(_slice(hashes, 2, 1));
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](3);
        operations[0] = _priorityOps(hashes, 0, 2);
        operations[2] = _priorityOps(hashes, 2, 1);
        bytes memory data = _executeCall(batches, operations);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit(address(eraChain));
            emit IExecutor.BlockExecution(i + 1, batches[i].batchHash, batches[i].commitment);
        }
        this.execute(1, 3, data);
        assertEq(eraChain.getTotalBatchesExecuted(), 3, "executed");
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 3, "consumed");
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(eraChain.l2LogsRootHash(i + 1), EraTree.batchRoot(_logs(1), ERA_CHAIN_ID), "root");
        }
    }

    function test_RevertWhen_OnlyTheFirstOfTwoIsProved() public {
        bytes32[] memory hashes = _priorities(1);
        IExecutor.StoredBatchInfo memory first = _commitAndProve(hashes);
        IExecutor.StoredBatchInfo memory second = _commit(_commitData(_logs(1), none));
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](2);
        operations[0] = _priorityOps(hashes, 0, 1);
        bytes memory data = _executeCall(_pair(first, second), operations);
        vm.expectRevert(CantExecuteUnprovenBatches.selector);
        this.execute(1, 2, data);
        _requireNoneExecuted();
        _execute(first, hashes);
        assertEq(eraChain.getTotalBatchesExecuted(), 1, "alone it is executed");
    }

    function test_RevertWhen_TheSecondIsNotTheNext() public {
        IExecutor.StoredBatchInfo memory first = _commitAndProve(none);
        IExecutor.StoredBatchInfo memory second = _commitAndProve(none);
        IExecutor.StoredBatchInfo memory third = _commitAndProve(none);
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](2);
        bytes memory data = _executeCall(_pair(first, third), operations);
        vm.expectRevert(NonSequentialBatch.selector);
        this.execute(1, 3, data);
        data = _executeCall(_pair(first, first), operations);
        vm.expectRevert(NonSequentialBatch.selector);
        this.execute(1, 1, data);
        data = _executeCall(_pair(second, first), operations);
        vm.expectRevert(NonSequentialBatch.selector);
        this.execute(2, 1, data);
        _requireNoneExecuted();
    }

    // ── encoding ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_EncodingOrBoundsAreWrong() public {
        IExecutor.StoredBatchInfo memory batch = _commitAndProve(none);
        vm.expectRevert(EmptyData.selector);
        this.execute(1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(UnsupportedExecuteBatchEncoding.selector, 0));
        this.execute(1, 1, hex"00");
        bytes memory data = _executeCall(new IExecutor.StoredBatchInfo[](0), new PriorityOpsBatchInfo[](0));
        vm.expectRevert(EmptyData.selector);
        this.execute(1, 1, data);
        data = _executeCall(batch, none);
        vm.expectRevert(abi.encodeWithSelector(IncorrectBatchBounds.selector, 1, 2, 1, 1));
        this.execute(1, 2, data);
        vm.expectRevert(abi.encodeWithSelector(IncorrectBatchBounds.selector, 0, 1, 1, 1));
        this.execute(0, 1, data);
        data = _executeCall(_list(batch), new PriorityOpsBatchInfo[](2));
        vm.expectRevert(abi.encodeWithSelector(InvalidBatchesDataLength.selector, 1, 2));
        this.execute(1, 1, data);
    }

    function test_RevertWhen_DependenciesAreFewerThanBatches() public {
        IExecutor.StoredBatchInfo[] memory two = _pair(_commitAndProve(none), _commitAndProve(none));
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](2);
        for (uint256 count = 0; count < 2; ++count) {
            bytes memory few = bytes.concat(hex"01", abi.encode(two, operations, new InteropRoot[][](count)));
            vm.expectRevert(stdError.indexOOBError);
            this.execute(1, 2, few);
        }
        _requireNoneExecuted();
        // Too many are not looked at.
        this.execute(1, 2, bytes.concat(hex"01", abi.encode(two, operations, new InteropRoot[][](3))));
        assertEq(eraChain.getTotalBatchesExecuted(), 2, "executed");
    }

    // ── roots of other chains' messages ───────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_RootsOfOtherChainsAreImported() public {
        IExecutor.StoredBatchInfo memory batch = _commitAndProve(none);
        // Before the order of batches is looked at.
        batch.batchNumber = 2;
        InteropRoot[][] memory dependencies = new InteropRoot[][](1);
        dependencies[0] = new InteropRoot[](2);
        dependencies[0][0].chainId = ERA_CHAIN_ID;
        bytes memory data = bytes.concat(hex"01", abi.encode(_list(batch), new PriorityOpsBatchInfo[](1), dependencies));
        vm.expectRevert(CommitBasedInteropNotSupported.selector);
        this.execute(2, 2, data);
        (dependencies[0][0].chainId, dependencies[0][1].chainId) = (block.chainid, ERA_CHAIN_ID);
        data = bytes.concat(hex"01", abi.encode(_list(batch), new PriorityOpsBatchInfo[](1), dependencies));
        vm.expectRevert(MessageRootIsZero.selector);
        this.execute(2, 2, data);
        // After the number of priority transactions.
        batch.numberOfLayer1Txs = 1;
        data = bytes.concat(hex"01", abi.encode(_list(batch), new PriorityOpsBatchInfo[](1), dependencies));
        vm.expectRevert(abi.encodeWithSelector(MismatchNumberOfLayer1Txs.selector, 1, 0));
        this.execute(2, 2, data);
    }

    function test_RevertWhen_BatchSaysThatItImportedRoots() public {
        bytes32[] memory hashes = _priorities(2);
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), hashes);
        bytes32 imported = keccak256("roots");
        _setLog(info, 7, imported);
        IExecutor.StoredBatchInfo memory batch = _commit(info);
        assertEq(batch.dependencyRootsRollingHash, imported, "log 7 is kept");
        _prove(batch);
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](1);
        operations[0] = _priorityOps(hashes, 0, 2);
        bytes memory refusal = abi.encodeWithSelector(DependencyRootsRollingHashMismatch.selector, imported, bytes32(0));
        bytes memory data = _executeCall(_list(batch), operations);
        vm.expectRevert(refusal);
        this.execute(1, 1, data);
        // Before the paths of the priority transactions, after their hash.
        operations[0].leftPath = new bytes32[](9);
        data = _executeCall(_list(batch), operations);
        vm.expectRevert(refusal);
        this.execute(1, 1, data);
        (hashes[0], hashes[1]) = (hashes[1], hashes[0]);
        operations[0].itemHashes = hashes;
        data = _executeCall(_list(batch), operations);
        vm.expectRevert(PriorityOperationsRollingHashMismatch.selector);
        this.execute(1, 1, data);
    }

    // ── refusals of one batch ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ExecutingUnprovedTamperedOrOutOfOrder() public {
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(_logs(1), none));
        bytes memory right = _executeCall(batch, none);
        vm.expectRevert(CantExecuteUnprovenBatches.selector);
        this.execute(1, 1, right);
        _prove(batch);
        bytes32 root = batch.l2LogsTreeRoot;
        batch.l2LogsTreeRoot = keccak256("forged");
        bytes memory data = _executeCall(batch, none);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        this.execute(1, 1, data);
        batch.l2LogsTreeRoot = root;
        batch.batchNumber = 2;
        data = _executeCall(batch, none);
        vm.expectRevert(NonSequentialBatch.selector);
        this.execute(2, 2, data);
        this.execute(1, 1, right);
        vm.expectRevert(NonSequentialBatch.selector);
        this.execute(1, 1, right);
    }

    // ── priority transactions ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_execute_consumesPriorityTransactionsInOrder() public {
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (_priority(), _priority());
        assertEq(eraChain.getPriorityTreeRoot(), keccak256(abi.encodePacked(hashes[0], hashes[1])), "tree of two");
        bytes32 third = _priority();
        _sealBatch(_logs(0), hashes);
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 2, "two are done");
        assertEq(eraChain.getPriorityQueueSize(), 1, "one waits");
        bytes32[] memory last = new bytes32[](1);
        last[0] = third;
        _sealBatch(_logs(0), last);
        assertEq(eraChain.getPriorityQueueSize(), 0, "none waits");
    }

    function test_RevertWhen_BatchClaimsOtherPriorityTransactions() public {
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[1], hashes[0]) = (_priority(), _priority());
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(_logs(0), hashes));
        _prove(batch);
        bytes memory data = _executeCall(batch, hashes);
        vm.expectPartialRevert(NotHistoricalRoot.selector);
        this.execute(1, 1, data);
        data = _executeCall(batch, none);
        vm.expectRevert(abi.encodeWithSelector(MismatchNumberOfLayer1Txs.selector, 2, 0));
        this.execute(1, 1, data);
        (hashes[0], hashes[1]) = (hashes[1], hashes[0]);
        data = _executeCall(batch, hashes);
        vm.expectRevert(PriorityOperationsRollingHashMismatch.selector);
        this.execute(1, 1, data);
    }

    function test_execute_takesPathsOfTheTreeAsItIsNow() public {
        bytes32[] memory hashes = _priorities(5);
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](1);
        IExecutor.StoredBatchInfo memory first = _commitAndProve(_slice(hashes, 0, 2));
        operations[0] = _priorityOps(hashes, 0, 2);
        assertEq(operations[0].leftPath.length, 3, "higher than two transactions need");
        bytes memory data = _executeCall(_list(first), operations);
        this.execute(1, 1, data);
        // In the tree as it was with four.
        IExecutor.StoredBatchInfo memory second = _commitAndProve(_slice(hashes, 2, 1));
        operations[0] = _priorityOps(_slice(hashes, 0, 4), 2, 1);
        data = _executeCall(_list(second), operations);
        this.execute(2, 2, data);
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 3, "consumed");
        // Not in one that never was: with another fifth.
        IExecutor.StoredBatchInfo memory third = _commitAndProve(_slice(hashes, 3, 1));
        hashes[4] = keccak256("other");
        operations[0] = _priorityOps(hashes, 3, 1);
        data = _executeCall(_list(third), operations);
        vm.expectPartialRevert(NotHistoricalRoot.selector);
        this.execute(3, 3, data);
    }

    function test_RevertWhen_PathsHaveTheWrongLength() public {
        bytes32[] memory hashes = _priorities(3);
        IExecutor.StoredBatchInfo memory batch = _commitAndProve(hashes);
        _requireRefusedPaths(
            batch, hashes, [uint256(3), 2], abi.encodeWithSelector(MerklePathLengthMismatch.selector, 3, 2)
        );
        _requireRefusedPaths(batch, hashes, [uint256(0), 0], abi.encodeWithSelector(MerklePathEmpty.selector));
        _requireRefusedPaths(
            batch, hashes, [uint256(1), 1], abi.encodeWithSelector(MerkleIndexOrHeightMismatch.selector)
        );
        _requireRefusedPaths(batch, hashes, [uint256(256), 256], abi.encodeWithSelector(MerklePathOutOfBounds.selector));
        _requireNoneExecuted();
    }

    // ── taking back ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_revertBatches_dropsWhatIsNotExecuted() public {
        _sealBatch(_logs(1), none);
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(_logs(2), none));
        _prove(batch);
        vm.startPrank(batcher);
        vm.expectRevert(RevertedBatchNotAfterNewLastBatch.selector);
        eraChain.revertBatchesSharedBridge(address(eraChain), 3);
        vm.expectRevert(CantRevertExecutedBatch.selector);
        eraChain.revertBatchesSharedBridge(address(eraChain), 0);
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlocksRevert(1, 1, 1);
        eraChain.revertBatchesSharedBridge(address(eraChain), 1);
        vm.stopPrank();
        _sealBatch(_logs(3), none);
        assertEq(eraChain.getTotalBatchesExecuted(), 2, "committed anew");
    }

    function test_revertBatches_keepsPriorityTransactionsForAnotherSplit() public {
        bytes32[] memory hashes = _priorities(4);
        _sealBatch(_logs(0), _slice(hashes, 0, 1));
        IExecutor.StoredBatchInfo memory executed = lastBatch;
        IExecutor.StoredBatchInfo memory dropped = _commitAndProve(_slice(hashes, 1, 2));
        lastBatch = _commit(_commitData(_logs(2), _slice(hashes, 3, 1)));
        bytes32 root = eraChain.getPriorityTreeRoot();
        _revertTo(1);
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 1, "as before");
        assertEq(eraChain.getPriorityQueueSize(), 3, "all wait");
        assertEq(eraChain.getPriorityTreeRoot(), root, "tree");

        lastBatch = executed;
        IExecutor.StoredBatchInfo memory second = _commitAndProve(_slice(hashes, 1, 1));
        IExecutor.StoredBatchInfo memory third = _commitAndProve(_slice(hashes, 2, 2));
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](1);
        operations[0] = _priorityOps(hashes, 1, 2);
        bytes memory data = _executeCall(_list(dropped), operations);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        this.execute(2, 2, data);
        operations = new PriorityOpsBatchInfo[](2);
        operations[0] = _priorityOps(hashes, 1, 1);
        operations[1] = _priorityOps(hashes, 2, 2);
        this.execute(2, 3, _executeCall(_pair(second, third), operations));
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 4, "all are done");
    }

    function test_revertBatches_keepsWhatIsProvedBelow() public {
        _commitAndProve(none);
        lastBatch = _commit(_commitData(_logs(1), none));
        lastBatch = _commit(_commitData(_logs(1), none));
        // To the last one: nothing is dropped. Then above what is proved, then to it.
        for (uint256 last = 3; last > 0; --last) {
            vm.expectEmit(address(eraChain));
            emit IExecutor.BlocksRevert(last, 1, 0);
            _revertTo(last);
            assertEq(eraChain.getTotalBatchesCommitted(), last, "committed");
            assertEq(eraChain.getTotalBatchesVerified(), 1, "proved");
        }
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlocksRevert(0, 0, 0);
        _revertTo(0);
    }

    function _requireRefusedPaths(
        IExecutor.StoredBatchInfo memory batch,
        bytes32[] memory hashes,
        uint256[2] memory lengths,
        bytes memory refusal
    ) private {
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](1);
        operations[0] = PriorityOpsBatchInfo(new bytes32[](lengths[0]), new bytes32[](lengths[1]), hashes);
        bytes memory data = _executeCall(_list(batch), operations);
        vm.expectRevert(refusal);
        this.execute(1, 1, data);
    }

    function _requireNoneExecuted() private view {
        assertEq(eraChain.getTotalBatchesExecuted(), 0, "executed");
        assertEq(eraChain.l2LogsRootHash(1), 0, "root");
        assertEq(eraChain.getFirstUnprocessedPriorityTx(), 0, "consumed");
    }
}
