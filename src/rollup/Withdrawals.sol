// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { LowLevelCall } from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IRollup } from "../interfaces/IRollup.sol";
import { NATIVE_TOKEN } from "../types/Token.sol";
import { RollupStorage } from "./RollupStorage.sol";

/// @title Withdraw: pay pending balances
/// @notice Anyone may push anyone's balance to its owner. A token or a receiver that refuses only reverts its own call: the balance stays pending.
abstract contract Withdrawals is RollupStorage, IRollup, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @inheritdoc IRollup
    function withdrawPending(address owner, uint32 token) external nonReentrant {
        uint256 amount = pendingBalance[owner][token];
        if (amount == 0) revert NothingPending(owner, token);
        delete pendingBalance[owner][token];
        emit Withdrawn(owner, token, amount);

        if (token == NATIVE_TOKEN) {
            // What the receiver returns is not read, however long it is.
            if (!LowLevelCall.callNoReturn(owner, amount, "")) revert NativeTransferFailed(owner, amount);
        } else {
            _payToken(owner, token, amount);
        }
    }

    /// @dev The rollup must lose exactly `amount`, else it would no longer hold what its leaves add up to.
    function _payToken(address owner, uint32 token, uint256 amount) private {
        address contractAddress = tokenAddress[token];
        // Only a full exit of a leaf that is not the caller's can name any token, and its amount is 0.
        if (contractAddress == address(0)) revert UnknownToken(token);
        IERC20 erc20 = IERC20(contractAddress);
        uint256 balanceBefore = erc20.balanceOf(address(this));
        erc20.safeTransfer(owner, amount);
        uint256 balanceAfter = erc20.balanceOf(address(this));
        if (balanceAfter > balanceBefore || balanceBefore - balanceAfter != amount) {
            revert TokenTransferMismatch(token, amount, balanceAfter > balanceBefore ? 0 : balanceBefore - balanceAfter);
        }
    }
}
