// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Linea's canonical message service as both of its ends offer it
/// @notice The ABI of the deployed contracts; only what gateways, relayers and tests touch is declared here.
/// `messageHash = keccak256(abi.encode(from, to, fee, value, nonce, calldata))` in both directions.
interface IMessageService {
    /// @param _fee what the claimer earns, `_value` what the receiver gets, `_nonce` the service's running message number from 1
    event MessageSent(
        address indexed _from,
        address indexed _to,
        uint256 _fee,
        uint256 _value,
        uint256 _nonce,
        bytes _calldata,
        bytes32 indexed _messageHash
    );
    event MessageClaimed(bytes32 indexed _messageHash);

    error ZeroAddressNotAllowed();
    error FeeTooLow();
    error ValueSentTooLow();
    error MessageSendingFailed(address destination);
    error FeePaymentFailed(address recipient);

    /// @notice Sends `_calldata` with `msg.value - _fee` to `_to` on the other chain.
    function sendMessage(address _to, uint256 _fee, bytes calldata _calldata) external payable;

    /// @notice Who sent the message that is being delivered in this call; the zero address outside of a delivery.
    function sender() external view returns (address originalSender);

    /// @notice Number that the next sent message gets; the first is 1.
    function nextMessageNumber() external view returns (uint256);
}
