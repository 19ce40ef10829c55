// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IVerifier } from "../../../src/interfaces/IVerifier.sol";
import { Statement } from "../../../src/types/Statement.sol";

/// @notice TEST DOUBLE for gas: has a real verifier do all of its work and accepts whatever comes out.
contract PayingVerifier is IVerifier {
    IVerifier private immutable _REAL;

    constructor(IVerifier real) {
        _REAL = real;
    }

    function verifyBatch(Statement[] calldata) external view returns (bool) {
        (bool success,) = address(_REAL).staticcall(msg.data);
        require(success, "malformed");
        return true;
    }
}
