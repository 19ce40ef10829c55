// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    BatchNotExecuted,
    MerklePathEmpty
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";
import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { ZkSyncL1Gateway } from "../../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { GatewayMessage } from "../../src/libraries/GatewayMessage.sol";
import { EraServices } from "../utils/EraServices.sol";
import { EraTree } from "../utils/EraTree.sol";
import { GatewayBase } from "../utils/GatewayBase.sol";

/// @notice Both zkSync gateways over Bridgehub, batches and L1Messenger: chain 1 is on Era, chain 0 has a double as gateway.
contract ZkSyncGatewayTest is EraServices, GatewayBase {
    uint256 private constant L2_GAS_LIMIT = 2_000_000;
    uint256 private constant GAS_PRICE = 30 gwei;
    ZkSyncL1Gateway private l1Gateway;
    ZkSyncL2Gateway private l2Gateway;

    function setUp() public {
        _deployEra();
        _deployAll(0);
        vm.deal(caller, 10 ether);
        vm.txGasPrice(GAS_PRICE);
        vm.recordLogs();
    }

    // ── up ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_up_secondaryHashReachesTheArbitrator() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (address sender, bytes memory message) = _sentMessage();
        assertEq(sender, address(l2Gateway), "sender");
        assertEq(message.length, 37, "bytes of a sync hash");
        // The message's log is the third of its batch and its transaction the second.
        L2Log[] memory logs = new L2Log[](3);
        logs[0] = EraTree.messageLog(0, caller, "something else");
        logs[1] = EraTree.messageLog(0, caller, "and more");
        logs[2] = EraTree.messageLog(1, sender, message);
        uint256 batch = _sealBatch(logs, new bytes32[](0));
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.SyncHashReceived(1, 1, HASH_1);
        vm.prank(caller);
        l1Gateway.finalizeMessage(batch, 2, 1, message, EraTree.proof(logs, 2, ERA_CHAIN_ID));
        assertTrue(l1Gateway.isMessageFinalized(batch, 2), "remembered");
    }

    function test_up_primaryListReachesTheArbitrator() public {
        _deployAll(1);
        rollup.syncAll(l2Gateway, 1, 5, _list());
        (uint256 batch, bytes memory message, bytes32[] memory proof) = _sealOne();
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        assertEq(arbitrator.syncHashOf(1, 1), HASH_1, "delivered");
    }

    function test_up_isFreeAndReturnsValue() public {
        assertEq(l2Gateway.syncFee(), 0, "fee");
        vm.startPrank(caller);
        rollup.sync{ value: 1 ether }(l2Gateway, 1, HASH_1);
        rollup.syncAll{ value: 1 ether }(l2Gateway, 1, 5, _list());
        assertEq(caller.balance, 10 ether, "all of it is back");
    }

    function test_RevertWhen_SyncComesFromSomebodyElse() public {
        vm.startPrank(caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        l2Gateway.sendSyncHash(1, HASH_1, caller);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRollup.selector, address(rollup), caller));
        l2Gateway.sendSyncHashes(1, 5, _list(), caller);
    }

    function test_RevertWhen_MessageIsFinalizedTwice() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 batch, bytes memory message, bytes32[] memory proof) = _sealOne();
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        bytes memory refusal = abi.encodeWithSelector(ZkSyncL1Gateway.MessageAlreadyFinalized.selector, batch, 0);
        vm.expectRevert(refusal);
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        // The older form of the same proof is no way around: the place is the key, not the proof.
        bytes32[] memory path = new bytes32[](15);
        for (uint256 i = 0; i < 15; ++i) {
            path[i] = proof[i + 1];
        }
        vm.expectRevert(refusal);
        l1Gateway.finalizeMessage(batch, 0, 0, message, path);
    }

    function test_up_sameBytesSentTwiceAreTwoMessages() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 first, bytes memory message, bytes32[] memory proof) = _sealOne();
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 second,, bytes32[] memory secondProof) = _sealOne();
        l1Gateway.finalizeMessage(first, 0, 0, message, proof);
        l1Gateway.finalizeMessage(second, 0, 0, message, secondProof);
        assertTrue(l1Gateway.isMessageFinalized(second, 0), "the arbitrator takes the same hash again");
    }

    function test_RevertWhen_BatchIsNotExecuted() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (address sender, bytes memory message) = _sentMessage();
        L2Log[] memory logs = _one(EraTree.messageLog(0, sender, message));
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        IExecutor.StoredBatchInfo memory batch = _commit(_commitData(logs, new bytes32[](0)));
        vm.expectRevert(abi.encodeWithSelector(BatchNotExecuted.selector, 1));
        l1Gateway.finalizeMessage(1, 0, 0, message, proof);
        _prove(batch);
        vm.expectRevert(abi.encodeWithSelector(BatchNotExecuted.selector, 1));
        l1Gateway.finalizeMessage(1, 0, 0, message, proof);
        _execute(batch, new bytes32[](0));
        l1Gateway.finalizeMessage(1, 0, 0, message, proof);
    }

    function test_RevertWhen_ProofDoesNotShowThisMessage() public {
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 batch, bytes memory message, bytes32[] memory proof) = _sealOne();
        bytes memory refusal = abi.encodeWithSelector(ZkSyncL1Gateway.InvalidMessageProof.selector, batch, 0);
        vm.expectRevert(refusal);
        l1Gateway.finalizeMessage(batch, 0, 0, GatewayMessage.syncHash(1, HASH_0), proof);
        vm.expectRevert(refusal);
        l1Gateway.finalizeMessage(batch, 0, 1, message, proof);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.InvalidMessageProof.selector, batch, 1));
        l1Gateway.finalizeMessage(batch, 1, 0, message, proof);
        vm.expectRevert(MerklePathEmpty.selector);
        l1Gateway.finalizeMessage(batch, 0, 0, message, new bytes32[](0));
        proof[3] = ~proof[3];
        vm.expectRevert(refusal);
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        assertFalse(l1Gateway.isMessageFinalized(batch, 0), "still open");
    }

    function test_RevertWhen_SomebodyElseSendsThroughTheMessenger() public {
        bytes memory message = GatewayMessage.syncHash(1, HASH_1);
        L2Log[] memory logs = _one(EraTree.messageLog(0, caller, message));
        uint256 batch = _sealBatch(logs, new bytes32[](0));
        bytes32[] memory proof = EraTree.proof(logs, 0, ERA_CHAIN_ID);
        vm.expectRevert(abi.encodeWithSelector(ZkSyncL1Gateway.InvalidMessageProof.selector, batch, 0));
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
    }

    function test_up_aRefusedMessageCanBeFinalizedLater() public {
        Arbitrator fresh = _deployArbitrator(0);
        l1Gateway = _deployL1(address(fresh), L2_GAS_LIMIT);
        vm.prank(admin);
        l1Gateway.setRemoteGateway(address(l2Gateway));
        rollup.sync(l2Gateway, 1, HASH_1);
        (uint256 batch, bytes memory message, bytes32[] memory proof) = _sealOne();
        vm.expectRevert(abi.encodeWithSelector(IArbitrator.NotAGateway.selector, address(l1Gateway)));
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        vm.prank(admin);
        fresh.setGateway(1, address(l1Gateway));
        l1Gateway.finalizeMessage(batch, 0, 0, message, proof);
        assertEq(fresh.syncHashOf(1, 1), HASH_1, "later");
    }

    // ── down ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_down_confirmationReachesTheRollup() public {
        (, L2CanonicalTransaction memory transaction) = _confirm();
        assertEq(transaction.to, uint160(address(l2Gateway)), "to the other end");
        assertEq(
            address(uint160(transaction.from)),
            AddressAliasHelper.applyL1ToL2Alias(address(l1Gateway)),
            "from the alias of this end"
        );
        assertEq(transaction.value, 0, "no value");
        assertEq(transaction.gasLimit, L2_GAS_LIMIT, "gas");
        assertEq(address(uint160(transaction.reserved[1])), caller, "Era refunds to the caller");
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(rollup.confirmedBlock(), 1, "block");
        assertEq(rollup.confirmedHash(), HASH_1, "own hash");
    }

    function test_down_failureOnEraIsFinalAndTheConfirmationIsSentAgain() public {
        (bytes32 txHash, L2CanonicalTransaction memory transaction) = _confirm();
        rollup.setRefuses(true);
        (bool success,) = _runOnEra(transaction);
        assertFalse(success, "failed on Era");
        rollup.setRefuses(false);
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.prank(caller);
        arbitrator.sendConfirmation{ value: fee }(1);
        bytes32 secondHash;
        (secondHash, transaction) = _requested();
        assertNotEq(secondHash, txHash, "another transaction");
        (success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(rollup.confirmedBlock(), 1, "confirmed");
    }

    function test_down_sendsExactlyTheQuoteAndRefundsTheSurplus() public {
        _deliverAll();
        uint256 fee = arbitrator.confirmationFee(GAS_PRICE);
        assertEq(fee, bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, GAS_PRICE, L2_GAS_LIMIT, 800), "the hub's price");
        vm.prank(caller);
        arbitrator.confirmBlock{ value: 1 ether }(1);
        assertEq(caller.balance, 10 ether - fee, "surplus is back on Ethereum");
        assertEq(address(assetRouter.nativeTokenVault()).balance, fee, "the vault has the fee");
        (, L2CanonicalTransaction memory transaction) = _requested();
        assertEq(transaction.reserved[0], fee, "minted");
    }

    function test_down_gatewayRefundsItsOwnSurplus() public {
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.deal(address(arbitrator), 1 ether);
        vm.prank(address(arbitrator));
        l1Gateway.sendConfirmation{ value: 1 ether }(1, HASH_1, caller);
        assertEq(caller.balance, 11 ether - fee, "refunded");
        assertEq(address(l1Gateway).balance, 0, "nothing stays");
    }

    function test_down_isDeferredWhileTheHubIsPaused() public {
        _deliverAll();
        vm.prank(hubOwner);
        bridgehub.pause();
        vm.expectEmit(address(arbitrator));
        emit IArbitrator.ConfirmationDeferred(1, 1, abi.encodeWithSignature("Error(string)", "Pausable: paused"));
        vm.prank(caller);
        arbitrator.confirmBlock{ value: 1 ether }(1);
        assertEq(caller.balance, 10 ether, "the fee is back");
        assertEq(otherGateway.sentCount(), 1, "the other chain goes on");
    }

    function test_RevertWhen_ConfirmationFeeIsTooLow() public {
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.deal(address(arbitrator), 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IGateway.InsufficientFee.selector, fee, fee - 1));
        vm.prank(address(arbitrator));
        l1Gateway.sendConfirmation{ value: fee - 1 }(1, HASH_1, caller);
    }

    function test_RevertWhen_ConfirmationComesFromSomebodyElse() public {
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyArbitrator.selector, address(arbitrator), caller));
        vm.prank(caller);
        l1Gateway.sendConfirmation(1, HASH_1, caller);
    }

    function test_RevertWhen_L2GatewayIsCalledByAnybodyButTheAlias() public {
        address expected = AddressAliasHelper.applyL1ToL2Alias(address(l1Gateway));
        bytes memory message = GatewayMessage.confirmation(1, HASH_1);
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, expected, caller));
        vm.prank(caller);
        l2Gateway.receiveMessage(message);
        // The same address on Era may belong to somebody else.
        vm.expectRevert(abi.encodeWithSelector(IGateway.OnlyRemoteGateway.selector, expected, address(l1Gateway)));
        vm.prank(address(l1Gateway));
        l2Gateway.receiveMessage(message);
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.UnknownMessage.selector, 1));
        vm.prank(expected);
        l2Gateway.receiveMessage(GatewayMessage.syncHash(1, HASH_1));
    }

    // ── set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_setL2GasLimit_changesThePrice() public {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, bytes32(0))
        );
        vm.prank(caller);
        l1Gateway.setL2GasLimit(1);
        uint256 fee = l1Gateway.confirmationFee(GAS_PRICE);
        vm.startPrank(admin);
        vm.expectRevert(ZkSyncL1Gateway.ZeroGasLimit.selector);
        l1Gateway.setL2GasLimit(0);
        vm.expectEmit(address(l1Gateway));
        emit ZkSyncL1Gateway.L2GasLimitSet(2 * L2_GAS_LIMIT);
        l1Gateway.setL2GasLimit(2 * L2_GAS_LIMIT);
        assertEq(l1Gateway.confirmationFee(GAS_PRICE), 2 * fee, "twice the gas");
    }

    function test_RevertWhen_RemoteIsNotSet() public {
        l1Gateway = _deployL1(address(arbitrator), L2_GAS_LIMIT);
        l2Gateway = _deployL2();
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        rollup.sync(l2Gateway, 1, HASH_1);
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        l2Gateway.receiveMessage("");
        vm.expectRevert(IGateway.RemoteGatewayNotSet.selector);
        l1Gateway.finalizeMessage(1, 0, 0, "", new bytes32[](0));
    }

    function test_RevertWhen_InitializedWithAZeroAddressOrGasLimit() public {
        address l1 = address(new ZkSyncL1Gateway());
        address l2 = address(new ZkSyncL2Gateway());
        for (uint256 i = 0; i < 3; ++i) {
            address[3] memory a = [admin, address(arbitrator), address(bridgehub)];
            a[i] = address(0);
            vm.expectRevert(IGateway.ZeroAddress.selector);
            new ERC1967Proxy(
                l1, abi.encodeCall(ZkSyncL1Gateway.initialize, (a[0], a[1], a[2], ERA_CHAIN_ID, L2_GAS_LIMIT))
            );
            vm.expectRevert(IGateway.ZeroAddress.selector);
            new ERC1967Proxy(l2, abi.encodeCall(ZkSyncL2Gateway.initialize, (a[0], a[1], a[2])));
        }
        vm.expectRevert(ZkSyncL1Gateway.ZeroGasLimit.selector);
        new ERC1967Proxy(
            l1,
            abi.encodeCall(
                ZkSyncL1Gateway.initialize, (admin, address(arbitrator), address(bridgehub), ERA_CHAIN_ID, 0)
            )
        );
    }

    function _deployAll(uint8 primaryIndex) private {
        arbitrator = _deployArbitrator(primaryIndex);
        l1Gateway = _deployL1(address(arbitrator), L2_GAS_LIMIT);
        l2Gateway = _deployL2();
        _wire(1, l1Gateway, l2Gateway);
    }

    function _deployL1(address arbitrator_, uint256 gasLimit) private returns (ZkSyncL1Gateway) {
        bytes memory call = abi.encodeCall(
            ZkSyncL1Gateway.initialize, (admin, arbitrator_, address(bridgehub), ERA_CHAIN_ID, gasLimit)
        );
        return ZkSyncL1Gateway(_proxy(address(new ZkSyncL1Gateway()), call));
    }

    function _deployL2() private returns (ZkSyncL2Gateway) {
        bytes memory call = abi.encodeCall(ZkSyncL2Gateway.initialize, (admin, address(rollup), MESSENGER));
        return ZkSyncL2Gateway(_proxy(address(new ZkSyncL2Gateway()), call));
    }

    function _deliverAll() private {
        vm.prank(address(otherGateway));
        arbitrator.receiveSyncHashes(1, 5, _list());
        vm.prank(address(l1Gateway));
        arbitrator.receiveSyncHash(1, HASH_1);
    }

    function _confirm() private returns (bytes32 txHash, L2CanonicalTransaction memory transaction) {
        _deliverAll();
        uint256 fee = arbitrator.confirmationFee(GAS_PRICE);
        vm.prank(caller);
        arbitrator.confirmBlock{ value: fee }(1);
        return _requested();
    }
}
