// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { OP_DEPOSIT, OP_FULL_EXIT } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { Pubdata } from "../libraries/Pubdata.sol";
import { ExecuteBlock, StoredBlock } from "../types/Block.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Execute: what confirmed blocks pay
/// @notice Anyone may call. Nothing is transferred here: withdrawals and full exits are credited, so no receiver and no token can hold up a block.
abstract contract Executing is RollupStorage, IRollup {
    using PriorityQueue for PriorityQueue.State;

    /// @inheritdoc IRollup
    function executeBlocks(ExecuteBlock[] calldata blocks) external {
        if (blocks.length == 0) revert NoBlocks();
        uint32 executed = totalBlocksExecuted;
        for (uint256 i = 0; i < blocks.length; ++i) {
            _executeBlock(blocks[i], ++executed);
        }
        totalBlocksExecuted = executed;
        StoredBlock calldata last = blocks[blocks.length - 1].stored;
        _executedRoot = last.finalRoot;
        _queue.pop(last.priorityRequestsTotal);
    }

    function _executeBlock(ExecuteBlock calldata block_, uint32 expectedNumber) private {
        uint32 blockNumber = block_.stored.blockNumber;
        if (blockNumber != expectedNumber) revert WrongBlockNumber(expectedNumber, blockNumber);
        if (blockNumber > totalBlocksConfirmed) revert BlockNotConfirmed(totalBlocksConfirmed, blockNumber);
        _requireStored(block_.stored);
        bytes32 actual = keccak256(block_.onchainData);
        if (actual != block_.stored.onchainOpsHash) {
            revert WrongOnchainData(blockNumber, block_.stored.onchainOpsHash, actual);
        }
        _pay(block_.onchainData);
        emit BlockExecuted(blockNumber);
    }

    function _pay(bytes calldata onchainData) private {
        uint256 offset = 0;
        while (offset < onchainData.length) {
            (uint8 kind, uint256 end) = Pubdata.onchainOperation(onchainData, offset);
            if (kind != OP_DEPOSIT) {
                (uint32 token, address owner, uint128 amount) = Pubdata.payout(onchainData, offset);
                if (kind == OP_FULL_EXIT) _returnBond(amount == 0 ? bondReceiver : owner);
                if (amount != 0) _credit(owner, token, amount);
            }
            offset = end;
        }
    }

    function _returnBond(address owner) private {
        uint96 bond = exitBond;
        if (bond != 0) _credit(owner, NATIVE_TOKEN, bond);
    }
}
