// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Who knows which accounts may not send forced transactions
interface IAddressFilter {
    function addressIsFiltered(address account) external view returns (bool isFiltered);
}
