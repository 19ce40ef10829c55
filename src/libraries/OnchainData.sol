// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_ONCHAIN_BYTES } from "../generated/Params.sol";
import { SegmentData } from "../types/Block.sol";

/// @title One chain's on-chain operations in a block
/// @dev A block is executed in one transaction or not at all. What costs most for its bytes (a full exit of 76 that credits its owner with a token and the bond
/// for the first time: about 56,000 gas) stays below 12 million gas for MAX_ONCHAIN_BYTES, so that no network's limit for a transaction can stop the chain.
library OnchainData {
    error TooManyOnchainBytes(uint256 maximum, uint256 actual);

    /// @dev keccak256 of no bytes: the on-chain ops hash of a chain that a block does not touch.
    bytes32 internal constant NONE = 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470;

    /// @notice keccak256 of the on-chain bytes of all segments of chain `chainIndex`, joined in the order of segments. Reverts when they are too many.
    function hashOf(SegmentData[] calldata segments, uint256 chainIndex) internal pure returns (bytes32 result) {
        uint256 start;
        uint256 end;
        assembly ("memory-safe") {
            start := mload(0x40)
            end := start
        }
        for (uint256 i = 0; i < segments.length; ++i) {
            SegmentData calldata segment = segments[i];
            if (segment.chainIndex != chainIndex) continue;
            bytes calldata data = segment.onchainData;
            // The bytes go behind the free memory pointer, which stays: nothing allocates before they are hashed.
            assembly ("memory-safe") {
                calldatacopy(end, data.offset, data.length)
                end := add(end, data.length)
            }
        }
        uint256 length;
        assembly ("memory-safe") {
            length := sub(end, start)
            result := keccak256(start, length)
        }
        if (length > MAX_ONCHAIN_BYTES) revert TooManyOnchainBytes(MAX_ONCHAIN_BYTES, length);
    }
}
