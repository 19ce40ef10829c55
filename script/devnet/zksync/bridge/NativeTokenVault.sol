// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import { Controlled } from "../Controlled.sol";
import { BridgeData } from "./BridgeData.sol";
import { BridgedToken } from "./BridgedToken.sol";
import { SafeTransfer } from "./SafeTransfer.sol";
import { EmptyToken } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/L1BridgeContractErrors.sol";
import {
    IAssetRouterBase
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import { IAssetHandler } from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IAssetHandler.sol";
import {
    AddressMismatch,
    AmountMustBeGreaterThanZero,
    AssetIdAlreadyRegistered,
    AssetIdMismatch,
    DeployingBridgedTokenForNativeToken,
    EmptyDeposit,
    NonEmptyMsgValue,
    TokensWithFeesNotSupported,
    Unauthorized,
    ValueMismatch,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";

/// @title Keeps a chain's own tokens while they are elsewhere, and makes stand-ins for tokens of the other chain
/// @notice For local chains only. Only the asset router moves assets. ABI, formats, checks and errors are the deployed vault's; a
/// stand-in is a contract of its own here, not a beacon proxy, so its address differs from the one on Era.
abstract contract NativeTokenVault is Controlled, IAssetHandler {
    using SafeTransfer for IERC20;

    /// @notice Chain on which an asset's token was born; 0 for an asset that was never here.
    mapping(bytes32 asset => uint256 chainId) public originChainId;
    mapping(bytes32 asset => address token) public tokenAddress;
    mapping(address token => bytes32 asset) public assetId;

    modifier onlyAssetRouter() {
        require(msg.sender == address(ASSET_ROUTER()), Unauthorized(msg.sender));
        _;
    }

    // The deployed contract's names.
    // solhint-disable func-name-mixedcase
    function ASSET_ROUTER() public view virtual returns (IAssetRouterBase);
    function L1_CHAIN_ID() public view virtual returns (uint256);
    function BASE_TOKEN_ASSET_ID() public view virtual returns (bytes32);
    // solhint-enable func-name-mixedcase

    // ── tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function registerToken(address nativeToken) external {
        _register(nativeToken);
    }

    function ensureTokenIsRegistered(address nativeToken) public returns (bytes32) {
        bytes32 asset = assetId[nativeToken];
        return asset == bytes32(0) ? _register(nativeToken) : asset;
    }

    function tryRegisterTokenFromBurnData(bytes calldata burnData, bytes32 expectedAssetId) external {
        (,, address token) = BridgeData.decodeBurn(burnData);
        require(token != address(0), ZeroAddress());
        bytes32 asset = _register(token);
        require(asset == expectedAssetId, AssetIdMismatch(expectedAssetId, asset));
    }

    function getERC20Getters(address token, uint256 chainId) public view returns (bytes memory) {
        return BridgeData.tokenDataOf(token, chainId);
    }

    function tokenDataOriginChainId(bytes calldata tokenData) public view returns (uint256 chainId) {
        (chainId,,,) = BridgeData.decodeTokenData(tokenData);
        if (chainId == 0) chainId = L1_CHAIN_ID();
    }

    /// @notice Address that the stand-in for `originToken` has or will have.
    function calculateCreate2TokenAddress(uint256 chainId, address originToken) public view returns (address) {
        bytes32 code = keccak256(type(BridgedToken).creationCode);
        return address(
            uint160(
                uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), _salt(chainId, originToken), code)))
            )
        );
    }

    // ── moving assets ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @inheritdoc IAssetHandler
    function bridgeMint(uint256 chainId, bytes32 asset, bytes calldata data)
        external
        payable
        onlyAssetRouter
        whenNotPaused
    {
        require(msg.value == 0, NonEmptyMsgValue());
        BridgeData.Mint memory mint = BridgeData.decodeMint(data);
        if (originChainId[asset] == block.chainid) {
            _decreaseChainBalance(chainId, asset, mint.amount, true);
            _pay(asset, mint.receiver, mint.amount);
        } else {
            address token = tokenAddress[asset];
            if (token == address(0)) token = this.deployStandIn(asset, mint.originToken, mint.tokenData);
            _decreaseChainBalance(chainId, asset, mint.amount, false);
            BridgedToken(token).bridgeMint(mint.receiver, mint.amount);
        }
        emit BridgeMint(chainId, asset, mint.receiver, mint.amount);
    }

    /// @inheritdoc IAssetHandler
    function bridgeBurn(uint256 chainId, uint256 l2Value, bytes32 asset, address caller, bytes calldata data)
        external
        payable
        onlyAssetRouter
        whenNotPaused
        returns (bytes memory)
    {
        require(l2Value == 0, NonEmptyMsgValue());
        (uint256 amount, address receiver, address token) = BridgeData.decodeBurn(data);
        if (token == address(0)) token = tokenAddress[asset];
        require(token != address(0), ZeroAddress());
        require(assetId[token] == asset, AssetIdMismatch(assetId[token], asset));

        bool isNative = originChainId[asset] == block.chainid;
        if (isNative) _take(chainId, asset, token, caller, amount);
        else _burn(chainId, asset, token, caller, amount);

        emit BridgeBurn(chainId, asset, caller, receiver, amount);
        return BridgeData.encodeMint(
            BridgeData.Mint({
                originalCaller: caller,
                receiver: receiver,
                originToken: isNative ? token : BridgedToken(token).originToken(),
                amount: amount,
                tokenData: BridgeData.tokenDataOf(token, originChainId[asset])
            })
        );
    }

    /// @notice Only for the vault itself, whose token data lies in memory.
    function deployStandIn(bytes32 asset, address originToken, bytes calldata tokenData) external returns (address) {
        require(msg.sender == address(this), Unauthorized(msg.sender));
        uint256 chainId = tokenDataOriginChainId(tokenData);
        bytes32 expected = BridgeData.assetIdOf(chainId, originToken);
        require(asset == expected, AssetIdMismatch(expected, asset));
        require(chainId != block.chainid, DeployingBridgedTokenForNativeToken());

        BridgedToken token = new BridgedToken{ salt: _salt(chainId, originToken) }();
        address foreseen = calculateCreate2TokenAddress(chainId, originToken);
        require(address(token) == foreseen, AddressMismatch(foreseen, address(token)));
        token.bridgeInitialize(asset, originToken, tokenData);
        tokenAddress[asset] = address(token);
        assetId[address(token)] = asset;
        originChainId[asset] = chainId;
        return address(token);
    }

    function _take(uint256 chainId, bytes32 asset, address token, address caller, uint256 amount) private {
        if (asset == BASE_TOKEN_ASSET_ID()) {
            require(amount == msg.value, ValueMismatch(amount, msg.value));
        } else {
            require(msg.value == 0, NonEmptyMsgValue());
            if (!_takenByRouter(asset, amount, caller)) {
                uint256 before = IERC20(token).balanceOf(address(this));
                IERC20(token).safeTransferFrom(caller, address(this), amount);
                require(IERC20(token).balanceOf(address(this)) - before == amount, TokensWithFeesNotSupported());
            }
        }
        _increaseChainBalance(chainId, asset, amount, true);
        require(amount > 0, EmptyDeposit());
    }

    function _burn(uint256 chainId, bytes32 asset, address token, address caller, uint256 amount) private {
        require(msg.value == 0, NonEmptyMsgValue());
        require(amount > 0, AmountMustBeGreaterThanZero());
        BridgedToken(token).bridgeBurn(caller, amount);
        _increaseChainBalance(chainId, asset, amount, false);
    }

    function _register(address token) private returns (bytes32) {
        require(token.code.length > 0, EmptyToken());
        require(assetId[token] == bytes32(0), AssetIdAlreadyRegistered());
        return _registerUnchecked(token);
    }

    function _registerUnchecked(address token) internal returns (bytes32 asset) {
        asset = BridgeData.assetIdOf(block.chainid, token);
        tokenAddress[asset] = token;
        assetId[token] = asset;
        originChainId[asset] = block.chainid;
        ASSET_ROUTER().setAssetHandlerAddressThisChain(bytes32(uint256(uint160(token))), address(this));
    }

    function _salt(uint256 chainId, address token) private pure returns (bytes32) {
        return keccak256(abi.encode(chainId, token));
    }

    /// @dev Pays out an asset that is at home here.
    function _pay(bytes32 asset, address to, uint256 amount) internal virtual {
        IERC20(tokenAddress[asset]).safeTransfer(to, amount);
    }

    /// @dev On Ethereum an allowance to the router, older than the vault, is good as well.
    function _takenByRouter(bytes32 asset, uint256 amount, address caller) internal virtual returns (bool) { }
    function _increaseChainBalance(uint256 chainId, bytes32 asset, uint256 amount, bool isNative) internal virtual { }
    function _decreaseChainBalance(uint256 chainId, bytes32 asset, uint256 amount, bool isNative) internal virtual { }
}
