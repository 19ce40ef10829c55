// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "./generated/Params.sol";
import { IVerifier } from "./interfaces/IVerifier.sol";
import { Bn254 } from "./libraries/Bn254.sol";
import { KeyId, Statement } from "./types/Statement.sol";
import { VerifyingKey } from "./types/VerifyingKey.sol";

/// @title Groth16 proofs of several keys in one pairing call
/// @notice A proof (A, B, C) with inputs x is valid when `e(A, B) = e(alpha, beta) · e(L, gamma) · e(C, delta)`, `L = ic_0 + Σ x_j · ic_j`. Statement i is
/// raised to the power of a scalar ρ_i and all are multiplied. As the keys share alpha, beta and gamma that is
///
///     Π_i e(ρ_i A_i, B_i) · e(-(Σ ρ_i) alpha, beta) · e(-Σ ρ_i L_i, gamma) · Π_keys e(-Σ_(i of key) ρ_i C_i, delta_key) = 1.
///
/// The scalars are hashes of all proofs and inputs (and of their order), so nobody can choose proofs that cancel one another. ρ_0 is 1: if only
/// statement 0 fails the product is not 1, and if another fails exactly one value of its scalar would hide it.
/// @dev Points of G1 are checked before use, so that a bad one costs no more gas than its check. The precompile checks those of G2.
abstract contract BatchVerifier is IVerifier {
    uint256 private constant KEY_COUNT = uint256(type(KeyId).max) + 1;

    /// @dev What the statements of one key add up to.
    struct KeySum {
        VerifyingKey key;
        /// Σ ρ_i, then Σ ρ_i · x_ij for each input j; empty while the key has no statement.
        uint256[] scalars;
        /// Σ ρ_i · C_i.
        uint256[2] c;
    }

    constructor() {
        VerifyingKey memory first = _verifyingKey(KeyId(0));
        bytes32[] memory deltas = new bytes32[](KEY_COUNT);
        for (uint256 k = 0; k < KEY_COUNT; ++k) {
            KeyId id = KeyId(k);
            VerifyingKey memory key = _verifyingKey(id);
            if (_hash(key.alpha, key.beta, key.gamma) != _hash(first.alpha, first.beta, first.gamma)) {
                revert KeysDiffer(id);
            }
            deltas[k] = keccak256(abi.encode(key.delta));
            if (_isWeak(key, deltas, k)) revert WeakKey(id);
        }
    }

    /// @inheritdoc IVerifier
    function verifyBatch(Statement[] calldata statements) external view returns (bool) {
        if (statements.length == 0) revert NoStatements();
        KeySum[] memory sums = new KeySum[](KEY_COUNT);
        uint256 distinct = _loadKeys(statements, sums);

        // All proofs and inputs are in the calldata, and nothing else.
        bytes32 seed = keccak256(msg.data);
        uint256[] memory terms = new uint256[](Bn254.PAIRING_WORDS * (statements.length + 2 + distinct));
        for (uint256 i = 0; i < statements.length; ++i) {
            Statement calldata statement = statements[i];
            uint256 rho = i == 0 ? 1 : uint256(keccak256(abi.encode(seed, i))) % FIELD_ORDER;
            KeySum memory sum = sums[uint256(statement.key)];
            _addInputs(sum.scalars, statement.inputs, i, rho);
            if (!_addProof(statement, rho, sum, terms, i)) return false;
        }
        _setKeyTerms(sums, terms, statements.length);
        return Bn254.pairingProductIsOne(terms);
    }

    /// @dev The key of each circuit; all have the same alpha, beta and gamma.
    function _verifyingKey(KeyId id) internal view virtual returns (VerifyingKey memory);

    /// @dev True when proofs for key number `k` could be forged, as far as the key itself shows it.
    function _isWeak(VerifyingKey memory key, bytes32[] memory deltas, uint256 k) private pure returns (bool) {
        if (_isZero(key.alpha)) return true;
        if (_isZero(key.beta[0]) && _isZero(key.beta[1])) return true;
        if (_isZero(key.gamma[0]) && _isZero(key.gamma[1])) return true;
        if (_isZero(key.delta[0]) && _isZero(key.delta[1])) return true;
        if (deltas[k] == keccak256(abi.encode(key.gamma))) return true;
        for (uint256 j = 0; j < k; ++j) {
            if (deltas[k] == deltas[j]) return true;
        }
        for (uint256 j = 0; j < key.ic.length; ++j) {
            if (_isZero(key.ic[j])) return true;
        }
        return false;
    }

    function _isZero(uint256[2] memory pair) private pure returns (bool) {
        return pair[0] == 0 && pair[1] == 0;
    }

    /// @dev Loads every key that a statement names and returns how many there are.
    function _loadKeys(Statement[] calldata statements, KeySum[] memory sums) private view returns (uint256 distinct) {
        for (uint256 i = 0; i < statements.length; ++i) {
            KeyId id = statements[i].key;
            KeySum memory sum = sums[uint256(id)];
            if (sum.scalars.length != 0) continue;
            sum.key = _verifyingKey(id);
            sum.scalars = new uint256[](sum.key.ic.length);
            ++distinct;
        }
    }

    function _addInputs(uint256[] memory scalars, uint256[] calldata inputs, uint256 statement, uint256 rho)
        private
        pure
    {
        uint256 expected = scalars.length - 1;
        if (inputs.length != expected) revert WrongInputCount(statement, expected, inputs.length);
        scalars[0] = addmod(scalars[0], rho, FIELD_ORDER);
        for (uint256 j = 0; j < expected; ++j) {
            uint256 input = inputs[j];
            // A second form of the same input would be another public word with the same proof.
            if (input >= FIELD_ORDER) revert InputNotInField(statement, j, input);
            scalars[j + 1] = addmod(scalars[j + 1], mulmod(rho, input, FIELD_ORDER), FIELD_ORDER);
        }
    }

    /// @dev Sets term `i` to (ρA, B) and adds ρC to the key's sum; false when a coordinate or a point of G1 is not valid.
    function _addProof(Statement calldata statement, uint256 rho, KeySum memory sum, uint256[] memory terms, uint256 i)
        private
        view
        returns (bool)
    {
        uint256[2] memory a = statement.proof.a;
        uint256[2] memory c = statement.proof.c;
        uint256[2][2] memory b = statement.proof.b;
        if (!Bn254.isG1(a[0], a[1]) || !Bn254.isG1(c[0], c[1])) return false;
        for (uint256 j = 0; j < 2; ++j) {
            if (b[j][0] >= Bn254.BASE_ORDER || b[j][1] >= Bn254.BASE_ORDER) return false;
        }
        if (rho != 1) {
            a = Bn254.mul(a, rho);
            c = Bn254.mul(c, rho);
        }
        sum.c = sum.c[0] == 0 && sum.c[1] == 0 ? c : Bn254.add(sum.c, c);
        _setTerm(terms, i, a, b);
        return true;
    }

    /// @dev Sets the terms behind the proofs': alpha with beta, L with gamma, and each key's C with its delta.
    function _setKeyTerms(KeySum[] memory sums, uint256[] memory terms, uint256 position) private view {
        uint256 rhoSum = 0;
        uint256[2] memory l;
        VerifyingKey memory shared;
        uint256 next = position + 2;
        for (uint256 k = 0; k < KEY_COUNT; ++k) {
            KeySum memory sum = sums[k];
            if (sum.scalars.length == 0) continue;
            rhoSum = addmod(rhoSum, sum.scalars[0], FIELD_ORDER);
            for (uint256 j = 0; j < sum.scalars.length; ++j) {
                l = Bn254.add(l, Bn254.mul(sum.key.ic[j], sum.scalars[j]));
            }
            _setTerm(terms, next++, Bn254.negate(sum.c), sum.key.delta);
            shared = sum.key;
        }
        _setTerm(terms, position, Bn254.negate(Bn254.mul(shared.alpha, rhoSum)), shared.beta);
        _setTerm(terms, position + 1, Bn254.negate(l), shared.gamma);
    }

    function _setTerm(uint256[] memory terms, uint256 i, uint256[2] memory g1, uint256[2][2] memory g2) private pure {
        uint256 offset = i * Bn254.PAIRING_WORDS;
        terms[offset] = g1[0];
        terms[offset + 1] = g1[1];
        terms[offset + 2] = g2[0][0];
        terms[offset + 3] = g2[0][1];
        terms[offset + 4] = g2[1][0];
        terms[offset + 5] = g2[1][1];
    }

    function _hash(uint256[2] memory alpha, uint256[2][2] memory beta, uint256[2][2] memory gamma)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(alpha, beta, gamma));
    }
}
