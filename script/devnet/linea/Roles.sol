// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { IERC165 } from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

/// @title Roles of Linea's message services, and their initialization
/// @notice For local chains only. The deployed contracts refuse with these texts, not with errors of their own, and clients show them.
abstract contract Roles is IERC165 {
    event RoleAdminChanged(bytes32 indexed role, bytes32 indexed previousAdminRole, bytes32 indexed newAdminRole);
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);
    event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender);
    event Initialized(uint8 version);

    /// @notice Administers every role.
    bytes32 public constant DEFAULT_ADMIN_ROLE = 0x00;

    mapping(bytes32 role => mapping(address account => bool member)) public hasRole;
    uint8 internal _initializedVersion;
    bool private transient _initializing;

    modifier onlyRole(bytes32 role) {
        if (!hasRole[role][msg.sender]) {
            // solhint-disable-next-line gas-custom-errors, reason-string
            revert(
                string.concat(
                    "AccessControl: account ",
                    Strings.toHexString(msg.sender),
                    " is missing role ",
                    Strings.toHexString(uint256(role), 32)
                )
            );
        }
        _;
    }

    modifier reinitializer(uint8 version) {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(_initializedVersion < version, "Initializable: contract is already initialized");
        _initializedVersion = version;
        _initializing = true;
        _;
        _initializing = false;
        emit Initialized(version);
    }

    modifier onlyInitializing() {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(_initializing, "Initializable: contract is not initializing");
        _;
    }

    function grantRole(bytes32 role, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _grantRole(role, account);
    }

    function revokeRole(bytes32 role, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _revokeRole(role, account);
    }

    function renounceRole(bytes32 role, address account) public virtual {
        // solhint-disable-next-line gas-custom-errors, reason-string
        require(account == msg.sender, "AccessControl: can only renounce roles for self");
        _revokeRole(role, account);
    }

    function getRoleAdmin(bytes32) external pure returns (bytes32) {
        return DEFAULT_ADMIN_ROLE;
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IAccessControl).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    function _grantRole(bytes32 role, address account) internal {
        if (hasRole[role][account]) return;
        hasRole[role][account] = true;
        emit RoleGranted(role, account, msg.sender);
    }

    function _revokeRole(bytes32 role, address account) private {
        if (!hasRole[role][account]) return;
        hasRole[role][account] = false;
        emit RoleRevoked(role, account, msg.sender);
    }
}
