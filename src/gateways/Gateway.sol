// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { AccessControlUpgradeable } from "@openzeppelin/contracts-upgradeable/access/AccessControlUpgradeable.sol";
import { UUPSUpgradeable } from "@openzeppelin/contracts-upgradeable/proxy/utils/UUPSUpgradeable.sol";

import { IGateway } from "../interfaces/IGateway.sol";

/// @title What all gateways share
/// @notice The admin (a timelock outside development) upgrades, and names the other side once: the two sides need each other's address, so one of
/// them must be deployed first. A gateway without its other side sends nothing and accepts nothing.
abstract contract Gateway is IGateway, AccessControlUpgradeable, UUPSUpgradeable {
    /// @inheritdoc IGateway
    address public override remoteGateway;

    uint256[49] private __gap;

    constructor() {
        _disableInitializers();
    }

    /// @inheritdoc IGateway
    function setRemoteGateway(address remoteGateway_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (remoteGateway_ == address(0)) revert ZeroAddress();
        if (remoteGateway != address(0)) revert RemoteGatewayAlreadySet(remoteGateway);
        remoteGateway = remoteGateway_;
        emit RemoteGatewaySet(remoteGateway_);
    }

    function _initializeGateway(address admin) internal onlyInitializing {
        if (admin == address(0)) revert ZeroAddress();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    /// @dev The other side; reverts until it is named.
    function _remote() internal view returns (address remote) {
        remote = remoteGateway;
        if (remote == address(0)) revert RemoteGatewayNotSet();
    }

    /// @dev What is left of `msg.value` after `fee` goes back; too little is refused.
    function _refundSurplus(uint256 fee, address refundTo) internal {
        if (msg.value < fee) revert InsufficientFee(fee, msg.value);
        uint256 surplus = msg.value - fee;
        if (surplus == 0) return;
        (bool success,) = refundTo.call{ value: surplus }("");
        if (!success) revert RefundFailed(refundTo, surplus);
    }

    function _authorizeUpgrade(address) internal override onlyRole(DEFAULT_ADMIN_ROLE) { }
}
