// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";

/// @title Public data of operations
/// @notice Cuts the byte lists of src/FORMATS.md ("Operations in public data") into words.
/// @dev The loops run once per operation of every block, so they are in assembly, and whatever is malformed is explained in a second, slow pass. Kinds are
/// written as numbers, since neither a switch in assembly nor the tables take named ones; test/unit/Vectors.t.sol holds them against the other side.
library Pubdata {
    error UnknownOperation(uint8 kind, uint256 offset);
    error TruncatedOperation(uint8 kind, uint256 offset, uint256 expectedLength, uint256 actualLength);
    error WordNotInField(uint256 word);

    /// @dev Bytes of each kind: kind k has the 8 bits from 248 - 8k on. 0 for kinds that a list does not have, and for all from 32 on.
    uint256 private constant ONCHAIN_BYTES = (108 << 240) | (76 << 232) | (46 << 224);
    uint256 private constant L2_BYTES = (92 << 216) | (14 << 208) | (70 << 200) | (20 << 192) | (98 << 184)
        | (12 << 176) | (14 << 168) | (14 << 160) | (41 << 152) | (41 << 144) | (41 << 136) | (41 << 128) | (4 << 120);
    /// @dev In the same way: not 0 for the kinds that are one word of 14 bytes, and the bytes of the first word of all others.
    uint256 private constant L2_TRANSFERS = (1 << 208) | (1 << 168) | (1 << 160);
    uint256 private constant L2_FIRST_BYTES = (28 << 216) | (6 << 200) | (20 << 192) | (14 << 184) | (12 << 176)
        | (9 << 152) | (9 << 144) | (9 << 136) | (9 << 128) | (4 << 120);

    /// @notice The words of an on-chain list. Reverts when an operation is unknown or not whole, or a word is not in the field.
    function onchainWords(bytes calldata data) internal pure returns (uint256[] memory words) {
        uint256 order = FIELD_ORDER;
        // Not 0 when a key is not in the field; words of fewer than 32 bytes always are.
        uint256 outside;
        bool whole;
        assembly ("memory-safe") {
            words := mload(0x40)
            let cursor := add(words, 32)
            let offset := data.offset
            let end := add(offset, data.length)
            for { } lt(offset, end) { } {
                let head := calldataload(offset)
                mstore(cursor, shr(32, head))
                let tail := calldataload(add(offset, 28))
                switch byte(0, head)
                case 1 {
                    let keyX := calldataload(add(offset, 44))
                    let keyY := calldataload(add(offset, 76))
                    if iszero(lt(keyX, order)) { outside := keyX }
                    if iszero(lt(keyY, order)) { outside := keyY }
                    mstore(add(cursor, 32), shr(128, tail))
                    mstore(add(cursor, 64), keyX)
                    mstore(add(cursor, 96), keyY)
                    cursor := add(cursor, 128)
                    offset := add(offset, 108)
                }
                case 2 {
                    mstore(add(cursor, 32), shr(128, tail))
                    mstore(add(cursor, 64), shr(128, calldataload(add(offset, 44))))
                    mstore(add(cursor, 96), shr(128, calldataload(add(offset, 60))))
                    cursor := add(cursor, 128)
                    offset := add(offset, 76)
                }
                case 3 {
                    mstore(add(cursor, 32), shr(112, tail))
                    cursor := add(cursor, 64)
                    offset := add(offset, 46)
                }
                default { end := 0 }
            }
            whole := eq(offset, end)
            mstore(words, shr(5, sub(sub(cursor, words), 32)))
            mstore(0x40, cursor)
        }
        if (!whole) _refuse(data, ONCHAIN_BYTES);
        if (outside != 0) revert WordNotInField(outside);
    }

    /// @notice The words of an L2 list. Reverts when an operation is unknown or not whole, or a word is not in the field.
    /// @dev Transfers (5) and the sides of a swap (10, 11), which are cut as one, come most. The others begin with a word as long as the table says;
    /// amount and shares follow in 12 … 15, a key in 4 and 6, an owner and a key in 8.
    function l2Words(bytes calldata data) internal pure returns (uint256[] memory words) {
        uint256 order = FIELD_ORDER;
        uint256 transfers = L2_TRANSFERS;
        uint256 firstBytes = L2_FIRST_BYTES;
        uint256 outside;
        bool whole;
        assembly ("memory-safe") {
            words := mload(0x40)
            let cursor := add(words, 32)
            let offset := data.offset
            let end := add(offset, data.length)
            for { } lt(offset, end) { } {
                let head := calldataload(offset)
                if byte(byte(0, head), transfers) {
                    mstore(cursor, shr(144, head))
                    cursor := add(cursor, 32)
                    offset := add(offset, 14)
                    continue
                }
                let size := byte(byte(0, head), firstBytes)
                if iszero(size) {
                    end := 0
                    break
                }
                mstore(cursor, shr(sub(256, shl(3, size)), head))
                cursor := add(cursor, 32)
                offset := add(offset, size)
                switch byte(0, head)
                case 4 { }
                case 6 { }
                case 8 {
                    mstore(cursor, shr(96, calldataload(offset)))
                    cursor := add(cursor, 32)
                    offset := add(offset, 20)
                }
                default {
                    // 12 … 15 are three times four and something.
                    if eq(shr(250, head), 3) {
                        mstore(cursor, shr(128, calldataload(offset)))
                        mstore(add(cursor, 32), shr(128, calldataload(add(offset, 16))))
                        cursor := add(cursor, 64)
                        offset := add(offset, 32)
                    }
                    continue
                }
                let keyX := calldataload(offset)
                let keyY := calldataload(add(offset, 32))
                if iszero(lt(keyX, order)) { outside := keyX }
                if iszero(lt(keyY, order)) { outside := keyY }
                mstore(cursor, keyX)
                mstore(add(cursor, 32), keyY)
                cursor := add(cursor, 64)
                offset := add(offset, 64)
            }
            whole := eq(offset, end)
            mstore(words, shr(5, sub(sub(cursor, words), 32)))
            mstore(0x40, cursor)
        }
        if (!whole) _refuse(data, L2_BYTES);
        if (outside != 0) revert WordNotInField(outside);
    }

    /// @notice Kind of the on-chain operation at `offset` and the offset behind it; reverts unless it is known and whole.
    function onchainOperation(bytes calldata data, uint256 offset) internal pure returns (uint8 kind, uint256 next) {
        return _operation(data, offset, ONCHAIN_BYTES);
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

    function _operation(bytes calldata data, uint256 offset, uint256 sizes)
        private
        pure
        returns (uint8 kind, uint256 next)
    {
        uint256 size;
        assembly ("memory-safe") {
            kind := byte(0, calldataload(add(data.offset, offset)))
            size := byte(kind, sizes)
        }
        next = offset + size;
        if (size == 0) revert UnknownOperation(kind, offset);
        if (next > data.length) revert TruncatedOperation(kind, offset, size, data.length - offset);
    }

    /// @dev Says what is wrong with a list that is not a run of whole, known operations. Does not return.
    function _refuse(bytes calldata data, uint256 sizes) private pure {
        uint256 offset = 0;
        while (true) {
            (, offset) = _operation(data, offset, sizes);
        }
    }
}
