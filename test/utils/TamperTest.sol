// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "./FormatsReference.sol";
import { Story } from "./StoryFixture.sol";
import { StoryTest } from "./StoryTest.sol";

/// @notice Blocks of a fixture, committed with something changed and proved with the fixture's proofs.
abstract contract TamperTest is StoryTest {
    /// @dev Commits `block_` in place of the story's block `index` and proves it with the story's proofs, which must be refused; leaves no trace.
    function _expectInvalidProof(Story memory story, uint256 index, PrimaryBlock memory block_) internal {
        uint256 snapshot = vm.snapshotState();
        (StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof) =
            _commitTampered(story, index, block_);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        _proveOne(stored, list, proof);
        vm.revertToState(snapshot);
    }

    /// @dev The same steps with an untouched block: shows that the refusals are due to the tampering.
    function _expectValidProof(Story memory story, uint256 index, PrimaryBlock memory block_) internal {
        (StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof) =
            _commitTampered(story, index, block_);
        _proveOne(stored, list, proof);
        assertEq(primary.totalBlocksProved(), index + 1, "proved");
    }

    function _commitTampered(Story memory story, uint256 index, PrimaryBlock memory block_)
        internal
        returns (StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof)
    {
        (StoredBlock[] memory last, bytes32[] memory lastList) = _before(story, index);
        proof = story.blocks[index].proof;
        // The best that a cheater can do: inputs that are right for the tampered data.
        (proof.segmentInputs, proof.joinInputs) = primary.proofInputs(last[primaryIndex].finalRoot, block_);
        list = new bytes32[](lastList.length);
        for (uint8 chain = 0; chain < list.length; ++chain) {
            list[chain] = FormatsReference.syncHash(
                lastList[chain],
                block_.blockNumber,
                block_.timestamp,
                block_.finalRoot,
                FormatsReference.onchainBytes(block_, chain)
            );
        }
        bytes memory own = FormatsReference.onchainBytes(block_, primaryIndex);
        stored = StoredBlock({
            blockNumber: block_.blockNumber,
            priorityRequestsTotal: last[primaryIndex].priorityRequestsTotal + FormatsReference.countRequests(own),
            timestamp: block_.timestamp,
            finalRoot: block_.finalRoot,
            onchainOpsHash: keccak256(own),
            syncHash: list[primaryIndex],
            proofInputsHash: keccak256(abi.encode(proof.segmentInputs, proof.joinInputs)),
            syncHashesHash: keccak256(abi.encode(list))
        });
        _commitPrimary(story, index, block_);
    }

    function _proveOne(StoredBlock memory stored, bytes32[] memory list, BlockProof memory proof) internal {
        StoredBlock[] memory blocks = new StoredBlock[](1);
        bytes32[][] memory lists = new bytes32[][](1);
        BlockProof[] memory proofs = new BlockProof[](1);
        blocks[0] = stored;
        lists[0] = list;
        proofs[0] = proof;
        primary.proveBlocks(blocks, lists, proofs);
    }
}
