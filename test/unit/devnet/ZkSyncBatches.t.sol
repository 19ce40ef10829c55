// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { stdError } from "forge-std/Test.sol";

import {
    BatchHashMismatch,
    BatchNumberMismatch,
    CanOnlyProcessOneBatch,
    EmptyData,
    HashMismatch,
    IncorrectBatchBounds,
    InvalidLogSender,
    InvalidProof,
    InvalidSystemLogsLength,
    L2TimestampTooBig,
    LogAlreadyProcessed,
    MissingSystemLogs,
    NonIncreasingTimestamp,
    TimeNotReached,
    TimestampError,
    TxHashMismatch,
    Unauthorized,
    UnexpectedSystemLog,
    UnsupportedCommitBatchEncoding,
    UnsupportedProofBatchEncoding,
    ValueMismatch,
    VerifiedBatchesExceedsCommittedBatches
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import { L2Log } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    MismatchL2DAValidator,
    ValL1DAWrongInputLength
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";

import { UnprovenVerifier } from "../../../script/devnet/zksync/UnprovenVerifier.sol";
import { ZkSyncChain } from "../../../script/devnet/zksync/ZkSyncChain.sol";
import { EraBatches } from "../../utils/EraBatches.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice Batches in their three steps; above all the first two. The third: ZkSyncExecution.t.sol.
contract ZkSyncBatchesTest is EraBatches {
    function test_batch_goesThroughThreeSteps() public {
        L2Log[] memory logs = _logs(2);
        IExecutor.CommitBatchInfo memory info = _commitData(logs, none);
        IExecutor.StoredBatchInfo memory batch = _stored(info);
        bytes memory data = _commitCall(lastBatch, info);
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlockCommit(1, info.newStateRoot, batch.commitment);
        this.commit(1, 1, data);
        assertEq(eraChain.getTotalBatchesCommitted(), 1, "committed");
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlocksVerification(0, 1);
        _prove(batch);
        assertEq(eraChain.getTotalBatchesVerified(), 1, "proved");
        assertEq(eraChain.l2LogsRootHash(1), 0, "not readable yet");
        data = _executeCall(batch, none);
        vm.expectEmit(address(eraChain));
        emit IExecutor.BlockExecution(1, info.newStateRoot, batch.commitment);
        this.execute(1, 1, data);
        assertEq(eraChain.getTotalBatchesExecuted(), 1, "executed");
        assertEq(eraChain.l2LogsRootHash(1), EraTree.batchRoot(logs, ERA_CHAIN_ID), "root");
    }

    function test_RevertWhen_CommitDoesNotFit() public {
        _sealBatch(_logs(1), none);
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        IExecutor.StoredBatchInfo memory forged = _stored(info);
        bytes memory data = _commitCall(forged, info);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        this.commit(2, 2, data);
        info.batchNumber = 3;
        vm.expectRevert(abi.encodeWithSelector(BatchNumberMismatch.selector, 2, 3));
        this.commit(info);
        info = _commitData(_logs(1), none);
        info.operatorDAInput = "";
        vm.expectRevert(abi.encodeWithSelector(ValL1DAWrongInputLength.selector, 0, 32));
        this.commit(info);
        info = _commitData(_logs(1), none);
        info.priorityOperationsHash = keccak256("other");
        vm.expectRevert(abi.encodeWithSelector(HashMismatch.selector, keccak256(""), keccak256("other")));
        this.commit(info);
        info = _commitData(_logs(1), none);
        info.numberOfLayer1Txs = 1;
        vm.expectRevert(abi.encodeWithSelector(ValueMismatch.selector, 0, 1));
        this.commit(info);
        lastBatch.batchHash = keccak256("other");
        info = _commitData(_logs(1), none);
        lastBatch.batchHash = keccak256(abi.encode("state", uint64(1)));
        vm.expectRevert(abi.encodeWithSelector(HashMismatch.selector, keccak256("other"), lastBatch.batchHash));
        this.commit(info);
    }

    function test_RevertWhen_TimestampDoesNotFit() public {
        _sealBatch(_logs(1), none);
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        info.timestamp++;
        vm.expectRevert(TimestampError.selector);
        this.commit(info);
        info.timestamp = uint64(lastBatch.timestamp);
        _setLogs(info, 0);
        vm.expectRevert(NonIncreasingTimestamp.selector);
        this.commit(info);
        info.timestamp = uint64(block.timestamp + 1 hours + 1);
        _setLogs(info, 0);
        vm.expectRevert(L2TimestampTooBig.selector);
        this.commit(info);
        info.timestamp = uint64(lastBatch.timestamp + 1);
        _setLogs(info, 0);
        vm.warp(info.timestamp + 30 days + 1);
        vm.expectRevert(abi.encodeWithSelector(TimeNotReached.selector, info.timestamp, block.timestamp - 30 days));
        this.commit(info);
    }

    function test_commit_boundsTheBatchBehindAndItsLastBlockAhead() public {
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        info.timestamp = uint64(block.timestamp + 2 hours);
        _setLogs(info, 0);
        uint256 packed = uint256(info.timestamp) << 128;
        _setLog(info, 1, bytes32(packed | (block.timestamp + 1 hours + 1)));
        vm.expectRevert(L2TimestampTooBig.selector);
        this.commit(info);
        _setLog(info, 1, bytes32(packed | (block.timestamp + 1 hours)));
        lastBatch = _commit(info);
        info = _commitData(_logs(1), none);
        vm.warp(info.timestamp + 30 days);
        _commit(info);
    }

    function test_commit_takesBatchesOfThreeDaysWithEthereumsChainId() public {
        vm.chainId(1);
        eraChain = new ZkSyncChain(ERA_CHAIN_ID, address(bridgehub), hubOwner);
        vm.prank(hubOwner);
        eraChain.setValidator(batcher, true);
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        uint256 latest = uint256(info.timestamp) + 3 days;
        vm.warp(latest + 1);
        vm.expectRevert(abi.encodeWithSelector(TimeNotReached.selector, info.timestamp, info.timestamp + 1));
        this.commit(info);
        vm.warp(latest);
        _commit(info);
    }

    function test_RevertWhen_SystemLogsDoNotFit() public {
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        bytes memory logs = info.systemLogs;
        info.systemLogs = bytes.concat(logs, hex"00");
        vm.expectRevert(InvalidSystemLogsLength.selector);
        this.commit(info);
        info.systemLogs = bytes.concat(logs, _systemLog(BOOTLOADER, 8, 0));
        vm.expectRevert(abi.encodeWithSelector(LogAlreadyProcessed.selector, 8));
        this.commit(info);
        info.systemLogs = _systemLog(BOOTLOADER, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(InvalidLogSender.selector, BOOTLOADER, 0));
        this.commit(info);
        info.systemLogs = _systemLog(BOOTLOADER, 10, 0);
        vm.expectRevert(abi.encodeWithSelector(UnexpectedSystemLog.selector, 10));
        this.commit(info);
        info.systemLogs = _systemLog(BOOTLOADER, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(MissingSystemLogs.selector, 511, 4));
        this.commit(info);
        info.systemLogs = _systemLog(MESSENGER, 6, bytes32(uint256(1)));
        vm.expectRevert(MismatchL2DAValidator.selector);
        this.commit(info);
        info.systemLogs = _systemLog(BOOTLOADER, 9, bytes32(uint256(1)));
        vm.expectRevert(TxHashMismatch.selector);
        this.commit(info);
    }

    function test_RevertWhen_SystemLogIsOfAnotherSender() public {
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        address[3] memory senders = [BOOTLOADER, MESSENGER, SYSTEM_CONTEXT];
        // By key, in `senders`.
        uint8[10] memory right = [1, 2, 0, 0, 2, 1, 1, 0, 0, 0];
        for (uint256 key = 0; key < right.length; ++key) {
            for (uint256 i = 0; i < senders.length; ++i) {
                info.systemLogs = _systemLog(senders[i], key, 0);
                vm.expectRevert(
                    i == right[key]
                        ? abi.encodeWithSelector(MissingSystemLogs.selector, 511, 1 << key)
                        : abi.encodeWithSelector(InvalidLogSender.selector, senders[i], key)
                );
                this.commit(info);
            }
        }
    }

    function test_RevertWhen_SystemLogHasNoSuchKey() public {
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        bytes memory logs = info.systemLogs;
        // Of a key only the low byte is remembered.
        info.systemLogs = _systemLog(MESSENGER, 256, 0);
        vm.expectRevert(abi.encodeWithSelector(UnexpectedSystemLog.selector, 256));
        this.commit(info);
        info.systemLogs = bytes.concat(logs, _systemLog(MESSENGER, 256, 0));
        vm.expectRevert(abi.encodeWithSelector(LogAlreadyProcessed.selector, 0));
        this.commit(info);
        info.systemLogs = bytes.concat(logs, _systemLog(BOOTLOADER, 9, 0));
        vm.expectRevert(abi.encodeWithSelector(MissingSystemLogs.selector, 511, 1023));
        this.commit(info);
    }

    function test_RevertWhen_EncodingOrBoundsAreWrong() public {
        IExecutor.CommitBatchInfo memory info = _commitData(_logs(1), none);
        IExecutor.StoredBatchInfo memory batch = _stored(info);
        vm.expectRevert(EmptyData.selector);
        this.commit(1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(UnsupportedCommitBatchEncoding.selector, 2));
        this.commit(1, 1, hex"02");
        bytes memory data = _commitCall(lastBatch, info);
        vm.expectRevert(abi.encodeWithSelector(IncorrectBatchBounds.selector, 1, 2, 1, 1));
        this.commit(1, 2, data);
        IExecutor.CommitBatchInfo[] memory two = new IExecutor.CommitBatchInfo[](2);
        (two[0], two[1]) = (info, info);
        data = bytes.concat(hex"01", abi.encode(lastBatch, two));
        vm.expectRevert(CanOnlyProcessOneBatch.selector);
        this.commit(1, 1, data);
        vm.expectRevert(abi.encodeWithSelector(UnsupportedProofBatchEncoding.selector, 0));
        this.prove(1, 1, hex"00");
        data = _proveCall(lastBatch, batch);
        vm.expectRevert(abi.encodeWithSelector(IncorrectBatchBounds.selector, 1, 2, 1, 1));
        this.prove(1, 2, data);
        vm.expectRevert(abi.encodeWithSelector(IncorrectBatchBounds.selector, 0, 1, 1, 1));
        this.prove(0, 1, data);
        data = bytes.concat(hex"01", abi.encode(lastBatch, new IExecutor.StoredBatchInfo[](0), new uint256[](1)));
        vm.expectRevert(EmptyData.selector);
        this.prove(0, 0, data);
        // The deployed contract looks for the encoding before it looks for any data.
        vm.expectRevert(stdError.indexOOBError);
        this.prove(1, 1, "");
    }

    function test_RevertWhen_ProvingWhatIsNotCommittedOrOutOfOrder() public {
        IExecutor.StoredBatchInfo memory batch = _stored(_commitData(_logs(1), none));
        bytes memory data = _proveCall(lastBatch, batch);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        this.prove(1, 1, data);
        _commit(_commitData(_logs(1), none));
        vm.prank(batcher);
        eraChain.revertBatchesSharedBridge(address(eraChain), 0);
        vm.expectRevert(VerifiedBatchesExceedsCommittedBatches.selector);
        this.prove(1, 1, data);
        _commit(_commitData(_logs(1), none));
        data = _proveCall(batch, batch);
        vm.expectPartialRevert(BatchHashMismatch.selector);
        this.prove(1, 1, data);
        data = bytes.concat(hex"01", abi.encode(lastBatch, _list(batch), new uint256[](1)));
        vm.expectRevert(InvalidProof.selector);
        this.prove(1, 1, data);
        data = bytes.concat(hex"01", abi.encode(lastBatch, _list(batch), new uint256[](0)));
        vm.expectRevert(InvalidProof.selector);
        this.prove(1, 1, data);
    }

    function test_RevertWhen_ProvingTwoBatchesAtOnce() public {
        IExecutor.StoredBatchInfo memory genesis = lastBatch;
        IExecutor.StoredBatchInfo[] memory two = new IExecutor.StoredBatchInfo[](2);
        two[0] = lastBatch = _commit(_commitData(_logs(1), none));
        two[1] = _commit(_commitData(_logs(1), none));
        bytes memory data = bytes.concat(hex"01", abi.encode(genesis, two, new uint256[](1)));
        vm.expectRevert(CanOnlyProcessOneBatch.selector);
        this.prove(1, 2, data);
    }

    function test_verifier_takesOneProofOfOneInput() public view {
        UnprovenVerifier verifier = UnprovenVerifier(eraChain.getVerifier());
        assertEq(verifier.verificationKeyHash(), keccak256("unproven"), "key");
        uint256[] memory inputs = new uint256[](1);
        uint256[] memory proof = new uint256[](1);
        inputs[0] = 7;
        proof[0] = uint256(keccak256(abi.encodePacked("unproven", inputs[0])));
        assertTrue(verifier.verify(inputs, proof), "the proof");
        assertFalse(verifier.verify(inputs, new uint256[](1)), "another word");
        assertFalse(verifier.verify(new uint256[](0), proof), "no input");
        assertFalse(verifier.verify(new uint256[](0), new uint256[](0)), "nothing");
        uint256[] memory two = new uint256[](2);
        two[0] = two[1] = 7;
        assertFalse(verifier.verify(two, proof), "two inputs");
        uint256[] memory proofs = new uint256[](2);
        proofs[0] = proofs[1] = proof[0];
        assertFalse(verifier.verify(two, proofs), "two of each");
        assertFalse(verifier.verify(inputs, proofs), "two proofs");
    }

    function test_RevertWhen_CallerIsNoValidator() public {
        bytes memory refusal = abi.encodeWithSelector(Unauthorized.selector, alice);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        eraChain.commitBatchesSharedBridge(address(0), 0, 0, "");
        vm.expectRevert(refusal);
        eraChain.proveBatchesSharedBridge(address(0), 0, 0, "");
        vm.expectRevert(refusal);
        eraChain.executeBatchesSharedBridge(address(0), 0, 0, "");
        vm.expectRevert(refusal);
        eraChain.revertBatchesSharedBridge(address(0), 0);
        vm.expectRevert(refusal);
        eraChain.setValidator(alice, true);
        vm.stopPrank();
        vm.expectEmit(address(eraChain));
        emit ZkSyncChain.ValidatorStatusUpdate(batcher, false);
        vm.prank(hubOwner);
        eraChain.setValidator(batcher, false);
        vm.expectRevert(abi.encodeWithSelector(Unauthorized.selector, batcher));
        vm.prank(batcher);
        eraChain.revertBatchesSharedBridge(address(0), 0);
    }
}
