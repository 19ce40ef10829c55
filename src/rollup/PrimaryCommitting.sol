// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_SEGMENTS } from "../generated/Params.sol";
import { IPrimaryRollup } from "../interfaces/IRollup.sol";
import { JoinInputs } from "../libraries/JoinInputs.sol";
import { OnchainData } from "../libraries/OnchainData.sol";
import { SegmentInputs } from "../libraries/SegmentInputs.sol";
import { SyncHash } from "../libraries/SyncHash.sol";
import { PrimaryBlock, SegmentData, StoredBlock } from "../types/Block.sol";
import { Committing } from "./Committing.sol";

/// @title Commit on the primary: the public data of all chains
/// @notice Turns each block into the public inputs of its proofs and extends the sync hash of every chain of the topology, so that what the proofs
/// bind is also what the arbitrator compares. The primary's own requests are checked against its own queue; the other chains check theirs.
abstract contract PrimaryCommitting is Committing, IPrimaryRollup {
    /// @inheritdoc IPrimaryRollup
    function commitBlocks(StoredBlock calldata last, bytes32[] calldata lastSyncHashes, PrimaryBlock[] calldata blocks)
        external
        onlyRole(VALIDATOR_ROLE)
        whenRunning
    {
        if (blocks.length == 0) revert NoBlocks();
        _requireLast(last);
        bytes32[] memory syncHashes = lastSyncHashes;
        _requireSyncHashes(last, syncHashes);

        StoredBlock memory current = last;
        for (uint256 i = 0; i < blocks.length; ++i) {
            current = _commitBlock(current, syncHashes, blocks[i]);
        }
        totalBlocksCommitted = current.blockNumber;
        _moveQueue(last.priorityRequestsTotal, current.priorityRequestsTotal);
    }

    /// @inheritdoc IPrimaryRollup
    function proofInputs(uint256 finalRootIn, PrimaryBlock calldata block_)
        external
        view
        returns (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs)
    {
        return _proofInputs(finalRootIn, block_);
    }

    function _requireSyncHashes(StoredBlock calldata stored, bytes32[] memory syncHashes) internal pure {
        bytes32 actual = SyncHash.hashList(syncHashes);
        if (actual != stored.syncHashesHash) revert WrongSyncHashes(stored.syncHashesHash, actual);
    }

    /// @dev What the proofs' public inputs are kept as.
    function _hashProofInputs(uint256[5][] memory segmentInputs, uint256[3] memory joinInputs)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(segmentInputs, joinInputs));
    }

    function _genesisSyncHashesHash() internal view override returns (bytes32) {
        bytes32[] memory syncHashes = new bytes32[](chainCount);
        for (uint8 i = 0; i < syncHashes.length; ++i) {
            syncHashes[i] = SyncHash.genesis(deploymentId, i);
        }
        return SyncHash.hashList(syncHashes);
    }

    /// @dev Updates `syncHashes` in place.
    function _commitBlock(StoredBlock memory last, bytes32[] memory syncHashes, PrimaryBlock calldata block_)
        private
        returns (StoredBlock memory stored)
    {
        _requireNext(last, block_.blockNumber, block_.timestamp, block_.finalRoot);
        stored.blockNumber = block_.blockNumber;
        stored.timestamp = block_.timestamp;
        stored.finalRoot = block_.finalRoot;
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) = _proofInputs(last.finalRoot, block_);
        stored.proofInputsHash = _hashProofInputs(segmentInputs, joinInputs);

        SegmentData[] calldata segments = block_.segments;
        uint8 own = chainIndex;
        uint64 requests = last.priorityRequestsTotal;
        // Bit i: a segment of chain i.
        uint256 touched = 0;
        for (uint256 i = 0; i < segments.length; ++i) {
            SegmentData calldata segment = segments[i];
            touched |= 1 << segment.chainIndex;
            if (segment.chainIndex == own) requests = _matchRequests(segment.onchainData, requests);
        }
        stored.priorityRequestsTotal = requests;
        for (uint256 chain = 0; chain < syncHashes.length; ++chain) {
            bytes32 opsHash = (touched >> chain) & 1 == 1 ? OnchainData.hashOf(segments, chain) : OnchainData.NONE;
            syncHashes[chain] =
                SyncHash.extend(syncHashes[chain], stored.blockNumber, stored.timestamp, stored.finalRoot, opsHash);
            if (chain == own) stored.onchainOpsHash = opsHash;
        }
        stored.syncHash = syncHashes[own];
        stored.syncHashesHash = SyncHash.hashList(syncHashes);
        _store(stored);
    }

    /// @dev Legs run through all segments of a block, whatever their chain, beginning with 0. That roots follow one another within a chain is what the
    /// join proves.
    function _proofInputs(uint256 finalRootIn, PrimaryBlock calldata block_)
        private
        view
        returns (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs)
    {
        SegmentData[] calldata segments = block_.segments;
        uint256 count = segments.length;
        if (count > MAX_SEGMENTS) revert TooManySegments(MAX_SEGMENTS, count);
        uint256 id = deploymentId;
        uint8 chains = chainCount;
        segmentInputs = new uint256[5][](count);
        uint256 legs = 0;
        for (uint256 i = 0; i < count; ++i) {
            SegmentData calldata segment = segments[i];
            if (segment.chainIndex >= chains) revert UnknownChainIndex(chains, segment.chainIndex);
            if (segment.legsIn != legs) revert WrongLegsIn(i, legs, segment.legsIn);
            legs = segment.legsOut;
            segmentInputs[i] = SegmentInputs.compute(segment, id, block_.blockNumber, block_.timestamp);
        }
        joinInputs = JoinInputs.compute(block_, id, finalRootIn);
    }
}
