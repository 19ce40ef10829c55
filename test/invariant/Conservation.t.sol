// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Handler } from "./Handler.sol";
import { Proxies } from "./Proxies.sol";
import { DID_COUNT, Tallies } from "./Tally.sol";

/// @title Conservation under random calls
/// @notice Users, validators, whoever carries messages, attackers, and exit mode at any moment. After every call Invariants.check holds; at the end of every run
/// everybody goes home. The last run prints how often each action happened and fails if one never did.
/// @dev Forge puts the state back after each run, so the sums are kept in an environment variable. RUNS must be the number in the forge-config lines.
abstract contract ConservationBase is Test {
    uint256 private constant RUNS = 36;

    struct Sums {
        uint256 runs;
        uint256 exitRuns;
        uint256 haltedHomes;
        uint256[DID_COUNT] counts;
    }

    Handler private handler;

    function setUp() public {
        handler = new Handler(_direct(), new Proxies());
        targetContract(address(handler));
        targetSelector(FuzzSelector({ addr: address(handler), selectors: handler.actions() }));
    }

    function afterInvariant() public {
        Sums memory sums = _read();
        ++sums.runs;
        if (handler.exitsWereOpen()) ++sums.exitRuns;
        uint256[DID_COUNT] memory counts = handler.counts();
        uint256 seed = 0;
        for (uint256 i = 0; i < DID_COUNT; ++i) {
            sums.counts[i] += counts[i];
            seed += counts[i];
        }
        if (handler.goHome(uint256(keccak256(abi.encode(seed))))) ++sums.haltedHomes;
        vm.setEnv(_variable(), vm.toString(abi.encode(sums)));
        if (sums.runs >= RUNS) _report(sums);
    }

    function _requireAll() internal view {
        handler.check();
    }

    function _direct() internal pure virtual returns (bool);

    function _variable() internal pure virtual returns (string memory);

    function _report(Sums memory sums) private {
        emit log_named_uint("runs", sums.runs);
        emit log_named_uint("runs with exits open", sums.exitRuns);
        emit log_named_uint("runs whose users went home by exits", sums.haltedHomes);
        string[DID_COUNT] memory names = Tallies.names();
        for (uint256 i = 0; i < DID_COUNT; ++i) {
            emit log_named_uint(names[i], sums.counts[i]);
        }
        string memory missing = "";
        for (uint256 i = 0; i < DID_COUNT; ++i) {
            if (sums.counts[i] == 0) {
                missing = string.concat(missing, bytes(missing).length == 0 ? "" : ", ", names[i]);
            }
        }
        assertEq(missing, "", "never happened");
    }

    function _read() private view returns (Sums memory sums) {
        bytes memory saved = vm.envOr(_variable(), bytes(""));
        if (saved.length != 0) sums = abi.decode(saved, (Sums));
    }
}

/// @notice Every chain's messages wait in the queue.
contract ConservationTest is ConservationBase {
    /// forge-config: default.invariant.runs = 36
    /// forge-config: default.invariant.depth = 250
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.dictionary-weight = 0
    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.include-push-bytes = false
    function invariant_Conservation() public view {
        _requireAll();
    }

    function _direct() internal pure override returns (bool) {
        return false;
    }

    function _variable() internal pure override returns (string memory) {
        return "CONSERVATION_SUMS";
    }
}

/// @notice Chain 2 is the arbitrator's own: what it sends arrives at once, in the same transaction.
contract ConservationDirectTest is ConservationBase {
    /// forge-config: default.invariant.runs = 36
    /// forge-config: default.invariant.depth = 250
    /// forge-config: default.invariant.fail-on-revert = true
    /// forge-config: default.invariant.dictionary-weight = 0
    /// forge-config: default.invariant.include-storage = false
    /// forge-config: default.invariant.include-push-bytes = false
    function invariant_ConservationDirect() public view {
        _requireAll();
    }

    function _direct() internal pure override returns (bool) {
        return true;
    }

    function _variable() internal pure override returns (string memory) {
        return "CONSERVATION_DIRECT_SUMS";
    }
}
