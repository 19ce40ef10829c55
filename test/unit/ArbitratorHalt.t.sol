// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Arbitrator } from "../../src/Arbitrator.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { ArbitratorBase } from "../utils/ArbitratorBase.sol";
import { ArbitratorGatewayDouble } from "../utils/doubles/ArbitratorGatewayDouble.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice How the arbitrator halts and tells the chains, with gateways that are doubles.
contract ArbitratorHaltTest is ArbitratorBase {
    // ── the request ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_receiveHaltRequest_haltsAtTheLastConfirmedBlock() public {
        _confirmed(4);
        assertFalse(arbitrator.halted(), "not before");
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltRequested(2);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.Halted(4, ROOT);
        _requestHalt(2);
        assertTrue(arbitrator.halted(), "halted");
        assertEq(arbitrator.lastConfirmedBlock(), 4, "at the last confirmed block");
    }

    function test_receiveHaltRequest_beforeAnyBlock() public {
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.Halted(0, 0);
        _requestHalt(0);
        assertTrue(arbitrator.halted(), "halted");
        _deliverAll(1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.AlreadyHalted.selector, 0));
        arbitrator.confirmBlock(1);
    }

    function test_receiveHaltRequest_laterOnesChangeNothing() public {
        _confirmed(4);
        _requestHalt(1);
        for (uint8 chain = 0; chain < 3; ++chain) {
            vm.recordLogs();
            _requestHalt(chain);
            assertEq(vm.getRecordedLogs().length, 1, "only that it was asked again");
        }
        assertEq(arbitrator.lastConfirmedBlock(), 4, "as before");
    }

    function test_RevertWhen_AnybodyButAGatewayRequestsTheHalt() public {
        address[3] memory callers = [anyone, admin, address(arbitrator)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, callers[i]));
            vm.prank(callers[i]);
            arbitrator.receiveHaltRequest();
        }
        assertFalse(arbitrator.halted(), "goes on");
    }

    function test_upgrade_keepsTheHalt() public {
        _confirmed(4);
        _requestHalt(1);
        address next = address(new Arbitrator());
        vm.prank(admin);
        arbitrator.upgradeToAndCall(next, "");
        assertTrue(arbitrator.halted(), "halted");
        assertEq(arbitrator.lastConfirmedBlock(), 4, "at the same block");
    }

    // ── nothing is confirmed after it ───────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ABlockIsConfirmedAfterTheHalt() public {
        _confirmed(4);
        _deliverAll(5);
        assertTrue(arbitrator.isConfirmable(5), "before");
        _requestHalt(1);
        assertFalse(arbitrator.isConfirmable(5), "after");
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.AlreadyHalted.selector, 4));
        arbitrator.confirmBlock(5);
        // Hashes that arrive late are taken, so that no message service retries them for ever, and confirm nothing.
        _deliverAll(6);
        assertFalse(arbitrator.isConfirmable(6), "nor a later one");
        assertEq(arbitrator.confirmedRoot(5), 0, "block 5 never happened");
    }

    function test_sendConfirmation_afterTheHaltIsOfTheSameBlock() public {
        _confirmed(4);
        _deliverAll(5);
        _requestHalt(1);
        arbitrator.sendConfirmation(2);
        assertEq(gateways[2].sentBlock(), 4, "block 4");
    }

    // ── sending it ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_sendHalt_sendsEachChainItsOwnHash() public {
        _confirmed(4);
        _requestHalt(0);
        bytes32[3] memory hashes = [HASH_0, HASH_1, HASH_2];
        for (uint8 chain = 0; chain < 3; ++chain) {
            vm.expectEmit(address(arbitrator));
            emit IArbitrator.HaltSent(chain, 4, hashes[chain]);
            vm.prank(anyone);
            arbitrator.sendHalt(chain);
            assertEq(gateways[chain].haltBlock(), 4, "block");
            assertEq(gateways[chain].haltRoot(), ROOT, "root");
            assertEq(gateways[chain].sentHash(), hashes[chain], "own hash");
            assertEq(gateways[chain].sentRefundTo(), anyone, "refunds go to the caller");
        }
    }

    function test_sendHalt_ofBlock0IsZeros() public {
        _requestHalt(1);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltSent(2, 0, 0);
        arbitrator.sendHalt(2);
        assertEq(gateways[2].haltCount(), 1, "sent");
        assertEq(gateways[2].haltRoot(), 0, "root");
        assertEq(gateways[2].sentHash(), 0, "hash");
    }

    /// @dev Whatever arrives in between, every halt that is sent says the same.
    function test_sendHalt_againSaysTheSame() public {
        _confirmed(4);
        _requestHalt(1);
        arbitrator.sendHalt(1);
        _deliverAll(5);
        _requestHalt(2);
        arbitrator.sendHalt(1);
        assertEq(gateways[1].haltCount(), 2, "twice");
        assertEq(gateways[1].haltBlock(), 4, "block");
        assertEq(gateways[1].haltRoot(), ROOT, "root");
        assertEq(gateways[1].sentHash(), HASH_1, "hash");
    }

    function test_RevertWhen_NobodyAskedForTheHalt() public {
        _confirmed(4);
        vm.expectRevert(IArbitrator.NotHalted.selector);
        arbitrator.sendHalt(1);
    }

    function test_RevertWhen_TheHaltGoesToNoChain() public {
        _requestHalt(1);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.UnknownChain.selector, 3, 3));
        arbitrator.sendHalt(3);
        Arbitrator fresh = _deploy(admin, 2, 0);
        vm.prank(admin);
        fresh.setGateway(0, address(gateways[0]));
        vm.prank(address(gateways[0]));
        fresh.receiveHaltRequest();
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.GatewayNotSet.selector, 1));
        fresh.sendHalt(1);
        // Its gateway may still be named.
        vm.prank(admin);
        fresh.setGateway(1, address(gateways[1]));
        fresh.sendHalt(1);
        assertEq(gateways[1].haltCount(), 1, "sent");
    }

    // ── fees ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_sendHalt_refundsTheSurplus(uint64 surplus) public {
        gateways[1].setFee(1000);
        gateways[2].setFee(500);
        _confirmed(1);
        _requestHalt(0);
        uint256 before = anyone.balance;
        uint256 fee = 1000 * GAS_PRICE;
        uint256 had = address(gateways[1]).balance;
        vm.prank(anyone);
        arbitrator.sendHalt{ value: fee + surplus }(1);
        assertEq(anyone.balance, before - fee, "only this chain's fee is spent");
        assertEq(address(gateways[1]).balance, had + fee, "its gateway has it");
        assertEq(address(arbitrator).balance, 0, "nothing stays");
    }

    function test_RevertWhen_TheFeeOfAHaltIsTooLow() public {
        gateways[1].setFee(1000);
        _requestHalt(0);
        uint256 fee = 1000 * GAS_PRICE;
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.InsufficientFee.selector, fee, fee - 1));
        vm.prank(anyone);
        arbitrator.sendHalt{ value: fee - 1 }(1);
    }

    function test_RevertWhen_TheRefundOfAHaltIsRefused() public {
        Receiver caller = _receiver();
        caller.setBehaviour(Receiver.Behaviour.Refuses);
        _requestHalt(0);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.RefundFailed.selector, address(caller), 1));
        vm.prank(address(caller));
        arbitrator.sendHalt{ value: 1 }(1);
        assertEq(gateways[1].haltCount(), 0, "not sent either");
    }

    function test_RevertWhen_TheRefundOfAHaltReenters() public {
        Receiver caller = _receiver();
        _requestHalt(0);
        // Without the guard this call would succeed.
        caller.setReentry(address(arbitrator), abi.encodeCall(Arbitrator.sendHalt, (2)));
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.RefundFailed.selector, address(caller), 1));
        vm.prank(address(caller));
        arbitrator.sendHalt{ value: 1 }(1);
    }

    // ── a stuck gateway ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_sendHalt_canBeTriedAgainAfterAGatewayWasStuck() public {
        _confirmed(4);
        _requestHalt(0);
        gateways[1].setRefuses(true);
        vm.expectRevert(ArbitratorGatewayDouble.Refused.selector);
        arbitrator.sendHalt(1);
        gateways[1].setRefuses(false);
        gateways[1].setCannotQuote(true);
        vm.expectRevert(ArbitratorGatewayDouble.Refused.selector);
        arbitrator.sendHalt(1);
        arbitrator.sendHalt(2);
        assertEq(gateways[2].haltCount(), 1, "the others are told");
        gateways[1].setCannotQuote(false);
        arbitrator.sendHalt(1);
        assertEq(gateways[1].haltBlock(), 4, "later");
    }

    /// @dev A gateway that could not be told of the confirmation is told by the halt.
    function test_sendHalt_afterADeferredConfirmation() public {
        gateways[1].setRefuses(true);
        _confirmed(4);
        gateways[1].setRefuses(false);
        _requestHalt(0);
        arbitrator.sendHalt(1);
        assertEq(gateways[1].sentCount(), 0, "never confirmed");
        assertEq(gateways[1].haltBlock(), 4, "told by the halt");
        assertEq(gateways[1].sentHash(), HASH_1, "with its own hash");
    }

    function _confirmed(uint32 blockNumber) private {
        _deliverAll(blockNumber);
        uint256 fee = arbitrator.confirmationFee(GAS_PRICE);
        vm.prank(anyone);
        arbitrator.confirmBlock{ value: fee }(blockNumber);
    }

    function _requestHalt(uint8 chain) private {
        vm.prank(address(gateways[chain]));
        arbitrator.receiveHaltRequest();
    }

    function _receiver() private returns (Receiver receiver) {
        receiver = new Receiver();
        vm.deal(address(receiver), 1 ether);
    }
}
