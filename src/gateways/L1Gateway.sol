// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IArbitrator } from "../interfaces/IArbitrator.sol";
import { IArbitratorGateway } from "../interfaces/IGateway.sol";
import { GatewayMessage } from "../libraries/GatewayMessage.sol";
import { ArbitratorSide } from "./ArbitratorSide.sol";

/// @title A chain's gateway on Ethereum
/// @notice Hands the chain's sync hashes and its halt request to the arbitrator and sends the arbitrator's confirmations and its halt to the chain.
abstract contract L1Gateway is ArbitratorSide, IArbitratorGateway {
    /// @inheritdoc IArbitratorGateway
    function sendConfirmation(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable onlyArbitrator {
        _sendDown(_remote(), GatewayMessage.confirmation(blockNumber, syncHash), refundTo);
    }

    /// @inheritdoc IArbitratorGateway
    function sendHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash, address refundTo)
        external
        payable
        onlyArbitrator
    {
        _sendDown(_remote(), GatewayMessage.halt(blockNumber, finalRoot, syncHash), refundTo);
    }

    function _initializeL1Gateway(address admin, address arbitrator_) internal onlyInitializing {
        _initializeGateway(admin);
        _initializeArbitratorSide(arbitrator_);
    }

    /// @dev Sends `message` to the gateway `remote` with `msg.value`, less what goes back to `refundTo`.
    function _sendDown(address remote, bytes memory message, address refundTo) internal virtual;

    /// @dev Passes on a message whose origin the service-specific gateway has checked.
    function _receiveFromChain(bytes calldata message) internal {
        uint8 kind = GatewayMessage.kindOf(message);
        if (kind == GatewayMessage.SYNC_HASH) {
            (uint32 blockNumber, bytes32 syncHash) = GatewayMessage.decodeHash(message);
            IArbitrator(arbitrator).receiveSyncHash(blockNumber, syncHash);
        } else if (kind == GatewayMessage.SYNC_HASHES) {
            (uint32 blockNumber, uint256 finalRoot, bytes32[] memory hashes) = GatewayMessage.decodeHashes(message);
            IArbitrator(arbitrator).receiveSyncHashes(blockNumber, finalRoot, hashes);
        } else if (kind == GatewayMessage.HALT_REQUEST) {
            GatewayMessage.requireHaltRequest(message);
            IArbitrator(arbitrator).receiveHaltRequest();
        } else {
            revert GatewayMessage.UnknownMessage(kind);
        }
    }
}
