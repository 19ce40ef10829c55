// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitTest } from "../utils/ExitTest.sol";

/// @notice Refunds of the requests that no block up to the halt consumed: exactly those, each once, to whom it belongs.
contract ExitRefundsTest is ExitTest {
    bytes private data;
    StoredBlock private executed;

    /// Requests 0 (deposit) and 1 (full exit that paid) are executed. 2 … 5 wait: a deposit of coin, a deposit of tokens, a full exit, another one; 2 is in
    /// a block that is synced and never confirmed.
    function setUp() public override {
        super.setUp();
        data = bytes.concat(
            depositNative(secondary, alice, 10 ether, 1), requestFullExit(secondary, alice, 1, NATIVE, 4 ether)
        );
        executed = runSecondary(data);
        StoredBlock memory two = commitSecondary(depositNative(secondary, bob, 3 ether, 3));
        secondary.syncBlock(two);
        depositToken(secondary, TOKEN, bob, 7e18, 4);
        requestFullExit(secondary, bob, 3, NATIVE, 0);
        requestFullExit(secondary, alice, 2 ** 24 - 1, NATIVE, 0);
    }

    function test_ADepositIsRefundedToItsOwner() public {
        _open();
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bob, NATIVE, 3 ether);
        vm.expectEmit(address(secondary));
        emit IExitMode.DepositRefunded(2, bob, NATIVE, 3 ether);
        vm.prank(anyone);
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        assertEq(secondary.pendingBalance(bob, NATIVE), 3 ether, "credited");
        (bytes27 requestHash, uint40 expiresAt) = secondary.priorityRequest(2);
        assertEq(requestHash, bytes27(0), "the request is gone");
        assertEq(expiresAt, 0, "with its expiry");

        secondary.refundDeposit(3, TOKEN, bob, 7e18, KEY_X, KEY_Y);
        assertEq(secondary.pendingBalance(bob, TOKEN), 7e18, "tokens are credited");
    }

    function test_ABondGoesBackToWhoPaidIt() public {
        _open();
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bob, NATIVE, EXIT_BOND);
        vm.expectEmit(address(secondary));
        emit IExitMode.BondRefunded(4, bob, EXIT_BOND);
        vm.prank(anyone);
        secondary.refundBond(4, 3, bob, 0);
        assertEq(secondary.pendingBalance(bob, NATIVE), EXIT_BOND, "credited");
        secondary.refundBond(5, 2 ** 24 - 1, alice, 0);
        // Her exit of block 1 paid 4 ETH and her first bond.
        assertEq(secondary.pendingBalance(alice, NATIVE), 4 ether + 2 * EXIT_BOND, "credited");
    }

    function test_NoBondNothingToGiveBack() public {
        InitializeParameters memory free = parameters(SECONDARY_INDEX);
        free.exitBond = 0;
        secondary = deploySecondary(free);
        secondaryGateway = wire(secondary);
        vm.prank(bob);
        secondary.requestFullExit(3, 0);
        halt(secondaryGateway, secondary.genesisBlock());
        vm.recordLogs();
        secondary.refundBond(0, 3, bob, 0);
        assertEq(vm.getRecordedLogs().length, 1, "BondRefunded alone");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "nothing is credited");
        vm.expectRevert();
        secondary.refundBond(0, 3, bob, 0);
    }

    /// @notice Everything that came in goes out: withdrawals, exits of what is left in leaves, refunds, and not one wei stays or is missing.
    function test_TheVaultIsEmptyInTheEnd() public {
        _open();
        secondary.exitLeaves(exitList(leafExit(1, alice, NATIVE, 6 ether)));
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        secondary.refundDeposit(3, TOKEN, bob, 7e18, KEY_X, KEY_Y);
        secondary.refundBond(4, 3, bob, 0);
        secondary.refundBond(5, 2 ** 24 - 1, alice, 0);
        secondary.withdrawPending(alice, NATIVE);
        secondary.withdrawPending(bob, NATIVE);
        secondary.withdrawPending(bob, TOKEN);
        assertEq(address(secondary).balance, 0, "no coin");
        assertEq(token.balanceOf(address(secondary)), 0, "no token");
        assertEq(bob.balance, 3 ether + EXIT_BOND, "bob");
    }

    // ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_RefundedTwice() public {
        _open();
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        _expectWrong(2, 0, PriorityQueue.depositHash(NATIVE, bob, 3 ether, KEY_X, KEY_Y));
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        secondary.refundBond(4, 3, bob, 0);
        _expectWrong(4, 0, PriorityQueue.fullExitHash(3, bob, 0));
        secondary.refundBond(4, 3, bob, 0);
    }

    /// @notice A deposit that is in a leaf is exited with the leaf; a bond that went back went back.
    function test_RevertWhen_TheRequestIsExecuted() public {
        _open();
        _expectWrong(0, 0, PriorityQueue.depositHash(NATIVE, alice, 10 ether, KEY_X, KEY_Y));
        secondary.refundDeposit(0, NATIVE, alice, 10 ether, KEY_X, KEY_Y);
        _expectWrong(1, 0, PriorityQueue.fullExitHash(1, alice, 0));
        secondary.refundBond(1, 1, alice, 0);
    }

    function test_RevertWhen_TheRequestIsUnknown() public {
        _open();
        uint64[3] memory ids = [uint64(6), 7, type(uint64).max];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 6));
            secondary.refundDeposit(ids[i], NATIVE, bob, 3 ether, KEY_X, KEY_Y);
            vm.expectRevert(abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 6));
            secondary.refundBond(ids[i], 3, bob, 0);
        }
    }

    function test_RevertWhen_AFieldOfTheDepositIsAnother() public {
        _open();
        _expectWrongDeposit(NATIVE + 1, bob, 3 ether, KEY_X, KEY_Y);
        _expectWrongDeposit(NATIVE, alice, 3 ether, KEY_X, KEY_Y);
        _expectWrongDeposit(NATIVE, bob, 3 ether + 1, KEY_X, KEY_Y);
        _expectWrongDeposit(NATIVE, bob, 3 ether, KEY_X + 1, KEY_Y);
        _expectWrongDeposit(NATIVE, bob, 3 ether, KEY_X, KEY_Y + 1);
        // Another request's content.
        _expectWrongDeposit(TOKEN, bob, 7e18, KEY_X, KEY_Y);
    }

    function test_RevertWhen_AFieldOfTheFullExitIsAnother() public {
        _open();
        (bytes27 expected,) = secondary.priorityRequest(4);
        _expectWrong(4, expected, PriorityQueue.fullExitHash(2, bob, 0));
        secondary.refundBond(4, 2, bob, 0);
        _expectWrong(4, expected, PriorityQueue.fullExitHash(3, alice, 0));
        secondary.refundBond(4, 3, alice, 0);
        _expectWrong(4, expected, PriorityQueue.fullExitHash(2 ** 24 - 1, alice, 0));
        secondary.refundBond(4, 2 ** 24 - 1, alice, 0);
        _expectWrong(4, expected, PriorityQueue.fullExitHash(3, bob, 1));
        secondary.refundBond(4, 3, bob, 1);
    }

    /// @notice The least amount is part of the request, however large it is.
    function test_ABondIsRefundedByItsLeastAmount() public {
        vm.deal(bob, EXIT_BOND);
        vm.prank(bob);
        secondary.requestFullExit{ value: EXIT_BOND }(3, type(uint128).max);
        _open();
        _expectWrong(6, PriorityQueue.fullExitHash(3, bob, type(uint128).max), PriorityQueue.fullExitHash(3, bob, 0));
        secondary.refundBond(6, 3, bob, 0);
        secondary.refundBond(6, 3, bob, type(uint128).max);
        assertEq(secondary.pendingBalance(bob, NATIVE), EXIT_BOND, "credited");
    }

    /// @notice A full exit is not refunded as a deposit, nor a deposit as a bond.
    function test_RevertWhen_TheKindIsAnother() public {
        _open();
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        secondary.refundDeposit(4, NATIVE, bob, EXIT_BOND, KEY_X, KEY_Y);
        vm.expectPartialRevert(PriorityQueue.WrongPriorityRequest.selector);
        secondary.refundBond(2, 3, bob, 0);
    }

    function test_RevertWhen_ExitsAreNotOpen() public {
        _expectNotOpen(Mode.Running, 0);
        stop(secondary);
        _expectNotOpen(Mode.Stopped, 0);
        // Block 2 is confirmed by the halt and consumes request 2: as long as it is not executed nothing is refunded.
        halt(secondaryGateway, lastSecondary);
        _expectNotOpen(Mode.Halted, 2);
        bytes memory second = _second();
        secondary.executeBlocks(executeList(lastSecondary, second));
        _expectWrong(2, 0, PriorityQueue.depositHash(NATIVE, bob, 3 ether, KEY_X, KEY_Y));
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        secondary.refundBond(4, 3, bob, 0);
    }

    function _open() private {
        halt(secondaryGateway, executed);
    }

    function _second() private view returns (bytes memory) {
        return abi.encodePacked(uint8(1), uint24(3), NATIVE, bob, uint128(3 ether), KEY_X, KEY_Y);
    }

    function _expectNotOpen(Mode mode, uint32 haltBlock) private {
        expectExitsNotOpen(mode, haltBlock, 1);
        secondary.refundDeposit(2, NATIVE, bob, 3 ether, KEY_X, KEY_Y);
        expectExitsNotOpen(mode, haltBlock, 1);
        secondary.refundBond(4, 3, bob, 0);
    }

    function _expectWrongDeposit(uint32 id, address owner, uint128 amount, uint256 keyX, uint256 keyY) private {
        (bytes27 expected,) = secondary.priorityRequest(2);
        _expectWrong(2, expected, PriorityQueue.depositHash(id, owner, amount, keyX, keyY));
        secondary.refundDeposit(2, id, owner, amount, keyX, keyY);
    }

    function _expectWrong(uint64 requestId, bytes27 expected, bytes27 actual) private {
        vm.expectRevert(
            abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, requestId, expected, actual)
        );
    }
}
