// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { PauseManager } from "../../script/devnet/linea/PauseManager.sol";
import { Arbitrator } from "../../src/Arbitrator.sol";
import { LineaL1Gateway } from "../../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../../src/gateways/linea/LineaL2Gateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway, IMessageReceiver } from "../../src/interfaces/IGateway.sol";
import { IL1MessageService } from "../../src/interfaces/external/linea/IL1MessageService.sol";
import { IL2MessageService } from "../../src/interfaces/external/linea/IL2MessageService.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { GatewayBase } from "../utils/GatewayBase.sol";
import { LineaServices } from "../utils/LineaServices.sol";
import { RollupDouble } from "../utils/doubles/RollupDouble.sol";

/// @notice The halt request and the halt over the whole message service: chain 0 is on Linea, chain 1 has a double as gateway.
contract LineaHaltTest is LineaServices, GatewayBase {
    LineaL1Gateway private l1Gateway;
    LineaL2Gateway private l2Gateway;

    function setUp() public {
        _deployLinea();
        arbitrator = _deployArbitrator(0);
        (l1Gateway, l2Gateway) = _deployPair(address(arbitrator));
        _wire(0, l1Gateway, l2Gateway);
        vm.deal(caller, 10 ether);
        vm.recordLogs();
    }

    // ── the request goes up ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_up_requestHaltsTheArbitrator() public {
        _requestHalt();
        Message[] memory messages = _sentMessages(address(l2Service));
        assertEq(messages.length, 1, "one message");
        assertEq(messages[0].fee, 0, "nothing for a postman");
        assertEq(messages[0].to, address(l1Gateway), "to the other end");
        assertEq(messages[0].data, abi.encodeCall(IMessageReceiver.receiveMessage, (hex"04")), "one byte");
        _finalize(messages);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltRequested(0);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.Halted(0, 0);
        vm.prank(caller);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertTrue(arbitrator.halted(), "halted");
    }

    function test_up_requestTakesTheMinimumFeeAndRefundsTheRest() public {
        vm.prank(caller);
        rollup.requestHalt{ value: 1 ether }(l2Gateway);
        assertEq(caller.balance, 10 ether - MINIMUM_FEE, "surplus is back");
        assertEq(address(l2Gateway).balance, 0, "nothing stays");
    }

    function test_RevertWhen_RequestsFeeIsTooLow() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.InsufficientFee.selector, MINIMUM_FEE, MINIMUM_FEE - 1));
        vm.prank(caller);
        rollup.requestHalt{ value: MINIMUM_FEE - 1 }(l2Gateway);
    }

    function test_RevertWhen_RequestComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        vm.prank(caller);
        l2Gateway.sendHaltRequest{ value: MINIMUM_FEE }(caller);
    }

    function test_up_requestIsClaimedOnceAndASecondOneChangesNothing() public {
        _requestHalt();
        _requestHalt();
        Message[] memory messages = _sentMessages(address(l2Service));
        assertEq(messages.length, 2, "two messages");
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        vm.expectRevert(abi.encodeWithSelector(IL1MessageService.MessageAlreadyClaimed.selector, 2));
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        vm.recordLogs();
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(arbitrator.lastConfirmedBlock(), 0, "the same halt");
    }

    function test_up_aRefusedRequestStaysClaimable() public {
        Arbitrator fresh = _deployArbitrator(0);
        (l1Gateway, l2Gateway) = _deployPair(address(fresh));
        _pair(l1Gateway, l2Gateway);
        _requestHalt();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, address(l1Gateway)));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.prank(admin);
        fresh.setGateway(0, address(l1Gateway));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertTrue(fresh.halted(), "claimed later");
    }

    /// @dev Who fills Linea's limit of ETH that leaves does not hold up a message without ETH.
    function test_up_requestPassesWhenLineasLimitIsUsedUp() public {
        vm.deal(caller, 2 * RATE_LIMIT);
        vm.prank(caller);
        l2Service.sendMessage{ value: RATE_LIMIT + MINIMUM_FEE }(caller, MINIMUM_FEE, "");
        assertEq(l2Service.currentPeriodAmountInWei(), RATE_LIMIT, "used up");
        _sentMessages(address(l2Service));
        _requestHalt();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertTrue(arbitrator.halted(), "halted");
    }

    function test_up_requestIsSentAgainAfterLineaWasPaused() public {
        vm.prank(pauser);
        l2Service.pauseByType(PauseManager.PauseType.L2_L1);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L2_L1));
        vm.prank(caller);
        rollup.requestHalt{ value: MINIMUM_FEE }(l2Gateway);
        vm.prank(pauser);
        l2Service.unPauseByType(PauseManager.PauseType.L2_L1);
        _requestHalt();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertTrue(arbitrator.halted(), "halted");
    }

    function test_RevertWhen_SomebodyElseRequestsThroughTheService() public {
        bytes memory data = abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.haltRequest()));
        vm.prank(caller);
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(l1Gateway), MINIMUM_FEE, data);
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l2Gateway), caller));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(lineaRollup), caller));
        vm.prank(caller);
        l1Gateway.receiveMessage(GatewayMessage.haltRequest());
        assertFalse(arbitrator.halted(), "goes on");
    }

    // ── the halt comes down ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_down_haltReachesTheRollup() public {
        _halt();
        Message[] memory messages = _sentMessages(address(lineaRollup));
        assertEq(messages.length, 1, "one message");
        assertEq(
            messages[0].data,
            abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.halt(1, 5, HASH_0))),
            "block, root, own hash"
        );
        _anchor(messages);
        vm.prank(caller);
        _claimOnLinea(messages[0]);
        assertEq(rollup.haltBlock(), 1, "block");
        assertEq(rollup.haltRoot(), 5, "root");
        assertEq(rollup.haltHash(), HASH_0, "own hash");
        assertEq(rollup.lastCaller(), address(l2Gateway), "by the gateway");
    }

    function test_down_haltIsFreeAndReturnsValue() public {
        vm.deal(address(arbitrator), 1 ether);
        vm.prank(address(arbitrator));
        l1Gateway.sendHalt{ value: 1 ether }(1, 5, HASH_0, caller);
        assertEq(caller.balance, 11 ether, "all of it is back");
        assertEq(address(l1Gateway).balance, 0, "nothing stays");
    }

    function test_down_haltIsSentAgainAfterLineaWasPaused() public {
        vm.prank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.L1_L2);
        _haltRequested();
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L1_L2));
        arbitrator.sendHalt(0);
        arbitrator.sendHalt(1);
        assertEq(otherGateway.haltCount(), 1, "the other chain is told");
        vm.prank(pauser);
        lineaRollup.unPauseByType(PauseManager.PauseType.L1_L2);
        arbitrator.sendHalt(0);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        _claimOnLinea(messages[0]);
        assertEq(rollup.halts(), 1, "halted");
    }

    function test_down_aRefusedHaltStaysClaimable() public {
        _halt();
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        rollup.setRefuses(true);
        vm.expectRevert(RollupDouble.Refused.selector);
        _claimOnLinea(messages[0]);
        rollup.setRefuses(false);
        _claimOnLinea(messages[0]);
        assertEq(rollup.halts(), 1, "claimed later");
        vm.expectRevert(
            abi.encodeWithSelector(
                IL2MessageService.MessageDoesNotExistOrHasAlreadyBeenClaimed.selector, messages[0].hash
            )
        );
        _claimOnLinea(messages[0]);
    }

    /// @dev Two halts and a confirmation are three messages, claimed by anyone in any order.
    function test_down_messagesAreClaimedInAnyOrder() public {
        _deliverAll();
        arbitrator.confirmBlock(1);
        _haltRequested();
        arbitrator.sendHalt(0);
        arbitrator.sendHalt(0);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        assertEq(messages.length, 3, "three");
        _anchor(messages);
        _claimOnLinea(messages[2]);
        _claimOnLinea(messages[0]);
        _claimOnLinea(messages[1]);
        assertEq(rollup.halts(), 2, "halts");
        assertEq(rollup.confirmations(), 1, "confirmation");
    }

    function test_RevertWhen_SomebodyElseSendsAHaltThroughTheService() public {
        bytes memory data = abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.halt(1, 5, HASH_0)));
        vm.prank(caller);
        lineaRollup.sendMessage(address(l2Gateway), 0, data);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l1Gateway), caller));
        _claimOnLinea(messages[0]);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(l2Service), caller));
        vm.prank(caller);
        l2Gateway.receiveMessage(GatewayMessage.halt(1, 5, HASH_0));
    }

    function test_RevertWhen_HaltComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        vm.prank(caller);
        l1Gateway.sendHalt(1, 5, HASH_0, caller);
    }

    // ── malformed ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_AMessageIsMalformedOrGoesTheWrongWay() public {
        vm.mockCall(address(lineaRollup), abi.encodeWithSignature("sender()"), abi.encode(address(l2Gateway)));
        vm.startPrank(address(lineaRollup));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 4, 1, 2));
        l1Gateway.receiveMessage(hex"0400");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, GatewayMessage.HALT));
        l1Gateway.receiveMessage(GatewayMessage.halt(1, 5, HASH_0));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, 6));
        l1Gateway.receiveMessage(hex"06");
        vm.stopPrank();
        vm.mockCall(address(l2Service), abi.encodeWithSignature("sender()"), abi.encode(address(l1Gateway)));
        vm.startPrank(address(l2Service));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 5, 69, 37));
        l2Gateway.receiveMessage(bytes.concat(hex"05", bytes32(0), bytes4(0)));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, GatewayMessage.HALT_REQUEST));
        l2Gateway.receiveMessage(GatewayMessage.haltRequest());
        vm.stopPrank();
        assertEq(rollup.halts(), 0, "nothing arrived");
        assertFalse(arbitrator.halted(), "nothing arrived");
    }

    function test_RevertWhen_RemoteIsNotSet() public {
        (l1Gateway, l2Gateway) = _deployPair(address(arbitrator));
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        rollup.requestHalt(l2Gateway);
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        vm.prank(address(arbitrator));
        l1Gateway.sendHalt(1, 5, HASH_0, caller);
    }

    function _deployPair(address arbitrator_) private returns (LineaL1Gateway l1, LineaL2Gateway l2) {
        l1 = LineaL1Gateway(
            _proxy(
                address(new LineaL1Gateway()),
                abi.encodeCall(LineaL1Gateway.initialize, (admin, arbitrator_, address(lineaRollup)))
            )
        );
        l2 = LineaL2Gateway(
            _proxy(
                address(new LineaL2Gateway()),
                abi.encodeCall(LineaL2Gateway.initialize, (admin, address(rollup), address(l2Service)))
            )
        );
    }

    function _requestHalt() private {
        vm.prank(caller);
        rollup.requestHalt{ value: MINIMUM_FEE }(l2Gateway);
    }

    function _deliverAll() private {
        vm.prank(address(l1Gateway));
        arbitrator.receiveSyncHashes(1, 5, _list());
        vm.prank(address(otherGateway));
        arbitrator.receiveSyncHash(1, HASH_1);
    }

    function _haltRequested() private {
        vm.prank(address(otherGateway));
        arbitrator.receiveHaltRequest();
    }

    /// @dev Block 1 is confirmed, its confirmation forgotten, and the halt sent.
    function _halt() private {
        _deliverAll();
        arbitrator.confirmBlock(1);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        _haltRequested();
        arbitrator.sendHalt(0);
    }
}
