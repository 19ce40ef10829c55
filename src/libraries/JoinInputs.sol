// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";
import { PrimaryBlock, SegmentData } from "../types/Block.sol";
import { Polynomial } from "./Polynomial.sol";
import { Pubdata } from "./Pubdata.sol";

/// @title Public inputs of a block's join proof
/// @notice Formulas: src/FORMATS.md, section "Join".
library JoinInputs {
    /// @dev c1 and the five words before those of the segments.
    uint256 private constant HEAD_WORDS = 6;

    /// @notice `c1, r, y1` of `block_`, which goes on from `finalRootIn`.
    function compute(PrimaryBlock calldata block_, uint256 deploymentId, uint256 finalRootIn)
        internal
        pure
        returns (uint256[3] memory inputs)
    {
        SegmentData[] calldata segments = block_.segments;
        uint256 count = segments.length;
        // c1, then the words.
        uint256[] memory words = new uint256[](HEAD_WORDS + 3 * count);
        words[0] = block_.joinC1;
        words[1] = deploymentId;
        words[2] = (uint256(block_.blockNumber) << 16) | count;
        words[3] = finalRootIn;
        words[4] = block_.finalRoot;
        words[5] = count == 0 ? 0 : segments[count - 1].legsOut;
        uint256 start;
        assembly ("memory-safe") {
            start := add(words, 32)
        }
        for (uint256 j = 0; j < count; ++j) {
            SegmentData calldata segment = segments[j];
            assembly ("memory-safe") {
                // Chain index, root in and root out are the first three fields of a segment.
                calldatacopy(add(start, mul(32, add(HEAD_WORDS, mul(3, j)))), segment, 96)
            }
        }
        uint256 end = start + 32 * words.length;
        uint256 bad = Polynomial.outside(start, end);
        if (bad != 0) revert Pubdata.WordNotInField(bad);

        uint256 r;
        assembly ("memory-safe") {
            r := keccak256(start, sub(end, start))
        }
        r %= FIELD_ORDER;
        inputs[0] = words[0];
        inputs[1] = r;
        inputs[2] = Polynomial.fold(start + 32, end, r, 0);
    }
}
