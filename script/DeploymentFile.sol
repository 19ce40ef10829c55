// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Vm } from "forge-std/Vm.sol";

import { ChainConfig, ChainContracts, Config, ConfigRules, Contracts, ServiceKind, TokenConfig } from "./Config.sol";

/// @notice script/deployments/<name>/deployment.json: what ts/chain/deployments.ts reads, with timelocks, verifiers and extensions besides.
library DeploymentFile {
    using ConfigRules for Config;

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function path(string memory name) internal pure returns (string memory) {
        return string.concat("script/deployments/", name, "/deployment.json");
    }

    function write(Config memory config, Contracts memory contracts) internal {
        VM.createDir(string.concat("script/deployments/", config.name), true);
        VM.writeFile(path(config.name), toJson(config, contracts));
    }

    /// @notice The contracts of a file that `write` made, in the config's order of chains.
    function read(Config memory config) internal view returns (Contracts memory contracts) {
        string memory json = VM.readFile(path(config.name));
        contracts.deployer = VM.parseJsonAddress(json, ".deployer");
        contracts.arbitrator = VM.parseJsonAddress(json, ".arbitrator");
        contracts.arbitratorTimelock = VM.parseJsonAddress(json, ".arbitratorTimelock");
        contracts.chains = new ChainContracts[](config.chains.length);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            string memory key = string.concat(".chains[", VM.toString(i), "]");
            contracts.chains[i] = ChainContracts({
                rollup: VM.parseJsonAddress(json, string.concat(key, ".rollup")),
                gateway: VM.parseJsonAddress(json, string.concat(key, ".gateway")),
                l1Gateway: VM.parseJsonAddress(json, string.concat(key, ".l1Gateway")),
                timelock: VM.parseJsonAddress(json, string.concat(key, ".timelock")),
                verifier: VM.parseJsonAddress(json, string.concat(key, ".verifier")),
                extension: VM.parseJsonAddress(json, string.concat(key, ".extension")),
                deployedAtBlock: VM.parseJsonUint(json, string.concat(key, ".deployedAtBlock"))
            });
        }
    }

    function toJson(Config memory config, Contracts memory contracts) internal pure returns (string memory) {
        string memory chains = "";
        for (uint256 i = 0; i < config.chains.length; ++i) {
            chains = string.concat(chains, i == 0 ? "" : ",", _chain(i, config.chains[i], contracts.chains[i]));
        }
        string memory head = string.concat(
            _text("name", config.name),
            string.concat(
                ',"deploymentId":{', _text("$bigint", VM.toString(config.deploymentId(contracts.arbitrator))), "}"
            ),
            string.concat(",", _number("arbitratorChainId", config.arbitratorChainId)),
            string.concat(",", _text("arbitratorRpcUrl", config.arbitratorRpcUrl))
        );
        string memory addresses = string.concat(
            string.concat(",", _address("arbitrator", contracts.arbitrator)),
            string.concat(",", _address("arbitratorTimelock", contracts.arbitratorTimelock)),
            string.concat(",", _address("deployer", contracts.deployer))
        );
        return string.concat("{", head, addresses, string.concat(',"chains":[', chains, "]}\n"));
    }

    function _chain(uint256 index, ChainConfig memory chain, ChainContracts memory made)
        private
        pure
        returns (string memory)
    {
        string memory head = string.concat(
            string.concat(_number("chainIndex", index), ",", _text("name", chain.name)),
            string.concat(",", _number("chainId", chain.chainId), ",", _text("rpcUrl", chain.rpcUrl)),
            string.concat(",", _text("role", chain.primary ? "primary" : "secondary"))
        );
        string memory addresses = string.concat(
            string.concat(",", _address("rollup", made.rollup), ",", _address("gateway", made.gateway)),
            string.concat(",", _address("l1Gateway", made.l1Gateway), ",", _address("timelock", made.timelock)),
            string.concat(",", _address("verifier", made.verifier), ",", _address("extension", made.extension))
        );
        string memory rest = string.concat(
            string.concat(",", _number("deployedAtBlock", made.deployedAtBlock)),
            string.concat(',"tokens":[', _tokens(chain), "]"),
            string.concat(',"messageService":{', _service(chain), "}")
        );
        return string.concat("{", head, addresses, rest, "}");
    }

    function _tokens(ChainConfig memory chain) private pure returns (string memory json) {
        json = _token(1, "ETH", 18, address(0));
        for (uint256 i = 0; i < chain.tokens.length; ++i) {
            TokenConfig memory token = chain.tokens[i];
            json = string.concat(json, ",", _token(token.token, token.symbol, token.decimals, token.tokenAddress));
        }
    }

    function _token(uint256 token, string memory symbol, uint256 decimals, address tokenAddress)
        private
        pure
        returns (string memory)
    {
        return string.concat(
            string.concat("{", _number("token", token), ","),
            string.concat(_text("symbol", symbol), ","),
            string.concat(_number("decimals", decimals), ","),
            string.concat(_address("address", tokenAddress), "}")
        );
    }

    function _service(ChainConfig memory chain) private pure returns (string memory) {
        if (chain.service.kind == ServiceKind.Direct) return _text("kind", "direct");
        if (chain.service.kind == ServiceKind.Linea) {
            return string.concat(
                _text("kind", "linea"),
                string.concat(",", _address("l1Service", chain.service.l1Service)),
                string.concat(",", _address("l2Service", chain.service.l2Service))
            );
        }
        return string.concat(
            _text("kind", "zksync"),
            string.concat(",", _address("bridgehub", chain.service.l1Service)),
            string.concat(",", _address("diamond", chain.service.diamond)),
            string.concat(",", _address("l1Messenger", chain.service.l2Service))
        );
    }

    function _text(string memory key, string memory value) private pure returns (string memory) {
        return string.concat('"', key, '":"', value, '"');
    }

    function _number(string memory key, uint256 value) private pure returns (string memory) {
        return string.concat('"', key, '":', VM.toString(value));
    }

    function _address(string memory key, address value) private pure returns (string memory) {
        return _text(key, VM.toString(value));
    }
}
