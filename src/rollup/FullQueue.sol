// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { MAX_LEAF_INDEX } from "../generated/Params.sol";
import { IFullQueue } from "../interfaces/IFullQueue.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Full exits while the queue is full
/// @notice Who keeps others out pays for every place in the queue, and twice as much for the next round; who wants in pays for one.
abstract contract FullQueue is RollupStorage, IFullQueue, ReentrancyGuardTransient {
    using PriorityQueue for PriorityQueue.State;

    /// @dev Rounds of maxOpenRequests after which the queue is full for good. The last costs 32,768 bonds a request.
    uint64 private constant ROUNDS = 16;

    /// @dev IRollup's event of the same name and fields; this contract is none.
    event FullExitRequested(
        uint64 indexed requestId, address indexed owner, uint32 indexed leafIndex, uint128 least, uint40 expiresAt
    );

    /// @inheritdoc IFullQueue
    function requestFullExitAtPrice(uint32 leafIndex, uint128 least) external payable nonReentrant whenRunning {
        uint256 price = _fullExitPrice();
        if (msg.value < price) revert FullExitPriceNotPaid(price, msg.value);
        if (leafIndex > MAX_LEAF_INDEX) revert LeafIndexOutOfRange(MAX_LEAF_INDEX, leafIndex);
        (uint64 requestId, uint40 expiresAt) =
            _queue.push(PriorityQueue.fullExitHash(leafIndex, msg.sender, least), ROUNDS * _queue.maxOpen);
        emit FullExitRequested(requestId, msg.sender, leafIndex, least, expiresAt);
        _creditNative(bondReceiver, price - exitBond);
        _creditNative(msg.sender, msg.value - price);
    }

    /// @dev No chain has 2^128 wei.
    function _creditNative(address owner, uint256 amount) private {
        if (amount != 0) _credit(owner, NATIVE_TOKEN, uint128(amount));
    }
}
