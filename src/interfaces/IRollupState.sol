// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Mode } from "../types/Mode.sol";

/// @title What a rollup contract stores, as far as anyone may read it
interface IRollupState {
    /// @notice The chain is not in the mode that the call needs.
    error WrongMode(Mode expected, Mode actual);
    error ZeroAddress();
    /// @notice There is nothing to commit, prove, execute or revert.
    error NoBlocks();
    error WrongStoredBlock(uint32 blockNumber, bytes32 expected, bytes32 actual);
    error OnlyGateway(address expected, address actual);
    error GatewayNotSet();
    error BlockNotSynced(uint32 synced, uint32 blockNumber);
    error ConfirmationMismatch(uint32 blockNumber, bytes32 expected, bytes32 actual);
    error InvalidProof();
    error LeafIndexOutOfRange(uint32 maximum, uint32 actual);

    event BlockConfirmed(uint32 indexed blockNumber, bytes32 syncHash);
    event BalancePending(address indexed owner, uint32 indexed token, uint128 amount);

    function mode() external view returns (Mode);
    function chainIndex() external view returns (uint8);
    function chainCount() external view returns (uint8);
    function deploymentId() external view returns (uint256);
    function gateway() external view returns (address);
    function verifier() external view returns (address);
    function tokenAddress(uint32 token) external view returns (address);
    function totalBlocksCommitted() external view returns (uint32);
    /// @notice On a secondary equal to totalBlocksCommitted: it has nothing to prove.
    function totalBlocksProved() external view returns (uint32);
    function totalBlocksSynced() external view returns (uint32);
    function totalBlocksConfirmed() external view returns (uint32);
    function totalBlocksExecuted() external view returns (uint32);
    function timestampPastTolerance() external view returns (uint32);
    function timestampFutureTolerance() external view returns (uint32);
    function storedBlockHash(uint32 blockNumber) external view returns (bytes32);
    /// @notice Seconds that a priority request has until it expires.
    function priorityExpiration() external view returns (uint40);
    /// @notice Requests that may wait for execution at the same time; deposits may fill half of it, and full exits go on above it at a price.
    function maxOpenRequests() external view returns (uint24);
    /// @notice What a full exit request costs (wei). The owner gets it back with an exit that pays; else it is the bond receiver's.
    function exitBond() external view returns (uint96);
    /// @notice What requestFullExitAtPrice costs now (wei): exitBond while there is room, twice as much with every maxOpenRequests that wait.
    function fullExitPrice() external view returns (uint256);
    /// @notice Who gets the bonds of full exits that paid nothing, and what requests in a full queue pay above them.
    function bondReceiver() external view returns (address);
    /// @notice What this chain sent to the arbitrator for `blockNumber`; 0 when nothing was sent for exactly this block.
    function syncHashSent(uint32 blockNumber) external view returns (bytes32);
    /// @dev Wider than an amount, so that no sum of amounts, not even of a token that anyone can mint, stops the execution of a block.
    function pendingBalance(address owner, uint32 token) external view returns (uint256);
    /// @notice Next request id to be given out / committed / executed.
    function priorityQueueState() external view returns (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute);
    /// @notice Hash and expiry of a request that is neither executed nor refunded; zeros otherwise.
    function priorityRequest(uint64 requestId) external view returns (bytes27 requestHash, uint40 expiresAt);
    function deployedAtBlock() external view returns (uint256);
    /// @notice Last block of the rollup; meaningful in mode Halted only.
    function haltBlock() external view returns (uint32);
    /// @notice Final root that exits are proved against: this chain's own of block haltBlock; 0 until exits are open.
    function haltRoot() external view returns (uint256);
    /// @notice Whether exits and refunds are served: the halt has arrived and every block up to it is executed.
    function exitsOpen() external view returns (bool);
    function hasExited(uint32 leafIndex) external view returns (bool);
}
