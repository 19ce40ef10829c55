// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Proof } from "./Block.sol";

/// @notice What one leaf of this chain is paid in exit mode, with the proof of it. Public inputs: src/FORMATS.md, section "Exit".
struct LeafExit {
    uint32 leafIndex;
    address owner;
    /// Of the coins that are paid: for a leaf with shares the token of their pool.
    uint32 token;
    uint128 amount;
    Proof proof;
}
