// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { Test } from "forge-std/Test.sol";

import { Assertions } from "../../script/Assertions.sol";
import {
    ChainConfig,
    Config,
    ConfigRules,
    Contracts,
    ServiceConfig,
    ServiceKind,
    TokenConfig
} from "../../script/Config.sol";
import { ConfigReader } from "../../script/ConfigReader.sol";
import { Deployer } from "../../script/Deployer.sol";
import { DeploymentFile } from "../../script/DeploymentFile.sol";
import { KeyPermission } from "../../script/KeyPermission.sol";
import { Verifier } from "../../src/Verifier.sol";
import { VerifyingKeys } from "../../src/generated/VerifyingKeys.sol";
import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { IKeyOrigin } from "../../src/interfaces/IVerifier.sol";

/// @notice The script's own code deploys the default topology into one EVM.
contract DeployTest is Test, Deployer, Assertions {
    address private constant DEPLOYER = address(0xD1);
    address private constant GOVERNOR = address(0x60);
    bytes32 private constant CEREMONY = keccak256("a transcript");

    bool private allowsDevelopmentKeys;

    function setUp() public {
        Config memory config = _config();
        for (uint256 i = 0; i < 2; ++i) {
            vm.etch(config.chains[i].service.l1Service, hex"00");
            vm.etch(config.chains[i].service.l2Service, hex"00");
        }
    }

    function _enter(Config memory config, uint256 index) internal override {
        vm.stopPrank();
        vm.chainId(index == ARBITRATOR ? config.arbitratorChainId : config.chains[index].chainId);
        vm.startPrank(DEPLOYER);
    }

    function _allowsDevelopmentKeys(Config memory) internal view override returns (bool) {
        return allowsDevelopmentKeys;
    }

    function test_deploy_everythingReadsBackAsConfigured() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        this.assertAll(config, config, contracts);
        assertEq(contracts.chains[2].gateway, contracts.chains[2].l1Gateway, "one direct gateway");
        assertEq(contracts.chains[2].timelock, contracts.arbitratorTimelock, "one timelock on each chain");
        assertNotEq(contracts.chains[0].verifier, address(0), "verifier of the primary");
    }

    function test_deploy_anyChainMayBeThePrimary() public {
        for (uint256 primary = 0; primary < 3; ++primary) {
            Config memory config = _config();
            config.name = vm.toString(primary);
            for (uint256 i = 0; i < 3; ++i) {
                config.chains[i].primary = i == primary;
            }
            Contracts memory contracts = _deploy(config, DEPLOYER);
            this.assertAll(config, config, contracts);
            assertEq(IPrimaryRollup(contracts.chains[primary].rollup).verifier(), contracts.chains[primary].verifier);
        }
    }

    function test_deploy_oneChainAlone() public {
        Config memory config = _config();
        ChainConfig memory only = config.chains[2];
        only.primary = true;
        config.chains = new ChainConfig[](1);
        config.chains[0] = only;
        this.assertAll(config, config, _deploy(config, DEPLOYER));
    }

    function test_deploy_aNameIsUsedOnceOnAChain() public {
        _deploy(_config(), DEPLOYER);
        vm.stopPrank();
        vm.expectRevert();
        this.deploy(_config());
    }

    function test_assertions_everyChangedConfigValueIsFound() public {
        Contracts memory contracts = _deploy(_config(), DEPLOYER);

        Config memory config = _config();
        config.name = "other";
        _expectUnexpected(config, contracts, "linea", "deployment id");
        config = _config();
        config.arbitratorChainId += 1;
        _expectUnexpected(config, contracts, "arbitrator", "chain id");
        config = _config();
        config.chains[1].chainId += 1;
        _expectUnexpected(config, contracts, "zksync", "Era chain id of the L1 gateway");
        config = _config();
        config.governor = address(0x61);
        _expectUnexpected(config, contracts, "arbitrator", "proposer");
        config = _config();
        config.validator = address(0x61);
        _expectUnexpected(config, contracts, "linea", "validator");
        config = _config();
        config.timelockDelay += 1;
        _expectUnexpected(config, contracts, "arbitrator", "timelock delay");
        config = _config();
        config.priorityExpiration += 1;
        _expectUnexpected(config, contracts, "linea", "priority expiration");
        config = _config();
        config.chains[0].primary = false;
        config.chains[1].primary = true;
        _expectUnexpected(config, contracts, "arbitrator", "primary");
        config = _config();
        config.chains[0].service.l1Service = address(0x61);
        _expectUnexpected(config, contracts, "linea", "message service of the L1 gateway");
        config = _config();
        config.chains[1].service.l2Service = address(0x61);
        _expectUnexpected(config, contracts, "zksync", "message service of the gateway");
        config = _config();
        config.chains[1].service.l2GasLimit += 1;
        _expectUnexpected(config, contracts, "zksync", "gas limit of the L1 gateway");
        config = _config();
        config.chains[2].tokens[0].tokenAddress = address(0x61);
        _expectUnexpected(config, contracts, "ethereum", "token");
    }

    function test_assertions_aKeptRoleIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        vm.stopPrank();
        vm.prank(contracts.chains[1].timelock);
        IAccessControl(contracts.chains[1].rollup).grantRole(bytes32(0), DEPLOYER);
        _expectUnexpected(config, contracts, "zksync", "deployer as admin of the rollup");
    }

    function test_assertions_swappedContractsAreFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        (contracts.chains[0].rollup, contracts.chains[1].rollup) =
        (contracts.chains[1].rollup, contracts.chains[0].rollup);
        _expectUnexpected(config, contracts, "linea", "chain index");
        config.name = "second";
        contracts = _deploy(config, DEPLOYER);
        contracts.chains[0].l1Gateway = contracts.chains[1].l1Gateway;
        _expectUnexpected(config, contracts, "linea", "arbitrator's gateway");
        config.name = "third";
        contracts = _deploy(config, DEPLOYER);
        contracts.chains[0].verifier = address(0x61);
        _expectUnexpected(config, contracts, "linea", "verifier");
    }

    function test_assertions_aServiceWithoutCodeIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        vm.etch(config.chains[0].service.l2Service, "");
        _expectUnexpected(config, contracts, "linea", "code of the message service");
    }

    function test_config_refusals() public {
        Config memory config = _config();
        config.chains = new ChainConfig[](0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.NoChains.selector));
        config = _config();
        config.chains[0].primary = false;
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.NotOnePrimary.selector, 0));
        config = _config();
        config.chains[1].primary = true;
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.NotOnePrimary.selector, 2));
        config = _config();
        config.governor = address(0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroAddressInConfig.selector, "governor"));
        config = _config();
        config.validator = address(0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroAddressInConfig.selector, "validator"));
        config = _config();
        config.chains[0].service.l1Service = address(0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroAddressInConfig.selector, "l1Service"));
        config = _config();
        config.chains[0].service.l2Service = address(0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroAddressInConfig.selector, "l2Service"));
        config = _config();
        config.chains[2].chainId = 31_350;
        _expectRefusal(
            config, abi.encodeWithSelector(ConfigRules.DirectChainIsNotArbitratorChain.selector, 31_337, 31_350)
        );
    }

    function test_config_realNetworksNeedATimelockLongerThanTheExit() public {
        Config memory config = _config();
        config.chains[0].chainId = 59_144;
        config.timelockDelay = config.priorityExpiration;
        _expectRefusal(
            config,
            abi.encodeWithSelector(
                ConfigRules.TimelockShorterThanExit.selector, config.timelockDelay + 1, config.timelockDelay
            )
        );
        config.timelockDelay += 1;
        ConfigRules.check(config);
    }

    // ── origin of the keys ──────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice One chain that is not local is enough, whichever it is and wherever the verifier is.
    function test_keys_developmentKeysAreRefusedWhereAnyChainIsNotLocal() public {
        for (uint256 which = 0; which < 3; ++which) {
            Config memory config = _realConfig(which);
            string memory chain = which == 2 ? "arbitrator" : config.chains[which].name;
            vm.expectRevert(
                abi.encodeWithSelector(
                    ConfigRules.DevelopmentKeys.selector,
                    chain,
                    59_144,
                    "development keys: made from public beacons, everybody can forge proofs for them",
                    "make keys by a ceremony (circuits/README.md); for local chains with real ids set ALLOW_DEVELOPMENT_KEYS=1"
                )
            );
            this.checkKeys(config, 0, false);
        }
    }

    function test_keys_developmentKeysAreAllowedOnLocalChainsAndOnRequest() public view {
        this.checkKeys(_smallConfig(31_337), 0, false);
        this.checkKeys(_smallConfig(1337), 0, false);
        this.checkKeys(_smallConfig(31_399), 0, false);
        this.checkKeys(_smallConfig(1), 0, true);
    }

    function test_keys_aCeremonysKeysAreAllowedEverywhere() public view {
        this.checkKeys(_smallConfig(1), CEREMONY, false);
        this.checkKeys(_smallConfig(59_144), CEREMONY, false);
    }

    function test_keys_neighboursOfLocalChainIdsAreNotLocal() public {
        uint256[5] memory ids = [uint256(1336), 1338, 31_336, 31_400, 0];
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
            this.checkKeys(_smallConfig(ids[i]), 0, false);
        }
    }

    /// @notice The script refuses before it has made anything, and deploys and reads back when it was asked to.
    function test_keys_deploymentToRealChains() public {
        Config memory config = _realConfig(0);
        config.timelockDelay = config.priorityExpiration + 1;
        if (VerifyingKeys.TRANSCRIPT_HASH == 0) {
            uint64 nonce = vm.getNonce(DEPLOYER);
            vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
            this.deploy(config);
            assertEq(vm.getNonce(DEPLOYER), nonce, "nothing was sent");
        }
        allowsDevelopmentKeys = true;
        Contracts memory contracts = _deploy(config, DEPLOYER);
        this.assertAll(config, config, contracts);

        // The check of a deployment refuses such keys by itself, too.
        allowsDevelopmentKeys = false;
        if (VerifyingKeys.TRANSCRIPT_HASH == 0) vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
        this.assertAll(config, config, contracts);
    }

    /// @notice Whoever deploys the verifier by hand is refused by the verifier itself.
    function test_keys_verifierByHand() public {
        vm.stopPrank();
        bool development = VerifyingKeys.TRANSCRIPT_HASH == 0;
        uint256[4] memory real = [uint256(1), 324, 59_144, 11_155_111];
        for (uint256 i = 0; i < real.length; ++i) {
            vm.chainId(real[i]);
            if (development) vm.expectRevert(abi.encodeWithSelector(IKeyOrigin.DevelopmentKeys.selector, real[i]));
            new Verifier(false);
            assertEq(new Verifier(true).transcriptHash(), VerifyingKeys.TRANSCRIPT_HASH, "on request");
        }
        vm.chainId(31_339);
        assertEq(new Verifier(false).transcriptHash(), VerifyingKeys.TRANSCRIPT_HASH, "on a local chain");
    }

    function test_keys_aVerifierWithOtherKeysIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        address verifier = contracts.chains[0].verifier;
        vm.mockCall(verifier, abi.encodeCall(IKeyOrigin.transcriptHash, ()), abi.encode(CEREMONY));
        _expectUnexpected(config, contracts, "linea", "transcript of the verifier's keys");
        vm.clearMockedCalls();
        bytes memory code = verifier.code;
        code[code.length / 2] ^= 0x01;
        vm.etch(verifier, code);
        _expectUnexpected(config, contracts, "linea", "code of the verifier");
    }

    function test_keys_permissionNeedsTheValueAndNodesOfThisMachine() public {
        Config memory config = _config();
        config.arbitratorRpcUrl = "http://127.0.0.1:8545";
        config.chains[0].rpcUrl = "http://localhost:8546";
        config.chains[1].rpcUrl = "http://[::1]:8547";
        vm.setEnv("DEPLOY_TEST_LOCAL_URL", "http://127.0.0.1:8545/path");
        config.chains[2].rpcUrl = "$DEPLOY_TEST_LOCAL_URL";
        KeyPermissionHarness harness = new KeyPermissionHarness();
        assertTrue(harness.allows(config, "1"), "asked for, on this machine");
        string[5] memory values = ["", "0", "true", "yes", " 1"];
        for (uint256 i = 0; i < values.length; ++i) {
            assertFalse(harness.allows(config, values[i]), "not asked for");
        }
        string[4] memory urls =
            ["https://mainnet.example", "http://127.0.0.1.example:8545", "http://localhost", "http://10.0.0.1:8545"];
        for (uint256 i = 0; i < urls.length; ++i) {
            config.chains[1].rpcUrl = urls[i];
            assertFalse(harness.allows(config, "1"), "not on this machine");
        }
        config.chains[1].rpcUrl = "http://127.0.0.1:1";
        config.arbitratorRpcUrl = "http://mainnet.example:8545";
        assertFalse(harness.allows(config, "1"), "the arbitrator's node is not on this machine");
    }

    function test_keys_inWords() public pure {
        assertEq(
            ConfigRules.describeKeys(bytes32(uint256(0xab))),
            "keys of the ceremony with transcript 0x00000000000000000000000000000000000000000000000000000000000000ab"
        );
    }

    function test_json_devnetConfigIsTheDefaultTopology() public view {
        Config memory config = ConfigReader.read("script/config/devnet.json");
        assertEq(config.name, "devnet");
        assertEq(config.chains.length, 3);
        assertEq(config.chains[0].name, "linea");
        assertTrue(config.chains[0].primary);
        assertEq(uint256(config.chains[1].service.kind), uint256(ServiceKind.ZkSync));
        assertEq(config.chains[1].service.l2Service, address(0x8008));
        assertEq(uint256(config.chains[2].service.kind), uint256(ServiceKind.Direct));
        assertEq(config.chains[2].chainId, config.arbitratorChainId);
        assertEq(config.chains[2].tokens[0].symbol, "TST");
    }

    function test_json_unknownServiceKindIsRefused() public {
        string memory json = vm.replace(vm.readFile("script/config/devnet.json"), '"direct"', '"pigeon"');
        vm.expectRevert(abi.encodeWithSelector(ConfigReader.UnknownServiceKind.selector, "pigeon"));
        this.parse(json);
    }

    function test_json_urlsMayComeFromTheEnvironment() public {
        vm.setEnv("DEPLOY_TEST_RPC_URL", "http://127.0.0.1:1");
        assertEq(ConfigReader.resolveUrl("$DEPLOY_TEST_RPC_URL"), "http://127.0.0.1:1");
        assertEq(ConfigReader.resolveUrl("http://127.0.0.1:2"), "http://127.0.0.1:2");
    }

    function test_json_deploymentFileHoldsEveryAddress() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        string memory json = DeploymentFile.toJson(config, contracts);
        assertEq(
            vm.parseUint(vm.parseJsonString(json, ".deploymentId.$bigint")),
            IRollup(contracts.chains[0].rollup).deploymentId()
        );
        assertEq(vm.parseJsonAddress(json, ".arbitrator"), contracts.arbitrator);
        assertEq(vm.parseJsonAddress(json, ".chains[0].rollup"), contracts.chains[0].rollup);
        assertEq(vm.parseJsonString(json, ".chains[0].role"), "primary");
        assertEq(vm.parseJsonAddress(json, ".chains[0].messageService.l1Service"), config.chains[0].service.l1Service);
        assertEq(vm.parseJsonAddress(json, ".chains[1].gateway"), contracts.chains[1].gateway);
        assertEq(vm.parseJsonAddress(json, ".chains[1].messageService.diamond"), config.chains[1].service.diamond);
        assertEq(vm.parseJsonString(json, ".chains[2].messageService.kind"), "direct");
        assertEq(vm.parseJsonAddress(json, ".chains[2].tokens[1].address"), config.chains[2].tokens[0].tokenAddress);
        assertEq(vm.parseJsonUint(json, ".chains[2].tokens[0].token"), 1);
    }

    // ── reached from outside, so that a revert can be expected ────────────────────────────────────────────────────────────

    /// @dev `real` names the chains that were deployed to, whatever a changed config says.
    function assertAll(Config memory real, Config memory config, Contracts memory contracts) external {
        vm.chainId(real.arbitratorChainId);
        _assertArbitrator(config, contracts);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            vm.chainId(real.chains[i].chainId);
            _assertChain(config, contracts, i);
        }
    }

    function checkKeys(Config memory config, bytes32 transcriptHash, bool allowed) external pure {
        ConfigRules.checkKeys(config, transcriptHash, allowed);
    }

    function deploy(Config memory config) external {
        _deploy(config, DEPLOYER);
    }

    function parse(string memory json) external view {
        ConfigReader.parse(json);
    }

    function _expectUnexpected(
        Config memory config,
        Contracts memory contracts,
        string memory chain,
        string memory what
    ) private {
        try this.assertAll(_config(), config, contracts) {
            revert(string.concat("not found: ", what));
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), Unexpected.selector);
            bytes memory rest = new bytes(reason.length - 4);
            for (uint256 i = 0; i < rest.length; ++i) {
                rest[i] = reason[i + 4];
            }
            (string memory actualChain, string memory actualWhat,,) =
                abi.decode(rest, (string, string, bytes32, bytes32));
            assertEq(string.concat(actualChain, ": ", actualWhat), string.concat(chain, ": ", what));
        }
    }

    function _expectRefusal(Config memory config, bytes memory expected) private {
        vm.expectRevert(expected);
        this.deploy(config);
    }

    /// @dev One chain alone, with its arbitrator.
    function _smallConfig(uint256 chainId) private pure returns (Config memory config) {
        config.arbitratorChainId = chainId;
        config.chains = new ChainConfig[](1);
        config.chains[0].name = "only";
        config.chains[0].chainId = chainId;
    }

    /// @dev The default topology, one network of which (2: the arbitrator's) has a real network's id.
    function _realConfig(uint256 which) private returns (Config memory config) {
        config = _config();
        config.chains[which].chainId = 59_144;
        if (which == 2) config.arbitratorChainId = 59_144;
    }

    function _config() private returns (Config memory config) {
        config.name = "test";
        config.arbitratorChainId = 31_337;
        config.governor = GOVERNOR;
        config.validator = address(0xA1);
        config.timelockDelay = 10;
        config.priorityExpiration = 3 days;
        config.timestampPastTolerance = 1 hours;
        config.timestampFutureTolerance = 5 minutes;
        config.chains = new ChainConfig[](3);
        config.chains[0] = _chain("linea", 31_338, ServiceKind.Linea);
        config.chains[1] = _chain("zksync", 31_339, ServiceKind.ZkSync);
        config.chains[2] = _chain("ethereum", 31_337, ServiceKind.Direct);
        config.chains[0].primary = true;
    }

    function _chain(string memory name, uint256 chainId, ServiceKind kind) private returns (ChainConfig memory chain) {
        chain.name = name;
        chain.chainId = chainId;
        chain.tokens = new TokenConfig[](1);
        chain.tokens[0] = TokenConfig({ token: 2, tokenAddress: makeAddr("token"), symbol: "TST", decimals: 18 });
        if (kind == ServiceKind.Direct) return chain;
        chain.service = ServiceConfig({
            kind: kind,
            l1Service: makeAddr(string.concat(name, " L1 service")),
            l2Service: makeAddr(string.concat(name, " L2 service")),
            diamond: kind == ServiceKind.ZkSync ? makeAddr("diamond") : address(0),
            l2GasLimit: kind == ServiceKind.ZkSync ? 2_000_000 : 0
        });
    }
}

/// @notice Reads the permission as the scripts do, from a value instead of the environment.
contract KeyPermissionHarness is KeyPermission {
    function allows(Config memory config, string memory value) external view returns (bool) {
        return _allows(config, value);
    }
}
