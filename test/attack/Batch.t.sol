// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { IVerifier } from "../../src/interfaces/IVerifier.sol";
import { Bn254 } from "../../src/libraries/Bn254.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { VerifyingKey } from "../../src/types/VerifyingKey.sol";
import { Trapdoor, TrapdoorVerifier } from "../utils/Trapdoor.sol";

/// @notice Attempts to pass false statements in a batch by making their errors cancel, for which one must know the scalars. The attacker here knows even
/// the trapdoor of a plain sum: he can compute the scalars of any calldata, and make errors that cancel for exactly these.
contract BatchAttack is Test {
    IVerifier private verifier;

    function setUp() public {
        verifier = new TrapdoorVerifier();
    }

    /// @notice Errors in C, weighted with the scalars that the untouched batch has: cancels if the scalars do not depend on the proofs.
    function test_ErrorsThatCancelUnderTheScalarsOfTheUntouchedProofs() public view {
        Statement[] memory batch = _batch();
        uint256 rho = _rho(batch, 1);
        uint256[2] memory shift = Trapdoor.g1(99);
        batch[1].proof.c = Bn254.add(batch[1].proof.c, shift);
        batch[0].proof.c = Bn254.add(batch[0].proof.c, Bn254.negate(Bn254.mul(shift, rho)));
        assertTrue(_cancels(batch, rho), "the errors do cancel for those scalars");
        assertFalse(verifier.verifyBatch(batch), "but the scalars have changed");
    }

    /// @notice The same with public inputs in place of points: cancels if the scalars do not depend on the inputs.
    function test_ErrorsThatCancelUnderTheScalarsOfTheUntouchedInputs() public view {
        Statement[] memory batch = _batch();
        uint256 rho = _rho(batch, 1);
        batch[1].inputs[2] = addmod(batch[1].inputs[2], 1, FIELD_ORDER);
        batch[0].inputs[2] = addmod(batch[0].inputs[2], FIELD_ORDER - rho, FIELD_ORDER);
        assertTrue(_cancels(batch, rho), "the errors do cancel for those scalars");
        assertFalse(verifier.verifyBatch(batch), "but the scalars have changed");
    }

    /// @notice Scalars of weaker derivations, which leave out the proofs, the inputs or both: errors made to cancel under each of them do not pass.
    function test_ErrorsThatCancelUnderWeakerScalars() public view {
        for (uint256 which = 0; which < 6; ++which) {
            Statement[] memory batch = _batch();
            uint256 rho = _weakRho(batch, which);
            if (which != 3) {
                // Errors in the proofs, which derivation 3 hashes and the others do not.
                uint256[2] memory shift = Trapdoor.g1(99);
                batch[1].proof.c = Bn254.add(batch[1].proof.c, shift);
                batch[0].proof.c = Bn254.add(batch[0].proof.c, Bn254.negate(Bn254.mul(shift, rho)));
            } else {
                batch[1].inputs[2] = addmod(batch[1].inputs[2], 1, FIELD_ORDER);
                batch[0].inputs[2] = addmod(batch[0].inputs[2], FIELD_ORDER - rho, FIELD_ORDER);
            }
            assertEq(_weakRho(batch, which), rho, "the weak scalar does not notice");
            assertTrue(_cancels(batch, rho), "the errors do cancel for it");
            assertFalse(verifier.verifyBatch(batch), "but not for the verifier's");
        }
    }

    /// @notice Going on from there, the scalars of each attempt corrected into the next: a chase that has no end.
    function test_ChasingTheScalars() public view {
        Statement[] memory honest = _batch();
        uint256[2] memory shift = Trapdoor.g1(99);
        Statement[] memory batch = _batch();
        batch[1].proof.c = Bn254.add(honest[1].proof.c, shift);
        for (uint256 attempt = 0; attempt < 20; ++attempt) {
            batch[0].proof.c = Bn254.add(honest[0].proof.c, Bn254.negate(Bn254.mul(shift, _rho(batch, 1))));
            assertFalse(verifier.verifyBatch(batch), "one step behind");
        }
    }

    /// @notice Statements of one call in another order have other scalars, and each scalar is another.
    function test_ScalarsDependOnTheOrderAndThePlace() public view {
        Statement[] memory batch = _batch();
        uint256 first = _rho(batch, 1);
        assertNotEq(first, _rho(batch, 2), "place");
        (batch[0], batch[1]) = (batch[1], batch[0]);
        assertNotEq(first, _rho(batch, 1), "order");
    }

    /// @notice One false statement beside itself, an even number of times: nothing cancels.
    function test_TheSameFalseStatementSeveralTimes() public view {
        for (uint256 count = 1; count <= 4; ++count) {
            Statement[] memory batch = new Statement[](count);
            for (uint256 i = 0; i < count; ++i) {
                batch[i] = _statement(KeyId.Join, 5);
                batch[i].inputs[0] = addmod(batch[i].inputs[0], 1, FIELD_ORDER);
            }
            assertFalse(verifier.verifyBatch(batch), "false");
        }
    }

    /// @notice Other encodings of the same call (bytes behind it) change the scalars only: what is true stays true, what is false false.
    function test_BytesBehindTheCall() public view {
        Statement[] memory batch = _batch();
        bytes memory call = abi.encodeCall(IVerifier.verifyBatch, (batch));
        assertTrue(_call(bytes.concat(call, "grinding")), "true");
        batch[1].inputs[0] ^= 1;
        call = abi.encodeCall(IVerifier.verifyBatch, (batch));
        for (uint256 i = 0; i < 20; ++i) {
            assertFalse(_call(bytes.concat(call, bytes32(i))), "false");
        }
    }

    /// @notice A proof of zeros, in every place of a batch that is otherwise right, and a batch of nothing else.
    function test_ProofsOfZeros() public view {
        for (uint256 which = 0; which < 3; ++which) {
            Statement[] memory batch = _batch();
            delete batch[which].proof;
            assertFalse(verifier.verifyBatch(batch), "zeros beside proofs");
        }
        Statement[] memory zeros = new Statement[](2);
        zeros[0].inputs = new uint256[](5);
        zeros[1].inputs = new uint256[](5);
        assertFalse(verifier.verifyBatch(zeros), "zeros alone");
    }

    /// @notice The key's own points as a proof: A = alpha, B = beta cancel the constant part; what is left must still be proved.
    function test_TheKeysPointsAsAProof() public view {
        Statement[] memory one = new Statement[](1);
        one[0] = _statement(KeyId.Join, 6);
        VerifyingKey memory key = Trapdoor.key(KeyId.Join);
        one[0].proof.a = key.alpha;
        one[0].proof.b = key.beta;
        one[0].proof.c = [uint256(0), 0];
        assertFalse(verifier.verifyBatch(one), "L is left");
        one[0].proof.c = Bn254.negate(key.ic[0]);
        assertFalse(verifier.verifyBatch(one), "delta is not gamma");
    }

    // ── keys that prove anything ────────────────────────────────────────────────────────────────────────────────────────

    /// @notice With alpha = 0 the proof A = L, B = gamma, C = 0 shows every statement; so do other zero points and shared deltas weaken a key. Each kind
    /// of weakness is refused when the verifier is made.
    function test_WeakKeysAreRefused() public {
        KeyId[7] memory named =
            [KeyId.Segment, KeyId.Segment, KeyId.Segment, KeyId.Join, KeyId.Exit, KeyId.Exit, KeyId.Join];
        for (uint256 fault = 1; fault <= 7; ++fault) {
            // The fault is told by the length of a code, since a key is asked for before the verifier has storage.
            vm.etch(FAULT, new bytes(fault));
            vm.expectRevert(abi.encodeWithSelector(IVerifier.WeakKey.selector, named[fault - 1]));
            new FaultyVerifier();
        }
        vm.etch(FAULT, "");
        new FaultyVerifier();
    }

    function _statement(KeyId id, uint256 seed) private view returns (Statement memory) {
        uint256[] memory inputs = new uint256[](Trapdoor.inputCount(id));
        for (uint256 j = 0; j < inputs.length; ++j) {
            inputs[j] = uint256(keccak256(abi.encode("input", seed, j))) % FIELD_ORDER;
        }
        return Trapdoor.prove(id, inputs, 1000 + seed, 3);
    }

    function _batch() private view returns (Statement[] memory batch) {
        batch = new Statement[](3);
        batch[0] = _statement(KeyId.Segment, 1);
        batch[1] = _statement(KeyId.Segment, 2);
        batch[2] = _statement(KeyId.Join, 3);
    }

    /// @dev Scalar of statement `i` as the verifier derives it from the calldata of this batch.
    function _rho(Statement[] memory batch, uint256 i) private pure returns (uint256) {
        bytes32 seed = keccak256(abi.encodeCall(IVerifier.verifyBatch, (batch)));
        return uint256(keccak256(abi.encode(seed, i))) % FIELD_ORDER;
    }

    /// @dev Scalar of statement 1 as a careless verifier might derive it.
    function _weakRho(Statement[] memory batch, uint256 which) private pure returns (uint256) {
        if (which == 0) return 1;
        if (which == 1) return 2;
        bytes memory all = "";
        for (uint256 i = 0; i < batch.length; ++i) {
            if (which == 2) all = bytes.concat(all, abi.encode(batch[i].inputs));
            if (which == 3) all = bytes.concat(all, abi.encode(batch[i].proof));
        }
        bytes32 seed = which == 4 ? bytes32(batch.length) : which == 5 ? bytes32(0) : keccak256(all);
        return uint256(keccak256(abi.encode(seed, uint256(1)))) % FIELD_ORDER;
    }

    /// @dev Would the first two statements, of one key, pass if the second's scalar were `rho`? By the trapdoor: C's discrete logarithm is not known, but
    /// the two statements' equation is linear in (L, C), so the sum as one statement must hold.
    function _cancels(Statement[] memory batch, uint256 rho) private view returns (bool) {
        VerifyingKey memory key = Trapdoor.key(KeyId.Segment);
        uint256[2] memory l = _weighted(key, batch[0].inputs, 1);
        l = Bn254.add(l, _weighted(key, batch[1].inputs, rho));
        uint256[2] memory c = Bn254.add(batch[0].proof.c, Bn254.mul(batch[1].proof.c, rho));
        uint256[] memory terms = new uint256[](5 * Bn254.PAIRING_WORDS);
        _set(terms, 0, batch[0].proof.a, batch[0].proof.b);
        _set(terms, 1, Bn254.mul(batch[1].proof.a, rho), batch[1].proof.b);
        _set(terms, 2, Bn254.negate(Bn254.mul(key.alpha, addmod(1, rho, FIELD_ORDER))), key.beta);
        _set(terms, 3, Bn254.negate(l), key.gamma);
        _set(terms, 4, Bn254.negate(c), key.delta);
        return Bn254.pairingProductIsOne(terms);
    }

    function _weighted(VerifyingKey memory key, uint256[] memory inputs, uint256 rho)
        private
        view
        returns (uint256[2] memory sum)
    {
        sum = Bn254.mul(key.ic[0], rho);
        for (uint256 j = 0; j < inputs.length; ++j) {
            sum = Bn254.add(sum, Bn254.mul(key.ic[j + 1], mulmod(rho, inputs[j], FIELD_ORDER)));
        }
    }

    function _set(uint256[] memory terms, uint256 i, uint256[2] memory a, uint256[2][2] memory b) private pure {
        uint256[6] memory words = [a[0], a[1], b[0][0], b[0][1], b[1][0], b[1][1]];
        for (uint256 k = 0; k < 6; ++k) {
            terms[6 * i + k] = words[k];
        }
    }

    function _call(bytes memory data) private view returns (bool) {
        (bool success, bytes memory result) = address(verifier).staticcall(data);
        assertTrue(success, "no refusal");
        return abi.decode(result, (bool));
    }
}

address constant FAULT = address(0xFA017);

/// @notice The trapdoor's keys with one fault.
contract FaultyVerifier is TrapdoorVerifier {
    function _verifyingKey(KeyId id) internal view override returns (VerifyingKey memory k) {
        k = Trapdoor.key(id);
        uint256 fault = FAULT.code.length;
        uint256[2] memory zero;
        if (fault == 1) k.alpha = zero;
        if (fault == 2) k.beta = [zero, zero];
        if (fault == 3) k.gamma = [zero, zero];
        if (fault == 4 && id == KeyId.Join) k.delta = [zero, zero];
        if (fault == 5 && id == KeyId.Exit) k.delta = Trapdoor.g2(Trapdoor.delta(KeyId.Segment));
        if (fault == 6 && id == KeyId.Exit) k.ic[6] = zero;
        if (fault == 7 && id == KeyId.Join) k.delta = k.gamma;
    }
}
