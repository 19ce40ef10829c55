// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup, ISecondaryRollup } from "../../src/interfaces/IRollup.sol";
import { PrimaryBlock, SecondaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { Draft, Drafts } from "./Draft.sol";
import { CHAINS, HALVES, PEOPLE, PLACES, Places, SHARES_SLOT } from "./Places.sol";
import { Did } from "./Tally.sol";
import { Users } from "./Users.sol";

/// @title What the validator does, honest or not
/// @notice It plans blocks behind its branch and commits them chain by chain, each chain at its own time. Dishonest: it leaves its branch after chains went that
/// way. What it tries besides is in Attackers.sol.
abstract contract Validators is Users {
    using Drafts for Draft;

    /// Blocks that it plans ahead of the slowest chain that still runs.
    uint256 private constant AHEAD = 2;

    function planBlock(uint256 seed) public {
        _forgetLies();
        uint256 tip = branch.length - 1;
        if (!_mayPlan(tip)) return;
        Draft memory draft = _draft(branch[tip]);
        uint256 operations = 1 + _random(seed, 0) % 8;
        for (uint256 i = 1; i <= operations; ++i) {
            _operate(draft, _random(seed, i));
        }
        branch.push(_keep(branch[tip], draft, Kind.Honest, 0));
        _did(Did.PlanBlock);
    }

    /// @dev Takes a chain back to the branch if need be, then commits the branch's next block to it.
    function commitBlock(uint256 seed) public {
        for (uint8 i = 0; i < CHAINS; ++i) {
            uint8 chain = uint8((seed % CHAINS + i) % CHAINS);
            if (_running(chain) && _follow(chain)) return;
        }
    }

    /// @dev Leaves the branch some blocks before its end: after blocks that a chain synced now and then, which nothing can heal but exit mode.
    function replan(uint256 seed) public {
        uint256 tip = branch.length - 1;
        uint256 lowest = arbitrator.lastConfirmedBlock();
        if (tip <= lowest || tip - lowest > AHEAD) return;
        uint256 synced = 0;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (rollups[chain].totalBlocksSynced() > synced) synced = rollups[chain].totalBlocksSynced();
        }
        if ((!_lies(1) || _random(seed, 0) % 3 != 0) && synced > lowest) lowest = synced;
        if (tip <= lowest) return;
        uint256 target = lowest + _random(seed, 1) % (tip - lowest);
        while (branch.length > target + 1) branch.pop();
        _did(target < synced ? Did.Equivocate : Did.Replan);
    }

    /// @dev Whether it is one who tells lies (0), or leaves what was synced (1): one such call, and normal life ends soon.
    function _lies(uint256 way) internal view returns (bool) {
        return mood >> way & 1 == 0;
    }

    function _draft(uint256 parent) internal view returns (Draft memory draft) {
        draft.state = _state(parent);
        draft.accounts = accounts;
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            draft.nextRequest[chain] = plans[parent].requestsTotal[chain];
        }
    }

    /// @dev Serves the chain's next request if there is one.
    function _serve(Draft memory draft, uint8 chain) internal returns (bool) {
        uint64 next = draft.nextRequest[chain];
        if (next >= requests[chain].length) return false;
        Request storage request = requests[chain][next];
        if (request.deposit) {
            draft.deposit(chain, Places.placeOf(request.leafIndex), request.amount);
            _did(Did.ServeDeposit);
        } else {
            draft.fullExit(chain, request.leafIndex, request.person, request.amount, EXIT_BOND);
            _did(Did.ServeFullExit);
        }
        return true;
    }

    /// @dev True if the chain has moved.
    function _follow(uint8 chain) internal returns (bool) {
        uint256 common = _common(chain);
        uint256 committed = committedPlans[chain].length - 1;
        if (committed > common) {
            // What was synced stays: the validator comes back to it if no other chain went elsewhere.
            if (rollups[chain].totalBlocksSynced() > common) return _adopt(chain);
            StoredBlock memory last = _stored(branch[common], chain);
            vm.prank(validator);
            rollups[chain].revertBlocks(last);
            while (committedPlans[chain].length > common + 1) committedPlans[chain].pop();
            _did(Did.RevertBlocks);
        }
        if (common + 1 >= branch.length) return committed > common;
        uint256 id = branch[common + 1];
        if (plans[id].kind == Kind.Unasked && plans[id].victim == chain) return false;
        _commit(chain, id);
        return true;
    }

    function _commit(uint8 chain, uint256 id) internal {
        bytes memory call = _commitCall(chain, id);
        vm.prank(validator);
        (bool success, bytes memory reason) = address(rollups[chain]).call(call);
        require(success, string(reason));
        committedPlans[chain].push(id);
        _did(Did.CommitBlock);
    }

    function _commitCall(uint8 chain, uint256 id) internal view returns (bytes memory) {
        uint256 parent = plans[id].parent;
        if (chain == 0) {
            PrimaryBlock[] memory list = new PrimaryBlock[](1);
            list[0] = _primaryBlock(id);
            return abi.encodeCall(IPrimaryRollup.commitBlocks, (_stored(parent, 0), _syncHashes(parent), list));
        }
        Plan storage plan = plans[id];
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = SecondaryBlock(plan.number, plan.timestamp, plan.root, plan.onchainData[chain]);
        return abi.encodeCall(ISecondaryRollup.commitBlocks, (_stored(parent, chain), blocks));
    }

    /// @dev Goes on with what `from` committed, if every chain can follow.
    function _adopt(uint8 from) internal returns (bool) {
        uint256[] storage way = committedPlans[from];
        for (uint256 n = 1; n < way.length; ++n) {
            if (plans[way[n]].kind != Kind.Honest) return false;
        }
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            uint256 synced = rollups[chain].totalBlocksSynced();
            if (synced >= way.length || committedPlans[chain][synced] != way[synced]) return false;
        }
        branch = way;
        return true;
    }

    /// @dev An honest validator does not build on a lie, its own or not.
    function _forgetLies() internal {
        for (uint256 n = 1; n < branch.length; ++n) {
            if (plans[branch[n]].kind == Kind.Honest) continue;
            while (branch.length > n) branch.pop();
        }
    }

    function _mayPlan(uint256 tip) internal view returns (bool any) {
        for (uint8 chain = 0; chain < CHAINS; ++chain) {
            if (!_running(chain)) continue;
            if (tip >= _common(chain) + AHEAD) return false;
            any = true;
        }
    }

    function _operate(Draft memory draft, uint256 random) private {
        uint8 chain = uint8(random % CHAINS);
        uint256 which = random >> 16 & 15;
        if (which < 7) _serveSome(draft, chain, random >> 32);
        else if (which < 9) _move(draft, chain, random >> 32, which == 7);
        else _trade(draft, uint8((random >> 32) % PEOPLE), random >> 48);
    }

    /// @dev Some requests of a chain; of a long queue many.
    function _serveSome(Draft memory draft, uint8 chain, uint256 random) private {
        uint256 most = 1 + random % 8 * (_waiting(chain) > MAX_OPEN ? 8 : 1);
        while (most != 0 && _serve(draft, chain)) --most;
    }

    /// @dev Part of a leaf goes to somebody outside or to another leaf.
    function _move(Draft memory draft, uint8 chain, uint256 random, bool outside) private pure {
        uint8 place = _richPlace(draft.state, chain, random);
        uint8 other = uint8((random >> 16) % PLACES);
        uint128 balance = draft.state.balances[chain][place];
        uint128 amount = uint128(balance / (2 + (random >> 32) % 3));
        uint16 fee = balance > amount + 8 ? uint16((random >> 48) % 8) : 0;
        if (outside) {
            draft.withdraw(chain, place, Places.personOf(other), amount, fee);
        } else {
            draft.transfer(chain, place, other, amount, fee, uint8((random >> 64) % PEOPLE));
        }
    }

    /// @dev The first person from `start` on who can.
    function _trade(Draft memory draft, uint8 start, uint256 random) private {
        uint256 kind = random % 8;
        for (uint8 i = 0; i < PEOPLE; ++i) {
            uint8 person = (start + i) % PEOPLE;
            uint128 a = draft.state.balances[0][Places.poolPlace(0, person)];
            uint128 b = draft.state.balances[1][Places.poolPlace(1, person)];
            uint8 shares = Places.placeAt(person, SHARES_SLOT);
            uint128 part = uint128(1 + (random >> 8) % 4);
            if (kind < 3 && a != 0 && b != 0) {
                draft.addLiquidity(person, [(a + part - 1) / part, (b + part - 1) / part]);
                _did(Did.AddLiquidity);
                return;
            }
            if (kind == 3 && draft.state.balances[0][shares] != 0 && draft.state.balances[1][shares] != 0) {
                uint128[HALVES] memory some =
                    [draft.state.balances[0][shares] / part, draft.state.balances[1][shares] / part];
                draft.removeLiquidity(person, some);
                _did(Did.RemoveLiquidity);
                return;
            }
            uint8 from = uint8(kind % HALVES);
            if (kind > 3 && draft.state.reserves[0] != 0 && (from == 0 ? a : b) != 0) {
                draft.swap(from, person, ((from == 0 ? a : b) + part - 1) / part);
                _did(Did.Swap);
                return;
            }
        }
    }
}
