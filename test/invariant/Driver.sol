// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Handler } from "./Handler.sol";
import { Proxies } from "./Proxies.sol";

/// @title Random calls from a seed
/// @notice What forge's invariant runner does, in a test of our own: where the calls are the same every time.
library Driver {
    uint256 internal constant RUNS = 24;
    uint256 private constant SEED = 20_251_121;
    uint256 private constant CALLS = 200;

    /// @notice The system of a run, by the run's number: with chain 2 wired directly in every other one.
    function start(uint256 number, Proxies proxies) internal returns (Handler) {
        return new Handler(number % 2 == 1, proxies);
    }

    /// @notice Makes the calls of a run and checks everything after each.
    /// @return failure what ended it early: the data of the error; empty if nothing did
    function run(Handler handler, uint256 number) internal returns (bytes memory failure) {
        uint256 seed = SEED + number;
        for (uint256 i = 0; i < CALLS && failure.length == 0; ++i) {
            failure = _attempt(handler, abi.encodeCall(handler.act, (uint256(keccak256(abi.encode(seed, i))))));
            if (failure.length == 0) failure = _attempt(handler, abi.encodeCall(handler.checkAction, ()));
        }
    }

    /// @notice The end of a run: everybody goes home.
    function end(Handler handler, uint256 number) internal returns (bytes memory failure) {
        return _attempt(handler, abi.encodeCall(handler.goHome, (uint256(keccak256(abi.encode(SEED, number))))));
    }

    function _attempt(Handler handler, bytes memory call) private returns (bytes memory failure) {
        (bool success, bytes memory result) = address(handler).call(call);
        if (success) return "";
        return result.length == 0 ? bytes(hex"00") : result;
    }
}
