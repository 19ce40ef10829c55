// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IPrimaryRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { BlockProof, PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { TrapdoorRollupTest } from "../utils/TrapdoorRollupTest.sol";

/// @notice Attempts to take coins out of one half of a pair that nobody put into the other. A segment proves any leg, whatever it takes; only the join asks
/// what the legs of a block owe each other. So the attacker here owns true proofs of every segment that he likes and of every join whose legs are
/// paired, and has to make the contracts put together what does not belong together.
/// @dev Proofs are the trapdoor's, made for true statements alone: `_true` segments, whose legs out follow from legs in and their own legs, and joins over
/// whole pairs. A leg is a digest here; how digests are made is the circuits' business, the contracts never see one.
contract LegsAttack is TrapdoorRollupTest {
    uint256 private constant IN = 1001;
    uint256 private constant OUT = 2002;
    uint256 private constant OTHER_IN = 3003;
    uint256 private constant OTHER_OUT = 4004;

    bytes private swapIn = Operations.swapIn(7, 8, 1_000_000, 5);
    bytes private swapOut = Operations.swapOut(9, 10, 990_000);

    // ── what is honest ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice The two legs of a swap, on two chains, in one block: what every attack below differs from.
    function test_AnHonestSwapIsProved() public {
        PrimaryBlock memory block_ = primaryBlock(_honest());
        _commit(block_);
        primary.proveBlocks(storedList(_stored(block_)), _lists(), _proofs(block_, block_, block_));
        assertEq(primary.totalBlocksProved(), 1, "proved");
    }

    // ── an out-leg without an in-leg ────────────────────────────────────────────────────────────────────────────────────

    /// @notice The segment with the in-leg is left out: the other does not begin with no legs.
    function test_TheSegmentOfTheInLegIsLeftOut() public {
        SegmentData[] memory list = segments(_honest()[1]);
        _expectWrongLegsIn(list, 0, 0, list[0].legsIn);
    }

    /// @notice The attacker has a true proof of the out-leg alone, and one of a join without legs between the same roots.
    function test_AnOutLegBesideAJoinWithoutLegs() public {
        PrimaryBlock memory block_ = primaryBlock(segments(_true(SECONDARY_INDEX, swapOut, 0, _legs(OUT))));
        PrimaryBlock memory without = primaryBlock(segments(_true(SECONDARY_INDEX, swapOut, 0, _legs(OUT))));
        without.segments[0].legsOut = 0;
        _expectInvalidProof(block_, block_, without);
        // Nor can the header say that there was no leg: then it is the segment's proof that does not fit …
        _expectInvalidProof(without, block_, without);
        // … and a join that says so of an empty block is one of no segments.
        _expectInvalidProof(block_, block_, primaryBlock(new SegmentData[](0)));
    }

    /// @notice A segment without legs behind it makes the block end as it began: 0.
    function test_LegsAreForgottenByTheNextSegment() public {
        for (uint8 chain = 0; chain < CHAIN_COUNT; ++chain) {
            SegmentData[] memory list = new SegmentData[](2);
            list[0] = _true(SECONDARY_INDEX, swapOut, 0, _legs(OUT));
            list[1] = _true(chain, Operations.transfer(1, 2, 3), 0, new uint256[](0));
            _expectWrongLegsIn(list, 1, list[0].legsOut, 0);
        }
    }

    /// @notice … or a segment with an honest pair, so that the join of that pair would do for all.
    function test_LegsAreForgottenByAnHonestPair() public {
        SegmentData[] memory pair = _honest();
        SegmentData[] memory list = new SegmentData[](3);
        (list[0], list[1], list[2]) = (_true(2, swapOut, 0, _legs(OTHER_OUT)), pair[0], pair[1]);
        _expectWrongLegsIn(list, 1, list[0].legsOut, 0);
        // In the middle, and at the end.
        (list[0], list[1], list[2]) = (pair[0], _true(2, swapOut, 0, _legs(OTHER_OUT)), pair[1]);
        _expectWrongLegsIn(list, 1, pair[0].legsOut, 0);
        (list[0], list[1], list[2]) = (pair[0], pair[1], _true(2, swapOut, 0, _legs(OTHER_OUT)));
        _expectWrongLegsIn(list, 2, pair[1].legsOut, 0);
    }

    /// @notice The in-leg is of another block: the one before, in the same call or in an earlier one.
    function test_TheInLegIsOfAnotherBlock() public {
        SegmentData[] memory pair = _honest();
        PrimaryBlock[] memory blocks = new PrimaryBlock[](2);
        blocks[0] = primaryBlock(segments(pair[0]));
        blocks[1] = primaryBlockAfter(_stored(blocks[0]), segments(pair[1]));
        bytes memory reason = abi.encodeWithSelector(IPrimaryRollup.WrongLegsIn.selector, 0, 0, pair[0].legsOut);
        vm.expectRevert(reason);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);

        _commit(blocks[0]);
        (lastPrimary, lastSyncHashes) = expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        _expectWrongLegsIn(segments(pair[1]), 0, 0, pair[0].legsOut);
    }

    /// @notice The join's pairs are another block's (another order between the same roots): the contract names the legs that it proves.
    function test_TheJoinProvesOtherLegs() public {
        SegmentData[] memory other = _honest();
        other[0] = _true(PRIMARY_INDEX, swapIn, 0, _legs(OTHER_IN));
        other[1] = _true(SECONDARY_INDEX, swapOut, other[0].legsOut, _legs(OTHER_OUT));
        PrimaryBlock memory block_ = primaryBlock(_honest());
        _expectInvalidProof(block_, block_, primaryBlock(other));
        // Legs of two orders, one of each: true segments, and neither order's join.
        SegmentData[] memory mixed = _honest();
        mixed[1] = _true(SECONDARY_INDEX, swapOut, mixed[0].legsOut, _legs(OTHER_OUT));
        _expectInvalidProof(primaryBlock(mixed), primaryBlock(mixed), block_);
        _expectInvalidProof(primaryBlock(mixed), primaryBlock(mixed), primaryBlock(other));
    }

    /// @notice One in-leg for two out-legs: both outs, each true behind the same in-leg.
    function test_OneInLegForTwoOutLegs() public {
        SegmentData[] memory pair = _honest();
        SegmentData[] memory list = new SegmentData[](3);
        (list[0], list[1], list[2]) = (pair[0], pair[1], pair[1]);
        _expectWrongLegsIn(list, 2, pair[1].legsOut, pair[0].legsOut);
        // Proved to go on behind the first out-leg it may stand there, and then the legs are not the pair's.
        list[2] = _true(SECONDARY_INDEX, swapOut, pair[1].legsOut, _legs(OUT));
        PrimaryBlock memory block_ = primaryBlock(list);
        PrimaryBlock memory join = primaryBlock(list);
        join.segments = _copy(list);
        join.segments[2].legsOut = pair[1].legsOut;
        _expectInvalidProof(block_, block_, join);
        _expectInvalidProof(join, block_, join);
    }

    /// @notice An in-leg, which only gives, cannot be used as often as it is proved either.
    function test_ASegmentTwice() public {
        SegmentData[] memory list = new SegmentData[](2);
        list[0] = _honest()[0];
        list[1] = list[0];
        _expectWrongLegsIn(list, 1, list[0].legsOut, 0);
    }

    function test_SegmentsInAnotherOrder() public {
        SegmentData[] memory pair = _honest();
        (pair[0], pair[1]) = (pair[1], pair[0]);
        _expectWrongLegsIn(pair, 0, 0, pair[0].legsIn);
    }

    /// @notice Whatever true segments a block is put together from: if the contracts take it, the join has to speak about all their legs, in their order.
    function testFuzz_TheJoinSpeaksOfEveryLeg(uint256 seed) public {
        SegmentData[] memory list = new SegmentData[](1 + seed % 4);
        uint256 all = 0;
        uint256 wrong = type(uint256).max;
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint256[] memory digests = new uint256[](random % 3);
            for (uint256 j = 0; j < digests.length; ++j) {
                digests[j] = uint256(keccak256(abi.encode(random, j))) % FIELD_ORDER;
            }
            // Legs in: what came last (mostly), nothing, or what came before the last segment.
            uint256 choice = (random >> 16) % 6;
            uint256 legsIn = choice == 0 ? 0 : choice == 1 && i > 0 ? list[i - 1].legsIn : all;
            if (legsIn != all && wrong == type(uint256).max) wrong = i;
            list[i] = _true(uint8((random >> 32) % CHAIN_COUNT), swapIn, legsIn, digests);
            all = _fold(all, digests);
        }
        PrimaryBlock memory block_ = primaryBlock(list);
        if (wrong == type(uint256).max) {
            _commit(block_);
            (, uint256[3] memory joinInputs) = primary.proofInputs(lastPrimary.finalRoot, block_);
            block_.segments[list.length - 1].legsOut = all;
            uint256[3] memory expected = FormatsReference.joinInputs(block_, DEPLOYMENT_ID, lastPrimary.finalRoot);
            assertEq(abi.encode(joinInputs), abi.encode(expected), "all legs");
        } else {
            vm.expectPartialRevert(IPrimaryRollup.WrongLegsIn.selector);
            _commit(block_);
        }
    }

    // ── other forms of the same ─────────────────────────────────────────────────────────────────────────────────────────

    /// @notice A block without segments has no legs, whatever was proved.
    function test_LegsWithoutSegments() public {
        PrimaryBlock memory block_ = primaryBlock(new SegmentData[](0));
        PrimaryBlock memory pair = primaryBlock(_honest());
        _commit(block_);
        BlockProof[] memory proofs = _proofs(block_, block_, pair);
        assertEq(proofs[0].segmentProofs.length, 0, "no segment");
        StoredBlock memory stored = _stored(block_);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(storedList(stored), _lists(), proofs);
    }

    /// @notice A number of p or more is another form of a smaller one: not as legs in, not as legs out.
    function test_LegsOutsideTheField() public {
        SegmentData[] memory list = _honest();
        uint256 legs = list[0].legsOut + FIELD_ORDER;
        list[0].legsOut = legs;
        _expectRevert(list, abi.encodeWithSelector(Pubdata.WordNotInField.selector, legs));
        list[1].legsIn = legs;
        _expectRevert(list, abi.encodeWithSelector(Pubdata.WordNotInField.selector, legs));
        list = _honest();
        legs = list[1].legsOut + FIELD_ORDER;
        list[1].legsOut = legs;
        _expectRevert(list, abi.encodeWithSelector(Pubdata.WordNotInField.selector, legs));
        list = segments(_true(PRIMARY_INDEX, swapIn, 0, _legs(IN)));
        list[0].legsIn = FIELD_ORDER;
        _expectWrongLegsIn(list, 0, 0, FIELD_ORDER);
    }

    /// @notice The same order in the next block: all its public data, with the proofs of the first time.
    function test_AnOrderIsReplayedInTheNextBlock() public {
        PrimaryBlock memory first = primaryBlock(_honest());
        _commit(first);
        primary.proveBlocks(storedList(_stored(first)), _lists(), _proofs(first, first, first));
        StoredBlock memory stored;
        bytes32[] memory hashes;
        (stored, hashes) = expectedPrimary(lastPrimary, lastSyncHashes, first);
        lastPrimary = stored;
        lastSyncHashes = hashes;

        PrimaryBlock memory again = primaryBlock(_honest());
        again.finalRoot = first.finalRoot;
        _expectInvalidProof(again, first, first);
    }

    /// @notice In two blocks of one call each join would do for the other's legs: proofs stay in their place.
    function test_JoinsOfTwoBlocksAreExchanged() public {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](2);
        blocks[0] = primaryBlock(_honest());
        SegmentData[] memory other = _honest();
        other[0] = _true(PRIMARY_INDEX, swapIn, 0, _legs(OTHER_IN));
        other[1] = _true(SECONDARY_INDEX, swapOut, other[0].legsOut, _legs(OUT));
        StoredBlock[] memory stored = new StoredBlock[](2);
        bytes32[][] memory lists = new bytes32[][](2);
        (stored[0], lists[0]) = expectedPrimary(lastPrimary, lastSyncHashes, blocks[0]);
        blocks[1] = primaryBlockAfter(stored[0], other);
        (stored[1], lists[1]) = expectedPrimary(stored[0], lists[0], blocks[1]);
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);

        BlockProof[] memory proofs = new BlockProof[](2);
        proofs[0] = _prove(lastPrimary.finalRoot, blocks[0], blocks[0], blocks[0]);
        proofs[1] = _prove(stored[0].finalRoot, blocks[1], blocks[1], blocks[1]);
        (proofs[0].joinProof, proofs[1].joinProof) = (proofs[1].joinProof, proofs[0].joinProof);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(stored, lists, proofs);
        (proofs[0].joinInputs, proofs[1].joinInputs) = (proofs[1].joinInputs, proofs[0].joinInputs);
        vm.expectPartialRevert(IPrimaryRollup.WrongProofInputs.selector);
        primary.proveBlocks(stored, lists, proofs);
        (proofs[0].joinProof, proofs[1].joinProof) = (proofs[1].joinProof, proofs[0].joinProof);
        (proofs[0].joinInputs, proofs[1].joinInputs) = (proofs[1].joinInputs, proofs[0].joinInputs);
        primary.proveBlocks(stored, lists, proofs);
        assertEq(primary.totalBlocksProved(), 2, "in their places");
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev A segment as its circuit proves it: legs out follow.
    function _true(uint8 chainIndex, bytes memory l2Data, uint256 legsIn, uint256[] memory digests)
        private
        pure
        returns (SegmentData memory result)
    {
        result = segment(chainIndex, "", l2Data);
        result.legsIn = legsIn;
        result.legsOut = _fold(legsIn, digests);
    }

    /// @dev In on the primary, out on the secondary, one order.
    function _honest() private view returns (SegmentData[] memory list) {
        list = new SegmentData[](2);
        list[0] = _true(PRIMARY_INDEX, swapIn, 0, _legs(IN));
        list[1] = _true(SECONDARY_INDEX, swapOut, list[0].legsOut, _legs(OUT));
    }

    function _legs(uint256 digest) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = digest;
    }

    /// @dev Stands for the chain of Poseidon hashes.
    function _fold(uint256 legs, uint256[] memory digests) private pure returns (uint256) {
        for (uint256 i = 0; i < digests.length; ++i) {
            legs = uint256(keccak256(abi.encode(legs, digests[i]))) % FIELD_ORDER;
        }
        return legs;
    }

    function _copy(SegmentData[] memory list) private pure returns (SegmentData[] memory) {
        return abi.decode(abi.encode(list), (SegmentData[]));
    }

    function _expectWrongLegsIn(SegmentData[] memory list, uint256 index, uint256 expected, uint256 actual) private {
        _expectRevert(list, abi.encodeWithSelector(IPrimaryRollup.WrongLegsIn.selector, index, expected, actual));
    }

    function _expectRevert(SegmentData[] memory list, bytes memory reason) private {
        PrimaryBlock memory block_ = primaryBlock(list);
        vm.expectRevert(reason);
        _commit(block_);
    }
}
