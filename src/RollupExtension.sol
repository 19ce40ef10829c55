// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Exiting } from "./rollup/Exiting.sol";
import { FullQueue } from "./rollup/FullQueue.sol";
import { Governing } from "./rollup/Governing.sol";
import { Reverting } from "./rollup/Reverting.sol";

/// @title The code of a rollup contract's rare calls
/// @notice Runs on the storage of the rollup contract that hands a call over (rollup/Extended.sol), because one contract may have no more than 24,576
/// bytes (EIP-170). Called directly it has no roles, no requests and nothing to pay.
contract RollupExtension is Exiting, FullQueue, Governing, Reverting { }
