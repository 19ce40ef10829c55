// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "../interfaces/IGateway.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { GatewayMessage } from "../libraries/GatewayMessage.sol";
import { RollupSide } from "./RollupSide.sol";

/// @title A chain's gateway on the chain itself
/// @notice Sends the rollup contract's sync hashes and halt request to Ethereum and hands confirmations and the halt to the rollup contract. Any chain may be the primary, so
/// both forms of sync are here.
abstract contract L2Gateway is RollupSide, IRollupGateway {
    /// @inheritdoc IRollupGateway
    function sendSyncHash(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable onlyRollup {
        _sendUp(_remote(), GatewayMessage.syncHash(blockNumber, syncHash), refundTo);
    }

    /// @inheritdoc IRollupGateway
    function sendSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes, address refundTo)
        external
        payable
        onlyRollup
    {
        _sendUp(_remote(), GatewayMessage.syncHashes(blockNumber, finalRoot, syncHashes), refundTo);
    }

    /// @inheritdoc IRollupGateway
    function sendHaltRequest(address refundTo) external payable onlyRollup {
        _sendUp(_remote(), GatewayMessage.haltRequest(), refundTo);
    }

    function _initializeL2Gateway(address admin, address rollup_) internal onlyInitializing {
        _initializeGateway(admin);
        _initializeRollupSide(rollup_);
    }

    /// @dev Sends `message` to the gateway `remote` on Ethereum with `msg.value`, less what goes back to `refundTo`.
    function _sendUp(address remote, bytes memory message, address refundTo) internal virtual;

    /// @dev Passes on a message whose origin the service-specific gateway has checked.
    function _receiveFromEthereum(bytes calldata message) internal {
        uint8 kind = GatewayMessage.kindOf(message);
        if (kind == GatewayMessage.CONFIRMATION) {
            (uint32 blockNumber, bytes32 syncHash) = GatewayMessage.decodeHash(message);
            IRollup(rollup).receiveConfirmation(blockNumber, syncHash);
        } else if (kind == GatewayMessage.HALT) {
            (uint32 blockNumber, uint256 finalRoot, bytes32 syncHash) = GatewayMessage.decodeHalt(message);
            IRollup(rollup).receiveHalt(blockNumber, finalRoot, syncHash);
        } else {
            revert GatewayMessage.UnknownMessage(kind);
        }
    }
}
