// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";

import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { RollupExtension } from "../../src/RollupExtension.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { FIELD_ORDER, GENESIS_ROOT } from "../../src/generated/Params.sol";
import { IGoverned } from "../../src/interfaces/IGoverned.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { Mode } from "../../src/types/Mode.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract GovernedTest is RollupTest {
    bytes32 private adminRole;
    bytes32 private governorRole;
    bytes32 private validatorRole;

    function setUp() public override {
        super.setUp();
        adminRole = primary.DEFAULT_ADMIN_ROLE();
        governorRole = primary.GOVERNOR_ROLE();
        validatorRole = primary.VALIDATOR_ROLE();
    }

    function test_InitializeSetsEverything() public view {
        IRollup[2] memory rollups = [IRollup(primary), IRollup(secondary)];
        for (uint8 i = 0; i < 2; ++i) {
            IRollup rollup = rollups[i];
            assertEq(rollup.deploymentId(), DEPLOYMENT_ID, "deployment id");
            assertEq(rollup.chainIndex(), i, "chain index");
            assertEq(rollup.chainCount(), CHAIN_COUNT, "chain count");
            assertEq(rollup.priorityExpiration(), EXPIRATION, "expiration");
            assertEq(rollup.timestampPastTolerance(), PAST, "past tolerance");
            assertEq(rollup.timestampFutureTolerance(), FUTURE, "future tolerance");
            assertEq(rollup.deployedAtBlock(), 1000, "deployed at block");
            assertEq(rollup.verifier(), address(verifier), "verifier");
            assertEq(rollup.maxOpenRequests(), MAX_OPEN, "most open requests");
            assertEq(rollup.exitBond(), EXIT_BOND, "exit bond");
            assertEq(rollup.bondReceiver(), bondReceiver, "bond receiver");
            assertEq(uint256(rollup.mode()), uint256(Mode.Running), "mode");
            assertTrue(IAccessControl(address(rollup)).hasRole(adminRole, admin), "admin");
            assertTrue(IAccessControl(address(rollup)).hasRole(governorRole, governor), "governor");
            assertTrue(IAccessControl(address(rollup)).hasRole(validatorRole, validator), "validator");
            assertEq(rollup.storedBlockHash(0), FormatsReference.hash(rollup.genesisBlock()), "genesis is stored");
        }
    }

    function test_GenesisBlockIsTheFormats() public view {
        bytes32[] memory list = lastSyncHashes;
        StoredBlock memory expected = StoredBlock({
            blockNumber: 0,
            priorityRequestsTotal: 0,
            timestamp: 0,
            finalRoot: GENESIS_ROOT,
            onchainOpsHash: keccak256(""),
            syncHash: keccak256(abi.encode(DEPLOYMENT_ID, PRIMARY_INDEX)),
            proofInputsHash: 0,
            syncHashesHash: keccak256(abi.encode(list))
        });
        assertEq(abi.encode(primary.genesisBlock()), abi.encode(expected), "primary");
        expected.syncHash = keccak256(abi.encode(DEPLOYMENT_ID, SECONDARY_INDEX));
        expected.syncHashesHash = 0;
        assertEq(abi.encode(secondary.genesisBlock()), abi.encode(expected), "secondary");
    }

    // ── initialize ──────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_InitializedTwice() public {
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        primary.initialize(parameters(0));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        secondary.initialize(parameters(1));
    }

    function test_RevertWhen_InitializingTheImplementation() public {
        PrimaryRollup implementation = new PrimaryRollup(address(new RollupExtension()));
        vm.expectRevert(Initializable.InvalidInitialization.selector);
        implementation.initialize(parameters(0));
    }

    function test_RevertWhen_AnAddressIsZero() public {
        for (uint256 i = 0; i < 5; ++i) {
            InitializeParameters memory wrong = parameters(1);
            if (i == 0) wrong.admin = address(0);
            if (i == 1) wrong.governor = address(0);
            if (i == 2) wrong.validator = address(0);
            if (i == 3) wrong.verifier = address(0);
            if (i == 4) wrong.bondReceiver = address(0);
            _expectInitializeRevert(wrong, abi.encodeWithSelector(IRollupState.ZeroAddress.selector));
        }
    }

    function test_RevertWhen_TooManyChains() public {
        InitializeParameters memory wrong = parameters(1);
        wrong.chainCount = 17;
        _expectInitializeRevert(wrong, abi.encodeWithSelector(IRollup.TooManyChains.selector, 16, 17));
    }

    function test_RevertWhen_ChainIndexIsNotInTheTopology() public {
        InitializeParameters memory wrong = parameters(CHAIN_COUNT);
        _expectInitializeRevert(
            wrong, abi.encodeWithSelector(IRollup.UnknownChainIndex.selector, CHAIN_COUNT, CHAIN_COUNT)
        );
    }

    function test_RevertWhen_DeploymentIdIsNotInTheField() public {
        InitializeParameters memory wrong = parameters(1);
        wrong.deploymentId = FIELD_ORDER;
        _expectInitializeRevert(wrong, abi.encodeWithSelector(IRollup.DeploymentIdNotInField.selector, FIELD_ORDER));
    }

    function _expectInitializeRevert(InitializeParameters memory wrong, bytes memory reason) private {
        SecondaryRollup implementation = new SecondaryRollup(address(new RollupExtension()));
        vm.expectRevert(reason);
        new ERC1967Proxy(address(implementation), abi.encodeCall(SecondaryRollup.initialize, (wrong)));
    }

    // ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RegisterToken() public {
        vm.expectEmit(address(primary));
        emit IGoverned.TokenRegistered(2 ** 31 - 1, address(this));
        vm.prank(governor);
        primary.registerToken(2 ** 31 - 1, address(this));
        assertEq(primary.tokenAddress(2 ** 31 - 1), address(this), "address");
        assertEq(primary.tokenAddress(NATIVE), address(0), "the native coin has none");
    }

    function test_RevertWhen_TokenIsRegisteredByAnotherThanTheGovernor() public {
        vm.expectRevert(_unauthorized(admin, governorRole));
        vm.prank(admin);
        primary.registerToken(9, address(this));
    }

    function test_RevertWhen_TokenIdIsOutOfRange() public {
        // From 2^31 on they are shares of pools.
        uint32[5] memory ids = [0, 1, uint32(2 ** 31), 2 ** 31 + 2 ** 24 - 1, type(uint32).max];
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenIdOutOfRange.selector, 2, 2 ** 31 - 1, ids[i]));
            vm.prank(governor);
            primary.registerToken(ids[i], address(this));
        }
    }

    function test_RevertWhen_TokenIdIsTaken() public {
        vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenAlreadyRegistered.selector, TOKEN, address(token)));
        vm.prank(governor);
        primary.registerToken(TOKEN, address(this));
    }

    function test_RevertWhen_TokenAddressIsTaken() public {
        vm.expectRevert(abi.encodeWithSelector(IGoverned.TokenAlreadyRegistered.selector, TOKEN, address(token)));
        vm.prank(governor);
        primary.registerToken(77, address(token));
    }

    function test_RevertWhen_TokenAddressIsZero() public {
        vm.expectRevert(IRollupState.ZeroAddress.selector);
        vm.prank(governor);
        primary.registerToken(77, address(0));
    }

    // ── gateway, tolerances, upgrades ───────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_GatewayIsSetTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IGoverned.GatewayAlreadySet.selector, address(primaryGateway)));
        vm.prank(admin);
        primary.setGateway(address(this));
    }

    function test_RevertWhen_GatewayIsSetByAnotherThanTheAdmin() public {
        vm.expectRevert(_unauthorized(governor, adminRole));
        vm.prank(governor);
        primary.setGateway(address(this));
    }

    function test_RevertWhen_GatewayIsZero() public {
        vm.expectRevert(IRollupState.ZeroAddress.selector);
        vm.prank(admin);
        primary.setGateway(address(0));
    }

    function test_SetTimestampTolerances() public {
        vm.expectEmit(address(primary));
        emit IGoverned.TimestampTolerancesSet(7 days, 1 minutes);
        vm.prank(governor);
        primary.setTimestampTolerances(7 days, 1 minutes);
        assertEq(primary.timestampPastTolerance(), 7 days, "past");
        assertEq(primary.timestampFutureTolerance(), 1 minutes, "future");
    }

    function test_RevertWhen_TolerancesAreSetByAnotherThanTheGovernor() public {
        vm.expectRevert(_unauthorized(validator, governorRole));
        vm.prank(validator);
        primary.setTimestampTolerances(1, 1);
    }

    function test_AdminUpgrades() public {
        bytes32 root = primary.storedBlockHash(0);
        address implementation = address(new PrimaryRollup(address(new RollupExtension())));
        vm.prank(admin);
        primary.upgradeToAndCall(implementation, "");
        assertEq(primary.storedBlockHash(0), root, "storage stays");
    }

    function test_RevertWhen_UpgradedByAnotherThanTheAdmin() public {
        address implementation = address(new PrimaryRollup(address(new RollupExtension())));
        address[3] memory callers = [governor, validator, anyone];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(_unauthorized(callers[i], adminRole));
            vm.prank(callers[i]);
            primary.upgradeToAndCall(implementation, "");
        }
    }

    /// @notice Nobody can send native coin but as a deposit.
    function test_RevertWhen_NativeCoinIsSentPlainly() public {
        vm.prank(anyone);
        (bool success,) = address(primary).call{ value: 1 }("");
        assertFalse(success, "no receive function");
    }

    function _unauthorized(address caller, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, caller, role);
    }
}
