// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Driver } from "../Driver.sol";
import { Handler } from "../Handler.sol";
import { Home } from "../Home.sol";
import { Invariants } from "../Invariants.sol";
import { Proxies } from "../Proxies.sol";
import { Bug } from "./Bugs.sol";
import { PlantedProxies } from "./PlantedProxies.sol";

/// @title Each planted bug is found
/// @notice The same random calls as in Conservation.t.sol, with fixed seeds, on a system with one bug: within some runs an invariant must break. Without a bug
/// none does in as many runs.
contract PlantedTest is Test {
    uint256 private constant SEED = 20_251_121;
    uint256 private constant RUNS = 16;
    uint256 private constant CALLS = 250;

    function test_ExecuteTwice() public {
        _find(Bug.ExecuteTwice);
    }

    function test_ExecuteUnconfirmed() public {
        _find(Bug.ExecuteUnconfirmed);
    }

    function test_ExecuteOtherData() public {
        _find(Bug.ExecuteOtherData);
    }

    function test_BondTwice() public {
        _find(Bug.BondTwice);
    }

    function test_SkippedNullifier() public {
        _find(Bug.SkippedNullifier);
    }

    function test_ExitToSender() public {
        _find(Bug.ExitToSender);
    }

    function test_RefundConsumed() public {
        _find(Bug.RefundConsumed);
    }

    function test_RefundKept() public {
        _find(Bug.RefundKept);
    }

    function test_ExitWrongRoot() public {
        _find(Bug.ExitWrongRoot);
    }

    function test_HaltFromNobody() public {
        _find(Bug.HaltFromNobody);
    }

    function test_HaltBelowConfirmed() public {
        _find(Bug.HaltBelowConfirmed);
    }

    function test_ConfirmAboveHalt() public {
        _find(Bug.ConfirmAboveHalt);
    }

    function test_TriggerUnexpired() public {
        _find(Bug.TriggerUnexpired);
    }

    function test_RequestWhenStopped() public {
        _find(Bug.RequestWhenStopped);
    }

    function test_QueueUnbounded() public {
        _find(Bug.QueueUnbounded);
    }

    function test_SyncUnproved() public {
        _find(Bug.SyncUnproved);
    }

    function test_ProveAnything() public {
        _find(Bug.ProveAnything);
    }

    function test_RevertSynced() public {
        _find(Bug.RevertSynced);
    }

    function test_WithdrawKept() public {
        _find(Bug.WithdrawKept);
    }

    function test_ConfirmUnequal() public {
        _find(Bug.ConfirmUnequal);
    }

    /// @dev The driver itself finds nothing where nothing is.
    function test_NoBug() public {
        vm.pauseGasMetering();
        for (uint256 run = 0; run < 4; ++run) {
            (bytes memory failure,) = Driver.run(new Handler(run % 2 == 0, new Proxies()), SEED + run, CALLS);
            assertEq(failure, "", "no invariant breaks");
        }
    }

    function _find(Bug bug) private {
        vm.pauseGasMetering();
        Proxies proxies = new PlantedProxies(bug);
        for (uint256 run = 0; run < RUNS; ++run) {
            Handler handler = new Handler(run % 2 == 0, proxies);
            (bytes memory failure,) = Driver.run(handler, SEED + run, CALLS);
            if (failure.length == 0) continue;
            emit log_named_uint("run", run);
            emit log_named_uint("actions", handler.actionCount());
            emit log_named_string("broken", _explain(failure));
            return;
        }
        assertTrue(false, "the bug was not found");
    }

    /// @dev Which invariant broke; for any other error, the call that had to be possible and was refused.
    function _explain(bytes memory failure) private pure returns (string memory) {
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
