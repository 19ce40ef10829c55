// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IL1AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL1AssetRouter.sol";
import {
    IBridgehub,
    L2TransactionRequestDirect,
    L2TransactionRequestTwoBridgesInner,
    L2TransactionRequestTwoBridgesOuter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    SecondBridgeAddressTooLow
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/L1BridgehubErrors.sol";
import {
    BRIDGEHUB_MIN_SECOND_BRIDGE_ADDRESS,
    TWO_BRIDGES_MAGIC_VALUE
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    AssetHandlerNotRegistered,
    ChainIdAlreadyExists,
    ChainIdMismatch,
    IncorrectBridgeHubAddress,
    MsgValueMismatch,
    WrongMagicValue,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    BridgehubL2TransactionRequest,
    L2Log,
    L2Message,
    TxStatus
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";

import { Controlled } from "./Controlled.sol";
import { ZkSyncMailbox } from "./ZkSyncMailbox.sol";
import { AssetRouter, INativeTokenVault } from "./bridge/AssetRouter.sol";

/// @title zkSync's Bridgehub on Ethereum, local version: the part that carries messages
/// @notice For local chains only. It finds a chain's contract by chain id and forwards; the asset router takes what is minted on the
/// chains. The gas token of every chain is ETH, and every chain settles on Ethereum.
contract Bridgehub is Controlled {
    // The deployed contract's names.
    // solhint-disable immutable-vars-naming
    uint256 public immutable L1_CHAIN_ID = block.chainid;
    uint256 public constant MAX_NUMBER_OF_ZK_CHAINS = 100;
    // solhint-enable immutable-vars-naming

    address public assetRouter;
    address public l1CtmDeployer;
    address public messageRoot;
    address public chainAssetHandler;
    mapping(uint256 chainId => address zkChain) public getZKChain;
    mapping(uint256 chainId => bytes32 asset) public baseTokenAssetId;
    mapping(uint256 chainId => uint256 settlesOn) public settlementLayer;
    uint256[] private _chainIds;

    constructor(address owner_) {
        _setOwner(owner_);
    }

    /// @param l1CtmDeployer_ 0 here, as are the next two: nothing creates or moves chains
    function setAddresses(
        address assetRouter_,
        address l1CtmDeployer_,
        address messageRoot_,
        address chainAssetHandler_
    ) external onlyOwner {
        assetRouter = assetRouter_;
        l1CtmDeployer = l1CtmDeployer_;
        messageRoot = messageRoot_;
        chainAssetHandler = chainAssetHandler_;
    }

    function registerAlreadyDeployedZKChain(uint256 chainId, address zkChain) external onlyOwner {
        require(zkChain != address(0), ZeroAddress());
        require(getZKChain[chainId] == address(0), ChainIdAlreadyExists());
        require(ZkSyncMailbox(zkChain).getChainId() == chainId, ChainIdMismatch());
        address hub = ZkSyncMailbox(zkChain).getBridgehub();
        require(hub == address(this), IncorrectBridgeHubAddress(hub));
        getZKChain[chainId] = zkChain;
        baseTokenAssetId[chainId] = ZkSyncMailbox(zkChain).getBaseTokenAssetId();
        settlementLayer[chainId] = block.chainid;
        _chainIds.push(chainId);
        emit IBridgehub.NewChain(chainId, address(0), msg.sender);
    }

    // ── to a chain ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Sends a transaction to a zkSync chain. `msg.value` must equal `mintValue`; what is above the cost is refunded there.
    function requestL2TransactionDirect(L2TransactionRequestDirect calldata request)
        external
        payable
        nonReentrant
        whenNotPaused
        returns (bytes32 canonicalTxHash)
    {
        require(msg.value == request.mintValue, MsgValueMismatch(request.mintValue, msg.value));
        _takeBaseToken(request.chainId, request.mintValue);
        BridgehubL2TransactionRequest memory inner;
        inner.sender = msg.sender;
        inner.contractL2 = request.l2Contract;
        inner.mintValue = request.mintValue;
        inner.l2Value = request.l2Value;
        inner.l2Calldata = request.l2Calldata;
        inner.l2GasLimit = request.l2GasLimit;
        inner.l2GasPerPubdataByteLimit = request.l2GasPerPubdataByteLimit;
        inner.factoryDeps = request.factoryDeps;
        return _send(request.chainId, inner, request.refundRecipient);
    }

    /// @notice Lets a bridge on Ethereum take a deposit and sends the transaction that the bridge answers with, in the bridge's name.
    /// `msg.value` is what is minted for gas and what the bridge gets.
    function requestL2TransactionTwoBridges(L2TransactionRequestTwoBridgesOuter calldata request)
        external
        payable
        nonReentrant
        whenNotPaused
        returns (bytes32 canonicalTxHash)
    {
        address bridge = request.secondBridgeAddress;
        require(
            bridge > BRIDGEHUB_MIN_SECOND_BRIDGE_ADDRESS,
            SecondBridgeAddressTooLow(bridge, BRIDGEHUB_MIN_SECOND_BRIDGE_ADDRESS)
        );
        uint256 expected = request.mintValue + request.secondBridgeValue;
        require(msg.value == expected, MsgValueMismatch(expected, msg.value));
        _takeBaseToken(request.chainId, request.mintValue);
        L2TransactionRequestTwoBridgesInner memory answer = IL1AssetRouter(bridge)
        .bridgehubDeposit{ value: request.secondBridgeValue }(
            request.chainId, msg.sender, request.l2Value, request.secondBridgeCalldata
        );
        require(
            answer.magicValue == TWO_BRIDGES_MAGIC_VALUE,
            WrongMagicValue(uint256(TWO_BRIDGES_MAGIC_VALUE), uint256(answer.magicValue))
        );
        BridgehubL2TransactionRequest memory inner;
        inner.sender = bridge;
        inner.contractL2 = answer.l2Contract;
        inner.mintValue = request.mintValue;
        inner.l2Value = request.l2Value;
        inner.l2Calldata = answer.l2Calldata;
        inner.l2GasLimit = request.l2GasLimit;
        inner.l2GasPerPubdataByteLimit = request.l2GasPerPubdataByteLimit;
        inner.factoryDeps = answer.factoryDeps;
        canonicalTxHash = _send(request.chainId, inner, request.refundRecipient);
        IL1AssetRouter(bridge).bridgehubConfirmL2Transaction(request.chainId, answer.txDataHash, canonicalTxHash);
    }

    function l2TransactionBaseCost(
        uint256 chainId,
        uint256 gasPrice,
        uint256 l2GasLimit,
        uint256 l2GasPerPubdataByteLimit
    ) external view returns (uint256) {
        return ZkSyncMailbox(getZKChain[chainId]).l2TransactionBaseCost(gasPrice, l2GasLimit, l2GasPerPubdataByteLimit);
    }

    // ── from a chain ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function proveL2MessageInclusion(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Message calldata message,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId]).proveL2MessageInclusion(batchNumber, index, message, proof);
    }

    function proveL2LogInclusion(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        L2Log calldata log,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId]).proveL2LogInclusion(batchNumber, index, log, proof);
    }

    function proveL1ToL2TransactionStatus(
        uint256 chainId,
        bytes32 l2TxHash,
        uint256 l2BatchNumber,
        uint256 l2MessageIndex,
        uint16 l2TxNumberInBatch,
        bytes32[] calldata merkleProof,
        TxStatus status
    ) external view returns (bool) {
        return ZkSyncMailbox(getZKChain[chainId])
            .proveL1ToL2TransactionStatus(
                l2TxHash, l2BatchNumber, l2MessageIndex, l2TxNumberInBatch, merkleProof, status
            );
    }

    // ── chains ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function getHyperchain(uint256 chainId) external view returns (address) {
        return getZKChain[chainId];
    }

    function getAllZKChainChainIDs() external view returns (uint256[] memory) {
        return _chainIds;
    }

    function getAllZKChains() external view returns (address[] memory chains) {
        chains = new address[](_chainIds.length);
        for (uint256 i; i < chains.length; ++i) {
            chains[i] = getZKChain[_chainIds[i]];
        }
    }

    function baseToken(uint256 chainId) external view returns (address) {
        bytes32 asset = baseTokenAssetId[chainId];
        address handler = AssetRouter(assetRouter).assetHandlerAddress(asset);
        require(handler != address(0), AssetHandlerNotRegistered(asset));
        return INativeTokenVault(handler).tokenAddress(asset);
    }

    /// @notice Which contract creates and upgrades a chain: none does.
    function chainTypeManager(uint256) external pure returns (address) {
        return address(0);
    }

    function chainTypeManagerIsRegistered(address) external pure returns (bool) {
        return false;
    }

    /// @notice Whether an asset may be a chain's gas token: ETH may.
    function assetIdIsRegistered(bytes32 asset) external view returns (bool) {
        return asset == IL1AssetRouter(assetRouter).ETH_TOKEN_ASSET_ID();
    }

    /// @notice Chains stay where they are.
    function migrationPaused() external pure returns (bool) {
        return false;
    }

    function whitelistedSettlementLayers(uint256 chainId) external view returns (bool) {
        return chainId == block.chainid;
    }

    /// @notice Older name.
    function sharedBridge() external view returns (address) {
        return assetRouter;
    }

    function _takeBaseToken(uint256 chainId, uint256 amount) private {
        IL1AssetRouter(assetRouter).bridgehubDepositBaseToken{ value: amount }(
            chainId, baseTokenAssetId[chainId], msg.sender, amount
        );
    }

    /// @dev Refunds go to whoever called the hub unless they say otherwise, never to the bridge.
    function _send(uint256 chainId, BridgehubL2TransactionRequest memory request, address refundRecipient)
        private
        returns (bytes32)
    {
        request.refundRecipient = AddressAliasHelper.actualRefundRecipient(refundRecipient, msg.sender);
        return ZkSyncMailbox(getZKChain[chainId]).bridgehubRequestL2Transaction(request);
    }
}
