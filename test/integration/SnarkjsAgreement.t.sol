// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Verifier } from "../../src/Verifier.sol";
import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IVerifier } from "../../src/interfaces/IVerifier.sol";
import { BlockProof, Proof } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { Story, StoryFixture } from "../utils/StoryFixture.sol";
import { SnarkjsJoinVerifier } from "../utils/generated/SnarkjsJoinVerifier.sol";
import { SnarkjsSegmentVerifier } from "../utils/generated/SnarkjsSegmentVerifier.sol";

/// @notice The batch verifier and the verifiers that snarkjs generates from the same keys say the same of the same proofs, good and bad.
contract SnarkjsAgreementTest is Test {
    Verifier private _verifier;
    SnarkjsSegmentVerifier private _segment;
    SnarkjsJoinVerifier private _join;

    function setUp() public {
        _verifier = new Verifier();
        _segment = new SnarkjsSegmentVerifier();
        _join = new SnarkjsJoinVerifier();
    }

    function test_AgreeOnEveryProofOfTheStory() public view {
        Story memory story = StoryFixture.load();
        for (uint256 b = 0; b < story.blocks.length; ++b) {
            BlockProof memory proof = story.blocks[b].proof;
            for (uint256 i = 0; i < proof.segmentProofs.length; ++i) {
                assertTrue(_snarkjsSegment(proof.segmentInputs[i], proof.segmentProofs[i]), "snarkjs: segment");
                assertTrue(_oursSegment(proof.segmentInputs[i], proof.segmentProofs[i]), "ours: segment");
            }
            assertTrue(_snarkjsJoin(proof.joinInputs, proof.joinProof), "snarkjs: join");
            assertTrue(_oursJoin(proof.joinInputs, proof.joinProof), "ours: join");
        }
    }

    /// @dev One of 5 inputs or 8 coordinates changes by `delta`: both refuse. (An input out of the field is an error of ours and a no of snarkjs's.)
    function testFuzz_AgreeOnAlteredSegmentProofs(uint256 which, uint256 place, uint256 delta) public view {
        Story memory story = StoryFixture.load();
        BlockProof memory proof = story.blocks[0].proof;
        uint256 i = which % proof.segmentProofs.length;
        uint256[5] memory inputs = proof.segmentInputs[i];
        Proof memory altered = proof.segmentProofs[i];
        delta = bound(delta, 1, FIELD_ORDER - 1);
        place = place % 13;
        if (place < 5) inputs[place] = addmod(inputs[place], delta, FIELD_ORDER);
        else _alter(altered, place - 5, delta);
        bool theirs = _snarkjsSegment(inputs, altered);
        assertEq(_oursSegment(inputs, altered), theirs, "same verdict");
        assertFalse(theirs, "altered proofs are refused");
    }

    /// @dev Negating A and B leaves the product as it is: both accept, so neither may use proof bytes as an identity.
    function test_AgreeOnARerandomisedProof() public view {
        BlockProof memory proof = StoryFixture.load().blocks[0].proof;
        uint256 q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;
        Proof memory negated = proof.joinProof;
        negated.a[1] = q - negated.a[1];
        negated.b[1][0] = q - negated.b[1][0];
        negated.b[1][1] = q - negated.b[1][1];
        assertTrue(_snarkjsJoin(proof.joinInputs, negated), "snarkjs accepts");
        assertTrue(_oursJoin(proof.joinInputs, negated), "ours accepts");
    }

    function test_RevertWhen_InputIsNotInTheField() public {
        BlockProof memory proof = StoryFixture.load().blocks[0].proof;
        uint256[3] memory inputs = proof.joinInputs;
        inputs[2] += FIELD_ORDER;
        assertFalse(_snarkjsJoin(inputs, proof.joinProof), "snarkjs refuses");
        Statement[] memory statements = _one(KeyId.Join, _list(inputs), proof.joinProof);
        vm.expectRevert(abi.encodeWithSelector(IVerifier.InputNotInField.selector, 0, 2, inputs[2]));
        _verifier.verifyBatch(statements);
    }

    function test_AProofUnderAnotherKeyIsRefused() public view {
        BlockProof memory proof = StoryFixture.load().blocks[0].proof;
        uint256[3] memory inputs = [proof.segmentInputs[0][0], proof.segmentInputs[0][2], proof.segmentInputs[0][3]];
        assertFalse(_oursJoin(inputs, proof.segmentProofs[0]), "ours");
        assertFalse(_snarkjsJoin(inputs, proof.segmentProofs[0]), "snarkjs");
    }

    function _alter(Proof memory proof, uint256 coordinate, uint256 delta) private pure {
        unchecked {
            if (coordinate < 2) proof.a[coordinate] += delta;
            else if (coordinate < 6) proof.b[(coordinate - 2) / 2][(coordinate - 2) % 2] += delta;
            else proof.c[coordinate - 6] += delta;
        }
    }

    function _oursSegment(uint256[5] memory inputs, Proof memory proof) private view returns (bool) {
        uint256[] memory list = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            list[i] = inputs[i];
        }
        return _verifier.verifyBatch(_one(KeyId.Segment, list, proof));
    }

    function _oursJoin(uint256[3] memory inputs, Proof memory proof) private view returns (bool) {
        return _verifier.verifyBatch(_one(KeyId.Join, _list(inputs), proof));
    }

    function _snarkjsSegment(uint256[5] memory inputs, Proof memory proof) private view returns (bool) {
        return _segment.verifyProof(proof.a, proof.b, proof.c, inputs);
    }

    function _snarkjsJoin(uint256[3] memory inputs, Proof memory proof) private view returns (bool) {
        return _join.verifyProof(proof.a, proof.b, proof.c, inputs);
    }

    function _one(KeyId key, uint256[] memory inputs, Proof memory proof)
        private
        pure
        returns (Statement[] memory statements)
    {
        statements = new Statement[](1);
        statements[0] = Statement({ key: key, inputs: inputs, proof: proof });
    }

    function _list(uint256[3] memory inputs) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            list[i] = inputs[i];
        }
    }
}
