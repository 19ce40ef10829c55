// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollup } from "../interfaces/IRollup.sol";
import { StoredBlock } from "../types/Block.sol";
import { Mode } from "../types/Mode.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Sync and confirm
/// @notice A sync hash that has gone to the arbitrator stands: neither it nor any block up to it can be changed. A confirmation that comes back through
/// the gateway counts only when it carries the very hash that this chain sent.
abstract contract Syncing is RollupStorage, IRollup {
    /// @inheritdoc IRollup
    function receiveConfirmation(uint32 blockNumber, bytes32 syncHash) external {
        if (msg.sender != gateway) revert OnlyGateway(gateway, msg.sender);
        bytes32 expected = syncHashSent[blockNumber];
        if (expected == 0) revert BlockNotSynced(totalBlocksSynced, blockNumber);
        if (expected != syncHash) revert ConfirmationMismatch(blockNumber, expected, syncHash);
        // Sent again, or overtaken by the confirmation of a later block.
        if (blockNumber <= totalBlocksConfirmed) return;
        // The arbitrator confirms nothing above its halt.
        if (mode == Mode.Halted) revert WrongHalt(haltBlock, blockNumber);
        totalBlocksConfirmed = blockNumber;
        emit BlockConfirmed(blockNumber, syncHash);
    }

    /// @dev Marks `stored` as sent and returns the gateway to send it with.
    function _recordSync(StoredBlock calldata stored) internal whenRunning returns (address gateway_) {
        gateway_ = gateway;
        if (gateway_ == address(0)) revert GatewayNotSet();
        uint32 blockNumber = stored.blockNumber;
        if (blockNumber > totalBlocksCommitted) revert BlockNotCommitted(totalBlocksCommitted, blockNumber);
        if (blockNumber <= totalBlocksConfirmed || syncHashSent[blockNumber] != 0) {
            revert BlockAlreadySynced(totalBlocksSynced, blockNumber);
        }
        _requireStored(stored);
        if (blockNumber > totalBlocksSynced) totalBlocksSynced = blockNumber;
        syncHashSent[blockNumber] = stored.syncHash;
        emit BlockSynced(blockNumber, stored.syncHash);
    }
}
