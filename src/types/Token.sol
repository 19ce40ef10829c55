// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @dev Token id of a chain's native coin. Registered tokens have the ids above it, up to MAX_TOKEN_ID.
uint32 constant NATIVE_TOKEN = 1;

/// @dev Largest amount of one deposit, so that no number of deposits that anyone could pay for overflows a 128-bit balance.
uint128 constant MAX_DEPOSIT = 2 ** 104 - 1;
