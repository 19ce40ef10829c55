// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Assertions } from "./Assertions.sol";
import { Config, Contracts } from "./Config.sol";
import { ConfigReader } from "./ConfigReader.sol";
import { Deployer } from "./Deployer.sol";
import { DeploymentFile } from "./DeploymentFile.sol";
import { Networks } from "./Networks.sol";

/// @title Deploys a whole topology: forge script script/Deploy.s.sol --sig 'run(string)' <config.json> --broadcast --multi
/// @notice Works on one fork for each network, so that one run knows all addresses, and reads everything back before anything is sent.
/// script/Check.s.sol does that again on the real chains afterwards.
contract Deploy is Networks, Deployer, Assertions {
    bool private _broadcasting;

    function run(string memory configPath) external {
        (Config memory config, Contracts memory contracts) = _deployAndCheck(configPath);
        DeploymentFile.write(config, contracts);
    }

    /// @notice The same, but it leaves no file behind: to see what would be sent.
    function dryRun(string memory configPath) external {
        _deployAndCheck(configPath);
    }

    function _deployAndCheck(string memory configPath)
        private
        returns (Config memory config, Contracts memory contracts)
    {
        config = ConfigReader.read(configPath);
        contracts = _deploy(config, msg.sender);
        vm.stopBroadcast();
        _selectArbitrator(config);
        _assertArbitrator(config, contracts);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            _selectChain(config, i);
            _assertChain(config, contracts, i);
        }
    }

    function _enter(Config memory config, uint256 index) internal override {
        if (_broadcasting) vm.stopBroadcast();
        if (index == ARBITRATOR) _selectArbitrator(config);
        else _selectChain(config, index);
        vm.startBroadcast(msg.sender);
        _broadcasting = true;
    }
}
