// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IReverting } from "../interfaces/IReverting.sol";
import { StoredBlock } from "../types/Block.sol";
import { Roles } from "./Roles.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Revert: drop committed blocks that the arbitrator has not heard of
/// @notice For the validator, when a block turns out to be unprovable or differs between chains.
abstract contract Reverting is RollupStorage, Roles, IReverting {
    /// @inheritdoc IReverting
    function revertBlocks(StoredBlock calldata lastStored) external onlyRole(VALIDATOR_ROLE) whenRunning {
        uint32 target = lastStored.blockNumber;
        uint32 committed = totalBlocksCommitted;
        if (target > committed) revert RevertAboveCommitted(committed, target);
        if (target == committed) revert NoBlocks();
        if (target < totalBlocksSynced) revert CannotRevertSynced(totalBlocksSynced, target);
        _requireStored(lastStored);
        for (uint32 blockNumber = target + 1; blockNumber <= committed; ++blockNumber) {
            delete storedBlockHash[blockNumber];
        }
        totalBlocksCommitted = target;
        if (totalBlocksProved > target) totalBlocksProved = target;
        _queue.nextToCommit = lastStored.priorityRequestsTotal;
        emit BlocksReverted(committed, target);
    }
}
