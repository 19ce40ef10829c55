// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IMessageReceiver, IRollupGateway } from "../../interfaces/IGateway.sol";
import { IL2MessageService } from "../../interfaces/external/linea/IL2MessageService.sol";
import { L2Gateway } from "../L2Gateway.sol";
import { LineaMessaging } from "./LineaMessaging.sol";

/// @title Linea's gateway on Linea
/// @notice Up: a message costs the service's minimum fee, nothing is left for a postman, so our own relayer claims on Ethereum. Down: anyone claims.
contract LineaL2Gateway is L2Gateway, LineaMessaging, IMessageReceiver {
    /// @notice Initializes the proxy; `messageService_` is the L2MessageService contract.
    function initialize(address admin, address rollup_, address messageService_) external initializer {
        _initializeL2Gateway(admin, rollup_);
        _initializeMessaging(messageService_);
    }

    /// @inheritdoc IMessageReceiver
    function receiveMessage(bytes calldata message) external onlyRemoteGateway {
        _receiveFromEthereum(message);
    }

    /// @inheritdoc IRollupGateway
    function syncFee() public view returns (uint256) {
        return IL2MessageService(address(messageService)).minimumFeeInWei();
    }

    function _sendUp(address remote, bytes memory message, address refundTo) internal override {
        uint256 fee = syncFee();
        if (msg.value < fee) revert InsufficientFee(fee, msg.value);
        _sendMessage(remote, fee, message, refundTo);
    }
}
