// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, Proof, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { Story, StoryBlock, StoryFixture } from "../utils/StoryFixture.sol";
import { TamperTest } from "../utils/TamperTest.sol";

/// @notice A real proof is accepted for the block it was made for and for nothing else. Every case commits a block that differs in one point, which the
/// contract cannot know, and shows that the proof stage refuses it.
contract ProofRefusalsTest is TamperTest {
    uint256 private constant TRANSFERS = 1; // the block with two segments of one chain and no requests

    function test_RevertWhen_AnyPublicInputIsFlipped() public {
        Story memory story = _proveFirst();
        StoryBlock memory block_ = story.blocks[TRANSFERS];
        _commitPrimary(story, TRANSFERS, block_.primary);
        for (uint256 segment = 0; segment < block_.proof.segmentInputs.length; ++segment) {
            for (uint256 i = 0; i < 5; ++i) {
                block_.proof.segmentInputs[segment][i] ^= 1;
                _expectWrongInputs(block_);
                block_.proof.segmentInputs[segment][i] ^= 1;
            }
        }
        for (uint256 i = 0; i < 3; ++i) {
            block_.proof.joinInputs[i] ^= 1;
            _expectWrongInputs(block_);
            block_.proof.joinInputs[i] ^= 1;
        }
        _prove(story, TRANSFERS, TRANSFERS);
    }

    /// @dev The second segment's transfer to new, open and collection of fees, byte by byte; a wrong kind is refused by the commit already.
    function test_RevertWhen_AnyByteOfTheL2DataIsTampered() public {
        Story memory story = _proveFirst();
        PrimaryBlock memory block_ = story.blocks[TRANSFERS].primary;
        bytes memory data = block_.segments[1].l2Data;
        assertEq(data.length, 98 + 92 + 20, "transfer to new, open, collect fees");
        for (uint256 i = 1; i < data.length; ++i) {
            if (i == 98 || i == 98 + 92) continue;
            data[i] ^= 0x01;
            _expectInvalidProof(story, TRANSFERS, block_);
            data[i] ^= 0x01;
        }
        _expectValidProof(story, TRANSFERS, block_);
    }

    /// @dev A deposit of zkSync Era: the primary has no queue to compare it with, the proof binds it.
    function test_RevertWhen_AnotherChainsDepositIsTampered() public {
        Story memory story = StoryFixture.load();
        _request(story.blocks[0]);
        PrimaryBlock memory block_ = story.blocks[0].primary;
        bytes memory data = block_.segments[1].onchainData;
        assertEq(data.length, 108, "one deposit");
        for (uint256 i = 1; i < data.length; i += 5) {
            data[i] ^= 0x01;
            _expectInvalidProof(story, 0, block_);
            data[i] ^= 0x01;
        }
        _expectValidProof(story, 0, block_);
    }

    function test_RevertWhen_AnyHeaderFieldIsTampered() public {
        Story memory story = _proveFirst();
        for (uint256 field = 0; field < 8; ++field) {
            PrimaryBlock memory block_ = StoryFixture.load().blocks[TRANSFERS].primary;
            SegmentData memory segment = block_.segments[0];
            if (field == 0) segment.rootIn ^= 1;
            if (field == 1) segment.rootOut ^= 1;
            if (field == 2) segment.c1 ^= 1;
            if (field == 3) segment.c2 ^= 1;
            if (field == 4) block_.finalRoot ^= 1;
            if (field == 5) block_.joinC1 ^= 1;
            if (field == 6) block_.timestamp += 1;
            if (field == 7) segment.chainIndex = 1;
            _expectInvalidProof(story, TRANSFERS, block_);
        }
    }

    function test_RevertWhen_LegsAreClaimed() public {
        Story memory story = _proveFirst();
        PrimaryBlock memory block_ = story.blocks[TRANSFERS].primary;
        block_.segments[0].legsOut = 7;
        block_.segments[1].legsIn = 7;
        block_.segments[1].legsOut = 7;
        _expectInvalidProof(story, TRANSFERS, block_);
    }

    function test_RevertWhen_SegmentsAreSwapped() public {
        Story memory story = _proveFirst();
        StoryBlock memory block_ = story.blocks[TRANSFERS];
        SegmentData[] memory segments = block_.primary.segments;
        (segments[0], segments[1]) = (segments[1], segments[0]);
        Proof[] memory proofs = block_.proof.segmentProofs;
        (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
        _expectInvalidProof(story, TRANSFERS, block_.primary);
    }

    function test_RevertWhen_ASegmentIsDropped() public {
        Story memory story = _proveFirst();
        StoryBlock memory block_ = story.blocks[TRANSFERS];
        SegmentData[] memory segments = new SegmentData[](1);
        segments[0] = block_.primary.segments[0];
        block_.primary.segments = segments;
        Proof[] memory proofs = new Proof[](1);
        proofs[0] = block_.proof.segmentProofs[0];
        block_.proof.segmentProofs = proofs;
        _expectInvalidProof(story, TRANSFERS, block_.primary);
    }

    function test_RevertWhen_SegmentProofsAreSwapped() public {
        Story memory story = _proveFirst();
        Proof[] memory proofs = story.blocks[TRANSFERS].proof.segmentProofs;
        (proofs[0], proofs[1]) = (proofs[1], proofs[0]);
        _expectInvalidProof(story, TRANSFERS, story.blocks[TRANSFERS].primary);
    }

    function test_RevertWhen_ProofsAreOfAnotherBlock() public {
        Story memory story = _proveFirst();
        BlockProof memory other = story.blocks[0].proof;
        BlockProof memory proof = story.blocks[TRANSFERS].proof;
        proof.segmentProofs[0] = other.segmentProofs[0];
        proof.segmentProofs[1] = other.segmentProofs[1];
        proof.joinProof = other.joinProof;
        _expectInvalidProof(story, TRANSFERS, story.blocks[TRANSFERS].primary);
    }

    /// @dev One bad proof spoils a call for many blocks, and nothing of it is kept.
    function test_RevertWhen_OneProofOfManyIsBad() public {
        Story memory story = StoryFixture.load();
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            _request(story.blocks[i]);
            _commitAll(story, i);
        }
        Proof[] memory proofs = story.blocks[2].proof.segmentProofs;
        Proof memory good = proofs[1];
        proofs[1] = proofs[0];
        (StoredBlock[] memory stored, bytes32[][] memory lists, BlockProof[] memory all) = _proveArguments(story, 0, 2);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(stored, lists, all);
        assertEq(primary.totalBlocksProved(), 0, "nothing is proved");
        proofs[1] = good;
        _prove(story, 0, 2);
        assertEq(primary.totalBlocksProved(), 3, "the right proofs are accepted afterwards");
    }

    /// @dev The first block done, so that the second one can be committed as it is or tampered with.
    function _proveFirst() private returns (Story memory story) {
        story = StoryFixture.load();
        _request(story.blocks[0]);
        _commitAll(story, 0);
        _prove(story, 0, 0);
    }

    function _expectWrongInputs(StoryBlock memory block_) private {
        StoredBlock memory stored = block_.stored[primaryIndex];
        bytes32 actual = keccak256(abi.encode(block_.proof.segmentInputs, block_.proof.joinInputs));
        vm.expectRevert(
            abi.encodeWithSelector(
                IPrimaryRollup.WrongProofInputs.selector, stored.blockNumber, stored.proofInputsHash, actual
            )
        );
        _proveOne(stored, block_.syncHashes, block_.proof);
    }
}
