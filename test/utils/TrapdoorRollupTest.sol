// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, Proof, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { KeyId } from "../../src/types/Statement.sol";
import { RollupTest } from "./RollupTest.sol";
import { Trapdoor, TrapdoorVerifier } from "./Trapdoor.sol";

/// @notice A primary whose verifier is real and whose keys' trapdoor is known: proofs of any block can be made, and are worth nothing for another.
abstract contract TrapdoorRollupTest is RollupTest {
    function setUp() public virtual override {
        super.setUp();
        InitializeParameters memory own = parameters(PRIMARY_INDEX);
        own.verifier = address(new TrapdoorVerifier());
        primary = deployPrimary(own);
    }

    function _stored(PrimaryBlock memory block_) internal view returns (StoredBlock memory stored) {
        (stored,) = expectedPrimary(lastPrimary, lastSyncHashes, block_);
    }

    /// @dev Sync hashes of blocks without on-chain operations do not depend on their segments.
    function _lists() internal view returns (bytes32[][] memory lists) {
        lists = new bytes32[][](1);
        (, lists[0]) = expectedPrimary(lastPrimary, lastSyncHashes, primaryBlock(new SegmentData[](0)));
    }

    function _commit(PrimaryBlock memory block_) internal {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = block_;
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
    }

    function _proofs(PrimaryBlock memory block_, PrimaryBlock memory segments_, PrimaryBlock memory join)
        internal
        view
        returns (BlockProof[] memory list)
    {
        list = new BlockProof[](1);
        list[0] = _prove(lastPrimary.finalRoot, block_, segments_, join);
    }

    /// @dev The inputs that the contract wants for `block_`, with proofs of the segments of one block and the join of another.
    function _prove(
        uint256 finalRootIn,
        PrimaryBlock memory block_,
        PrimaryBlock memory segments_,
        PrimaryBlock memory join
    ) internal view returns (BlockProof memory proof) {
        (proof.segmentInputs, proof.joinInputs) = primary.proofInputs(finalRootIn, block_);
        (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs) = expectedInputs(finalRootIn, segments_);
        proof.segmentProofs = new Proof[](block_.segments.length);
        for (uint256 i = 0; i < proof.segmentProofs.length; ++i) {
            proof.segmentProofs[i] = _statement(KeyId.Segment, abi.encode(segmentInputs[i]), 5);
        }
        (, joinInputs) = expectedInputs(finalRootIn, join);
        proof.joinProof = _statement(KeyId.Join, abi.encode(joinInputs), 3);
    }

    function _statement(KeyId id, bytes memory encoded, uint256 count) private view returns (Proof memory) {
        uint256[] memory inputs = abi.decode(bytes.concat(abi.encode(uint256(32), count), encoded), (uint256[]));
        return Trapdoor.prove(id, inputs, uint256(keccak256(encoded)), 3).proof;
    }

    /// @dev `block_` is committed; the proofs are of the segments of `segments_` and of the join of `join`. Leaves the chain as it was.
    function _expectInvalidProof(PrimaryBlock memory block_, PrimaryBlock memory segments_, PrimaryBlock memory join)
        internal
    {
        uint256 snapshot = vm.snapshotState();
        StoredBlock[] memory stored = storedList(_stored(block_));
        bytes32[][] memory lists = new bytes32[][](1);
        (, lists[0]) = expectedPrimary(lastPrimary, lastSyncHashes, block_);
        _commit(block_);
        BlockProof[] memory proofs = _proofs(block_, segments_, join);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(stored, lists, proofs);
        // Nothing but true proofs was missing.
        primary.proveBlocks(stored, lists, _proofs(block_, block_, block_));
        vm.revertToState(snapshot);
    }
}
