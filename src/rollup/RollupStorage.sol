// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import { IRollupState } from "../interfaces/IRollupState.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { StoredBlock } from "../types/Block.sol";
import { Mode } from "../types/Mode.sol";

/// @title Everything that a rollup contract stores
/// @notice Roles, initialization and the reentrancy lock live in OpenZeppelin's namespaced slots; all else is here and nowhere else.
/// @dev Append only, and shrink the gap by what is appended. test/unit/RollupStorage.t.sol reads this table from raw storage.
///
/// | slot | content |
/// |---|---|
/// | 0 | five block counters (32 bits each), chainIndex, chainCount, two timestamp tolerances, mode: all that a commit reads and writes of fixed size |
/// | 1 | deploymentId |
/// | 2 | gateway, deployedAtBlock |
/// | 3 | verifier, haltBlock |
/// | 4, 5 | priority queue: ids, expiration and bound in one slot, then the requests |
/// | 6 | block number → stored block hash |
/// | 7 | block number → sync hash that was sent |
/// | 8 | owner → token → pending balance |
/// | 9 | token → token contract |
/// | 10 | token contract → token |
/// | 11 | exitBond, bondReceiver |
/// | 12 | final root of the last executed block |
/// | 13 | leaf index / 256 → one bit for each leaf that has exited |
// One table in one place is worth more than a short one.
// solhint-disable-next-line max-states-count
abstract contract RollupStorage is IRollupState {
    using BitMaps for BitMaps.BitMap;
    using PriorityQueue for PriorityQueue.State;

    /// @inheritdoc IRollupState
    uint32 public override totalBlocksCommitted;
    /// @inheritdoc IRollupState
    uint32 public override totalBlocksProved;
    /// @inheritdoc IRollupState
    uint32 public override totalBlocksSynced;
    /// @inheritdoc IRollupState
    uint32 public override totalBlocksConfirmed;
    /// @inheritdoc IRollupState
    uint32 public override totalBlocksExecuted;
    /// @inheritdoc IRollupState
    uint8 public override chainIndex;
    /// @inheritdoc IRollupState
    uint8 public override chainCount;
    /// @inheritdoc IRollupState
    uint32 public override timestampPastTolerance;
    /// @inheritdoc IRollupState
    uint32 public override timestampFutureTolerance;
    /// @inheritdoc IRollupState
    Mode public override mode;

    /// @inheritdoc IRollupState
    uint256 public override deploymentId;

    /// @inheritdoc IRollupState
    address public override gateway;
    uint64 internal _deployedAtBlock;

    /// @inheritdoc IRollupState
    address public override verifier;
    /// @inheritdoc IRollupState
    uint32 public override haltBlock;

    PriorityQueue.State internal _queue;

    /// @inheritdoc IRollupState
    mapping(uint32 blockNumber => bytes32 hash) public override storedBlockHash;
    /// @inheritdoc IRollupState
    mapping(uint32 blockNumber => bytes32 syncHash) public override syncHashSent;
    /// @inheritdoc IRollupState
    mapping(address owner => mapping(uint32 token => uint256 amount)) public override pendingBalance;
    /// @inheritdoc IRollupState
    mapping(uint32 token => address tokenAddress) public override tokenAddress;
    mapping(address tokenAddress => uint32 token) internal _tokenOf;

    /// @inheritdoc IRollupState
    uint96 public override exitBond;
    /// @inheritdoc IRollupState
    address public override bondReceiver;

    /// @dev What exits are proved against once exit mode has stopped execution at the halt: this chain's own word, not a message's.
    uint256 internal _executedRoot;
    BitMaps.BitMap internal _exited;

    uint256[36] private __gap;

    /// @dev Exit mode ends everything that makes new blocks or requests.
    modifier whenRunning() {
        _requireMode(Mode.Running);
        _;
    }

    /// @inheritdoc IRollupState
    function priorityExpiration() external view returns (uint40) {
        return _queue.expiration;
    }

    /// @inheritdoc IRollupState
    function priorityQueueState() external view returns (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) {
        return (_queue.nextId, _queue.nextToCommit, _queue.nextToExecute);
    }

    /// @inheritdoc IRollupState
    function priorityRequest(uint64 requestId) external view returns (bytes27 requestHash, uint40 expiresAt) {
        return _queue.request(requestId);
    }

    /// @inheritdoc IRollupState
    function deployedAtBlock() external view returns (uint256) {
        return _deployedAtBlock;
    }

    /// @inheritdoc IRollupState
    function maxOpenRequests() external view returns (uint24) {
        return _queue.maxOpen;
    }

    /// @inheritdoc IRollupState
    function hasExited(uint32 leafIndex) external view returns (bool) {
        return _exited.get(leafIndex);
    }

    /// @inheritdoc IRollupState
    function haltRoot() external view returns (uint256) {
        return _exitsOpen() ? _executedRoot : 0;
    }

    /// @inheritdoc IRollupState
    function exitsOpen() external view returns (bool) {
        return _exitsOpen();
    }

    /// @inheritdoc IRollupState
    function fullExitPrice() external view returns (uint256) {
        return _fullExitPrice();
    }

    /// @dev The queue never has so many requests that the shift loses a bit (FullQueue).
    function _fullExitPrice() internal view returns (uint256) {
        return uint256(exitBond) << ((_queue.nextId - _queue.nextToExecute) / _queue.maxOpen);
    }

    function _credit(address owner, uint32 token, uint128 amount) internal {
        // Cannot overflow: it would take 2^128 operations.
        pendingBalance[owner][token] += amount;
        emit BalancePending(owner, token, amount);
    }

    function _requireMode(Mode expected) internal view {
        if (mode != expected) revert WrongMode(expected, mode);
    }

    function _exitsOpen() internal view returns (bool) {
        return mode == Mode.Halted && totalBlocksExecuted == haltBlock;
    }

    /// @dev Reverts unless `stored` is what this chain keeps for that block number. The caller checks that the number is not above a counter.
    function _requireStored(StoredBlock memory stored) internal view {
        bytes32 expected = storedBlockHash[stored.blockNumber];
        bytes32 actual = _hash(stored);
        if (expected != actual) revert WrongStoredBlock(stored.blockNumber, expected, actual);
    }

    function _hash(StoredBlock memory stored) internal pure returns (bytes32) {
        return keccak256(abi.encode(stored));
    }
}
