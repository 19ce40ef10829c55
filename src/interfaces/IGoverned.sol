// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title What the admin and the governor set
interface IGoverned {
    error TokenIdOutOfRange(uint32 minimum, uint32 maximum, uint32 actual);
    error TokenAlreadyRegistered(uint32 token, address tokenAddress);
    error GatewayAlreadySet(address gateway);

    event TokenRegistered(uint32 indexed token, address indexed tokenAddress);
    event GatewaySet(address indexed gateway);
    event TimestampTolerancesSet(uint32 past, uint32 future);

    /// @notice Gives ERC-20 contract `tokenAddress` the id `token` (2 … 2^31 - 1); both are given once. Governor only.
    /// @dev Ids above are shares of pools. They never get a contract, so nobody can deposit them and nobody is ever paid in them.
    function registerToken(uint32 token, address tokenAddress) external;
    /// @notice Names the gateway, once. Admin only.
    function setGateway(address gateway) external;
    /// @notice Sets how far a block's timestamp may lie from the time of its commit (seconds). Governor only. A chain that was down for longer than
    /// the past tolerance needs it to commit a block that other chains have already synced.
    function setTimestampTolerances(uint32 past, uint32 future) external;
}
