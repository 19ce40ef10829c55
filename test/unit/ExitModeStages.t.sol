// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IFullQueue } from "../../src/interfaces/IFullQueue.sol";
import { IGoverned } from "../../src/interfaces/IGoverned.sol";
import { IReverting } from "../../src/interfaces/IReverting.sol";
import { IPrimaryRollup, IRollup, ISecondaryRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import {
    BlockProof,
    ExecuteBlock,
    PrimaryBlock,
    SecondaryBlock,
    SegmentData,
    StoredBlock
} from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Operations } from "../utils/Operations.sol";
import { GatewayDouble } from "../utils/doubles/GatewayDouble.sol";

/// @notice What every stage does in a stopped and in a halted chain: nothing new is taken, committed, synced or dropped; all that pays goes on.
contract ExitModeStagesTest is ExitTest {
    struct Call {
        address caller;
        uint256 value;
        bytes data;
    }

    /// Block 1 is executed, 2 confirmed, 3 synced, 4 committed (and proved on the primary), 5 committed; a deposit and a full exit wait.
    StoredBlock[] private stored;
    bytes[] private data;
    /// Arguments of a proof of block 5 of the primary.
    bytes private proofOfFive;

    // ── what stops ──────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_WhatASecondaryRefuses() public {
        _fillSecondary();
        Call[] memory calls = _userCalls(secondary);
        calls[3] = Call(validator, 0, abi.encodeCall(ISecondaryRollup.commitBlocks, (lastSecondary, _nextSecondary())));
        calls[4] = Call(anyone, 0, abi.encodeCall(ISecondaryRollup.syncBlock, (stored[3])));
        calls[5] = Call(validator, 0, abi.encodeCall(IReverting.revertBlocks, (stored[3])));
        _assertStops(secondary, secondaryGateway, calls);
    }

    function test_WhatThePrimaryRefuses() public {
        bytes32[] memory hashesOfFour = _fillPrimary();
        Call[] memory calls = _userCalls(primary);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(new SegmentData[](0));
        bytes memory commit = abi.encodeCall(IPrimaryRollup.commitBlocks, (lastPrimary, lastSyncHashes, blocks));
        calls[3] = Call(validator, 0, commit);
        calls[4] = Call(anyone, 0, abi.encodeCall(IPrimaryRollup.syncBlock, (stored[3], hashesOfFour)));
        calls[5] = Call(validator, 0, abi.encodeCall(IReverting.revertBlocks, (stored[3])));
        _assertStops(primary, primaryGateway, calls);
    }

    // ── what goes on ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_WhatAStoppedChainStillDoes() public {
        _fillSecondary();
        secondary.executeBlocks(executeList(stored[1], data[1]));
        stop(secondary);
        _assertPays(2);
        secondaryGateway.confirm(3, stored[2].syncHash);
        secondary.executeBlocks(executeList(stored[2], data[2]));
        _assertPays(3);
        _assertGoverned();
    }

    function test_WhatAHaltedChainStillDoes() public {
        _fillSecondary();
        // Nobody stopped it, and two blocks wait for execution.
        halt(secondaryGateway, stored[2]);
        secondary.executeBlocks(executeList(stored[1], data[1]));
        assertFalse(secondary.exitsOpen(), "block 3 comes first");
        _assertPays(2);
        secondary.executeBlocks(executeList(stored[2], data[2]));
        assertTrue(secondary.exitsOpen(), "exits are open");
        _assertPays(3);
        _assertGoverned();
    }

    function test_RevertWhen_ExecutingAboveTheHalt() public {
        _fillSecondary();
        halt(secondaryGateway, stored[1]);
        secondary.executeBlocks(executeList(stored[1], data[1]));
        ExecuteBlock[] memory list = new ExecuteBlock[](1);
        list[0] = ExecuteBlock(stored[2], data[2]);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 2, 3));
        secondary.executeBlocks(list);
    }

    /// @notice The halt lies within one call's blocks: all of it is refused.
    function test_RevertWhen_ExecutingAcrossTheHalt() public {
        _fillSecondary();
        halt(secondaryGateway, stored[1]);
        ExecuteBlock[] memory list = new ExecuteBlock[](2);
        list[0] = ExecuteBlock(stored[1], data[1]);
        list[1] = ExecuteBlock(stored[2], data[2]);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotConfirmed.selector, 2, 3));
        secondary.executeBlocks(list);
        assertEq(secondary.totalBlocksExecuted(), 1, "nothing of it");
    }

    /// @notice A proof that comes late harms nobody: it is true, and no block above the halt is ever confirmed.
    function test_BlocksMayStillBeProved() public {
        _fillPrimary();
        primary.executeBlocks(executeList(stored[1], data[1]));
        stop(primary);
        uint256 snapshot = vm.snapshotState();
        _proveFive();
        vm.revertToState(snapshot);
        halt(primaryGateway, stored[1]);
        _proveFive();
        assertEq(primary.totalBlocksConfirmed(), 2, "and change nothing");
    }

    // ── steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A running chain takes each of `calls`; a stopped and a halted one refuse each for its mode.
    function _assertStops(IRollup rollup, GatewayDouble gateway, Call[] memory calls) private {
        for (uint256 i = 0; i < calls.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            (bool success,) = _call(rollup, calls[i]);
            assertTrue(success, string.concat("taken while running: ", vm.toString(i)));
            vm.revertToState(snapshot);
        }
        rollup.executeBlocks(executeList(stored[1], data[1]));
        stop(rollup);
        _assertRefused(rollup, calls, Mode.Stopped);
        halt(gateway, stored[1]);
        _assertRefused(rollup, calls, Mode.Halted);
    }

    function _assertRefused(IRollup rollup, Call[] memory calls, Mode mode) private {
        bytes memory expected = abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Running, mode);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory reason) = _call(rollup, calls[i]);
            assertFalse(success, string.concat("refused: ", vm.toString(i)));
            assertEq(reason, expected, string.concat("for the mode: ", vm.toString(i)));
        }
    }

    function _call(IRollup rollup, Call memory call) private returns (bool, bytes memory) {
        vm.deal(call.caller, call.value);
        vm.prank(call.caller);
        return address(rollup).call{ value: call.value }(call.data);
    }

    /// @dev Two deposits and two full exits, and room for three calls of others.
    function _userCalls(IRollup rollup) private returns (Call[] memory calls) {
        token.mint(bob, 1);
        vm.prank(bob);
        token.approve(address(rollup), 1);
        calls = new Call[](7);
        calls[0] = Call(bob, 1, abi.encodeCall(IRollup.depositNative, (bob, KEY_X, KEY_Y)));
        calls[1] = Call(bob, 0, abi.encodeCall(IRollup.depositToken, (TOKEN, 1, bob, KEY_X, KEY_Y)));
        calls[2] = Call(bob, EXIT_BOND, abi.encodeCall(IRollup.requestFullExit, (1, 0)));
        calls[6] = Call(bob, EXIT_BOND, abi.encodeCall(IFullQueue.requestFullExitAtPrice, (1, 0)));
    }

    /// @dev Blocks 1 to `count` have paid bob, and withdrawPending pays him out.
    function _assertPays(uint256 count) private {
        assertEq(secondary.pendingBalance(bob, NATIVE) + bob.balance, count, "credited");
        secondary.withdrawPending(bob, NATIVE);
        assertEq(bob.balance, count, "paid");
    }

    function _assertGoverned() private {
        vm.startPrank(governor);
        secondary.registerToken(77, address(this));
        vm.expectEmit(address(secondary));
        emit IGoverned.TimestampTolerancesSet(1, 2);
        secondary.setTimestampTolerances(1, 2);
        vm.stopPrank();
        assertEq(secondary.tokenAddress(77), address(this), "registered");
    }

    function _proveFive() private {
        (bytes32[][] memory lists, BlockProof[] memory proofs) = abi.decode(proofOfFive, (bytes32[][], BlockProof[]));
        primary.proveBlocks(storedList(stored[4]), lists, proofs);
        assertEq(primary.totalBlocksProved(), 5, "proved");
    }

    function _fillSecondary() private {
        for (uint256 i = 0; i < 5; ++i) {
            data.push(bytes.concat(_deposit(secondary, i), Operations.withdraw(1, NATIVE, bob, 1)));
            stored.push(commitSecondary(data[i]));
        }
        confirmSecondary(stored[0]);
        secondary.executeBlocks(executeList(stored[0], data[0]));
        confirmSecondary(stored[1]);
        secondary.syncBlock(stored[2]);
        requestFullExit(secondary, anyone, 9, NATIVE, 0);
    }

    function _fillPrimary() private returns (bytes32[] memory hashesOfFour) {
        for (uint256 i = 0; i < 3; ++i) {
            data.push(_deposit(primary, i));
            stored.push(syncPrimary(data[i]));
        }
        for (uint256 i = 3; i < 5; ++i) {
            SegmentData[] memory list = segments(segment(PRIMARY_INDEX, "", ""));
            BlockProof[] memory proofs = new BlockProof[](1);
            proofs[0] = blockProof(lastPrimary.finalRoot, primaryBlock(list));
            stored.push(commitPrimary(list));
            bytes32[][] memory lists = new bytes32[][](1);
            lists[0] = lastSyncHashes;
            if (i == 3) {
                hashesOfFour = lastSyncHashes;
                primary.proveBlocks(storedList(stored[3]), lists, proofs);
            } else {
                proofOfFive = abi.encode(lists, proofs);
            }
        }
        primaryGateway.confirm(1, stored[0].syncHash);
        primary.executeBlocks(executeList(stored[0], data[0]));
        primaryGateway.confirm(2, stored[1].syncHash);
        requestFullExit(primary, anyone, 9, NATIVE, 0);
    }

    function _deposit(IRollup rollup, uint256 i) private returns (bytes memory) {
        return depositNative(rollup, alice, 1 ether, uint24(i));
    }

    function _nextSecondary() private view returns (SecondaryBlock[] memory blocks) {
        blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock("");
    }
}
