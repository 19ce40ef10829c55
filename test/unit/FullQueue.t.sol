// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IFullQueue } from "../../src/interfaces/IFullQueue.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Operations } from "../utils/Operations.sol";

/// @notice Full exits while the queue is full: nobody keeps others out for nothing.
contract FullQueueTest is ExitTest {
    uint24 private constant BOUND = 4;

    function setUp() public override {
        super.setUp();
        _deploy(BOUND);
    }

    function test_AFullQueueHasAPrice() public {
        _fill(BOUND);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, BOUND, BOUND));
        vm.prank(alice);
        secondary.requestFullExit{ value: EXIT_BOND }(7, 0);
        assertEq(secondary.fullExitPrice(), 2 * uint256(EXIT_BOND), "price");
        vm.expectEmit(address(secondary));
        emit IRollup.FullExitRequested(BOUND, alice, 7, 9, uint40(START + EXPIRATION));
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(bondReceiver, NATIVE, EXIT_BOND);
        vm.prank(alice);
        secondary.requestFullExitAtPrice{ value: 2 * EXIT_BOND }(7, 9);
        (bytes27 requestHash, uint40 expiresAt) = secondary.priorityRequest(BOUND);
        assertEq(requestHash, PriorityQueue.fullExitHash(7, alice, 9), "an ordinary request");
        assertEq(expiresAt, START + EXPIRATION, "with an ordinary expiry");
        assertEq(secondary.pendingBalance(alice, NATIVE), 0, "nothing was too much");
    }

    function test_WithRoomItCostsTheBond() public {
        for (uint256 i = 0; i < BOUND; ++i) {
            assertEq(secondary.fullExitPrice(), EXIT_BOND, "price");
            vm.prank(alice);
            secondary.requestFullExitAtPrice{ value: EXIT_BOND }(uint32(i), 0);
        }
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), 0, "nothing is lost");
        assertEq(secondary.fullExitPrice(), 2 * EXIT_BOND, "the next one");
    }

    function test_WhatIsAboveThePriceIsCredited() public {
        _fill(BOUND);
        vm.prank(alice);
        secondary.requestFullExitAtPrice{ value: 1 ether }(7, 0);
        assertEq(secondary.pendingBalance(alice, NATIVE), 1 ether - 2 * EXIT_BOND, "the caller's");
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), EXIT_BOND, "the receiver's");
    }

    /// @notice The price doubles with every round, and comes down when requests are executed.
    function test_ThePriceDoublesWithEveryRound() public {
        _fill(BOUND);
        bytes memory data = "";
        for (uint256 i = 0; i < BOUND; ++i) {
            data = bytes.concat(data, Operations.fullExit(uint24(i), 0, bob, 0));
        }
        for (uint256 round = 1; round < 4; ++round) {
            for (uint256 i = 0; i < BOUND; ++i) {
                assertEq(secondary.fullExitPrice(), uint256(EXIT_BOND) << round, "price");
                _atPrice();
            }
        }
        runSecondary(data);
        assertEq(secondary.fullExitPrice(), uint256(EXIT_BOND) << 3, "a round less");
    }

    function test_RevertWhen_ThePriceIsNotPaid() public {
        _fill(BOUND);
        uint256[3] memory wrong = [uint256(0), EXIT_BOND, 2 * uint256(EXIT_BOND) - 1];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IFullQueue.FullExitPriceNotPaid.selector, 2 * EXIT_BOND, wrong[i]));
            vm.prank(alice);
            secondary.requestFullExitAtPrice{ value: wrong[i] }(7, 0);
        }
    }

    function test_RevertWhen_TheLeafIndexIsOutOfRange() public {
        vm.expectRevert(abi.encodeWithSelector(IRollupState.LeafIndexOutOfRange.selector, 2 ** 24 - 1, 2 ** 24));
        secondary.requestFullExitAtPrice{ value: EXIT_BOND }(2 ** 24, 0);
    }

    /// @notice After sixteen rounds the queue is full for good: the last place costs 32,768 bonds.
    function test_RevertWhen_SixteenRoundsWait() public {
        _deploy(1);
        for (uint256 i = 0; i < 16; ++i) {
            assertEq(secondary.fullExitPrice(), uint256(EXIT_BOND) << i, "price");
            _atPrice();
        }
        vm.deal(alice, 1e6 ether);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, 16, 16));
        vm.prank(alice);
        secondary.requestFullExitAtPrice{ value: 1e6 ether }(7, 0);
    }

    function test_RevertWhen_ATokenReentersOnDeposit() public {
        badToken.setReentry(address(secondary), abi.encodeCall(IFullQueue.requestFullExitAtPrice, (1, 0)));
        vm.deal(address(badToken), 1 ether);
        vm.prank(alice);
        badToken.approve(address(secondary), 1);
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        vm.prank(alice);
        secondary.depositToken(BAD_TOKEN, 1, bob, KEY_X, KEY_Y);
    }

    /// @notice An operator fills the queue with requests of its own and every place that it frees in the same breath; its bonds it pays to itself. Alice
    /// comes in all the same, and is served in her turn or stops the chain; what she paid above the bond is lost.
    function test_AnOperatorThatFillsTheQueueKeepsNobodyOut() public {
        _fill(BOUND);
        runSecondary(Operations.fullExit(0, 0, bob, 0));
        requestFullExit(secondary, bob, 0, NATIVE, 0);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, BOUND, BOUND));
        secondary.requestFullExit{ value: EXIT_BOND }(7, 0);
        secondary.requestFullExitAtPrice{ value: 2 * EXIT_BOND }(7, 0);
        vm.stopPrank();
        for (uint24 i = 1; i < BOUND; ++i) {
            runSecondary(Operations.fullExit(i, 0, bob, 0));
        }
        runSecondary(Operations.fullExit(0, 0, bob, 0));
        // Hers is the oldest now.
        stop(secondary);
        halt(secondaryGateway, lastSecondary);
        secondary.refundBond(BOUND + 1, 7, alice, 0);
        assertEq(secondary.pendingBalance(alice, NATIVE), EXIT_BOND, "the bond comes back, the price above it does not");
        secondary.withdrawPending(alice, NATIVE);
        secondary.withdrawPending(bondReceiver, NATIVE);
        assertEq(address(secondary).balance, 0, "nothing is left over");
    }

    function _deploy(uint24 maxOpen) private {
        InitializeParameters memory own = parameters(SECONDARY_INDEX);
        own.maxOpenRequests = maxOpen;
        secondary = deploySecondary(own);
        secondaryGateway = wire(secondary);
        lastSecondary = secondary.genesisBlock();
    }

    function _fill(uint24 count) private {
        for (uint24 i = 0; i < count; ++i) {
            requestFullExit(secondary, bob, i, NATIVE, 0);
        }
    }

    /// @dev A request by alice at the price of now.
    function _atPrice() private {
        uint256 price = secondary.fullExitPrice();
        vm.deal(alice, price);
        vm.prank(alice);
        secondary.requestFullExitAtPrice{ value: price }(7, 0);
    }
}
