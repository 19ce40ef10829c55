// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Arbitrator
/// @notice Lives on Ethereum. Keeps every sync hash that a chain's gateway delivers, compares the secondaries' with the primary's list,
/// and sends a confirmation to every chain. Anyone may confirm; only a chain's gateway may deliver.
interface IArbitrator {
    error NotAGateway(address caller);
    error NotAPrimaryGateway(uint8 primaryIndex, uint8 chainIndex);
    error NotASecondaryGateway(uint8 chainIndex);
    /// @notice A chain delivered another hash for a block that it has already delivered. What was delivered cannot change.
    error SyncHashAlreadyReceived(uint8 chainIndex, uint32 blockNumber, bytes32 received, bytes32 actual);
    error WrongSyncHashCount(uint256 expected, uint256 actual);
    error SyncHashMissing(uint8 chainIndex, uint32 blockNumber);
    error SyncHashMismatch(uint8 chainIndex, uint32 blockNumber, bytes32 expected, bytes32 actual);
    error BlockNotAboveConfirmed(uint32 confirmed, uint32 blockNumber);
    error BlockNotConfirmed(uint32 confirmed, uint32 blockNumber);
    error InsufficientFee(uint256 expected, uint256 actual);
    error UnknownChain(uint8 chainCount, uint8 chainIndex);
    error ZeroAddress();
    error GatewayAlreadySet(uint8 chainIndex, address gateway);
    error GatewayNotSet(uint8 chainIndex);
    error RefundFailed(address refundTo, uint256 amount);
    /// @notice A chain asked for exit mode: no block above `blockNumber` is ever confirmed.
    error AlreadyHalted(uint32 blockNumber);
    error NotHalted();

    event GatewaySet(uint8 indexed chainIndex, address indexed gateway);

    event SyncHashReceived(uint8 indexed chainIndex, uint32 indexed blockNumber, bytes32 syncHash);
    event SyncHashesReceived(uint32 indexed blockNumber, uint256 finalRoot, bytes32[] syncHashes);
    event BlockConfirmed(uint32 indexed blockNumber, uint256 finalRoot);
    event ConfirmationSent(uint8 indexed chainIndex, uint32 indexed blockNumber, bytes32 syncHash);
    /// @notice A gateway refused; the block stays confirmed and anyone may call sendConfirmation for this chain again.
    event ConfirmationDeferred(uint8 indexed chainIndex, uint32 indexed blockNumber, bytes reason);

    event HaltRequested(uint8 indexed chainIndex);
    event Halted(uint32 indexed blockNumber, uint256 finalRoot);
    event HaltSent(uint8 indexed chainIndex, uint32 indexed blockNumber, bytes32 syncHash);

    /// @notice Names the gateway of a chain. Once for each chain, by the admin; nothing is confirmed before every chain has one.
    function setGateway(uint8 chainIndex, address gateway) external;

    /// @notice A secondary's gateway delivers its sync hash. Delivering the same hash again changes nothing.
    function receiveSyncHash(uint32 blockNumber, bytes32 syncHash) external;
    /// @notice The primary's gateway delivers the list of a proved block. Delivering the same list again changes nothing.
    /// Another final root counts as another hash of the primary's own chain.
    function receiveSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes) external;

    /// @notice Compares all chains' sync hashes for `blockNumber`, marks it confirmed and sends a confirmation down every gateway.
    /// One stuck gateway does not hold up the others. `msg.value` must cover confirmationFee; the surplus is refunded to the caller.
    function confirmBlock(uint32 blockNumber) external payable;

    /// @notice Sends the confirmation of the last confirmed block to one chain again. `msg.value` must cover its gateway's confirmationFee; the surplus goes
    /// back to the caller.
    function sendConfirmation(uint8 chainIndex) external payable;

    /// @notice A chain's gateway says that the chain has stopped. The first such word halts the rollup at the last confirmed block, for good.
    function receiveHaltRequest() external;

    /// @notice Sends the halt to one chain, always the same: the last confirmed block, its final root and the chain's own sync hash of it. Anyone may call,
    /// as often as it takes; `msg.value` as for sendConfirmation.
    function sendHalt(uint8 chainIndex) external payable;

    /// @notice Sum of all gateways' fees at gas price `gasPrice` (wei).
    function confirmationFee(uint256 gasPrice) external view returns (uint256);

    /// @notice True when confirmBlock(blockNumber) would find every hash present and equal.
    function isConfirmable(uint32 blockNumber) external view returns (bool);

    /// @notice Whether the rollup is in exit mode: lastConfirmedBlock is its last block.
    function halted() external view returns (bool);
    function lastConfirmedBlock() external view returns (uint32);
    function confirmedRoot(uint32 blockNumber) external view returns (uint256 finalRoot);
    function syncHashOf(uint8 chainIndex, uint32 blockNumber) external view returns (bytes32);
    function chainCount() external view returns (uint8);
    function primaryIndex() external view returns (uint8);
    function gatewayOf(uint8 chainIndex) external view returns (address);
}
