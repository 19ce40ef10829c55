// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2TransactionRequestDirect
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import { InteropRoot, L2Log } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    PriorityOpsBatchInfo
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/libraries/PriorityTree.sol";

import { EraServices } from "./EraServices.sol";
import { EraTree } from "./EraTree.sol";

/// @notice For tests of batches: the validator's calls, which a test may expect to revert, and what batches contain.
abstract contract EraBatches is EraServices {
    address internal alice = makeAddr("alice");
    bytes32[] internal none;

    function setUp() public {
        _deployEra();
        vm.deal(alice, 100 ether);
    }

    function commit(IExecutor.CommitBatchInfo memory info) external {
        this.commit(info.batchNumber, info.batchNumber, _commitCall(lastBatch, info));
    }

    function commit(uint256 from, uint256 to, bytes memory data) external {
        vm.prank(batcher);
        eraChain.commitBatchesSharedBridge(address(eraChain), from, to, data);
    }

    function prove(uint256 from, uint256 to, bytes memory data) external {
        vm.prank(batcher);
        eraChain.proveBatchesSharedBridge(address(eraChain), from, to, data);
    }

    function execute(uint256 from, uint256 to, bytes memory data) external {
        vm.prank(batcher);
        eraChain.executeBatchesSharedBridge(address(eraChain), from, to, data);
    }

    function _logs(uint256 count) internal view returns (L2Log[] memory logs) {
        logs = new L2Log[](count);
        for (uint256 i = 0; i < count; ++i) {
            logs[i] = EraTree.messageLog(uint16(i), alice, abi.encode(i));
        }
    }

    function _priority() internal returns (bytes32) {
        L2TransactionRequestDirect memory request;
        request.chainId = ERA_CHAIN_ID;
        request.mintValue = 1 ether;
        request.l2Contract = alice;
        request.l2GasLimit = 1_000_000;
        request.l2GasPerPubdataByteLimit = 800;
        vm.prank(alice);
        return bridgehub.requestL2TransactionDirect{ value: 1 ether }(request);
    }

    /// @notice `count` requests on Ethereum; returns their canonical hashes.
    function _priorities(uint256 count) internal returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            hashes[i] = _priority();
        }
    }

    function _slice(bytes32[] memory words, uint256 first, uint256 count)
        internal
        pure
        returns (bytes32[] memory part)
    {
        part = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            part[i] = words[first + i];
        }
    }

    /// @notice First two steps; the next batch follows on this one.
    function _commitAndProve(bytes32[] memory hashes) internal returns (IExecutor.StoredBatchInfo memory batch) {
        batch = _commit(_commitData(_logs(1), hashes));
        _prove(batch);
        lastBatch = batch;
    }

    function _executeCall(IExecutor.StoredBatchInfo[] memory batches, PriorityOpsBatchInfo[] memory operations)
        internal
        pure
        returns (bytes memory)
    {
        return bytes.concat(hex"01", abi.encode(batches, operations, new InteropRoot[][](batches.length)));
    }

    function _pair(IExecutor.StoredBatchInfo memory first, IExecutor.StoredBatchInfo memory second)
        internal
        pure
        returns (IExecutor.StoredBatchInfo[] memory batches)
    {
        batches = new IExecutor.StoredBatchInfo[](2);
        (batches[0], batches[1]) = (first, second);
    }

    function _revertTo(uint256 newLastBatch) internal {
        vm.prank(batcher);
        eraChain.revertBatchesSharedBridge(address(eraChain), newLastBatch);
    }
}
