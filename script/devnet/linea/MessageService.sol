// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { PauseManager } from "./PauseManager.sol";
import { RateLimiter } from "./RateLimiter.sol";

/// @title What both ends of Linea's message service share
/// @notice For local chains only. Message hash, delivery with the transient sender, fee of the claimer, roles.
abstract contract MessageService is RateLimiter, PauseManager, IMessageService {
    error ReentrantCall();

    /// @inheritdoc IMessageService
    uint256 public nextMessageNumber;

    address private transient _messageSender;
    bool private transient _entered;

    modifier nonReentrant() {
        require(!_entered, ReentrantCall());
        _entered = true;
        _;
        _entered = false;
    }

    function _initializeService(
        uint256 period,
        uint256 limit,
        address admin,
        RoleAddress[] memory roles,
        PauseTypeRole[] memory pauseRoles,
        PauseTypeRole[] memory unpauseRoles
    ) internal onlyInitializing {
        _initializePauses(pauseRoles, unpauseRoles);
        _initializeRateLimit(period, limit);
        require(admin != address(0), ZeroAddressNotAllowed());
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        for (uint256 i; i < roles.length; ++i) {
            require(roles[i].addressWithRole != address(0), ZeroAddressNotAllowed());
            require(roles[i].role != bytes32(0), ZeroHashNotAllowed());
            _grantRole(roles[i].role, roles[i].addressWithRole);
        }
        nextMessageNumber = 1;
    }

    /// @inheritdoc IMessageService
    function sender() external view returns (address originalSender) {
        return _messageSender;
    }

    /// @dev A failing receiver reverts the whole claim, so that the message stays claimable.
    function _deliver(address from, address to, uint256 value, bytes calldata data) internal {
        _messageSender = from;
        (bool success, bytes memory reason) = to.call{ value: value }(data);
        if (!success) {
            require(reason.length > 0, MessageSendingFailed(to));
            assembly ("memory-safe") {
                revert(add(reason, 0x20), mload(reason))
            }
        }
        _messageSender = address(0);
    }

    /// @dev Pays the claimer after the delivery. A plain transfer to an account without code is charged by gas used and the account
    /// gets the rest of the fee; everything else costs the whole fee. `.send` is what the real service uses: 2,300 gas, no more.
    function _distributeFee(uint256 fee, address to, uint256 dataLength, address feeRecipient, uint256 gasBefore)
        internal
    {
        if (fee == 0) return;
        uint256 deliveryFee = fee;
        if (dataLength == 0 && to.code.length == 0) {
            uint256 cost = (gasBefore - gasleft()) * tx.gasprice;
            if (cost < fee) {
                deliveryFee = cost;
                // A receiver that refuses loses the rest; the real service ignores the result as well.
                // solhint-disable-next-line check-send-result
                bool ignored = payable(to).send(fee - cost);
                ignored;
            }
        }
        address receiver = feeRecipient == address(0) ? msg.sender : feeRecipient;
        // solhint-disable-next-line multiple-sends
        require(payable(receiver).send(deliveryFee), FeePaymentFailed(receiver));
    }

    function _hashMessage(
        address from,
        address to,
        uint256 fee,
        uint256 value,
        uint256 messageNumber,
        bytes calldata data
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(from, to, fee, value, messageNumber, data));
    }

    function _hashPair(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(left, right));
    }
}
