// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Operations } from "../utils/Operations.sol";
import { GatewayDouble } from "../utils/doubles/GatewayDouble.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice Attempts to be paid twice through exit mode: by a late confirmation, by a call in the middle of a call, by being first.
contract ExitAttack is ExitTest {
    uint128 private constant AMOUNT = 100;

    /// @notice A deposit is refunded; the block above the halt that consumed it is confirmed late by a message that should not exist. It never counts.
    function test_ALateBlockDoesNotServeARefundedRequest() public {
        StoredBlock memory one = runSecondary(depositNative(secondary, alice, 5 ether, 1));
        bytes memory data =
            bytes.concat(depositNative(secondary, bob, 3 ether, 2), Operations.withdraw(2, NATIVE, bob, 3 ether));
        StoredBlock memory two = commitSecondary(data);
        secondary.syncBlock(two);
        halt(secondaryGateway, one);
        secondary.refundDeposit(1, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        secondary.withdrawPending(bob, NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 1, 2));
        secondaryGateway.confirm(2, two.syncHash);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 1, 2));
        halt(secondaryGateway, two);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 1, 2));
        secondary.executeBlocks(executeList(two, data));
        assertEq(address(secondary).balance, 5 ether, "alice's coin is untouched");
    }

    /// @notice The last block before the halt pays while exits wait, and cannot pay again when they are open.
    function test_TheLastBlockPaysOnce() public {
        bytes memory data =
            bytes.concat(depositNative(secondary, bob, 3 ether, 2), Operations.withdraw(2, NATIVE, bob, 1 ether));
        StoredBlock memory one = commitSecondary(data);
        secondary.syncBlock(one);
        halt(secondaryGateway, one);
        secondary.executeBlocks(executeList(one, data));
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 1));
        secondary.executeBlocks(executeList(one, data));
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        secondary.refundDeposit(0, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        secondary.exitLeaves(exitList(leafExit(2, bob, NATIVE, 2 ether)));
        secondary.withdrawPending(bob, NATIVE);
        assertEq(bob.balance, 3 ether, "all of it, once");
        assertEq(address(secondary).balance, 0, "and nobody else's");
    }

    /// @notice A token calls back in the middle of a deposit: the chain is halted, the deposit refunded before its coins have arrived. They arrive or all of
    /// it is undone, and one refund is all there is.
    function test_ADepositThatIsRefundedWhileItIsMade() public {
        Mallory mallory = new Mallory(secondary, secondaryGateway);
        badToken.setReentry(address(mallory), abi.encodeCall(Mallory.refund, (0, BAD_TOKEN, AMOUNT, KEY_X, KEY_Y)));
        vm.prank(alice);
        secondary.depositToken(BAD_TOKEN, AMOUNT, address(mallory), KEY_X, KEY_Y);
        assertEq(mallory.refused(), 2, "a second refund and a withdrawal were refused on the way");
        assertEq(secondary.pendingBalance(address(mallory), BAD_TOKEN), AMOUNT, "credited once");
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        secondary.refundDeposit(0, BAD_TOKEN, address(mallory), AMOUNT, KEY_X, KEY_Y);
        assertEq(badToken.balanceOf(address(secondary)), AMOUNT, "and covered");
    }

    /// @notice A receiver that is being paid exits another leaf, executes, refunds: whatever is open to anyone is open to it, each once.
    function test_AReceiverThatActsWhileItIsPaid() public {
        Receiver receiver = new Receiver();
        StoredBlock memory one = runSecondary(depositNative(secondary, alice, 10, 1));
        depositNative(secondary, address(receiver), 7, 3);
        halt(secondaryGateway, one);
        secondary.exitLeaves(exitList(leafExit(1, address(receiver), NATIVE, 4)));
        bytes memory exitAgain =
            abi.encodeCall(IExitMode.exitLeaves, (exitList(leafExit(1, address(receiver), NATIVE, 4))));
        receiver.setReentry(address(secondary), exitAgain);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(receiver), 4));
        secondary.withdrawPending(address(receiver), NATIVE);

        bytes memory refund = abi.encodeCall(IExitMode.refundDeposit, (1, NATIVE, address(receiver), 7, KEY_X, KEY_Y));
        receiver.setReentry(address(secondary), refund);
        secondary.withdrawPending(address(receiver), NATIVE);
        assertEq(address(receiver).balance, 4, "what was pending");
        assertEq(secondary.pendingBalance(address(receiver), NATIVE), 7, "the refund is pending anew");
        receiver.setBehaviour(Receiver.Behaviour.Accepts);
        secondary.withdrawPending(address(receiver), NATIVE);
        assertEq(address(receiver).balance, 11, "all of it");
        assertEq(address(secondary).balance, 6, "nobody else's");
    }

    /// @notice Whoever is first with another's exit only does the work: the owner is paid, and what is left of the batch goes through.
    function test_BeingFirstWithAnothersExit() public {
        openExits(depositNative(secondary, alice, 30, 1));
        secondary.exitLeaves(exitList(leafExit(2, bob, NATIVE, 10)));
        assertEq(secondary.pendingBalance(bob, NATIVE), 10, "bob's all the same");
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, 2));
        secondary.exitLeaves(exitList(leafExit(2, anyone, NATIVE, 10)));
    }

    /// @notice A validator that stops serving cannot be waited out: what it commits after the expiry does not keep anybody from triggering, and what it
    /// confirms is executed by whoever triggers.
    function test_ServingLateDoesNotHelpAValidator() public {
        depositNative(secondary, alice, 1 ether, 1);
        requestFullExit(secondary, bob, 2, NATIVE, 0);
        expire(secondary);
        StoredBlock memory empty = commitSecondary("");
        confirmSecondary(empty);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ConfirmedBlocksNotExecuted.selector, 1, 0));
        secondary.triggerExitMode();
        vm.startPrank(anyone);
        secondary.executeBlocks(executeList(empty, ""));
        secondary.triggerExitMode();
        vm.stopPrank();
        halt(secondaryGateway, empty);
        assertTrue(secondary.exitsOpen(), "exits are open");
    }
}

/// @notice Owner of a deposit whose token calls it back: it halts the chain and takes what it can.
contract Mallory {
    IRollup private immutable _ROLLUP;
    GatewayDouble private immutable _GATEWAY;

    uint256 public refused;

    constructor(IRollup rollup, GatewayDouble gateway) {
        _ROLLUP = rollup;
        _GATEWAY = gateway;
    }

    function refund(uint64 requestId, uint32 token, uint128 amount, uint256 keyX, uint256 keyY) external {
        _GATEWAY.halt(0, 0, 0);
        _ROLLUP.refundDeposit(requestId, token, address(this), amount, keyX, keyY);
        try _ROLLUP.refundDeposit(requestId, token, address(this), amount, keyX, keyY) { }
        catch {
            ++refused;
        }
        try _ROLLUP.withdrawPending(address(this), token) { }
        catch {
            ++refused;
        }
    }
}
