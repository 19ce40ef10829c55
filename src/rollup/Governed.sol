// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { UUPSUpgradeable } from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

import { FIELD_ORDER, GENESIS_ROOT, MAX_CHAINS } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { OnchainData } from "../libraries/OnchainData.sol";
import { SyncHash } from "../libraries/SyncHash.sol";
import { StoredBlock } from "../types/Block.sol";
import { InitializeParameters } from "../types/InitializeParameters.sol";
import { Roles } from "./Roles.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Initialization and upgrades
abstract contract Governed is RollupStorage, IRollup, Roles, UUPSUpgradeable {
    constructor() {
        _disableInitializers();
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
        timestampPastTolerance = parameters.timestampPastTolerance;
        timestampFutureTolerance = parameters.timestampFutureTolerance;
        emit TimestampTolerancesSet(parameters.timestampPastTolerance, parameters.timestampFutureTolerance);
        storedBlockHash[0] = _hash(_genesisBlock());
        _executedRoot = GENESIS_ROOT;
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
}
