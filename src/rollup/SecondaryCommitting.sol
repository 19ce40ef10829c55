// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_ONCHAIN_BYTES } from "../generated/Params.sol";
import { ISecondaryRollup } from "../interfaces/IRollup.sol";
import { OnchainData } from "../libraries/OnchainData.sol";
import { SyncHash } from "../libraries/SyncHash.sol";
import { SecondaryBlock, StoredBlock } from "../types/Block.sol";
import { Committing } from "./Committing.sol";

/// @title Commit on a secondary: this chain's on-chain operations only
/// @notice Nothing is proved here. A block whose root or operations are not the proved ones gets a sync hash that the arbitrator never confirms.
abstract contract SecondaryCommitting is Committing, ISecondaryRollup {
    /// @inheritdoc ISecondaryRollup
    function commitBlocks(StoredBlock calldata last, SecondaryBlock[] calldata blocks)
        external
        onlyRole(VALIDATOR_ROLE)
        whenRunning
    {
        if (blocks.length == 0) revert NoBlocks();
        _requireLast(last);
        StoredBlock memory current = last;
        for (uint256 i = 0; i < blocks.length; ++i) {
            current = _commitBlock(current, blocks[i]);
        }
        totalBlocksCommitted = current.blockNumber;
        totalBlocksProved = current.blockNumber;
        _moveQueue(last.priorityRequestsTotal, current.priorityRequestsTotal);
    }

    function _genesisSyncHashesHash() internal pure override returns (bytes32) {
        return 0;
    }

    function _commitBlock(StoredBlock memory last, SecondaryBlock calldata block_)
        private
        returns (StoredBlock memory stored)
    {
        _requireNext(last, block_.blockNumber, block_.timestamp, block_.finalRoot);
        bytes calldata onchainData = block_.onchainData;
        if (onchainData.length > MAX_ONCHAIN_BYTES) {
            revert OnchainData.TooManyOnchainBytes(MAX_ONCHAIN_BYTES, onchainData.length);
        }
        stored.blockNumber = block_.blockNumber;
        stored.timestamp = block_.timestamp;
        stored.finalRoot = block_.finalRoot;
        stored.onchainOpsHash = keccak256(onchainData);
        stored.syncHash = SyncHash.extend(
            last.syncHash, block_.blockNumber, block_.timestamp, block_.finalRoot, stored.onchainOpsHash
        );
        stored.priorityRequestsTotal = _matchRequests(onchainData, last.priorityRequestsTotal);
        _store(stored);
    }
}
