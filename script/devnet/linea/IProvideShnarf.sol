// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Who knows which of Linea's data was submitted
interface IProvideShnarf {
    /// @notice Not 0 for a shnarf that was submitted.
    function blobShnarfExists(bytes32 shnarf) external view returns (uint256 exists);
}
