// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Verifier } from "../../src/Verifier.sol";
import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { VerifyingKeys } from "../../src/generated/VerifyingKeys.sol";
import { IVerifier } from "../../src/interfaces/IVerifier.sol";
import { Bn254 } from "../../src/libraries/Bn254.sol";
import { Proof } from "../../src/types/Block.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import {
    NoContributionVerifier,
    OtherBetaVerifier,
    Trapdoor,
    TrapdoorVerifier,
    ZeroCoefficientVerifier
} from "../utils/Trapdoor.sol";

/// @notice The batch with keys whose trapdoor is known (any statement can be proved), so its every refusal can be reached.
/// Real proofs of the real circuits: SnarkjsVerifiers.t.sol and test/integration.
contract VerifierTest is Test {
    IVerifier private verifier;

    function setUp() public {
        verifier = new TrapdoorVerifier();
    }

    // ── valid batches ───────────────────────────────────────────────────────────────────────────────────────────────────

    function test_EachKeyAlone() public view {
        for (uint256 k = 0; k < 3; ++k) {
            Statement[] memory one = new Statement[](1);
            one[0] = _statement(KeyId(k), k);
            assertTrue(verifier.verifyBatch(one), "valid");
        }
    }

    function testFuzz_BatchesOfAnyKeysInAnyOrder(uint256 seed) public view {
        assertTrue(verifier.verifyBatch(_batch(1 + seed % 9, seed)), "valid");
    }

    function test_InputsAtTheEdgesOfTheField() public view {
        Statement[] memory two = new Statement[](2);
        uint256[] memory zeros = new uint256[](3);
        uint256[] memory largest = new uint256[](3);
        for (uint256 j = 0; j < 3; ++j) {
            largest[j] = FIELD_ORDER - 1;
        }
        two[0] = Trapdoor.prove(KeyId.Join, zeros, 4, 1);
        two[1] = Trapdoor.prove(KeyId.Join, largest, 4, 1);
        assertTrue(verifier.verifyBatch(two), "valid");
    }

    // ── invalid statements ──────────────────────────────────────────────────────────────────────────────────────────────

    function testFuzz_OneBadInputSpoilsTheBatch(uint256 seed, uint256 which, uint256 input, uint8 bit) public view {
        Statement[] memory batch = _batch(1 + seed % 6, seed);
        which = which % batch.length;
        uint256[] memory inputs = batch[which].inputs;
        input = input % inputs.length;
        // The lowest 250 bits: the input stays in the field.
        inputs[input] = (inputs[input] >> 4) ^ (1 << (bit % 250));
        batch[which] = Statement({ key: batch[which].key, inputs: inputs, proof: batch[which].proof });
        assertFalse(verifier.verifyBatch(batch), "invalid");
    }

    function test_ProofsOfEachOthersStatements() public view {
        Statement[] memory batch = new Statement[](2);
        batch[0] = _statement(KeyId.Segment, 1);
        batch[1] = _statement(KeyId.Segment, 2);
        (batch[0].proof, batch[1].proof) = (batch[1].proof, batch[0].proof);
        assertFalse(verifier.verifyBatch(batch), "swapped");
    }

    function test_ProofUnderAnotherKey() public view {
        Statement[] memory one = new Statement[](1);
        one[0] = _statement(KeyId.Segment, 1);
        Statement memory join = _statement(KeyId.Join, 1);
        one[0].key = KeyId.Join;
        one[0].inputs = join.inputs;
        assertFalse(verifier.verifyBatch(one), "another key");
    }

    /// @notice Errors that cancel in a plain sum: +P in one proof's C, -P in another's. The scalars keep them apart.
    function test_ErrorsThatCancelInASumDoNotCancelInTheBatch() public view {
        for (uint256 first = 0; first < 3; ++first) {
            for (uint256 second = first + 1; second < 4; ++second) {
                Statement[] memory batch = new Statement[](4);
                for (uint256 i = 0; i < 4; ++i) {
                    batch[i] = _statement(KeyId.Segment, i);
                }
                assertTrue(verifier.verifyBatch(batch), "valid");
                uint256[2] memory p = Trapdoor.g1(99);
                batch[first].proof.c = Bn254.add(batch[first].proof.c, p);
                batch[second].proof.c = Bn254.add(batch[second].proof.c, Bn254.negate(p));
                assertFalse(verifier.verifyBatch(batch), "errors do not cancel");
            }
        }
    }

    function test_NegatedPoints() public view {
        Statement[] memory one = new Statement[](1);
        one[0] = _statement(KeyId.Join, 3);
        one[0].proof.a = Bn254.negate(one[0].proof.a);
        assertFalse(verifier.verifyBatch(one), "-A");
        one[0].proof.b[1][0] = Bn254.BASE_ORDER - one[0].proof.b[1][0];
        one[0].proof.b[1][1] = Bn254.BASE_ORDER - one[0].proof.b[1][1];
        assertTrue(verifier.verifyBatch(one), "(-A, -B) is a proof of the same statement");
        one[0].proof.c = Bn254.negate(one[0].proof.c);
        assertFalse(verifier.verifyBatch(one), "-C");
    }

    // ── points that are none ────────────────────────────────────────────────────────────────────────────────────────────

    function test_PointsAtInfinity() public view {
        for (uint256 position = 0; position < 2; ++position) {
            for (uint256 which = 0; which < 3; ++which) {
                Statement[] memory batch = _batch(2, 8);
                Proof memory proof = batch[position].proof;
                if (which == 0) proof.a = [uint256(0), 0];
                if (which == 1) proof.b = [[uint256(0), 0], [uint256(0), 0]];
                if (which == 2) proof.c = [uint256(0), 0];
                assertFalse(verifier.verifyBatch(batch), "infinity");
            }
        }
        Statement[] memory zero = new Statement[](1);
        zero[0].inputs = new uint256[](5);
        assertFalse(verifier.verifyBatch(zero), "the empty proof");
    }

    function test_CoordinatesOutsideTheBaseField() public view {
        for (uint256 position = 0; position < 2; ++position) {
            for (uint256 which = 0; which < 8; ++which) {
                Statement[] memory batch = _batch(2, 8);
                Proof memory proof = batch[position].proof;
                // The same number modulo the order of the base field.
                if (which < 2) proof.a[which] += Bn254.BASE_ORDER;
                else if (which < 4) proof.c[which - 2] += Bn254.BASE_ORDER;
                else proof.b[(which - 4) / 2][which % 2] += Bn254.BASE_ORDER;
                assertFalse(verifier.verifyBatch(batch), "second form of a coordinate");
            }
        }
    }

    function test_PointsOffTheCurve() public view {
        for (uint256 position = 0; position < 2; ++position) {
            for (uint256 which = 0; which < 3; ++which) {
                Statement[] memory batch = _batch(2, 8);
                Proof memory proof = batch[position].proof;
                if (which == 0) proof.a = [uint256(1), 3];
                if (which == 1) proof.b[0][0] ^= 1;
                if (which == 2) proof.c = [uint256(1), 3];
                assertFalse(verifier.verifyBatch(batch), "off the curve");
            }
        }
    }

    function test_PointOfTheTwistOutsideTheGroup() public view {
        Statement[] memory one = _batch(1, 8);
        // x = 2 + u: on the twist, of another order (computed with @noble/curves).
        one[0].proof.b = [
            [uint256(1), 2],
            [
                0x2b76c179599bb92a963dac85546a005a777f7c13f6a7b75d5918b6b5808f5fde,
                0x101f7278419308b95099eca02dcee0c5381f4d26d1d62313f057167f064101ce
            ]
        ];
        assertFalse(verifier.verifyBatch(one), "outside the group");
    }

    /// @notice A bad point of G1 does not burn the gas of a failing precompile.
    function test_ABadPointIsCheap() public view {
        Statement[] memory batch = _batch(2, 8);
        batch[1].proof.a = [uint256(1), 3];
        uint256 gasBefore = gasleft();
        assertFalse(verifier.verifyBatch(batch), "off the curve");
        assertLt(gasBefore - gasleft(), 400_000, "gas");
    }

    // ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ThereAreNoStatements() public {
        vm.expectRevert(IVerifier.NoStatements.selector);
        verifier.verifyBatch(new Statement[](0));
    }

    function test_RevertWhen_InputCountIsWrong() public {
        Statement[] memory batch = new Statement[](2);
        batch[0] = _statement(KeyId.Segment, 1);
        batch[1] = _statement(KeyId.Join, 1);
        batch[1].inputs = new uint256[](4);
        vm.expectRevert(abi.encodeWithSelector(IVerifier.WrongInputCount.selector, 1, 3, 4));
        verifier.verifyBatch(batch);
        batch[0].inputs = new uint256[](0);
        vm.expectRevert(abi.encodeWithSelector(IVerifier.WrongInputCount.selector, 0, 5, 0));
        verifier.verifyBatch(batch);
    }

    /// @notice The same input modulo the field's order would be another public word with the same proof.
    function test_RevertWhen_AnInputIsNotInTheField() public {
        Statement[] memory one = new Statement[](1);
        one[0] = _statement(KeyId.Join, 1);
        uint256 second = one[0].inputs[2] + FIELD_ORDER;
        one[0].inputs[2] = second;
        vm.expectRevert(abi.encodeWithSelector(IVerifier.InputNotInField.selector, 0, 2, second));
        verifier.verifyBatch(one);
        one[0].inputs[2] = FIELD_ORDER;
        vm.expectRevert(abi.encodeWithSelector(IVerifier.InputNotInField.selector, 0, 2, FIELD_ORDER));
        verifier.verifyBatch(one);
    }

    function test_RevertWhen_KeysComeFromDifferentPhases() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifier.KeysDiffer.selector, KeyId.Join));
        new OtherBetaVerifier();
    }

    function test_RevertWhen_NobodyContributedToAKey() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifier.WeakKey.selector, KeyId.Join));
        new NoContributionVerifier();
    }

    function test_RevertWhen_AKeyDoesNotBindAnInput() public {
        vm.expectRevert(abi.encodeWithSelector(IVerifier.WeakKey.selector, KeyId.Join));
        new ZeroCoefficientVerifier();
    }

    /// @notice The constructor's checks pass for the rollup's keys, which fit their circuits.
    function test_GeneratedKeys() public {
        new Verifier(false);
        for (uint256 k = 0; k < 3; ++k) {
            assertEq(VerifyingKeys.key(KeyId(k)).ic.length, Trapdoor.inputCount(KeyId(k)) + 1, "number of inputs");
        }
    }

    function _statement(KeyId id, uint256 seed) private view returns (Statement memory) {
        uint256[] memory inputs = new uint256[](Trapdoor.inputCount(id));
        for (uint256 j = 0; j < inputs.length; ++j) {
            inputs[j] = uint256(keccak256(abi.encode("input", seed, j))) % FIELD_ORDER;
        }
        uint256 a = uint256(keccak256(abi.encode("a", seed)));
        uint8[6] memory multiples = [1, 2, 3, 5, 7, 11];
        return Trapdoor.prove(id, inputs, a % FIELD_ORDER, multiples[a % 6]);
    }

    function _batch(uint256 count, uint256 seed) private view returns (Statement[] memory batch) {
        batch = new Statement[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            batch[i] = _statement(KeyId(random % 3), random);
        }
    }
}
