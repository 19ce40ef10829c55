// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BlockProof, ExecuteBlock, PrimaryBlock, SecondaryBlock, StoredBlock } from "../types/Block.sol";
import { IExitMode } from "./IExitMode.sol";
import { IFullQueue } from "./IFullQueue.sol";
import { IGoverned } from "./IGoverned.sol";
import { IReverting } from "./IReverting.sol";
import { IRollupState } from "./IRollupState.sol";

/// @title What every chain's rollup contract offers, primary or secondary
/// @dev Errors of malformed public data and of the priority queue are declared where they are thrown, in libraries/Pubdata.sol and libraries/PriorityQueue.sol
/// (and are part of the ABI of PrimaryRollup and SecondaryRollup).
interface IRollup is IRollupState, IGoverned, IReverting, IFullQueue, IExitMode {
    // ── initialize and govern ─────────────────────────────────────────────────────────────────────────────────────────────────
    error TooManyChains(uint8 maximum, uint8 actual);
    error UnknownChainIndex(uint8 chainCount, uint8 chainIndex);
    error DeploymentIdNotInField(uint256 deploymentId);

    // ── deposit ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
    error ZeroAmount();
    error ZeroOwner();
    error AmountTooLarge(uint256 maximum, uint256 actual);
    error KeyNotInField(uint256 keyX, uint256 keyY);
    error UnknownToken(uint32 token);
    error TokenTransferMismatch(uint32 token, uint256 expected, uint256 actual);
    error WrongExitBond(uint256 expected, uint256 actual);

    event DepositRequested(
        uint64 indexed requestId,
        address indexed owner,
        uint32 indexed token,
        uint128 amount,
        uint256 keyX,
        uint256 keyY,
        uint40 expiresAt
    );
    event FullExitRequested(
        uint64 indexed requestId, address indexed owner, uint32 indexed leafIndex, uint128 least, uint40 expiresAt
    );

    // ── commit ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    error WrongBlockNumber(uint32 expected, uint32 actual);
    error TimestampOutOfRange(uint64 minimum, uint64 maximum, uint64 actual);
    error RootNotInField(uint256 root);

    event BlockCommitted(uint32 indexed blockNumber, uint256 finalRoot, bytes32 syncHash);

    // ── sync and confirm ──────────────────────────────────────────────────────────────────────────────────────────────────────
    error BlockNotCommitted(uint32 committed, uint32 blockNumber);
    /// @notice The block was sent itself, or is confirmed. A block below the last synced one that was not sent may still be: it cannot change any more,
    /// and nobody can keep chains from meeting at a block by syncing later ones.
    error BlockAlreadySynced(uint32 synced, uint32 blockNumber);

    event BlockSynced(uint32 indexed blockNumber, bytes32 syncHash);

    // ── execute and withdraw ──────────────────────────────────────────────────────────────────────────────────────────────────
    error BlockNotConfirmed(uint32 confirmed, uint32 blockNumber);
    error WrongOnchainData(uint32 blockNumber, bytes32 expected, bytes32 actual);
    error NothingPending(address owner, uint32 token);
    error NativeTransferFailed(address owner, uint256 amount);

    event BlockExecuted(uint32 indexed blockNumber);
    event Withdrawn(address indexed owner, uint32 indexed token, uint256 amount);

    /// @notice Deposits native coin (token 1) for L2 user (`owner`, key).
    function depositNative(address owner, uint256 keyX, uint256 keyY) external payable;
    /// @notice Deposits `amount` of registered token `token`; the contract must receive exactly `amount`.
    function depositToken(uint32 token, uint128 amount, address owner, uint256 keyX, uint256 keyY) external;
    /// @notice Asks for everything in leaf `leafIndex` of this chain to be paid to the caller; of a leaf with shares, what they stand for when the request is
    /// served. Served with amount 0, and the leaf stays as it is, when it is not the caller's or stands for fewer than `least` coins by then. `msg.value` must
    /// be exitBond; it comes back with an exit that pays, and is lost with one that does not, whatever the reason.
    /// @param least in the smallest unit of the token that is paid. What shares stand for can be moved by who orders operations: 0 takes whatever he leaves.
    function requestFullExit(uint32 leafIndex, uint128 least) external payable;

    /// @notice Called by the gateway only. Confirms every block up to `blockNumber` if `syncHash` is what this chain synced for it.
    /// A block that is already confirmed is left as it is, so that a confirmation can be sent again.
    function receiveConfirmation(uint32 blockNumber, bytes32 syncHash) external;

    /// @notice Executes confirmed blocks in order: credits pending balances and pops the priority requests that they consumed.
    function executeBlocks(ExecuteBlock[] calldata blocks) external;
    /// @notice Pays the whole pending balance of `owner` in `token` to `owner`. Anyone may call.
    function withdrawPending(address owner, uint32 token) external;

    function genesisBlock() external view returns (StoredBlock memory);
}

/// @title The chain that verifies proofs
interface IPrimaryRollup is IRollup {
    error TooManySegments(uint256 maximum, uint256 actual);
    error WrongLegsIn(uint256 segment, uint256 expected, uint256 actual);
    error WrongSyncHashes(bytes32 expected, bytes32 actual);
    error WrongProofInputs(uint32 blockNumber, bytes32 expected, bytes32 actual);
    error WrongProofCount(uint256 expected, uint256 actual);
    error BlockNotProved(uint32 proved, uint32 blockNumber);

    event BlockProved(uint32 indexed blockNumber, uint256 finalRoot, bytes32[] syncHashes);

    /// @param last the last committed block, `lastSyncHashes` the list whose hash it holds
    function commitBlocks(StoredBlock calldata last, bytes32[] calldata lastSyncHashes, PrimaryBlock[] calldata blocks)
        external;
    /// @notice Verifies the proofs of the next committed blocks in one pairing call. Anyone may call.
    /// @param syncHashes for each block the list whose hash it holds (published in the event)
    function proveBlocks(StoredBlock[] calldata blocks, bytes32[][] calldata syncHashes, BlockProof[] calldata proofs)
        external;
    /// @notice Sends the list of all chains' sync hashes for proved block `stored`.
    function syncBlock(StoredBlock calldata stored, bytes32[] calldata syncHashes) external payable;
    /// @notice Public inputs of a block's proofs as commitBlocks computes them: what provers and auditors compare theirs with.
    /// @param finalRootIn final root of the block before
    function proofInputs(uint256 finalRootIn, PrimaryBlock calldata block_)
        external
        view
        returns (uint256[5][] memory segmentInputs, uint256[3] memory joinInputs);
}

/// @title A chain that accepts a block because its sync hash matches
interface ISecondaryRollup is IRollup {
    function commitBlocks(StoredBlock calldata last, SecondaryBlock[] calldata blocks) external;
    /// @notice Sends this chain's sync hash of committed block `stored` to the arbitrator; one sync covers all blocks up to it.
    /// `msg.value` pays the gateway (IRollupGateway.syncFee); the surplus goes back to the caller.
    function syncBlock(StoredBlock calldata stored) external payable;
}
