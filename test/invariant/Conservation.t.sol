// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Handler } from "./Handler.sol";
import { Proxies } from "./Proxies.sol";

/// @title Conservation under random calls
/// @notice Users, validators, whoever carries messages, attackers, and exit mode at any moment. After every call Invariants.check holds; at the end of every run
/// everybody goes home.
abstract contract ConservationBase is Test {
    Handler private handler;

    function setUp() public {
        handler = new Handler(_direct(), new Proxies());
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = Handler.act.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: selectors }));
    }

    /// @dev Nothing random comes here but what happened.
    function afterInvariant() public {
        handler.goHome(uint256(keccak256(abi.encode(handler.counts()))));
    }

    function _requireAll() internal view {
        handler.checkAction();
    }

    function _direct() internal pure virtual returns (bool);
}

/// @notice Every chain's messages wait in the queue.
contract ConservationTest is ConservationBase {
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 200
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.shrink-run-limit = 500
    /// forge-config: default.invariant.dictionary-weight = 0
    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.include-push-bytes = false
    function invariant_Conservation() public view {
        _requireAll();
    }

    function _direct() internal pure override returns (bool) {
        return false;
    }
}

/// @notice Chain 2 is the arbitrator's own: what it sends arrives at once, in the same transaction.
contract ConservationDirectTest is ConservationBase {
    /// forge-config: default.invariant.runs = 20
    /// forge-config: default.invariant.depth = 200
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.shrink-run-limit = 500
    /// forge-config: default.invariant.dictionary-weight = 0
    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.include-push-bytes = false
    function invariant_ConservationDirect() public view {
        _requireAll();
    }

    function _direct() internal pure override returns (bool) {
        return true;
    }
}
