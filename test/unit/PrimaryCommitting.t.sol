// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract PrimaryCommittingTest is RollupTest {
    function test_CommitEmptyBlock() public {
        PrimaryBlock memory block_ = primaryBlock(new SegmentData[](0));
        (StoredBlock memory expected,) = expectedPrimary(lastPrimary, lastSyncHashes, block_);
        vm.expectEmit(address(primary));
        emit IRollup.BlockCommitted(1, block_.finalRoot, expected.syncHash);
        commitPrimary(new SegmentData[](0));
        assertEq(primary.storedBlockHash(1), FormatsReference.hash(expected), "stored block");
        assertEq(primary.totalBlocksCommitted(), 1, "committed");
        assertEq(primary.totalBlocksProved(), 0, "proved");
    }

    function test_CommitBlockOfAllChains() public {
        SegmentData[] memory list = _mixedSegments();
        StoredBlock memory stored = commitPrimary(list);
        assertEq(primary.storedBlockHash(1), FormatsReference.hash(stored), "stored block");
        assertEq(stored.priorityRequestsTotal, 3, "own requests only");
        (, uint64 nextToCommit,) = primary.priorityQueueState();
        assertEq(nextToCommit, 3, "next to commit");
    }

    function test_CommitSeveralBlocksInOneCall() public {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](2);
        blocks[0] = primaryBlock(_mixedSegments());
        (StoredBlock memory one, bytes32[] memory hashesOne) = expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        blocks[1] =
            primaryBlockAfter(one, segments(segment(PRIMARY_INDEX, depositNative(primary, alice, 4 ether, 1), "")));
        (StoredBlock memory two,) = expectedPrimary(one, hashesOne, blocks[1]);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        assertEq(primary.storedBlockHash(1), FormatsReference.hash(one), "block 1");
        assertEq(primary.storedBlockHash(2), FormatsReference.hash(two), "block 2");
    }

    /// @notice The secondary's own stored sync hash is the one that the primary computes for it.
    function test_SyncHashesOfBothSidesAgree() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 7);
        commitPrimary(segments(segment(SECONDARY_INDEX, data, "")));
        StoredBlock memory stored = commitSecondary(data);
        assertEq(stored.syncHash, lastSyncHashes[SECONDARY_INDEX], "sync hash of the secondary");
    }

    function test_ProofInputsAreTheFormats() public {
        PrimaryBlock memory block_ = primaryBlock(_mixedSegments());
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) =
            primary.proofInputs(lastPrimary.finalRoot, block_);
        (uint256[5][] memory expectedSegments, uint256[3] memory expectedJoin) =
            expectedInputs(lastPrimary.finalRoot, block_);
        assertEq(abi.encode(segmentInputs), abi.encode(expectedSegments), "segment inputs");
        assertEq(abi.encode(joinInputs), abi.encode(expectedJoin), "join inputs");
    }

    function test_SixteenSegmentsAreAccepted() public {
        SegmentData[] memory list = new SegmentData[](16);
        for (uint256 i = 0; i < 16; ++i) {
            list[i] = segment(2, Operations.withdraw(uint24(i), NATIVE, bob, 1), "");
        }
        StoredBlock memory stored = commitPrimary(list);
        assertEq(primary.storedBlockHash(1), FormatsReference.hash(stored), "stored block");
    }

    function test_LegsRunThroughAllSegments() public {
        StoredBlock memory stored = commitPrimary(_legs(3));
        assertEq(primary.storedBlockHash(1), FormatsReference.hash(stored), "stored block");
        // The next block begins with none again.
        stored = commitPrimary(_legs(4));
        assertEq(primary.storedBlockHash(2), FormatsReference.hash(stored), "stored block");
    }

    // ── parent, number, time, root ──────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_CallerIsNotTheValidator() public {
        bytes32 role = primary.VALIDATOR_ROLE();
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, anyone, role));
        primary.commitBlocks(lastPrimary, lastSyncHashes, new PrimaryBlock[](1));
    }

    function test_RevertWhen_ThereAreNoBlocks() public {
        vm.expectRevert(IRollupState.NoBlocks.selector);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, new PrimaryBlock[](0));
    }

    function test_RevertWhen_ParentIsWrong() public {
        StoredBlock memory wrong = lastPrimary;
        bytes32 expected = primary.storedBlockHash(0);
        wrong.finalRoot += 1;
        lastPrimary = wrong;
        _expectRevert(
            _emptyBlock(),
            abi.encodeWithSelector(IRollupState.WrongStoredBlock.selector, 0, expected, FormatsReference.hash(wrong))
        );
    }

    function test_RevertWhen_ParentIsNotTheLast() public {
        StoredBlock memory genesis = lastPrimary;
        commitPrimary("");
        lastPrimary = genesis;
        _expectRevert(_emptyBlock(), abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 0));
    }

    function test_RevertWhen_SyncHashListIsWrong() public {
        bytes32 expected = lastPrimary.syncHashesHash;
        lastSyncHashes[2] ^= bytes32(uint256(1));
        _expectRevert(
            _emptyBlock(), abi.encodeWithSelector(IPrimaryRollup.WrongSyncHashes.selector, expected, _listHash())
        );
        lastSyncHashes[2] ^= bytes32(uint256(1));
        lastSyncHashes.pop();
        _expectRevert(
            _emptyBlock(), abi.encodeWithSelector(IPrimaryRollup.WrongSyncHashes.selector, expected, _listHash())
        );
    }

    function test_RevertWhen_NumberIsWrong() public {
        PrimaryBlock memory block_ = _emptyBlock();
        block_.blockNumber = 2;
        _expectRevert(block_, abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 2));
    }

    function test_RevertWhen_TimestampIsOutOfRange() public {
        PrimaryBlock memory block_ = _emptyBlock();
        uint64[2] memory wrong = [START - PAST - 1, START + FUTURE + 1];
        for (uint256 i = 0; i < wrong.length; ++i) {
            block_.timestamp = wrong[i];
            _expectRevert(
                block_,
                abi.encodeWithSelector(IRollup.TimestampOutOfRange.selector, START - PAST, START + FUTURE, wrong[i])
            );
        }
    }

    function test_RevertWhen_RootIsNotInTheField() public {
        PrimaryBlock memory block_ = _emptyBlock();
        block_.finalRoot = type(uint256).max;
        _expectRevert(block_, abi.encodeWithSelector(IRollup.RootNotInField.selector, type(uint256).max));
    }

    // ── segments ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ThereAreTooManySegments() public {
        PrimaryBlock memory block_ = primaryBlock(new SegmentData[](17));
        _expectRevert(block_, abi.encodeWithSelector(IPrimaryRollup.TooManySegments.selector, 16, 17));
    }

    function test_RevertWhen_ChainIsNotInTheTopology() public {
        PrimaryBlock memory block_ = primaryBlock(segments(segment(CHAIN_COUNT, "", "")));
        _expectRevert(block_, abi.encodeWithSelector(IRollup.UnknownChainIndex.selector, CHAIN_COUNT, CHAIN_COUNT));
    }

    function test_RevertWhen_LegsDoNotBeginWithNone() public {
        PrimaryBlock memory block_ = primaryBlock(segments(segment(0, "", "")));
        block_.segments[0].legsIn = 5;
        _expectRevert(block_, abi.encodeWithSelector(IPrimaryRollup.WrongLegsIn.selector, 0, 0, 5));
        // Nor do they when the block before ended with these, in the same call or in another.
        PrimaryBlock[] memory two = new PrimaryBlock[](2);
        two[0] = primaryBlock(segments(segment(0, "", "")));
        two[0].segments[0].legsOut = 5;
        (StoredBlock memory stored, bytes32[] memory hashes) = expectedPrimary(lastPrimary, lastSyncHashes, two[0]);
        two[1] = primaryBlockAfter(stored, block_.segments);
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.WrongLegsIn.selector, 0, 0, 5));
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, two);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, _list(two[0]));
        (lastPrimary, lastSyncHashes) = (stored, hashes);
        _expectRevert(two[1], abi.encodeWithSelector(IPrimaryRollup.WrongLegsIn.selector, 0, 0, 5));
    }

    /// @notice In each place of a block, on the same chain and on another: legs are dropped, begin anew, or are those before the last segment.
    function test_RevertWhen_LegsDoNotContinue() public {
        for (uint256 index = 1; index < 4; ++index) {
            for (uint8 chain = 0; chain < CHAIN_COUNT; ++chain) {
                for (uint256 wrong = 0; wrong < 3; ++wrong) {
                    SegmentData[] memory list = _legs(4);
                    list[index].chainIndex = chain;
                    uint256 expected = list[index].legsIn;
                    list[index].legsIn = wrong == 0 ? 0 : wrong == 1 ? expected + 1 : list[index].legsOut;
                    bytes memory reason = abi.encodeWithSelector(
                        IPrimaryRollup.WrongLegsIn.selector, index, expected, list[index].legsIn
                    );
                    _expectRevert(primaryBlock(list), reason);
                }
            }
        }
    }

    /// @notice The join's legs are the last segment's legs out, whatever they were before; 0 if there is no segment.
    function test_LegsOfTheJoin() public view {
        for (uint256 count = 0; count <= 4; ++count) {
            SegmentData[] memory list = _legs(count);
            PrimaryBlock memory block_ = primaryBlock(list);
            (, uint256[3] memory actual) = primary.proofInputs(7, block_);
            uint256[] memory words = new uint256[](5 + 3 * count);
            (words[0], words[1]) = (DEPLOYMENT_ID, (1 << 16) | count);
            (words[2], words[3], words[4]) = (7, block_.finalRoot, 100 * count);
            for (uint256 i = 0; i < count; ++i) {
                (words[5 + 3 * i], words[6 + 3 * i], words[7 + 3 * i]) =
                (list[i].chainIndex, list[i].rootIn, list[i].rootOut);
            }
            uint256 r = uint256(keccak256(abi.encodePacked(block_.joinC1, words))) % FIELD_ORDER;
            assertEq(actual[1], r, "r");
            assertEq(actual[2], FormatsReference.evaluate(words, r, 0), "y1");
        }
    }

    function test_RevertWhen_AWordIsNotInTheField() public {
        bytes memory reason = abi.encodeWithSelector(Pubdata.WordNotInField.selector, FIELD_ORDER);
        for (uint256 i = 0; i < 9; ++i) {
            PrimaryBlock memory block_ = primaryBlock(segments(segment(1, "", "")));
            SegmentData memory only = block_.segments[0];
            if (i == 0) only.rootIn = FIELD_ORDER;
            if (i == 1) only.rootOut = FIELD_ORDER;
            if (i == 2) only.legsOut = FIELD_ORDER;
            if (i == 3) only.c1 = FIELD_ORDER;
            if (i == 4) only.c2 = FIELD_ORDER;
            if (i == 5) only.onchainData = Operations.deposit(1, NATIVE, bob, 1, FIELD_ORDER, 0);
            if (i == 6) only.onchainData = Operations.deposit(1, NATIVE, bob, 1, 0, FIELD_ORDER);
            if (i == 7) only.l2Data = Operations.open(1, NATIVE, bob, FIELD_ORDER, 0);
            if (i == 8) block_.joinC1 = FIELD_ORDER;
            _expectRevert(block_, reason);
        }
        PrimaryBlock memory last = primaryBlock(segments(segment(1, "", "")));
        last.segments[0].l2Data = Operations.open(1, NATIVE, bob, 0, FIELD_ORDER);
        _expectRevert(last, reason);
    }

    function test_RevertWhen_AnotherChainsOperationIsMalformed() public {
        PrimaryBlock memory block_ = primaryBlock(segments(segment(1, hex"09", "")));
        _expectRevert(block_, abi.encodeWithSelector(Pubdata.UnknownOperation.selector, 9, 0));
        block_ = primaryBlock(segments(segment(1, hex"02", "")));
        _expectRevert(block_, abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, 2, 0, 76, 1));
        block_ = primaryBlock(segments(segment(1, "", hex"01")));
        _expectRevert(block_, abi.encodeWithSelector(Pubdata.UnknownOperation.selector, 1, 0));
        block_ = primaryBlock(segments(segment(1, "", hex"05")));
        _expectRevert(block_, abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, 5, 0, 14, 1));
    }

    // ── the primary's own requests ──────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_OwnDepositIsTampered() public {
        bytes memory data = depositNative(primary, alice, 1 ether, 7);
        data[40] ^= 0x01;
        (bytes27 expected,) = primary.priorityRequest(0);
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, _list(primaryBlock(segments(segment(0, data, "")))));
        assertTrue(expected != 0, "the request waits");
    }

    function test_RevertWhen_OwnDepositIsNotInTheQueue() public {
        bytes memory data = Operations.deposit(1, NATIVE, bob, 1, KEY_X, KEY_Y);
        _expectRevert(
            primaryBlock(segments(segment(PRIMARY_INDEX, data, ""))),
            abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 0)
        );
    }

    /// @notice Order counts across the segments of the chain too.
    function test_RevertWhen_OwnRequestsAreInTheWrongOrder() public {
        bytes memory first = depositNative(primary, alice, 1 ether, 7);
        bytes memory second = depositNative(primary, alice, 2 ether, 7);
        (bytes27 expected,) = primary.priorityRequest(0);
        (bytes27 actual,) = primary.priorityRequest(1);
        SegmentData[] memory list = new SegmentData[](2);
        list[0] = segment(PRIMARY_INDEX, second, "");
        list[1] = segment(PRIMARY_INDEX, first, "");
        _expectRevert(
            primaryBlock(list), abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, 0, expected, actual)
        );
    }

    /// @dev Two segments of the primary, one of chain 1, one of chain 2, with operations of every kind.
    function _mixedSegments() private returns (SegmentData[] memory list) {
        list = new SegmentData[](4);
        list[0] = segment(
            PRIMARY_INDEX,
            bytes.concat(depositNative(primary, alice, 1 ether, 7), requestFullExit(primary, bob, 3, TOKEN, 44)),
            bytes.concat(Operations.open(5, NATIVE, bob, KEY_X, KEY_Y), Operations.transfer(7, 5, 12_345))
        );
        list[1] = segment(
            SECONDARY_INDEX,
            bytes.concat(Operations.deposit(1, TOKEN, bob, 9, KEY_Y, KEY_X), Operations.withdraw(1, TOKEN, bob, 4)),
            ""
        );
        list[2] = segment(
            PRIMARY_INDEX,
            bytes.concat(Operations.withdraw(7, NATIVE, alice, 1), depositToken(primary, TOKEN, bob, 6, 2)),
            ""
        );
        list[3] =
            segment(2, "", bytes.concat(Operations.swapIn(1, 2, 3, 4), Operations.transfer(1, 2, type(uint40).max)));
    }

    /// @dev Segments of all chains in turn, whose legs go on: 0, 100, 200, …
    function _legs(uint256 count) private pure returns (SegmentData[] memory list) {
        list = new SegmentData[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = segment(uint8((i * 2) % CHAIN_COUNT), "", Operations.swapIn(1, 2, 3, 4));
            (list[i].legsIn, list[i].legsOut) = (100 * i, 100 * (i + 1));
        }
    }

    function _emptyBlock() private view returns (PrimaryBlock memory) {
        return primaryBlock(new SegmentData[](0));
    }

    function _listHash() private view returns (bytes32) {
        bytes32[] memory list = lastSyncHashes;
        return keccak256(abi.encode(list));
    }

    function _expectRevert(PrimaryBlock memory block_, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, _list(block_));
    }

    function _list(PrimaryBlock memory only) private pure returns (PrimaryBlock[] memory list) {
        list = new PrimaryBlock[](1);
        list[0] = only;
    }
}
