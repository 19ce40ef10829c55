// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice How many requests may wait, and what a full exit request costs: nobody forces exit mode by asking for more than can be served.
contract QueueBoundsTest is RollupTest {
    uint24 private constant BOUND = 6;

    function setUp() public override {
        super.setUp();
        _deploy(BOUND, EXIT_BOND);
    }

    // ── bound ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Deposits fill half of the queue; full exits have the other half for themselves, and all of it when nobody deposits.
    function test_DepositsFillHalfAndFullExitsTheRest() public {
        for (uint256 i = 0; i < BOUND / 2; ++i) {
            _deposit();
        }
        _expectFull(BOUND / 2, 3);
        _deposit();
        vm.startPrank(alice);
        _expectFull(BOUND / 2, 3);
        secondary.depositToken(TOKEN, 1, alice, KEY_X, KEY_Y);
        vm.stopPrank();
        for (uint256 i = 0; i < BOUND / 2; ++i) {
            _exit();
        }
        _expectFull(BOUND, 6);
        _exit();
    }

    function test_FullExitsFillAllOfIt() public {
        for (uint256 i = 0; i < BOUND; ++i) {
            _exit();
            // From the third on there is no room for a deposit.
            if (i < 2) continue;
            _expectFull(BOUND / 2, i + 1);
            _deposit();
        }
        _expectFull(BOUND, 6);
        _exit();
    }

    /// @notice A refused request leaves no trace: the next one that is taken has its id.
    function test_ARefusedRequestTakesNoId() public {
        for (uint256 i = 0; i < BOUND; ++i) {
            _exit();
        }
        uint256 before = alice.balance;
        _expectFull(BOUND, 6);
        _exit();
        assertEq(alice.balance, before, "the bond stays with the caller");
        (uint64 nextId,,) = secondary.priorityQueueState();
        assertEq(nextId, BOUND, "next id");
        (bytes27 requestHash,) = secondary.priorityRequest(BOUND);
        assertEq(requestHash, bytes27(0), "nothing is stored");
    }

    /// @notice Only execution makes room: a request that is committed or confirmed may still expire.
    function test_RoomComesWithExecution() public {
        bytes memory data = "";
        for (uint24 i = 0; i < BOUND / 2; ++i) {
            data = bytes.concat(data, depositNative(secondary, alice, 1, i));
        }
        StoredBlock memory stored = commitSecondary(data);
        _expectFull(BOUND / 2, 3);
        _deposit();
        confirmSecondary(stored);
        _expectFull(BOUND / 2, 3);
        _deposit();
        secondary.executeBlocks(executeList(stored, data));
        for (uint256 i = 0; i < BOUND / 2; ++i) {
            _deposit();
        }
        _expectFull(BOUND / 2, 3);
        _deposit();
    }

    function test_ABoundOfOneTakesNoDeposit() public {
        _deploy(1, EXIT_BOND);
        _expectFull(0, 0);
        _deposit();
        _exit();
        _expectFull(1, 1);
        _exit();
    }

    function test_TheBoundIsReadable() public view {
        assertEq(secondary.maxOpenRequests(), BOUND, "bound");
        assertEq(secondary.exitBond(), EXIT_BOND, "bond");
        assertEq(secondary.bondReceiver(), bondReceiver, "who gets lost bonds");
    }

    // ── bond ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_TheBondIsNotExact() public {
        uint256[4] memory wrong = [uint256(0), EXIT_BOND - 1, EXIT_BOND + 1, 1 ether];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.WrongExitBond.selector, EXIT_BOND, wrong[i]));
            vm.prank(alice);
            secondary.requestFullExit{ value: wrong[i] }(1, 0);
        }
    }

    function test_AnExitThatPaysReturnsTheBond() public {
        bytes memory data =
            bytes.concat(depositToken(secondary, TOKEN, alice, 5, 1), requestFullExit(secondary, alice, 1, TOKEN, 5));
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(alice, NATIVE, EXIT_BOND);
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(alice, TOKEN, 5);
        secondary.executeBlocks(executeList(stored, data));
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), 0, "not the receiver's");
        secondary.withdrawPending(alice, NATIVE);
        secondary.withdrawPending(alice, TOKEN);
        assertEq(address(secondary).balance, 0, "nothing is left");
    }

    /// @notice Shares that stand for nothing are an exit that pays nothing.
    function test_AnExitOfWorthlessSharesCostsTheBond() public {
        requestFullExit(secondary, bob, 1, 0, 0);
        runSecondary(Operations.fullExit(1, TOKEN, bob, 0, 77));
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), EXIT_BOND, "the receiver's");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "not bob's");
    }

    /// @notice What is not enough for the least amount stays where it is, and the bond is lost as with every exit that pays nothing.
    function test_AnExitWhoseLeastAmountIsNotReachedCostsTheBond() public {
        vm.deal(bob, EXIT_BOND);
        vm.prank(bob);
        secondary.requestFullExit{ value: EXIT_BOND }(1, 9);
        runSecondary(Operations.fullExit(1, 0, bob, 0, 0, 9));
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), EXIT_BOND, "the receiver's");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "not bob's");
    }

    function test_AnExitOfSharesThatPaysReturnsTheBond() public {
        requestFullExit(secondary, bob, 1, 0, 0);
        runSecondary(Operations.fullExit(1, TOKEN, bob, 8, 77));
        assertEq(secondary.pendingBalance(bob, NATIVE), EXIT_BOND, "bond");
        assertEq(secondary.pendingBalance(bob, TOKEN), 8, "the amount, not the shares");
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), 0, "not the receiver's");
    }

    /// @notice Bonds and deposits lie in one vault and are never taken for each other: a flood of empty exits costs the flooder each bond, and nobody else.
    function test_AFloodCostsItsBonds() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 1);
        for (uint24 i = 0; i < BOUND - 1; ++i) {
            data = bytes.concat(data, requestFullExit(secondary, bob, i, 0, 0));
        }
        runSecondary(data);
        assertEq(secondary.pendingBalance(bondReceiver, NATIVE), (BOUND - 1) * uint256(EXIT_BOND), "all bonds");
        secondary.withdrawPending(bondReceiver, NATIVE);
        assertEq(address(secondary).balance, 1 ether, "alice's coin is untouched");
    }

    function test_WithoutABondNothingIsCredited() public {
        _deploy(BOUND, 0);
        vm.prank(bob);
        secondary.requestFullExit(1, 0);
        StoredBlock memory stored = commitSecondary(Operations.fullExit(1, NATIVE, bob, 0));
        confirmSecondary(stored);
        vm.recordLogs();
        secondary.executeBlocks(executeList(stored, Operations.fullExit(1, NATIVE, bob, 0)));
        assertEq(vm.getRecordedLogs().length, 1, "BlockExecuted alone");
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongExitBond.selector, 0, 1));
        vm.prank(alice);
        secondary.requestFullExit{ value: 1 }(1, 0);
    }

    function _deploy(uint24 maxOpen, uint96 bond) private {
        InitializeParameters memory own = parameters(SECONDARY_INDEX);
        own.maxOpenRequests = maxOpen;
        own.exitBond = bond;
        secondary = deploySecondary(own);
        secondaryGateway = wire(secondary);
        lastSecondary = secondary.genesisBlock();
        vm.prank(alice);
        token.approve(address(secondary), type(uint256).max);
    }

    function _deposit() private {
        vm.prank(alice);
        secondary.depositNative{ value: 1 }(alice, KEY_X, KEY_Y);
    }

    function _exit() private {
        vm.prank(alice);
        secondary.requestFullExit{ value: EXIT_BOND }(1, 0);
    }

    function _expectFull(uint256 maximum, uint256 waiting) private {
        vm.expectRevert(abi.encodeWithSelector(PriorityQueue.QueueFull.selector, maximum, waiting));
    }
}
