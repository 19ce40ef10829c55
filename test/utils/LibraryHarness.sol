// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { JoinInputs } from "../../src/libraries/JoinInputs.sol";
import { OnchainData } from "../../src/libraries/OnchainData.sol";
import { Polynomial } from "../../src/libraries/Polynomial.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { SegmentInputs } from "../../src/libraries/SegmentInputs.sol";
import { PrimaryBlock, SegmentData } from "../../src/types/Block.sol";

/// @notice Libraries that take calldata, behind external functions.
contract LibraryHarness {
    using PriorityQueue for PriorityQueue.State;

    PriorityQueue.State private queue;

    function onchainWords(bytes calldata data) external pure returns (uint256[] memory) {
        return Pubdata.onchainWords(data);
    }

    function l2Words(bytes calldata data) external pure returns (uint256[] memory) {
        return Pubdata.l2Words(data);
    }

    function fold(uint256[] calldata words, uint256 r, uint256 sum) external pure returns (uint256) {
        return Polynomial.fold(words, r, sum);
    }

    function onchainOperation(bytes calldata data, uint256 offset) external pure returns (uint8 kind, uint256 next) {
        return Pubdata.onchainOperation(data, offset);
    }

    function payout(bytes calldata data, uint256 offset)
        external
        pure
        returns (uint32 token, address receiver, uint128 amount)
    {
        return Pubdata.payout(data, offset);
    }

    function onchainOpsHash(SegmentData[] calldata segments, uint256 chainIndex) external pure returns (bytes32) {
        return OnchainData.hashOf(segments, chainIndex);
    }

    function segmentInputs(SegmentData calldata segment, uint256 deploymentId, uint32 blockNumber, uint64 timestamp)
        external
        pure
        returns (uint256[5] memory)
    {
        return SegmentInputs.compute(segment, deploymentId, blockNumber, timestamp);
    }

    function joinInputs(PrimaryBlock calldata block_, uint256 deploymentId, uint256 finalRootIn)
        external
        pure
        returns (uint256[3] memory)
    {
        return JoinInputs.compute(block_, deploymentId, finalRootIn);
    }

    function push(bytes27 requestHash) external returns (uint64 requestId, uint40 expiresAt) {
        return queue.push(requestHash, type(uint64).max);
    }

    function matchRequests(bytes calldata data, uint64 next) external view returns (uint64) {
        return queue.matchRequests(data, next);
    }

    function pop(uint64 end) external {
        queue.pop(end);
    }

    function request(uint64 requestId) external view returns (bytes27 requestHash, uint40 expiresAt) {
        return queue.request(requestId);
    }
}
