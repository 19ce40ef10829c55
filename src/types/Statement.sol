// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Proof } from "./Block.sol";

/// @notice Which verifying key a statement is checked against.
enum KeyId {
    Segment,
    Join,
    Exit
}

/// @notice One proof with its key and public inputs.
struct Statement {
    KeyId key;
    uint256[] inputs;
    Proof proof;
}
