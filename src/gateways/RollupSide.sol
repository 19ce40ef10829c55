// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Gateway } from "./Gateway.sol";

/// @title A gateway's end at the rollup contract
abstract contract RollupSide is Gateway {
    address public rollup;

    uint256[49] private __gap;

    modifier onlyRollup() {
        if (msg.sender != rollup) revert OnlyRollup(rollup, msg.sender);
        _;
    }

    function _initializeRollupSide(address rollup_) internal onlyInitializing {
        if (rollup_ == address(0)) revert ZeroAddress();
        rollup = rollup_;
    }
}
