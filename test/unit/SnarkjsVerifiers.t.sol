// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Verifier } from "../../src/Verifier.sol";
import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IVerifier } from "../../src/interfaces/IVerifier.sol";
import { Bn254 } from "../../src/libraries/Bn254.sol";
import { Proof } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { Story, StoryFixture } from "../utils/StoryFixture.sol";
import { SnarkjsJoinVerifier } from "../utils/generated/SnarkjsJoinVerifier.sol";
import { SnarkjsSegmentVerifier } from "../utils/generated/SnarkjsSegmentVerifier.sol";

/// @notice The batch against snarkjs's own generated verifiers, on the real proofs of the story and on proofs spoilt in every way.
contract SnarkjsVerifiersTest is Test {
    /// A precompile that fails burns what it is given.
    uint256 private constant CAP = 3_000_000;

    IVerifier private verifier;
    SnarkjsSegmentVerifier private segmentVerifier;
    SnarkjsJoinVerifier private joinVerifier;

    /// ABI-encoded Statement of every proof of the story.
    bytes[] private statements;

    function setUp() public {
        verifier = new Verifier(false);
        segmentVerifier = new SnarkjsSegmentVerifier();
        joinVerifier = new SnarkjsJoinVerifier();
        Story memory story = StoryFixture.load();
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            uint256[5][] memory inputs = story.blocks[i].proof.segmentInputs;
            for (uint256 j = 0; j < inputs.length; ++j) {
                uint256[] memory list = new uint256[](5);
                for (uint256 n = 0; n < 5; ++n) {
                    list[n] = inputs[j][n];
                }
                statements.push(abi.encode(Statement(KeyId.Segment, list, story.blocks[i].proof.segmentProofs[j])));
            }
            uint256[] memory joinList = new uint256[](3);
            for (uint256 n = 0; n < 3; ++n) {
                joinList[n] = story.blocks[i].proof.joinInputs[n];
            }
            statements.push(abi.encode(Statement(KeyId.Join, joinList, story.blocks[i].proof.joinProof)));
        }
    }

    function test_RealProofs() public view {
        Statement[] memory all = new Statement[](statements.length);
        for (uint256 i = 0; i < statements.length; ++i) {
            all[i] = _statement(i);
            assertTrue(_snarkjs(all[i]), "snarkjs");
            assertTrue(_batch(all[i]), "batch of one");
        }
        assertTrue(verifier.verifyBatch(all), "batch of all");
    }

    function test_ProofsOfOneKindInOneBatch() public view {
        for (uint256 k = 0; k < 2; ++k) {
            Statement[] memory list = new Statement[](statements.length);
            uint256 count = 0;
            for (uint256 i = 0; i < statements.length; ++i) {
                Statement memory statement = _statement(i);
                if (statement.key == KeyId(k)) list[count++] = statement;
            }
            assembly {
                mstore(list, count)
            }
            assertTrue(verifier.verifyBatch(list), "batch of one key");
        }
    }

    function test_ProofsOfEachOther() public view {
        for (uint256 i = 0; i < statements.length; ++i) {
            for (uint256 j = i + 1; j < statements.length; ++j) {
                Statement memory mixed = _statement(i);
                mixed.proof = _statement(j).proof;
                _assertBothRefuse(mixed, "another's proof");
            }
        }
    }

    function testFuzz_FlippedInputBit(uint256 which, uint256 input, uint8 bit) public view {
        Statement memory statement = _statement(which % statements.length);
        input = input % statement.inputs.length;
        uint256 flipped = statement.inputs[input] ^ (1 << (bit % 254));
        vm.assume(flipped < FIELD_ORDER);
        statement.inputs[input] = flipped;
        _assertBothRefuse(statement, "flipped input");
    }

    function test_SpoiltPoints() public view {
        for (uint256 way = 0; way < 10; ++way) {
            Statement memory statement = _statement(way % statements.length);
            Proof memory proof = statement.proof;
            if (way == 0) proof.a = Bn254.negate(proof.a);
            if (way == 1) proof.c = Bn254.negate(proof.c);
            if (way == 2) (proof.a, proof.c) = (proof.c, proof.a);
            if (way == 3) proof.a = Bn254.add(proof.a, [uint256(1), 2]);
            if (way == 4) proof.c = Bn254.add(proof.c, [uint256(1), 2]);
            if (way == 5) (proof.b[0], proof.b[1]) = (proof.b[1], proof.b[0]);
            if (way == 6) proof.a = [uint256(0), 0];
            if (way == 7) proof.c = [uint256(0), 0];
            if (way == 8) proof.a[0] ^= 1;
            if (way == 9) proof.c[1] += Bn254.BASE_ORDER;
            _assertBothRefuse(statement, "spoilt point");
        }
    }

    /// @notice What either verifier takes for the same proof, the other does too: (-A, -B) is the same product.
    function test_TheOtherFormOfAProof() public view {
        Statement memory statement = _statement(0);
        statement.proof.a = Bn254.negate(statement.proof.a);
        statement.proof.b[1][0] = Bn254.BASE_ORDER - statement.proof.b[1][0];
        statement.proof.b[1][1] = Bn254.BASE_ORDER - statement.proof.b[1][1];
        assertTrue(_snarkjs(statement), "snarkjs");
        assertTrue(_batch(statement), "batch");
    }

    function test_RevertWhen_AnInputHasASecondForm() public {
        Statement memory statement = _statement(0);
        uint256 second = statement.inputs[2] + FIELD_ORDER;
        statement.inputs[2] = second;
        assertFalse(_snarkjs(statement), "snarkjs");
        Statement[] memory one = new Statement[](1);
        one[0] = statement;
        vm.expectRevert(abi.encodeWithSelector(IVerifier.InputNotInField.selector, 0, 2, second));
        verifier.verifyBatch(one);
    }

    function _assertBothRefuse(Statement memory statement, string memory message) private view {
        assertFalse(_snarkjs(statement), message);
        assertFalse(_batch(statement), message);
        // Nor does it pass in the company of good ones.
        Statement[] memory two = new Statement[](2);
        two[0] = _statement(0);
        two[1] = statement;
        assertFalse(verifier.verifyBatch{ gas: CAP }(two), message);
    }

    function _statement(uint256 i) private view returns (Statement memory) {
        return abi.decode(statements[i], (Statement));
    }

    function _batch(Statement memory statement) private view returns (bool) {
        Statement[] memory one = new Statement[](1);
        one[0] = statement;
        return verifier.verifyBatch{ gas: CAP }(one);
    }

    function _snarkjs(Statement memory statement) private view returns (bool) {
        Proof memory proof = statement.proof;
        uint256[] memory list = statement.inputs;
        if (statement.key == KeyId.Segment) {
            return segmentVerifier.verifyProof{ gas: CAP }(
                proof.a, proof.b, proof.c, [list[0], list[1], list[2], list[3], list[4]]
            );
        }
        return joinVerifier.verifyProof{ gas: CAP }(proof.a, proof.b, proof.c, [list[0], list[1], list[2]]);
    }
}
