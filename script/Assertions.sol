// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { ERC1967Utils } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import { Vm } from "forge-std/Vm.sol";

import { RollupExtension } from "../src/RollupExtension.sol";
import { Verifier } from "../src/Verifier.sol";
import { DirectGateway } from "../src/gateways/DirectGateway.sol";
import { L1Gateway } from "../src/gateways/L1Gateway.sol";
import { L2Gateway } from "../src/gateways/L2Gateway.sol";
import { LineaMessaging } from "../src/gateways/linea/LineaMessaging.sol";
import { ZkSyncL1Gateway } from "../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { GENESIS_ROOT } from "../src/generated/Params.sol";
import { VerifyingKeys } from "../src/generated/VerifyingKeys.sol";
import { IArbitrator } from "../src/interfaces/IArbitrator.sol";
import { IGateway } from "../src/interfaces/IGateway.sol";
import { IRollup } from "../src/interfaces/IRollup.sol";
import { IKeyOrigin } from "../src/interfaces/IVerifier.sol";
import { Extended } from "../src/rollup/Extended.sol";
import { StoredBlock } from "../src/types/Block.sol";
import { Mode } from "../src/types/Mode.sol";

import { ChainConfig, ChainContracts, Config, ConfigRules, Contracts, ServiceKind } from "./Config.sol";
import { KeyPermission } from "./KeyPermission.sol";

/// @title Reads a deployment back and compares all of it with its config
/// @notice Nothing is believed: every address, role, delay and constant is asked of the chain. The first difference is the error.
abstract contract Assertions is KeyPermission {
    using ConfigRules for Config;

    error Unexpected(string chain, string what, bytes32 expected, bytes32 actual);

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bytes32 private constant DEFAULT_ADMIN_ROLE = 0;
    bytes32 private constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");
    bytes32 private constant VALIDATOR_ROLE = keccak256("VALIDATOR_ROLE");
    /// @dev OpenZeppelin's Initializable: erc7201("openzeppelin.storage.Initializable").
    bytes32 private constant INITIALIZABLE_SLOT = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;

    /// @notice Reads from the arbitrator's chain.
    function _assertArbitrator(Config memory config, Contracts memory contracts) internal view {
        string memory place = "arbitrator";
        _equal(place, "chain id", config.arbitratorChainId, block.chainid);
        IArbitrator arbitrator = IArbitrator(contracts.arbitrator);
        _assertProxy(place, "arbitrator", address(arbitrator));
        _equal(place, "chain count", config.chains.length, arbitrator.chainCount());
        _equal(place, "primary", config.primaryIndex(), arbitrator.primaryIndex());
        _assertAdmin(place, "arbitrator", address(arbitrator), contracts.arbitratorTimelock, contracts.deployer);
        _assertTimelock(place, config, contracts.arbitratorTimelock);
        for (uint256 i = 0; i < config.chains.length; ++i) {
            ChainContracts memory made = contracts.chains[i];
            _equal(config.chains[i].name, "arbitrator's gateway", made.l1Gateway, arbitrator.gatewayOf(uint8(i)));
            _assertL1Gateway(config.chains[i], made, contracts);
        }
    }

    /// @notice Reads from chain `index`.
    function _assertChain(Config memory config, Contracts memory contracts, uint256 index) internal view {
        ChainConfig memory chain = config.chains[index];
        ChainContracts memory made = contracts.chains[index];
        string memory place = chain.name;
        _equal(place, "chain id", chain.chainId, block.chainid);
        IRollup rollup = IRollup(made.rollup);
        _assertProxy(place, "rollup", address(rollup));
        _equal(place, "deployment id", config.deploymentId(contracts.arbitrator), rollup.deploymentId());
        _equal(place, "chain index", index, rollup.chainIndex());
        _equal(place, "chain count", config.chains.length, rollup.chainCount());
        _equal(place, "gateway", made.gateway, rollup.gateway());
        _equal(place, "mode", uint256(Mode.Running), uint256(rollup.mode()));
        _equal(place, "priority expiration", config.priorityExpiration, rollup.priorityExpiration());
        for (uint256 i = 0; i < chain.tokens.length; ++i) {
            _equal(place, "token", chain.tokens[i].tokenAddress, rollup.tokenAddress(chain.tokens[i].token));
        }
        _equal(place, "most open requests", config.maxOpenRequests, rollup.maxOpenRequests());
        _equal(place, "exit bond", config.exitBond, rollup.exitBond());
        _equal(place, "bond receiver", config.bondReceiver, rollup.bondReceiver());
        _assertVerifier(config, chain, made);
        _assertExtension(chain, made);
        StoredBlock memory genesis = rollup.genesisBlock();
        _equal(place, "genesis root", GENESIS_ROOT, genesis.finalRoot);
        _equal(place, "hash of block 0", uint256(keccak256(abi.encode(genesis))), uint256(rollup.storedBlockHash(0)));

        _assertAdmin(place, "rollup", address(rollup), made.timelock, contracts.deployer);
        _assertRole(place, "governor", address(rollup), GOVERNOR_ROLE, config.governor);
        _assertRole(place, "validator", address(rollup), VALIDATOR_ROLE, config.validator);
        if (contracts.deployer != config.governor) {
            _assertNoRole(place, "deployer as governor", address(rollup), GOVERNOR_ROLE, contracts.deployer);
        }
        _assertTimelock(place, config, made.timelock);
        _assertGateway(chain, made, contracts);
    }

    /// @dev The keys are those of src/generated/VerifyingKeys.sol, and allowed where they are.
    function _assertVerifier(Config memory config, ChainConfig memory chain, ChainContracts memory made) private view {
        string memory place = chain.name;
        _equal(place, "verifier", made.verifier, IRollup(made.rollup).verifier());
        _notZero(place, "code of the verifier", made.verifier.code.length);
        bytes32 transcriptHash = IKeyOrigin(made.verifier).transcriptHash();
        config.checkKeys(transcriptHash, _allowsDevelopmentKeys(config));
        _equal(
            place, "transcript of the verifier's keys", uint256(VerifyingKeys.TRANSCRIPT_HASH), uint256(transcriptHash)
        );
        bytes32 code = keccak256(type(Verifier).runtimeCode);
        _equal(place, "code of the verifier", uint256(code), uint256(made.verifier.codehash));
    }

    /// @dev It runs on the rollup's storage, so it must be exactly the code that belongs to it.
    function _assertExtension(ChainConfig memory chain, ChainContracts memory made) private view {
        _equal(chain.name, "extension", made.extension, Extended(made.rollup).extension());
        bytes32 code = keccak256(type(RollupExtension).runtimeCode);
        _equal(chain.name, "code of the extension", uint256(code), uint256(made.extension.codehash));
    }

    function _assertGateway(ChainConfig memory chain, ChainContracts memory made, Contracts memory contracts)
        private
        view
    {
        string memory place = chain.name;
        _assertProxy(place, "gateway", made.gateway);
        _equal(place, "other side of the gateway", made.l1Gateway, IGateway(made.gateway).remoteGateway());
        _assertAdmin(place, "gateway", made.gateway, made.timelock, contracts.deployer);
        if (chain.service.kind == ServiceKind.Direct) {
            _equal(place, "rollup of the gateway", made.rollup, DirectGateway(made.gateway).rollup());
            _equal(place, "arbitrator of the gateway", contracts.arbitrator, DirectGateway(made.gateway).arbitrator());
            return;
        }
        _equal(place, "rollup of the gateway", made.rollup, L2Gateway(made.gateway).rollup());
        address service = chain.service.kind == ServiceKind.Linea
            ? address(LineaMessaging(made.gateway).messageService())
            : address(ZkSyncL2Gateway(made.gateway).l1Messenger());
        _equal(place, "message service of the gateway", chain.service.l2Service, service);
        _notZero(place, "code of the message service", service.code.length);
    }

    function _assertL1Gateway(ChainConfig memory chain, ChainContracts memory made, Contracts memory contracts)
        private
        view
    {
        if (chain.service.kind == ServiceKind.Direct) return;
        string memory place = chain.name;
        _assertProxy(place, "L1 gateway", made.l1Gateway);
        _equal(place, "other side of the L1 gateway", made.gateway, IGateway(made.l1Gateway).remoteGateway());
        _equal(place, "arbitrator of the L1 gateway", contracts.arbitrator, L1Gateway(made.l1Gateway).arbitrator());
        _assertAdmin(place, "L1 gateway", made.l1Gateway, contracts.arbitratorTimelock, contracts.deployer);
        address service;
        if (chain.service.kind == ServiceKind.Linea) {
            service = address(LineaMessaging(made.l1Gateway).messageService());
        } else {
            ZkSyncL1Gateway gateway = ZkSyncL1Gateway(made.l1Gateway);
            service = address(gateway.bridgehub());
            _equal(place, "Era chain id of the L1 gateway", chain.chainId, gateway.eraChainId());
            _equal(place, "gas limit of the L1 gateway", chain.service.l2GasLimit, gateway.l2GasLimit());
        }
        _equal(place, "message service of the L1 gateway", chain.service.l1Service, service);
        _notZero(place, "code of the L1 message service", service.code.length);
    }

    function _assertTimelock(string memory place, Config memory config, address timelock) private view {
        TimelockController controller = TimelockController(payable(timelock));
        _equal(place, "timelock delay", config.timelockDelay, controller.getMinDelay());
        _assertRole(place, "proposer", timelock, controller.PROPOSER_ROLE(), config.governor);
        _assertRole(place, "open executor", timelock, controller.EXECUTOR_ROLE(), address(0));
        // Only the timelock itself may change the timelock.
        _assertRole(place, "timelock as its own admin", timelock, DEFAULT_ADMIN_ROLE, timelock);
        _assertNoRole(place, "governor as the timelock's admin", timelock, DEFAULT_ADMIN_ROLE, config.governor);
    }

    /// @dev The implementation behind the proxy exists and nobody can initialize it.
    function _assertProxy(string memory place, string memory what, address proxy) private view {
        address implementation = address(uint160(uint256(VM.load(proxy, ERC1967Utils.IMPLEMENTATION_SLOT))));
        _notZero(place, string.concat("code of the implementation of the ", what), implementation.code.length);
        _equal(place, string.concat("version of the ", what), 1, uint64(uint256(VM.load(proxy, INITIALIZABLE_SLOT))));
        _equal(
            place,
            string.concat("lock of the implementation of the ", what),
            type(uint64).max,
            uint64(uint256(VM.load(implementation, INITIALIZABLE_SLOT)))
        );
    }

    function _assertAdmin(string memory place, string memory what, address contract_, address admin, address deployer)
        private
        view
    {
        _assertRole(place, string.concat("admin of the ", what), contract_, DEFAULT_ADMIN_ROLE, admin);
        if (admin == deployer) return;
        _assertNoRole(place, string.concat("deployer as admin of the ", what), contract_, DEFAULT_ADMIN_ROLE, deployer);
    }

    function _assertRole(string memory place, string memory what, address contract_, bytes32 role, address account)
        private
        view
    {
        if (IAccessControl(contract_).hasRole(role, account)) return;
        revert Unexpected(place, what, bytes32(uint256(uint160(account))), 0);
    }

    function _assertNoRole(string memory place, string memory what, address contract_, bytes32 role, address account)
        private
        view
    {
        if (!IAccessControl(contract_).hasRole(role, account)) return;
        revert Unexpected(place, what, 0, bytes32(uint256(uint160(account))));
    }

    function _equal(string memory place, string memory what, address expected, address actual) private pure {
        _equal(place, what, uint256(uint160(expected)), uint256(uint160(actual)));
    }

    function _equal(string memory place, string memory what, uint256 expected, uint256 actual) private pure {
        if (expected != actual) revert Unexpected(place, what, bytes32(expected), bytes32(actual));
    }

    function _notZero(string memory place, string memory what, uint256 actual) private pure {
        if (actual == 0) revert Unexpected(place, what, bytes32(uint256(1)), 0);
    }
}
