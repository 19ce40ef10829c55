// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Script } from "forge-std/Script.sol";

import { Config } from "./Config.sol";
import { ConfigReader } from "./ConfigReader.sol";

/// @notice One fork for each network of a topology. Chains with one chain id (the arbitrator's and a rollup's beside it) share a fork, so that
/// what was deployed for one is there for the other.
abstract contract Networks is Script {
    error WrongChainId(string rpcUrl, uint256 expected, uint256 actual);

    mapping(uint256 chainId => uint256 forkPlusOne) private _forks;

    function _select(uint256 chainId, string memory rpcUrl) internal {
        if (_forks[chainId] != 0) {
            vm.selectFork(_forks[chainId] - 1);
            return;
        }
        _forks[chainId] = vm.createSelectFork(ConfigReader.resolveUrl(rpcUrl)) + 1;
        if (block.chainid != chainId) revert WrongChainId(rpcUrl, chainId, block.chainid);
    }

    function _selectArbitrator(Config memory config) internal {
        _select(config.arbitratorChainId, config.arbitratorRpcUrl);
    }

    function _selectChain(Config memory config, uint256 index) internal {
        _select(config.chains[index].chainId, config.chains[index].rpcUrl);
    }
}
