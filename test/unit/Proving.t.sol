// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, Proof, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract ProvingTest is RollupTest {
    StoredBlock[] private blocks;
    bytes32[][] private syncHashes;
    /// ABI-encoded BlockProof of each block: the compiler cannot copy nested arrays of structs to storage.
    bytes[] private proofs;

    /// Three committed blocks: two segments, none, one.
    function setUp() public override {
        super.setUp();
        SegmentData[] memory two = new SegmentData[](2);
        two[0] = segment(PRIMARY_INDEX, depositNative(primary, alice, 1 ether, 7), Operations.transfer(7, 5, 12));
        two[1] = segment(SECONDARY_INDEX, Operations.withdraw(1, TOKEN, bob, 4), "");
        _commit(two);
        _commit(new SegmentData[](0));
        _commit(segments(segment(2, "", Operations.transfer(1, 2, 3))));
    }

    function test_ProveSeveralBlocksInOneCall() public {
        verifier.expectStatements(_expectedStatements());
        for (uint32 i = 0; i < 3; ++i) {
            vm.expectEmit(address(primary));
            emit IPrimaryRollup.BlockProved(i + 1, rootOf(i + 1), syncHashes[i]);
        }
        vm.prank(anyone);
        primary.proveBlocks(blocks, syncHashes, _proofs());
        assertEq(primary.totalBlocksProved(), 3, "proved");
    }

    function test_ProveOneByOne() public {
        for (uint256 i = 0; i < 3; ++i) {
            _prove(i);
            assertEq(primary.totalBlocksProved(), i + 1, "proved");
        }
    }

    function test_RevertWhen_ThereAreNoBlocks() public {
        vm.expectRevert(IRollupState.NoBlocks.selector);
        primary.proveBlocks(new StoredBlock[](0), new bytes32[][](0), new BlockProof[](0));
    }

    function test_RevertWhen_ListsHaveDifferentLengths() public {
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.WrongProofCount.selector, 3, 2));
        primary.proveBlocks(blocks, _firstTwo(), _proofs());
        BlockProof[] memory one = new BlockProof[](1);
        one[0] = _proof(0);
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.WrongProofCount.selector, 3, 1));
        primary.proveBlocks(blocks, syncHashes, one);
    }

    function test_RevertWhen_ProofIsInvalid() public {
        verifier.setAnswer(false);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        primary.proveBlocks(blocks, syncHashes, _proofs());
    }

    function test_RevertWhen_BlockIsNotTheNext() public {
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 1, 2));
        _prove(1);
        _prove(0);
        vm.expectRevert(abi.encodeWithSelector(IRollup.WrongBlockNumber.selector, 2, 1));
        _prove(0);
    }

    function test_RevertWhen_BlockIsNotCommitted() public {
        primary.proveBlocks(blocks, syncHashes, _proofs());
        blocks[0].blockNumber = 4;
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotCommitted.selector, 3, 4));
        _prove(0);
    }

    function test_RevertWhen_StoredBlockIsWrong() public {
        StoredBlock memory wrong = blocks[0];
        wrong.proofInputsHash = blocks[1].proofInputsHash;
        blocks[0] = wrong;
        vm.expectRevert(
            abi.encodeWithSelector(
                IRollupState.WrongStoredBlock.selector, 1, primary.storedBlockHash(1), FormatsReference.hash(wrong)
            )
        );
        _prove(0);
    }

    function test_RevertWhen_SyncHashListIsWrong() public {
        syncHashes[0][1] ^= bytes32(uint256(1));
        vm.expectPartialRevert(IPrimaryRollup.WrongSyncHashes.selector);
        _prove(0);
    }

    /// @notice A flipped bit in any public input.
    function test_RevertWhen_AnInputIsTampered() public {
        BlockProof memory proof = _proof(0);
        for (uint256 s = 0; s < 2; ++s) {
            for (uint256 k = 0; k < 5; ++k) {
                proof.segmentInputs[s][k] ^= 1;
                _expectWrongInputs(proof);
                proof.segmentInputs[s][k] ^= 1;
            }
        }
        for (uint256 k = 0; k < 3; ++k) {
            proof.joinInputs[k] ^= 1;
            _expectWrongInputs(proof);
            proof.joinInputs[k] ^= 1;
        }
        _prove(0, proof);
    }

    function test_RevertWhen_SegmentsAreSwapped() public {
        BlockProof memory proof = _proof(0);
        (proof.segmentInputs[0], proof.segmentInputs[1]) = (proof.segmentInputs[1], proof.segmentInputs[0]);
        _expectWrongInputs(proof);
    }

    function test_RevertWhen_ProofIsOfAnotherBlock() public {
        _expectWrongInputs(_proof(2));
    }

    function test_RevertWhen_ASegmentHasNoProof() public {
        BlockProof memory proof = _proof(0);
        Proof[] memory one = new Proof[](1);
        one[0] = proof.segmentProofs[0];
        proof.segmentProofs = one;
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.WrongProofCount.selector, 2, 1));
        _prove(0, proof);
    }

    function test_RevertWhen_ASegmentIsLeftOut() public {
        BlockProof memory proof = _proof(0);
        Proof[] memory one = new Proof[](1);
        one[0] = proof.segmentProofs[0];
        proof.segmentProofs = one;
        uint256[5][] memory inputs = new uint256[5][](1);
        inputs[0] = proof.segmentInputs[0];
        proof.segmentInputs = inputs;
        _expectWrongInputs(proof);
    }

    /// @dev `proof` is refused for block 1.
    function _expectWrongInputs(BlockProof memory proof) private {
        bytes32 actual = keccak256(abi.encode(proof.segmentInputs, proof.joinInputs));
        vm.expectRevert(
            abi.encodeWithSelector(IPrimaryRollup.WrongProofInputs.selector, 1, blocks[0].proofInputsHash, actual)
        );
        _prove(0, proof);
    }

    function _commit(SegmentData[] memory list) private {
        PrimaryBlock memory block_ = primaryBlock(list);
        proofs.push(abi.encode(blockProof(lastPrimary.finalRoot, block_)));
        blocks.push(commitPrimary(list));
        syncHashes.push(lastSyncHashes);
    }

    function _proof(uint256 i) private view returns (BlockProof memory) {
        return abi.decode(proofs[i], (BlockProof));
    }

    function _proofs() private view returns (BlockProof[] memory list) {
        list = new BlockProof[](3);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = _proof(i);
        }
    }

    function _prove(uint256 i) private {
        _prove(i, _proof(i));
    }

    function _prove(uint256 i, BlockProof memory proof) private {
        bytes32[][] memory hashes = new bytes32[][](1);
        hashes[0] = syncHashes[i];
        BlockProof[] memory one = new BlockProof[](1);
        one[0] = proof;
        primary.proveBlocks(storedList(blocks[i]), hashes, one);
    }

    function _firstTwo() private view returns (bytes32[][] memory list) {
        list = new bytes32[][](2);
        list[0] = syncHashes[0];
        list[1] = syncHashes[1];
    }

    /// @dev Segments of block 1, join of block 1, join of block 2, segment and join of block 3.
    function _expectedStatements() private view returns (Statement[] memory list) {
        list = new Statement[](6);
        uint256 k = 0;
        for (uint256 i = 0; i < 3; ++i) {
            BlockProof memory proof = _proof(i);
            for (uint256 j = 0; j < proof.segmentProofs.length; ++j) {
                uint256[] memory inputs = new uint256[](5);
                for (uint256 n = 0; n < 5; ++n) {
                    inputs[n] = proof.segmentInputs[j][n];
                }
                list[k++] = Statement(KeyId.Segment, inputs, proof.segmentProofs[j]);
            }
            uint256[] memory joinInputs = new uint256[](3);
            for (uint256 n = 0; n < 3; ++n) {
                joinInputs[n] = proof.joinInputs[n];
            }
            list[k++] = Statement(KeyId.Join, joinInputs, proof.joinProof);
        }
    }
}
