// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";
import { RollupDouble } from "../utils/doubles/RollupDouble.sol";

/// @notice Two chains on one: chain 0 primary, chain 1 secondary, both with a direct gateway to the real arbitrator.
contract DirectGatewayTest is Test {
    bytes32 private constant HASH_0 = keccak256("chain 0");
    bytes32 private constant HASH_1 = keccak256("chain 1");

    address private admin = makeAddr("admin");
    address private caller = makeAddr("caller");
    Arbitrator private arbitrator;
    RollupDouble[2] private rollups;
    DirectGateway[2] private gateways;

    function setUp() public {
        bytes memory call = abi.encodeCall(Arbitrator.initialize, (admin, 2, 0));
        arbitrator = Arbitrator(address(new ERC1967Proxy(address(new Arbitrator()), call)));
        for (uint8 i = 0; i < 2; ++i) {
            rollups[i] = new RollupDouble();
            gateways[i] = _deploy(admin, address(arbitrator), address(rollups[i]));
            vm.prank(admin);
            arbitrator.setGateway(i, address(gateways[i]));
        }
        vm.deal(caller, 10 ether);
    }

    function test_roundTrip_inTwoTransactions() public {
        rollups[1].sync(gateways[1], 1, HASH_1);
        rollups[0].syncAll(gateways[0], 1, 5, _list());
        arbitrator.confirmBlock(1);
        for (uint8 i = 0; i < 2; ++i) {
            assertEq(rollups[i].confirmedBlock(), 1, "confirmed");
            assertEq(rollups[i].lastCaller(), address(gateways[i]), "by its gateway");
        }
        assertEq(rollups[0].confirmedHash(), HASH_0, "hash of chain 0");
        assertEq(rollups[1].confirmedHash(), HASH_1, "hash of chain 1");
    }

    function test_feesAreZeroAndValueComesBack() public {
        assertEq(gateways[0].syncFee(), 0, "sync");
        assertEq(gateways[0].confirmationFee(100 gwei), 0, "confirm");
        vm.startPrank(caller);
        rollups[1].sync{ value: 1 ether }(gateways[1], 1, HASH_1);
        rollups[0].syncAll{ value: 1 ether }(gateways[0], 1, 5, _list());
        arbitrator.confirmBlock{ value: 1 ether }(1);
        assertEq(caller.balance, 10 ether, "all of it");
        vm.stopPrank();
        vm.deal(address(arbitrator), 1 ether);
        vm.prank(address(arbitrator));
        gateways[1].sendConfirmation{ value: 1 ether }(1, HASH_1, caller);
        assertEq(caller.balance, 11 ether, "also of a confirmation");
    }

    function test_confirmation_isDeferredWhileTheRollupRefuses() public {
        rollups[1].sync(gateways[1], 1, HASH_1);
        rollups[0].syncAll(gateways[0], 1, 5, _list());
        rollups[1].setRefuses(true);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationDeferred(1, 1, abi.encodeWithSelector(RollupDouble.Refused.selector));
        arbitrator.confirmBlock(1);
        assertEq(rollups[0].confirmedBlock(), 1, "the other chain goes on");
        rollups[1].setRefuses(false);
        arbitrator.sendConfirmation(1);
        assertEq(rollups[1].confirmedBlock(), 1, "later");
    }

    function test_halt_inTwoTransactions() public {
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltRequested(1);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.Halted(0, 0);
        rollups[1].requestHalt(gateways[1]);
        for (uint8 i = 0; i < 2; ++i) {
            arbitrator.sendHalt(i);
            assertEq(rollups[i].halts(), 1, "halted");
            assertEq(rollups[i].haltBlock(), 0, "at block 0");
            assertEq(rollups[i].lastCaller(), address(gateways[i]), "by its gateway");
        }
    }

    function test_halt_afterABlockNamesItItsRootAndTheOwnHash() public {
        rollups[1].sync(gateways[1], 1, HASH_1);
        rollups[0].syncAll(gateways[0], 1, 5, _list());
        arbitrator.confirmBlock(1);
        rollups[0].requestHalt(gateways[0]);
        arbitrator.sendHalt(0);
        arbitrator.sendHalt(1);
        for (uint8 i = 0; i < 2; ++i) {
            assertEq(rollups[i].haltBlock(), 1, "block");
            assertEq(rollups[i].haltRoot(), 5, "root");
            assertEq(rollups[i].haltHash(), _list()[i], "own hash");
        }
    }

    function test_halt_valueComesBack() public {
        vm.startPrank(caller);
        rollups[1].requestHalt{ value: 1 ether }(gateways[1]);
        arbitrator.sendHalt{ value: 1 ether }(1);
        assertEq(caller.balance, 10 ether, "all of it");
        vm.stopPrank();
        vm.deal(address(arbitrator), 1 ether);
        vm.prank(address(arbitrator));
        gateways[1].sendHalt{ value: 1 ether }(0, 0, 0, caller);
        assertEq(caller.balance, 11 ether, "also of a halt with value");
    }

    function test_halt_canBeSentAgainWhenTheRollupRefused() public {
        rollups[1].requestHalt(gateways[1]);
        rollups[1].setRefuses(true);
        vm.expectRevert(RollupDouble.Refused.selector);
        arbitrator.sendHalt(1);
        rollups[1].setRefuses(false);
        arbitrator.sendHalt(1);
        assertEq(rollups[1].halts(), 1, "later");
    }

    function test_RevertWhen_AHaltOrItsRequestComesFromSomebodyElse() public {
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[1]), caller));
        gateways[1].sendHaltRequest(caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        gateways[1].sendHalt(0, 0, 0, caller);
        // The other chain's rollup is somebody else, too.
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[1]), address(rollups[0])));
        rollups[0].requestHalt(gateways[1]);
        assertFalse(arbitrator.halted(), "goes on");
    }

    function test_RevertWhen_CallerIsNeitherRollupNorArbitrator() public {
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[1]), caller));
        gateways[1].sendSyncHash(1, HASH_1, caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollups[0]), caller));
        gateways[0].sendSyncHashes(1, 5, _list(), caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        gateways[1].sendConfirmation(1, HASH_1, caller);
    }

    function test_RevertWhen_ArbitratorRefusesTheHash() public {
        rollups[1].sync(gateways[1], 1, HASH_1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashAlreadyReceived.selector, 1, 1, HASH_1, HASH_0));
        rollups[1].sync(gateways[1], 1, HASH_0);
    }

    function test_RevertWhen_RefundIsRefused() public {
        Receiver receiver = new Receiver();
        receiver.setBehaviour(Receiver.Behaviour.Refuses);
        vm.deal(address(rollups[1]), 1);
        vm.expectRevert(abi.encodeWithSelector(IGateway.RefundFailed.selector, address(receiver), 1));
        vm.prank(address(rollups[1]));
        gateways[1].sendSyncHash{ value: 1 }(1, HASH_1, address(receiver));
        vm.expectRevert(abi.encodeWithSelector(IGateway.RefundFailed.selector, address(receiver), 1));
        vm.prank(address(rollups[1]));
        gateways[1].sendHaltRequest{ value: 1 }(address(receiver));
    }

    function test_RevertWhen_InitializedWithAZeroAddress() public {
        vm.expectRevert(IGateway.ZeroAddress.selector);
        this.deploy(address(0), address(arbitrator), address(rollups[0]));
        vm.expectRevert(IGateway.ZeroAddress.selector);
        this.deploy(admin, address(0), address(rollups[0]));
        vm.expectRevert(IGateway.ZeroAddress.selector);
        this.deploy(admin, address(arbitrator), address(0));
    }

    function test_RevertWhen_RemoteIsSetOrAnyoneUpgrades() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.RemoteGatewayAlreadySet.selector, address(gateways[0])));
        vm.prank(admin);
        gateways[0].setRemoteGateway(caller);
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, bytes32(0))
        );
        vm.prank(caller);
        gateways[0].upgradeToAndCall(caller, "");
    }

    function deploy(address admin_, address arbitrator_, address rollup_) external {
        _deploy(admin_, arbitrator_, rollup_);
    }

    function _deploy(address admin_, address arbitrator_, address rollup_) private returns (DirectGateway) {
        bytes memory call = abi.encodeCall(DirectGateway.initialize, (admin_, arbitrator_, rollup_));
        return DirectGateway(address(new ERC1967Proxy(address(new DirectGateway()), call)));
    }

    function _list() private pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (HASH_0, HASH_1);
    }
}
