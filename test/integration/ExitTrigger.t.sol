// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { ExecuteBlock } from "../../src/types/Block.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitRaces } from "../utils/ExitRaces.sol";

/// @notice The trigger at every stage of a block: what is confirmed then counts everywhere, what is not never happened anywhere.
contract ExitTriggerTest is ExitRaces {
    function setUp() public override {
        super.setUp();
        live(firstBlock());
        // Nobody executes it in time, unless a test says so.
        deposit(0, carol, NATIVE, 3 ether, CAROL + 1);
    }

    function test_TriggerWithoutAnyBlockInFlight() public {
        pass();
        haltFrom(0);
        everybodyLeaves(1);
    }

    function test_TriggerWhileABlockIsCommitted() public {
        uint32 n = busyBlock();
        commitAll(n);
        pass();
        trigger(0);
        requireStopped(0, n);
        finish(0, 1);
    }

    function test_TriggerWhileABlockIsCommittedOnThePrimaryOnly() public {
        uint32 n = busyBlock();
        commit(0, n);
        pass();
        trigger(0);
        requireStopped(0, n);
        finish(0, 1);
    }

    function test_TriggerWhileABlockIsProved() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        pass();
        trigger(0);
        requireStopped(0, n);
        finish(0, 1);
    }

    /// @dev Proofs harm nobody: a stopped primary still takes them, and does not sync what they prove.
    function test_ProofOfABlockAfterTheTrigger() public {
        uint32 n = busyBlock();
        commitAll(n);
        pass();
        trigger(0);
        prove(n);
        requireStopped(0, n);
        finish(0, 1);
    }

    function test_TriggerWhileABlockIsSynced_AndTheHaltRequestIsFirst() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        pass();
        trigger(0);
        requestHalt(0);
        deliver(up[0], GatewayMessage.HALT_REQUEST);
        deliverUp();
        assertFalse(arbitrator.isConfirmable(n), "nothing above the halt");
        finish(0, 1);
    }

    /// @dev Everything that a stopped chain has synced may still be confirmed until the arbitrator knows of the stop.
    function test_TriggerWhileABlockIsSynced_AndTheConfirmationIsFirst() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        pass();
        trigger(0);
        deliverUp();
        confirm(n);
        requestHalt(0);
        deliverUp();
        sendHalts();
        deliverDown();
        assertEq(requests[0][3].servedIn, n, "the block serves the request that expired");
        everybodyLeaves(n);
    }

    function test_TriggerWhileABlockIsSyncedOnTwoChains() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        sync(0, n);
        sync(1, n);
        deliverUp();
        pass();
        trigger(0);
        finish(0, 1);
        assertEq(arbitrator.syncHashOf(2, n), 0, "chain 2 never spoke");
    }

    /// @dev The chain that is triggered has synced nothing of the block that the others have.
    function test_TriggerWhileABlockIsSyncedOnTheOtherChains() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        sync(1, n);
        sync(2, n);
        deliverUp();
        pass();
        trigger(0);
        requireStopped(0, n);
        finish(0, 1);
    }

    function test_RevertWhen_ABlockIsConfirmedButNotExecuted() public {
        uint32 n = quietBlock();
        confirmEverywhere(n);
        pass();
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ConfirmedBlocksNotExecuted.selector, n, 1));
        rollups[0].triggerExitMode();
        execute(0, n);
        haltFrom(0);
        everybodyLeaves(n);
    }

    /// @dev Nobody can keep a user from triggering by confirming block after block: execution and trigger fit in one transaction.
    function test_ExecutionAndTriggerInOneGo() public {
        quietBlock();
        uint32 n = quietBlock();
        commitAll(n - 1);
        prove(n - 1);
        confirmEverywhere(n);
        pass();
        OneGo oneGo = new OneGo();
        oneGo.executeAndTrigger(rollups[0], executionOf(0, n));
        assertEq(uint8(rollups[0].mode()), uint8(Mode.Stopped), "stopped");
        assertEq(rollups[0].totalBlocksExecuted(), n, "executed");
        finish(0, n);
    }

    /// @dev The expired request lies in a confirmed block that nobody has executed: execution is all that is missing.
    function test_RevertWhen_TheConfirmedBlockServesTheExpiredRequest() public {
        uint32 n = busyBlock();
        confirmEverywhere(n);
        pass();
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ConfirmedBlocksNotExecuted.selector, n, 1));
        rollups[0].triggerExitMode();
        OneGo oneGo = new OneGo();
        ExecuteBlock[] memory execution = executionOf(0, n);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 5, 0, block.timestamp));
        oneGo.executeAndTrigger(rollups[0], execution);
        execute(0, n);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.NoExpiredRequest.selector, 5, 0, block.timestamp));
        rollups[0].triggerExitMode();
    }

    /// @dev The block is confirmed, but this chain has not heard of it: the trigger counts, and so does the block.
    function test_TriggerWhileTheConfirmationIsInFlight() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        confirm(n);
        deliver(down[1]);
        execute(1, n);
        pass();
        trigger(0);
        requestHalt(0);
        deliverUp();
        sendHalts();
        deliverDown();
        everybodyLeaves(n);
    }

    /// @dev The operator stops after a block was synced on two chains and the one before was confirmed on one.
    function test_OperatorStopsInTheMiddleOfTwoBlocks() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        confirm(n);
        deliver(down[0]);
        uint32 next = quietBlock();
        commit(0, next);
        commit(1, next);
        prove(next);
        sync(0, next);
        sync(1, next);
        // A request of chain 1 expires.
        requestExit(1, bob, BOB);
        pass();
        trigger(1);
        finish(1, n);
    }

    /// @dev After the trigger on `chain` nothing new: m = `m`.
    function finish(uint8 chain, uint32 m) private {
        requestHalt(chain);
        deliverUp();
        sendHalts();
        deliverDown();
        everybodyLeaves(m);
    }

    /// @dev A stopped chain takes no request, no block, no sync and no revert.
    function requireStopped(uint8 chain, uint32 n) private {
        bytes memory refusal = abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Running, Mode.Stopped);
        uint32 next = quietBlock();
        vm.expectRevert(refusal);
        this.commitOutside(chain, next);
        if (rollups[chain].totalBlocksProved() >= n) {
            vm.expectRevert(refusal);
            this.syncOutside(chain, n);
        }
        vm.expectRevert(refusal);
        vm.prank(validator);
        rollups[chain].revertBlocks(stored[1][chain]);
        vm.expectRevert(refusal);
        rollups[chain].depositNative{ value: 1 }(alice, KEY_X, KEY_Y);
        vm.expectRevert(refusal);
        rollups[chain].depositToken(TOKEN, 1, alice, KEY_X, KEY_Y);
        vm.expectRevert(refusal);
        rollups[chain].requestFullExit{ value: EXIT_BOND }(ALICE, 0);
        vm.expectRevert(refusal);
        rollups[chain].triggerExitMode();
    }

    function commitOutside(uint8 chain, uint32 n) external {
        commit(chain, n);
    }

    function syncOutside(uint8 chain, uint32 n) external {
        sync(chain, n);
    }
}

/// @notice Anyone's contract that executes and triggers in one transaction.
contract OneGo {
    function executeAndTrigger(SecondaryRollup rollup, ExecuteBlock[] calldata blocks) external {
        rollup.executeBlocks(blocks);
        rollup.triggerExitMode();
    }
}

