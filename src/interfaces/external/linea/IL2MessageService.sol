// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IMessageService } from "./IMessageService.sol";

/// @title Linea's message service on Linea
/// @notice Messages from Ethereum become claimable when the coordinator has anchored their hashes.
interface IL2MessageService is IMessageService {
    event RollingHashUpdated(uint256 indexed messageNumber, bytes32 indexed rollingHash);
    event L1L2MessageHashesAddedToInbox(bytes32[] messageHashes);
    event ServiceVersionMigrated(uint256 indexed version);
    event MinimumFeeChanged(uint256 previousMinimumFee, uint256 newMinimumFee, address indexed calledBy);

    error MessageHashesListLengthIsZero();
    error MessageHashesListLengthHigherThanOneHundred(uint256 length);
    error FinalRollingHashIsZero();
    error L1MessageNumberSynchronizationWrong(uint256 expected, uint256 found);
    error L1RollingHashSynchronizationWrong(bytes32 expected, bytes32 found);
    error MessageDoesNotExistOrHasAlreadyBeenClaimed(bytes32 messageHash);

    /// @notice Makes up to 100 messages from Ethereum claimable. Only L1_L2_MESSAGE_SETTER_ROLE.
    function anchorL1L2MessageHashes(
        bytes32[] calldata _messageHashes,
        uint256 _startingMessageNumber,
        uint256 _finalMessageNumber,
        bytes32 _finalRollingHash
    ) external;

    /// @notice Delivers an anchored message from Ethereum. Anyone may call; a reverting receiver leaves the message claimable.
    function claimMessage(
        address _from,
        address _to,
        uint256 _fee,
        uint256 _value,
        address payable _feeRecipient,
        bytes calldata _calldata,
        uint256 _nonce
    ) external;

    /// @notice Flat price of a message to Ethereum (wei); it goes to the block's coinbase.
    function minimumFeeInWei() external view returns (uint256);

    /// @notice 0 unknown, 1 received (anchored), 2 claimed.
    function inboxL1L2MessageStatus(bytes32 _messageHash) external view returns (uint256 messageStatus);

    function lastAnchoredL1MessageNumber() external view returns (uint256);
    function l1RollingHashes(uint256 _messageNumber) external view returns (bytes32 rollingHash);
}
