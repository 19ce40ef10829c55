// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title What a rollup contract sees of its gateway
/// @notice Carries this chain's sync hashes up to the arbitrator. Only the rollup contract may call it.
interface IRollupGateway {
    /// @notice Sends a secondary's sync hash for block `blockNumber`. `msg.value` pays the message service; any surplus is refunded to `refundTo`.
    function sendSyncHash(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable;

    /// @notice Sends the primary's list (one sync hash per chain of the topology, in order of chain index) for the proved block `blockNumber`.
    function sendSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes, address refundTo)
        external
        payable;

    /// @notice Native coin that one call of sendSyncHash or sendSyncHashes needs now.
    function syncFee() external view returns (uint256);
}

/// @title What the arbitrator sees of a chain's gateway
/// @notice Carries confirmations down to one chain. Only the arbitrator may call it.
interface IArbitratorGateway {
    /// @notice Sends the confirmation of `blockNumber` with the receiving chain's own sync hash. Any surplus value is refunded to `refundTo`.
    function sendConfirmation(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable;

    /// @notice Native coin that one call of sendConfirmation needs at gas price `gasPrice` (wei).
    function confirmationFee(uint256 gasPrice) external view returns (uint256);
}
