// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @notice Makes the proxies of a system. Planted bugs are proxies that do more (planted/).
contract Proxies {
    function rollup(address implementation, bytes calldata call) external virtual returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }

    function arbitrator(address implementation, bytes calldata call) external virtual returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }
}
