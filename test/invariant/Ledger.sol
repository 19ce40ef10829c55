// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ACCOUNTS, CHAINS, HALVES, PLACES, Places, SLOTS, TOKENS } from "./Places.sol";

/// @dev What layer 2 holds after a block, and what all blocks up to it have paid out. A final root is a made-up word that stands for one of these.
struct State {
    /// By chain and place: coins, or shares.
    uint128[PLACES][CHAINS] balances;
    /// Of the half on chain 0 and of that on chain 1. 1000 shares of each are nobody's.
    uint128[HALVES] reserves;
    uint128[HALVES] totalShares;
    /// By chain and token: fees that nobody collected.
    uint128[TOKENS][CHAINS] uncollected;
    /// By chain, account and token, with returned and forfeited bonds.
    uint128[TOKENS][ACCOUNTS][CHAINS] paid;
}

/// @title Sums over a state
library Ledger {
    /// @notice What an exit pays for the leaf: its coins, or what its shares stand for.
    function worth(State memory state, uint8 chain, uint8 place) internal pure returns (uint128) {
        uint128 balance = state.balances[chain][place];
        if (!Places.isShares(place)) return balance;
        if (chain >= HALVES) return 0;
        return uint128(uint256(balance) * state.reserves[chain] / state.totalShares[chain]);
    }

    /// @notice Everything that a chain holds of a token on layer 2, with what nobody owns.
    function total(State memory state, uint8 chain, uint32 token) internal pure returns (uint256 sum) {
        for (uint8 place = 0; place < PLACES; ++place) {
            if (!Places.isShares(place) && Places.tokenOf(chain, place) == token) sum += state.balances[chain][place];
        }
        if (chain < HALVES && Places.poolToken(chain) == token) sum += state.reserves[chain];
        sum += state.uncollected[chain][token - 1];
    }

    /// @notice What everybody would get by exits.
    function owned(State memory state, uint8 chain, uint32 token) internal pure returns (uint256 sum) {
        for (uint8 place = 0; place < PLACES; ++place) {
            if (Places.tokenOf(chain, place) == token) sum += worth(state, chain, place);
        }
    }

    /// @notice Shares that people have of a half.
    function sharesOwned(State memory state, uint8 chain) internal pure returns (uint256 sum) {
        for (uint8 place = SLOTS - 1; place < PLACES; place += SLOTS) {
            sum += state.balances[chain][place];
        }
    }
}
