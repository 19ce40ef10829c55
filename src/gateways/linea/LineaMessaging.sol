// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IMessageReceiver } from "../../interfaces/IGateway.sol";
import { IMessageService } from "../../interfaces/external/linea/IMessageService.sol";
import { Gateway } from "../Gateway.sol";

/// @title How both Linea gateways use Linea's message service
/// @notice Anyone may claim a message at the service; the gateway trusts only the service's word on who sent it.
abstract contract LineaMessaging is Gateway {
    IMessageService public messageService;

    uint256[49] private __gap;

    /// @dev The service is delivering a message that the other gateway sent.
    modifier onlyRemoteGateway() {
        if (msg.sender != address(messageService)) revert OnlyMessageService(address(messageService), msg.sender);
        address sender = messageService.sender();
        if (sender != _remote()) revert OnlyRemoteGateway(remoteGateway, sender);
        _;
    }

    function _initializeMessaging(address messageService_) internal onlyInitializing {
        if (messageService_ == address(0)) revert ZeroAddress();
        messageService = IMessageService(messageService_);
    }

    /// @dev `fee` is what the service takes; a part of it above the service's own price would go to whoever claims.
    function _sendMessage(address remote, uint256 fee, bytes memory message, address refundTo) internal {
        messageService.sendMessage{ value: fee }(
            remote, fee, abi.encodeCall(IMessageReceiver.receiveMessage, (message))
        );
        _refundSurplus(fee, refundTo);
    }
}
