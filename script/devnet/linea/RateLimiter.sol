// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Roles } from "./Roles.sol";

/// @title Limit of the ETH that leaves Linea's message services in one period
/// @notice For local chains only.
abstract contract RateLimiter is Roles {
    event RateLimitInitialized(uint256 periodInSeconds, uint256 limitInWei, uint256 currentPeriodEnd);
    event AmountUsedInPeriodReset(address indexed resettingAddress);
    event LimitAmountChanged(
        address indexed amountChangeBy, uint256 amount, bool amountUsedLoweredToLimit, bool usedAmountResetToZero
    );

    error RateLimitExceeded();
    error PeriodIsZero();
    error LimitIsZero();

    bytes32 public constant RATE_LIMIT_SETTER_ROLE = keccak256("RATE_LIMIT_SETTER_ROLE");
    bytes32 public constant USED_RATE_LIMIT_RESETTER_ROLE = keccak256("USED_RATE_LIMIT_RESETTER_ROLE");

    uint256 public periodInSeconds;
    uint256 public limitInWei;
    uint256 public currentPeriodEnd;
    uint256 public currentPeriodAmountInWei;

    function _initializeRateLimit(uint256 period, uint256 limit) internal onlyInitializing {
        require(period != 0, PeriodIsZero());
        require(limit != 0, LimitIsZero());
        periodInSeconds = period;
        limitInWei = limit;
        currentPeriodEnd = block.timestamp + period;
        emit RateLimitInitialized(period, limit, currentPeriodEnd);
    }

    function resetRateLimitAmount(uint256 amount) external onlyRole(RATE_LIMIT_SETTER_ROLE) {
        bool periodIsOver = currentPeriodEnd < block.timestamp;
        bool usedIsLowered = !periodIsOver && amount < currentPeriodAmountInWei;
        if (periodIsOver) {
            currentPeriodEnd = block.timestamp + periodInSeconds;
            currentPeriodAmountInWei = 0;
        } else if (usedIsLowered) {
            currentPeriodAmountInWei = amount;
        }
        limitInWei = amount;
        emit LimitAmountChanged(msg.sender, amount, usedIsLowered, periodIsOver);
    }

    function resetAmountUsedInPeriod() external onlyRole(USED_RATE_LIMIT_RESETTER_ROLE) {
        currentPeriodAmountInWei = 0;
        emit AmountUsedInPeriodReset(msg.sender);
    }

    /// @dev An amount of 0 is not counted, so messages that carry data only are never limited.
    function _addUsedAmount(uint256 amount) internal {
        if (amount == 0) return;
        if (currentPeriodEnd < block.timestamp) {
            currentPeriodEnd = block.timestamp + periodInSeconds;
        } else {
            amount += currentPeriodAmountInWei;
        }
        require(amount <= limitInWei, RateLimitExceeded());
        currentPeriodAmountInWei = amount;
    }
}
