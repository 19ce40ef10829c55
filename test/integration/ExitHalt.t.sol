// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { Mode } from "../../src/types/Mode.sol";
import { ExitRaces } from "../utils/ExitRaces.sol";
import { MessageQueue } from "../utils/doubles/QueueGateways.sol";

/// @notice The halt on its way, against confirmations, other halts, services that fail, and chains that are behind or ahead.
contract ExitHaltTest is ExitRaces {
    function setUp() public override {
        super.setUp();
        live(firstBlock());
    }

    // ── confirmation and halt ───────────────────────────────────────────────────────────────────────────────────────────

    function test_ConfirmationBeforeTheHalt() public {
        uint32 n = confirmedInFlight();
        deliver(down[0], GatewayMessage.CONFIRMATION);
        deliver(down[1], GatewayMessage.CONFIRMATION);
        assertEq(rollups[1].totalBlocksConfirmed(), n, "confirmed");
        assertEq(uint8(rollups[1].mode()), uint8(Mode.Running), "and running");
        deliver(down[0], GatewayMessage.HALT);
        deliver(down[1], GatewayMessage.HALT);
        everybodyLeaves(n);
    }

    function test_HaltBeforeTheConfirmation() public {
        uint32 n = confirmedInFlight();
        deliver(down[0], GatewayMessage.HALT);
        deliver(down[1], GatewayMessage.HALT);
        assertEq(rollups[1].totalBlocksConfirmed(), n, "the halt confirms by itself");
        deliver(down[0], GatewayMessage.CONFIRMATION);
        deliver(down[1], GatewayMessage.CONFIRMATION);
        everybodyLeaves(n);
    }

    /// @dev The confirmation overtakes only after everything is paid.
    function test_ConfirmationAfterEverybodyHasLeft() public {
        uint32 n = confirmedInFlight();
        deliver(down[0], GatewayMessage.HALT);
        deliver(down[1], GatewayMessage.HALT);
        everybodyLeaves(n);
        deliverDown();
        requireEnd(n);
    }

    /// @dev What fails on zkSync Era is gone for good: neither the confirmation nor a first halt ever arrives.
    function test_ConfirmationAndHaltAreLost() public {
        uint32 n = confirmedInFlight();
        down[1].lose(find(down[1], GatewayMessage.CONFIRMATION));
        down[1].lose(find(down[1], GatewayMessage.HALT));
        deliverDown();
        assertEq(uint8(rollups[1].mode()), uint8(Mode.Running), "chain 1 knows nothing");
        sendHalt(1);
        deliver(down[1]);
        everybodyLeaves(n);
    }

    /// @dev After the halt an old confirmation may be sent again: it names the block of the halt.
    function test_ConfirmationIsSentAgainAfterTheHalt() public {
        uint32 n = confirmedInFlight();
        vm.prank(anyone);
        arbitrator.sendConfirmation{ value: 1 ether }(1);
        deliverDown();
        everybodyLeaves(n);
    }

    function test_HaltArrivesManyTimes() public {
        uint32 n = confirmedInFlight();
        sendHalts();
        sendHalts();
        deliverDown();
        sendHalts();
        deliverDown();
        everybodyLeaves(n);
        sendHalts();
        deliverDown();
        requireEnd(n);
        for (uint256 i = 0; i < down[1].count(); ++i) {
            if (down[1].kindOf(i) != GatewayMessage.HALT) continue;
            assertEq(down[1].dataOf(i), GatewayMessage.halt(n, rootOf(n), stored[n][1].syncHash), "always the same");
        }
    }

    // ── confirmBlock and the halt request ───────────────────────────────────────────────────────────────────────────────

    function test_ConfirmBlockBeforeTheHaltRequest() public {
        uint32 n = synced();
        confirm(n);
        deliver(up[0]);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.AlreadyHalted.selector, n));
        arbitrator.confirmBlock(n);
        sendHalts();
        deliverDown();
        everybodyLeaves(n);
    }

    function test_HaltRequestBeforeConfirmBlock() public {
        uint32 n = synced();
        deliver(up[0]);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.AlreadyHalted.selector, 1));
        arbitrator.confirmBlock(n);
        sendHalts();
        deliverDown();
        everybodyLeaves(1);
    }

    // ── who asks for the halt ───────────────────────────────────────────────────────────────────────────────────────────

    function test_TwoChainsTriggerAtOnce() public {
        uint32 n = busyBlock();
        expireOnAll();
        commitAll(n);
        trigger(0);
        trigger(1);
        requestHalt(1);
        requestHalt(0);
        deliver(up[1]);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltRequested(0);
        deliver(up[0]);
        sendHalts();
        deliverDown();
        everybodyLeaves(1);
    }

    function test_AllChainsTriggerAtOnce() public {
        expireOnAll();
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            trigger(chain);
        }
        // Chain 2 is the arbitrator's: its request arrives at once, the others' after the halts.
        requestHalt(2);
        requestHalt(1);
        requestHalt(0);
        sendHalts();
        deliverDown();
        deliverUp();
        everybodyLeaves(1);
    }

    /// @dev Its own request is still on its way when the halt that another chain asked for arrives.
    function test_HaltReachesAChainThatHasJustStopped() public {
        expireOnAll();
        trigger(1);
        requestHalt(1);
        trigger(2);
        requestHalt(2);
        sendHalt(1);
        deliver(down[1]);
        deliver(up[1]);
        sendHalts();
        deliverDown();
        vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Stopped, Mode.Halted));
        rollups[1].sendHaltRequest();
        everybodyLeaves(1);
    }

    function test_RevertWhen_AChainIsTriggeredAfterItsHalt() public {
        expireOnAll();
        haltFrom(0);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Running, Mode.Halted));
            rollups[chain].triggerExitMode();
        }
        everybodyLeaves(1);
    }

    // ── services ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_ServiceFailsForHours() public {
        expire(0);
        up[0].setDown(true);
        down[1].setDown(true);
        trigger(0);
        vm.expectRevert(MessageQueue.Down.selector);
        rollups[0].sendHaltRequest{ value: UP_FEE }();
        assertEq(uint8(rollups[0].mode()), uint8(Mode.Stopped), "stays stopped");
        vm.warp(block.timestamp + 40 hours);
        up[0].setDown(false);
        requestHalt(0);
        deliverUp();

        sendHalt(0);
        sendHalt(2);
        vm.expectRevert(MessageQueue.Down.selector);
        arbitrator.sendHalt{ value: DOWN_FEE }(1);
        deliver(down[0]);
        chainLeaves(0, 1);
        vm.warp(block.timestamp + 40 hours);
        down[1].setDown(false);
        sendHalt(1);
        deliver(down[1]);
        chainLeaves(1, 1);
        chainLeaves(2, 1);
        requireEnd(1);
    }

    /// @dev The request was taken by the service and never arrives: anyone sends another.
    function test_HaltRequestIsLost() public {
        expire(1);
        trigger(1);
        requestHalt(1);
        up[1].lose(find(up[1], GatewayMessage.HALT_REQUEST));
        assertFalse(arbitrator.halted(), "unheard");
        requestHalt(1);
        requestHalt(1);
        deliverUp();
        sendHalts();
        deliverDown();
        everybodyLeaves(1);
    }

    /// @dev A service that refuses a while (paused, out of gas) lets the same message be claimed later.
    function test_DeliveryIsRefusedAndTriedAgain() public {
        expire(0);
        trigger(0);
        requestHalt(0);
        up[0].setDown(true);
        uint256 index = find(up[0], GatewayMessage.HALT_REQUEST);
        vm.expectRevert(MessageQueue.Down.selector);
        up[0].deliver(index);
        up[0].setDown(false);
        up[0].deliver(index);
        vm.expectRevert(abi.encodeWithSelector(MessageQueue.NotWaiting.selector, index));
        up[0].deliver(index);
        sendHalts();
        deliverDown();
        everybodyLeaves(1);
    }

    // ── chains that are behind or ahead ─────────────────────────────────────────────────────────────────────────────────

    function test_AChainHasAlreadyExecutedM() public {
        uint32 n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        confirm(n);
        deliver(down[1]);
        execute(1, n);
        expire(0);
        haltFrom(0);
        assertTrue(rollups[1].exitsOpen(), "open at once");
        assertFalse(rollups[0].exitsOpen(), "has to execute first");
        everybodyLeaves(n);
    }

    function test_AChainComesLate() public {
        uint32 n = confirmedInFlight();
        deliver(down[0]);
        chainLeaves(0, n);
        chainLeaves(2, n);
        // For two weeks chain 1 runs on: whatever it does, nothing of it is ever confirmed.
        vm.warp(block.timestamp + 14 days);
        deliver(down[1], GatewayMessage.CONFIRMATION);
        execute(1, n);
        deposit(1, bob, NATIVE, 1 ether, BOB);
        serve(1, 1);
        uint32 next = quietBlock();
        commit(1, next);
        sync(1, next);
        deliver(up[1]);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.AlreadyHalted.selector, n));
        arbitrator.confirmBlock(next);
        deliver(down[1], GatewayMessage.HALT);
        chainLeaves(1, n);
        requireEnd(n);
    }

    function test_ValidatorGoesOnAfterTheHalt() public {
        expire(0);
        trigger(0);
        requestHalt(0);
        deliverUp();
        sendHalts();
        // Chain 2 has its halt already, chain 1 does not.
        uint32 n = quietBlock();
        commit(1, n);
        sync(1, n);
        deliver(up[1]);
        uint32 next = quietBlock();
        commit(1, next);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Running, Mode.Halted));
        this.commitOutside(2, n);
        deliverDown();
        vm.expectRevert(abi.encodeWithSelector(IRollupState.WrongMode.selector, Mode.Running, Mode.Halted));
        this.commitOutside(1, next + 1);
        everybodyLeaves(1);
    }

    function test_BlocksAboveMOnSomeChains() public {
        uint32 first = busyBlock();
        confirmEverywhere(first);
        execute(0, first);
        uint32 second = busyBlock();
        commitAll(second);
        prove(second);
        sync(0, second);
        sync(2, second);
        uint32 third = busyBlock();
        commit(0, third);
        commit(1, third);
        expire(0);
        haltFrom(0);
        everybodyLeaves(first);
    }

    /// @dev What is above the halt cannot be executed, nor can a gateway confirm it any more.
    function test_RevertWhen_ABlockAboveTheHaltIsExecutedOrConfirmed() public {
        uint32 n = synced();
        deliver(up[0]);
        sendHalts();
        deliverDown();
        address gateway = rollups[1].gateway();
        vm.expectRevert(abi.encodeWithSelector(IExitMode.WrongHalt.selector, 1, n));
        vm.prank(gateway);
        rollups[1].receiveConfirmation(n, stored[n][1].syncHash);
        vm.expectRevert(abi.encodeWithSignature("BlockNotConfirmed(uint32,uint32)", 1, n));
        this.executeOutside(1, n);
        everybodyLeaves(1);
    }

    /// @dev Block `n` is confirmed by the arbitrator, chain 0 has stopped, and confirmations and halts are on their way to chains 0 and 1.
    function confirmedInFlight() private returns (uint32 n) {
        n = synced();
        confirm(n);
        deliver(up[0]);
        sendHalts();
    }

    /// @dev Block `n` is synced, its hashes have arrived, and chain 0's halt request is on its way.
    function synced() private returns (uint32 n) {
        n = busyBlock();
        commitAll(n);
        prove(n);
        syncAll(n);
        deliverUp();
        expire(0);
        trigger(0);
        requestHalt(0);
    }

    function expireOnAll() private {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            deposit(chain, carol, NATIVE, 3 ether, CAROL + 1);
        }
        pass();
    }

    function commitOutside(uint8 chain, uint32 n) external {
        commit(chain, n);
    }

    function executeOutside(uint8 chain, uint32 n) external {
        execute(chain, n);
    }
}
