// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LineaL1Gateway } from "../../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../../src/gateways/linea/LineaL2Gateway.sol";
import { IGateway, IMessageReceiver } from "../../src/interfaces/IGateway.sol";
import { IL1MessageService } from "../../src/interfaces/external/linea/IL1MessageService.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { GatewayBase } from "../utils/GatewayBase.sol";
import { LineaServices } from "../utils/LineaServices.sol";

/// @notice The message service delivers whatever anyone sends to whomever he names, so it can be made to call us in odd moments: chain 0 on Linea.
contract MessagesAttack is LineaServices, GatewayBase {
    LineaL1Gateway private l1Gateway;
    LineaL2Gateway private l2Gateway;
    Relay private relay;

    function setUp() public {
        _deployLinea();
        arbitrator = _deployArbitrator(0);
        l1Gateway = LineaL1Gateway(
            _proxy(
                address(new LineaL1Gateway()),
                abi.encodeCall(LineaL1Gateway.initialize, (admin, address(arbitrator), address(lineaRollup)))
            )
        );
        l2Gateway = LineaL2Gateway(
            _proxy(
                address(new LineaL2Gateway()),
                abi.encodeCall(LineaL2Gateway.initialize, (admin, address(rollup), address(l2Service)))
            )
        );
        _wire(0, l1Gateway, l2Gateway);
        relay = new Relay();
        vm.deal(caller, 1 ether);
        vm.recordLogs();
    }

    /// @notice While the service delivers an attacker's message, he claims a true one, or speaks to the gateway himself: the service's lock and the
    /// gateway's look at the caller stop both, and the true message can be claimed afterwards.
    function test_SpeakingDuringAnotherDelivery() public {
        vm.startPrank(caller);
        rollup.syncAll{ value: MINIMUM_FEE }(l2Gateway, 1, 5, _list());
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(relay), MINIMUM_FEE, abi.encodeCall(Relay.run, ()));
        vm.stopPrank();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);

        bytes memory forged = GatewayMessage.syncHashes(1, 6, _list());
        relay.set(address(l1Gateway), abi.encodeCall(IMessageReceiver.receiveMessage, (forged)));
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        assertEq(
            relay.reason(),
            abi.encodeWithSelector(IGateway.OnlyMessageService.selector, address(lineaRollup), address(relay)),
            "the gateway looks at its caller"
        );
        assertEq(arbitrator.syncHashOf(0, 1), 0, "nothing arrived");

        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(arbitrator.syncHashOf(0, 1), HASH_0, "the true message does");
    }

    function test_ClaimingATrueMessageDuringAnotherDelivery() public {
        vm.startPrank(caller);
        rollup.syncAll{ value: MINIMUM_FEE }(l2Gateway, 1, 5, _list());
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(relay), MINIMUM_FEE, abi.encodeCall(Relay.run, ()));
        vm.stopPrank();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        relay.set(
            address(lineaRollup), abi.encodeCall(IL1MessageService.claimMessageWithProof, (_claimData(messages, 0)))
        );
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        assertFalse(relay.success(), "not inside another delivery");
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(arbitrator.syncHashOf(0, 1), HASH_0, "claimed afterwards");
    }

    /// @notice The service as a caller has no rights by itself: it can be made to call the arbitrator, the rollup and the senders' side of a gateway.
    function test_TheServiceAsACaller() public {
        bytes[6] memory calls = [
            abi.encodeCall(arbitrator.receiveSyncHashes, (1, 5, _list())),
            abi.encodeCall(l1Gateway.sendConfirmation, (1, HASH_0, caller)),
            abi.encodeCall(arbitrator.receiveHaltRequest, ()),
            abi.encodeCall(l1Gateway.sendHalt, (1, 5, HASH_0, caller)),
            abi.encodeCall(arbitrator.setGateway, (0, caller)),
            abi.encodeCall(l1Gateway.setRemoteGateway, (caller))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            address target = i % 2 == 0 ? address(arbitrator) : address(l1Gateway);
            vm.prank(caller);
            l2Service.sendMessage{ value: MINIMUM_FEE }(target, MINIMUM_FEE, calls[i]);
            Message[] memory messages = _sentMessages(address(l2Service));
            _finalize(messages);
            vm.expectRevert();
            lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        }
        assertFalse(arbitrator.halted(), "nobody asked for a halt");
    }

    /// @notice The same on Linea: the service as a caller is neither the rollup, nor the other gateway's word on a halt.
    function test_TheServiceAsACallerOnLinea() public {
        bytes[2] memory calls = [
            abi.encodeCall(l2Gateway.sendHaltRequest, (caller)),
            abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.halt(1, 5, HASH_0)))
        ];
        bytes[2] memory refusals = [
            abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), address(l2Service)),
            abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l1Gateway), caller)
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(caller);
            lineaRollup.sendMessage(address(l2Gateway), 0, calls[i]);
            Message[] memory messages = _sentMessages(address(lineaRollup));
            _anchor(messages);
            vm.expectRevert(refusals[i]);
            _claimOnLinea(messages[0]);
        }
        assertEq(rollup.halts(), 0, "nothing halted");
    }

    /// @notice While a true halt request is delivered nobody can slip in another word, and who claims it inside his own message only delays it.
    function test_AHaltRequestDuringAnotherDelivery() public {
        vm.startPrank(caller);
        rollup.requestHalt{ value: MINIMUM_FEE }(l2Gateway);
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(relay), MINIMUM_FEE, abi.encodeCall(Relay.run, ()));
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(relay), MINIMUM_FEE, abi.encodeCall(Relay.run, ()));
        vm.stopPrank();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        relay.set(address(l1Gateway), abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.haltRequest())));
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        assertFalse(relay.success(), "not the service");
        relay.set(
            address(lineaRollup), abi.encodeCall(IL1MessageService.claimMessageWithProof, (_claimData(messages, 0)))
        );
        lineaRollup.claimMessageWithProof(_claimData(messages, 2));
        assertFalse(relay.success(), "not inside another delivery");
        assertFalse(arbitrator.halted(), "not yet");
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertTrue(arbitrator.halted(), "claimed afterwards");
    }

    /// @notice A halt request is one byte that anyone can write: sent down again to the gateway that it came from it is nobody's word.
    function test_AHaltRequestComesBackAtItsSender() public {
        vm.prank(caller);
        rollup.requestHalt{ value: MINIMUM_FEE }(l2Gateway);
        Message[] memory messages = _sentMessages(address(l2Service));
        vm.prank(caller);
        lineaRollup.sendMessage(address(l2Gateway), 0, messages[0].data);
        Message[] memory down = _sentMessages(address(lineaRollup));
        _anchor(down);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l1Gateway), caller));
        _claimOnLinea(down[0]);
    }

    /// @notice The two ends are not exchangeable: what the L1 gateway sent down cannot be turned up again as its own word, nor the L2 gateway's down.
    function test_AMessageComesBackAtItsSender() public {
        vm.prank(caller);
        rollup.syncAll{ value: MINIMUM_FEE }(l2Gateway, 1, 5, _list());
        Message[] memory messages = _sentMessages(address(l2Service));
        // The same message, sent by the attacker to the gateway that it came from.
        vm.prank(caller);
        lineaRollup.sendMessage(address(l2Gateway), 0, messages[0].data);
        Message[] memory down = _sentMessages(address(lineaRollup));
        _anchor(down);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, address(l1Gateway), caller));
        _claimOnLinea(down[0]);
    }
}

/// @notice What an attacker has the service call: it makes a call of its own and remembers what came of it.
contract Relay {
    address private _target;
    bytes private _data;

    bool public success;
    bytes public reason;

    function set(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function run() external {
        (success, reason) = _target.call(_data);
    }
}
