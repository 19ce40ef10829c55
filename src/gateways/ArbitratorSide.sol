// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Gateway } from "./Gateway.sol";

/// @title A gateway's end at the arbitrator
abstract contract ArbitratorSide is Gateway {
    address public arbitrator;

    uint256[49] private __gap;

    modifier onlyArbitrator() {
        if (msg.sender != arbitrator) revert OnlyArbitrator(arbitrator, msg.sender);
        _;
    }

    function _initializeArbitratorSide(address arbitrator_) internal onlyInitializing {
        if (arbitrator_ == address(0)) revert ZeroAddress();
        arbitrator = arbitrator_;
    }
}
