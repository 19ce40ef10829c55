// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title Test token of the devnet (TST)
/// @notice Anyone may mint it: it has no value and exists only where the devnet's scripts deploy it.
contract TestToken is ERC20 {
    constructor() ERC20("Test Token", "TST") { }

    /// @notice Gives `amount` new tokens to `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}
