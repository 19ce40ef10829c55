// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { StoredBlock } from "../types/Block.sol";
import { Governed } from "./Governed.sol";

/// @title What every chain does with a block that the validator commits
/// @notice The block must follow the last one in number and time, and its deposits and full exits must be the next requests of this chain's queue.
/// @dev That the state transition is right is for the proof (primary) and the comparison of sync hashes (secondary) to show, before anything is paid.
abstract contract Committing is Governed {
    using PriorityQueue for PriorityQueue.State;

    /// @dev Reverts unless `last` is the last committed block.
    function _requireLast(StoredBlock calldata last) internal view {
        if (last.blockNumber != totalBlocksCommitted) revert WrongBlockNumber(totalBlocksCommitted, last.blockNumber);
        _requireStored(last);
    }

    /// @dev Number, time and root of the block after `last`. Tolerances have 32 bits, so for 30,000 years time fits the 40 bits that public data has for it,
    /// whatever they are: a 41st would run into the block number beside it.
    function _requireNext(StoredBlock memory last, uint32 blockNumber, uint64 timestamp, uint256 finalRoot)
        internal
        view
    {
        if (blockNumber != last.blockNumber + 1) revert WrongBlockNumber(last.blockNumber + 1, blockNumber);
        uint256 past = timestampPastTolerance;
        uint64 minimum = block.timestamp > past ? uint64(block.timestamp - past) : 0;
        if (minimum < last.timestamp) minimum = last.timestamp;
        uint64 maximum = uint64(block.timestamp) + timestampFutureTolerance;
        if (timestamp < minimum || timestamp > maximum) revert TimestampOutOfRange(minimum, maximum, timestamp);
        if (finalRoot >= FIELD_ORDER) revert RootNotInField(finalRoot);
    }

    function _store(StoredBlock memory stored) internal {
        storedBlockHash[stored.blockNumber] = _hash(stored);
        emit BlockCommitted(stored.blockNumber, stored.finalRoot, stored.syncHash);
    }

    /// @dev Moves the queue's commit position, which is `position`, to `newPosition`.
    function _moveQueue(uint64 position, uint64 newPosition) internal {
        if (newPosition != position) _queue.nextToCommit = newPosition;
    }

    /// @dev Id of the request behind those that `onchainData` consumes, which begin at `next`.
    function _matchRequests(bytes calldata onchainData, uint64 next) internal view returns (uint64) {
        return _queue.matchRequests(onchainData, next);
    }
}
