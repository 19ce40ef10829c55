// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Initializable } from "@openzeppelin/contracts-upgradeable/proxy/utils/Initializable.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { ArbitratorBase } from "../utils/ArbitratorBase.sol";
import { ArbitratorGatewayDouble } from "../utils/doubles/ArbitratorGatewayDouble.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice Everything that the arbitrator does and refuses, with gateways that are doubles.
contract ArbitratorTest is ArbitratorBase {
    // ── registry ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_initialize_setsTopologyAndAdmin() public view {
        assertEq(arbitrator.chainCount(), 3, "chains");
        assertEq(arbitrator.primaryIndex(), 0, "primary");
        assertEq(arbitrator.gatewayOf(2), address(gateways[2]), "gateway");
        assertTrue(arbitrator.hasRole(arbitrator.DEFAULT_ADMIN_ROLE(), admin), "admin");
    }

    function test_RevertWhen_InitializedTwiceOrOnTheImplementation() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        arbitrator.initialize(admin, 3, 0);
        Arbitrator implementation = new Arbitrator();
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(admin, 3, 0);
    }

    function test_RevertWhen_InitializedWithoutAdminOrPrimary() public {
        address implementation = address(new Arbitrator());
        vm.expectRevert(IArbitrator.ZeroAddress.selector);
        new ERC1967Proxy(implementation, abi.encodeCall(Arbitrator.initialize, (address(0), 3, 0)));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.UnknownChain.selector, 3, 3));
        new ERC1967Proxy(implementation, abi.encodeCall(Arbitrator.initialize, (admin, 3, 3)));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.UnknownChain.selector, 0, 0));
        new ERC1967Proxy(implementation, abi.encodeCall(Arbitrator.initialize, (admin, 0, 0)));
    }

    function test_RevertWhen_AnyoneSetsAGatewayOrUpgrades() public {
        bytes memory refusal =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, anyone, bytes32(0));
        vm.startPrank(anyone);
        vm.expectRevert(refusal);
        arbitrator.setGateway(0, anyone);
        vm.expectRevert(refusal);
        arbitrator.upgradeToAndCall(address(1), "");
    }

    function test_RevertWhen_GatewayIsSetTwiceUsedTwiceZeroOrOfNoChain() public {
        Arbitrator fresh = _deploy(admin, 2, 1);
        vm.startPrank(admin);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.UnknownChain.selector, 2, 2));
        fresh.setGateway(2, address(1));
        vm.expectRevert(IArbitrator.ZeroAddress.selector);
        fresh.setGateway(0, address(0));
        vm.expectEmit(address(fresh));
        emit IArbitrator.GatewaySet(0, address(1));
        fresh.setGateway(0, address(1));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.GatewayAlreadySet.selector, 0, address(1)));
        fresh.setGateway(0, address(2));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.GatewayAlreadySet.selector, 0, address(1)));
        fresh.setGateway(1, address(1));
    }

    function test_upgrade_keepsState() public {
        _deliverAll(1);
        address next = address(new Arbitrator());
        vm.prank(admin);
        arbitrator.upgradeToAndCall(next, "");
        assertTrue(arbitrator.isConfirmable(1), "hashes survive");
    }

    // ── receive ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_receiveSyncHash_isKeptForEveryBlock() public {
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.SyncHashReceived(1, 5, HASH_1);
        _deliver(1, 5, HASH_1);
        _deliver(1, 9, HASH_2);
        assertEq(arbitrator.syncHashOf(1, 5), HASH_1, "older block is kept");
        assertEq(arbitrator.syncHashOf(1, 9), HASH_2, "newer block");
        assertEq(arbitrator.syncHashOf(2, 5), bytes32(0), "other chain");
    }

    function test_receiveSyncHash_sameAgainChangesNothing() public {
        _deliver(1, 5, HASH_1);
        vm.recordLogs();
        _deliver(1, 5, HASH_1);
        assertEq(vm.getRecordedLogs().length, 0, "no second event");
    }

    function test_RevertWhen_AnotherSyncHashArrivesForTheSameBlock() public {
        _deliver(1, 5, HASH_1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashAlreadyReceived.selector, 1, 5, HASH_1, HASH_2));
        _deliver(1, 5, HASH_2);
    }

    function test_RevertWhen_AnyoneDelivers() public {
        vm.startPrank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, anyone));
        arbitrator.receiveSyncHash(1, HASH_1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, anyone));
        arbitrator.receiveSyncHashes(1, ROOT, _list());
    }

    function test_RevertWhen_PrimaryDeliversASecondarysHashOrViceVersa() public {
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotASecondaryGateway.selector, 0));
        _deliver(0, 1, HASH_0);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAPrimaryGateway.selector, 0, 2));
        vm.prank(address(gateways[2]));
        arbitrator.receiveSyncHashes(1, ROOT, _list());
    }

    function test_receiveSyncHashes_keepsListAndOwnHash() public {
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.SyncHashesReceived(1, ROOT, _list());
        _deliverList(1, ROOT, _list());
        assertEq(arbitrator.syncHashOf(0, 1), HASH_0, "the primary's own");
        assertEq(arbitrator.syncHashOf(1, 1), bytes32(0), "a secondary speaks for itself");
    }

    function test_receiveSyncHashes_sameAgainChangesNothing() public {
        _deliverList(1, ROOT, _list());
        vm.recordLogs();
        _deliverList(1, ROOT, _list());
        assertEq(vm.getRecordedLogs().length, 0, "no second event");
    }

    function test_RevertWhen_ListHasTheWrongLength() public {
        bytes32[] memory list = new bytes32[](2);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.WrongSyncHashCount.selector, 3, 2));
        _deliverList(1, ROOT, list);
    }

    function test_RevertWhen_AnotherListOrRootArrivesForTheSameBlock() public {
        _deliverList(1, ROOT, _list());
        vm.expectRevert(
            abi.encodeWithSelector(IArbitrator.SyncHashAlreadyReceived.selector, 0, 1, bytes32(ROOT), bytes32(ROOT + 1))
        );
        _deliverList(1, ROOT + 1, _list());
        bytes32[] memory other = _list();
        other[2] = HASH_0;
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashAlreadyReceived.selector, 2, 1, HASH_2, HASH_0));
        _deliverList(1, ROOT, other);
    }

    // ── confirm ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_confirmBlock_sendsEachChainItsOwnHash() public {
        _deliverAll(4);
        assertTrue(arbitrator.isConfirmable(4), "confirmable");
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.BlockConfirmed(4, ROOT);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationSent(0, 4, HASH_0);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationSent(1, 4, HASH_1);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationSent(2, 4, HASH_2);
        vm.prank(anyone);
        arbitrator.confirmBlock(4);
        assertEq(arbitrator.lastConfirmedBlock(), 4, "confirmed");
        assertEq(arbitrator.confirmedRoot(4), ROOT, "root");
        assertEq(gateways[1].sentHash(), HASH_1, "hash of chain 1");
        assertEq(gateways[2].sentHash(), HASH_2, "hash of chain 2");
        assertEq(gateways[2].sentRefundTo(), anyone, "refunds go to the caller");
        assertFalse(arbitrator.isConfirmable(4), "not again");
    }

    function test_confirmBlock_olderBlockStaysConfirmableWhenAChainIsAhead() public {
        _deliverAll(4);
        _deliver(1, 6, keccak256("ahead"));
        vm.prank(anyone);
        arbitrator.confirmBlock(4);
        assertEq(arbitrator.lastConfirmedBlock(), 4, "block 4");
    }

    function test_RevertWhen_BlockIsConfirmedTwiceOrBelow() public {
        _deliverAll(3);
        _deliverAll(4);
        arbitrator.confirmBlock(4);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.BlockNotAboveConfirmed.selector, 4, 4));
        arbitrator.confirmBlock(4);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.BlockNotAboveConfirmed.selector, 4, 3));
        arbitrator.confirmBlock(3);
    }

    function test_RevertWhen_BlockIsNotProved() public {
        _deliver(1, 1, HASH_1);
        _deliver(2, 1, HASH_2);
        assertFalse(arbitrator.isConfirmable(1), "no list of the primary");
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashMissing.selector, 0, 1));
        arbitrator.confirmBlock(1);
    }

    function test_RevertWhen_ASecondaryIsMissing() public {
        _deliverList(1, ROOT, _list());
        _deliver(1, 1, HASH_1);
        assertFalse(arbitrator.isConfirmable(1), "chain 2 is missing");
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashMissing.selector, 2, 1));
        arbitrator.confirmBlock(1);
    }

    function test_RevertWhen_HashesDiffer() public {
        _deliverList(1, ROOT, _list());
        _deliver(1, 1, HASH_1);
        _deliver(2, 1, HASH_0);
        assertFalse(arbitrator.isConfirmable(1), "chain 2 differs");
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.SyncHashMismatch.selector, 2, 1, HASH_2, HASH_0));
        arbitrator.confirmBlock(1);
    }

    function test_RevertWhen_AGatewayIsNotSet() public {
        Arbitrator fresh = _deploy(admin, 2, 0);
        vm.prank(admin);
        fresh.setGateway(0, address(gateways[0]));
        bytes32[] memory list = new bytes32[](2);
        (list[0], list[1]) = (HASH_0, HASH_1);
        vm.prank(address(gateways[0]));
        fresh.receiveSyncHashes(1, ROOT, list);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.GatewayNotSet.selector, 1));
        fresh.confirmBlock(1);
    }

    // ── fees ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_confirmationFee_sumsQuotesAtTheGivenPrice() public {
        gateways[1].setFee(1000);
        gateways[2].setFee(500);
        assertEq(arbitrator.confirmationFee(3 gwei), 1500 * 3 gwei, "quoted at the given price");
    }

    function testFuzz_confirmBlock_refundsTheSurplus(uint64 surplus) public {
        gateways[1].setFee(1000);
        _deliverAll(1);
        uint256 fee = arbitrator.confirmationFee(GAS_PRICE);
        uint256 before = anyone.balance;
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: fee + surplus }(1);
        assertEq(anyone.balance, before - fee, "only the fee is spent");
        assertEq(address(gateways[1]).balance, fee, "the gateway has its fee");
        assertEq(address(arbitrator).balance, 0, "nothing stays");
    }

    function test_RevertWhen_FeeIsTooLow() public {
        gateways[1].setFee(1000);
        gateways[2].setFee(500);
        _deliverAll(1);
        uint256 fee = 1500 * GAS_PRICE;
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.InsufficientFee.selector, fee, fee - 1));
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: fee - 1 }(1);
    }

    function test_RevertWhen_CallerRefusesTheRefund() public {
        Receiver caller = new Receiver();
        caller.setBehaviour(Receiver.Behaviour.Refuses);
        vm.deal(address(caller), 1 ether);
        _deliverAll(1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.RefundFailed.selector, address(caller), 1));
        vm.prank(address(caller));
        arbitrator.confirmBlock{ value: 1 }(1);
    }

    function test_RevertWhen_RefundReenters() public {
        Receiver caller = new Receiver();
        vm.deal(address(caller), 1 ether);
        _deliverAll(1);
        _deliverAll(2);
        // Without the guard this call would succeed: block 2 is confirmable and costs nothing.
        caller.setReentry(address(arbitrator), abi.encodeCall(Arbitrator.confirmBlock, (2)));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.RefundFailed.selector, address(caller), 1));
        vm.prank(address(caller));
        arbitrator.confirmBlock{ value: 1 }(1);
    }

    // ── a stuck gateway ───────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_confirmBlock_defersAStuckGatewayOnly() public {
        gateways[1].setFee(1000);
        gateways[1].setRefuses(true);
        _deliverAll(1);
        uint256 before = anyone.balance;
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationDeferred(1, 1, abi.encodeWithSelector(ArbitratorGatewayDouble.Refused.selector));
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: 1000 * GAS_PRICE }(1);
        assertEq(arbitrator.lastConfirmedBlock(), 1, "the block is confirmed");
        assertEq(gateways[0].sentCount() + gateways[2].sentCount(), 2, "the others are told");
        assertEq(anyone.balance, before, "the stuck gateway's fee comes back");

        gateways[1].setRefuses(false);
        vm.prank(anyone);
        arbitrator.sendConfirmation{ value: 1000 * GAS_PRICE }(1);
        assertEq(gateways[1].sentHash(), HASH_1, "sent later");
    }

    function test_confirmBlock_defersAGatewayThatCannotQuote() public {
        gateways[2].setCannotQuote(true);
        gateways[1].setFee(10);
        _deliverAll(1);
        assertEq(arbitrator.confirmationFee(GAS_PRICE), 10 * GAS_PRICE, "counts as 0");
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: 10 * GAS_PRICE }(1);
        assertEq(gateways[1].sentCount(), 1, "chain 1 is told");
        assertEq(gateways[2].sentCount(), 0, "chain 2 is deferred");
    }

    function test_confirmBlock_starvingAGatewayOfGasOnlyDefersIt() public {
        gateways[2].setGasNeeded(2_000_000);
        _deliverAll(1);
        vm.prank(anyone);
        arbitrator.confirmBlock{ gas: 1_000_000 }(1);
        assertEq(arbitrator.lastConfirmedBlock(), 1, "confirmed");
        assertEq(gateways[2].sentCount(), 0, "starved");
        vm.prank(anyone);
        arbitrator.sendConfirmation{ gas: 5_000_000 }(2);
        assertEq(gateways[2].sentCount(), 1, "nothing is lost");
    }

    function test_sendConfirmation_sendsTheLastConfirmedBlockAgain() public {
        gateways[1].setFee(7);
        _deliverAll(1);
        _deliverAll(2);
        vm.startPrank(anyone);
        arbitrator.confirmBlock{ value: 7 * GAS_PRICE }(1);
        arbitrator.confirmBlock{ value: 7 * GAS_PRICE }(2);
        uint256 before = anyone.balance;
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationSent(1, 2, HASH_1);
        arbitrator.sendConfirmation{ value: 9 * GAS_PRICE }(1);
        assertEq(gateways[1].sentCount(), 3, "sent again");
        assertEq(gateways[1].sentBlock(), 2, "the last one");
        assertEq(anyone.balance, before - 7 * GAS_PRICE, "surplus comes back");
    }

    function test_RevertWhen_NothingIsConfirmedYet() public {
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.BlockNotConfirmed.selector, 0, 1));
        arbitrator.sendConfirmation(1);
    }

    function test_RevertWhen_SendingToNoChainTooCheaplyOrThroughAStuckGateway() public {
        _deliverAll(1);
        arbitrator.confirmBlock(1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.UnknownChain.selector, 3, 3));
        arbitrator.sendConfirmation(3);
        gateways[1].setFee(7);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.InsufficientFee.selector, 7 * GAS_PRICE, 0));
        arbitrator.sendConfirmation(1);
        gateways[1].setFee(0);
        gateways[1].setRefuses(true);
        vm.expectRevert(ArbitratorGatewayDouble.Refused.selector);
        arbitrator.sendConfirmation(1);
    }
}
