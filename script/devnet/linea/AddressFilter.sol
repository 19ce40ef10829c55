// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAddressFilter } from "./IAddressFilter.sol";

/// @title Linea's filter of forced transactions, local version: it filters nobody
contract AddressFilter is IAddressFilter {
    /// @inheritdoc IAddressFilter
    function addressIsFiltered(address) external pure returns (bool isFiltered) {
        return false;
    }
}
