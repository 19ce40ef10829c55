// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IAssetRouterBase
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import {
    IL2AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL2AssetRouter.sol";
import { ETH_TOKEN_ADDRESS } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import { EmptyAddress } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    AddressAlreadySet,
    AmountMustBeGreaterThanZero,
    AssetIdNotSupported,
    InvalidCaller,
    TokenNotLegacy
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_BRIDGEHUB_ADDR,
    L2_NATIVE_TOKEN_VAULT_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";

import { L1Messenger } from "../L1Messenger.sol";
import { AssetRouter } from "./AssetRouter.sol";
import { BridgeData } from "./BridgeData.sol";
import { BridgedToken } from "./BridgedToken.sol";
import { L2NativeTokenVault } from "./L2NativeTokenVault.sol";

/// @title Asset router on zkSync: mints what the router on Ethereum sends, and sends back what is burnt
/// @notice For local chains only; its code belongs at 0x10003, and whoever sets the chain up calls `initialize` once. The deployed one has
/// its settings in the code.
contract L2AssetRouter is AssetRouter {
    L1Messenger private constant MESSENGER = L1Messenger(address(0x8008));
    L2NativeTokenVault private constant VAULT = L2NativeTokenVault(L2_NATIVE_TOKEN_VAULT_ADDR);

    // The deployed contract's names.
    // solhint-disable var-name-mixedcase
    uint256 public L1_CHAIN_ID;
    uint256 public ERA_CHAIN_ID;
    address public L1_ASSET_ROUTER;
    bytes32 public BASE_TOKEN_ASSET_ID;
    address public constant BRIDGE_HUB = L2_BRIDGEHUB_ADDR;
    /// @notice Bridge older than this one: there is none.
    address public constant L2_LEGACY_SHARED_BRIDGE = address(0);
    // solhint-enable var-name-mixedcase

    modifier onlyCounterpart() {
        require(AddressAliasHelper.undoL1ToL2Alias(msg.sender) == L1_ASSET_ROUTER, InvalidCaller(msg.sender));
        _;
    }

    /// @notice Not in the deployed contract.
    function initialize(address owner_, uint256 l1ChainId, uint256 eraChainId, address l1AssetRouter) external {
        require(l1AssetRouter != address(0), EmptyAddress());
        require(L1_ASSET_ROUTER == address(0), AddressAlreadySet(L1_ASSET_ROUTER));
        L1_CHAIN_ID = l1ChainId;
        ERA_CHAIN_ID = eraChainId;
        L1_ASSET_ROUTER = l1AssetRouter;
        BASE_TOKEN_ASSET_ID = BridgeData.assetIdOf(l1ChainId, ETH_TOKEN_ADDRESS);
        _setOwner(owner_);
        _setAssetHandler(BASE_TOKEN_ASSET_ID, L2_NATIVE_TOKEN_VAULT_ADDR);
    }

    // ── from Ethereum ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function finalizeDeposit(uint256, bytes32 asset, bytes calldata mintData)
        external
        payable
        onlyCounterpart
        nonReentrant
    {
        _receive(asset, mintData);
    }

    /// @notice Older form, for tokens of Ethereum.
    function finalizeDeposit(address sender, address receiver, address token, uint256 amount, bytes calldata tokenData)
        external
        payable
        onlyCounterpart
        nonReentrant
    {
        BridgeData.Mint memory mint = BridgeData.Mint(sender, receiver, token, amount, tokenData);
        _receive(BridgeData.assetIdOf(L1_CHAIN_ID, token), BridgeData.encodeMint(mint));
    }

    function setAssetHandlerAddress(uint256 originChainId, bytes32 asset, address handler) external onlyCounterpart {
        require(originChainId == L1_CHAIN_ID, InvalidCaller(msg.sender));
        _setAssetHandler(asset, handler);
    }

    // ── to Ethereum ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @param burnData see BridgeData
    function withdraw(bytes32 asset, bytes memory burnData) external nonReentrant returns (bytes32) {
        return _send(asset, burnData);
    }

    /// @notice Older form, for tokens of Ethereum.
    function withdraw(address l1Receiver, address l2Token, uint256 amount) external nonReentrant {
        require(amount > 0, AmountMustBeGreaterThanZero());
        address l1Token = l1TokenAddress(l2Token);
        require(l1Token != address(0), TokenNotLegacy());
        _send(BridgeData.assetIdOf(L1_CHAIN_ID, l1Token), BridgeData.encodeBurn(amount, l1Receiver, l2Token));
    }

    // ── addresses ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function l1Bridge() external view returns (address) {
        return L1_ASSET_ROUTER;
    }

    function l1TokenAddress(address l2Token) public view returns (address) {
        bytes32 asset = VAULT.assetId(l2Token);
        if (asset == bytes32(0) || VAULT.originChainId(asset) != L1_CHAIN_ID) return address(0);
        return BridgedToken(l2Token).originToken();
    }

    /// @notice Where the stand-in for `l1Token` is, or will be.
    function l2TokenAddress(address l1Token) external view returns (address) {
        address token = VAULT.l2TokenAddress(l1Token);
        return token == address(0) ? VAULT.calculateCreate2TokenAddress(L1_CHAIN_ID, l1Token) : token;
    }

    function _receive(bytes32 asset, bytes memory mintData) private {
        require(asset != BASE_TOKEN_ASSET_ID, AssetIdNotSupported(BASE_TOKEN_ASSET_ID));
        _mint(L1_CHAIN_ID, asset, mintData);
    }

    function _send(bytes32 asset, bytes memory burnData) private returns (bytes32 messageHash) {
        bytes memory mintData = _burn(L1_CHAIN_ID, 0, asset, msg.sender, burnData, 0);
        messageHash = MESSENGER.sendToL1(
            abi.encodePacked(IAssetRouterBase.finalizeDeposit.selector, block.chainid, asset, mintData)
        );
        emit IL2AssetRouter.WithdrawalInitiatedAssetRouter(L1_CHAIN_ID, msg.sender, asset, burnData);
    }

    function _vault() internal pure override returns (address) {
        return L2_NATIVE_TOKEN_VAULT_ADDR;
    }
}
