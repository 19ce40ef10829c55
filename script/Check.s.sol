// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

// solhint-disable-next-line no-console
import { console2 } from "forge-std/console2.sol";

import { IKeyOrigin } from "../src/interfaces/IVerifier.sol";
import { Assertions } from "./Assertions.sol";
import { Config, ConfigRules, Contracts } from "./Config.sol";
import { ConfigReader } from "./ConfigReader.sol";
import { DeploymentFile } from "./DeploymentFile.sol";
import { Networks } from "./Networks.sol";

/// @title Reads a deployment back from its chains: forge script script/Check.s.sol --sig 'run(string)' <config.json>
contract Check is Networks, Assertions {
    /// @notice Reverts with the first thing that is not as the config says; prints where the verifiers' keys come from.
    /// @dev It returns nothing: of a script that does, forge shows a revert as bytes that it cannot decode.
    function run(string memory configPath) external {
        Config memory config = ConfigReader.read(configPath);
        Contracts memory contracts = DeploymentFile.read(config);
        _selectArbitrator(config);
        _assertArbitrator(config, contracts);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            _selectChain(config, i);
            _assertChain(config, contracts, i);
            // solhint-disable-next-line no-console
            console2.log(
                string.concat("verifying keys on ", config.chains[i].name, ":"),
                ConfigRules.describeKeys(IKeyOrigin(contracts.chains[i].verifier).transcriptHash())
            );
        }
    }
}
