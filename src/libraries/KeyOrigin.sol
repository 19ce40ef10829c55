// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LocalChain } from "./LocalChain.sol";

/// @title Where verifying keys come from, and where they may therefore be used
/// @notice A key's origin is the SHA-256 hash of the transcript of the ceremony that made it. 0 says that there was none: the key is a development key,
/// made from public beacons, and everybody can prove false statements with it.
library KeyOrigin {
    bytes32 internal constant DEVELOPMENT = 0;

    /// @notice True when keys of origin `transcriptHash` may verify on chain `chainId`.
    function fits(bytes32 transcriptHash, uint256 chainId) internal pure returns (bool) {
        return transcriptHash != DEVELOPMENT || LocalChain.isLocal(chainId);
    }
}
