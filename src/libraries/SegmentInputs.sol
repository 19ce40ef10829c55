// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../generated/Params.sol";
import { SegmentData } from "../types/Block.sol";
import { Pubdata } from "./Pubdata.sol";

/// @title Public inputs of a segment's proof
/// @notice Formulas: src/FORMATS.md, section "Segment".
library SegmentInputs {
    uint256 private constant HEADER_WORDS = 7;

    /// @notice `c1, c2, r, y1, y2` of `segment`; reverts when its public data is malformed or a word is not in the field.
    /// @dev A word count of 2^16 or more would run into the neighbouring field of header word 1. It needs no check: no circuit has that many
    /// slots, and a segment whose words differ from its proof's cannot be proved whatever its header says.
    function compute(SegmentData calldata segment, uint256 deploymentId, uint256 blockNumber, uint256 timestamp)
        internal
        pure
        returns (uint256[5] memory inputs)
    {
        bytes calldata onchainData = segment.onchainData;
        bytes calldata l2Data = segment.l2Data;
        // c1, the seven header words, the hashes of both lists: what r is the hash of.
        uint256[10] memory words;
        words[0] = segment.c1;
        words[1] = deploymentId;
        words[2] = (uint256(segment.chainIndex) << 104) | (blockNumber << 72) | (timestamp << 32)
            | (Pubdata.countOnchain(onchainData) << 16) | Pubdata.countL2(l2Data);
        words[3] = segment.rootIn;
        words[4] = segment.rootOut;
        words[5] = segment.legsIn;
        words[6] = segment.legsOut;
        words[7] = segment.c2;
        words[8] = uint256(keccak256(onchainData));
        words[9] = uint256(keccak256(l2Data));

        uint256 r = uint256(keccak256(abi.encode(words))) % FIELD_ORDER;
        (uint256 sum, uint256 power) = _evaluateHeader(words, r);
        inputs[0] = words[0];
        inputs[1] = words[7];
        inputs[2] = r;
        inputs[3] = Pubdata.evaluateOnchain(onchainData, r, power, sum);
        inputs[4] = Pubdata.evaluateL2(l2Data, r);
    }

    /// @dev Also checks that c1 and every header word are in the field.
    function _evaluateHeader(uint256[10] memory words, uint256 r) private pure returns (uint256 sum, uint256 power) {
        uint256 order = FIELD_ORDER;
        uint256 outside;
        assembly ("memory-safe") {
            let word := mload(words)
            if iszero(lt(word, order)) { outside := word }
            power := 1
            for { let k := 0 } lt(k, HEADER_WORDS) { k := add(k, 1) } {
                words := add(words, 32)
                word := mload(words)
                if iszero(lt(word, order)) { outside := word }
                sum := addmod(sum, mulmod(word, power, order), order)
                power := mulmod(power, r, order)
            }
        }
        if (outside != 0) revert Pubdata.WordNotInField(outside);
    }
}
