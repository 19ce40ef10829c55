// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L2CanonicalTransaction } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { L2Log } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";

import { ZkSyncL1Gateway } from "../../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway, IMessageReceiver } from "../../src/interfaces/IGateway.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { EraServices } from "../utils/EraServices.sol";
import { EraTree } from "../utils/EraTree.sol";
import { GatewayBase } from "../utils/GatewayBase.sol";
import { Receiver } from "../utils/doubles/Receivers.sol";

/// @notice The halt request and the halt over Bridgehub, batches and L1Messenger: chain 1 is on Era, chain 0 has a double as gateway.
contract ZkSyncHaltTest is EraServices, GatewayBase {
    uint256 private constant L2_GAS_LIMIT = 2_000_000;
    uint256 private constant GAS_PRICE = 30 gwei;
    ZkSyncL1Gateway private l1Gateway;
    ZkSyncL2Gateway private l2Gateway;

    function setUp() public {
        _deployEra();
        arbitrator = _deployArbitrator(0);
        l1Gateway = _deployL1();
        l2Gateway = ZkSyncL2Gateway(
            _proxy(
                address(new ZkSyncL2Gateway()),
                abi.encodeCall(ZkSyncL2Gateway.initialize, (admin, address(rollup), MESSENGER))
            )
        );
        _wire(1, l1Gateway, l2Gateway);
        vm.deal(caller, 10 ether);
        vm.txGasPrice(GAS_PRICE);
        vm.recordLogs();
    }

    // ── the request goes up ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_up_requestHaltsTheArbitrator() public {
        rollup.requestHalt(l2Gateway);
        (uint256 batch, bytes memory message, bytes32[] memory proof) = _sealOne();
        assertEq(message, hex"04", "one byte");
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.HaltRequested(1);
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.Halted(0, 0);
        vm.prank(caller);
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        assertTrue(arbitrator.halted(), "halted");
    }

    function test_up_requestIsFreeAndReturnsValue() public {
        vm.prank(caller);
        rollup.requestHalt{ value: 1 ether }(l2Gateway);
        assertEq(caller.balance, 10 ether, "all of it is back");
    }

    function test_up_requestIsTakenOnceAndASecondOneChangesNothing() public {
        rollup.requestHalt(l2Gateway);
        (uint256 first, bytes memory message, bytes32[] memory proof) = _sealOne();
        rollup.requestHalt(l2Gateway);
        (uint256 second,, bytes32[] memory secondProof) = _sealOne();
        l1Gateway.finalizeMessage(second, 0, 0, message, secondProof);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.MessageAlreadyFinalized.selector, second, 0));
        l1Gateway.finalizeMessage(second, 0, 0, message, secondProof);
        l1Gateway.finalizeMessage(first, 0, 0, message, proof);
        assertTrue(l1Gateway.isMessageFinalized(first, 0), "the older one too");
    }

    function test_RevertWhen_RequestComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        vm.prank(caller);
        l2Gateway.sendHaltRequest(caller);
    }

    /// @dev Anyone can send the one byte through the messenger, and in a batch; the gateway looks for its own sender.
    function test_RevertWhen_SomebodyElseRequestsThroughTheMessenger() public {
        bytes memory message = GatewayMessage.haltRequest();
        L2Log[] memory logs = _one(EraTree.messageLog(0, caller, message));
        uint256 batch = _sealBatch(logs, new bytes32[](0));
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.InvalidMessageProof.selector, batch, 0));
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        assertFalse(arbitrator.halted(), "goes on");
    }

    /// @dev A sync hash's proof is no proof of a halt request.
    function test_RevertWhen_AnotherMessageIsTurnedIntoARequest() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 batch,, bytes32[] memory proof) = _sealOne();
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.InvalidMessageProof.selector, batch, 0));
        l1Gateway.finalizeMessage(batch, 0, 0, GatewayMessage.haltRequest(), proof);
    }

    // ── the halt comes down ─────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_down_haltReachesTheRollup() public {
        _haltedAtBlock1();
        _sendHalt();
        (, L2CanonicalTransaction memory transaction) = _requested();
        assertEq(transaction.to, uint160(address(l2Gateway)), "to the other end");
        assertEq(transaction.gasLimit, L2_GAS_LIMIT, "gas");
        assertEq(address(uint160(transaction.reserved[1])), caller, "Era refunds to the caller");
        assertEq(
            transaction.data,
            abi.encodeCall(IMessageReceiver.receiveMessage, (GatewayMessage.halt(1, 5, HASH_1))),
            "block, root, own hash"
        );
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(rollup.haltBlock(), 1, "block");
        assertEq(rollup.haltRoot(), 5, "root");
        assertEq(rollup.haltHash(), HASH_1, "own hash");
    }

    function test_down_failureOnEraIsFinalAndTheHaltIsSentAgain() public {
        _haltedAtBlock1();
        _sendHalt();
        (bytes32 txHash, L2CanonicalTransaction memory transaction) = _requested();
        rollup.setRefuses(true);
        (bool success,) = _runOnEra(transaction);
        assertFalse(success, "failed on Era");
        rollup.setRefuses(false);
        _sendHalt();
        bytes32 secondHash;
        (secondHash, transaction) = _requested();
        assertNotEq(secondHash, txHash, "another transaction");
        (success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(rollup.halts(), 1, "halted");
    }

    function test_down_sendsExactlyTheQuoteAndRefundsTheSurplus() public {
        _haltedAtBlock1();
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        uint256 had = caller.balance;
        uint256 vaultHad = address(assetRouter.nativeTokenVault()).balance;
        vm.prank(caller);
        arbitrator.sendHalt{ value: 1 ether }(1);
        assertEq(caller.balance, had - fee, "surplus is back on Ethereum");
        assertEq(address(assetRouter.nativeTokenVault()).balance, vaultHad + fee, "the vault has the fee");
        assertEq(address(arbitrator).balance + address(l1Gateway).balance, 0, "nothing stays");
    }

    function test_RevertWhen_TheFeeOfAHaltIsTooLow() public {
        _haltedAtBlock1();
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.InsufficientFee.selector, fee, fee - 1));
        vm.prank(caller);
        arbitrator.sendHalt{ value: fee - 1 }(1);
        vm.deal(address(arbitrator), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IGateway.InsufficientFee.selector, fee, fee - 1));
        vm.prank(address(arbitrator));
        l1Gateway.sendHalt{ value: fee - 1 }(1, 5, HASH_1, caller);
    }

    function test_down_haltIsSentAgainAfterTheHubWasPaused() public {
        _haltedAtBlock1();
        vm.prank(hubOwner);
        bridgehub.pause();
        vm.expectRevert("Pausable: paused");
        this.sendHaltOutside();
        vm.prank(hubOwner);
        bridgehub.unpause();
        _sendHalt();
        (, L2CanonicalTransaction memory transaction) = _requested();
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
    }

    function test_RevertWhen_HaltComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        vm.prank(caller);
        l1Gateway.sendHalt(1, 5, HASH_1, caller);
        address expected = AddressAliasHelper.applyL1ToL2Alias(address(l1Gateway));
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, expected, caller));
        vm.prank(caller);
        l2Gateway.receiveMessage(GatewayMessage.halt(1, 5, HASH_1));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 5, 69, 1));
        vm.prank(expected);
        l2Gateway.receiveMessage(hex"05");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, GatewayMessage.HALT_REQUEST));
        vm.prank(expected);
        l2Gateway.receiveMessage(GatewayMessage.haltRequest());
    }

    // ── the halt with more gas ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev The limit is not enough on Era and the admin is gone: every halt fails, until somebody pays for more gas.
    function test_sendHaltWithGas_reachesTheRollupWhenTheLimitIsTooLow() public {
        _haltedAtBlock1();
        rollup.setGasNeeded(L2_GAS_LIMIT);
        _sendHalt();
        (, L2CanonicalTransaction memory transaction) = _requested();
        assertFalse(_runWithItsGas(transaction), "out of gas");
        uint256 fee = bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, GAS_PRICE, 2 * L2_GAS_LIMIT, 800);
        uint256 had = caller.balance;
        vm.prank(caller);
        l1Gateway.sendHaltWithGas{ value: 1 ether }(1, 2 * L2_GAS_LIMIT);
        assertEq(caller.balance, had - fee, "its price is spent, the rest is back");
        bytes memory first = transaction.data;
        (, transaction) = _requested();
        assertEq(transaction.data, first, "the very same halt");
        assertEq(transaction.gasLimit, 2 * L2_GAS_LIMIT, "more gas");
        assertEq(address(uint160(transaction.reserved[1])), caller, "Era refunds to the caller");
        assertTrue(_runWithItsGas(transaction), "enough");
        assertEq(rollup.haltBlock(), 1, "halted");
    }

    function test_RevertWhen_AHaltWithGasIsSentBeforeTheHaltOrToAnotherChain() public {
        vm.startPrank(caller);
        vm.expectRevert(IArbitrator.NotHalted.selector);
        l1Gateway.sendHaltWithGas{ value: 1 ether }(1, L2_GAS_LIMIT);
        vm.stopPrank();
        _haltedAtBlock1();
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.WrongChain.selector, 0, address(otherGateway)));
        l1Gateway.sendHaltWithGas{ value: 1 ether }(0, L2_GAS_LIMIT);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.WrongChain.selector, 9, address(0)));
        l1Gateway.sendHaltWithGas{ value: 1 ether }(9, L2_GAS_LIMIT);
        vm.expectRevert(ZkSyncL1Gateway.ZeroGasLimit.selector);
        l1Gateway.sendHaltWithGas{ value: 1 ether }(1, 0);
        uint256 fee = bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, GAS_PRICE, L2_GAS_LIMIT + 1, 800);
        vm.expectRevert(abi.encodeWithSelector(IGateway.InsufficientFee.selector, fee, fee - 1));
        l1Gateway.sendHaltWithGas{ value: fee - 1 }(1, L2_GAS_LIMIT + 1);
    }

    function test_RevertWhen_TheRefundOfAHaltWithGasIsRefused() public {
        _haltedAtBlock1();
        Receiver receiver = new Receiver();
        receiver.setBehaviour(Receiver.Behaviour.Refuses);
        uint256 fee = bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, GAS_PRICE, L2_GAS_LIMIT, 800);
        vm.deal(address(receiver), fee + 1);
        vm.expectRevert(abi.encodeWithSelector(IGateway.RefundFailed.selector, address(receiver), 1));
        vm.prank(address(receiver));
        l1Gateway.sendHaltWithGas{ value: fee + 1 }(1, L2_GAS_LIMIT);
    }

    function test_RevertWhen_AHaltWithGasHasNoRemote() public {
        _haltedAtBlock1();
        // A second gateway in the place of the first, not paired yet.
        ZkSyncL1Gateway fresh = _deployL1();
        vm.mockCall(address(arbitrator), abi.encodeCall(arbitrator.gatewayOf, (1)), abi.encode(address(fresh)));
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        vm.prank(caller);
        fresh.sendHaltWithGas{ value: 1 ether }(1, L2_GAS_LIMIT);
    }

    function _deployL1() private returns (ZkSyncL1Gateway) {
        return ZkSyncL1Gateway(
            _proxy(
                address(new ZkSyncL1Gateway()),
                abi.encodeCall(
                    ZkSyncL1Gateway.initialize,
                    (admin, address(arbitrator), address(bridgehub), ERA_CHAIN_ID, L2_GAS_LIMIT)
                )
            )
        );
    }

    function _haltedAtBlock1() private {
        vm.prank(address(otherGateway));
        arbitrator.receiveSyncHashes(1, 5, _list());
        vm.prank(address(l1Gateway));
        arbitrator.receiveSyncHash(1, HASH_1);
        vm.prank(caller);
        arbitrator.confirmBlock{ value: 1 ether }(1);
        vm.prank(address(otherGateway));
        arbitrator.receiveHaltRequest();
        vm.recordLogs();
    }

    function _sendHalt() private {
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.prank(caller);
        arbitrator.sendHalt{ value: fee }(1);
    }

    function sendHaltOutside() external {
        _sendHalt();
    }

    /// @dev As Era does, with no more gas than the transaction has.
    function _runWithItsGas(L2CanonicalTransaction memory transaction) private returns (bool success) {
        vm.prank(address(uint160(transaction.from)));
        (success,) = address(uint160(transaction.to)).call{ gas: transaction.gasLimit }(transaction.data);
    }
}
