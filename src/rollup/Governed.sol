// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AccessControlUpgradeable } from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import { UUPSUpgradeable } from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

import { FIELD_ORDER, MAX_CHAINS, MAX_TOKEN_ID } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { InitializeParameters } from "../types/InitializeParameters.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Roles, initialization, tokens, upgrades
/// @notice DEFAULT_ADMIN_ROLE (a timelock outside development) upgrades, grants roles and names the gateway once. GOVERNOR_ROLE registers tokens and
/// sets the timestamp tolerances. VALIDATOR_ROLE commits and reverts blocks. Everything else is open to anyone.
abstract contract Governed is RollupStorage, AccessControlUpgradeable, UUPSUpgradeable {
    bytes32 public constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");
    bytes32 public constant VALIDATOR_ROLE = keccak256("VALIDATOR_ROLE");

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IRollup
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

    /// @inheritdoc IRollup
    function setGateway(address gateway_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (gateway_ == address(0)) revert ZeroAddress();
        if (gateway != address(0)) revert GatewayAlreadySet(gateway);
        gateway = gateway_;
        emit GatewaySet(gateway_);
    }

    /// @inheritdoc IRollup
    function setTimestampTolerances(uint40 past, uint40 future) external onlyRole(GOVERNOR_ROLE) {
        _setTimestampTolerances(past, future);
    }

    function _initialize(InitializeParameters calldata parameters) internal onlyInitializing {
        if (parameters.admin == address(0) || parameters.governor == address(0) || parameters.validator == address(0)) {
            revert ZeroAddress();
        }
        if (parameters.chainCount > MAX_CHAINS) revert TooManyChains(MAX_CHAINS, parameters.chainCount);
        if (parameters.chainIndex >= parameters.chainCount) {
            revert UnknownChainIndex(parameters.chainCount, parameters.chainIndex);
        }
        if (parameters.deploymentId >= FIELD_ORDER) revert DeploymentIdNotInField(parameters.deploymentId);

        _grantRole(DEFAULT_ADMIN_ROLE, parameters.admin);
        _grantRole(GOVERNOR_ROLE, parameters.governor);
        _grantRole(VALIDATOR_ROLE, parameters.validator);
        deploymentId = parameters.deploymentId;
        chainIndex = parameters.chainIndex;
        chainCount = parameters.chainCount;
        _queue.expiration = parameters.priorityExpiration;
        _deployedAtBlock = uint64(block.number);
        _setTimestampTolerances(parameters.timestampPastTolerance, parameters.timestampFutureTolerance);
        storedBlockHash[0] = _hash(_genesisBlock());
    }

    function _authorizeUpgrade(address) internal override onlyRole(DEFAULT_ADMIN_ROLE) { }

    function _setTimestampTolerances(uint40 past, uint40 future) private {
        timestampPastTolerance = past;
        timestampFutureTolerance = future;
        emit TimestampTolerancesSet(past, future);
    }
}
