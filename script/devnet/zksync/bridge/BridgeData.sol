// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {
    LEGACY_ENCODING_VERSION,
    NEW_ENCODING_VERSION
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/asset-router/IAssetRouterBase.sol";
import { ETH_TOKEN_ADDRESS } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    InvalidNTVBurnData,
    UnsupportedEncodingVersion
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    L2_NATIVE_TOKEN_VAULT_ADDR
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/l2-helpers/L2ContractAddresses.sol";

/// @title Formats that the two ends of zkSync's asset bridge exchange
/// @notice For local chains only.
///
/// | data | content |
/// |---|---|
/// | asset id | `keccak256(abi.encode(origin chain id, 0x10004, token))` |
/// | burn data | `abi.encode(amount, receiver, token or 0)`: what a sender asks for |
/// | mint data | `abi.encode(sender, receiver, token on its origin, amount, token data)`: what the other end executes |
/// | token data | `0x01 ‖ abi.encode(origin chain id, name, symbol, decimals)`, the last three as the token returned them |
library BridgeData {
    struct Mint {
        address originalCaller;
        address receiver;
        address originToken;
        uint256 amount;
        bytes tokenData;
    }

    function assetIdOf(uint256 chainId, address token) internal pure returns (bytes32) {
        return keccak256(abi.encode(chainId, L2_NATIVE_TOKEN_VAULT_ADDR, token));
    }

    function encodeBurn(uint256 amount, address receiver, address token) internal pure returns (bytes memory) {
        return abi.encode(amount, receiver, token);
    }

    function decodeBurn(bytes memory data) internal pure returns (uint256 amount, address receiver, address token) {
        require(data.length == 96, InvalidNTVBurnData());
        return abi.decode(data, (uint256, address, address));
    }

    function encodeMint(Mint memory mint) internal pure returns (bytes memory) {
        return abi.encode(mint.originalCaller, mint.receiver, mint.originToken, mint.amount, mint.tokenData);
    }

    function decodeMint(bytes memory data) internal pure returns (Mint memory mint) {
        (mint.originalCaller, mint.receiver, mint.originToken, mint.amount, mint.tokenData) =
            abi.decode(data, (address, address, address, uint256, bytes));
    }

    /// @notice What a token says of itself; what it does not say stays empty.
    function tokenDataOf(address token, uint256 originChainId) internal view returns (bytes memory) {
        if (token == ETH_TOKEN_ADDRESS) {
            return _tokenData(originChainId, abi.encode("Ether"), abi.encode("ETH"), abi.encode(uint8(18)));
        }
        return _tokenData(
            originChainId,
            _ask(token, abi.encodeCall(IERC20Metadata.name, ())),
            _ask(token, abi.encodeCall(IERC20Metadata.symbol, ())),
            _ask(token, abi.encodeCall(IERC20Metadata.decimals, ()))
        );
    }

    function decodeTokenData(bytes calldata data)
        internal
        pure
        returns (uint256 originChainId, bytes memory name, bytes memory symbol, bytes memory decimals)
    {
        if (data[0] == LEGACY_ENCODING_VERSION) {
            (name, symbol, decimals) = abi.decode(data, (bytes, bytes, bytes));
            return (0, name, symbol, decimals);
        }
        require(data[0] == NEW_ENCODING_VERSION, UnsupportedEncodingVersion());
        return abi.decode(data[1:], (uint256, bytes, bytes, bytes));
    }

    /// @notice What L1Nullifier keeps of a deposit, so that a failed one can be claimed back.
    /// @param token on this chain; only the older encoding looks at it
    function depositHash(bytes1 version, address caller, bytes32 assetId, address token, bytes memory burnData)
        internal
        pure
        returns (bytes32)
    {
        if (version == LEGACY_ENCODING_VERSION) {
            (uint256 amount,,) = decodeBurn(burnData);
            return keccak256(abi.encode(caller, token, amount));
        }
        require(version == NEW_ENCODING_VERSION, UnsupportedEncodingVersion());
        return keccak256(bytes.concat(version, abi.encode(caller, assetId, burnData)));
    }

    function _tokenData(uint256 chainId, bytes memory name, bytes memory symbol, bytes memory decimals)
        private
        pure
        returns (bytes memory)
    {
        return bytes.concat(NEW_ENCODING_VERSION, abi.encode(chainId, name, symbol, decimals));
    }

    function _ask(address token, bytes memory question) private view returns (bytes memory) {
        (bool success, bytes memory answer) = token.staticcall(question);
        return success ? answer : bytes("");
    }
}
