// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IL2MessageService } from "../../../src/interfaces/external/linea/IL2MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { MessageService } from "./MessageService.sol";

/// @title Linea's message service on Linea, local version
/// @notice For local chains only: ABI, events, hashes, errors and their order are those of the deployed contract; nothing is proved here
/// in the deployed one either, the anchoring role is trusted until the next finalization compares rolling hashes on Ethereum.
/// Callers: users and gateways send, the coordinator (role) anchors, anyone claims.
/// Failures: a claim whose receiver reverts changes nothing and can be repeated for ever.
contract L2MessageService is MessageService, IL2MessageService {
    event L2MessageServiceBaseInitialized(bytes8 indexed initialContractVersion);

    bytes32 public constant L1_L2_MESSAGE_SETTER_ROLE = keccak256("L1_L2_MESSAGE_SETTER_ROLE");
    bytes32 public constant MINIMUM_FEE_SETTER_ROLE = keccak256("MINIMUM_FEE_SETTER_ROLE");
    string public constant CONTRACT_VERSION = "1.0";

    uint8 public constant INBOX_STATUS_UNKNOWN = 0;
    uint8 public constant INBOX_STATUS_RECEIVED = 1;
    uint8 public constant INBOX_STATUS_CLAIMED = 2;
    uint256 private constant CLAIM_OVERHEAD = 44_596;

    /// @dev Clients override this mapping's storage when they estimate a claim, so it must lie at the real slot: 176.
    uint256[164] private __gap;
    /// @inheritdoc IL2MessageService
    mapping(bytes32 messageHash => uint256 messageStatus) public inboxL1L2MessageStatus;
    /// @inheritdoc IL2MessageService
    uint256 public minimumFeeInWei;
    /// @inheritdoc IL2MessageService
    uint256 public lastAnchoredL1MessageNumber;
    /// @inheritdoc IL2MessageService
    mapping(uint256 messageNumber => bytes32 rollingHash) public l1RollingHashes;

    /// @notice Must run in a block ≥ 1 and before the first message: clients look for ServiceVersionMigrated(2).
    function initialize(
        uint256 rateLimitPeriod,
        uint256 rateLimitAmount,
        address defaultAdmin,
        RoleAddress[] calldata roleAddresses,
        PauseTypeRole[] calldata pauseTypeRoleAssignments,
        PauseTypeRole[] calldata unpauseTypeRoleAssignments
    ) external reinitializer(3) {
        _initializeService(
            rateLimitPeriod,
            rateLimitAmount,
            defaultAdmin,
            roleAddresses,
            pauseTypeRoleAssignments,
            unpauseTypeRoleAssignments
        );
        minimumFeeInWei = 0.0001 ether;
        emit MinimumFeeChanged(0, 0.0001 ether, msg.sender);
        emit ServiceVersionMigrated(2);
        emit L2MessageServiceBaseInitialized(bytes8(bytes(CONTRACT_VERSION)));
    }

    /// @notice Upgrade of an older version: refuses, because `initialize` makes the newest one.
    function reinitializeV3() external reinitializer(3) { }

    /// @notice The deployed service is funded at genesis, because ETH that comes from Ethereum is paid out of its balance.
    receive() external payable { }

    /// @inheritdoc IMessageService
    function sendMessage(address to, uint256 fee, bytes calldata data)
        external
        payable
        whenTypeAndGeneralNotPaused(PauseType.L2_L1)
    {
        require(to != address(0), ZeroAddressNotAllowed());
        require(fee <= msg.value, ValueSentTooLow());
        uint256 coinbaseFee = minimumFeeInWei;
        require(fee >= coinbaseFee, FeeTooLow());

        uint256 postmanFee = fee - coinbaseFee;
        uint256 value = msg.value - fee;
        uint256 messageNumber = nextMessageNumber++;
        _addUsedAmount(value + postmanFee);

        bytes32 messageHash = _hashMessage(msg.sender, to, postmanFee, value, messageNumber, data);
        emit MessageSent(msg.sender, to, postmanFee, value, messageNumber, data, messageHash);

        (bool success,) = block.coinbase.call{ value: coinbaseFee }("");
        require(success, FeePaymentFailed(block.coinbase));
    }

    /// @inheritdoc IL2MessageService
    function anchorL1L2MessageHashes(
        bytes32[] calldata messageHashes,
        uint256 startingMessageNumber,
        uint256 finalMessageNumber,
        bytes32 finalRollingHash
    ) external onlyRole(L1_L2_MESSAGE_SETTER_ROLE) {
        _requireNotPaused(PauseType.GENERAL);
        require(messageHashes.length > 0, MessageHashesListLengthIsZero());
        require(messageHashes.length <= 100, MessageHashesListLengthHigherThanOneHundred(messageHashes.length));
        require(finalRollingHash != bytes32(0), FinalRollingHashIsZero());

        uint256 number = lastAnchoredL1MessageNumber;
        require(
            startingMessageNumber - 1 == number, L1MessageNumberSynchronizationWrong(startingMessageNumber - 1, number)
        );

        bytes32 rollingHash = l1RollingHashes[number];
        for (uint256 i; i < messageHashes.length; ++i) {
            // A hash that is already known is skipped and not counted.
            if (inboxL1L2MessageStatus[messageHashes[i]] == 0) {
                inboxL1L2MessageStatus[messageHashes[i]] = INBOX_STATUS_RECEIVED;
                rollingHash = _hashPair(rollingHash, messageHashes[i]);
                ++number;
            }
        }
        require(number == finalMessageNumber, L1MessageNumberSynchronizationWrong(finalMessageNumber, number));
        require(rollingHash == finalRollingHash, L1RollingHashSynchronizationWrong(finalRollingHash, rollingHash));

        if (number != lastAnchoredL1MessageNumber) {
            lastAnchoredL1MessageNumber = number;
            l1RollingHashes[number] = rollingHash;
            emit L1L2MessageHashesAddedToInbox(messageHashes);
            emit RollingHashUpdated(number, rollingHash);
        }
    }

    /// @inheritdoc IL2MessageService
    function claimMessage(
        address from,
        address to,
        uint256 fee,
        uint256 value,
        address payable feeRecipient,
        bytes calldata data,
        uint256 nonce
    ) external nonReentrant whenTypeAndGeneralNotPaused(PauseType.L1_L2) {
        uint256 gasBefore = gasleft() + CLAIM_OVERHEAD;
        _claim(_hashMessage(from, to, fee, value, nonce, data));
        _deliver(from, to, value, data);
        emit MessageClaimed(_hashMessage(from, to, fee, value, nonce, data));
        _distributeFee(fee, to, data.length, feeRecipient, gasBefore);
    }

    function setMinimumFee(uint256 feeInWei) external onlyRole(MINIMUM_FEE_SETTER_ROLE) {
        uint256 previous = minimumFeeInWei;
        minimumFeeInWei = feeInWei;
        emit MinimumFeeChanged(previous, feeInWei, msg.sender);
    }

    function _claim(bytes32 messageHash) private {
        require(
            inboxL1L2MessageStatus[messageHash] == INBOX_STATUS_RECEIVED,
            MessageDoesNotExistOrHasAlreadyBeenClaimed(messageHash)
        );
        inboxL1L2MessageStatus[messageHash] = INBOX_STATUS_CLAIMED;
    }
}
