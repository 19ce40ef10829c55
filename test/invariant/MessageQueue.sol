// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L1Gateway } from "../../src/gateways/L1Gateway.sol";
import { L2Gateway } from "../../src/gateways/L2Gateway.sol";
import { IMessageReceiver } from "../../src/interfaces/IGateway.sol";

/// @notice TEST DOUBLE of a message service between Ethereum and the other chains: messages wait, and whoever delivers one chooses which and how often.
contract MessageQueue {
    struct Message {
        address from;
        address to;
        bytes content;
        uint256 deliveries;
        /// Nobody will ever deliver it.
        bool lost;
    }

    Message[] private _messages;
    /// @notice Who sent the message that is being delivered.
    address public sender;

    function post(address to, bytes calldata content) external {
        _messages.push(Message(msg.sender, to, content, 0, false));
    }

    function deliver(uint256 index) external {
        Message storage message = _messages[index];
        ++message.deliveries;
        sender = message.from;
        IMessageReceiver(message.to).receiveMessage(message.content);
        sender = address(0);
    }

    /// @notice Delivers what the caller says, as the caller's.
    function deliverForged(address to, bytes calldata content) external {
        sender = msg.sender;
        IMessageReceiver(to).receiveMessage(content);
        sender = address(0);
    }

    function lose(uint256 index) external {
        _messages[index].lost = true;
    }

    function count() external view returns (uint256) {
        return _messages.length;
    }

    function kindOf(uint256 index) external view returns (uint8) {
        return uint8(_messages[index].content[0]);
    }

    /// @notice Index of the first message from `start` on, going round, that still waits (or, `again`, was delivered already); count() if there is none.
    function find(uint256 start, bool again) external view returns (uint256) {
        uint256 total = _messages.length;
        for (uint256 i = 0; i < total; ++i) {
            uint256 index = (start % total + i) % total;
            Message storage message = _messages[index];
            if (!message.lost && (message.deliveries != 0) == again) return index;
        }
        return total;
    }
}

/// @notice The real gateway on Ethereum, over a queue.
contract QueueL1Gateway is L1Gateway, IMessageReceiver {
    MessageQueue public queue;

    function initialize(address admin, address arbitrator_, MessageQueue queue_) external initializer {
        _initializeL1Gateway(admin, arbitrator_);
        queue = queue_;
    }

    /// @inheritdoc IMessageReceiver
    function receiveMessage(bytes calldata message) external {
        if (msg.sender != address(queue)) revert OnlyMessageService(address(queue), msg.sender);
        if (queue.sender() != _remote()) revert OnlyRemoteGateway(_remote(), queue.sender());
        _receiveFromChain(message);
    }

    function confirmationFee(uint256) external pure returns (uint256) {
        return 0;
    }

    function _sendDown(address remote, bytes memory message, address refundTo) internal override {
        queue.post(remote, message);
        _refundSurplus(0, refundTo);
    }
}

/// @notice The real gateway on a chain, over a queue.
contract QueueL2Gateway is L2Gateway, IMessageReceiver {
    MessageQueue public queue;

    function initialize(address admin, address rollup_, MessageQueue queue_) external initializer {
        _initializeL2Gateway(admin, rollup_);
        queue = queue_;
    }

    /// @inheritdoc IMessageReceiver
    function receiveMessage(bytes calldata message) external {
        if (msg.sender != address(queue)) revert OnlyMessageService(address(queue), msg.sender);
        if (queue.sender() != _remote()) revert OnlyRemoteGateway(_remote(), queue.sender());
        _receiveFromEthereum(message);
    }

    function syncFee() external pure returns (uint256) {
        return 0;
    }

    function _sendUp(address remote, bytes memory message, address refundTo) internal override {
        queue.post(remote, message);
        _refundSurplus(0, refundTo);
    }
}
