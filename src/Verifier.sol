// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BatchVerifier } from "./BatchVerifier.sol";
import { VerifyingKeys } from "./generated/VerifyingKeys.sol";
import { KeyId } from "./types/Statement.sol";
import { VerifyingKey } from "./types/VerifyingKey.sol";

/// @title The verifier of the rollup's own circuits
/// @notice Other keys (a ceremony's) are another contract: an upgrade of the rollup decides which verifier it asks.
contract Verifier is BatchVerifier {
    function _verifyingKey(KeyId id) internal pure override returns (VerifyingKey memory) {
        return VerifyingKeys.key(id);
    }
}
