// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { Vm } from "forge-std/Vm.sol";

import { ChainConfig, Config, ServiceConfig, ServiceKind, TokenConfig } from "./Config.sol";

/// @notice Reads a topology from JSON (script/config/*.json). Every key is asked for by its name, so the order of keys does not matter.
library ConfigReader {
    using SafeCast for uint256;

    error UnknownServiceKind(string kind);
    /// @notice A field of the config is `$NAME`, and there is no environment variable of that name.
    error EnvironmentVariableNotSet(string field, string name);
    /// @notice Neither 0x and 40 hex digits nor a `$NAME` whose value is that.
    error NotAnAddress(string field, string value);

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @param path file below the project root
    function read(string memory path) internal view returns (Config memory config) {
        return parse(VM.readFile(path));
    }

    function parse(string memory json) internal view returns (Config memory config) {
        config.name = VM.parseJsonString(json, ".name");
        config.arbitratorChainId = VM.parseJsonUint(json, ".arbitratorChainId");
        config.arbitratorRpcUrl = VM.parseJsonString(json, ".arbitratorRpcUrl");
        config.governor = _address(json, ".governor");
        config.validator = _address(json, ".validator");
        config.timelockDelay = VM.parseJsonUint(json, ".timelockDelay");
        config.priorityExpiration = VM.parseJsonUint(json, ".priorityExpiration").toUint40();
        config.maxOpenRequests = VM.parseJsonUint(json, ".maxOpenRequests").toUint24();
        config.exitBond = VM.parseJsonUint(json, ".exitBond").toUint96();
        config.bondReceiver = _address(json, ".bondReceiver");
        config.timestampPastTolerance = VM.parseJsonUint(json, ".timestampPastTolerance").toUint32();
        config.timestampFutureTolerance = VM.parseJsonUint(json, ".timestampFutureTolerance").toUint32();
        config.chains = new ChainConfig[](_count(json, ".chains"));
        for (uint256 i = 0; i < config.chains.length; ++i) {
            config.chains[i] = _chain(json, _item(".chains", i));
        }
    }

    /// @notice `$NAME` stands for the environment variable NAME, so that a config in git holds no key.
    function resolveUrl(string memory rpcUrl) internal view returns (string memory) {
        return _resolve("rpcUrl", rpcUrl);
    }

    function _resolve(string memory field, string memory value) private view returns (string memory resolved) {
        bytes memory text = bytes(value);
        if (text.length == 0 || text[0] != "$") return value;
        bytes memory name = new bytes(text.length - 1);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = text[i + 1];
        }
        resolved = VM.envOr(string(name), string(""));
        if (bytes(resolved).length == 0) revert EnvironmentVariableNotSet(field, string(name));
    }

    /// @dev An address, or `$NAME` for whoever deploys to say who it is.
    function _address(string memory json, string memory field) private view returns (address) {
        string memory value = _resolve(field, VM.parseJsonString(json, field));
        bytes memory text = bytes(value);
        if (text.length != 42 || text[0] != "0" || text[1] != "x") revert NotAnAddress(field, value);
        for (uint256 i = 2; i < 42; ++i) {
            if (!_isHexDigit(text[i])) revert NotAnAddress(field, value);
        }
        return VM.parseAddress(value);
    }

    function _isHexDigit(bytes1 digit) private pure returns (bool) {
        return (digit >= "0" && digit <= "9") || (digit >= "a" && digit <= "f") || (digit >= "A" && digit <= "F");
    }

    function _chain(string memory json, string memory key) private view returns (ChainConfig memory chain) {
        chain.name = VM.parseJsonString(json, string.concat(key, ".name"));
        chain.chainId = VM.parseJsonUint(json, string.concat(key, ".chainId"));
        chain.rpcUrl = VM.parseJsonString(json, string.concat(key, ".rpcUrl"));
        chain.primary = VM.parseJsonBool(json, string.concat(key, ".primary"));
        chain.service = _service(json, string.concat(key, ".messageService"));
        string memory tokens = string.concat(key, ".tokens");
        chain.tokens = new TokenConfig[](_count(json, tokens));
        for (uint256 i = 0; i < chain.tokens.length; ++i) {
            string memory token = _item(tokens, i);
            chain.tokens[i] = TokenConfig({
                token: VM.parseJsonUint(json, string.concat(token, ".token")).toUint32(),
                tokenAddress: _address(json, string.concat(token, ".address")),
                symbol: VM.parseJsonString(json, string.concat(token, ".symbol")),
                decimals: VM.parseJsonUint(json, string.concat(token, ".decimals")).toUint8()
            });
        }
    }

    function _service(string memory json, string memory key) private view returns (ServiceConfig memory service) {
        string memory kind = VM.parseJsonString(json, string.concat(key, ".kind"));
        bytes32 hash = keccak256(bytes(kind));
        if (hash == keccak256("direct")) return service;
        if (hash == keccak256("linea")) {
            service.kind = ServiceKind.Linea;
            service.l1Service = _address(json, string.concat(key, ".l1Service"));
            service.l2Service = _address(json, string.concat(key, ".l2Service"));
        } else if (hash == keccak256("zksync")) {
            service.kind = ServiceKind.ZkSync;
            service.l1Service = _address(json, string.concat(key, ".bridgehub"));
            service.l2Service = _address(json, string.concat(key, ".l1Messenger"));
            service.diamond = _address(json, string.concat(key, ".diamond"));
            service.l2GasLimit = VM.parseJsonUint(json, string.concat(key, ".l2GasLimit"));
        } else {
            revert UnknownServiceKind(kind);
        }
    }

    function _count(string memory json, string memory list) private view returns (uint256 count) {
        while (VM.keyExistsJson(json, _item(list, count))) ++count;
    }

    function _item(string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(list, "[", VM.toString(index), "]");
    }
}
