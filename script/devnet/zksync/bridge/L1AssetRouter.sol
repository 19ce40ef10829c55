// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {
    NativeTokenVaultAlreadySet
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/L1BridgeContractErrors.sol";
import {
    IAssetRouterBase,
    LEGACY_ENCODING_VERSION,
    NEW_ENCODING_VERSION
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import {
    IL1AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL1AssetRouter.sol";
import { IAssetHandler } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IAssetHandler.sol";
import { IL1Nullifier } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1Nullifier.sol";
import {
    IL2SharedBridgeLegacyFunctions
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL2SharedBridgeLegacyFunctions.sol";
import {
    IBridgehub,
    L2TransactionRequestTwoBridgesInner
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    ETH_TOKEN_ADDRESS,
    TWO_BRIDGES_MAGIC_VALUE
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    AssetHandlerDoesNotExist,
    AssetIdNotSupported,
    LegacyEncodingUsedForNonL1Token,
    TokensWithFeesNotSupported,
    Unauthorized,
    UnsupportedEncodingVersion,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_ASSET_ROUTER_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

import { AssetRouter } from "./AssetRouter.sol";
import { BridgeData } from "./BridgeData.sol";
import { L1NativeTokenVault } from "./L1NativeTokenVault.sol";
import { SafeTransfer } from "./SafeTransfer.sol";

/// @title Asset router on Ethereum: hands deposits to the vault, and what comes back as well
/// @notice For local chains only. Deposits come through the Bridgehub, withdrawals through L1Nullifier, which has proved them. Not here:
/// the bridges older than this one, and assets of other handlers than the vault on the other chain.
contract L1AssetRouter is AssetRouter {
    using SafeTransfer for IERC20;

    // The deployed contract's names.
    // solhint-disable immutable-vars-naming
    IBridgehub public immutable BRIDGE_HUB;
    uint256 public immutable L1_CHAIN_ID = block.chainid;
    uint256 public immutable ERA_CHAIN_ID;
    address public immutable L1_WETH_TOKEN;
    IL1Nullifier public immutable L1_NULLIFIER;
    bytes32 public immutable ETH_TOKEN_ASSET_ID = BridgeData.assetIdOf(block.chainid, ETH_TOKEN_ADDRESS);
    address private immutable _eraChain;
    // solhint-enable immutable-vars-naming

    L1NativeTokenVault public nativeTokenVault;

    modifier onlyNullifier() {
        require(msg.sender == address(L1_NULLIFIER), Unauthorized(msg.sender));
        _;
    }

    modifier onlyBridgehub() {
        require(msg.sender == address(BRIDGE_HUB), Unauthorized(msg.sender));
        _;
    }

    constructor(address owner_, address weth, address bridgehub, address nullifier, uint256 eraChainId, address era) {
        L1_WETH_TOKEN = weth;
        BRIDGE_HUB = IBridgehub(bridgehub);
        L1_NULLIFIER = IL1Nullifier(nullifier);
        ERA_CHAIN_ID = eraChainId;
        _eraChain = era;
        _setOwner(owner_);
    }

    function setNativeTokenVault(L1NativeTokenVault vault) external onlyOwner {
        require(address(nativeTokenVault) == address(0), NativeTokenVaultAlreadySet());
        require(address(vault) != address(0), ZeroAddress());
        nativeTokenVault = vault;
        _setAssetHandler(ETH_TOKEN_ASSET_ID, address(vault));
    }

    // ── deposits ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Takes what a transaction mints of the chain's gas token. Nothing is remembered: a failed transaction refunds it on zkSync.
    function bridgehubDepositBaseToken(uint256 chainId, bytes32 asset, address caller, uint256 amount)
        external
        payable
        whenNotPaused
    {
        bool isEra = chainId == ERA_CHAIN_ID && msg.sender == _eraChain;
        require(msg.sender == address(BRIDGE_HUB) || isEra, Unauthorized(msg.sender));
        address handler = assetHandlerAddress[asset];
        require(handler != address(0), AssetHandlerDoesNotExist(asset));
        IAssetHandler(handler).bridgeBurn{ value: msg.value }(
            chainId, 0, asset, caller, BridgeData.encodeBurn(amount, address(0), address(0))
        );
        emit IAssetRouterBase.BridgehubDepositBaseTokenInitiated(chainId, caller, asset, amount);
    }

    /// @notice Takes a deposit and answers with the transaction that mints it on zkSync.
    /// @param data `0x01 ‖ abi.encode(asset, burn data)` or, older, `abi.encode(token, amount, receiver)`
    function bridgehubDeposit(uint256 chainId, address caller, uint256 value, bytes calldata data)
        external
        payable
        onlyBridgehub
        whenNotPaused
        returns (L2TransactionRequestTwoBridgesInner memory request)
    {
        (bytes1 version, bytes32 asset, bytes memory burnData) = _readDeposit(data);
        require(BRIDGE_HUB.baseTokenAssetId(chainId) != asset, AssetIdNotSupported(asset));
        bytes memory mintData = _burn(chainId, value, asset, caller, burnData, msg.value);
        request.magicValue = TWO_BRIDGES_MAGIC_VALUE;
        request.l2Contract = L2_ASSET_ROUTER_ADDR;
        request.l2Calldata = getDepositCalldata(caller, asset, mintData);
        request.txDataHash =
            BridgeData.depositHash(version, caller, asset, nativeTokenVault.tokenAddress(asset), burnData);
        emit IAssetRouterBase.BridgehubDepositInitiated(chainId, request.txDataHash, caller, asset, mintData);
    }

    /// @notice Tells the nullifier which transaction carries a deposit.
    function bridgehubConfirmL2Transaction(uint256 chainId, bytes32 txDataHash, bytes32 txHash)
        external
        onlyBridgehub
        whenNotPaused
    {
        L1_NULLIFIER.bridgehubConfirmL2TransactionForwarded(chainId, txDataHash, txHash);
    }

    /// @notice Moves a depositor's tokens by an allowance that they gave to this contract instead of the vault.
    function transferFundsToNTV(bytes32 asset, uint256 amount, address caller) external returns (bool) {
        require(msg.sender == address(nativeTokenVault), Unauthorized(msg.sender));
        address token = nativeTokenVault.tokenAddress(asset);
        if (token == address(0) || token == ETH_TOKEN_ADDRESS) return false;
        if (IERC20(token).allowance(caller, address(this)) < amount) return false;
        if (IERC20(token).allowance(caller, msg.sender) >= amount) return false;
        uint256 before = IERC20(token).balanceOf(msg.sender);
        IERC20(token).safeTransferFrom(caller, msg.sender, amount);
        require(IERC20(token).balanceOf(msg.sender) - before == amount, TokensWithFeesNotSupported());
        return true;
    }

    /// @notice Calldata of the transaction that mints on zkSync. Tokens of Ethereum keep the older form, which older clients read.
    function getDepositCalldata(address sender, bytes32 asset, bytes memory mintData)
        public
        view
        returns (bytes memory)
    {
        bool isOurs = nativeTokenVault.tokenAddress(asset) != address(0)
            && nativeTokenVault.originChainId(asset) == block.chainid;
        if (!isOurs) return abi.encodeCall(IAssetRouterBase.finalizeDeposit, (block.chainid, asset, mintData));
        BridgeData.Mint memory mint = BridgeData.decodeMint(mintData);
        return abi.encodeCall(
            IL2SharedBridgeLegacyFunctions.finalizeDeposit,
            (sender, mint.receiver, mint.originToken, mint.amount, mint.tokenData)
        );
    }

    // ── withdrawals ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    function finalizeDeposit(uint256 chainId, bytes32 asset, bytes calldata mintData) external payable onlyNullifier {
        _mint(chainId, asset, mintData);
    }

    /// @notice Older entry point; see L1Nullifier.
    function finalizeWithdrawal(
        uint256 chainId,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes calldata message,
        bytes32[] calldata proof
    ) external {
        L1_NULLIFIER.finalizeWithdrawal(chainId, batchNumber, index, txNumberInBatch, message, proof);
    }

    function isWithdrawalFinalized(uint256 chainId, uint256 batchNumber, uint256 index) external view returns (bool) {
        return L1_NULLIFIER.isWithdrawalFinalized(chainId, batchNumber, index);
    }

    // ── deposits that failed on zkSync ────────────────────────────────────────────────────────────────────────────────────────

    function bridgeRecoverFailedTransfer(uint256 chainId, address depositor, bytes32 asset, bytes calldata burnData)
        external
        onlyNullifier
        nonReentrant
        whenNotPaused
    {
        L1NativeTokenVault(payable(assetHandlerAddress[asset]))
            .bridgeRecoverFailedTransfer(chainId, asset, depositor, burnData);
        emit IL1AssetRouter.ClaimedFailedDepositAssetRouter(chainId, asset, burnData);
    }

    function bridgeRecoverFailedTransfer(
        uint256 chainId,
        address depositor,
        bytes32 asset,
        bytes calldata burnData,
        bytes32 txHash,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes32[] calldata proof
    ) external {
        L1_NULLIFIER.bridgeRecoverFailedTransfer(
            chainId, depositor, asset, burnData, txHash, batchNumber, index, txNumberInBatch, proof
        );
    }

    /// @notice Older entry point; see L1Nullifier.
    function claimFailedDeposit(
        uint256 chainId,
        address depositor,
        address l1Token,
        uint256 amount,
        bytes32 txHash,
        uint256 batchNumber,
        uint256 index,
        uint16 txNumberInBatch,
        bytes32[] calldata proof
    ) external {
        L1_NULLIFIER.claimFailedDeposit(
            chainId, depositor, l1Token, amount, txHash, batchNumber, index, txNumberInBatch, proof
        );
    }

    function _readDeposit(bytes calldata data) private returns (bytes1 version, bytes32 asset, bytes memory burnData) {
        version = data[0];
        if (version == NEW_ENCODING_VERSION) {
            (asset, burnData) = abi.decode(data[1:], (bytes32, bytes));
            return (version, asset, burnData);
        }
        require(version == LEGACY_ENCODING_VERSION, UnsupportedEncodingVersion());
        (address token, uint256 amount, address receiver) = abi.decode(data, (address, uint256, address));
        asset = nativeTokenVault.ensureTokenIsRegistered(token);
        require(asset == BridgeData.assetIdOf(block.chainid, token), LegacyEncodingUsedForNonL1Token());
        if (asset == ETH_TOKEN_ASSET_ID && amount == 0) amount = msg.value;
        burnData = BridgeData.encodeBurn(amount, receiver, token);
    }

    function _vault() internal view override returns (address) {
        return address(nativeTokenVault);
    }
}
