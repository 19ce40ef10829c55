// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AccessControlUpgradeable } from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";

/// @title Roles
/// @notice DEFAULT_ADMIN_ROLE (a timelock outside development) upgrades, grants roles and names the gateway once. GOVERNOR_ROLE registers tokens and
/// sets the timestamp tolerances. VALIDATOR_ROLE commits and reverts blocks. Everything else is open to anyone.
abstract contract Roles is AccessControlUpgradeable {
    bytes32 public constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");
    bytes32 public constant VALIDATOR_ROLE = keccak256("VALIDATOR_ROLE");
}
