// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Roles } from "./Roles.sol";

/// @title Pauses of Linea's message services, by type
/// @notice For local chains only. A pause by an ordinary role ends after 48 hours and is followed by a cooldown of 48 hours;
/// a pause by the security council has no end.
abstract contract PauseManager is Roles {
    enum PauseType {
        UNUSED,
        GENERAL,
        L1_L2,
        L2_L1,
        BLOB_SUBMISSION,
        CALLDATA_SUBMISSION,
        FINALIZATION,
        INITIATE_TOKEN_BRIDGING,
        COMPLETE_TOKEN_BRIDGING,
        NATIVE_YIELD_STAKING,
        NATIVE_YIELD_UNSTAKING,
        NATIVE_YIELD_PERMISSIONLESS_ACTIONS,
        NATIVE_YIELD_REPORTING,
        STATE_DATA_SUBMISSION
    }

    struct PauseTypeRole {
        PauseType pauseType;
        bytes32 role;
    }

    struct RoleAddress {
        address addressWithRole;
        bytes32 role;
    }

    event Paused(address messageSender, PauseType indexed pauseType);
    event PausedIndefinitely(address messageSender, PauseType indexed pauseType);
    event UnPaused(address messageSender, PauseType indexed pauseType);
    event UnPausedDueToExpiry(PauseType indexed pauseType);
    event PauseTypeRoleSet(PauseType indexed pauseType, bytes32 indexed role);
    event UnPauseTypeRoleSet(PauseType indexed unPauseType, bytes32 indexed role);
    event PauseTypeRoleUpdated(PauseType indexed pauseType, bytes32 indexed role, bytes32 indexed previousRole);
    event UnPauseTypeRoleUpdated(PauseType indexed unPauseType, bytes32 indexed role, bytes32 indexed previousRole);
    event NonSecurityCouncilCooldownEndReset();

    error IsPaused(PauseType pauseType);
    error IsNotPaused(PauseType pauseType);
    error PauseTypeNotUsed();
    error PauseNotExpired(uint256 expiryEnd);
    error PauseUnavailableDueToCooldown(uint256 cooldownEnd);
    error OnlySecurityCouncilCanUnpauseIndefinitePause(PauseType pauseType);
    error RolesNotDifferent();
    error ZeroHashNotAllowed();

    bytes32 public constant SECURITY_COUNCIL_ROLE = keccak256("SECURITY_COUNCIL_ROLE");
    bytes32 public constant PAUSE_ALL_ROLE = keccak256("PAUSE_ALL_ROLE");
    bytes32 public constant UNPAUSE_ALL_ROLE = keccak256("UNPAUSE_ALL_ROLE");
    bytes32 public constant PAUSE_L1_L2_ROLE = keccak256("PAUSE_L1_L2_ROLE");
    bytes32 public constant UNPAUSE_L1_L2_ROLE = keccak256("UNPAUSE_L1_L2_ROLE");
    bytes32 public constant PAUSE_L2_L1_ROLE = keccak256("PAUSE_L2_L1_ROLE");
    bytes32 public constant UNPAUSE_L2_L1_ROLE = keccak256("UNPAUSE_L2_L1_ROLE");
    uint256 public constant PAUSE_DURATION = 48 hours;
    uint256 public constant COOLDOWN_DURATION = 48 hours;

    uint256 private _pausedTypes;
    mapping(PauseType pauseType => bytes32 role) private _pauseRoles;
    mapping(PauseType pauseType => bytes32 role) private _unpauseRoles;
    uint256 public nonSecurityCouncilCooldownEnd;
    mapping(PauseType pauseType => uint256 expiry) public pauseTypeExpiryTimestamps;

    modifier whenTypeAndGeneralNotPaused(PauseType pauseType) {
        _requireNotPaused(pauseType);
        _requireNotPaused(PauseType.GENERAL);
        _;
    }

    modifier onlyUsedPauseType(PauseType pauseType) {
        require(pauseType != PauseType.UNUSED, PauseTypeNotUsed());
        _;
    }

    function _initializePauses(PauseTypeRole[] memory pauseRoles, PauseTypeRole[] memory unpauseRoles)
        internal
        onlyInitializing
    {
        for (uint256 i; i < pauseRoles.length; ++i) {
            _pauseRoles[pauseRoles[i].pauseType] = pauseRoles[i].role;
            emit PauseTypeRoleSet(pauseRoles[i].pauseType, pauseRoles[i].role);
        }
        for (uint256 i; i < unpauseRoles.length; ++i) {
            _unpauseRoles[unpauseRoles[i].pauseType] = unpauseRoles[i].role;
            emit UnPauseTypeRoleSet(unpauseRoles[i].pauseType, unpauseRoles[i].role);
        }
    }

    function pauseByType(PauseType pauseType) external onlyUsedPauseType(pauseType) onlyRole(_pauseRoles[pauseType]) {
        bool council = hasRole[SECURITY_COUNCIL_ROLE][msg.sender];
        bool endless = pauseTypeExpiryTimestamps[pauseType] == type(uint256).max;
        require(!endless && (council || !isPaused(pauseType)), IsPaused(pauseType));

        if (council) {
            pauseTypeExpiryTimestamps[pauseType] = type(uint256).max;
            _pausedTypes |= 1 << uint256(pauseType);
            emit PausedIndefinitely(msg.sender, pauseType);
            return;
        }

        uint256 cooldownEnd = nonSecurityCouncilCooldownEnd;
        if (block.timestamp >= cooldownEnd) {
            cooldownEnd = block.timestamp + PAUSE_DURATION + COOLDOWN_DURATION;
            nonSecurityCouncilCooldownEnd = cooldownEnd;
        } else {
            // A second type may still be paused while the first pause runs; both end together.
            require(cooldownEnd - block.timestamp > COOLDOWN_DURATION, PauseUnavailableDueToCooldown(cooldownEnd));
        }
        pauseTypeExpiryTimestamps[pauseType] = cooldownEnd - COOLDOWN_DURATION;
        _pausedTypes |= 1 << uint256(pauseType);
        emit Paused(msg.sender, pauseType);
    }

    function unPauseByType(PauseType pauseType)
        external
        onlyUsedPauseType(pauseType)
        onlyRole(_unpauseRoles[pauseType])
    {
        require(isPaused(pauseType), IsNotPaused(pauseType));
        require(
            pauseTypeExpiryTimestamps[pauseType] != type(uint256).max || hasRole[SECURITY_COUNCIL_ROLE][msg.sender],
            OnlySecurityCouncilCanUnpauseIndefinitePause(pauseType)
        );
        _unpause(pauseType);
        emit UnPaused(msg.sender, pauseType);
    }

    /// @notice Ends a pause whose time is over. Anyone may call; until somebody does, the pause holds.
    function unPauseByExpiredType(PauseType pauseType) external onlyUsedPauseType(pauseType) {
        require(isPaused(pauseType), IsNotPaused(pauseType));
        uint256 expiry = pauseTypeExpiryTimestamps[pauseType];
        require(block.timestamp >= expiry, PauseNotExpired(expiry));
        _unpause(pauseType);
        emit UnPausedDueToExpiry(pauseType);
    }

    /// @notice Lets ordinary roles pause again at once.
    function resetNonSecurityCouncilCooldownEnd() external onlyRole(SECURITY_COUNCIL_ROLE) {
        nonSecurityCouncilCooldownEnd = block.timestamp;
        emit NonSecurityCouncilCooldownEndReset();
    }

    function updatePauseTypeRole(PauseType pauseType, bytes32 newRole)
        external
        onlyUsedPauseType(pauseType)
        onlyRole(SECURITY_COUNCIL_ROLE)
    {
        bytes32 previous = _pauseRoles[pauseType];
        require(previous != newRole, RolesNotDifferent());
        _pauseRoles[pauseType] = newRole;
        emit PauseTypeRoleUpdated(pauseType, newRole, previous);
    }

    function updateUnpauseTypeRole(PauseType pauseType, bytes32 newRole)
        external
        onlyUsedPauseType(pauseType)
        onlyRole(SECURITY_COUNCIL_ROLE)
    {
        bytes32 previous = _unpauseRoles[pauseType];
        require(previous != newRole, RolesNotDifferent());
        _unpauseRoles[pauseType] = newRole;
        emit UnPauseTypeRoleUpdated(pauseType, newRole, previous);
    }

    function isPaused(PauseType pauseType) public view returns (bool) {
        return _pausedTypes & (1 << uint256(pauseType)) != 0;
    }

    function _unpause(PauseType pauseType) private {
        delete pauseTypeExpiryTimestamps[pauseType];
        _pausedTypes &= ~(1 << uint256(pauseType));
    }

    function _requireNotPaused(PauseType pauseType) internal view {
        require(!isPaused(pauseType), IsPaused(pauseType));
    }
}
