// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title What all gateways share
interface IGateway {
    error ZeroAddress();
    error RemoteGatewayAlreadySet(address remoteGateway);
    error RemoteGatewayNotSet();
    error OnlyRollup(address expected, address actual);
    error OnlyArbitrator(address expected, address actual);
    error OnlyMessageService(address expected, address actual);
    /// @notice The message comes from somebody else than the gateway on the other side.
    error OnlyRemoteGateway(address expected, address actual);
    error InsufficientFee(uint256 expected, uint256 actual);
    error RefundFailed(address refundTo, uint256 amount);

    event RemoteGatewaySet(address indexed remoteGateway);

    /// @notice The gateway of the same chain on the other side of the message service.
    function remoteGateway() external view returns (address);

    /// @notice Names the other side. Once, by the admin.
    function setRemoteGateway(address remoteGateway_) external;
}

/// @title A gateway to which a message service delivers by a call
interface IMessageReceiver {
    /// @notice Only the message service (or the alias of the other gateway), only for a message of the other gateway.
    /// @param message src/FORMATS.md, section "Gateway messages"
    function receiveMessage(bytes calldata message) external;
}

/// @title What a rollup contract sees of its gateway
/// @notice Carries this chain's sync hashes and its halt request up to the arbitrator. Only the rollup contract may call it.
interface IRollupGateway {
    /// @notice Sends a secondary's sync hash for block `blockNumber`. `msg.value` pays the message service; any surplus is refunded to `refundTo`.
    function sendSyncHash(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable;

    /// @notice Sends the primary's list (one sync hash per chain of the topology, in order of chain index) for the proved block `blockNumber`.
    function sendSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes, address refundTo)
        external
        payable;

    /// @notice Tells the arbitrator that this chain's rollup contract has stopped.
    function sendHaltRequest(address refundTo) external payable;

    /// @notice Native coin that one call of sendSyncHash, sendSyncHashes or sendHaltRequest needs now.
    function syncFee() external view returns (uint256);
}

/// @title What the arbitrator sees of a chain's gateway
/// @notice Carries confirmations and the halt down to one chain. Only the arbitrator may call it.
interface IArbitratorGateway {
    /// @notice Sends the confirmation of `blockNumber` with the receiving chain's own sync hash. Any surplus value is refunded to `refundTo`.
    function sendConfirmation(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable;

    /// @notice Sends the halt at `blockNumber` with its final root and the receiving chain's own sync hash (0 for block 0).
    function sendHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash, address refundTo) external payable;

    /// @notice Native coin that one call of sendConfirmation or sendHalt needs at gas price `gasPrice` (wei).
    function confirmationFee(uint256 gasPrice) external view returns (uint256);
}
