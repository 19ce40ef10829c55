// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LeafExit } from "../../src/types/LeafExit.sol";
import { NATIVE_TOKEN } from "../../src/types/Token.sol";
import { Chronicle } from "./Chronicle.sol";
import { Ledger, State } from "./Ledger.sol";
import {
    ACCOUNTS,
    CHAINS,
    ERC20_TOKEN,
    PEOPLE,
    PLACES,
    POOL_LEAF,
    Places,
    TOKENS,
    TOKEN_SLOT,
    TREASURY,
    UNKNOWN_LEAF
} from "./Places.sol";
import { Did, Tally } from "./Tally.sol";

/// @title What users do
/// @notice Every action does what is possible from where its seed points to, or nothing. A call that must be possible and reverts fails the run.
abstract contract Users is Chronicle, Tally {
    using Ledger for State;

    uint128 private constant MAX_AMOUNT = 1_000_000;

    /// @dev Mostly where it can be traded.
    function depositNative(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(_random(seed, 4) % 4, _takesDeposits);
        if (!found) return;
        uint128 amount = uint128(1 + _random(seed, 1) % MAX_AMOUNT);
        uint8 place = Places.placeAt(uint8(_random(seed, 2) % 3 % 2), uint8(_random(seed, 3) % 3 / 2));
        address owner = accounts[Places.personOf(place)];
        vm.prank(owner);
        rollups[chain].depositNative{ value: amount }(owner, Places.keyX(place), Places.keyY(place));
        _requested(chain, Request(true, false, Places.personOf(place), Places.leafOf(place), amount, 0));
        entered[chain][NATIVE_TOKEN - 1] += amount;
        _did(Did.DepositNative);
    }

    function depositToken(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(1 + _random(seed, 4) % 4, _takesDeposits);
        if (!found) return;
        uint128 amount = uint128(1 + _random(seed, 1) % MAX_AMOUNT);
        uint8 place = Places.placeAt(uint8(_random(seed, 2) % 3 % 2), TOKEN_SLOT);
        address owner = accounts[Places.personOf(place)];
        vm.prank(owner);
        rollups[chain].depositToken(ERC20_TOKEN, amount, owner, Places.keyX(place), Places.keyY(place));
        _requested(chain, Request(true, false, Places.personOf(place), Places.leafOf(place), amount, 0));
        entered[chain][ERC20_TOKEN - 1] += amount;
        _did(Did.DepositToken);
    }

    /// @dev Of a leaf with coins, of one with shares, or of one that is not the caller's.
    function requestExit(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _takesRequests);
        if (!found) return;
        (uint8 person, uint24 leafIndex, uint128 least) = _wish(chain, seed);
        if (leafIndex != 0) _requestExit(chain, person, leafIndex, least);
    }

    /// @dev Mostly where the queue is full. Some pay more than they have to.
    function requestExitAtPrice(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _takesOnlyAtPrice);
        if (!found || _random(seed, 3) % 4 == 0) (found, chain) = _chainFor(seed, _takesAtPrice);
        if (!found) return;
        (uint8 person, uint24 leafIndex, uint128 least) = _wish(chain, seed);
        if (leafIndex == 0) return;
        bool more = _random(seed, 4) % 2 == 0;
        _did(_takesRequests(chain) ? Did.RequestAtBond : Did.RequestAtPrice);
        if (more) _did(Did.PaySurplus);
        _requestExitAtPrice(chain, person, leafIndex, least, more ? 1 + _random(seed, 5) % MAX_AMOUNT : 0);
    }

    /// @dev Anyone pays anyone's pending balance out.
    function withdrawPending(uint256 seed) public {
        uint256 combinations = uint256(CHAINS) * ACCOUNTS * TOKENS;
        for (uint256 i = 0; i < combinations; ++i) {
            uint256 k = (seed % combinations + i) % combinations;
            uint8 chain = uint8(k % CHAINS);
            uint8 account = uint8(k / CHAINS % ACCOUNTS);
            uint32 token = uint32(1 + k / CHAINS / ACCOUNTS);
            if (rollups[chain].pendingBalance(accounts[account], token) == 0) continue;
            uint256 vaultBefore = _vault(chain, token);
            uint256 before = _holding(chain, token, accounts[account]);
            vm.prank(anyone);
            rollups[chain].withdrawPending(accounts[account], token);
            left[chain][token - 1] += vaultBefore - _vault(chain, token);
            received[chain][account][token - 1] += _holding(chain, token, accounts[account]) - before;
            _did(Did.WithdrawPending);
            return;
        }
    }

    /// @dev Some leaves of one chain, whoever's they are.
    function exitLeaves(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _paysExits);
        if (found) _exitLeaves(chain, _random(seed, 1), 1 + _random(seed, 2) % 2);
    }

    function refund(uint256 seed) public {
        (bool found, uint8 chain) = _chainFor(seed, _hasRefunds);
        if (!found) return;
        uint64 next = _nextToExecute(chain);
        uint256 waiting = _waiting(chain);
        for (uint256 i = 0; i < waiting; ++i) {
            uint64 id = uint64(next + (seed % waiting + i) % waiting);
            if (requests[chain][id].refunded) continue;
            _refund(chain, id);
            return;
        }
    }

    function _refund(uint8 chain, uint64 id) internal {
        Request storage request = requests[chain][id];
        request.refunded = true;
        vm.prank(anyone);
        (bool success, bytes memory reason) = address(rollups[chain]).call(_refundCall(chain, id, 0));
        require(success, string(reason));
        uint8 place = Places.placeOf(request.leafIndex);
        uint32 token = request.deposit ? Places.tokenOf(chain, place) : NATIVE_TOKEN;
        credited[chain][request.person][token - 1] += request.deposit ? request.amount : EXIT_BOND;
        _did(request.deposit ? Did.RefundDeposit : Did.RefundBond);
    }

    /// @dev The call that refunds a request; with `more` it asks for so much more than a deposit was (a bond is asked for by somebody else).
    function _refundCall(uint8 chain, uint64 id, uint128 more) internal view returns (bytes memory) {
        Request storage request = requests[chain][id];
        address owner = accounts[request.person];
        if (!request.deposit) {
            if (more != 0) owner = accounts[(request.person + 1) % PEOPLE];
            return abi.encodeCall(rollups[chain].refundBond, (id, request.leafIndex, owner, request.amount));
        }
        uint8 place = Places.placeOf(request.leafIndex);
        return abi.encodeCall(
            rollups[chain].refundDeposit,
            (id, Places.tokenOf(chain, place), owner, request.amount + more, Places.keyX(place), Places.keyY(place))
        );
    }

    /// @dev Up to `most` leaves that have something, from place `start` on. Returns how many.
    function _exitLeaves(uint8 chain, uint256 start, uint256 most) internal returns (uint256 count) {
        State memory state = _haltState(chain);
        LeafExit[] memory exits = new LeafExit[](PLACES);
        for (uint8 i = 0; i < PLACES && count < most; ++i) {
            uint8 place = uint8((start % PLACES + i) % PLACES);
            if (state.worth(chain, place) == 0 || rollups[chain].hasExited(Places.leafOf(place))) continue;
            exits[count++] = _exit(state, chain, place);
            _did(Places.isShares(place) ? Did.ExitShares : Did.ExitCoins);
        }
        if (count == 0) return 0;
        assembly {
            mstore(exits, count)
        }
        vm.prank(anyone);
        rollups[chain].exitLeaves(exits);
    }

    function _exit(State memory state, uint8 chain, uint8 place) internal view returns (LeafExit memory exit) {
        exit.leafIndex = Places.leafOf(place);
        exit.owner = accounts[Places.personOf(place)];
        exit.token = Places.tokenOf(chain, place);
        exit.amount = state.worth(chain, place);
    }

    function _requestExit(uint8 chain, uint8 person, uint24 leafIndex, uint128 least) internal {
        vm.prank(accounts[person]);
        rollups[chain].requestFullExit{ value: EXIT_BOND }(leafIndex, least);
        _requested(chain, Request(false, false, person, leafIndex, least, 0));
        entered[chain][NATIVE_TOKEN - 1] += EXIT_BOND;
    }

    /// @dev The bond receiver gets what is above the bond, the requester what is above the price.
    function _requestExitAtPrice(uint8 chain, uint8 person, uint24 leafIndex, uint128 least, uint256 surplus) internal {
        uint256 price = _price(_waiting(chain));
        vm.prank(accounts[person]);
        rollups[chain].requestFullExitAtPrice{ value: price + surplus }(leafIndex, least);
        _requested(chain, Request(false, false, person, leafIndex, least, 0));
        entered[chain][NATIVE_TOKEN - 1] += price + surplus;
        credited[chain][TREASURY][NATIVE_TOKEN - 1] += price - EXIT_BOND;
        credited[chain][person][NATIVE_TOKEN - 1] += surplus;
    }

    /// @dev Whose request it is, for which leaf, and the least amount that will do: one with coins, one with shares, or one that is not his. No leaf (0) if the
    /// seed has no wish.
    function _wish(uint8 chain, uint256 seed) private returns (uint8 person, uint24 leafIndex, uint128 least) {
        uint256 random = _random(seed, 1);
        State memory state = _state(_executedPlan(chain));
        uint8 place = _richPlace(state, chain, _random(seed, 2));
        // Else shares would never last.
        if (Places.isShares(place) && random >> 16 & 3 != 0) return (0, 0, 0);
        person = Places.personOf(place);
        leafIndex = Places.leafOf(place);
        least = _leastOf(state.worth(chain, place), _random(seed, 6));
        if (random % 4 != 0) {
            _did(Places.isShares(place) ? Did.RequestShares : Did.RequestCoins);
            return (person, leafIndex, least);
        }
        _did(Did.RequestOthers);
        uint24[3] memory others = [leafIndex, POOL_LEAF, UNKNOWN_LEAF];
        return ((person + 1) % PEOPLE, others[(random >> 8) % 3], least);
    }

    /// @dev Mostly nothing, else what the leaf stands for now, a little less or more, or more than there is.
    function _leastOf(uint128 worth, uint256 random) private pure returns (uint128) {
        if (random % 2 == 0) return 0;
        uint128[4] memory some = [worth, worth - worth / 8, worth + 1, type(uint128).max];
        return some[(random >> 8) % 4];
    }

    // ── which chain ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev First chain from `seed` on, going round, for which `fits` holds.
    function _chainFor(uint256 seed, function(uint8) view returns (bool) fits) internal view returns (bool, uint8) {
        for (uint8 i = 0; i < CHAINS; ++i) {
            uint8 chain = uint8((seed % CHAINS + i) % CHAINS);
            if (fits(chain)) return (true, chain);
        }
        return (false, 0);
    }

    /// @dev First place from `start` on, going round, that has something; where nobody has anything, the one before `start`.
    function _richPlace(State memory state, uint8 chain, uint256 start) internal pure returns (uint8 place) {
        for (uint8 i = 0; i < PLACES; ++i) {
            place = uint8((start % PLACES + i) % PLACES);
            if (state.balances[chain][place] != 0) return place;
        }
    }

    function _takesDeposits(uint8 chain) internal view returns (bool) {
        return _running(chain) && _waiting(chain) < MAX_OPEN / 2;
    }

    function _takesRequests(uint8 chain) internal view returns (bool) {
        return _running(chain) && _waiting(chain) < MAX_OPEN;
    }

    function _takesAtPrice(uint8 chain) internal view returns (bool) {
        return _running(chain) && _waiting(chain) < MAX_AT_PRICE;
    }

    function _takesOnlyAtPrice(uint8 chain) internal view returns (bool) {
        return _takesAtPrice(chain) && !_takesRequests(chain);
    }

    function _open(uint8 chain) internal view returns (bool) {
        return rollups[chain].exitsOpen();
    }

    function _paysExits(uint8 chain) internal view returns (bool) {
        if (!_open(chain)) return false;
        State memory state = _haltState(chain);
        for (uint8 place = 0; place < PLACES; ++place) {
            if (state.worth(chain, place) != 0 && !rollups[chain].hasExited(Places.leafOf(place))) return true;
        }
        return false;
    }

    function _hasRefunds(uint8 chain) internal view returns (bool) {
        if (!_open(chain)) return false;
        for (uint256 id = _nextToExecute(chain); id < requests[chain].length; ++id) {
            if (!requests[chain][id].refunded) return true;
        }
        return false;
    }

    function _requested(uint8 chain, Request memory request) private {
        request.expiresAt = uint40(_now() + EXPIRATION);
        requests[chain].push(request);
    }
}
