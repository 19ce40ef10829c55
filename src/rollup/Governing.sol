// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_TOKEN_ID } from "../generated/Params.sol";
import { IGoverned } from "../interfaces/IGoverned.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { Roles } from "./Roles.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title What the admin and the governor set
abstract contract Governing is RollupStorage, Roles, IGoverned {
    /// @inheritdoc IGoverned
    function registerToken(uint32 token, address tokenAddress_) external onlyRole(GOVERNOR_ROLE) {
        if (token <= NATIVE_TOKEN || token > MAX_TOKEN_ID) {
            revert TokenIdOutOfRange(NATIVE_TOKEN + 1, MAX_TOKEN_ID, token);
        }
        if (tokenAddress_ == address(0)) revert ZeroAddress();
        // Never renamed: leaves of the state tree hold the id.
        if (tokenAddress[token] != address(0)) revert TokenAlreadyRegistered(token, tokenAddress[token]);
        if (_tokenOf[tokenAddress_] != 0) revert TokenAlreadyRegistered(_tokenOf[tokenAddress_], tokenAddress_);
        tokenAddress[token] = tokenAddress_;
        _tokenOf[tokenAddress_] = token;
        emit TokenRegistered(token, tokenAddress_);
    }

    /// @inheritdoc IGoverned
    function setGateway(address gateway_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (gateway_ == address(0)) revert ZeroAddress();
        if (gateway != address(0)) revert GatewayAlreadySet(gateway);
        gateway = gateway_;
        emit GatewaySet(gateway_);
    }

    /// @inheritdoc IGoverned
    function setTimestampTolerances(uint32 past, uint32 future) external onlyRole(GOVERNOR_ROLE) {
        timestampPastTolerance = past;
        timestampFutureTolerance = future;
        emit TimestampTolerancesSet(past, future);
    }
}
