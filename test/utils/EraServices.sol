// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test, Vm } from "forge-std/Test.sol";

import {
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import { IL1Messenger } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";

import { Bridgehub } from "../../script/devnet/zksync/Bridgehub.sol";
import { L1Messenger } from "../../script/devnet/zksync/L1Messenger.sol";
import { ZkSyncChain } from "../../script/devnet/zksync/ZkSyncChain.sol";
import { EraTree } from "./EraTree.sol";

/// @notice zkSync Era's contracts on Ethereum and its L1Messenger in one EVM, with what the batcher and the sequencer do between them.
abstract contract EraServices is Test {
    uint256 internal constant ERA_CHAIN_ID = 324;
    address internal constant MESSENGER = address(0x8008);

    address internal hubOwner = makeAddr("hub owner");
    address internal batcher = makeAddr("batcher");

    Bridgehub internal bridgehub;
    ZkSyncChain internal eraChain;
    IExecutor.StoredBatchInfo internal lastBatch;

    function _deployEra() internal {
        vm.warp(1_700_000_000);
        bridgehub = new Bridgehub(hubOwner);
        eraChain = new ZkSyncChain(ERA_CHAIN_ID, address(bridgehub), hubOwner);
        vm.startPrank(hubOwner);
        bridgehub.registerAlreadyDeployedZKChain(ERA_CHAIN_ID, address(eraChain));
        eraChain.setValidator(batcher, true);
        vm.stopPrank();
        vm.etch(MESSENGER, address(new L1Messenger()).code);
        lastBatch = eraChain.genesisBatch();
        vm.warp(block.timestamp + 100);
    }

    function _commitData(L2Log[] memory logs, bytes32[] memory priorityHashes)
        internal
        view
        returns (ZkSyncChain.CommitBatchInfo memory info)
    {
        info.batchNumber = lastBatch.batchNumber + 1;
        info.timestamp = uint64(lastBatch.timestamp == 0 ? block.timestamp : lastBatch.timestamp + 1);
        info.newStateRoot = keccak256(abi.encode("state", info.batchNumber));
        info.numberOfLayer1Txs = priorityHashes.length;
        info.priorityOperationsHash = keccak256("");
        for (uint256 i = 0; i < priorityHashes.length; ++i) {
            info.priorityOperationsHash = keccak256(abi.encode(info.priorityOperationsHash, priorityHashes[i]));
        }
        info.l2LogsTreeRoot = EraTree.batchRoot(logs, ERA_CHAIN_ID);
    }

    function _commit(ZkSyncChain.CommitBatchInfo memory info)
        internal
        returns (IExecutor.StoredBatchInfo memory batch)
    {
        batch = eraChain.storedBatch(info);
        vm.prank(batcher);
        eraChain.commitBatch(lastBatch, info);
    }

    function _prove(IExecutor.StoredBatchInfo memory batch) internal {
        vm.prank(batcher);
        eraChain.proveBatch(lastBatch, batch);
    }

    function _execute(IExecutor.StoredBatchInfo memory batch) internal {
        IExecutor.StoredBatchInfo[] memory batches = new IExecutor.StoredBatchInfo[](1);
        batches[0] = batch;
        vm.prank(batcher);
        eraChain.executeBatches(batches);
        lastBatch = batch;
    }

    /// @notice All three steps; returns the batch's number.
    function _sealBatch(L2Log[] memory logs, bytes32[] memory priorityHashes) internal returns (uint256) {
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(logs, priorityHashes));
        _prove(batch);
        _execute(batch);
        return batch.batchNumber;
    }

    /// @notice The one message that was sent since vm.recordLogs() or the last reading of the logs.
    function _sentMessage() internal returns (address sender, bytes memory message) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != MESSENGER || logs[i].topics[0] != IL1Messenger.L1MessageSent.selector) continue;
            return (address(uint160(uint256(logs[i].topics[1]))), abi.decode(logs[i].data, (bytes)));
        }
        revert("no message");
    }

    /// @notice The one priority transaction that was requested since vm.recordLogs() or the last reading of the logs.
    function _requested() internal returns (bytes32 canonicalTxHash, L2CanonicalTransaction memory transaction) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IMailboxImpl.NewPriorityRequest.selector) continue;
            (, canonicalTxHash,, transaction,) =
                abi.decode(logs[i].data, (uint256, bytes32, uint64, L2CanonicalTransaction, bytes[]));
            return (canonicalTxHash, transaction);
        }
        revert("no priority transaction");
    }

    /// @notice Executes a priority transaction as Era does, with the sender that it names.
    function _runOnEra(L2CanonicalTransaction memory transaction) internal returns (bool success, bytes memory result) {
        address from = address(uint160(transaction.from));
        vm.deal(from, from.balance + transaction.value);
        vm.prank(from, from);
        (success, result) = address(uint160(transaction.to)).call{ value: transaction.value }(transaction.data);
    }

    /// @notice Seals a batch with the one message that was sent.
    function _sealOne() internal returns (uint256 batch, bytes memory message, bytes32[] memory proof) {
        address sender;
        (sender, message) = _sentMessage();
        L2Log[] memory logs = _one(EraTree.messageLog(0, sender, message));
        batch = _sealBatch(logs, new bytes32[](0));
        proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
    }

    function _one(L2Log memory log) internal pure returns (L2Log[] memory logs) {
        logs = new L2Log[](1);
        logs[0] = log;
    }
}
