// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Assertions } from "../../script/Assertions.sol";
import { ChainConfig, Config, Contracts, ServiceConfig, ServiceKind, TokenConfig } from "../../script/Config.sol";
import { ConfigReader } from "../../script/ConfigReader.sol";
import { Deployer } from "../../script/Deployer.sol";

/// @notice The script's own code deploys the default topology into one EVM; its steps are reached from outside, so that a revert can be expected.
abstract contract DeployBase is Test, Deployer, Assertions {
    address internal constant DEPLOYER = address(0xD1);
    address internal constant GOVERNOR = address(0x60);

    bool internal allowsDevelopmentKeys;

    function setUp() public virtual {
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

    /// @dev `real` names the chains that were deployed to, whatever a changed config says.
    function assertAll(Config memory real, Config memory config, Contracts memory contracts) external {
        vm.chainId(real.arbitratorChainId);
        _assertArbitrator(config, contracts);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            vm.chainId(real.chains[i].chainId);
            _assertChain(config, contracts, i);
        }
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
    ) internal {
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

    function _expectRefusal(Config memory config, bytes memory expected) internal {
        vm.expectRevert(expected);
        this.deploy(config);
    }

    function _config() internal returns (Config memory config) {
        config.name = "test";
        config.arbitratorChainId = 31_337;
        config.governor = GOVERNOR;
        config.validator = address(0xA1);
        config.timelockDelay = 10;
        config.priorityExpiration = 3 days;
        config.maxOpenRequests = 512;
        config.exitBond = 0.02 ether;
        config.bondReceiver = address(0xB0);
        config.timestampPastTolerance = 1 hours;
        config.timestampFutureTolerance = 5 minutes;
        config.chains = new ChainConfig[](3);
        config.chains[0] = _chain("linea", 31_338, ServiceKind.Linea);
        config.chains[1] = _chain("zksync", 31_339, ServiceKind.ZkSync);
        config.chains[2] = _chain("ethereum", 31_337, ServiceKind.Direct);
        config.chains[0].primary = true;
    }

    function _chain(string memory name, uint256 chainId, ServiceKind kind) internal returns (ChainConfig memory chain) {
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
