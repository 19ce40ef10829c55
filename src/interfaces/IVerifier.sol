// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { KeyId, Statement } from "../types/Statement.sol";

/// @title Batched Groth16 verifier
/// @notice Checks any number of proofs of any of the keys in one pairing call of k + 2 + (number of distinct keys) pairings.
interface IVerifier {
    /// @notice A statement has the wrong number of public inputs for its key.
    error WrongInputCount(uint256 statement, uint256 expected, uint256 actual);
    /// @notice A public input is not a canonical field element.
    error InputNotInField(uint256 statement, uint256 index, uint256 input);
    /// @notice There is nothing to verify.
    error NoStatements();

    /// @notice The keys cannot be checked in one batch: `key` differs from the first in alpha, beta or gamma.
    error KeysDiffer(KeyId key);
    /// @notice Proofs for `key` could be forged: its delta is gamma (nobody contributed to it) or another key's (parts of one circuit's proofs would fit
    /// the other), or one of its points is zero (alpha or beta: `A = L, B = gamma` proves anything; an input coefficient: that input is not bound).
    error WeakKey(KeyId key);

    /// @notice True when every statement's proof is valid; false when the pairing product is not one or a point is not on its curve.
    function verifyBatch(Statement[] calldata statements) external view returns (bool);
}

/// @title Where a verifier's keys come from
interface IKeyOrigin {
    /// @notice The keys are development keys, which everybody can forge proofs for, and chain `chainId` is not local. Make keys by a ceremony
    /// (circuits/README.md), regenerate src/generated with them and deploy again.
    error DevelopmentKeys(uint256 chainId);

    /// @notice SHA-256 of the transcript of the ceremony that made the keys; 0 for development keys.
    function transcriptHash() external view returns (bytes32);
}
