// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2TransactionRequestDirect
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    BatchHashMismatch,
    BatchNotExecuted,
    BatchNumberMismatch,
    CantExecuteUnprovenBatches,
    CantRevertExecutedBatch,
    HashedLogIsDefault,
    InvalidProofLengthForFinalNode,
    L2TimestampTooBig,
    MerkleIndexOutOfBounds,
    MerklePathEmpty,
    MerklePathOutOfBounds,
    NonIncreasingTimestamp,
    NonSequentialBatch,
    PriorityOperationsRollingHashMismatch,
    QueueIsEmpty,
    RevertedBatchNotAfterNewLastBatch,
    TimeNotReached,
    Unauthorized,
    VerifiedBatchesExceedsCommittedBatches
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { L2Log, L2Message, TxStatus } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    InvalidChainId,
    LocalRootIsZero,
    LocalRootMustBeZero,
    NotSettlementLayer,
    UnsupportedProofMetadataVersion
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";

import { ZkSyncChain } from "../../../script/devnet/zksync/ZkSyncChain.sol";
import { EraServices } from "../../utils/EraServices.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice Batches in their three steps, and proofs of inclusion on the chain contract and through the Bridgehub.
contract ZkSyncChainTest is EraServices {
    address private alice = makeAddr("alice");
    bytes32[] private none;

    function setUp() public {
        _deployEra();
        vm.deal(alice, 100 ether);
    }

    // ── batches ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_batch_goesThroughThreeSteps() public {
        L2Log[] memory logs = _logs(2);
        ZkSyncChain.CommitBatchInfo memory info = _commitData(logs, none);
        IExecutor.StoredBatchInfo memory batch = eraChain.storedBatch(info);
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlockCommit(1, info.newStateRoot, batch.commitment);
        _commit(info);
        assertEq(eraChain.getTotalBatchesCommitted(), 1, "committed");
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlocksVerification(0, 1);
        _prove(batch);
        assertEq(eraChain.getTotalBatchesVerified(), 1, "proved");
        assertEq(eraChain.l2LogsRootHash(1), 0, "not readable yet");
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlockExecution(1, info.newStateRoot, batch.commitment);
        _execute(batch);
        assertEq(eraChain.getTotalBatchesExecuted(), 1, "executed");
        assertEq(eraChain.l2LogsRootHash(1), EraTree.batchRoot(logs, ERA_CHAIN_ID), "root");
    }

    function test_RevertWhen_CommitDoesNotFit() public {
        _sealBatch(_logs(1), none);
        ZkSyncChain.CommitBatchInfo memory info = _commitData(_logs(1), none);
        IExecutor.StoredBatchInfo memory genesis = eraChain.genesisBatch();
        vm.startPrank(batcher);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        eraChain.commitBatch(genesis, info);
        uint64 number = info.batchNumber;
        info.batchNumber = number + 1;
        vm.expectRevert(abi.encodeWithSelector(BatchNumberMismatch.selector, number, number + 1));
        eraChain.commitBatch(lastBatch, info);
        info.batchNumber = number;
        info.timestamp = uint64(lastBatch.timestamp);
        vm.expectRevert(NonIncreasingTimestamp.selector);
        eraChain.commitBatch(lastBatch, info);
        info.timestamp = uint64(block.timestamp + 1 hours + 1);
        vm.expectRevert(L2TimestampTooBig.selector);
        eraChain.commitBatch(lastBatch, info);
        info.timestamp = uint64(lastBatch.timestamp + 1);
        vm.warp(info.timestamp + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(TimeNotReached.selector, info.timestamp, block.timestamp - 30 days));
        eraChain.commitBatch(lastBatch, info);
    }

    function test_RevertWhen_ProvingWhatIsNotCommittedOrOutOfOrder() public {
        IExecutor.StoredBatchInfo memory batch = eraChain.storedBatch(_commitData(_logs(1), none));
        vm.startPrank(batcher);
        vm.expectRevert(VerifiedBatchesExceedsCommittedBatches.selector);
        eraChain.proveBatch(lastBatch, batch);
        vm.stopPrank();
        _commit(_commitData(_logs(1), none));
        vm.startPrank(batcher);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        eraChain.proveBatch(batch, batch);
        batch.l2LogsTreeRoot = keccak256("forged");
        vm.expectPartialRevert(BatchHashMismatch.selector);
        eraChain.proveBatch(lastBatch, batch);
    }

    function test_RevertWhen_ExecutingUnprovedTamperedOrOutOfOrder() public {
        IExecutor.StoredBatchInfo[] memory batches = new IExecutor.StoredBatchInfo[](1);
        batches[0] = _commit(_commitData(_logs(1), none));
        vm.startPrank(batcher);
        vm.expectRevert(CantExecuteUnprovenBatches.selector);
        eraChain.executeBatches(batches);
        eraChain.proveBatch(lastBatch, batches[0]);
        bytes32 root = batches[0].l2LogsTreeRoot;
        batches[0].l2LogsTreeRoot = keccak256("forged");
        vm.expectPartialRevert(BatchHashMismatch.selector);
        eraChain.executeBatches(batches);
        batches[0].l2LogsTreeRoot = root;
        batches[0].batchNumber = 2;
        vm.expectRevert(NonSequentialBatch.selector);
        eraChain.executeBatches(batches);
        batches[0].batchNumber = 1;
        eraChain.executeBatches(batches);
        vm.expectRevert(NonSequentialBatch.selector);
        eraChain.executeBatches(batches);
    }

    function test_RevertWhen_CallerIsNoValidator() public {
        IExecutor.StoredBatchInfo memory batch;
        IExecutor.StoredBatchInfo[] memory batches;
        ZkSyncChain.CommitBatchInfo memory info;
        bytes memory refusal = abi.encodeWithSelector(Unauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        eraChain.commitBatch(batch, info);
        vm.expectRevert(refusal);
        eraChain.proveBatch(batch, batch);
        vm.expectRevert(refusal);
        eraChain.executeBatches(batches);
        vm.expectRevert(refusal);
        eraChain.revertBatches(0);
        vm.expectRevert(refusal);
        eraChain.setValidator(alice, true);
        vm.stopPrank();
        vm.expectEmit(address(eraChain));
        emit ZkSyncChain.ValidatorStatusUpdate(batcher, false);
        vm.prank(hubOwner);
        eraChain.setValidator(batcher, false);
        vm.expectRevert(abi.encodeWithSelector(Unauthorized.selector, batcher));
        vm.prank(batcher);
        eraChain.revertBatches(0);
    }

    function test_revertBatches_dropsWhatIsNotExecuted() public {
        _sealBatch(_logs(1), none);
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(_logs(2), none));
        _prove(batch);
        vm.startPrank(batcher);
        vm.expectRevert(RevertedBatchNotAfterNewLastBatch.selector);
        eraChain.revertBatches(3);
        vm.expectRevert(CantRevertExecutedBatch.selector);
        eraChain.revertBatches(0);
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlocksRevert(1, 1, 1);
        eraChain.revertBatches(1);
        vm.stopPrank();
        _sealBatch(_logs(3), none);
        assertEq(eraChain.getTotalBatchesExecuted(), 2, "committed anew");
    }

    function test_execute_consumesPriorityTransactionsInOrder() public {
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (_priority(), _priority());
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
        vm.expectRevert(PriorityOperationsRollingHashMismatch.selector);
        this.execute(batch);
        vm.prank(batcher);
        eraChain.revertBatches(0);
        batch = _commit(_commitData(_logs(0), new bytes32[](3)));
        _prove(batch);
        vm.expectRevert(QueueIsEmpty.selector);
        this.execute(batch);
    }

    // ── proofs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_proof_showsEveryLogOfABatch() public {
        L2Log[] memory logs = _logs(7);
        uint256 batch = _sealBatch(logs, none);
        for (uint256 i = 0; i < 7; ++i) {
            bytes32[] memory proof = EraTree.proof(logs, i, ERA_CHAIN_ID);
            assertEq(proof.length, 16, "16 words");
            L2Message memory message = L2Message(uint16(i), alice, abi.encode(i));
            assertTrue(eraChain.proveL2MessageInclusion(batch, i, message, proof), "chain");
            assertTrue(eraChain.proveL2MessageInclusionShared(ERA_CHAIN_ID, batch, i, message, proof), "shared");
            assertTrue(bridgehub.proveL2MessageInclusion(ERA_CHAIN_ID, batch, i, message, proof), "hub");
            assertTrue(eraChain.proveL2LogInclusion(batch, i, logs[i], proof), "log");
            assertTrue(eraChain.proveL2LogInclusionShared(ERA_CHAIN_ID, batch, i, logs[i], proof), "shared log");
            assertTrue(bridgehub.proveL2LogInclusion(ERA_CHAIN_ID, batch, i, logs[i], proof), "log through the hub");
        }
    }

    function testFuzz_proof_atAnyPlace(uint8 count, uint8 place) public {
        vm.assume(count > 0);
        uint256 index = uint256(place) % count;
        L2Log[] memory logs = _logs(count);
        uint256 batch = _sealBatch(logs, none);
        assertTrue(
            eraChain.proveL2LogInclusion(batch, index, logs[index], EraTree.proof(logs, index, ERA_CHAIN_ID)), "shown"
        );
    }

    function test_proof_olderFormWithoutMetadataIsTaken() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        assertTrue(
            eraChain.proveL2LogInclusion(batch, 2, logs[2], _path(EraTree.proof(logs, 2, ERA_CHAIN_ID))), "older"
        );
    }

    function test_proof_wordsAfterThePathAreIgnored() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        bytes32[] memory longer = new bytes32[](18);
        for (uint256 i = 0; i < 16; ++i) {
            longer[i] = proof[i];
        }
        longer[17] = keccak256("anything");
        assertTrue(eraChain.proveL2LogInclusion(batch, 1, logs[1], longer), "malleable");
    }

    function test_proof_wrongContentGivesFalse() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        assertFalse(eraChain.proveL2LogInclusion(batch, 2, logs[1], proof), "place");
        assertFalse(eraChain.proveL2LogInclusion(batch, 1, logs[2], proof), "log");
        proof[15] = EraTree.aggregatedRoot(300);
        assertFalse(eraChain.proveL2LogInclusion(batch, 1, logs[1], proof), "another chain's aggregated root");
    }

    function test_RevertWhen_ProofIsMalformed() public {
        L2Log[] memory logs = _logs(3);
        uint256 batch = _sealBatch(logs, none);
        bytes32[] memory proof = EraTree.proof(logs, 1, ERA_CHAIN_ID);
        vm.expectRevert(MerklePathEmpty.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], new bytes32[](0));
        L2Log memory empty;
        vm.expectRevert(HashedLogIsDefault.selector);
        eraChain.proveL2LogInclusion(batch, 1, empty, proof);
        vm.expectRevert(MerkleIndexOutOfBounds.selector);
        eraChain.proveL2LogInclusion(batch, 1 << 15, logs[1], proof);
        bytes32[] memory long = new bytes32[](256);
        long[0] = keccak256("path");
        vm.expectRevert(MerklePathOutOfBounds.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], long);
        proof[0] = bytes32(bytes4(0x020f0001));
        vm.expectRevert(abi.encodeWithSelector(UnsupportedProofMetadataVersion.selector, 2));
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        proof[0] = bytes32(bytes4(0x010f0101));
        vm.expectRevert(InvalidProofLengthForFinalNode.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        proof[0] = bytes32(bytes4(0x010f0100));
        vm.expectRevert(LocalRootMustBeZero.selector);
        eraChain.proveL2LogInclusion(batch, 1, logs[1], proof);
        vm.expectRevert(NotSettlementLayer.selector);
        eraChain.proveL2LogInclusion(batch + 1, 1, logs[1], proof);
    }

    function test_RevertWhen_BatchIsNotExecutedOrGenesisOrOfAnotherChain() public {
        L2Log[] memory logs = _logs(1);
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        vm.expectRevert(abi.encodeWithSelector(BatchNotExecuted.selector, 1));
        eraChain.proveL2LogInclusion(1, 0, logs[0], proof);
        vm.expectRevert(LocalRootIsZero.selector);
        eraChain.proveL2LogInclusion(0, 0, logs[0], proof);
        vm.expectRevert(InvalidChainId.selector);
        eraChain.proveL2LogInclusionShared(300, 1, 0, logs[0], proof);
        vm.expectRevert(InvalidChainId.selector);
        eraChain.proveL2MessageInclusionShared(300, 1, 0, L2Message(0, alice, ""), proof);
    }

    function test_proof_showsAPriorityTransactionsStatus() public {
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = _priority();
        L2Log[] memory logs = _one(EraTree.priorityLog(0, hashes[0], false));
        uint256 batch = _sealBatch(logs, hashes);
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        assertTrue(
            bridgehub.proveL1ToL2TransactionStatus(ERA_CHAIN_ID, hashes[0], batch, 0, 0, proof, TxStatus.Failure),
            "failed"
        );
        assertFalse(
            eraChain.proveL1ToL2TransactionStatus(hashes[0], batch, 0, 0, proof, TxStatus.Success), "did not succeed"
        );
    }

    function execute(IExecutor.StoredBatchInfo memory batch) external {
        _execute(batch);
    }

    function _logs(uint256 count) private view returns (L2Log[] memory logs) {
        logs = new L2Log[](count);
        for (uint256 i = 0; i < count; ++i) {
            logs[i] = EraTree.messageLog(uint16(i), alice, abi.encode(i));
        }
    }

    function _path(bytes32[] memory proof) private pure returns (bytes32[] memory path) {
        path = new bytes32[](proof.length - 1);
        for (uint256 i = 0; i < path.length; ++i) {
            path[i] = proof[i + 1];
        }
    }

    function _priority() private returns (bytes32) {
        L2TransactionRequestDirect memory request;
        request.chainId = ERA_CHAIN_ID;
        request.mintValue = 1 ether;
        request.l2Contract = alice;
        request.l2GasLimit = 1_000_000;
        request.l2GasPerPubdataByteLimit = 800;
        vm.prank(alice);
        return bridgehub.requestL2TransactionDirect{ value: 1 ether }(request);
    }
}
