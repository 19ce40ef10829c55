// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IReverting } from "../../src/interfaces/IReverting.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { ExecuteBlock, PrimaryBlock, SecondaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice A validator that wants to serve requests twice, not at all, in another order or with other content; and users who want to wedge the queue.
contract QueueAttack is RollupTest {
    bytes private one;
    bytes private two;
    bytes private three;

    function setUp() public override {
        super.setUp();
        one = depositNative(primary, alice, 1 ether, 1);
        two = requestFullExit(primary, bob, 2, NATIVE, 5);
        three = depositNative(primary, alice, 3 ether, 3);
    }

    // ── two segments of the own chain ───────────────────────────────────────────────────────────────────────────────────

    /// @notice The queue goes on from segment to segment of one block, past other chains' segments that look the same.
    function test_RequestsMayLieInSeveralSegments() public {
        SegmentData[] memory list = new SegmentData[](4);
        list[0] = segment(PRIMARY_INDEX, one, "");
        list[1] = segment(SECONDARY_INDEX, bytes.concat(one, three), "");
        list[2] = segment(PRIMARY_INDEX, bytes.concat(two, three), "");
        list[3] = segment(PRIMARY_INDEX, "", "");
        assertEq(commitPrimary(list).priorityRequestsTotal, 3, "three, not five");
    }

    function test_ARequestInTwoSegments() public {
        _expectRefused(_two(one, one), 1, _hashOf(two), _hashOf(one));
    }

    function test_SegmentsInTheWrongOrder() public {
        _expectRefused(_two(two, one), 0, _hashOf(one), _hashOf(two));
    }

    function test_SkippingARequest() public {
        _expectRefused(_two(one, three), 1, _hashOf(two), _hashOf(three));
    }

    /// @notice Bytes that are cut between two segments of a chain are read per segment, so no request hides across the cut.
    function test_ARequestAcrossTheBoundaryOfSegments() public {
        bytes memory data = bytes.concat(one, two);
        bytes memory head = new bytes(120);
        bytes memory tail = new bytes(data.length - 120);
        for (uint256 i = 0; i < data.length; ++i) {
            if (i < 120) head[i] = data[i];
            else tail[i - 120] = data[i];
        }
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(_two(head, tail));
        vm.prank(validator);
        vm.expectRevert();
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
    }

    /// @notice A block without segments serves nothing and keeps the queue.
    function test_ABlockWithoutSegments() public {
        assertEq(commitPrimary(new SegmentData[](0)).priorityRequestsTotal, 0, "nothing served");
        assertEq(commitPrimary(bytes.concat(one, two, three)).priorityRequestsTotal, 3, "all of it later");
    }

    // ── twice, over blocks ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_ARequestInTwoBlocksOfOneCall() public {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](2);
        blocks[0] = primaryBlock(_two(one, two));
        (StoredBlock memory first,) = expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        blocks[1] = primaryBlockAfter(first, _two(two, three));
        vm.expectRevert(
            abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, 2, _hashOf(three), _hashOf(two))
        );
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
    }

    /// @notice After a revert the same requests come again, exactly once; after execution they are forgotten and cannot.
    function test_ARequestAgainAfterRevertAndAfterExecution() public {
        StoredBlock memory genesis = lastSecondary;
        bytes memory data = depositNative(secondary, alice, 1 ether, 1);
        commitSecondary(data);
        vm.prank(validator);
        secondary.revertBlocks(genesis);
        lastSecondary = genesis;
        runSecondary(data);
        SecondaryBlock[] memory again = new SecondaryBlock[](1);
        again[0] = secondaryBlock(data);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 1));
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, again);
        // Nor does the same request's content, asked for anew, bring back the old id.
        depositNative(secondary, alice, 1 ether, 1);
        assertEq(commitSecondary(data).priorityRequestsTotal, 2, "the new one");
    }

    /// @notice Blocks with requests reverted, other blocks in their place: each chain's counters and requests stay in step.
    function test_RevertingBlocksWithRequestsInBetween() public {
        StoredBlock memory genesis = lastSecondary;
        bytes memory a = depositNative(secondary, alice, 1 ether, 1);
        bytes memory b = requestFullExit(secondary, bob, 2, NATIVE, 1 ether);
        StoredBlock memory kept = commitSecondary(a);
        commitSecondary(b);
        vm.prank(validator);
        secondary.revertBlocks(kept);
        lastSecondary = kept;
        bytes memory other = Operations.withdraw(1, NATIVE, bob, 7);
        StoredBlock memory withdrawn = commitSecondary(other);
        assertEq(withdrawn.priorityRequestsTotal, 1, "the exit is back in the queue");
        StoredBlock memory served = commitSecondary(b);
        confirmSecondary(served);
        ExecuteBlock[] memory list = new ExecuteBlock[](3);
        list[0] = ExecuteBlock(kept, a);
        list[1] = ExecuteBlock(withdrawn, other);
        list[2] = ExecuteBlock(served, b);
        secondary.executeBlocks(list);
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextId, 2, "made");
        assertEq(nextToCommit, 2, "committed");
        assertEq(nextToExecute, 2, "executed");
        vm.prank(validator);
        vm.expectRevert(abi.encodeWithSelector(IReverting.CannotRevertSynced.selector, 3, 0));
        secondary.revertBlocks(genesis);
    }

    // ── other content ───────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Every byte of a deposit but its leaf, every byte of a full exit but token, amount and shares, is the user's.
    function test_EveryByteOfARequestIsBound() public {
        bytes memory data = bytes.concat(one, two);
        for (uint256 i = 0; i < data.length; ++i) {
            bool deposit = i < 108;
            uint256 place = deposit ? i : i - 108;
            bool operators =
                deposit ? place >= 1 && place < 4 : (place >= 4 && place < 8) || (place >= 28 && place < 60);
            // A kind that is none is refused earlier.
            if (operators || place == 0) continue;
            data[i] ^= 0x01;
            PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
            blocks[0] = primaryBlock(segments(segment(PRIMARY_INDEX, data, "")));
            vm.prank(validator);
            try primary.commitBlocks(lastPrimary, lastSyncHashes, blocks) {
                revert("taken");
            } catch (bytes memory reason) {
                // The first byte of a key may take it out of the field, which is found first.
                bool found = bytes4(reason) == PriorityQueue.WrongPriorityRequest.selector
                    || bytes4(reason) == Pubdata.WordNotInField.selector;
                assertTrue(found, "refused for what it is");
            }
            data[i] ^= 0x01;
        }
    }

    /// @notice A full exit in a deposit's place and a deposit in a full exit's.
    function test_KindsAreNotExchangeable() public {
        bytes memory exit = Operations.fullExit(1, NATIVE, alice, 1 ether, 2 ether);
        _expectRefused(_two(exit, two), 0, _hashOf(one), _hashOf(exit));
        bytes memory deposit = Operations.deposit(2, NATIVE, bob, 5, KEY_X, KEY_Y);
        _expectRefused(_two(one, deposit), 1, _hashOf(two), _hashOf(deposit));
    }

    /// @notice A request of one chain is none of another's: the same bytes are refused where nobody asked.
    function test_ARequestOfAnotherChain() public {
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock(one);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 0));
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
    }

    /// @notice A full exit is its sender's alone: nobody asks in another's name, and who asks for another's leaf gets what the proof says: nothing.
    function test_AFullExitInAnothersName() public {
        bytes memory forged = Operations.fullExit(1, NATIVE, alice, 1 ether);
        requestFullExit(primary, bob, 1, NATIVE, 0);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(segments(segment(PRIMARY_INDEX, bytes.concat(one, two, three, forged), "")));
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
    }

    // ── users who wedge ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Nothing that a user may ask for is unservable: extremes of amount, key, owner and leaf go through commit and execution.
    function test_ExtremeRequestsAreServable() public {
        uint128 most = 2 ** 104 - 1;
        vm.deal(alice, most);
        bytes memory data = depositNative(secondary, address(1), most, 0);
        data = bytes.concat(data, depositToken(secondary, TOKEN, address(secondary), 1, type(uint24).max));
        data = bytes.concat(data, requestFullExit(secondary, address(secondary), type(uint24).max, 0, 0));
        data = bytes.concat(data, requestFullExit(secondary, alice, 0, 0, 0));
        runSecondary(data);
        (uint64 nextId,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, nextId, "all served");
    }

    function _two(bytes memory first, bytes memory second) private pure returns (SegmentData[] memory list) {
        list = new SegmentData[](2);
        list[0] = segment(PRIMARY_INDEX, first, "");
        list[1] = segment(PRIMARY_INDEX, second, "");
    }

    function _expectRefused(SegmentData[] memory list, uint64 requestId, bytes27 expected, bytes27 actual) private {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(list);
        vm.expectRevert(
            abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, requestId, expected, actual)
        );
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
    }

    /// @dev Request hash of an operation, by src/FORMATS.md.
    function _hashOf(bytes memory operation) private pure returns (bytes27) {
        bool deposit = operation[0] == 0x01;
        bytes memory content = deposit ? new bytes(105) : new bytes(40);
        content[0] = operation[0];
        for (uint256 i = 1; i < content.length; ++i) {
            content[i] = operation[deposit ? i + 3 : i < 4 ? i : i < 24 ? i + 4 : i + 36];
        }
        return bytes27(keccak256(content));
    }
}
