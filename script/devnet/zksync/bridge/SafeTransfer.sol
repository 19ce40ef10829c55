// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Transfers of tokens that must succeed
/// @notice For local chains only. A token's own reason comes through; where it has none, the deployed contracts refuse with these texts.
library SafeTransfer {
    function safeTransfer(IERC20 token, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transfer, (to, amount)));
    }

    function safeTransferFrom(IERC20 token, address from, address to, uint256 amount) internal {
        _call(token, abi.encodeCall(IERC20.transferFrom, (from, to, amount)));
    }

    function _call(IERC20 token, bytes memory data) private {
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory answer) = address(token).call(data);
        if (!success && answer.length > 0) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        // solhint-disable-next-line gas-custom-errors
        require(success, "SafeERC20: low-level call failed");
        // solhint-disable-next-line gas-custom-errors
        require(address(token).code.length > 0, "Address: call to non-contract");
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(answer.length == 0 || abi.decode(answer, (bool)), "SafeERC20: ERC20 operation did not succeed");
    }
}
