// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IAssetRouterBase
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import { IAssetHandler } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IAssetHandler.sol";
import {
    INativeTokenVault
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/ntv/INativeTokenVault.sol";
import { Unauthorized } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_NATIVE_TOKEN_VAULT_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

import { Controlled } from "../Controlled.sol";

/// @title What zkSync's asset routers on both chains share: who handles which asset
/// @notice For local chains only. An asset that nobody registered goes to the vault.
abstract contract AssetRouter is Controlled {
    mapping(bytes32 asset => address handler) public assetHandlerAddress;
    mapping(bytes32 asset => address tracker) public assetDeploymentTracker;

    /// @notice Registers `handler` for an asset of the caller's; the asset id is made of chain, caller and `registrationData`.
    function setAssetHandlerAddressThisChain(bytes32 registrationData, address handler) external {
        bool isVault = msg.sender == _vault();
        bytes32 asset =
            keccak256(abi.encode(block.chainid, isVault ? L2_NATIVE_TOKEN_VAULT_ADDR : msg.sender, registrationData));
        require(isVault || msg.sender == assetDeploymentTracker[asset], Unauthorized(msg.sender));
        _setAssetHandler(asset, handler);
        assetDeploymentTracker[asset] = msg.sender;
        emit IAssetRouterBase.AssetDeploymentTrackerRegistered(asset, registrationData, msg.sender);
    }

    function _setAssetHandler(bytes32 asset, address handler) internal {
        assetHandlerAddress[asset] = handler;
        emit IAssetRouterBase.AssetHandlerRegistered(asset, handler);
    }

    /// @dev The other chain's router sent it; proof or alias were checked.
    function _mint(uint256 chainId, bytes32 asset, bytes memory mintData) internal {
        if (assetHandlerAddress[asset] == address(0)) _setAssetHandler(asset, _vault());
        IAssetHandler(assetHandlerAddress[asset]).bridgeMint{ value: msg.value }(chainId, asset, mintData);
        emit IAssetRouterBase.DepositFinalizedAssetRouter(chainId, asset, mintData);
    }

    /// @return mintData for the other chain
    function _burn(
        uint256 chainId,
        uint256 l2Value,
        bytes32 asset,
        address caller,
        bytes memory burnData,
        uint256 value
    ) internal returns (bytes memory mintData) {
        if (assetHandlerAddress[asset] == address(0)) {
            INativeTokenVault(_vault()).tryRegisterTokenFromBurnData(burnData, asset);
        }
        address handler = assetHandlerAddress[asset];
        return IAssetHandler(handler == address(0) ? _vault() : handler).bridgeBurn{ value: value }(
            chainId, l2Value, asset, caller, burnData
        );
    }

    function _vault() internal view virtual returns (address);
}
