// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { NATIVE_TOKEN } from "../../src/types/Token.sol";

/// @dev Chain 0 is the primary. Chains 0 and 1 have the two halves of one pair of pools.
uint8 constant CHAINS = 3;
uint8 constant HALVES = 2;
/// @dev Alice, Bob, Carol and Mallory.
uint8 constant PEOPLE = 4;
uint8 constant MALLORY = 3;
/// @dev People and who gets the bonds of full exits that pay nothing.
uint8 constant ACCOUNTS = 5;
uint8 constant TREASURY = 4;
/// @dev Each person has four leaves on each chain: native coin under two keys, the ERC-20, and shares of the chain's half.
uint8 constant SLOTS = 4;
uint8 constant TOKEN_SLOT = 2;
uint8 constant SHARES_SLOT = 3;
uint8 constant PLACES = 16;
/// @dev Native coin and one ERC-20.
uint8 constant TOKENS = 2;
uint32 constant ERC20_TOKEN = 2;
uint24 constant POOL_LEAF = 5000;
uint24 constant UNKNOWN_LEAF = 77_777;

/// @title Where leaves are in the model
/// @notice A place is `4 * person + slot`; the same on each chain. Leaf indices lie apart, so that exits need several words of the bitmap.
library Places {
    function leafOf(uint8 place) internal pure returns (uint24) {
        return uint24(place) * 100 + 7;
    }

    /// @notice The place of a leaf, PLACES for a leaf that no person has.
    function placeOf(uint256 leafIndex) internal pure returns (uint8) {
        if (leafIndex % 100 != 7 || leafIndex / 100 >= PLACES) return PLACES;
        return uint8(leafIndex / 100);
    }

    function placeAt(uint8 person, uint8 slot) internal pure returns (uint8) {
        return person * SLOTS + slot;
    }

    function personOf(uint8 place) internal pure returns (uint8) {
        return place / SLOTS;
    }

    function isShares(uint8 place) internal pure returns (bool) {
        return place % SLOTS == SHARES_SLOT;
    }

    /// @notice The token that a leaf holds or, with shares, stands for.
    function tokenOf(uint8 chain, uint8 place) internal pure returns (uint32) {
        uint8 slot = place % SLOTS;
        if (slot == SHARES_SLOT) return poolToken(chain);
        return slot == TOKEN_SLOT ? ERC20_TOKEN : NATIVE_TOKEN;
    }

    function poolToken(uint8 chain) internal pure returns (uint32) {
        return chain == 0 ? NATIVE_TOKEN : ERC20_TOKEN;
    }

    /// @notice Where a person has the coins of the chain's half.
    function poolPlace(uint8 chain, uint8 person) internal pure returns (uint8) {
        return placeAt(person, chain == 0 ? 0 : TOKEN_SLOT);
    }

    function keyX(uint8 place) internal pure returns (uint256) {
        return 1000 + uint256(place);
    }

    function keyY(uint8 place) internal pure returns (uint256) {
        return 2000 + uint256(place);
    }
}
