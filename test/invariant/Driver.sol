// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Handler } from "./Handler.sol";

/// @title Random calls from a seed
/// @notice What forge's invariant runner does, in a test of our own: where the calls are the same every time.
library Driver {
    /// @notice Makes `calls` calls and checks everything after each; then everybody goes home.
    /// @return failure what ended it early: the data of the error; empty if nothing did
    /// @return exitsOpened whether somewhere users could leave by exits before
    function run(Handler handler, uint256 seed, uint256 calls)
        internal
        returns (bytes memory failure, bool exitsOpened)
    {
        bytes4[] memory actions = handler.actions();
        for (uint256 i = 0; i < calls; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            failure = attempt(handler, abi.encodeWithSelector(actions[random % actions.length], random));
            if (failure.length == 0) failure = attempt(handler, abi.encodeCall(handler.check, ()));
            if (failure.length != 0) return (failure, false);
        }
        exitsOpened = handler.exitsWereOpen();
        failure = attempt(handler, abi.encodeCall(handler.goHome, (seed)));
    }

    function attempt(Handler handler, bytes memory call) private returns (bytes memory failure) {
        (bool success, bytes memory result) = address(handler).call(call);
        if (success) return "";
        return result.length == 0 ? bytes(hex"00") : result;
    }
}
