// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Driver } from "./Driver.sol";
import { Explained } from "./Explained.sol";
import { Handler } from "./Handler.sol";
import { Proxies } from "./Proxies.sol";
import { DID_COUNT, Tallies } from "./Tally.sol";

/// @title Everything happens
/// @notice The calls that find planted bugs (planted/), on the system as it is: no invariant breaks, each action happens, and the figures are printed.
contract EverythingTest is Explained {
    function test_Everything() public {
        vm.pauseGasMetering();
        uint256[DID_COUNT] memory sums;
        uint256 exitRuns = 0;
        for (uint256 run = 0; run < Driver.RUNS; ++run) {
            Handler handler = Driver.start(run, new Proxies());
            assertEq(_explain(Driver.run(handler, run)), "", string.concat("run ", vm.toString(run)));
            if (handler.exitsWereOpen()) ++exitRuns;
            assertEq(_explain(Driver.end(handler, run)), "", string.concat("end of run ", vm.toString(run)));
            uint256[DID_COUNT] memory counts = handler.counts();
            for (uint256 i = 0; i < DID_COUNT; ++i) {
                sums[i] += counts[i];
            }
        }
        emit log_named_uint("runs", Driver.RUNS);
        emit log_named_uint("runs with exits open", exitRuns);
        string memory missing = "";
        string[DID_COUNT] memory names = Tallies.names();
        for (uint256 i = 0; i < DID_COUNT; ++i) {
            emit log_named_uint(names[i], sums[i]);
            if (sums[i] == 0) missing = string.concat(missing, bytes(missing).length == 0 ? "" : ", ", names[i]);
        }
        assertEq(missing, "", "never happened");
    }
}
