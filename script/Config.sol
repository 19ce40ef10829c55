// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";

import { KeyOrigin } from "../src/libraries/KeyOrigin.sol";
import { LocalChain } from "../src/libraries/LocalChain.sol";

/// @notice Which message service connects a chain with the arbitrator's chain.
enum ServiceKind {
    /// The rollup lives on the arbitrator's own chain.
    Direct,
    Linea,
    ZkSync
}

struct TokenConfig {
    uint32 token;
    address tokenAddress;
    string symbol;
    uint8 decimals;
}

struct ServiceConfig {
    ServiceKind kind;
    /// Linea: LineaRollup. zkSync: Bridgehub. Both on the arbitrator's chain.
    address l1Service;
    /// Linea: L2MessageService. zkSync: L1Messenger. Both on the chain itself.
    address l2Service;
    /// zkSync only: the chain's diamond contract; clients need it, the gateways do not.
    address diamond;
    /// zkSync only: gas for one confirmation.
    uint256 l2GasLimit;
}

struct ChainConfig {
    string name;
    uint256 chainId;
    /// A URL, or `$NAME` for the environment variable NAME.
    string rpcUrl;
    bool primary;
    ServiceConfig service;
    TokenConfig[] tokens;
}

/// @notice A topology and everything its deployment needs to know; script/config/*.json holds them as data.
struct Config {
    string name;
    uint256 arbitratorChainId;
    string arbitratorRpcUrl;
    /// Registers tokens, sets tolerances, proposes to the timelock.
    address governor;
    address validator;
    /// Seconds that an upgrade waits in the timelock.
    uint256 timelockDelay;
    uint40 priorityExpiration;
    uint24 maxOpenRequests;
    uint96 exitBond;
    address bondReceiver;
    uint32 timestampPastTolerance;
    uint32 timestampFutureTolerance;
    /// In order of chain index.
    ChainConfig[] chains;
}

/// @notice What a deployment of a config made.
struct ChainContracts {
    address rollup;
    /// On the chain itself; the one that the rollup calls.
    address gateway;
    /// On the arbitrator's chain; the one that the arbitrator calls.
    address l1Gateway;
    address timelock;
    /// Of blocks on the primary, of exits on every chain.
    address verifier;
    /// Code of the rollup's rare calls.
    address extension;
    uint256 deployedAtBlock;
}

struct Contracts {
    /// Renounced all its roles at the end.
    address deployer;
    address arbitrator;
    address arbitratorTimelock;
    ChainContracts[] chains;
}

/// @notice Rules that every config must keep, whatever file it comes from.
library ConfigRules {
    error NoChains();
    error NotOnePrimary(uint256 primaries);
    error ZeroAddressInConfig(string field);
    error DirectChainIsNotArbitratorChain(uint256 expected, uint256 actual);
    /// @notice Everybody can forge proofs for the keys that `found` says src/generated/VerifyingKeys.sol has, and this chain is not local.
    error DevelopmentKeys(string chain, uint256 chainId, string found, string whatToDo);
    /// @notice Users must be able to leave before an upgrade takes effect.
    error TimelockShorterThanExit(uint256 minimum, uint256 actual);
    /// @notice A request that expires at once lets anybody stop the chain at any time; one that never expires lets nobody.
    error PriorityExpirationOutOfRange(uint256 minimum, uint256 maximum, uint256 actual);
    /// @notice A few requests of strangers would keep everybody else's out.
    error TooFewOpenRequests(uint256 minimum, uint256 actual);
    /// @notice Whoever pays the gas could fill the queue with requests for what is not his.
    error ZeroExitBond();

    /// @notice Seconds from the expiry of a request to the last exit, and then some: trigger, halt request and halt over two message services that take up to a
    /// day each, execution, exit proofs.
    uint256 internal constant TIME_TO_LEAVE = 7 days;
    /// @notice Deposits may fill half of it.
    uint24 internal constant MIN_OPEN_REQUESTS = 64;
    /// @notice Of networks that are not local: the operator's worst night, and how long a user may be kept waiting.
    uint40 internal constant MIN_EXPIRATION = 1 days;
    uint40 internal constant MAX_EXPIRATION = 30 days;

    function check(Config memory config) internal pure {
        if (config.chains.length == 0) revert NoChains();
        if (config.governor == address(0)) revert ZeroAddressInConfig("governor");
        if (config.validator == address(0)) revert ZeroAddressInConfig("validator");
        if (config.bondReceiver == address(0)) revert ZeroAddressInConfig("bondReceiver");
        bool local = LocalChain.isLocal(config.arbitratorChainId);
        uint256 primaries = 0;
        for (uint256 i = 0; i < config.chains.length; ++i) {
            ChainConfig memory chain = config.chains[i];
            if (chain.primary) ++primaries;
            if (!LocalChain.isLocal(chain.chainId)) local = false;
            _checkService(config, chain);
        }
        if (primaries != 1) revert NotOnePrimary(primaries);
        _checkExit(config, local);
    }

    /// @notice Reverts when keys of origin `transcriptHash` may not be used for this topology. One chain that is not local is enough, whichever
    /// chain the verifier is on: a block that it accepts moves the money of all.
    /// @param allowDevelopmentKeys true for local chains that go by real networks' ids
    function checkKeys(Config memory config, bytes32 transcriptHash, bool allowDevelopmentKeys) internal pure {
        if (allowDevelopmentKeys) return;
        _checkKeys("arbitrator", config.arbitratorChainId, transcriptHash);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            _checkKeys(config.chains[i].name, config.chains[i].chainId, transcriptHash);
        }
    }

    /// @notice Where keys of origin `transcriptHash` come from, in words.
    function describeKeys(bytes32 transcriptHash) internal pure returns (string memory) {
        return transcriptHash == KeyOrigin.DEVELOPMENT
            ? "development keys: made from public beacons, everybody can forge proofs for them"
            : string.concat("keys of the ceremony with transcript ", Strings.toHexString(uint256(transcriptHash), 32));
    }

    /// @dev src/FORMATS.md, section "Chain side".
    function deploymentId(Config memory config, address arbitrator) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(config.name, config.arbitratorChainId, arbitrator))) >> 8;
    }

    function primaryIndex(Config memory config) internal pure returns (uint8 index) {
        while (!config.chains[index].primary) ++index;
    }

    /// @dev What lets users leave in time. On local chains time and money are worth nothing, so that a test need not wait for days.
    function _checkExit(Config memory config, bool local) private pure {
        if (config.maxOpenRequests < MIN_OPEN_REQUESTS) {
            revert TooFewOpenRequests(MIN_OPEN_REQUESTS, config.maxOpenRequests);
        }
        uint40 minimum = local ? 1 : MIN_EXPIRATION;
        if (config.priorityExpiration < minimum || config.priorityExpiration > MAX_EXPIRATION) {
            revert PriorityExpirationOutOfRange(minimum, MAX_EXPIRATION, config.priorityExpiration);
        }
        if (local) return;
        if (config.exitBond == 0) revert ZeroExitBond();
        uint256 exit = config.priorityExpiration + TIME_TO_LEAVE;
        if (config.timelockDelay <= exit) revert TimelockShorterThanExit(exit + 1, config.timelockDelay);
    }

    function _checkKeys(string memory chain, uint256 chainId, bytes32 transcriptHash) private pure {
        if (KeyOrigin.fits(transcriptHash, chainId)) return;
        revert DevelopmentKeys(
            chain,
            chainId,
            describeKeys(transcriptHash),
            "make keys by a ceremony (circuits/README.md); for local chains with real ids set ALLOW_DEVELOPMENT_KEYS=1"
        );
    }

    function _checkService(Config memory config, ChainConfig memory chain) private pure {
        if (chain.service.kind == ServiceKind.Direct) {
            if (chain.chainId != config.arbitratorChainId) {
                revert DirectChainIsNotArbitratorChain(config.arbitratorChainId, chain.chainId);
            }
            return;
        }
        if (chain.service.l1Service == address(0)) revert ZeroAddressInConfig("l1Service");
        if (chain.service.l2Service == address(0)) revert ZeroAddressInConfig("l2Service");
    }
}
