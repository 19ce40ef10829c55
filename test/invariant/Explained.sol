// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Home } from "./Home.sol";
import { Invariants } from "./Invariants.sol";

/// @title What ended a run, in words
abstract contract Explained is Test {
    /// @dev Which invariant broke; for any other error, the call that had to be possible and was refused.
    function _explain(bytes memory failure) internal pure returns (string memory) {
        if (failure.length == 0) return "";
        bytes4 selector = bytes4(failure);
        bytes memory arguments = new bytes(failure.length < 4 ? 0 : failure.length - 4);
        for (uint256 i = 0; i < arguments.length; ++i) {
            arguments[i] = failure[i + 4];
        }
        if (selector == Invariants.Broken.selector || selector == Home.NotHome.selector) {
            (string memory name, uint8 chain, uint256 expected, uint256 actual) =
                abi.decode(arguments, (string, uint8, uint256, uint256));
            string memory what = selector == Home.NotHome.selector ? string.concat("home: ", name) : name;
            return string.concat(
                what, ", chain ", vm.toString(chain), ", ", vm.toString(expected), " expected, ", vm.toString(actual)
            );
        }
        return string.concat("a call that must be possible: ", vm.toString(failure));
    }
}
