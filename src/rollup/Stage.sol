// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollup } from "../interfaces/IRollup.sol";
import { Mode } from "../types/Mode.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title What the stages of a block's life build on
abstract contract Stage is RollupStorage, IRollup {
    /// @dev Exit mode ends everything that makes new blocks or requests.
    modifier whenRunning() {
        _requireRunning();
        _;
    }

    function _requireRunning() private view {
        if (mode != Mode.Running) revert WrongMode(Mode.Running, mode);
    }
}
