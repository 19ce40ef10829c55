// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { GatewayDouble } from "../utils/doubles/GatewayDouble.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice How a chain gets into exit mode: trigger, halt request, halt, in every order in which messages may come.
contract ExitModeTest is ExitTest {
    // ── trigger ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_TriggerStopsTheChain() public {
        depositNative(secondary, bob, 1 ether, 1);
        vm.warp(START + EXPIRATION + 1);
        vm.expectEmit(address(secondary));
        emit IExitMode.ExitModeTriggered(0, uint40(START + EXPIRATION));
        vm.prank(anyone);
        secondary.triggerExitMode();
        _assertMode(Mode.Stopped);
        assertFalse(secondary.exitsOpen(), "exits wait for the halt");
        assertEq(secondary.haltRoot(), 0, "no root to exit against yet");
        assertEq(uint256(primary.mode()), uint256(Mode.Running), "each chain has its own mode");
    }

    function test_ThePrimaryIsStoppedAlike() public {
        requestFullExit(primary, bob, 1, NATIVE, 0);
        stop(primary);
        assertEq(uint256(primary.mode()), uint256(Mode.Stopped), "mode");
    }

    function test_RevertWhen_NoRequestWaits() public {
        vm.warp(START + 365 days);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 0, 0, START + 365 days));
        secondary.triggerExitMode();
        runSecondary(requestFullExit(secondary, bob, 1, NATIVE, 0));
        vm.warp(block.timestamp + 365 days);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 1, 0, block.timestamp));
        secondary.triggerExitMode();
    }

    function test_RevertWhen_TheOldestRequestHasNotExpired() public {
        depositNative(secondary, bob, 1 ether, 1);
        uint40 expiresAt = uint40(START + EXPIRATION);
        vm.warp(expiresAt);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 0, expiresAt, expiresAt));
        secondary.triggerExitMode();
        vm.warp(expiresAt + 1);
        secondary.triggerExitMode();
    }

    /// @notice What counts is the oldest request that is not executed, whatever came before and after it.
    function test_OnlyTheOldestWaitingRequestCounts() public {
        bytes memory served = depositNative(secondary, bob, 1 ether, 1);
        vm.warp(START + 1 days);
        depositNative(secondary, bob, 2 ether, 1);
        vm.warp(START + EXPIRATION + 1);
        runSecondary(served);
        uint40 expiresAt = uint40(START + 1 days + EXPIRATION);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 1, expiresAt, block.timestamp));
        secondary.triggerExitMode();
        vm.warp(expiresAt + 1);
        secondary.triggerExitMode();
        _assertMode(Mode.Stopped);
    }

    /// @notice A block that serves the request helps nobody as long as it is not confirmed.
    function test_ACommittedOrSyncedRequestStillExpires() public {
        bytes memory data = depositNative(secondary, bob, 1 ether, 1);
        StoredBlock memory stored = commitSecondary(data);
        uint256 snapshot = vm.snapshotState();
        stop(secondary);
        _assertMode(Mode.Stopped);
        vm.revertToState(snapshot);
        secondary.syncBlock(stored);
        stop(secondary);
        _assertMode(Mode.Stopped);
    }

    function test_RevertWhen_WhatIsConfirmedIsNotExecuted() public {
        bytes memory data = depositNative(secondary, bob, 1 ether, 1);
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        expire(secondary);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ConfirmedBlocksNotExecuted.selector, 1, 0));
        secondary.triggerExitMode();
        // Anyone executes, and the request was served after all.
        vm.prank(anyone);
        secondary.executeBlocks(executeList(stored, data));
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 1, 0, block.timestamp));
        secondary.triggerExitMode();
    }

    function test_RevertWhen_TriggeredAgain() public {
        StoredBlock memory genesis = secondary.genesisBlock();
        depositNative(secondary, bob, 1 ether, 1);
        stop(secondary);
        _expectWrongMode(Mode.Running, Mode.Stopped);
        secondary.triggerExitMode();
        halt(secondaryGateway, genesis);
        _expectWrongMode(Mode.Running, Mode.Halted);
        secondary.triggerExitMode();
    }

    // ── halt request ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_SendHaltRequest() public {
        depositNative(secondary, bob, 1 ether, 1);
        stop(secondary);
        secondaryGateway.setSyncFee(3);
        vm.expectEmit(address(secondary));
        emit IExitMode.HaltRequestSent();
        vm.prank(anyone);
        secondary.sendHaltRequest{ value: 10 }();
        assertEq(secondaryGateway.haltRequests(), 1, "sent");
        assertEq(address(secondaryGateway).balance, 3, "fee");
        assertEq(anyone.balance, 1000 ether - 3, "the surplus goes back to the caller");
        assertEq(address(secondary).balance, 1 ether, "the vault paid nothing");
        _assertMode(Mode.Stopped);
    }

    /// @notice A message service that fails for hours: the chain stays stopped, and the request goes out when it can, as often as anyone likes.
    function test_TheHaltRequestMayBeSentAgain() public {
        depositNative(secondary, bob, 1 ether, 1);
        stop(secondary);
        secondaryGateway.setSyncFee(3);
        vm.expectRevert(abi.encodeWithSelector(GatewayDouble.InsufficientFee.selector, 3, 2));
        secondary.sendHaltRequest{ value: 2 }();
        vm.warp(block.timestamp + 12 hours);
        secondary.sendHaltRequest{ value: 3 }();
        secondary.sendHaltRequest{ value: 3 }();
        assertEq(secondaryGateway.haltRequests(), 2, "sent twice");
    }

    function test_RevertWhen_TheHaltRequestIsSentInAnotherMode() public {
        _expectWrongMode(Mode.Stopped, Mode.Running);
        secondary.sendHaltRequest();
        halt(secondaryGateway, secondary.genesisBlock());
        _expectWrongMode(Mode.Stopped, Mode.Halted);
        secondary.sendHaltRequest();
    }

    function test_RevertWhen_ThereIsNoGatewayToAsk() public {
        secondary = deploySecondary(parameters(SECONDARY_INDEX));
        requestFullExit(secondary, bob, 1, NATIVE, 0);
        stop(secondary);
        vm.expectRevert(IRollupState.GatewayNotSet.selector);
        secondary.sendHaltRequest();
    }

    /// @notice The surplus goes to a caller that calls back: nothing that is guarded lets it in.
    function test_RevertWhen_TheCallerReenters() public {
        bytes memory data = depositNative(secondary, bob, 1 ether, 1);
        runSecondary(data);
        depositNative(secondary, bob, 1 ether, 1);
        stop(secondary);
        Receiver caller = new Receiver();
        vm.deal(address(caller), 10);
        bytes[2] memory calls =
            [abi.encodeCall(IExitMode.sendHaltRequest, ()), abi.encodeCall(IRollup.withdrawPending, (bob, NATIVE))];
        for (uint256 i = 0; i < 2; ++i) {
            caller.setReentry(address(secondary), calls[i]);
            vm.expectRevert("refund");
            vm.prank(address(caller));
            secondary.sendHaltRequest{ value: 1 }();
        }
        assertEq(secondaryGateway.haltRequests(), 0, "nothing was sent");
    }

    // ── halt ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_AHaltConfirmsItsBlock() public {
        commitSecondary(depositNative(secondary, bob, 1 ether, 1));
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(two);
        vm.expectEmit(address(secondary));
        emit IRollupState.BlockConfirmed(2, two.syncHash);
        vm.expectEmit(address(secondary));
        emit IExitMode.Halted(2, two.finalRoot);
        halt(secondaryGateway, two);
        _assertMode(Mode.Halted);
        assertEq(secondary.haltBlock(), 2, "halt block");
        assertEq(secondary.totalBlocksConfirmed(), 2, "confirmed");
        assertFalse(secondary.exitsOpen(), "what is confirmed is executed first");
        assertEq(secondary.haltRoot(), 0, "no root before");
    }

    function test_AHaltAtAConfirmedBlock() public {
        StoredBlock memory stored = runSecondary(depositNative(secondary, bob, 1 ether, 1));
        vm.recordLogs();
        halt(secondaryGateway, stored);
        assertEq(vm.getRecordedLogs().length, 1, "Halted, nothing to confirm");
        assertTrue(secondary.exitsOpen(), "all of it is executed");
        assertEq(secondary.haltRoot(), stored.finalRoot, "root");
    }

    /// @notice Nothing was ever confirmed: everybody gets deposits and bonds back, and there is nothing else.
    function test_AHaltAtBlockZero() public {
        StoredBlock memory stored = commitSecondary(depositNative(secondary, bob, 1 ether, 1));
        secondary.syncBlock(stored);
        stop(secondary);
        vm.expectEmit(address(secondary));
        emit IExitMode.Halted(0, 0);
        secondaryGateway.halt(0, 0, 0);
        assertTrue(secondary.exitsOpen(), "nothing to execute");
        assertEq(secondary.haltRoot(), GENESIS_ROOT, "the state before block 1");
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 0, 1));
        secondary.executeBlocks(executeList(stored, ""));
    }

    function test_AHaltStopsAChainThatNobodyStopped() public {
        halt(secondaryGateway, runSecondary(""));
        _assertMode(Mode.Halted);
        _expectWrongMode(Mode.Running, Mode.Halted);
        secondary.depositNative{ value: 1 }(bob, KEY_X, KEY_Y);
    }

    function test_AHaltSentAgainChangesNothing() public {
        runSecondary("");
        StoredBlock memory two = runSecondary("");
        halt(secondaryGateway, two);
        vm.recordLogs();
        halt(secondaryGateway, two);
        secondaryGateway.halt(2, two.finalRoot ^ 1, bytes32(0));
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(secondary.haltRoot(), two.finalRoot, "root");
    }

    function test_RevertWhen_AnotherHaltFollows() public {
        StoredBlock memory one = runSecondary("");
        StoredBlock memory two = runSecondary("");
        StoredBlock memory three = commitSecondary("");
        secondary.syncBlock(three);
        halt(secondaryGateway, two);
        StoredBlock[3] memory others = [one, three, secondary.genesisBlock()];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 2, others[i].blockNumber));
            halt(secondaryGateway, others[i]);
        }
    }

    function test_RevertWhen_AnotherThanTheGatewayHalts() public {
        StoredBlock memory stored = runSecondary("");
        address[4] memory callers = [anyone, validator, admin, address(primaryGateway)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRollupState.OnlyGateway.selector, address(secondaryGateway), callers[i])
            );
            vm.prank(callers[i]);
            secondary.receiveHalt(1, stored.finalRoot, stored.syncHash);
        }
    }

    function test_RevertWhen_TheHaltIsBelowWhatIsConfirmed() public {
        StoredBlock memory one = runSecondary("");
        confirmSecondary(commitSecondary(""));
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 2, 1));
        halt(secondaryGateway, one);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 2, 0));
        secondaryGateway.halt(0, 0, 0);
    }

    function test_RevertWhen_TheHaltsBlockWasNotSynced() public {
        StoredBlock memory one = commitSecondary("");
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(two);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 2, 1));
        halt(secondaryGateway, one);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 2, 3));
        secondaryGateway.halt(3, two.finalRoot, 0);
    }

    function test_RevertWhen_TheHaltsSyncHashIsNotWhatWasSent() public {
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        bytes32 other = stored.syncHash ^ bytes32(uint256(1));
        vm.expectRevert(abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, stored.syncHash, other));
        secondaryGateway.halt(1, stored.finalRoot, other);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, stored.syncHash, 0));
        secondaryGateway.halt(1, stored.finalRoot, 0);
    }

    /// @notice Whoever could forge a halt could name a root: it is published and nothing more. Exits are proved against what this chain executed, in
    /// whichever order halt and execution come.
    function test_TheRootOfAHaltIsNotBelieved() public {
        StoredBlock memory one = commitSecondary("");
        confirmSecondary(one);
        uint256 snapshot = vm.snapshotState();
        secondaryGateway.halt(1, 666, one.syncHash);
        secondary.executeBlocks(executeList(one, ""));
        assertEq(secondary.haltRoot(), one.finalRoot, "executed after the halt");
        vm.revertToState(snapshot);
        secondary.executeBlocks(executeList(one, ""));
        secondaryGateway.halt(1, 666, one.syncHash);
        assertEq(secondary.haltRoot(), one.finalRoot, "executed before the halt");
    }

    // ── confirmations in flight ─────────────────────────────────────────────────────────────────────────────────────────

    function test_AConfirmationReachesAStoppedChain() public {
        bytes memory data = depositNative(secondary, bob, 1 ether, 1);
        StoredBlock memory one = commitSecondary(data);
        secondary.syncBlock(one);
        stop(secondary);
        secondaryGateway.confirm(1, one.syncHash);
        assertEq(secondary.totalBlocksConfirmed(), 1, "confirmed");
        secondary.executeBlocks(executeList(one, data));
        _assertMode(Mode.Stopped);
        halt(secondaryGateway, one);
        assertTrue(secondary.exitsOpen(), "exits are open");
    }

    function test_AConfirmationAfterTheHaltChangesNothing() public {
        StoredBlock memory one = commitSecondary("");
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(one);
        secondary.syncBlock(two);
        halt(secondaryGateway, two);
        vm.recordLogs();
        secondaryGateway.confirm(1, one.syncHash);
        secondaryGateway.confirm(2, two.syncHash);
        assertEq(vm.getRecordedLogs().length, 0, "no event");
        assertEq(secondary.totalBlocksConfirmed(), 2, "confirmed by the halt");
    }

    function test_RevertWhen_AConfirmationIsAboveTheHalt() public {
        StoredBlock memory one = runSecondary("");
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(two);
        halt(secondaryGateway, one);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 1, 2));
        secondaryGateway.confirm(2, two.syncHash);
    }

    function _assertMode(Mode expected) private view {
        assertEq(uint256(secondary.mode()), uint256(expected), "mode");
    }

    function _expectWrongMode(Mode expected, Mode actual) private {
        vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, expected, actual));
    }
}
