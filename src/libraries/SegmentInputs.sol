// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";
import { SegmentData } from "../types/Block.sol";
import { Polynomial } from "./Polynomial.sol";
import { Pubdata } from "./Pubdata.sol";

/// @title Public inputs of a segment's proof
/// @notice Formulas: src/FORMATS.md, section "Segment".
library SegmentInputs {
    /// @notice `c1, c2, r, y1, y2` of `segment`; reverts when its public data is malformed or a word is not in the field.
    /// @dev A word count of 2^16 or more would run into the neighbouring field of header word 1. It needs no check: no circuit has that many
    /// slots, and a segment whose words differ from its proof's cannot be proved whatever its header says.
    function compute(SegmentData calldata segment, uint256 deploymentId, uint256 blockNumber, uint256 timestamp)
        internal
        pure
        returns (uint256[5] memory inputs)
    {
        uint256[] memory onchain = Pubdata.onchainWords(segment.onchainData);
        uint256[] memory l2 = Pubdata.l2Words(segment.l2Data);

        // c1, the seven header words, the hashes of both lists: what r is the hash of.
        uint256[10] memory words;
        words[0] = segment.c1;
        words[1] = deploymentId;
        words[2] = (uint256(segment.chainIndex) << 104) | (blockNumber << 72) | (timestamp << 32)
            | (onchain.length << 16) | l2.length;
        words[7] = segment.c2;
        words[8] = uint256(keccak256(segment.onchainData));
        words[9] = uint256(keccak256(segment.l2Data));
        uint256 start;
        uint256 r;
        assembly ("memory-safe") {
            start := words
            // Roots and legs, in and out, stand in this order behind the chain index.
            calldatacopy(add(words, 96), add(segment, 32), 128)
            r := keccak256(words, 320)
        }
        r %= FIELD_ORDER;
        uint256 bad = Polynomial.outside(start, start + 256);
        if (bad != 0) revert Pubdata.WordNotInField(bad);

        inputs[0] = words[0];
        inputs[1] = words[7];
        inputs[2] = r;
        inputs[3] = Polynomial.fold(start + 32, start + 256, r, Polynomial.fold(onchain, r, 0));
        inputs[4] = Polynomial.fold(l2, r, 0);
    }
}
