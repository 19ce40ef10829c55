// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IRollup } from "../../src/interfaces/IRollup.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";
import { MisbehavingToken } from "../utils/doubles/Tokens.sol";

contract WithdrawalsTest is RollupTest {
    Receiver private receiver;

    /// The rollup holds 10 of everything; bob and the receiver have 4 of each pending.
    function setUp() public override {
        super.setUp();
        receiver = new Receiver();
        bytes memory data = bytes.concat(
            depositNative(secondary, alice, 10, 1),
            depositToken(secondary, TOKEN, alice, 10, 2),
            depositToken(secondary, BAD_TOKEN, alice, 10, 3)
        );
        for (uint32 id = 1; id <= 3; ++id) {
            data = bytes.concat(
                data,
                Operations.withdraw(uint24(id), id, bob, 4),
                Operations.withdraw(uint24(id), id, address(receiver), 4)
            );
        }
        data = bytes.concat(data, Operations.withdraw(9, 99, bob, 1));
        runSecondary(data);
    }

    function test_WithdrawNative() public {
        vm.expectEmit(address(secondary));
        emit IRollup.Withdrawn(bob, NATIVE, 4);
        vm.prank(anyone);
        secondary.withdrawPending(bob, NATIVE);
        assertEq(bob.balance, 4, "paid");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "nothing pending");
        assertEq(address(secondary).balance, 6, "custody");
    }

    function test_WithdrawToken() public {
        vm.expectEmit(address(secondary));
        emit IRollup.Withdrawn(bob, TOKEN, 4);
        vm.prank(anyone);
        secondary.withdrawPending(bob, TOKEN);
        assertEq(token.balanceOf(bob), 4, "paid");
        assertEq(secondary.pendingBalance(bob, TOKEN), 0, "nothing pending");
        assertEq(token.balanceOf(address(secondary)), 6, "custody");
    }

    function test_WithdrawToAContract() public {
        secondary.withdrawPending(address(receiver), NATIVE);
        assertEq(address(receiver).balance, 4, "paid");
    }

    function test_RevertWhen_NothingIsPending() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingPending.selector, alice, NATIVE));
        secondary.withdrawPending(alice, NATIVE);
    }

    function test_RevertWhen_WithdrawnTwice() public {
        secondary.withdrawPending(bob, NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingPending.selector, bob, NATIVE));
        secondary.withdrawPending(bob, NATIVE);
    }

    function test_RevertWhen_TokenIsNotRegistered() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, 99));
        secondary.withdrawPending(bob, 99);
    }

    // ── receivers that misbehave ────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ReceiverRefuses() public {
        receiver.setBehaviour(Receiver.Behaviour.Refuses);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(receiver), 4));
        secondary.withdrawPending(address(receiver), NATIVE);
        assertEq(secondary.pendingBalance(address(receiver), NATIVE), 4, "stays pending");
        secondary.withdrawPending(bob, NATIVE);
        receiver.setBehaviour(Receiver.Behaviour.Accepts);
        secondary.withdrawPending(address(receiver), NATIVE);
        assertEq(address(receiver).balance, 4, "paid later");
    }

    function test_RevertWhen_ReceiverReenters() public {
        bytes[3] memory calls = [
            abi.encodeCall(IRollup.withdrawPending, (address(receiver), NATIVE)),
            abi.encodeCall(IRollup.withdrawPending, (bob, TOKEN)),
            abi.encodeCall(IRollup.requestFullExit, (1, 0))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            receiver.setReentry(address(secondary), calls[i]);
            vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(receiver), 4));
            secondary.withdrawPending(address(receiver), NATIVE);
        }
    }

    function test_WhatTheReceiverReturnsIsNotRead() public {
        receiver.setBehaviour(Receiver.Behaviour.ReturnsMuch);
        uint256 gasBefore = gasleft();
        secondary.withdrawPending(address(receiver), NATIVE);
        // The receiver pays for its own megabyte of memory (about 2 million gas); copying it would cost as much again.
        assertLt(gasBefore - gasleft(), 3_000_000, "gas");
        assertEq(address(receiver).balance, 4, "paid");
    }

    // ── tokens that misbehave ───────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_TokenReverts() public {
        _expectBadWithdrawal(
            MisbehavingToken.Behaviour.Reverts, abi.encodeWithSelector(MisbehavingToken.Refused.selector)
        );
    }

    function test_RevertWhen_TokenReturnsFalse() public {
        _expectBadWithdrawal(
            MisbehavingToken.Behaviour.ReturnsFalse,
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(badToken))
        );
    }

    function test_RevertWhen_TokenMovesNothing() public {
        _expectBadWithdrawal(
            MisbehavingToken.Behaviour.MovesNothing,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 4, 0)
        );
    }

    function test_RevertWhen_TokenTakesMore() public {
        _expectBadWithdrawal(
            MisbehavingToken.Behaviour.TakesMore,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 4, 5)
        );
    }

    function test_RevertWhen_TokenMovesBackwards() public {
        _expectBadWithdrawal(
            MisbehavingToken.Behaviour.MovesBackwards,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 4, 0)
        );
    }

    function test_RevertWhen_TokenReentersOnWithdrawal() public {
        bytes[3] memory calls = [
            abi.encodeCall(IRollup.withdrawPending, (bob, BAD_TOKEN)),
            abi.encodeCall(IRollup.withdrawPending, (address(receiver), BAD_TOKEN)),
            abi.encodeCall(IRollup.depositToken, (BAD_TOKEN, 1, bob, KEY_X, KEY_Y))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            badToken.setReentry(address(secondary), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            secondary.withdrawPending(bob, BAD_TOKEN);
        }
        assertEq(secondary.pendingBalance(bob, BAD_TOKEN), 4, "stays pending");
    }

    /// @notice A fee that the receiver bears is the token's business: the rollup lost what it owed.
    function test_ATokenMayTakeAFeeFromTheReceiver() public {
        badToken.setBehaviour(MisbehavingToken.Behaviour.TakesFee);
        secondary.withdrawPending(bob, BAD_TOKEN);
        assertEq(badToken.balanceOf(bob), 3, "bob bears the fee");
        assertEq(badToken.balanceOf(address(secondary)), 6, "custody");
    }

    function _expectBadWithdrawal(MisbehavingToken.Behaviour behaviour, bytes memory reason) private {
        badToken.setBehaviour(behaviour);
        vm.expectRevert(reason);
        secondary.withdrawPending(bob, BAD_TOKEN);
        assertEq(secondary.pendingBalance(bob, BAD_TOKEN), 4, "stays pending");
        // Nobody else is held up.
        secondary.withdrawPending(bob, TOKEN);
        assertEq(token.balanceOf(bob), 4, "others are paid");
        badToken.setBehaviour(MisbehavingToken.Behaviour.Good);
        secondary.withdrawPending(bob, BAD_TOKEN);
        assertEq(badToken.balanceOf(bob), 4, "paid when it behaves again");
    }
}
