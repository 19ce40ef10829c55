// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { FIELD_ORDER, MAX_LEAF_INDEX } from "../generated/Params.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { PriorityQueue } from "../libraries/PriorityQueue.sol";
import { MAX_DEPOSIT, NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Priority requests: deposits and full exits
/// @notice Called by users. Each request goes to the end of the queue, and blocks must serve the queue in order.
/// Nobody can force exit mode by making more requests than the rollup can serve: so many may wait, half of them full exits whatever is deposited, and who
/// asks for exits that pay nothing loses a bond each time. Nobody can keep others out by it either: in a full queue places have a price (FullQueue).
abstract contract Deposits is RollupStorage, IRollup, ReentrancyGuardTransient {
    using PriorityQueue for PriorityQueue.State;
    using SafeERC20 for IERC20;

    /// @inheritdoc IRollup
    function depositNative(address owner, uint256 keyX, uint256 keyY) external payable nonReentrant whenRunning {
        _requestDeposit(NATIVE_TOKEN, msg.value, owner, keyX, keyY);
    }

    /// @inheritdoc IRollup
    function depositToken(uint32 token, uint128 amount, address owner, uint256 keyX, uint256 keyY)
        external
        nonReentrant
        whenRunning
    {
        address contractAddress = tokenAddress[token];
        if (contractAddress == address(0)) revert UnknownToken(token);
        _requestDeposit(token, amount, owner, keyX, keyY);

        // A token that takes a fee or lies would leave the rollup with less than it owes.
        IERC20 erc20 = IERC20(contractAddress);
        uint256 balanceBefore = erc20.balanceOf(address(this));
        erc20.safeTransferFrom(msg.sender, address(this), amount);
        uint256 balanceAfter = erc20.balanceOf(address(this));
        if (balanceAfter < balanceBefore || balanceAfter - balanceBefore != amount) {
            revert TokenTransferMismatch(token, amount, balanceAfter < balanceBefore ? 0 : balanceAfter - balanceBefore);
        }
    }

    /// @inheritdoc IRollup
    function requestFullExit(uint32 leafIndex, uint128 least) external payable nonReentrant whenRunning {
        if (msg.value != exitBond) revert WrongExitBond(exitBond, msg.value);
        if (leafIndex > MAX_LEAF_INDEX) revert LeafIndexOutOfRange(MAX_LEAF_INDEX, leafIndex);
        (uint64 requestId, uint40 expiresAt) =
            _queue.push(PriorityQueue.fullExitHash(leafIndex, msg.sender, least), _queue.maxOpen);
        emit FullExitRequested(requestId, msg.sender, leafIndex, least, expiresAt);
    }

    /// @dev That the key is a point of the curve is not checked: who deposits for a key that cannot sign gets the money back by a full exit.
    function _requestDeposit(uint32 token, uint256 amount, address owner, uint256 keyX, uint256 keyY) private {
        if (amount == 0) revert ZeroAmount();
        if (amount > MAX_DEPOSIT) revert AmountTooLarge(MAX_DEPOSIT, amount);
        if (owner == address(0)) revert ZeroOwner();
        if (keyX >= FIELD_ORDER || keyY >= FIELD_ORDER) revert KeyNotInField(keyX, keyY);
        (uint64 requestId, uint40 expiresAt) =
            _queue.push(PriorityQueue.depositHash(token, owner, uint128(amount), keyX, keyY), _queue.maxOpen / 2);
        emit DepositRequested(requestId, owner, token, uint128(amount), keyX, keyY, expiresAt);
    }
}
