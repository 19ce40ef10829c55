// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L1Gateway } from "../../../src/gateways/L1Gateway.sol";
import { L2Gateway } from "../../../src/gateways/L2Gateway.sol";
import { IArbitratorGateway, IMessageReceiver, IRollupGateway } from "../../../src/interfaces/IGateway.sol";

/// @notice TEST DOUBLE of one direction of a message service: keeps messages until somebody delivers them, in any order; can be down, take a fee, and lose
/// what the receiver refuses, as zkSync Era does.
contract MessageQueue {
    error Down();
    error NotWaiting(uint256 index);

    struct Message {
        address to;
        bytes data;
        bool gone;
    }

    Message[] private _messages;
    uint256 public fee;
    bool public down;

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function setDown(bool down_) external {
        down = down_;
    }

    function take(address to, bytes calldata data) external payable {
        if (down) revert Down();
        require(msg.value == fee, "fee");
        _messages.push(Message(to, data, false));
    }

    /// @notice A message that its receiver refuses stays and can be delivered again.
    function deliver(uint256 index) external {
        if (down) revert Down();
        if (!isWaiting(index)) revert NotWaiting(index);
        _messages[index].gone = true;
        IMessageReceiver(_messages[index].to).receiveMessage(_messages[index].data);
    }

    /// @notice The message is gone without having arrived.
    function lose(uint256 index) external {
        if (!isWaiting(index)) revert NotWaiting(index);
        _messages[index].gone = true;
    }

    function count() external view returns (uint256) {
        return _messages.length;
    }

    function isWaiting(uint256 index) public view returns (bool) {
        return index < _messages.length && !_messages[index].gone;
    }

    function kindOf(uint256 index) external view returns (uint8) {
        return uint8(_messages[index].data[0]);
    }

    function dataOf(uint256 index) external view returns (bytes memory) {
        return _messages[index].data;
    }
}

/// @notice The real gateway on Ethereum over two queues.
contract QueueL1Gateway is L1Gateway, IMessageReceiver {
    MessageQueue public down;
    MessageQueue public up;

    function initialize(address admin, address arbitrator_, MessageQueue up_, MessageQueue down_) external initializer {
        _initializeL1Gateway(admin, arbitrator_);
        (up, down) = (up_, down_);
    }

    function receiveMessage(bytes calldata message) external {
        if (msg.sender != address(up)) revert OnlyMessageService(address(up), msg.sender);
        _receiveFromChain(message);
    }

    /// @inheritdoc IArbitratorGateway
    function confirmationFee(uint256) public view returns (uint256) {
        return down.fee();
    }

    function _sendDown(address remote, bytes memory message, address refundTo) internal override {
        uint256 fee = confirmationFee(0);
        _refundSurplus(fee, refundTo);
        down.take{ value: fee }(remote, message);
    }
}

/// @notice The real gateway on the chain over two queues.
contract QueueL2Gateway is L2Gateway, IMessageReceiver {
    MessageQueue public down;
    MessageQueue public up;

    function initialize(address admin, address rollup_, MessageQueue up_, MessageQueue down_) external initializer {
        _initializeL2Gateway(admin, rollup_);
        (up, down) = (up_, down_);
    }

    function receiveMessage(bytes calldata message) external {
        if (msg.sender != address(down)) revert OnlyMessageService(address(down), msg.sender);
        _receiveFromEthereum(message);
    }

    /// @inheritdoc IRollupGateway
    function syncFee() public view returns (uint256) {
        return up.fee();
    }

    function _sendUp(address remote, bytes memory message, address refundTo) internal override {
        uint256 fee = syncFee();
        _refundSurplus(fee, refundTo);
        up.take{ value: fee }(remote, message);
    }
}
