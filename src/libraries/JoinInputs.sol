// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";
import { PrimaryBlock, SegmentData } from "../types/Block.sol";
import { Pubdata } from "./Pubdata.sol";

/// @title Public inputs of a block's join proof
/// @notice Formulas: src/FORMATS.md, section "Join".
library JoinInputs {
    uint256 private constant HEADER_WORDS = 5;

    /// @notice `c1, r, y1` of `block_`, which goes on from `finalRootIn`.
    function compute(PrimaryBlock calldata block_, uint256 deploymentId, uint256 finalRootIn)
        internal
        pure
        returns (uint256[3] memory inputs)
    {
        uint256 count = block_.segments.length;
        // c1, then the words.
        uint256[] memory words = new uint256[](1 + HEADER_WORDS + 3 * count);
        words[0] = block_.joinC1;
        words[1] = deploymentId;
        words[2] = (uint256(block_.blockNumber) << 16) | count;
        words[3] = finalRootIn;
        words[4] = block_.finalRoot;
        words[5] = count == 0 ? 0 : block_.segments[count - 1].legsOut;
        uint256 k = 1 + HEADER_WORDS;
        for (uint256 j = 0; j < count; ++j) {
            SegmentData calldata segment = block_.segments[j];
            words[k] = segment.chainIndex;
            words[k + 1] = segment.rootIn;
            words[k + 2] = segment.rootOut;
            k += 3;
        }
        inputs[0] = words[0];
        (inputs[1], inputs[2]) = _challengeAndSum(words);
    }

    function _challengeAndSum(uint256[] memory words) private pure returns (uint256 r, uint256 sum) {
        uint256 order = FIELD_ORDER;
        uint256 outside;
        assembly ("memory-safe") {
            let cursor := add(words, 32)
            let size := shl(5, mload(words))
            let end := add(cursor, size)
            r := mod(keccak256(cursor, size), order)
            let word := mload(cursor)
            if iszero(lt(word, order)) { outside := word }
            let power := 1
            for { cursor := add(cursor, 32) } lt(cursor, end) { cursor := add(cursor, 32) } {
                word := mload(cursor)
                if iszero(lt(word, order)) { outside := word }
                sum := addmod(sum, mulmod(word, power, order), order)
                power := mulmod(power, r, order)
            }
        }
        if (outside != 0) revert Pubdata.WordNotInField(outside);
    }
}
