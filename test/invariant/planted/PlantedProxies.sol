// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Proxies } from "../Proxies.sol";
import { Bug } from "./Bugs.sol";
import { PlantedArbitrator } from "./PlantedArbitrator.sol";
import { PlantedRollup } from "./PlantedRollup.sol";

/// @notice A system with one bug: in every chain's rollup contract, in the arbitrator, or in both.
contract PlantedProxies is Proxies {
    Bug private immutable BUG;

    constructor(Bug bug) {
        BUG = bug;
    }

    function rollup(address implementation, bytes calldata call) external override returns (address) {
        return address(new PlantedRollup(BUG, implementation, call));
    }

    function arbitrator(address implementation, bytes calldata call) external override returns (address) {
        return address(new PlantedArbitrator(BUG, implementation, call));
    }
}
