// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import { MAX_LEAF_INDEX } from "../generated/Params.sol";
import { IExitMode } from "../interfaces/IExitMode.sol";
import { IRollupGateway } from "../interfaces/IGateway.sol";
import { IVerifier } from "../interfaces/IVerifier.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { LeafExit } from "../types/LeafExit.sol";
import { Mode } from "../types/Mode.sol";
import { KeyId, Statement } from "../types/Statement.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Exit: everybody leaves
/// @notice Happy path: trigger, halt request, halt, execution of what is confirmed, exits and refunds. Unhappy paths: the message service is down (the chain
/// stays stopped; the request can be sent again), the halt comes before a confirmation on its way (it confirms by itself, the confirmation then changes
/// nothing), the halt comes to a chain that nobody stopped (it stops now), a chain has blocks above the halt (they never happened).
/// @dev No unit leaves twice: a leaf exits once, a request that is executed or refunded is gone from the queue, and both are paid against one final root
/// below which every chain's blocks are executed. That root is what this chain itself executed: a halt names a block, and whoever could forge one still
/// could not choose the state that exits are proved against.
abstract contract Exiting is RollupStorage, IExitMode, ReentrancyGuardTransient {
    using BitMaps for BitMaps.BitMap;
    using PriorityQueue for PriorityQueue.State;

    /// @inheritdoc IExitMode
    function triggerExitMode() external whenRunning {
        if (totalBlocksExecuted != totalBlocksConfirmed) {
            revert ConfirmedBlocksNotExecuted(totalBlocksConfirmed, totalBlocksExecuted);
        }
        uint64 requestId = _queue.nextToExecute;
        (, uint40 expiresAt) = _queue.request(requestId);
        // Without a request there is no expiry.
        if (expiresAt == 0 || block.timestamp <= expiresAt) {
            revert NoExpiredRequest(requestId, expiresAt, block.timestamp);
        }
        mode = Mode.Stopped;
        emit ExitModeTriggered(requestId, expiresAt);
    }

    /// @inheritdoc IExitMode
    function sendHaltRequest() external payable nonReentrant {
        _requireMode(Mode.Stopped);
        if (gateway == address(0)) revert GatewayNotSet();
        emit HaltRequestSent();
        IRollupGateway(gateway).sendHaltRequest{ value: msg.value }(msg.sender);
    }

    /// @inheritdoc IExitMode
    function receiveHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash) external {
        if (msg.sender != gateway) revert OnlyGateway(gateway, msg.sender);
        uint32 confirmed = totalBlocksConfirmed;
        if (mode == Mode.Halted) {
            // Sent again.
            if (blockNumber != haltBlock) revert WrongHalt(haltBlock, blockNumber);
            return;
        }
        if (blockNumber < confirmed) revert WrongHalt(confirmed, blockNumber);
        if (blockNumber != 0) {
            bytes32 expected = syncHashSent[blockNumber];
            if (expected == 0) revert BlockNotSynced(totalBlocksSynced, blockNumber);
            if (expected != syncHash) revert ConfirmationMismatch(blockNumber, expected, syncHash);
        }
        if (blockNumber > confirmed) {
            totalBlocksConfirmed = blockNumber;
            emit BlockConfirmed(blockNumber, syncHash);
        }
        mode = Mode.Halted;
        haltBlock = blockNumber;
        emit Halted(blockNumber, finalRoot);
    }

    /// @inheritdoc IExitMode
    function exitLeaves(LeafExit[] calldata exits) external {
        _requireExitsOpen();
        if (exits.length == 0) revert NoExits();
        Statement[] memory statements = new Statement[](exits.length);
        for (uint256 i = 0; i < exits.length; ++i) {
            statements[i] = _exitLeaf(exits[i]);
        }
        if (!IVerifier(verifier).verifyBatch(statements)) revert InvalidProof();
    }

    /// @inheritdoc IExitMode
    function refundDeposit(uint64 requestId, uint32 token, address owner, uint128 amount, uint256 keyX, uint256 keyY)
        external
    {
        _requireExitsOpen();
        _queue.take(requestId, PriorityQueue.depositHash(token, owner, amount, keyX, keyY));
        _credit(owner, token, amount);
        emit DepositRefunded(requestId, owner, token, amount);
    }

    /// @inheritdoc IExitMode
    function refundBond(uint64 requestId, uint32 leafIndex, address owner, uint128 least) external {
        _requireExitsOpen();
        _queue.take(requestId, PriorityQueue.fullExitHash(leafIndex, owner, least));
        uint96 amount = exitBond;
        if (amount != 0) _credit(owner, NATIVE_TOKEN, amount);
        emit BondRefunded(requestId, owner, amount);
    }

    /// @dev Marks the leaf, credits its owner and returns what has to be proved for it.
    function _exitLeaf(LeafExit calldata exit) private returns (Statement memory) {
        uint32 leafIndex = exit.leafIndex;
        if (leafIndex > MAX_LEAF_INDEX) revert LeafIndexOutOfRange(MAX_LEAF_INDEX, leafIndex);
        if (exit.amount == 0) revert ZeroExitAmount(leafIndex);
        if (_exited.get(leafIndex)) revert LeafAlreadyExited(leafIndex);
        _exited.set(leafIndex);
        _credit(exit.owner, exit.token, exit.amount);
        emit Exited(leafIndex, exit.owner, exit.token, exit.amount);

        uint256[] memory inputs = new uint256[](6);
        inputs[0] = _executedRoot;
        inputs[1] = chainIndex;
        inputs[2] = leafIndex;
        inputs[3] = uint160(exit.owner);
        inputs[4] = exit.token;
        inputs[5] = exit.amount;
        return Statement({ key: KeyId.Exit, inputs: inputs, proof: exit.proof });
    }

    function _requireExitsOpen() private view {
        if (!_exitsOpen()) revert ExitsNotOpen(mode, haltBlock, totalBlocksExecuted);
    }
}
