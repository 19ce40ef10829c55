// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { Mode } from "../../src/types/Mode.sol";
import { NATIVE_TOKEN } from "../../src/types/Token.sol";
import { Chronicle } from "./Chronicle.sol";
import { Ledger, State } from "./Ledger.sol";
import { ACCOUNTS, CHAINS, PLACES, Places, TOKENS } from "./Places.sol";
import { Tallies, Tally } from "./Tally.sol";

/// @title What must hold after every call
/// @notice | name | what |
/// |---|---|
/// | flow | no more has left a contract than has entered it, and the contract has the rest |
/// | owed | the contract has what it owes: leaves of the last executed state that have not exited (with what nobody owns), pending balances, queued deposits, bonds |
/// | entitled | what each account has got and has pending is what executed blocks, exits, refunds and full exits at a price give it in the model, to the unit |
/// | counters | committed ≥ proved ≥ synced ≥ confirmed ≥ executed |
/// | agreement | nothing is confirmed that the arbitrator did not confirm, and all chains executed the same blocks |
/// | queue | every request is waiting, executed or refunded, no more wait than may, and one more costs what it should |
/// | halt | chains that are halted have one last block and one root, and nothing above it is confirmed |
/// | stop | no chain leaves normal life but by a request that expired |
/// | exits | nothing exits or is refunded before exits are open |
/// | refusals | no attack was accepted |
abstract contract Invariants is Chronicle, Tally {
    using Ledger for State;

    error Broken(string invariant_, uint8 chain, uint256 expected, uint256 actual);

    function check() public view {
        uint256 id = 0;
        State memory state = _state(id);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (_executedPlan(chain) != id) {
                id = _executedPlan(chain);
                state = _state(id);
            }
            (bool any, uint256[TOKENS][ACCOUNTS] memory exited) = _exited(chain);
            _checkMoney(chain, state, exited);
            if (any && !rollups[chain].exitsOpen()) revert Broken("exits", chain, 0, 1);
            _checkCounters(chain);
            _checkAgreement(chain);
            _checkQueue(chain);
            _checkModes(chain);
        }
        if (accepted != 0) {
            revert Broken(string.concat("refusals, ", Tallies.names()[uint256(firstAccepted)]), 0, 0, accepted);
        }
    }

    function _checkMoney(uint8 chain, State memory state, uint256[TOKENS][ACCOUNTS] memory exited) private view {
        for (uint32 token = NATIVE_TOKEN; token <= TOKENS; ++token) {
            uint256 t = token - 1;
            uint256 vault = _vault(chain, token);
            if (left[chain][t] > entered[chain][t]) revert Broken("flow", chain, entered[chain][t], left[chain][t]);
            _equal("flow", chain, entered[chain][t] - left[chain][t], vault);

            uint256 owed = state.total(chain, token) + _queued(chain, token);
            if (owed < state.owned(chain, token)) revert Broken("owed", chain, owed, state.owned(chain, token));
            for (uint8 account = 0; account < ACCOUNTS; ++account) {
                uint256 pending = rollups[chain].pendingBalance(accounts[account], token);
                uint256 entitled = state.paid[chain][account][t] + exited[account][t] + credited[chain][account][t];
                _equal("entitled", chain, entitled, received[chain][account][t] + pending);
                owed += pending;
                vault += exited[account][t];
            }
            _equal("owed", chain, owed, vault);
        }
    }

    function _checkCounters(uint8 chain) private view {
        IRollup rollup = rollups[chain];
        uint256[6] memory counters = [
            committedPlans[chain].length - 1,
            rollup.totalBlocksCommitted(),
            rollup.totalBlocksProved(),
            rollup.totalBlocksSynced(),
            rollup.totalBlocksConfirmed(),
            rollup.totalBlocksExecuted()
        ];
        for (uint256 i = 1; i < counters.length; ++i) {
            if (counters[i] > counters[i - 1]) revert Broken("counters", chain, counters[i - 1], counters[i]);
        }
        _equal("counters", chain, counters[0], counters[1]);
        if (chain != 0) _equal("counters", chain, counters[1], counters[2]);
    }

    /// @dev Blocks of the same number that two chains have confirmed are one block, which the primary proved.
    function _checkAgreement(uint8 chain) private view {
        uint32 confirmed = rollups[chain].totalBlocksConfirmed();
        uint32 last = arbitrator.lastConfirmedBlock();
        if (confirmed > last) revert Broken("agreement", chain, last, confirmed);
        // What is executed was looked at before it was.
        uint32 executed = rollups[chain].totalBlocksExecuted();
        for (uint32 number = executed == 0 ? 1 : executed; number <= confirmed; ++number) {
            uint256 id = committedPlans[chain][number];
            _equal("agreement", chain, committedPlans[0][number], id);
            if (plans[id].kind != Kind.Honest) revert Broken("agreement", chain, 0, uint256(plans[id].kind));
        }
    }

    function _checkQueue(uint8 chain) private view {
        (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) = rollups[chain].priorityQueueState();
        _equal("queue", chain, requests[chain].length, nextId);
        uint256 tip = committedPlans[chain][committedPlans[chain].length - 1];
        _equal("queue", chain, plans[tip].requestsTotal[chain], nextToCommit);
        _equal("queue", chain, plans[_executedPlan(chain)].requestsTotal[chain], nextToExecute);
        uint256 waiting = nextId - nextToExecute;
        if (waiting > MAX_AT_PRICE) revert Broken("queue", chain, MAX_AT_PRICE, waiting);
        _equal("queue", chain, _price(waiting), rollups[chain].fullExitPrice());
        // Of those that are gone, the last; of a long queue both ends. The rest comes to an end of its own (Home.sol).
        for (uint64 id = nextToExecute < 3 ? 0 : nextToExecute - 3; id < nextId; ++id) {
            if (id == nextToExecute + MAX_OPEN && waiting > 2 * uint256(MAX_OPEN)) id = nextId - MAX_OPEN;
            (bytes27 requestHash, uint40 expiresAt) = rollups[chain].priorityRequest(id);
            bool gone = id < nextToExecute || requests[chain][id].refunded;
            if ((requestHash == 0) != gone) revert Broken("queue", chain, gone ? 0 : 1, id);
            _equal("queue", chain, gone ? 0 : requests[chain][id].expiresAt, expiresAt);
        }
    }

    function _checkModes(uint8 chain) private view {
        IRollup rollup = rollups[chain];
        Mode mode = rollup.mode();
        bool anyStopped = rightlyStopped[0] || rightlyStopped[1] || rightlyStopped[2];
        if (mode == Mode.Stopped && !rightlyStopped[chain]) revert Broken("stop", chain, 0, 1);
        if (arbitrator.halted() && !anyStopped) revert Broken("stop", chain, 0, 2);
        if (mode == Mode.Halted) {
            if (!arbitrator.halted()) revert Broken("halt", chain, 0, 2);
            uint32 last = arbitrator.lastConfirmedBlock();
            _equal("halt", chain, last, rollup.haltBlock());
            _equal("halt", chain, last, rollup.totalBlocksConfirmed());
            // The root stands only once exits are open.
            uint256 root = last == 0 ? GENESIS_ROOT : arbitrator.confirmedRoot(last);
            _equal("halt", chain, rollup.exitsOpen() ? root : 0, rollup.haltRoot());
            _equal("halt", chain, plans[committedPlans[chain][last]].root, root);
        }
    }

    /// @dev Whether any leaf has exited, and what those that have were worth at the halt, by owner and token. An exit from a chain that is not halted is one
    /// that nobody is entitled to.
    function _exited(uint8 chain) private view returns (bool any, uint256[TOKENS][ACCOUNTS] memory sums) {
        if (rollups[chain].mode() != Mode.Halted) return (false, sums);
        State memory state = _haltState(chain);
        for (uint8 place = 0; place < PLACES; ++place) {
            if (!rollups[chain].hasExited(Places.leafOf(place))) continue;
            any = true;
            sums[Places.personOf(place)][Places.tokenOf(chain, place) - 1] += state.worth(chain, place);
        }
    }

    /// @dev Deposits and bonds of requests that are neither executed nor refunded.
    function _queued(uint8 chain, uint32 token) internal view returns (uint256 sum) {
        for (uint256 id = _nextToExecute(chain); id < requests[chain].length; ++id) {
            Request storage request = requests[chain][id];
            if (request.refunded) continue;
            if (!request.deposit) sum += token == NATIVE_TOKEN ? EXIT_BOND : 0;
            else if (Places.tokenOf(chain, Places.placeOf(request.leafIndex)) == token) sum += request.amount;
        }
    }

    function _equal(string memory name, uint8 chain, uint256 expected, uint256 actual) private pure {
        if (expected != actual) revert Broken(name, chain, expected, actual);
    }
}
