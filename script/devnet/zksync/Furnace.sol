// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Burns the coins that it is made with
contract Furnace {
    constructor() payable {
        // In the transaction of its making a contract that names itself takes its coins with it (EIP-6780).
        selfdestruct(payable(address(this)));
    }
}
