// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IAssetRouterBase
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import { ETH_TOKEN_ADDRESS } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import { AssetIdNotSupported } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_ASSET_ROUTER_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

import { BridgeData } from "./BridgeData.sol";
import { L2AssetRouter } from "./L2AssetRouter.sol";
import { NativeTokenVault } from "./NativeTokenVault.sol";

/// @title Vault on zkSync: makes and burns stand-ins for tokens of Ethereum
/// @notice For local chains only; its code belongs at 0x10004. Its settings are the router's.
contract L2NativeTokenVault is NativeTokenVault {
    // The deployed contract's names.
    // solhint-disable func-name-mixedcase, var-name-mixedcase
    address public constant WETH_TOKEN = address(0);
    /// @notice Bridge older than this one: there is none.
    address public constant L2_LEGACY_SHARED_BRIDGE = address(0);

    function ASSET_ROUTER() public pure override returns (IAssetRouterBase) {
        return IAssetRouterBase(L2_ASSET_ROUTER_ADDR);
    }

    function L1_CHAIN_ID() public view override returns (uint256) {
        return L2AssetRouter(L2_ASSET_ROUTER_ADDR).L1_CHAIN_ID();
    }

    function BASE_TOKEN_ASSET_ID() public view override returns (bytes32) {
        return BridgeData.assetIdOf(L1_CHAIN_ID(), ETH_TOKEN_ADDRESS);
    }

    // solhint-enable func-name-mixedcase, var-name-mixedcase

    /// @notice The stand-in for a token of Ethereum, 0 while there is none.
    function l2TokenAddress(address l1Token) external view returns (address) {
        return tokenAddress[BridgeData.assetIdOf(L1_CHAIN_ID(), l1Token)];
    }

    function _pay(bytes32 asset, address to, uint256 amount) internal override {
        require(asset != BASE_TOKEN_ASSET_ID(), AssetIdNotSupported(asset));
        super._pay(asset, to, amount);
    }
}
