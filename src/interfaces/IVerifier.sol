// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Proof } from "../types/Block.sol";

/// @notice Which verifying key a statement is checked against.
enum KeyId {
    Segment,
    Join,
    Exit
}

/// @notice One proof with its key and public inputs.
struct Statement {
    KeyId key;
    uint256[] inputs;
    Proof proof;
}

/// @title Batched Groth16 verifier
/// @notice Checks any number of proofs of any of the keys in one pairing call of k + 2 + (number of distinct keys) pairings.
interface IVerifier {
    /// @notice A statement has the wrong number of public inputs for its key.
    error WrongInputCount(uint256 statement, uint256 expected, uint256 actual);
    /// @notice A public input is not a canonical field element.
    error InputNotInField(uint256 statement, uint256 index, uint256 input);
    /// @notice There is nothing to verify.
    error NoStatements();

    /// @notice True when every statement's proof is valid; false when the pairing product is not one or a point is not on its curve.
    function verifyBatch(Statement[] calldata statements) external view returns (bool);
}
