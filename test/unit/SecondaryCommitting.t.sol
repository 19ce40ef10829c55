// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { SecondaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract SecondaryCommittingTest is RollupTest {
    function test_CommitEmptyBlock() public {
        SecondaryBlock memory block_ = secondaryBlock("");
        StoredBlock memory expected = expectedSecondary(lastSecondary, block_);
        vm.expectEmit(address(secondary));
        emit IRollup.BlockCommitted(1, block_.finalRoot, expected.syncHash);
        commitSecondary("");
        assertEq(secondary.storedBlockHash(1), FormatsReference.hash(expected), "stored block");
        assertEq(secondary.totalBlocksCommitted(), 1, "committed");
        assertEq(secondary.totalBlocksProved(), 1, "a secondary has nothing to prove");
        assertEq(secondary.totalBlocksSynced(), 0, "synced");
    }

    function test_CommitServesTheQueueInOrder() public {
        bytes memory data = bytes.concat(
            depositNative(secondary, alice, 1 ether, 7),
            Operations.withdraw(3, NATIVE, bob, 5),
            requestFullExit(secondary, bob, 9, TOKEN, 0),
            depositToken(secondary, TOKEN, bob, 77, 8)
        );
        depositNative(secondary, alice, 2 ether, 7);
        StoredBlock memory stored = commitSecondary(data);
        assertEq(stored.priorityRequestsTotal, 3, "requests in the block");
        assertEq(secondary.storedBlockHash(1), FormatsReference.hash(stored), "stored block");
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextId, 4, "next id");
        assertEq(nextToCommit, 3, "next to commit");
        assertEq(nextToExecute, 0, "next to execute");
    }

    function test_CommitSeveralBlocksInOneCall() public {
        bytes memory first = depositNative(secondary, alice, 1 ether, 7);
        bytes memory second = depositNative(secondary, bob, 2 ether, 8);
        SecondaryBlock[] memory blocks = new SecondaryBlock[](3);
        blocks[0] = secondaryBlock(first);
        StoredBlock memory one = expectedSecondary(lastSecondary, blocks[0]);
        blocks[1] = secondaryBlockAfter(one, "");
        StoredBlock memory two = expectedSecondary(one, blocks[1]);
        blocks[2] = secondaryBlockAfter(two, second);
        StoredBlock memory three = expectedSecondary(two, blocks[2]);
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
        assertEq(secondary.totalBlocksCommitted(), 3, "committed");
        assertEq(secondary.storedBlockHash(1), FormatsReference.hash(one), "block 1");
        assertEq(secondary.storedBlockHash(2), FormatsReference.hash(two), "block 2");
        assertEq(secondary.storedBlockHash(3), FormatsReference.hash(three), "block 3");
        (, uint64 nextToCommit,) = secondary.priorityQueueState();
        assertEq(nextToCommit, 2, "next to commit");
    }

    /// @notice Any run of deposits, full exits and withdrawals is accepted with what the reference expects.
    function testFuzz_CommitMixedOperations(uint256 seed) public {
        bytes memory data;
        uint256 count = seed % 12;
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint24 leaf = uint24(random >> 8);
            uint128 amount = uint128(1 + (random >> 40) % 1e18);
            if (random % 3 == 0) data = bytes.concat(data, depositNative(secondary, alice, amount, leaf));
            if (random % 3 == 1) data = bytes.concat(data, requestFullExit(secondary, bob, leaf, TOKEN, amount));
            if (random % 3 == 2) data = bytes.concat(data, Operations.withdraw(leaf, TOKEN, bob, amount));
        }
        StoredBlock memory stored = commitSecondary(data);
        assertEq(secondary.storedBlockHash(1), FormatsReference.hash(stored), "stored block");
    }

    // ── parent, number, time, root ──────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_CallerIsNotTheValidator() public {
        bytes32 role = secondary.VALIDATOR_ROLE();
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, anyone, role));
        secondary.commitBlocks(lastSecondary, _list(secondaryBlock("")));
    }

    function test_RevertWhen_ThereAreNoBlocks() public {
        vm.expectRevert(IRollupState.NoBlocks.selector);
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, new SecondaryBlock[](0));
    }

    /// @notice Every field of the parent is bound.
    function test_RevertWhen_ParentIsWrong() public {
        commitSecondary("");
        bytes32 expected = secondary.storedBlockHash(1);
        for (uint256 i = 0; i < 7; ++i) {
            StoredBlock memory wrong = abi.decode(abi.encode(lastSecondary), (StoredBlock));
            if (i == 0) wrong.priorityRequestsTotal += 1;
            if (i == 1) wrong.timestamp += 1;
            if (i == 2) wrong.finalRoot += 1;
            if (i == 3) wrong.onchainOpsHash ^= bytes32(uint256(1));
            if (i == 4) wrong.syncHash ^= bytes32(uint256(1));
            if (i == 5) wrong.proofInputsHash ^= bytes32(uint256(1));
            if (i == 6) wrong.syncHashesHash ^= bytes32(uint256(1));
            _expectRevert(
                wrong,
                secondaryBlock(""),
                abi.encodeWithSelector(
                    IRollupState.WrongStoredBlock.selector, 1, expected, FormatsReference.hash(wrong)
                )
            );
        }
    }

    function test_RevertWhen_ParentIsNotTheLast() public {
        StoredBlock memory genesis = lastSecondary;
        commitSecondary("");
        _expectRevert(
            genesis, secondaryBlockAfter(genesis, ""), abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 0)
        );
    }

    function test_RevertWhen_NumberIsWrong() public {
        SecondaryBlock memory block_ = secondaryBlock("");
        block_.blockNumber = 2;
        _expectRevert(lastSecondary, block_, abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 2));
        block_.blockNumber = 0;
        _expectRevert(lastSecondary, block_, abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 0));
    }

    function test_RevertWhen_TimestampIsOutOfRange() public {
        SecondaryBlock memory block_ = secondaryBlock("");
        uint64[3] memory wrong = [START - PAST - 1, START + FUTURE + 1, type(uint64).max];
        for (uint256 i = 0; i < wrong.length; ++i) {
            block_.timestamp = wrong[i];
            _expectRevert(
                lastSecondary,
                block_,
                abi.encodeWithSelector(IRollup.TimestampOutOfRange.selector, START - PAST, START + FUTURE, wrong[i])
            );
        }
    }

    function test_TimestampBoundsAreAccepted() public {
        SecondaryBlock[] memory blocks = new SecondaryBlock[](2);
        blocks[0] = secondaryBlock("");
        blocks[0].timestamp = START - PAST;
        blocks[1] = secondaryBlock("");
        blocks[1].blockNumber = 2;
        blocks[1].timestamp = START + FUTURE;
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
        assertEq(secondary.totalBlocksCommitted(), 2, "committed");
    }

    function test_RevertWhen_TimestampIsBeforeTheParents() public {
        commitSecondary("");
        SecondaryBlock memory block_ = secondaryBlock("");
        block_.timestamp = START - 1;
        _expectRevert(
            lastSecondary,
            block_,
            abi.encodeWithSelector(IRollup.TimestampOutOfRange.selector, START, START + FUTURE, START - 1)
        );
    }

    /// @notice A chain whose clock shows less than the tolerance (a fresh test chain) accepts any past time.
    function test_PastToleranceLargerThanTheClock() public {
        vm.warp(PAST - 1);
        SecondaryBlock memory block_ = secondaryBlock("");
        block_.timestamp = 0;
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, _list(block_));
        assertEq(secondary.totalBlocksCommitted(), 1, "committed");
    }

    function test_RevertWhen_RootIsNotInTheField() public {
        SecondaryBlock memory block_ = secondaryBlock("");
        block_.finalRoot = FIELD_ORDER;
        _expectRevert(lastSecondary, block_, abi.encodeWithSelector(IRollup.RootNotInField.selector, FIELD_ORDER));
    }

    // ── operations ──────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Every byte of a deposit's operation that the user fixed is bound: all but the leaf that the operator chose.
    function test_RevertWhen_DepositIsTampered() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 7);
        (bytes27 expected,) = secondary.priorityRequest(0);
        for (uint256 i = 4; i < data.length; ++i) {
            bytes memory wrong = bytes.concat(data);
            wrong[i] ^= 0x01;
            bytes27 actual = bytes27(keccak256(abi.encodePacked(uint8(1), _slice(wrong, 4))));
            _expectRevert(
                lastSecondary,
                secondaryBlock(wrong),
                abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, 0, expected, actual)
            );
        }
        data[3] ^= 0x01;
        commitSecondary(data);
    }

    function test_RevertWhen_FullExitIsTampered() public {
        bytes memory data = requestFullExit(secondary, bob, 9, TOKEN, 55);
        uint256[4] memory positions = [uint256(3), 27, 60, 75];
        for (uint256 i = 0; i < positions.length; ++i) {
            bytes memory wrong = bytes.concat(data);
            wrong[positions[i]] ^= 0x01;
            vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
            vm.prank(validator);
            secondary.commitBlocks(lastSecondary, _list(secondaryBlock(wrong)));
        }
    }

    function test_RevertWhen_DepositIsNotInTheQueue() public {
        bytes memory invented = Operations.deposit(1, NATIVE, bob, 1, KEY_X, KEY_Y);
        _expectRevert(
            lastSecondary, secondaryBlock(invented), abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 0)
        );
        bytes memory real = depositNative(secondary, alice, 1 ether, 7);
        _expectRevert(
            lastSecondary,
            secondaryBlock(bytes.concat(real, invented)),
            abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 1)
        );
    }

    function test_RevertWhen_DepositIsServedTwice() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 7);
        commitSecondary(data);
        _expectRevert(
            lastSecondary, secondaryBlock(data), abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 1)
        );
    }

    function test_RevertWhen_RequestsAreInTheWrongOrder() public {
        bytes memory first = depositNative(secondary, alice, 1 ether, 7);
        bytes memory second = requestFullExit(secondary, bob, 9, TOKEN, 0);
        (bytes27 expected,) = secondary.priorityRequest(0);
        (bytes27 actual,) = secondary.priorityRequest(1);
        _expectRevert(
            lastSecondary,
            secondaryBlock(bytes.concat(second, first)),
            abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, 0, expected, actual)
        );
    }

    function test_RevertWhen_OperationIsUnknown() public {
        uint8[4] memory kinds = [0, 4, 5, 255];
        bytes memory good = Operations.withdraw(3, NATIVE, bob, 5);
        for (uint256 i = 0; i < kinds.length; ++i) {
            _expectRevert(
                lastSecondary,
                secondaryBlock(bytes.concat(good, bytes1(kinds[i]))),
                abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kinds[i], 46)
            );
        }
    }

    function test_RevertWhen_OperationIsTruncated() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 7);
        assembly {
            mstore(data, 107)
        }
        _expectRevert(
            lastSecondary,
            secondaryBlock(data),
            abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, 1, 0, 108, 107)
        );
    }

    function _expectRevert(StoredBlock memory last, SecondaryBlock memory block_, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(validator);
        secondary.commitBlocks(last, _list(block_));
    }

    function _list(SecondaryBlock memory only) private pure returns (SecondaryBlock[] memory list) {
        list = new SecondaryBlock[](1);
        list[0] = only;
    }

    function _slice(bytes memory data, uint256 start) private pure returns (bytes memory result) {
        result = new bytes(data.length - start);
        for (uint256 i = 0; i < result.length; ++i) {
            result[i] = data[start + i];
        }
    }
}
