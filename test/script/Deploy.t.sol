// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import { ChainConfig, Config, ConfigRules, Contracts, ServiceKind } from "../../script/Config.sol";
import { ConfigReader } from "../../script/ConfigReader.sol";
import { DeploymentFile } from "../../script/DeploymentFile.sol";
import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { Extended } from "../../src/rollup/Extended.sol";
import { DeployBase } from "../utils/DeployBase.sol";

contract DeployTest is DeployBase {
    function test_deploy_everythingReadsBackAsConfigured() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        this.assertAll(config, config, contracts);
        assertEq(contracts.chains[2].gateway, contracts.chains[2].l1Gateway, "one direct gateway");
        assertEq(contracts.chains[2].timelock, contracts.arbitratorTimelock, "one timelock on each chain");
        for (uint256 i = 0; i < 3; ++i) {
            address verifier = contracts.chains[i].verifier;
            assertNotEq(verifier, address(0), "a verifier on each chain");
            assertEq(IRollup(contracts.chains[i].rollup).verifier(), verifier, "which its rollup asks");
        }
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
        config.maxOpenRequests += 1;
        _expectUnexpected(config, contracts, "linea", "most open requests");
        config = _config();
        config.exitBond += 1;
        _expectUnexpected(config, contracts, "linea", "exit bond");
        config = _config();
        config.bondReceiver = address(0x61);
        _expectUnexpected(config, contracts, "linea", "bond receiver");
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
        config.name = "fourth";
        contracts = _deploy(config, DEPLOYER);
        contracts.chains[2].verifier = address(0x61);
        _expectUnexpected(config, contracts, "ethereum", "verifier");
    }

    /// @notice Exit mode's code is checked, too, though nobody calls it in normal life.
    function test_assertions_anotherExtensionIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        address extension = Extended(contracts.chains[1].rollup).extension();
        vm.etch(extension, bytes.concat(extension.code, hex"00"));
        _expectUnexpected(config, contracts, "zksync", "code of the extension");
        contracts.chains[1].extension = contracts.chains[0].extension;
        _expectUnexpected(config, contracts, "zksync", "extension");
    }

    function test_assertions_aChainInExitModeIsFound() public {
        Config memory config = _config();
        Contracts memory contracts = _deploy(config, DEPLOYER);
        vm.stopPrank();
        vm.prank(contracts.chains[2].gateway);
        IRollup(contracts.chains[2].rollup).receiveHalt(0, 0, 0);
        _expectUnexpected(config, contracts, "ethereum", "mode");
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
        config.bondReceiver = address(0);
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroAddressInConfig.selector, "bondReceiver"));
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
        config.timelockDelay = config.priorityExpiration + 7 days;
        _expectRefusal(
            config,
            abi.encodeWithSelector(
                ConfigRules.TimelockShorterThanExit.selector, config.timelockDelay + 1, config.timelockDelay
            )
        );
        config.timelockDelay += 1;
        ConfigRules.check(config);
    }

    function test_config_theQueueHasRoom() public {
        Config memory config = _config();
        config.maxOpenRequests = 63;
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.TooFewOpenRequests.selector, 64, 63));
        config.maxOpenRequests = 64;
        ConfigRules.check(config);
    }

    function test_config_requestsExpireInTime() public {
        Config memory config = _config();
        config.priorityExpiration = 0;
        _expectExpirationRefusal(config, 1);
        config.priorityExpiration = 30 days + 1;
        _expectExpirationRefusal(config, 1);
        config.priorityExpiration = 1;
        ConfigRules.check(config);

        config.timelockDelay = 60 days;
        config.chains[1].chainId = 324;
        config.priorityExpiration = 1 days - 1;
        _expectExpirationRefusal(config, 1 days);
        config.priorityExpiration = 30 days + 1;
        _expectExpirationRefusal(config, 1 days);
        config.priorityExpiration = 1 days;
        ConfigRules.check(config);
        config.priorityExpiration = 30 days;
        ConfigRules.check(config);
    }

    /// @notice Only where coins are worth nothing are requests for free.
    function test_config_realNetworksNeedABond() public {
        Config memory config = _config();
        config.exitBond = 0;
        ConfigRules.check(config);
        config.timelockDelay = 60 days;
        config.arbitratorChainId = 1;
        config.chains[2].chainId = 1;
        _expectRefusal(config, abi.encodeWithSelector(ConfigRules.ZeroExitBond.selector));
        config.exitBond = 1;
        ConfigRules.check(config);
    }

    function _expectExpirationRefusal(Config memory config, uint256 minimum) private {
        _expectRefusal(
            config,
            abi.encodeWithSelector(
                ConfigRules.PriorityExpirationOutOfRange.selector, minimum, 30 days, config.priorityExpiration
            )
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
        assertEq(config.maxOpenRequests, 1024);
        assertEq(config.exitBond, 0.01 ether);
        assertEq(config.bondReceiver, 0x71b4a2d9B91726bdb5849D928967A1654D7F3de7);
    }

    function test_json_unknownServiceKindIsRefused() public {
        string memory json = vm.replace(vm.readFile("script/config/devnet.json"), '"direct"', '"pigeon"');
        vm.expectRevert(abi.encodeWithSelector(ConfigReader.UnknownServiceKind.selector, "pigeon"));
        this.parse(json);
    }

    /// @notice A number that does not fit is an error, not another number.
    function test_json_numbersThatDoNotFitAreRefused() public {
        string memory json = vm.readFile("script/config/devnet.json");
        string[5] memory old = [
            '"priorityExpiration": 259200',
            '"timestampPastTolerance": 86400',
            '"token": 2',
            '"maxOpenRequests": 1024',
            '"exitBond": 10000000000000000'
        ];
        string[5] memory bad = [
            '"priorityExpiration": 1099511887360',
            '"timestampPastTolerance": 1099511627776',
            '"token": 4294967298',
            '"maxOpenRequests": 16778240',
            '"exitBond": 79228162514264337593543950336'
        ];
        for (uint256 i = 0; i < 5; ++i) {
            vm.expectPartialRevert(SafeCast.SafeCastOverflowedUintDowncast.selector);
            this.parse(vm.replace(json, old[i], bad[i]));
        }
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
        for (uint256 i = 0; i < 3; ++i) {
            string memory key = string.concat(".chains[", vm.toString(i), "]");
            assertEq(vm.parseJsonAddress(json, string.concat(key, ".verifier")), contracts.chains[i].verifier);
            assertEq(vm.parseJsonAddress(json, string.concat(key, ".extension")), contracts.chains[i].extension);
        }
        assertEq(vm.parseJsonAddress(json, ".chains[0].messageService.l1Service"), config.chains[0].service.l1Service);
        assertEq(vm.parseJsonAddress(json, ".chains[1].gateway"), contracts.chains[1].gateway);
        assertEq(vm.parseJsonAddress(json, ".chains[1].messageService.diamond"), config.chains[1].service.diamond);
        assertEq(vm.parseJsonString(json, ".chains[2].messageService.kind"), "direct");
        assertEq(vm.parseJsonAddress(json, ".chains[2].tokens[1].address"), config.chains[2].tokens[0].tokenAddress);
        assertEq(vm.parseJsonUint(json, ".chains[2].tokens[0].token"), 1);
    }
}
