// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BatchVerifier } from "./BatchVerifier.sol";
import { VerifyingKeys } from "./generated/VerifyingKeys.sol";
import { IKeyOrigin } from "./interfaces/IVerifier.sol";
import { KeyOrigin } from "./libraries/KeyOrigin.sol";
import { KeyId } from "./types/Statement.sol";
import { VerifyingKey } from "./types/VerifyingKey.sol";

/// @title The verifier of the rollup's own circuits
/// @notice Other keys (a ceremony's) are another contract: an upgrade of the rollup decides which verifier it asks.
contract Verifier is BatchVerifier, IKeyOrigin {
    /// @param allowDevelopmentKeys true only for a local chain that goes by a real network's id. Without it nobody, however he deploys, puts development
    /// keys on a chain that is not local.
    constructor(bool allowDevelopmentKeys) {
        if (!allowDevelopmentKeys && !KeyOrigin.fits(transcriptHash(), block.chainid)) {
            revert DevelopmentKeys(block.chainid);
        }
    }

    /// @inheritdoc IKeyOrigin
    function transcriptHash() public pure returns (bytes32) {
        return VerifyingKeys.TRANSCRIPT_HASH;
    }

    function _verifyingKey(KeyId id) internal pure override returns (VerifyingKey memory) {
        return VerifyingKeys.key(id);
    }
}
