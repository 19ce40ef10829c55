// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";

/// @title Polynomials whose coefficients are words of public data
library Polynomial {
    /// @notice `Σ word_k · r^k + sum · r^n` over the n words in memory from `start` to `end`.
    /// @dev Horner's rule from the last word on, four words a turn.
    function fold(uint256 start, uint256 end, uint256 r, uint256 sum) internal pure returns (uint256) {
        uint256 order = FIELD_ORDER;
        assembly ("memory-safe") {
            let turns := add(start, and(sub(end, start), 0x7f))
            for { } gt(end, turns) { } {
                end := sub(end, 128)
                sum := addmod(mulmod(sum, r, order), mload(add(end, 96)), order)
                sum := addmod(mulmod(sum, r, order), mload(add(end, 64)), order)
                sum := addmod(mulmod(sum, r, order), mload(add(end, 32)), order)
                sum := addmod(mulmod(sum, r, order), mload(end), order)
            }
            for { } gt(end, start) { } {
                end := sub(end, 32)
                sum := addmod(mulmod(sum, r, order), mload(end), order)
            }
        }
        return sum;
    }

    /// @notice The same over a whole list.
    function fold(uint256[] memory words, uint256 r, uint256 sum) internal pure returns (uint256) {
        uint256 start;
        assembly ("memory-safe") {
            start := add(words, 32)
        }
        return fold(start, start + 32 * words.length, r, sum);
    }

    /// @notice The first word in memory from `start` to `end` that is not in the field; 0 when all are.
    function outside(uint256 start, uint256 end) internal pure returns (uint256 word) {
        uint256 order = FIELD_ORDER;
        assembly ("memory-safe") {
            for { } lt(start, end) { start := add(start, 32) } {
                word := mload(start)
                if iszero(lt(word, order)) { break }
                word := 0
            }
        }
    }
}
