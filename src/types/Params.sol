// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

// Numbers that the contracts share with the circuits. circuits/params.json is their home; test/unit/Params.t.sol holds this file against it.

/// @dev Order of BN254's scalar field: every word of public data and every public input is below it.
uint256 constant FIELD_ORDER = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

/// @dev Chain indices that the final root has room for.
uint8 constant MAX_CHAINS = 16;

/// @dev Segments that one join takes.
uint256 constant MAX_SEGMENTS = 16;

/// @dev Largest leaf index of a chain's tree (arity 8, depth 8).
uint32 constant MAX_LEAF_INDEX = 2 ** 24 - 1;

/// @dev Final root of 16 empty trees: the state before block 1.
uint256 constant GENESIS_ROOT = 17750200115400354040816447506521193199043900093958856108077536036939683078772;

/// @dev Token id of a chain's native coin. Registered tokens have ids from 2 to MAX_TOKEN_ID.
uint32 constant NATIVE_TOKEN = 1;
uint32 constant MAX_TOKEN_ID = 2 ** 31 - 1;

/// @dev Largest amount of one deposit, so that no number of deposits that anyone could pay for overflows a 128-bit balance.
uint128 constant MAX_DEPOSIT = 2 ** 104 - 1;
