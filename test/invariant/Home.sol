// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Mode } from "../../src/types/Mode.sol";
import { Attackers } from "./Attackers.sol";
import { Draft, Drafts } from "./Draft.sol";
import { Invariants } from "./Invariants.sol";
import { Ledger, State } from "./Ledger.sol";
import { ACCOUNTS, CHAINS, HALVES, PEOPLE, PLACES, Places, SHARES_SLOT, TOKENS } from "./Places.sol";

/// @title Everybody goes home
/// @notice From wherever a run ended, with nobody's help but what anyone may do (and an honest validator where normal life can go on): everybody leaves with
/// everything, and each contract keeps what nobody owns and nothing else.
abstract contract Home is Attackers, Invariants {
    using Drafts for Draft;
    using Ledger for State;

    error NotHome(string what, uint8 chain, uint256 expected, uint256 actual);

    /// @return halted whether it took exit mode
    function goHome(uint256 seed) external returns (bool halted) {
        vm.warp(_now());
        _deliverAll();
        halted = seed % 2 == 0 || !_canLive();
        if (halted) {
            _halt(uint8(_random(seed, 0) % CHAINS));
            _leaveByExits();
        } else {
            _leaveByBlocks();
        }
        _withdrawAll();
        _requireEmpty();
        check();
    }

    // ── normal life ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Whether honest blocks can go on: nothing has stopped, and what was synced anywhere is one way of honest blocks. Then the branch is that way.
    function _canLive() private returns (bool) {
        if (arbitrator.halted()) return false;
        uint8 first = 0;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (!_running(chain)) return false;
            if (rollups[chain].totalBlocksSynced() > rollups[first].totalBlocksSynced()) first = chain;
        }
        uint256 synced = rollups[first].totalBlocksSynced();
        for (uint256 n = 1; n <= synced; ++n) {
            uint256 id = committedPlans[first][n];
            if (plans[id].kind != Kind.Honest) return false;
            for (uint8 chain = 0; chain < CHAINS; ++chain) {
                if (n <= rollups[chain].totalBlocksSynced() && committedPlans[chain][n] != id) return false;
            }
        }
        while (branch.length != 0) branch.pop();
        for (uint256 n = 0; n <= synced; ++n) {
            branch.push(committedPlans[first][n]);
        }
        return true;
    }

    /// @dev One more block serves every request, turns shares into coins and withdraws all coins.
    function _leaveByBlocks() private {
        uint256 tip = branch.length - 1;
        Draft memory draft = _draft(branch[tip]);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            while (_serve(draft, chain)) { }
        }
        for (uint8 person = 0; person < PEOPLE; ++person) {
            uint8 shares = Places.placeAt(person, SHARES_SLOT);
            uint128[HALVES] memory all = [draft.state.balances[0][shares], draft.state.balances[1][shares]];
            draft.removeLiquidity(person, all);
        }
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            for (uint8 place = 0; place < PLACES; ++place) {
                uint128 amount = draft.state.balances[chain][place];
                if (amount != 0) draft.withdraw(chain, place, Places.personOf(place), amount, 0);
            }
        }
        uint256 id = _keep(branch[tip], draft, Kind.Honest, 0);
        branch.push(id);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            while (committedPlans[chain][committedPlans[chain].length - 1] != id) {
                if (!_follow(chain)) revert NotHome("commit", chain, tip + 1, committedPlans[chain].length - 1);
            }
        }
        uint256 proved = rollups[0].totalBlocksProved();
        _prove(proved, tip + 1 - proved);
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            _sync(chain, id);
        }
        _deliverAll();
        arbitrator.confirmBlock(uint32(tip + 1));
        _deliverAll();
        _executeAll();
    }

    // ── exit mode ───────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Takes a chain that has stopped, or stops `chain`: some request waits there or is made, nobody serves it, it expires.
    function _halt(uint8 chain) private {
        (bool found, uint8 stopped) = _chainFor(chain, _isStopped);
        if (found) {
            chain = stopped;
        } else if (!arbitrator.halted()) {
            _executeAll();
            if (_waiting(chain) == 0) _requestExit(chain, 0, Places.leafOf(0), 0);
            _wait(EXPIRATION + 1);
            _trigger(chain);
        }
        if (!arbitrator.halted()) {
            rollups[chain].sendHaltRequest();
            _deliverAll();
        }
        for (uint8 i = 0; i < CHAINS; ++i) {
            if (rollups[i].mode() != Mode.Halted) arbitrator.sendHalt(i);
        }
        _deliverAll();
        _executeAll();
    }

    function _leaveByExits() private {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (!_open(chain)) {
                revert NotHome("exits open", chain, rollups[chain].haltBlock(), rollups[chain].totalBlocksExecuted());
            }
            _exitLeaves(chain, 0, PLACES);
            for (uint64 id = _nextToExecute(chain); id < requests[chain].length; ++id) {
                if (!requests[chain][id].refunded) _refund(chain, id);
            }
        }
    }

    // ── both ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function _deliverAll() private {
        for (uint256 index = queue.find(0, false); index < queue.count(); index = queue.find(0, false)) {
            queue.deliver(index);
        }
    }

    function _executeAll() private {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (_hasUnexecuted(chain)) _execute(chain, type(uint32).max);
        }
    }

    function _withdrawAll() private {
        for (uint256 i = 0; i < uint256(CHAINS) * ACCOUNTS * TOKENS; ++i) {
            withdrawPending(i);
        }
    }

    /// @dev Left are reserves that no share stands for (of locked shares, and rounding) and fees that nobody collected.
    function _requireEmpty() private view {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            State memory state = _state(_executedPlan(chain));
            for (uint32 token = 1; token <= TOKENS; ++token) {
                uint256 nobodys = state.total(chain, token) - state.owned(chain, token);
                uint256 vault = _vault(chain, token);
                if (vault != nobodys) revert NotHome("vault", chain, nobodys, vault);
                if (_queued(chain, token) != 0) revert NotHome("queue", chain, 0, _queued(chain, token));
            }
        }
    }
}
