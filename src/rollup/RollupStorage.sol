// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { GENESIS_ROOT } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { OnchainData } from "../libraries/OnchainData.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { SyncHash } from "../libraries/SyncHash.sol";
import { StoredBlock } from "../types/Block.sol";

/// @title Everything that a rollup contract stores
/// @notice Roles, initialization and the reentrancy lock live in OpenZeppelin's namespaced slots; all else is here and nowhere else.
/// @dev Append only, and shrink the gap by what is appended. test/unit/RollupStorage.t.sol reads this table from raw storage.
///
/// | slot | content |
/// |---|---|
/// | 0 | five block counters (32 bits each), chainIndex, chainCount, two timestamp tolerances: all that a commit reads and writes of fixed size |
/// | 1 | deploymentId |
/// | 2 | gateway, deployedAtBlock |
/// | 3 | verifier (primary only) |
/// | 4, 5 | priority queue: ids and expiration in one slot, then the requests |
/// | 6 | block number → stored block hash |
/// | 7 | block number → sync hash that was sent |
/// | 8 | owner → token → pending balance |
/// | 9 | token → token contract |
/// | 10 | token contract → token |
abstract contract RollupStorage is IRollup {
    using PriorityQueue for PriorityQueue.State;

    /// @inheritdoc IRollup
    uint32 public override totalBlocksCommitted;
    /// @inheritdoc IRollup
    uint32 public override totalBlocksProved;
    /// @inheritdoc IRollup
    uint32 public override totalBlocksSynced;
    /// @inheritdoc IRollup
    uint32 public override totalBlocksConfirmed;
    /// @inheritdoc IRollup
    uint32 public override totalBlocksExecuted;
    /// @inheritdoc IRollup
    uint8 public override chainIndex;
    /// @inheritdoc IRollup
    uint8 public override chainCount;
    /// @inheritdoc IRollup
    uint40 public override timestampPastTolerance;
    /// @inheritdoc IRollup
    uint40 public override timestampFutureTolerance;

    /// @inheritdoc IRollup
    uint256 public override deploymentId;

    /// @inheritdoc IRollup
    address public override gateway;
    uint64 internal _deployedAtBlock;

    address internal _verifier;

    PriorityQueue.State internal _queue;

    /// @inheritdoc IRollup
    mapping(uint32 blockNumber => bytes32 hash) public override storedBlockHash;
    /// @inheritdoc IRollup
    mapping(uint32 blockNumber => bytes32 syncHash) public override syncHashSent;
    /// @inheritdoc IRollup
    mapping(address owner => mapping(uint32 token => uint256 amount)) public override pendingBalance;
    /// @inheritdoc IRollup
    mapping(uint32 token => address tokenAddress) public override tokenAddress;
    mapping(address tokenAddress => uint32 token) internal _tokenOf;

    uint256[39] private __gap;

    /// @inheritdoc IRollup
    function priorityExpiration() external view returns (uint40) {
        return _queue.expiration;
    }

    /// @inheritdoc IRollup
    function priorityQueueState() external view returns (uint64 nextId, uint64 nextToCommit, uint64 nextToExecute) {
        return (_queue.nextId, _queue.nextToCommit, _queue.nextToExecute);
    }

    /// @inheritdoc IRollup
    function priorityRequest(uint64 requestId) external view returns (bytes27 requestHash, uint40 expiresAt) {
        return _queue.request(requestId);
    }

    /// @inheritdoc IRollup
    function deployedAtBlock() external view returns (uint256) {
        return _deployedAtBlock;
    }

    /// @inheritdoc IRollup
    function genesisBlock() external view returns (StoredBlock memory) {
        return _genesisBlock();
    }

    function _genesisBlock() internal view returns (StoredBlock memory) {
        return StoredBlock({
            blockNumber: 0,
            priorityRequestsTotal: 0,
            timestamp: 0,
            finalRoot: GENESIS_ROOT,
            onchainOpsHash: OnchainData.NONE,
            syncHash: SyncHash.genesis(deploymentId, chainIndex),
            proofInputsHash: 0,
            syncHashesHash: _genesisSyncHashesHash()
        });
    }

    /// @dev Hash of all chains' sync hashes of block 0 on the primary; 0 on a secondary, which knows only its own.
    function _genesisSyncHashesHash() internal view virtual returns (bytes32);

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
