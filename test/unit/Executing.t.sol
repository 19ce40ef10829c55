// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { ExecuteBlock, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract ExecutingTest is RollupTest {
    function test_ExecuteCreditsAndPops() public {
        bytes memory data = bytes.concat(
            depositNative(secondary, alice, 9 ether, 7),
            Operations.withdraw(7, NATIVE, bob, 2 ether),
            Operations.withdraw(8, TOKEN, bob, 33),
            requestFullExit(secondary, alice, 7, NATIVE, 7 ether),
            Operations.withdraw(7, NATIVE, bob, 1 ether)
        );
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bob, NATIVE, 2 ether);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bob, TOKEN, 33);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(alice, NATIVE, EXIT_BOND);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(alice, NATIVE, 7 ether);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bob, NATIVE, 1 ether);
        vm.expectEmit(address(secondary));
        emit IRollup.BlockExecuted(1);
        vm.prank(anyone);
        secondary.executeBlocks(executeList(stored, data));

        assertEq(secondary.pendingBalance(bob, NATIVE), 3 ether, "bob's coin");
        assertEq(secondary.pendingBalance(bob, TOKEN), 33, "bob's tokens");
        assertEq(secondary.pendingBalance(alice, NATIVE), 7 ether + EXIT_BOND, "alice's exit with her bond");
        assertEq(secondary.totalBlocksExecuted(), 1, "executed");
        (,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, 2, "both requests are popped");
        (bytes27 requestHash, uint40 expiresAt) = secondary.priorityRequest(0);
        assertEq(requestHash, bytes27(0), "the request is forgotten");
        assertEq(expiresAt, 0, "with its expiry");
    }

    /// @notice The fee stays in the rollup: on L2 it becomes the operator's.
    function test_AWithdrawalPaysItsAmountWithoutTheFee() public {
        // 0xffff: the largest fee that a float16 can say.
        bytes memory data = bytes.concat(
            Operations.withdraw(7, NATIVE, bob, 5, type(uint16).max), Operations.withdraw(7, NATIVE, bob, 0, 1)
        );
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        secondary.executeBlocks(executeList(stored, data));
        assertEq(secondary.pendingBalance(bob, NATIVE), 5, "the amount alone");
    }

    /// @notice A full exit that pays nothing was of a leaf that is not the caller's: it costs him the bond, whatever token it names.
    function test_AFullExitOfNothingCreditsTheBondReceiver() public {
        bytes memory data = requestFullExit(secondary, bob, 7, 12_345, 0);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        vm.recordLogs();
        secondary.executeBlocks(executeList(stored, data));
        assertEq(vm.getRecordedLogs().length, 2, "BalancePending of the bond, BlockExecuted");
        assertEq(secondary.pendingBalance(bob, 12_345), 0, "nothing pending");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "nor the bond");
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), EXIT_BOND, "the bond is the receiver's");
        (,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, 1, "the request is served");
    }

    function test_ExecuteSeveralBlocksInOneCall() public {
        ExecuteBlock[] memory list = new ExecuteBlock[](3);
        list[0].onchainData = depositNative(secondary, alice, 1 ether, 7);
        list[0].stored = commitSecondary(list[0].onchainData);
        list[1].stored = commitSecondary("");
        list[2].onchainData = depositNative(secondary, alice, 1 ether, 7);
        list[2].stored = commitSecondary(list[2].onchainData);
        confirmSecondary(list[2].stored);
        secondary.executeBlocks(list);
        assertEq(secondary.totalBlocksExecuted(), 3, "executed");
        (,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, 2, "popped");
    }

    function test_RequestsOfLaterBlocksStay() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 7);
        depositNative(secondary, alice, 2 ether, 7);
        runSecondary(data);
        (bytes27 requestHash,) = secondary.priorityRequest(1);
        assertTrue(requestHash != 0, "still queued");
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextId, 2, "next id");
        assertEq(nextToCommit, 1, "next to commit");
        assertEq(nextToExecute, 1, "next to execute");
    }

    function test_RevertWhen_ThereAreNoBlocks() public {
        vm.expectRevert(IRollupState.NoBlocks.selector);
        secondary.executeBlocks(new ExecuteBlock[](0));
    }

    function test_RevertWhen_BlockIsNotConfirmed() public {
        StoredBlock memory stored = commitSecondary("");
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 0, 1));
        secondary.executeBlocks(executeList(stored, ""));
        secondary.syncBlock(stored);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 0, 1));
        secondary.executeBlocks(executeList(stored, ""));
    }

    function test_RevertWhen_ExecutedTwice() public {
        StoredBlock memory stored = runSecondary("");
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 1));
        secondary.executeBlocks(executeList(stored, ""));
    }

    function test_RevertWhen_ExecutedTwiceInOneCall() public {
        bytes memory data = Operations.withdraw(7, NATIVE, bob, 1);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        ExecuteBlock[] memory twice = new ExecuteBlock[](2);
        twice[0] = ExecuteBlock(stored, data);
        twice[1] = ExecuteBlock(stored, data);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 1));
        secondary.executeBlocks(twice);
    }

    function test_RevertWhen_OutOfOrder() public {
        commitSecondary("");
        StoredBlock memory two = commitSecondary("");
        confirmSecondary(two);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 2));
        secondary.executeBlocks(executeList(two, ""));
    }

    function test_RevertWhen_StoredBlockIsTampered() public {
        bytes memory data = Operations.withdraw(7, NATIVE, bob, 1);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        stored.priorityRequestsTotal += 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IRollupState.WrongStoredBlock.selector, 1, secondary.storedBlockHash(1), FormatsReference.hash(stored)
            )
        );
        secondary.executeBlocks(executeList(stored, data));
    }

    function test_RevertWhen_OnchainDataIsTampered() public {
        bytes memory data = Operations.withdraw(7, NATIVE, bob, 1);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        bytes memory wrong = Operations.withdraw(7, NATIVE, bob, 2);
        vm.expectRevert(
            abi.encodeWithSelector(IRollup.WrongOnchainData.selector, 1, stored.onchainOpsHash, keccak256(wrong))
        );
        secondary.executeBlocks(executeList(stored, wrong));
        vm.expectRevert(
            abi.encodeWithSelector(IRollup.WrongOnchainData.selector, 1, stored.onchainOpsHash, keccak256(""))
        );
        secondary.executeBlocks(executeList(stored, ""));
    }
}
