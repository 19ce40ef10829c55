// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { StoredBlock } from "../types/Block.sol";

/// @title Taking committed blocks back
interface IReverting {
    error CannotRevertSynced(uint32 synced, uint32 requested);
    error RevertAboveCommitted(uint32 committed, uint32 requested);

    event BlocksReverted(uint32 committedBefore, uint32 committedAfter);

    /// @notice Drops the committed blocks above `lastStored`, which must not be below the last synced block. Validator only.
    function revertBlocks(StoredBlock calldata lastStored) external;
}
