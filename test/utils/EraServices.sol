// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test, Vm } from "forge-std/Test.sol";

import {
    InteropRoot,
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import {
    PriorityOpsBatchInfo
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/PriorityTree.sol";
import { IL1Messenger } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";

import { Bridgehub } from "../../script/devnet/zksync/Bridgehub.sol";
import { EraBridges } from "../../script/devnet/zksync/EraBridges.sol";
import { L1Messenger } from "../../script/devnet/zksync/L1Messenger.sol";
import { ZkSyncChain } from "../../script/devnet/zksync/ZkSyncChain.sol";
import { L1AssetRouter } from "../../script/devnet/zksync/bridge/L1AssetRouter.sol";
import { EraTree } from "./EraTree.sol";

/// @notice zkSync Era's contracts on Ethereum and its L1Messenger in one EVM, with what the batcher and the sequencer do between them.
abstract contract EraServices is Test {
    uint256 internal constant ERA_CHAIN_ID = 324;
    address internal constant MESSENGER = address(0x8008);
    address internal constant SYSTEM_CONTEXT = address(0x800b);
    address internal constant BOOTLOADER = address(0x8001);

    address internal hubOwner = makeAddr("hub owner");
    address internal batcher = makeAddr("batcher");

    Bridgehub internal bridgehub;
    ZkSyncChain internal eraChain;
    L1AssetRouter internal assetRouter;
    IExecutor.StoredBatchInfo internal lastBatch;
    bytes32[] private _executedPriority;

    function _deployEra() internal {
        vm.warp(1_700_000_000);
        vm.startPrank(hubOwner);
        (bridgehub, eraChain, assetRouter) = EraBridges.deploy(hubOwner, ERA_CHAIN_ID, 0);
        eraChain.setValidator(batcher, true);
        vm.stopPrank();
        vm.etch(MESSENGER, address(new L1Messenger()).code);
        lastBatch.priorityOperationsHash = keccak256("");
        vm.warp(block.timestamp + 100);
    }

    function _commitData(L2Log[] memory logs, bytes32[] memory priorityHashes)
        internal
        view
        returns (IExecutor.CommitBatchInfo memory info)
    {
        info.batchNumber = lastBatch.batchNumber + 1;
        info.timestamp = uint64(lastBatch.timestamp == 0 ? block.timestamp : lastBatch.timestamp + 1);
        info.newStateRoot = keccak256(abi.encode("state", info.batchNumber));
        info.numberOfLayer1Txs = priorityHashes.length;
        info.priorityOperationsHash = keccak256("");
        for (uint256 i = 0; i < priorityHashes.length; ++i) {
            info.priorityOperationsHash = keccak256(abi.encode(info.priorityOperationsHash, priorityHashes[i]));
        }
        info.operatorDAInput = abi.encode(keccak256("state changes"));
        _setLogs(info, EraTree.batchRoot(logs, ERA_CHAIN_ID));
    }

    /// @notice Writes the system logs that fit `info`.
    function _setLogs(IExecutor.CommitBatchInfo memory info, bytes32 logsRoot) internal view {
        info.systemLogs = bytes.concat(
            _systemLog(MESSENGER, 0, logsRoot),
            _systemLog(SYSTEM_CONTEXT, 1, bytes32(uint256(info.timestamp) << 128 | info.timestamp)),
            _systemLog(BOOTLOADER, 2, info.priorityOperationsHash),
            _systemLog(BOOTLOADER, 3, bytes32(info.numberOfLayer1Txs)),
            _systemLog(SYSTEM_CONTEXT, 4, lastBatch.batchHash)
        );
        info.systemLogs = bytes.concat(
            info.systemLogs,
            _systemLog(MESSENGER, 5, 0),
            _systemLog(MESSENGER, 6, 0),
            _systemLog(BOOTLOADER, 7, 0),
            _systemLog(BOOTLOADER, 8, 0)
        );
    }

    /// @notice Overwrites the value of one of the nine logs.
    function _setLog(IExecutor.CommitBatchInfo memory info, uint256 key, bytes32 value) internal pure {
        bytes memory logs = info.systemLogs;
        assembly ("memory-safe") {
            mstore(add(add(logs, 88), mul(key, 88)), value)
        }
    }

    function _systemLog(address sender, uint256 key, bytes32 value) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), true, uint16(0), sender, key, value);
    }

    /// @notice What the chain remembers of a batch that is committed as `info`.
    function _stored(IExecutor.CommitBatchInfo memory info)
        internal
        pure
        returns (IExecutor.StoredBatchInfo memory batch)
    {
        bytes32 root;
        bytes32 imported;
        bytes memory logs = info.systemLogs;
        assembly ("memory-safe") {
            root := mload(add(logs, 88))
            imported := mload(add(logs, 704))
        }
        batch = IExecutor.StoredBatchInfo({
            batchNumber: info.batchNumber,
            batchHash: info.newStateRoot,
            indexRepeatedStorageChanges: info.indexRepeatedStorageChanges,
            numberOfLayer1Txs: info.numberOfLayer1Txs,
            priorityOperationsHash: info.priorityOperationsHash,
            dependencyRootsRollingHash: imported,
            l2LogsTreeRoot: root,
            timestamp: info.timestamp,
            commitment: keccak256(
                abi.encode(
                    keccak256(
                        abi.encodePacked(info.indexRepeatedStorageChanges, info.newStateRoot, uint64(0), bytes32(0))
                    ),
                    keccak256(new bytes(97)),
                    keccak256(bytes.concat(keccak256(logs), info.operatorDAInput, new bytes(34 * 32)))
                )
            )
        });
    }

    function _commit(IExecutor.CommitBatchInfo memory info) internal returns (IExecutor.StoredBatchInfo memory batch) {
        bytes memory data = _commitCall(lastBatch, info);
        vm.prank(batcher);
        eraChain.commitBatchesSharedBridge(address(eraChain), info.batchNumber, info.batchNumber, data);
        batch = _stored(info);
        assertEq(eraChain.storedBatchHash(batch.batchNumber), keccak256(abi.encode(batch)), "what is stored");
    }

    function _commitCall(IExecutor.StoredBatchInfo memory last, IExecutor.CommitBatchInfo memory info)
        internal
        pure
        returns (bytes memory)
    {
        IExecutor.CommitBatchInfo[] memory batches = new IExecutor.CommitBatchInfo[](1);
        batches[0] = info;
        return bytes.concat(hex"01", abi.encode(last, batches));
    }

    function _prove(IExecutor.StoredBatchInfo memory batch) internal {
        bytes memory data = _proveCall(lastBatch, batch);
        vm.prank(batcher);
        eraChain.proveBatchesSharedBridge(address(eraChain), batch.batchNumber, batch.batchNumber, data);
    }

    /// @notice With the one proof that the verifier takes.
    function _proveCall(IExecutor.StoredBatchInfo memory previous, IExecutor.StoredBatchInfo memory batch)
        internal
        pure
        returns (bytes memory)
    {
        uint256 input = uint256(keccak256(abi.encodePacked(previous.commitment, batch.commitment))) >> 32;
        uint256[] memory proof = new uint256[](1);
        proof[0] = uint256(keccak256(abi.encodePacked("unproven", input)));
        return bytes.concat(hex"01", abi.encode(previous, _list(batch), proof));
    }

    function _execute(IExecutor.StoredBatchInfo memory batch, bytes32[] memory priorityHashes) internal {
        bytes memory data = _executeCall(batch, priorityHashes);
        vm.prank(batcher);
        eraChain.executeBatchesSharedBridge(address(eraChain), batch.batchNumber, batch.batchNumber, data);
        lastBatch = batch;
        for (uint256 i = 0; i < priorityHashes.length; ++i) {
            _executedPriority.push(priorityHashes[i]);
        }
    }

    function _executeCall(IExecutor.StoredBatchInfo memory batch, bytes32[] memory priorityHashes)
        internal
        view
        returns (bytes memory)
    {
        bytes32[] memory all = new bytes32[](_executedPriority.length + priorityHashes.length);
        for (uint256 i = 0; i < all.length; ++i) {
            bool earlier = i < _executedPriority.length;
            all[i] = earlier ? _executedPriority[i] : priorityHashes[i - _executedPriority.length];
        }
        PriorityOpsBatchInfo[] memory operations = new PriorityOpsBatchInfo[](1);
        operations[0] = _priorityOps(all, _executedPriority.length, priorityHashes.length);
        return bytes.concat(hex"01", abi.encode(_list(batch), operations, new InteropRoot[][](1)));
    }

    /// @notice `count` priority transactions from number `first` on, with their paths in the tree as it was when it had `leaves`.
    function _priorityOps(bytes32[] memory leaves, uint256 first, uint256 count)
        internal
        pure
        returns (PriorityOpsBatchInfo memory operations)
    {
        operations.itemHashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            operations.itemHashes[i] = leaves[first + i];
        }
        if (count == 0) return operations;
        operations.leftPath = _priorityPath(leaves, first);
        operations.rightPath = _priorityPath(leaves, first + count - 1);
    }

    /// @notice Siblings of a leaf in the tree of priority transactions as it was when it had these.
    function _priorityPath(bytes32[] memory leaves, uint256 index) private pure returns (bytes32[] memory path) {
        uint256 height;
        while (1 << height < leaves.length) ++height;
        bytes32[] memory level = new bytes32[](1 << height);
        for (uint256 i = 0; i < level.length; ++i) {
            level[i] = i < leaves.length ? leaves[i] : keccak256("");
        }
        path = new bytes32[](height);
        for (uint256 h = 0; h < height; ++h) {
            path[h] = level[(index >> h) ^ 1];
            for (uint256 i = 0; i < level.length >> (h + 1); ++i) {
                level[i] = keccak256(abi.encodePacked(level[2 * i], level[2 * i + 1]));
            }
        }
    }

    function _list(IExecutor.StoredBatchInfo memory batch)
        internal
        pure
        returns (IExecutor.StoredBatchInfo[] memory batches)
    {
        batches = new IExecutor.StoredBatchInfo[](1);
        batches[0] = batch;
    }

    /// @notice All three steps; returns the batch's number.
    function _sealBatch(L2Log[] memory logs, bytes32[] memory priorityHashes) internal returns (uint256) {
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(logs, priorityHashes));
        _prove(batch);
        _execute(batch, priorityHashes);
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
