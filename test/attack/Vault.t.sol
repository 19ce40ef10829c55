// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IGoverned } from "../../src/interfaces/IGoverned.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { ExecuteBlock, StoredBlock } from "../../src/types/Block.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { GatewayDouble } from "../utils/doubles/GatewayDouble.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice Attempts to take more out of a rollup than blocks say, or to keep others from what is theirs. The vault holds alice's 100 ETH and 100 TST.
contract VaultAttack is RollupTest {
    uint256 private constant VAULT = 100 ether;

    Receiver private mallory;

    function setUp() public override {
        super.setUp();
        mallory = new Receiver();
        runSecondary(
            bytes.concat(
                depositNative(secondary, alice, uint128(VAULT), 1), depositToken(secondary, TOKEN, alice, 100e18, 2)
            )
        );
    }

    // ── execute ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Block 0 is stored, confirmed (0 <= 0) and has known bytes, but nothing can be executed with its number.
    function test_ExecutingBlockZero() public {
        StoredBlock memory genesis = secondary.genesisBlock();
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 0));
        secondary.executeBlocks(executeList(genesis, ""));
    }

    /// @notice A made-up block with a number that has no stored hash, and one with a number above all counters.
    function test_ExecutingABlockThatNobodyCommitted() public {
        StoredBlock memory forged = lastSecondary;
        bytes memory data = Operations.withdraw(1, NATIVE, address(mallory), uint128(VAULT));
        forged.onchainOpsHash = keccak256(data);
        forged.blockNumber = 2;
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 1, 2));
        secondary.executeBlocks(executeList(forged, data));
        forged.blockNumber = type(uint32).max;
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, type(uint32).max));
        secondary.executeBlocks(executeList(forged, data));
    }

    /// @notice A block that was dropped by a revert, after another one took its number and was confirmed.
    function test_ExecutingARevertedBlock() public {
        StoredBlock memory before = lastSecondary;
        bytes memory loot = Operations.withdraw(1, NATIVE, address(mallory), uint128(VAULT));
        StoredBlock memory dropped = commitSecondary(loot);
        vm.prank(validator);
        secondary.revertBlocks(before);
        lastSecondary = before;
        confirmSecondary(commitSecondary(""));
        vm.expectPartialRevert(IRollupState.WrongStoredBlock.selector);
        secondary.executeBlocks(executeList(dropped, loot));
    }

    /// @notice A confirmed block once more, alone, behind itself in one call, and with its successor in between.
    function test_ExecutingTwice() public {
        bytes memory loot = Operations.withdraw(1, NATIVE, address(mallory), 1 ether);
        StoredBlock memory two = commitSecondary(loot);
        StoredBlock memory three = commitSecondary("");
        confirmSecondary(three);
        ExecuteBlock[] memory list = new ExecuteBlock[](3);
        list[0] = ExecuteBlock(two, loot);
        list[1] = ExecuteBlock(three, "");
        list[2] = ExecuteBlock(two, loot);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 4, 2));
        secondary.executeBlocks(list);
        secondary.executeBlocks(executeList(two, loot));
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 3, 2));
        secondary.executeBlocks(executeList(two, loot));
        assertEq(secondary.pendingBalance(address(mallory), NATIVE), 1 ether, "once");
    }

    // ── withdraw ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice In the middle of being paid a receiver comes back by every door; none pays twice, and what is allowed changes nothing for the vault.
    function test_ReceiverReentersByEveryDoor() public {
        bytes memory data = Operations.withdraw(1, NATIVE, address(mallory), 1 ether);
        StoredBlock memory stored = commitSecondary(data);
        StoredBlock memory next = commitSecondary(data);
        confirmSecondary(next);
        secondary.executeBlocks(executeList(stored, data));

        bytes memory guarded = abi.encodeWithSelector(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        bytes[5] memory doors = [
            abi.encodeCall(IRollup.withdrawPending, (address(mallory), NATIVE)),
            abi.encodeCall(IRollup.withdrawPending, (alice, TOKEN)),
            abi.encodeCall(IRollup.depositToken, (TOKEN, 1, address(mallory), KEY_X, KEY_Y)),
            abi.encodeCall(IRollup.requestFullExit, (1, 0)),
            abi.encodeWithSignature(
                "syncBlock((uint32,uint64,uint64,uint256,bytes32,bytes32,bytes32,bytes32))", lastSecondary
            )
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            mallory.setReentry(address(secondary), doors[i]);
            // The receiver passes the refusal on, so the payment fails as a whole.
            vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(mallory), 1 ether));
            secondary.withdrawPending(address(mallory), NATIVE);
            (bool success, bytes memory reason) = _asIfInside(doors[i]);
            assertFalse(success, "the door is shut");
            assertEq(reason, guarded, "by the guard");
        }

        // Executing the next block in between is allowed: it credits what that block says, and no more.
        mallory.setReentry(address(secondary), abi.encodeCall(IRollup.executeBlocks, (executeList(next, data))));
        secondary.withdrawPending(address(mallory), NATIVE);
        assertEq(address(mallory).balance, 1 ether, "paid once");
        assertEq(secondary.pendingBalance(address(mallory), NATIVE), 1 ether, "the second block's");
        mallory.setBehaviour(Receiver.Behaviour.Accepts);
        secondary.withdrawPending(address(mallory), NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingPending.selector, address(mallory), NATIVE));
        secondary.withdrawPending(address(mallory), NATIVE);
        assertEq(address(secondary).balance, VAULT - 2 ether, "the vault lost what the blocks say");
    }

    /// @notice A receiver that refuses, one that returns a megabyte, and one that burns all gas: each hurts itself only.
    function test_BadReceiversHoldUpNobody() public {
        Receiver returnsMuch = new Receiver();
        mallory.setBehaviour(Receiver.Behaviour.Refuses);
        returnsMuch.setBehaviour(Receiver.Behaviour.ReturnsMuch);
        address burner = makeAddr("burner");
        vm.etch(burner, hex"5b5f56"); // JUMPDEST PUSH0 JUMP: for ever
        bytes memory data = bytes.concat(
            Operations.withdraw(1, NATIVE, address(mallory), 1 ether),
            Operations.withdraw(1, NATIVE, address(returnsMuch), 1 ether),
            Operations.withdraw(1, NATIVE, burner, 1 ether),
            Operations.withdraw(1, NATIVE, bob, 1 ether)
        );
        runSecondary(data);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(mallory), 1 ether));
        secondary.withdrawPending(address(mallory), NATIVE);
        secondary.withdrawPending{ gas: 4_000_000 }(address(returnsMuch), NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, burner, 1 ether));
        secondary.withdrawPending{ gas: 10_000_000 }(burner, NATIVE);
        secondary.withdrawPending(bob, NATIVE);
        assertEq(bob.balance, 1 ether, "bob is paid");
        assertEq(secondary.pendingBalance(address(mallory), NATIVE), 1 ether, "stays pending");
        assertEq(secondary.pendingBalance(burner, NATIVE), 1 ether, "stays pending");
    }

    /// @notice Withdrawals to the rollup itself, its gateway or the token contract move nothing that is others'.
    function test_WithdrawingToTheContractsThemselves() public {
        bytes memory data = bytes.concat(
            Operations.withdraw(1, NATIVE, address(secondary), 1 ether),
            Operations.withdraw(2, TOKEN, address(secondary), 1e18),
            Operations.withdraw(1, NATIVE, address(secondaryGateway), 1 ether)
        );
        runSecondary(data);
        vm.expectRevert(abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(secondary), 1 ether));
        secondary.withdrawPending(address(secondary), NATIVE);
        vm.expectRevert(abi.encodeWithSelector(IRollup.TokenTransferMismatch.selector, TOKEN, 1e18, 0));
        secondary.withdrawPending(address(secondary), TOKEN);
        vm.expectRevert(
            abi.encodeWithSelector(IRollup.NativeTransferFailed.selector, address(secondaryGateway), 1 ether)
        );
        secondary.withdrawPending(address(secondaryGateway), NATIVE);
        assertEq(address(secondary).balance, VAULT, "nothing left");
    }

    /// @notice Pending balances of a token that anyone mints may add up to more than an amount has bits for: the block executes all the same, and all
    /// of it can be paid. (It once overflowed 128 bits, which would have stopped the chain for good.)
    function test_PendingBalancesBeyond128Bits() public {
        uint128 most = type(uint128).max;
        bytes memory data = bytes.concat(
            Operations.withdraw(3, BAD_TOKEN, bob, most),
            Operations.withdraw(3, BAD_TOKEN, bob, most),
            Operations.withdraw(1, NATIVE, bob, 1 ether)
        );
        runSecondary(data);
        assertEq(secondary.pendingBalance(bob, BAD_TOKEN), 2 * uint256(most), "both");
        assertEq(secondary.pendingBalance(bob, NATIVE), 1 ether, "the operation behind them");
        badToken.mint(address(secondary), 2 * uint256(most));
        secondary.withdrawPending(bob, BAD_TOKEN);
        assertEq(badToken.balanceOf(bob), 2 * uint256(most), "paid");
    }

    // ── deposit ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice One transfer cannot count for two deposits: the token calls back into the rollup in the middle of it.
    function test_TokenReentersToCountATransferTwice() public {
        bytes[4] memory doors = [
            abi.encodeCall(IRollup.depositToken, (BAD_TOKEN, 5, alice, KEY_X, KEY_Y)),
            abi.encodeCall(IRollup.depositToken, (TOKEN, 5, alice, KEY_X, KEY_Y)),
            abi.encodeCall(IRollup.requestFullExit, (1, 0)),
            abi.encodeCall(IRollup.withdrawPending, (bob, NATIVE))
        ];
        for (uint256 i = 0; i < doors.length; ++i) {
            badToken.setReentry(address(secondary), doors[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vm.prank(alice);
            secondary.depositToken(BAD_TOKEN, 5, alice, KEY_X, KEY_Y);
        }
        (uint64 nextId,,) = secondary.priorityQueueState();
        assertEq(nextId, 2, "no request was left behind");
    }

    /// @notice Two ids for one contract would let one balance be counted twice.
    function test_OneContractHasOneId() public {
        vm.startPrank(governor);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenAlreadyRegistered.selector, TOKEN, address(token)));
        secondary.registerToken(7, address(token));
        vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenAlreadyRegistered.selector, TOKEN, address(token)));
        secondary.registerToken(TOKEN, address(badToken));
        vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenIdOutOfRange.selector, 2, 2 ** 31 - 1, NATIVE));
        secondary.registerToken(NATIVE, makeAddr("wrapped coin"));
    }

    /// @notice The rollup, an account without code and a token that is not registered take no deposit.
    function test_DepositsOfWhatIsNoToken() public {
        vm.startPrank(governor);
        secondary.registerToken(8, address(secondary));
        secondary.registerToken(9, makeAddr("no code"));
        vm.stopPrank();
        vm.startPrank(alice);
        vm.expectRevert();
        secondary.depositToken(8, 1, alice, KEY_X, KEY_Y);
        vm.expectRevert();
        secondary.depositToken(9, 1, alice, KEY_X, KEY_Y);
        vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, 10));
        secondary.depositToken(10, 1, alice, KEY_X, KEY_Y);
        vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, NATIVE));
        secondary.depositToken(NATIVE, 1, alice, KEY_X, KEY_Y);
    }

    // ── sync ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The fee of a sync is the caller's: a gateway that asks for more than was sent gets nothing of the users' coin.
    function test_ASyncIsNotPaidFromTheVault() public {
        StoredBlock memory stored = commitSecondary("");
        secondaryGateway.setSyncFee(1 ether);
        vm.expectRevert(abi.encodeWithSelector(GatewayDouble.InsufficientFee.selector, 1 ether, 0));
        secondary.syncBlock(stored);
        vm.prank(anyone);
        secondary.syncBlock{ value: 3 ether }(stored);
        assertEq(address(secondary).balance, VAULT, "vault");
        assertEq(anyone.balance, 999 ether, "the caller paid the fee and got the rest back");
    }

    /// @notice The refund of a sync is a call to a stranger: the vault's doors are shut meanwhile.
    function test_TheRefundOfASyncReenters() public {
        StoredBlock memory stored = commitSecondary("");
        mallory.setReentry(address(secondary), abi.encodeCall(IRollup.withdrawPending, (address(mallory), NATIVE)));
        vm.deal(address(mallory), 1 ether);
        vm.prank(address(mallory));
        vm.expectRevert(bytes("refund"));
        secondary.syncBlock{ value: 1 ether }(stored);
        assertEq(secondary.syncHashSent(2), 0, "nothing happened");
    }

    /// @dev What the call `data` returns in the middle of a payment, told by a receiver that takes the payment all the same. Leaves no trace.
    function _asIfInside(bytes memory data) private returns (bool success, bytes memory reason) {
        uint256 snapshot = vm.snapshotState();
        Witness witness = new Witness(address(secondary), data);
        vm.etch(address(mallory), address(witness).code);
        secondary.withdrawPending(address(mallory), NATIVE);
        success = Witness(payable(address(mallory))).success();
        reason = Witness(payable(address(mallory))).reason();
        vm.revertToState(snapshot);
    }
}

/// @notice A receiver that calls `target` when it is paid, takes the payment all the same and remembers what the call returned.
contract Witness {
    address private immutable TARGET;
    Note private immutable NOTE;

    bool public success;
    bytes public reason;

    constructor(address target, bytes memory data) {
        TARGET = target;
        NOTE = new Note(data);
    }

    receive() external payable {
        (success, reason) = TARGET.call(NOTE.data());
    }
}

/// @notice Keeps bytes for a contract whose code is copied without its storage.
contract Note {
    bytes public data;

    constructor(bytes memory data_) {
        data = data_;
    }
}
