// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Driver } from "../Driver.sol";
import { Explained } from "../Explained.sol";
import { Handler } from "../Handler.sol";
import { Proxies } from "../Proxies.sol";
import { Bug } from "./Bugs.sol";
import { PlantedProxies } from "./PlantedProxies.sol";

/// @title Each planted bug is found
/// @notice The calls of Everything.t.sol, where none breaks, on a system with one bug: within as many runs an invariant must break.
contract PlantedTest is Explained {
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

    function test_ExitUnproved() public {
        _find(Bug.ExitUnproved);
    }

    function test_ExitsTooEarly() public {
        _find(Bug.ExitsTooEarly);
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

    function test_FlatPrice() public {
        _find(Bug.FlatPrice);
    }

    function test_SurplusTwice() public {
        _find(Bug.SurplusTwice);
    }

    function _find(Bug bug) private {
        vm.pauseGasMetering();
        Proxies proxies = new PlantedProxies(bug);
        for (uint256 run = 0; run < Driver.RUNS; ++run) {
            Handler handler = Driver.start(run, proxies);
            bytes memory failure = Driver.run(handler, run);
            if (failure.length == 0) failure = Driver.end(handler, run);
            if (failure.length == 0) continue;
            emit log_named_uint("run", run);
            emit log_named_uint("actions", handler.actionCount());
            emit log_named_string("broken", _explain(failure));
            return;
        }
        assertTrue(false, "the bug was not found");
    }
}
