// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";
import { IL1Messenger } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";

import { IMessageReceiver, IRollupGateway } from "../../interfaces/IGateway.sol";
import { L2Gateway } from "../L2Gateway.sol";

/// @title zkSync Era's gateway on Era
/// @notice Up: a message through the L1Messenger system contract, free but for gas. Down: a call whose sender is the alias of the gateway on Ethereum.
contract ZkSyncL2Gateway is L2Gateway, IMessageReceiver {
    /// @notice System contract; at 0x8008 on Era.
    IL1Messenger public l1Messenger;

    uint256[49] private __gap;

    /// @notice Initializes the proxy.
    function initialize(address admin, address rollup_, address l1Messenger_) external initializer {
        _initializeL2Gateway(admin, rollup_);
        if (l1Messenger_ == address(0)) revert ZeroAddress();
        l1Messenger = IL1Messenger(l1Messenger_);
    }

    /// @inheritdoc IMessageReceiver
    function receiveMessage(bytes calldata message) external {
        address expected = AddressAliasHelper.applyL1ToL2Alias(_remote());
        if (msg.sender != expected) revert OnlyRemoteGateway(expected, msg.sender);
        _receiveFromEthereum(message);
    }

    /// @inheritdoc IRollupGateway
    function syncFee() external pure returns (uint256) {
        return 0;
    }

    /// @dev The message names no receiver: the gateway on Ethereum looks for its sender.
    function _sendUp(address, bytes memory message, address refundTo) internal override {
        l1Messenger.sendToL1(message);
        _refundSurplus(0, refundTo);
    }
}
