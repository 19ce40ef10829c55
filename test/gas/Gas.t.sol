// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Verifier } from "../../src/Verifier.sol";
import { FIELD_ORDER, MAX_SEGMENTS, SEGMENT_SLOTS } from "../../src/generated/Params.sol";
import { BlockProof, PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { Trapdoor } from "../utils/Trapdoor.sol";

/// @notice Gas of whole transactions (21,000, calldata and cold storage included) → test/snapshots/Rollup.json.
/// Every test calls a rollup that is in use: its counters, its queue and the receivers' other balances are not 0.
/// forge-config: default.isolate = true
contract GasTest is RollupTest {
    string private constant GROUP = "Rollup";

    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        token.transfer(address(primary), 1);
        _runPrimary(depositNative(primary, alice, 1 ether, 1));
        runSecondary(depositNative(secondary, alice, 1 ether, 1));
    }

    // ── deposit ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_DepositNative() public {
        depositNative(primary, bob, 1 ether, 1);
        vm.snapshotGasLastCall(GROUP, "deposit native coin");
    }

    function test_DepositToken() public {
        depositToken(primary, TOKEN, bob, 1e18, 1);
        vm.snapshotGasLastCall(GROUP, "deposit ERC-20");
    }

    function test_RequestFullExit() public {
        requestFullExit(primary, bob, 123_456, TOKEN, 0);
        vm.snapshotGasLastCall(GROUP, "request full exit");
    }

    function test_RequestFullExitAtPrice() public {
        vm.deal(bob, EXIT_BOND);
        vm.prank(bob);
        primary.requestFullExitAtPrice{ value: EXIT_BOND }(123_456, 0);
        vm.snapshotGasLastCall(GROUP, "request full exit at price");
    }

    // ── commit on the primary ───────────────────────────────────────────────────────────────────────────────────────────

    function test_CommitEmpty() public {
        commitPrimary(new SegmentData[](0));
        vm.snapshotGasLastCall(GROUP, "commit primary: empty");
    }

    function test_CommitRequests() public {
        bytes memory data =
            bytes.concat(_deposit(1), _deposit(2), _deposit(3), requestFullExit(primary, bob, 123_456, TOKEN, 1e18));
        commitPrimary(segments(_segment(PRIMARY_INDEX, data, "")));
        vm.snapshotGasLastCall(GROUP, "commit primary: 3 deposits, 1 full exit");
    }

    function test_CommitOneSegmentOfOneTransfer() public {
        commitPrimary(segments(_segment(PRIMARY_INDEX, "", _transfers(0, 1))));
        vm.snapshotGasLastCall(GROUP, "commit primary: 1 transfer");
    }

    function test_CommitOneSegmentOfSevenTransfers() public {
        commitPrimary(segments(_segment(PRIMARY_INDEX, "", _transfers(0, 7))));
        vm.snapshotGasLastCall(GROUP, "commit primary: 7 transfers");
    }

    function test_CommitWithdrawsOfOwnChain() public {
        commitPrimary(_withdrawSegments(PRIMARY_INDEX));
        vm.snapshotGasLastCall(GROUP, "commit primary: 10 withdraws, own chain");
    }

    function test_CommitWithdrawsOfOtherChain() public {
        commitPrimary(_withdrawSegments(SECONDARY_INDEX));
        vm.snapshotGasLastCall(GROUP, "commit primary: 10 withdraws, other chain");
    }

    function test_CommitTransfers100() public {
        commitPrimary(_transferSegments(100));
        vm.snapshotGasLastCall(GROUP, "commit primary: 100 transfers");
    }

    /// @notice More than one join takes (16 segments of 7): two blocks in one call.
    function test_CommitTransfers200() public {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](2);
        blocks[0] = primaryBlock(_transferSegments(100));
        (StoredBlock memory one,) = expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        blocks[1] = primaryBlockAfter(one, _transferSegments(100));
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        vm.snapshotGasLastCall(GROUP, "commit primary: 200 transfers");
    }

    /// @notice As if circuits had more slots: what a transfer costs without its share of a segment.
    function test_CommitTransfersInOneSegment() public {
        commitPrimary(segments(_segment(PRIMARY_INDEX, "", _transfers(0, 100))));
        vm.snapshotGasLastCall(GROUP, "commit primary: 100 transfers in one segment");
    }

    function test_CommitTransfersInOneSegment200() public {
        commitPrimary(segments(_segment(PRIMARY_INDEX, "", _transfers(0, 200))));
        vm.snapshotGasLastCall(GROUP, "commit primary: 200 transfers in one segment");
    }

    // ── commit on a secondary ───────────────────────────────────────────────────────────────────────────────────────────

    function test_CommitSecondaryEmpty() public {
        commitSecondary("");
        vm.snapshotGasLastCall(GROUP, "commit secondary: empty");
    }

    function test_CommitSecondaryWithdraws() public {
        commitSecondary(_withdraws(0, 10));
        vm.snapshotGasLastCall(GROUP, "commit secondary: 10 withdraws");
    }

    // ── prove ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_VerifyBatches() public {
        // Valid points that are no proofs of the circuits' keys cost what a proof costs.
        Verifier batch = new Verifier(false);
        batch.verifyBatch(_statements(1, 1));
        vm.snapshotGasLastCall(GROUP, "verify: 1 segment, 1 join");
        batch.verifyBatch(_statements(3, 1));
        vm.snapshotGasLastCall(GROUP, "verify: 3 segments, 1 join");
        batch.verifyBatch(_statements(4, 4));
        vm.snapshotGasLastCall(GROUP, "verify: 4 segments, 4 joins");
    }

    // ── sync, confirm, execute, withdraw ────────────────────────────────────────────────────────────────────────────────

    function test_SyncPrimary() public {
        SegmentData[] memory list = new SegmentData[](0);
        BlockProof[] memory proofs = new BlockProof[](1);
        proofs[0] = blockProof(lastPrimary.finalRoot, primaryBlock(list));
        StoredBlock memory stored = commitPrimary(list);
        bytes32[][] memory hashes = new bytes32[][](1);
        hashes[0] = lastSyncHashes;
        primary.proveBlocks(storedList(stored), hashes, proofs);
        primary.syncBlock(stored, lastSyncHashes);
        vm.snapshotGasLastCall(GROUP, "sync primary (gateway double)");
    }

    function test_SyncAndConfirmSecondary() public {
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        vm.snapshotGasLastCall(GROUP, "sync secondary (gateway double)");
        vm.prank(address(secondaryGateway));
        secondary.receiveConfirmation(stored.blockNumber, stored.syncHash);
        vm.snapshotGasLastCall(GROUP, "confirm");
    }

    function test_ExecuteEmpty() public {
        StoredBlock memory stored = commitSecondary("");
        confirmSecondary(stored);
        secondary.executeBlocks(executeList(stored, ""));
        vm.snapshotGasLastCall(GROUP, "execute: empty");
    }

    function test_ExecuteFullExit() public {
        bytes memory data = requestFullExit(secondary, bob, 123_456, NATIVE, 1e18);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        secondary.executeBlocks(executeList(stored, data));
        vm.snapshotGasLastCall(GROUP, "execute: 1 full exit");
    }

    function test_ExecuteWithdraws() public {
        bytes memory data = _withdraws(0, 10);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        secondary.executeBlocks(executeList(stored, data));
        vm.snapshotGasLastCall(GROUP, "execute: 10 withdraws");
    }

    function test_WithdrawPending() public {
        vm.deal(bob, 1);
        vm.prank(alice);
        token.transfer(bob, 1);
        bytes memory data = bytes.concat(
            depositNative(secondary, alice, 10 ether, 1),
            depositToken(secondary, TOKEN, alice, 10e18, 2),
            Operations.withdraw(1, NATIVE, bob, 1 ether),
            Operations.withdraw(2, TOKEN, bob, 1e18)
        );
        runSecondary(data);
        vm.prank(bob);
        secondary.withdrawPending(bob, NATIVE);
        vm.snapshotGasLastCall(GROUP, "withdraw pending native coin");
        vm.prank(bob);
        secondary.withdrawPending(bob, TOKEN);
        vm.snapshotGasLastCall(GROUP, "withdraw pending ERC-20");
    }

    // ── material ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Words as incompressible as real ones.
    function _segment(uint8 chainIndex, bytes memory onchainData, bytes memory l2Data)
        private
        pure
        returns (SegmentData memory filled)
    {
        filled = segment(chainIndex, onchainData, l2Data);
        uint256 seed = uint256(keccak256(abi.encode(chainIndex, onchainData, l2Data)));
        filled.rootIn = uint256(keccak256(abi.encode(seed, 1))) % FIELD_ORDER;
        filled.rootOut = uint256(keccak256(abi.encode(seed, 2))) % FIELD_ORDER;
        filled.c1 = uint256(keccak256(abi.encode(seed, 3))) % FIELD_ORDER;
        filled.c2 = uint256(keccak256(abi.encode(seed, 4))) % FIELD_ORDER;
    }

    function _deposit(uint128 i) private returns (bytes memory) {
        return depositNative(primary, bob, i * 1e17, uint24(i));
    }

    function _transfers(uint256 first, uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = first; i < first + count; ++i) {
            uint256 random = uint256(keccak256(abi.encode("transfer", i)));
            bytes memory one =
                Operations.transfer(uint24(random), uint24(random >> 24), uint40(random >> 48), uint16(random >> 88));
            data = bytes.concat(data, one);
        }
    }

    function _withdraws(uint256 first, uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = first; i < first + count; ++i) {
            address to = address(uint160(uint256(keccak256(abi.encode("receiver", i)))));
            data = bytes.concat(data, Operations.withdraw(uint24(i + 1), NATIVE, to, 123_456_789_012_345_678));
        }
    }

    function _withdrawSegments(uint8 chainIndex) private pure returns (SegmentData[] memory list) {
        list = new SegmentData[](2);
        list[0] = _segment(chainIndex, _withdraws(0, 7), "");
        list[1] = _segment(chainIndex, _withdraws(7, 3), "");
    }

    function _transferSegments(uint256 count) private pure returns (SegmentData[] memory list) {
        list = new SegmentData[]((count + SEGMENT_SLOTS - 1) / SEGMENT_SLOTS);
        require(list.length <= MAX_SEGMENTS, "too many");
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 first = i * SEGMENT_SLOTS;
            uint256 left = count - first;
            list[i] = _segment(PRIMARY_INDEX, "", _transfers(first, left < SEGMENT_SLOTS ? left : SEGMENT_SLOTS));
        }
    }

    function _statements(uint256 segmentCount, uint256 joinCount) private view returns (Statement[] memory list) {
        list = new Statement[](segmentCount + joinCount);
        for (uint256 i = 0; i < list.length; ++i) {
            KeyId id = i < segmentCount ? KeyId.Segment : KeyId.Join;
            uint256[] memory inputs = new uint256[](Trapdoor.inputCount(id));
            for (uint256 j = 0; j < inputs.length; ++j) {
                inputs[j] = uint256(keccak256(abi.encode(i, j))) % FIELD_ORDER;
            }
            list[i] = Trapdoor.prove(id, inputs, 1000 + i, 3);
        }
    }

    function _runPrimary(bytes memory onchainData) private {
        SegmentData[] memory list = segments(segment(PRIMARY_INDEX, onchainData, ""));
        BlockProof[] memory proofs = new BlockProof[](1);
        proofs[0] = blockProof(lastPrimary.finalRoot, primaryBlock(list));
        StoredBlock memory stored = commitPrimary(list);
        bytes32[][] memory hashes = new bytes32[][](1);
        hashes[0] = lastSyncHashes;
        primary.proveBlocks(storedList(stored), hashes, proofs);
        primary.syncBlock(stored, lastSyncHashes);
        primaryGateway.confirm(stored.blockNumber, stored.syncHash);
        primary.executeBlocks(executeList(stored, onchainData));
    }
}
