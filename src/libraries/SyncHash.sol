// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Running hash of what one chain accepted
/// @notice Formulas: src/FORMATS.md, section "Chain side".
library SyncHash {
    /// @notice Sync hash of block 0.
    function genesis(uint256 deploymentId, uint8 chainIndex) internal pure returns (bytes32) {
        return keccak256(abi.encode(deploymentId, chainIndex));
    }

    function extend(bytes32 previous, uint32 blockNumber, uint64 timestamp, uint256 finalRoot, bytes32 onchainOpsHash)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(previous, blockNumber, timestamp, finalRoot, onchainOpsHash));
    }

    /// @notice Hash of the list of all chains' sync hashes.
    function hashList(bytes32[] memory syncHashes) internal pure returns (bytes32) {
        return keccak256(abi.encode(syncHashes));
    }
}
