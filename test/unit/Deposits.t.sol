// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { MAX_DEPOSIT } from "../../src/types/Token.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { MisbehavingToken } from "../utils/doubles/Tokens.sol";

contract DepositsTest is RollupTest {
    function test_DepositNative() public {
        vm.expectEmit(address(secondary));
        emit IRollup.DepositRequested(0, bob, NATIVE, 3 ether, KEY_X, KEY_Y, uint40(START + EXPIRATION));
        vm.prank(alice);
        secondary.depositNative{ value: 3 ether }(bob, KEY_X, KEY_Y);

        assertEq(address(secondary).balance, 3 ether, "custody");
        (bytes27 requestHash, uint40 expiresAt) = secondary.priorityRequest(0);
        assertEq(
            requestHash,
            bytes27(keccak256(abi.encodePacked(uint8(1), uint32(1), bob, uint128(3 ether), KEY_X, KEY_Y))),
            "request hash"
        );
        assertEq(expiresAt, START + EXPIRATION, "expiry");
        _assertQueue(1, 0, 0);
    }

    function test_DepositToken() public {
        vm.expectEmit(address(secondary));
        emit IRollup.DepositRequested(0, bob, TOKEN, 5e18, KEY_X, KEY_Y, uint40(START + EXPIRATION));
        vm.prank(alice);
        secondary.depositToken(TOKEN, 5e18, bob, KEY_X, KEY_Y);
        assertEq(token.balanceOf(address(secondary)), 5e18, "custody");
        _assertQueue(1, 0, 0);
    }

    function test_RequestFullExit() public {
        vm.expectEmit(address(secondary));
        emit IRollup.FullExitRequested(0, bob, 2 ** 24 - 1, 5e18, uint40(START + EXPIRATION));
        vm.deal(bob, EXIT_BOND);
        vm.prank(bob);
        secondary.requestFullExit{ value: EXIT_BOND }(2 ** 24 - 1, 5e18);
        (bytes27 requestHash,) = secondary.priorityRequest(0);
        bytes memory request = abi.encodePacked(uint8(2), uint24(2 ** 24 - 1), bob, uint128(5e18));
        assertEq(requestHash, bytes27(keccak256(request)), "request hash");
        assertEq(address(secondary).balance, EXIT_BOND, "custody of the bond");
        _assertQueue(1, 0, 0);
    }

    function test_RequestIdsCountUp() public {
        depositNative(secondary, bob, 1, 0);
        depositToken(secondary, TOKEN, bob, 1, 0);
        requestFullExit(secondary, bob, 0, 1, 0);
        _assertQueue(3, 0, 0);
    }

    function testFuzz_DepositHash(uint128 amount, address owner, uint256 keyX, uint256 keyY) public {
        amount = uint128(bound(amount, 1, 1e30));
        keyX = bound(keyX, 0, FIELD_ORDER - 1);
        keyY = bound(keyY, 0, FIELD_ORDER - 1);
        vm.assume(owner != address(0));
        vm.prank(alice);
        secondary.depositToken(TOKEN, amount, owner, keyX, keyY);
        (bytes27 requestHash,) = secondary.priorityRequest(0);
        assertEq(
            requestHash,
            bytes27(keccak256(abi.encodePacked(uint8(1), TOKEN, owner, amount, keyX, keyY))),
            "request hash"
        );
    }

    // ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_AmountIsZero() public {
        vm.startPrank(alice);
        vm.expectRevert(IRollup.ZeroAmount.selector);
        secondary.depositNative(bob, KEY_X, KEY_Y);
        vm.expectRevert(IRollup.ZeroAmount.selector);
        secondary.depositToken(TOKEN, 0, bob, KEY_X, KEY_Y);
    }

    function test_RevertWhen_AmountIsTooLarge() public {
        uint128 tooLarge = MAX_DEPOSIT + 1;
        vm.deal(alice, tooLarge);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AmountTooLarge.selector, MAX_DEPOSIT, tooLarge));
        secondary.depositNative{ value: tooLarge }(bob, KEY_X, KEY_Y);
        vm.expectRevert(abi.encodeWithSelector(IRollup.AmountTooLarge.selector, MAX_DEPOSIT, tooLarge));
        secondary.depositToken(TOKEN, tooLarge, bob, KEY_X, KEY_Y);
    }

    function test_LargestAmountIsAccepted() public {
        token.mint(alice, MAX_DEPOSIT);
        vm.prank(alice);
        secondary.depositToken(TOKEN, MAX_DEPOSIT, bob, KEY_X, KEY_Y);
        assertEq(token.balanceOf(address(secondary)), MAX_DEPOSIT, "custody");
    }

    function test_RevertWhen_OwnerIsZero() public {
        vm.expectRevert(IRollup.ZeroOwner.selector);
        vm.prank(alice);
        secondary.depositNative{ value: 1 }(address(0), KEY_X, KEY_Y);
    }

    function test_RevertWhen_KeyIsNotInTheField() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRollup.KeyNotInField.selector, FIELD_ORDER, 0));
        secondary.depositNative{ value: 1 }(bob, FIELD_ORDER, 0);
        vm.expectRevert(abi.encodeWithSelector(IRollup.KeyNotInField.selector, 0, FIELD_ORDER));
        secondary.depositNative{ value: 1 }(bob, 0, FIELD_ORDER);
    }

    function test_RevertWhen_TokenIsUnknown() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, 99));
        secondary.depositToken(99, 1, bob, KEY_X, KEY_Y);
        // The native coin is no ERC-20.
        vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, NATIVE));
        secondary.depositToken(NATIVE, 1, bob, KEY_X, KEY_Y);
    }

    function test_RevertWhen_LeafIndexIsOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(IRollupState.LeafIndexOutOfRange.selector, 2 ** 24 - 1, 2 ** 24));
        secondary.requestFullExit{ value: EXIT_BOND }(2 ** 24, 0);
    }

    // ── tokens that misbehave ───────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_TokenReverts() public {
        _expectBadDeposit(MisbehavingToken.Behaviour.Reverts, abi.encodeWithSelector(MisbehavingToken.Refused.selector));
    }

    function test_RevertWhen_TokenReturnsFalse() public {
        _expectBadDeposit(
            MisbehavingToken.Behaviour.ReturnsFalse,
            abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(badToken))
        );
    }

    function test_RevertWhen_TokenMovesNothing() public {
        _expectBadDeposit(
            MisbehavingToken.Behaviour.MovesNothing,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 100, 0)
        );
    }

    function test_RevertWhen_TokenTakesAFee() public {
        _expectBadDeposit(
            MisbehavingToken.Behaviour.TakesFee,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 100, 99)
        );
    }

    function test_RevertWhen_TokenTakesFromTheRollup() public {
        depositToken(secondary, BAD_TOKEN, alice, 100, 0);
        _expectBadDeposit(
            MisbehavingToken.Behaviour.MovesBackwards,
            abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, BAD_TOKEN, 100, 0)
        );
    }

    function test_RevertWhen_TokenReentersOnDeposit() public {
        bytes[4] memory calls = [
            abi.encodeCall(IRollup.depositToken, (BAD_TOKEN, 1, bob, KEY_X, KEY_Y)),
            abi.encodeCall(IRollup.depositNative, (bob, KEY_X, KEY_Y)),
            abi.encodeCall(IRollup.requestFullExit, (1, 0)),
            abi.encodeCall(IRollup.withdrawPending, (bob, NATIVE))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            badToken.setReentry(address(secondary), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vm.prank(alice);
            secondary.depositToken(BAD_TOKEN, 100, bob, KEY_X, KEY_Y);
        }
        _assertQueue(0, 0, 0);
    }

    function _expectBadDeposit(MisbehavingToken.Behaviour behaviour, bytes memory reason) private {
        badToken.setBehaviour(behaviour);
        vm.expectRevert(reason);
        vm.prank(alice);
        secondary.depositToken(BAD_TOKEN, 100, bob, KEY_X, KEY_Y);
    }

    function _assertQueue(uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) private view {
        (uint64 a, uint64 b, uint64 c) = secondary.priorityQueueState();
        assertEq(a, nextId, "next id");
        assertEq(b, nextToCommit, "next to commit");
        assertEq(c, nextToExecute, "next to execute");
    }
}
