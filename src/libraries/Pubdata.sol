// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";

/// @title Public data of operations
/// @notice Reads the byte lists of src/FORMATS.md ("Operations in public data") and evaluates their words at a point.
/// @dev Kinds are written out as numbers here, where neither tables nor a switch in assembly take named ones; test/unit/Vectors.t.sol holds them against
/// the other side of the formats. Loops run once per operation of every block, so they are in assembly; the tables are indexed by operation kind with BYTE.
/// A kind from 32 on indexes past the table and reads 0, like every kind that the list does not have.
library Pubdata {
    error UnknownOperation(uint8 kind, uint256 offset);
    error TruncatedOperation(uint8 kind, uint256 offset, uint256 expectedLength, uint256 actualLength);
    error WordNotInField(uint256 word);

    uint256 private constant DEPOSIT_BYTES = 108;
    uint256 private constant FULL_EXIT_BYTES = 44;
    uint256 private constant WITHDRAW_BYTES = 46;
    uint256 private constant OPEN_BYTES = 92;
    uint256 private constant TRANSFER_BYTES = 14;

    /// @dev Bytes and words of each kind: kind k has the 8 bits from 248 - 8k on. Literal, since the compiler would compute them anew at each use.
    uint256 private constant ONCHAIN_BYTES = (DEPOSIT_BYTES << 240) | (FULL_EXIT_BYTES << 232)
        | (WITHDRAW_BYTES << 224);
    uint256 private constant ONCHAIN_WORDS = (4 << 240) | (2 << 232) | (2 << 224);
    uint256 private constant L2_BYTES = (OPEN_BYTES << 216) | (TRANSFER_BYTES << 208);
    uint256 private constant L2_WORDS = (3 << 216) | (1 << 208);

    /// @notice Number of words in an on-chain list; reverts unless every operation is known and whole.
    function countOnchain(bytes calldata data) internal pure returns (uint256) {
        return _count(data, ONCHAIN_BYTES, ONCHAIN_WORDS);
    }

    /// @notice Number of words in an L2 list; reverts unless every operation is known and whole.
    function countL2(bytes calldata data) internal pure returns (uint256) {
        return _count(data, L2_BYTES, L2_WORDS);
    }

    /// @notice `sum + Σ word_k · power · r^k` over the words of an on-chain list that countOnchain has accepted.
    function evaluateOnchain(bytes calldata data, uint256 r, uint256 power, uint256 sum)
        internal
        pure
        returns (uint256)
    {
        uint256 order = FIELD_ORDER;
        // A word that is not in the field, if there is one; 0 always is.
        uint256 outside;
        assembly ("memory-safe") {
            let offset := data.offset
            let end := add(offset, data.length)
            for { } lt(offset, end) { } {
                let head := calldataload(offset)
                sum := addmod(sum, mulmod(shr(32, head), power, order), order)
                power := mulmod(power, r, order)
                let tail := calldataload(add(offset, 28))
                switch byte(0, head)
                case 1 {
                    sum := addmod(sum, mulmod(shr(128, tail), power, order), order)
                    power := mulmod(power, r, order)
                    let key := calldataload(add(offset, 44))
                    if iszero(lt(key, order)) { outside := key }
                    sum := addmod(sum, mulmod(key, power, order), order)
                    power := mulmod(power, r, order)
                    key := calldataload(add(offset, 76))
                    if iszero(lt(key, order)) { outside := key }
                    sum := addmod(sum, mulmod(key, power, order), order)
                    offset := add(offset, 108)
                }
                case 2 {
                    sum := addmod(sum, mulmod(shr(128, tail), power, order), order)
                    offset := add(offset, 44)
                }
                default {
                    sum := addmod(sum, mulmod(shr(112, tail), power, order), order)
                    offset := add(offset, 46)
                }
                power := mulmod(power, r, order)
            }
        }
        if (outside != 0) revert WordNotInField(outside);
        return sum;
    }

    /// @notice `Σ word_k · r^k` over the words of an L2 list that countL2 has accepted.
    function evaluateL2(bytes calldata data, uint256 r) internal pure returns (uint256 sum) {
        uint256 order = FIELD_ORDER;
        uint256 outside;
        assembly ("memory-safe") {
            let offset := data.offset
            let end := add(offset, data.length)
            let power := 1
            for { } lt(offset, end) { } {
                let head := calldataload(offset)
                switch byte(0, head)
                case 5 {
                    sum := addmod(sum, mulmod(shr(144, head), power, order), order)
                    power := mulmod(power, r, order)
                    offset := add(offset, 14)
                }
                default {
                    sum := addmod(sum, mulmod(shr(32, head), power, order), order)
                    power := mulmod(power, r, order)
                    let key := calldataload(add(offset, 28))
                    if iszero(lt(key, order)) { outside := key }
                    sum := addmod(sum, mulmod(key, power, order), order)
                    power := mulmod(power, r, order)
                    key := calldataload(add(offset, 60))
                    if iszero(lt(key, order)) { outside := key }
                    sum := addmod(sum, mulmod(key, power, order), order)
                    power := mulmod(power, r, order)
                    offset := add(offset, 92)
                }
            }
        }
        if (outside != 0) revert WordNotInField(outside);
    }

    /// @notice Kind of the on-chain operation at `offset` and the offset behind it; reverts unless it is known and whole.
    function onchainOperation(bytes calldata data, uint256 offset) internal pure returns (uint8 kind, uint256 next) {
        uint256 size;
        uint256 table = ONCHAIN_BYTES;
        assembly ("memory-safe") {
            kind := byte(0, calldataload(add(data.offset, offset)))
            size := byte(kind, table)
        }
        next = offset + size;
        if (size == 0) revert UnknownOperation(kind, offset);
        if (next > data.length) revert TruncatedOperation(kind, offset, size, data.length - offset);
    }

    /// @notice What a full exit or a withdrawal at `offset` pays to whom.
    /// @dev Both kinds begin with kind 1, leafIndex 3, token 4, receiver 20, amount 16. The caller has checked kind and length.
    function payout(bytes calldata data, uint256 offset)
        internal
        pure
        returns (uint32 token, address receiver, uint128 amount)
    {
        assembly ("memory-safe") {
            let start := add(data.offset, offset)
            let head := calldataload(start)
            token := and(shr(192, head), 0xffffffff)
            receiver := and(shr(32, head), 0xffffffffffffffffffffffffffffffffffffffff)
            amount := shr(128, calldataload(add(start, 28)))
        }
    }

    function _count(bytes calldata data, uint256 sizes, uint256 wordCounts) private pure returns (uint256 words) {
        uint256 kind;
        uint256 size = 1;
        uint256 start;
        uint256 end;
        assembly ("memory-safe") {
            let offset := data.offset
            end := add(offset, data.length)
            for { } lt(offset, end) { } {
                kind := byte(0, calldataload(offset))
                start := offset
                size := byte(kind, sizes)
                offset := add(offset, size)
                words := add(words, byte(kind, wordCounts))
                if iszero(size) { end := 0 }
            }
            start := sub(start, data.offset)
            end := sub(offset, data.offset)
        }
        if (size == 0) revert UnknownOperation(uint8(kind), start);
        if (end > data.length) revert TruncatedOperation(uint8(kind), start, size, data.length - start);
    }
}
