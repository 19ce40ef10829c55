// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {
    ClaimFailedDepositFailed
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/L1BridgeContractErrors.sol";
import {
    IAssetRouterBase
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import {
    IL1AssetRouter
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IL1AssetRouter.sol";
import { ETH_TOKEN_ADDRESS } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    InsufficientChainBalance,
    NoFundsTransferred,
    NonEmptyMsgValue,
    Unauthorized,
    WithdrawFailed
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";

import { BridgeData } from "./BridgeData.sol";
import { BridgedToken } from "./BridgedToken.sol";
import { NativeTokenVault } from "./NativeTokenVault.sol";
import { SafeTransfer } from "./SafeTransfer.sol";

/// @title Vault on Ethereum: holds the ETH and the tokens that are on zkSync chains
/// @notice For local chains only. A chain never gets more of an asset than was brought to it.
contract L1NativeTokenVault is NativeTokenVault {
    using SafeTransfer for IERC20;

    // The deployed contract's names.
    // solhint-disable immutable-vars-naming
    address public immutable WETH_TOKEN;
    address public immutable L1_NULLIFIER;
    address private immutable _router;
    // solhint-enable immutable-vars-naming

    mapping(uint256 chainId => mapping(bytes32 asset => uint256 balance)) public chainBalance;

    constructor(address owner_, address weth, address router, address nullifier) {
        WETH_TOKEN = weth;
        _router = router;
        L1_NULLIFIER = nullifier;
        _setOwner(owner_);
    }

    receive() external payable {
        require(msg.sender == L1_NULLIFIER, Unauthorized(msg.sender));
    }

    function registerEthToken() external {
        _registerUnchecked(ETH_TOKEN_ADDRESS);
    }

    /// @notice Gives a deposit back whose transaction failed on zkSync. The nullifier has proved that.
    function bridgeRecoverFailedTransfer(uint256 chainId, bytes32 asset, address depositor, bytes calldata data)
        external
        payable
        onlyAssetRouter
        whenNotPaused
    {
        require(msg.value == 0, NonEmptyMsgValue());
        (uint256 amount,,) = BridgeData.decodeBurn(data);
        require(amount > 0, NoFundsTransferred());
        _decreaseChainBalance(chainId, asset, amount, false);
        address token = tokenAddress[asset];
        if (token == ETH_TOKEN_ADDRESS) {
            (bool success,) = depositor.call{ value: amount }("");
            require(success, ClaimFailedDepositFailed());
        } else if (originChainId[asset] == block.chainid) {
            IERC20(token).safeTransfer(depositor, amount);
        } else {
            BridgedToken(token).bridgeMint(depositor, amount);
        }
    }

    // solhint-disable func-name-mixedcase
    function ASSET_ROUTER() public view override returns (IAssetRouterBase) {
        return IAssetRouterBase(_router);
    }

    function L1_CHAIN_ID() public view override returns (uint256) {
        return block.chainid;
    }

    /// @notice Here the native coin, whichever token pays for gas on a zkSync chain.
    function BASE_TOKEN_ASSET_ID() public view override returns (bytes32) {
        return BridgeData.assetIdOf(block.chainid, ETH_TOKEN_ADDRESS);
    }

    // solhint-enable func-name-mixedcase

    function _pay(bytes32 asset, address to, uint256 amount) internal override {
        if (asset != BASE_TOKEN_ASSET_ID()) return super._pay(asset, to, amount);
        (bool success,) = to.call{ value: amount }("");
        require(success, WithdrawFailed());
    }

    function _takenByRouter(bytes32 asset, uint256 amount, address caller) internal override returns (bool) {
        return IL1AssetRouter(_router).transferFundsToNTV(asset, amount, caller);
    }

    function _increaseChainBalance(uint256 chainId, bytes32 asset, uint256 amount, bool isNative) internal override {
        if (!_isHome(chainId, asset, isNative)) chainBalance[chainId][asset] += amount;
    }

    function _decreaseChainBalance(uint256 chainId, bytes32 asset, uint256 amount, bool isNative) internal override {
        if (_isHome(chainId, asset, isNative)) return;
        require(chainBalance[chainId][asset] >= amount, InsufficientChainBalance());
        chainBalance[chainId][asset] -= amount;
    }

    /// @dev A chain may make as much as it likes of its own tokens.
    function _isHome(uint256 chainId, bytes32 asset, bool isNative) private view returns (bool) {
        return !isNative && originChainId[asset] == chainId;
    }
}
