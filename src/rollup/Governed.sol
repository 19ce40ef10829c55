// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AccessControlUpgradeable } from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import { UUPSUpgradeable } from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

import { FIELD_ORDER, GENESIS_ROOT, MAX_CHAINS, MAX_TOKEN_ID } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { OnchainData } from "../libraries/OnchainData.sol";
import { SyncHash } from "../libraries/SyncHash.sol";
import { StoredBlock } from "../types/Block.sol";
import { InitializeParameters } from "../types/InitializeParameters.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { Stage } from "./Stage.sol";

/// @title Roles, initialization, tokens, upgrades
/// @notice DEFAULT_ADMIN_ROLE (a timelock outside development) upgrades, grants roles and names the gateway once. GOVERNOR_ROLE registers tokens and
/// sets the timestamp tolerances. VALIDATOR_ROLE commits and reverts blocks. Everything else is open to anyone.
abstract contract Governed is Stage, AccessControlUpgradeable, UUPSUpgradeable {
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
    function setTimestampTolerances(uint32 past, uint32 future) external onlyRole(GOVERNOR_ROLE) {
        _setTimestampTolerances(past, future);
    }

    function _initialize(InitializeParameters calldata parameters) internal onlyInitializing {
        if (
            parameters.admin == address(0) || parameters.governor == address(0) || parameters.validator == address(0)
                || parameters.verifier == address(0) || parameters.bondReceiver == address(0)
        ) revert ZeroAddress();
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
        verifier = parameters.verifier;
        _queue.expiration = parameters.priorityExpiration;
        _queue.maxOpen = parameters.maxOpenRequests;
        exitBond = parameters.exitBond;
        bondReceiver = parameters.bondReceiver;
        _deployedAtBlock = uint64(block.number);
        _setTimestampTolerances(parameters.timestampPastTolerance, parameters.timestampFutureTolerance);
        storedBlockHash[0] = _hash(_genesisBlock());
    }

    /// @inheritdoc IRollup
    function genesisBlock() external view returns (StoredBlock memory) {
        return _genesisBlock();
    }

    function _genesisBlock() internal view returns (StoredBlock memory) {
        return StoredBlock({
            blockNumber: 0,
            priorityRequestsTotal: 0,
            timestamp: 0,
            finalRoot: GENESIS_ROOT,
            onchainOpsHash: OnchainData.NONE,
            syncHash: SyncHash.genesis(deploymentId, chainIndex),
            proofInputsHash: 0,
            syncHashesHash: _genesisSyncHashesHash()
        });
    }

    /// @dev Hash of all chains' sync hashes of block 0 on the primary; 0 on a secondary, which knows only its own.
    function _genesisSyncHashesHash() internal view virtual returns (bytes32);

    function _authorizeUpgrade(address) internal override onlyRole(DEFAULT_ADMIN_ROLE) { }

    function _setTimestampTolerances(uint32 past, uint32 future) private {
        timestampPastTolerance = past;
        timestampFutureTolerance = future;
        emit TimestampTolerancesSet(past, future);
    }
}
