// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Config, ConfigRules, ServiceKind } from "../../script/Config.sol";
import { ConfigReader } from "../../script/ConfigReader.sol";

/// @notice The files of the real networks keep the rules, and what they leave to the environment is asked for by name.
contract NetworksTest is Test {
    address private constant GOVERNOR = 0x5B38Da6a701c568545dCfcB03FcB875f56beddC4;
    address private constant VALIDATOR = 0xAb8483F64d9C6d1EcF9b849Ae677dD3315835cb2;
    address private constant BOND_RECEIVER = 0x4B20993Bc481177ec7E8f571ceCaE8A9e22C02db;

    function setUp() public {
        vm.setEnv("ROLLUP_GOVERNOR", vm.toString(GOVERNOR));
        vm.setEnv("ROLLUP_VALIDATOR", vm.toString(VALIDATOR));
        vm.setEnv("ROLLUP_BOND_RECEIVER", vm.toString(BOND_RECEIVER));
    }

    function parse(string memory json) external view returns (Config memory) {
        return ConfigReader.parse(json);
    }

    function test_networks_sepoliaKeepsTheRules() public view {
        _checkNetwork("sepolia", [uint256(11_155_111), 59_141, 300]);
    }

    function test_networks_mainnetKeepsTheRules() public view {
        _checkNetwork("mainnet", [uint256(1), 59_144, 324]);
    }

    function test_networks_noFileHoldsAnRpcUrl() public {
        string[2] memory names = ["sepolia", "mainnet"];
        for (uint256 i = 0; i < 2; ++i) {
            string memory json = vm.readFile(string.concat("script/config/", names[i], ".json"));
            assertFalse(vm.contains(json, "://"), names[i]);
        }
    }

    /// @dev Development keys are for local chains, so no real network takes them.
    function test_networks_refuseDevelopmentKeys() public {
        Config memory config = ConfigReader.read("script/config/sepolia.json");
        vm.expectPartialRevert(ConfigRules.DevelopmentKeys.selector);
        this.requireKeys(config, bytes32(0));
        this.requireKeys(config, bytes32(uint256(1)));
    }

    function requireKeys(Config memory config, bytes32 transcriptHash) external pure {
        ConfigRules.checkKeys(config, transcriptHash, false);
    }

    function test_reader_aVariableThatIsNotSetIsNamed() public {
        string memory json = vm.readFile("script/config/sepolia.json");
        json = vm.replace(json, "$ROLLUP_GOVERNOR", "$ROLLUP_TEST_NEVER_SET");
        vm.expectRevert(
            abi.encodeWithSelector(
                ConfigReader.EnvironmentVariableNotSet.selector, ".governor", "ROLLUP_TEST_NEVER_SET"
            )
        );
        this.parse(json);
    }

    function test_reader_aUrlThatIsNotSetIsNamed() public {
        vm.expectRevert(
            abi.encodeWithSelector(ConfigReader.EnvironmentVariableNotSet.selector, "rpcUrl", "ROLLUP_TEST_NEVER_SET")
        );
        this.resolveUrl("$ROLLUP_TEST_NEVER_SET");
    }

    function resolveUrl(string memory url) external view returns (string memory) {
        return ConfigReader.resolveUrl(url);
    }

    function test_reader_aVariableThatIsNoAddressIsRefused() public {
        vm.setEnv("ROLLUP_TEST_NO_ADDRESS", "vitalik.eth");
        string memory json = vm.readFile("script/config/sepolia.json");
        json = vm.replace(json, "$ROLLUP_VALIDATOR", "$ROLLUP_TEST_NO_ADDRESS");
        vm.expectRevert(abi.encodeWithSelector(ConfigReader.NotAnAddress.selector, ".validator", "vitalik.eth"));
        this.parse(json);
    }

    function test_reader_whatOnlyLooksLikeAnAddressIsRefused() public {
        string memory json = vm.readFile("script/config/sepolia.json");
        string memory right = "0xB218f8A4Bc926cF1cA7b3423c154a0D627Bdb7E5";
        string[3] memory wrong = [
            "0xB218f8A4Bc926cF1cA7b3423c154a0D627Bdb7E",
            "0xB218f8A4Bc926cF1cA7b3423c154a0D627Bdb7Eg",
            "00B218f8A4Bc926cF1cA7b3423c154a0D627Bdb7E5"
        ];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    ConfigReader.NotAnAddress.selector, ".chains[0].messageService.l1Service", wrong[i]
                )
            );
            this.parse(vm.replace(json, right, wrong[i]));
        }
    }

    function _checkNetwork(string memory name, uint256[3] memory ids) private view {
        Config memory config = ConfigReader.read(string.concat("script/config/", name, ".json"));
        ConfigRules.check(config);
        assertEq(config.name, name);
        assertEq(config.arbitratorChainId, ids[0]);
        assertEq(config.governor, GOVERNOR);
        assertEq(config.validator, VALIDATOR);
        assertEq(config.bondReceiver, BOND_RECEIVER);
        assertEq(config.chains.length, 3);
        assertTrue(config.chains[0].primary);
        assertEq(config.chains[0].chainId, ids[1]);
        assertEq(uint256(config.chains[0].service.kind), uint256(ServiceKind.Linea));
        assertEq(config.chains[1].chainId, ids[2]);
        assertEq(uint256(config.chains[1].service.kind), uint256(ServiceKind.ZkSync));
        assertEq(config.chains[1].service.l2Service, address(0x8008));
        assertNotEq(config.chains[1].service.diamond, address(0));
        assertEq(config.chains[2].chainId, ids[0]);
        assertEq(uint256(config.chains[2].service.kind), uint256(ServiceKind.Direct));
        assertEq(config.chains[2].rpcUrl, config.arbitratorRpcUrl);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(config.chains[i].tokens.length, 1);
            assertEq(config.chains[i].tokens[0].decimals, 6);
            assertNotEq(config.chains[i].tokens[0].tokenAddress, address(0));
        }
    }
}
