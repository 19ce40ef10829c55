// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { PauseManager } from "../../script/devnet/linea/PauseManager.sol";
import { Arbitrator } from "../../src/Arbitrator.sol";
import { LineaL1Gateway } from "../../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../../src/gateways/linea/LineaL2Gateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { IL1MessageService } from "../../src/interfaces/external/linea/IL1MessageService.sol";
import { IL2MessageService } from "../../src/interfaces/external/linea/IL2MessageService.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { GatewayBase } from "../utils/GatewayBase.sol";
import { LineaServices } from "../utils/LineaServices.sol";
import { RollupDouble } from "../utils/doubles/RollupDouble.sol";

/// @notice Both Linea gateways over the whole message service: chain 0 is on Linea (primary or secondary), chain 1 has a double as gateway.
contract LineaGatewayTest is LineaServices, GatewayBase {
    LineaL1Gateway private l1Gateway;
    LineaL2Gateway private l2Gateway;

    function setUp() public {
        _deployLinea();
        _deployAll(0);
        vm.deal(caller, 10 ether);
        vm.recordLogs();
    }

    // ── up ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_up_primaryListReachesTheArbitrator() public {
        _syncAll(1);
        Message[] memory messages = _sentMessages(address(l2Service));
        assertEq(messages.length, 1, "one message");
        assertEq(messages[0].fee, 0, "nothing for a postman");
        assertEq(messages[0].to, address(l1Gateway), "to the other end");
        _finalize(messages);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.SyncHashesReceived(1, 5, _list());
        vm.prank(caller);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(arbitrator.syncHashOf(0, 1), HASH_0, "delivered");
    }

    function test_up_secondaryHashReachesTheArbitrator() public {
        _deployAll(1);
        vm.prank(caller);
        rollup.sync{ value: MINIMUM_FEE }(l2Gateway, 3, HASH_0);
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(arbitrator.syncHashOf(0, 3), HASH_0, "delivered");
    }

    function test_up_takesTheMinimumFeeAndRefundsTheRest() public {
        assertEq(l2Gateway.syncFee(), MINIMUM_FEE, "fee");
        uint256 coinbaseBefore = block.coinbase.balance;
        vm.prank(caller);
        rollup.syncAll{ value: 1 ether }(l2Gateway, 1, 5, _list());
        assertEq(caller.balance, 10 ether - MINIMUM_FEE, "surplus is back");
        assertEq(block.coinbase.balance, coinbaseBefore + MINIMUM_FEE, "the chain has the fee");
        assertEq(address(l2Gateway).balance, 0, "nothing stays");
    }

    function test_RevertWhen_SyncFeeIsTooLow() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.InsufficientFee.selector, MINIMUM_FEE, MINIMUM_FEE - 1));
        vm.prank(caller);
        rollup.syncAll{ value: MINIMUM_FEE - 1 }(l2Gateway, 1, 5, _list());
    }

    function test_RevertWhen_SyncComesFromSomebodyElse() public {
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        l2Gateway.sendSyncHash{ value: MINIMUM_FEE }(1, HASH_0, caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        l2Gateway.sendSyncHashes{ value: MINIMUM_FEE }(1, 5, _list(), caller);
    }

    function test_RevertWhen_SyncHashIsClaimedTwice() public {
        _syncAll(1);
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.expectRevert(abi.encodeWithSelector(IL1MessageService.MessageAlreadyClaimed.selector, 1));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
    }

    function test_up_aRefusedDeliveryStaysClaimable() public {
        // The arbitrator does not know this gateway's chain yet.
        Arbitrator fresh = _deployArbitrator(0);
        l1Gateway = _deployL1(address(fresh));
        l2Gateway = _deployL2();
        _pair(l1Gateway, l2Gateway);
        _syncAll(1);
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, address(l1Gateway)));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.prank(admin);
        fresh.setGateway(0, address(l1Gateway));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(fresh.syncHashOf(0, 1), HASH_0, "claimed later");
    }

    function test_RevertWhen_SomebodyElseSendsToTheL1Gateway() public {
        bytes memory message = GatewayMessage.syncHashes(1, 5, _list());
        bytes memory data = abi.encodeCall(LineaL1Gateway.receiveMessage, (message));
        vm.prank(caller);
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(l1Gateway), MINIMUM_FEE, data);
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l2Gateway), caller));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
    }

    function test_RevertWhen_DeliveryIsNotByTheMessageService() public {
        bytes memory message = GatewayMessage.syncHashes(1, 5, _list());
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(lineaRollup), address(l2Gateway))
        );
        vm.prank(address(l2Gateway));
        l1Gateway.receiveMessage(message);
        vm.expectRevert(
            abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(l2Service), address(l1Gateway))
        );
        vm.prank(address(l1Gateway));
        l2Gateway.receiveMessage(GatewayMessage.confirmation(1, HASH_0));
    }

    function test_RevertWhen_ServiceNamesNoSender() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l2Gateway), address(0)));
        vm.prank(address(lineaRollup));
        l1Gateway.receiveMessage(GatewayMessage.syncHash(1, HASH_0));
    }

    // ── down ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_down_confirmationReachesTheRollup() public {
        _confirm(1);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        assertEq(messages[0].fee, 0, "nothing for a postman");
        _anchor(messages);
        vm.prank(caller);
        _claimOnLinea(messages[0]);
        assertEq(rollup.confirmedBlock(), 1, "block");
        assertEq(rollup.confirmedHash(), HASH_0, "own hash");
        assertEq(rollup.lastCaller(), address(l2Gateway), "by the gateway");
    }

    function test_down_isFreeAndReturnsValue() public {
        assertEq(l1Gateway.confirmationFee(100 gwei), 0, "no fee");
        vm.deal(address(arbitrator), 1 ether);
        vm.prank(address(arbitrator));
        l1Gateway.sendConfirmation{ value: 1 ether }(1, HASH_0, caller);
        assertEq(caller.balance, 11 ether, "all of it is back");
    }

    function test_down_isDeferredWhileLineaIsPausedAndSentAgain() public {
        vm.prank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.L1_L2);
        _deliverAll(1);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationDeferred(
            0, 1, abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L1_L2)
        );
        arbitrator.confirmBlock(1);
        assertEq(otherGateway.sentCount(), 1, "the other chain goes on");
        vm.prank(pauser);
        lineaRollup.unPauseByType(PauseManager.PauseType.L1_L2);
        arbitrator.sendConfirmation(0);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        assertEq(messages.length, 1, "one message");
        _anchor(messages);
        _claimOnLinea(messages[0]);
        assertEq(rollup.confirmedBlock(), 1, "confirmed");
    }

    function test_down_aRefusedConfirmationStaysClaimable() public {
        _confirm(1);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        rollup.setRefuses(true);
        vm.expectRevert(RollupDouble.Refused.selector);
        _claimOnLinea(messages[0]);
        rollup.setRefuses(false);
        _claimOnLinea(messages[0]);
        assertEq(rollup.confirmedBlock(), 1, "claimed later");
    }

    function test_RevertWhen_ConfirmationIsClaimedTwiceOrNotAnchored() public {
        _confirm(1);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        bytes memory refusal = abi.encodeWithSelector(
            IL2MessageService.MessageDoesNotExistOrHasAlreadyBeenClaimed.selector, messages[0].hash
        );
        vm.expectRevert(refusal);
        _claimOnLinea(messages[0]);
        _anchor(messages);
        _claimOnLinea(messages[0]);
        vm.expectRevert(refusal);
        _claimOnLinea(messages[0]);
    }

    function test_RevertWhen_SomebodyElseSendsToTheL2Gateway() public {
        bytes memory data = abi.encodeCall(LineaL2Gateway.receiveMessage, (GatewayMessage.confirmation(1, HASH_0)));
        vm.prank(caller);
        lineaRollup.sendMessage(address(l2Gateway), 0, data);
        Message[] memory messages = _sentMessages(address(lineaRollup));
        _anchor(messages);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l1Gateway), caller));
        _claimOnLinea(messages[0]);
    }

    function test_RevertWhen_ConfirmationComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        vm.prank(caller);
        l1Gateway.sendConfirmation(1, HASH_0, caller);
    }

    function test_RevertWhen_AMessageGoesTheWrongWay() public {
        vm.mockCall(address(lineaRollup), abi.encodeWithSignature("sender()"), abi.encode(address(l2Gateway)));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, GatewayMessage.CONFIRMATION));
        vm.prank(address(lineaRollup));
        l1Gateway.receiveMessage(GatewayMessage.confirmation(1, HASH_0));
        vm.mockCall(address(l2Service), abi.encodeWithSignature("sender()"), abi.encode(address(l1Gateway)));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, GatewayMessage.SYNC_HASH));
        vm.prank(address(l2Service));
        l2Gateway.receiveMessage(GatewayMessage.syncHash(1, HASH_0));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, 0));
        vm.prank(address(l2Service));
        l2Gateway.receiveMessage("");
    }

    // ── pairing ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_RemoteIsNotSet() public {
        l1Gateway = _deployL1(address(arbitrator));
        l2Gateway = _deployL2();
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        _syncAll(1);
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        vm.prank(address(arbitrator));
        l1Gateway.sendConfirmation(1, HASH_0, caller);
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        vm.prank(address(lineaRollup));
        l1Gateway.receiveMessage(GatewayMessage.syncHash(1, HASH_0));
    }

    function test_RevertWhen_RemoteIsSetTwiceZeroOrByAnyone() public {
        l1Gateway = _deployL1(address(arbitrator));
        bytes memory refusal =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, bytes32(0));
        vm.startPrank(caller);
        vm.expectRevert(refusal);
        l1Gateway.setRemoteGateway(caller);
        vm.expectRevert(refusal);
        l1Gateway.upgradeToAndCall(caller, "");
        vm.stopPrank();
        vm.startPrank(admin);
        vm.expectRevert(IGateway.ZeroAddress.selector);
        l1Gateway.setRemoteGateway(address(0));
        vm.expectEmit(address(l1Gateway));
        emit IGateway.RemoteGatewaySet(address(7));
        l1Gateway.setRemoteGateway(address(7));
        vm.expectRevert(abi.encodeWithSelector(IGateway.RemoteGatewayAlreadySet.selector, address(7)));
        l1Gateway.setRemoteGateway(address(8));
    }

    function test_RevertWhen_InitializedWithAZeroAddress() public {
        address l1 = address(new LineaL1Gateway());
        address l2 = address(new LineaL2Gateway());
        for (uint256 i = 0; i < 3; ++i) {
            address[3] memory a = [admin, address(arbitrator), address(lineaRollup)];
            a[i] = address(0);
            vm.expectRevert(IGateway.ZeroAddress.selector);
            new ERC1967Proxy(l1, abi.encodeCall(LineaL1Gateway.initialize, (a[0], a[1], a[2])));
            vm.expectRevert(IGateway.ZeroAddress.selector);
            new ERC1967Proxy(l2, abi.encodeCall(LineaL2Gateway.initialize, (a[0], a[1], a[2])));
        }
    }

    function _deployAll(uint8 primaryIndex) private {
        arbitrator = _deployArbitrator(primaryIndex);
        l1Gateway = _deployL1(address(arbitrator));
        l2Gateway = _deployL2();
        _wire(0, l1Gateway, l2Gateway);
    }

    function _deployL1(address arbitrator_) private returns (LineaL1Gateway) {
        bytes memory call = abi.encodeCall(LineaL1Gateway.initialize, (admin, arbitrator_, address(lineaRollup)));
        return LineaL1Gateway(_proxy(address(new LineaL1Gateway()), call));
    }

    function _deployL2() private returns (LineaL2Gateway) {
        bytes memory call = abi.encodeCall(LineaL2Gateway.initialize, (admin, address(rollup), address(l2Service)));
        return LineaL2Gateway(_proxy(address(new LineaL2Gateway()), call));
    }

    function _syncAll(uint32 blockNumber) private {
        vm.prank(caller);
        rollup.syncAll{ value: MINIMUM_FEE }(l2Gateway, blockNumber, 5, _list());
    }

    function _deliverAll(uint32 blockNumber) private {
        vm.prank(address(l1Gateway));
        arbitrator.receiveSyncHashes(blockNumber, 5, _list());
        vm.prank(address(otherGateway));
        arbitrator.receiveSyncHash(blockNumber, HASH_1);
    }

    function _confirm(uint32 blockNumber) private {
        _deliverAll(blockNumber);
        arbitrator.confirmBlock(blockNumber);
    }
}
