// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Vm } from "forge-std/Vm.sol";

import { Config } from "./Config.sol";
import { ConfigReader } from "./ConfigReader.sol";

/// @title Whether development keys are allowed on chains whose ids are not those of local chains
/// @notice Never, unless who runs the script says so: a devnet whose chains go by real networks' ids sets ALLOW_DEVELOPMENT_KEYS=1. That counts only when
/// every node of the topology is on this machine, so that a variable that was left behind lets nothing onto a real network.
abstract contract KeyPermission {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function _allowsDevelopmentKeys(Config memory config) internal view virtual returns (bool) {
        return _allows(config, VM.envOr("ALLOW_DEVELOPMENT_KEYS", string("")));
    }

    /// @param value what the environment variable holds
    function _allows(Config memory config, string memory value) internal view returns (bool) {
        if (keccak256(bytes(value)) != keccak256("1")) return false;
        if (!_isOnThisMachine(config.arbitratorRpcUrl)) return false;
        for (uint256 i = 0; i < config.chains.length; ++i) {
            if (!_isOnThisMachine(config.chains[i].rpcUrl)) return false;
        }
        return true;
    }

    function _isOnThisMachine(string memory rpcUrl) private view returns (bool) {
        bytes memory url = bytes(ConfigReader.resolveUrl(rpcUrl));
        return _isAt(url, "http://127.0.0.1:") || _isAt(url, "http://localhost:") || _isAt(url, "http://[::1]:");
    }

    /// @dev Behind the host only a port, then a path or nothing: `http://localhost:x@example.com/` is a password for another host.
    function _isAt(bytes memory url, bytes memory host) private pure returns (bool) {
        if (!_startsWith(url, host)) return false;
        for (uint256 i = host.length; i < url.length && url[i] != "/"; ++i) {
            if (url[i] < "0" || url[i] > "9") return false;
        }
        return true;
    }

    function _startsWith(bytes memory text, bytes memory start) private pure returns (bool) {
        if (text.length < start.length) return false;
        for (uint256 i = 0; i < start.length; ++i) {
            if (text[i] != start[i]) return false;
        }
        return true;
    }
}
