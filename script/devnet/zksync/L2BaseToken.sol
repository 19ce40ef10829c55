// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import { IBaseToken } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IBaseToken.sol";

import { Furnace } from "./Furnace.sol";
import { L1Messenger } from "./L1Messenger.sol";

/// @title zkSync Era's native coin as a system contract, local version: balances and withdrawals
/// @notice For local chains only; its code belongs at 0x800a. The node keeps the balances here, so what only the bootloader does there
/// (mint, transferFromTo, totalSupply) is left out.
contract L2BaseToken {
    L1Messenger private constant MESSENGER = L1Messenger(address(0x8008));

    /// @notice Burns the value and sends the message that pays `l1Receiver` on Ethereum.
    function withdraw(address l1Receiver) external payable {
        _burnValue();
        MESSENGER.sendToL1(abi.encodePacked(IMailboxImpl.finalizeEthWithdrawal.selector, l1Receiver, msg.value));
        emit IBaseToken.Withdrawal(msg.sender, l1Receiver, msg.value);
    }

    /// @notice The message says also who sent it, and `data`; a receiver on Ethereum reads them from it.
    function withdrawWithMessage(address l1Receiver, bytes calldata data) external payable {
        _burnValue();
        MESSENGER.sendToL1(
            abi.encodePacked(IMailboxImpl.finalizeEthWithdrawal.selector, l1Receiver, msg.value, msg.sender, data)
        );
        emit IBaseToken.WithdrawalWithMessage(msg.sender, l1Receiver, msg.value, data);
    }

    function balanceOf(uint256 account) external view returns (uint256) {
        return address(uint160(account)).balance;
    }

    function _burnValue() private {
        if (msg.value > 0) new Furnace{ value: msg.value }();
    }
}
