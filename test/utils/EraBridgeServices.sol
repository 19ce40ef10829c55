// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    FinalizeL1DepositParams
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1Nullifier.sol";
import {
    L2TransactionRequestTwoBridgesOuter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";

import { TestToken } from "../../script/devnet/TestToken.sol";
import { L2BaseToken } from "../../script/devnet/zksync/L2BaseToken.sol";
import { L1NativeTokenVault } from "../../script/devnet/zksync/bridge/L1NativeTokenVault.sol";
import { L1Nullifier } from "../../script/devnet/zksync/bridge/L1Nullifier.sol";
import { L2AssetRouter } from "../../script/devnet/zksync/bridge/L2AssetRouter.sol";
import { L2NativeTokenVault } from "../../script/devnet/zksync/bridge/L2NativeTokenVault.sol";
import { EraServices } from "./EraServices.sol";
import { EraTree } from "./EraTree.sol";

/// @notice Both ends of zkSync's asset bridge in one EVM, which is now the one chain and now the other by its chain id.
abstract contract EraBridgeServices is EraServices {
    uint256 internal constant GAS_FEE = 1 ether;
    L2AssetRouter internal constant L2_ROUTER = L2AssetRouter(address(0x10003));
    L2NativeTokenVault internal constant L2_VAULT = L2NativeTokenVault(address(0x10004));
    L2BaseToken internal constant BASE_TOKEN = L2BaseToken(address(0x800a));

    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    uint256 internal l1ChainId = block.chainid;
    L1Nullifier internal nullifier;
    L1NativeTokenVault internal vault;
    TestToken internal token;
    bytes32 internal asset;
    bytes32[] internal none;

    function _deployBridges() internal {
        _deployEra();
        vault = assetRouter.nativeTokenVault();
        nullifier = L1Nullifier(address(assetRouter.L1_NULLIFIER()));
        vm.etch(address(L2_ROUTER), address(new L2AssetRouter()).code);
        vm.etch(address(L2_VAULT), address(new L2NativeTokenVault()).code);
        vm.etch(address(BASE_TOKEN), address(new L2BaseToken()).code);
        L2_ROUTER.initialize(hubOwner, l1ChainId, ERA_CHAIN_ID, address(assetRouter));
        token = new TestToken();
        token.mint(alice, 1_000);
        vm.deal(alice, 100 ether);
        vm.txGasPrice(0);
        asset = vault.ensureTokenIsRegistered(address(token));
        vm.prank(alice);
        token.approve(address(vault), type(uint256).max);
        vm.recordLogs();
    }

    function _onEra() internal {
        vm.chainId(ERA_CHAIN_ID);
    }

    function _onEthereum() internal {
        vm.chainId(l1ChainId);
    }

    function _twoBridges(bytes memory data) internal view returns (L2TransactionRequestTwoBridgesOuter memory request) {
        request.chainId = ERA_CHAIN_ID;
        request.mintValue = GAS_FEE;
        request.l2GasLimit = 2_000_000;
        request.l2GasPerPubdataByteLimit = 800;
        request.refundRecipient = alice;
        request.secondBridgeAddress = address(assetRouter);
        request.secondBridgeCalldata = data;
    }

    function _burnData(uint256 amount) internal view returns (bytes memory) {
        return abi.encode(amount, bob, address(token));
    }

    /// @notice Alice deposits for Bob; returns the transaction that waits for execution.
    function _deposit(bytes memory data) internal returns (bytes32, L2CanonicalTransaction memory) {
        vm.prank(alice, alice);
        bridgehub.requestL2TransactionTwoBridges{ value: GAS_FEE }(_twoBridges(data));
        return _requested();
    }

    function _deposit(uint256 amount) internal returns (bytes32, L2CanonicalTransaction memory) {
        return _deposit(bytes.concat(bytes1(0x01), abi.encode(asset, _burnData(amount))));
    }

    /// @notice A deposit that Bob has on zkSync; returns his stand-in token.
    function _deposited(uint256 amount) internal returns (address standIn) {
        (bytes32 txHash, L2CanonicalTransaction memory transaction) = _deposit(amount);
        _onEra();
        (bool success,) = _runOnEra(transaction);
        require(success, "deposit failed");
        standIn = L2_ROUTER.l2TokenAddress(address(token));
        _onEthereum();
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = txHash;
        _sealBatch(_one(EraTree.priorityLog(0, txHash, true)), hashes);
        vm.getRecordedLogs();
    }

    /// @notice Seals the one message that was sent and gives its withdrawal.
    function _withdrawal() internal returns (FinalizeL1DepositParams memory) {
        (address sender, bytes memory message) = _sentMessage();
        return _withdrawal(sender, message);
    }

    function _withdrawal(address sender, bytes memory message) internal returns (FinalizeL1DepositParams memory) {
        _onEthereum();
        L2Log[] memory logs = _one(EraTree.messageLog(0, sender, message));
        uint256 batch = _sealBatch(logs, none);
        return FinalizeL1DepositParams({
            chainId: ERA_CHAIN_ID,
            l2BatchNumber: batch,
            l2MessageIndex: 0,
            l2Sender: sender,
            l2TxNumberInBatch: 0,
            message: message,
            merkleProof: EraTree.proof(logs, 0, ERA_CHAIN_ID)
        });
    }
}
