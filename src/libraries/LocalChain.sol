// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Chains that exist on one machine only
/// @notice Nothing there is worth anything, so development keys and simulated message services are allowed.
library LocalChain {
    /// @dev What development nodes call themselves when nobody asks for another id.
    uint256 internal constant DEVELOPMENT_NODE = 1337;
    /// @dev anvil's own chain id and the ones behind it, for topologies of several local chains.
    uint256 internal constant FIRST = 31_337;
    uint256 internal constant LAST = 31_399;

    /// @notice True when `chainId` is one that only local chains have. A local chain with a real network's id is not known by its id.
    function isLocal(uint256 chainId) internal pure returns (bool) {
        return chainId == DEVELOPMENT_NODE || (chainId >= FIRST && chainId <= LAST);
    }
}
