// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IArbitratorGateway, IMessageReceiver } from "../../interfaces/IGateway.sol";
import { L1Gateway } from "../L1Gateway.sol";
import { LineaMessaging } from "./LineaMessaging.sol";

/// @title Linea's gateway on Ethereum
/// @notice Down: the message service needs no fee from Ethereum to Linea; our own relayer claims there. Up: anyone claims at the service with a proof.
contract LineaL1Gateway is L1Gateway, LineaMessaging, IMessageReceiver {
    /// @notice Initializes the proxy; `messageService_` is the LineaRollup contract.
    function initialize(address admin, address arbitrator_, address messageService_) external initializer {
        _initializeL1Gateway(admin, arbitrator_);
        _initializeMessaging(messageService_);
    }

    /// @inheritdoc IMessageReceiver
    function receiveMessage(bytes calldata message) external onlyRemoteGateway {
        _receiveFromChain(message);
    }

    /// @inheritdoc IArbitratorGateway
    function confirmationFee(uint256) external pure returns (uint256) {
        return 0;
    }

    function _sendDown(address remote, bytes memory message, address refundTo) internal override {
        _sendMessage(remote, 0, message, refundTo);
    }
}
