// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IVerifier } from "../../../src/interfaces/IVerifier.sol";
import { Statement } from "../../../src/types/Statement.sol";

/// @notice TEST DOUBLE. Verifies nothing: says what it was told to say, and only to the statements that it was told to expect.
/// Tests of the stages use it; the real verifier is tested in Verifier.t.sol and test/integration.
contract VerifierDouble is IVerifier {
    error UnexpectedStatements(bytes32 expected, bytes32 actual);

    bool public answer = true;
    bytes32 public expected;

    function setAnswer(bool answer_) external {
        answer = answer_;
    }

    /// @notice Hash of the only statements to accept; 0 accepts any.
    function expectStatements(Statement[] calldata statements) external {
        expected = keccak256(abi.encode(statements));
    }

    function verifyBatch(Statement[] calldata statements) external view returns (bool) {
        bytes32 actual = keccak256(abi.encode(statements));
        if (expected != 0 && actual != expected) revert UnexpectedStatements(expected, actual);
        return answer;
    }
}
