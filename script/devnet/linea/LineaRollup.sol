// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Finalization } from "./Finalization.sol";

/// @title Linea's rollup contract on Ethereum, local version: message service, data and finalization
/// @notice For local chains only: ABI, events, hashes, errors and their order are those of the deployed contract, version 8.0.
/// There is no validity proof: the OPERATOR_ROLE is trusted for what it would bind (roots of the L2 messages, state roots, what the data says);
/// see OperatorVerifier. Everything else is checked, e.g. that the rolling hash that L2 anchored exists here.
contract LineaRollup is Finalization {
    struct BaseInitializationData {
        bytes32 initialStateRootHash;
        uint256 initialL2BlockNumber;
        uint256 genesisTimestamp;
        address defaultVerifier;
        uint256 rateLimitPeriodInSeconds;
        uint256 rateLimitAmountInWei;
        RoleAddress[] roleAddresses;
        PauseTypeRole[] pauseTypeRoles;
        PauseTypeRole[] unpauseTypeRoles;
        address defaultAdmin;
        /// 0: the contract itself.
        address shnarfProvider;
        address addressFilter;
    }

    event LineaRollupBaseInitialized(
        bytes8 indexed initialContractVersion, BaseInitializationData initializationData, bytes32 genesisShnarf
    );
    event LineaRollupVersionChanged(bytes8 indexed previousVersion, bytes8 indexed newVersion);
    event LivenessRecoveryOperatorAddressSet(address indexed caller, address indexed livenessRecoveryOperator);
    event LivenessRecoveryOperatorRoleGranted(address indexed caller, address indexed livenessRecoveryOperator);
    event YieldManagerChanged(address oldYieldManagerAddress, address newYieldManagerAddress);
    event FundingReceived(uint256 amount);

    error InitializedVersionWrong(uint256 expected, uint256 actual);
    error LastFinalizationTimeNotLapsed();
    error OnlyNonLivenessRecoveryOperator();
    error NoEthSent();

    bytes32 public constant PAUSE_NATIVE_YIELD_STAKING_ROLE = keccak256("PAUSE_NATIVE_YIELD_STAKING_ROLE");
    bytes32 public constant UNPAUSE_NATIVE_YIELD_STAKING_ROLE = keccak256("UNPAUSE_NATIVE_YIELD_STAKING_ROLE");
    bytes32 public constant YIELD_PROVIDER_STAKING_ROLE = keccak256("YIELD_PROVIDER_STAKING_ROLE");
    bytes32 public constant SET_YIELD_MANAGER_ROLE = keccak256("SET_YIELD_MANAGER_ROLE");
    string public constant CONTRACT_VERSION = "8.0";

    uint8 private constant INITIALIZED_VERSION = 9;
    uint256 private constant SIX_MONTHS = 365 days / 2;

    address public livenessRecoveryOperator;
    /// @notice Nothing of the contract's ETH is staked on a local chain.
    address public yieldManager;

    modifier onlyUninitialized() {
        require(_initializedVersion == 0, InitializedVersionWrong(0, _initializedVersion));
        _;
    }

    function initialize(BaseInitializationData calldata data, address livenessRecoveryOperator_, address yieldManager_)
        external
        onlyUninitialized
        reinitializer(INITIALIZED_VERSION)
    {
        bytes32 genesisShnarf = _computeShnarf(0, 0, data.initialStateRootHash, 0, 0);
        blobShnarfExists[genesisShnarf] = 1;
        require(data.defaultVerifier != address(0), ZeroAddressNotAllowed());
        require(data.addressFilter != address(0), ZeroAddressNotAllowed());
        _initializeService(
            data.rateLimitPeriodInSeconds,
            data.rateLimitAmountInWei,
            data.defaultAdmin,
            data.roleAddresses,
            data.pauseTypeRoles,
            data.unpauseTypeRoles
        );
        verifiers[0] = data.defaultVerifier;
        currentL2BlockNumber = data.initialL2BlockNumber;
        stateRootHashes[data.initialL2BlockNumber] = data.initialStateRootHash;
        currentFinalizedShnarf = genesisShnarf;
        currentFinalizedState = _hashState(0, 0, 0, 0, data.genesisTimestamp);
        nextForcedTransactionNumber = 1;
        shnarfProvider = data.shnarfProvider == address(0) ? address(this) : data.shnarfProvider;
        addressFilter = data.addressFilter;
        emit LineaRollupBaseInitialized(bytes8(bytes(CONTRACT_VERSION)), data, genesisShnarf);

        require(livenessRecoveryOperator_ != address(0), ZeroAddressNotAllowed());
        livenessRecoveryOperator = livenessRecoveryOperator_;
        emit LivenessRecoveryOperatorAddressSet(msg.sender, livenessRecoveryOperator_);
        _setYieldManager(yieldManager_);
    }

    /// @notice Upgrade of version 7.1: refuses, because `initialize` makes the newest version.
    function reinitializeLineaRollupV9(uint256 fee, address filter)
        external
        reinitializer(INITIALIZED_VERSION)
        nonReentrant
    {
        require(fee > 0, ZeroValueNotAllowed());
        require(filter != address(0), ZeroAddressNotAllowed());
        forcedTransactionFeeInWei = fee;
        addressFilter = filter;
        emit ForcedTransactionFeeSet(fee);
        emit AddressFilterChanged(address(0), filter);
        nextForcedTransactionNumber = 1;
        emit LineaRollupVersionChanged(bytes8("7.1"), bytes8("8.0"));
    }

    /// @notice Gives ETH to the contract, from which messages of Linea are paid out.
    function fund() external payable {
        require(msg.value > 0, NoEthSent());
        emit FundingReceived(msg.value);
    }

    /// @notice Lets the recovery operator finalize when nobody did for half a year.
    function setLivenessRecoveryOperator(
        uint256 messageNumber,
        bytes32 rollingHash,
        uint256 lastFinalizedForcedTransactionNumber,
        bytes32 lastFinalizedForcedTransactionRollingHash,
        uint256 lastFinalizedTimestamp
    ) external {
        require(block.timestamp >= lastFinalizedTimestamp + SIX_MONTHS, LastFinalizationTimeNotLapsed());
        bytes32 value = _hashState(
            messageNumber,
            rollingHash,
            lastFinalizedForcedTransactionNumber,
            lastFinalizedForcedTransactionRollingHash,
            lastFinalizedTimestamp
        );
        require(currentFinalizedState == value, FinalizationStateIncorrect(currentFinalizedState, value));
        address account = livenessRecoveryOperator;
        if (hasRole[OPERATOR_ROLE][account]) return;
        _grantRole(OPERATOR_ROLE, account);
        emit LivenessRecoveryOperatorRoleGranted(msg.sender, account);
    }

    /// @notice The recovery operator keeps its roles.
    function renounceRole(bytes32 role, address account) public override {
        require(account != livenessRecoveryOperator, OnlyNonLivenessRecoveryOperator());
        super.renounceRole(role, account);
    }

    function setYieldManager(address newYieldManager) external onlyRole(SET_YIELD_MANAGER_ROLE) {
        _setYieldManager(newYieldManager);
    }

    /// @notice True only inside a claim that pays in staked ETH; there are none here.
    function isWithdrawLSTAllowed() external pure returns (bool) {
        return false;
    }

    function _setYieldManager(address newYieldManager) private {
        require(newYieldManager != address(0), ZeroAddressNotAllowed());
        emit YieldManagerChanged(yieldManager, newYieldManager);
        yieldManager = newYieldManager;
    }
}
