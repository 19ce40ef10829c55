// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollup } from "../interfaces/IRollup.sol";
import { StoredBlock } from "../types/Block.sol";
import { Committing } from "./Committing.sol";

/// @title Revert: drop committed blocks that the arbitrator has not heard of
/// @notice For the validator, when a block turns out to be unprovable or differs between chains.
abstract contract Reverting is Committing {
    /// @inheritdoc IRollup
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
        _moveQueue(_queue.nextToCommit, lastStored.priorityRequestsTotal);
        emit BlocksReverted(committed, target);
    }
}
