// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";
import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

import { Arbitrator } from "../src/Arbitrator.sol";
import { PrimaryRollup } from "../src/PrimaryRollup.sol";
import { RollupExtension } from "../src/RollupExtension.sol";
import { SecondaryRollup } from "../src/SecondaryRollup.sol";
import { Verifier } from "../src/Verifier.sol";
import { DirectGateway } from "../src/gateways/DirectGateway.sol";
import { LineaL1Gateway } from "../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../src/gateways/linea/LineaL2Gateway.sol";
import { ZkSyncL1Gateway } from "../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { VerifyingKeys } from "../src/generated/VerifyingKeys.sol";
import { IGateway } from "../src/interfaces/IGateway.sol";
import { IRollup } from "../src/interfaces/IRollup.sol";
import { InitializeParameters } from "../src/types/InitializeParameters.sol";

import { ChainConfig, ChainContracts, Config, ConfigRules, Contracts, ServiceKind } from "./Config.sol";
import { KeyPermission } from "./KeyPermission.sol";

/// @title Deploys a topology
/// @notice The one way a rollup is deployed: by the script on real networks and on the devnet (each chain a fork of its own), and by tests in one EVM.
/// Order, because the parts need each other's addresses: arbitrator and L1 gateways (the arbitrator's address is part of the deployment id), then on
/// each chain rollup and gateway, then the L1 gateways learn their other sides and the arbitrator its gateways. At last every admin role goes to a timelock.
abstract contract Deployer is KeyPermission {
    using ConfigRules for Config;

    bytes32 private constant DEFAULT_ADMIN_ROLE = 0;
    bytes32 private constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");

    /// @dev Index that `_enter` takes for the arbitrator's chain.
    uint256 internal constant ARBITRATOR = type(uint256).max;

    /// @dev Every contract is made by the CREATE2 factory, so that its address depends on the deployment's name and the chain, and two chains never
    /// have different contracts at one address (as they would by the deployer's nonces).
    bytes32 private _salt;

    /// @notice Makes the calls that follow happen on chain `index` of the topology (or ARBITRATOR), sent by the deployer.
    function _enter(Config memory config, uint256 index) internal virtual;

    function _enterWithSalt(Config memory config, uint256 index) private {
        _salt = keccak256(abi.encode(config.name, index));
        _enter(config, index);
    }

    function _deploy(Config memory config, address deployer) internal returns (Contracts memory contracts) {
        config.check();
        config.checkKeys(VerifyingKeys.TRANSCRIPT_HASH, _allowsDevelopmentKeys(config));
        contracts.deployer = deployer;
        contracts.chains = new ChainContracts[](config.chains.length);

        _enterWithSalt(config, ARBITRATOR);
        contracts.arbitratorTimelock = _deployTimelock(config);
        contracts.arbitrator = _proxy(
            address(new Arbitrator{ salt: _salt }()),
            abi.encodeCall(Arbitrator.initialize, (deployer, uint8(config.chains.length), config.primaryIndex()))
        );
        for (uint256 i = 0; i < config.chains.length; ++i) {
            if (config.chains[i].service.kind == ServiceKind.Direct) continue;
            contracts.chains[i].l1Gateway = _deployL1Gateway(config.chains[i], contracts);
        }
        for (uint256 i = 0; i < config.chains.length; ++i) {
            _enterWithSalt(config, i);
            _deployChain(config, uint8(i), contracts);
        }
        _enterWithSalt(config, ARBITRATOR);
        _wire(contracts);
    }

    function _deployChain(Config memory config, uint8 index, Contracts memory contracts) private {
        ChainConfig memory chain = config.chains[index];
        ChainContracts memory made = contracts.chains[index];
        made.timelock =
            chain.chainId == config.arbitratorChainId ? contracts.arbitratorTimelock : _deployTimelock(config);
        made.deployedAtBlock = block.number;

        made.verifier = address(new Verifier{ salt: _salt }(_allowsDevelopmentKeys(config)));
        made.extension = address(new RollupExtension{ salt: _salt }());
        InitializeParameters memory parameters = InitializeParameters({
            deploymentId: config.deploymentId(contracts.arbitrator),
            chainIndex: index,
            chainCount: uint8(config.chains.length),
            admin: contracts.deployer,
            governor: contracts.deployer,
            validator: config.validator,
            verifier: made.verifier,
            priorityExpiration: config.priorityExpiration,
            maxOpenRequests: config.maxOpenRequests,
            exitBond: config.exitBond,
            bondReceiver: config.bondReceiver,
            timestampPastTolerance: config.timestampPastTolerance,
            timestampFutureTolerance: config.timestampFutureTolerance
        });
        if (chain.primary) {
            made.rollup = _proxy(
                address(new PrimaryRollup{ salt: _salt }(made.extension)),
                abi.encodeCall(PrimaryRollup.initialize, (parameters))
            );
        } else {
            made.rollup = _proxy(
                address(new SecondaryRollup{ salt: _salt }(made.extension)),
                abi.encodeCall(SecondaryRollup.initialize, (parameters))
            );
        }
        made.gateway = _deployGateway(chain, made, contracts);
        IRollup(made.rollup).setGateway(made.gateway);
        for (uint256 i = 0; i < chain.tokens.length; ++i) {
            IRollup(made.rollup).registerToken(chain.tokens[i].token, chain.tokens[i].tokenAddress);
        }

        _handOver(made.gateway, DEFAULT_ADMIN_ROLE, contracts.deployer, made.timelock);
        _handOver(made.rollup, GOVERNOR_ROLE, contracts.deployer, config.governor);
        _handOver(made.rollup, DEFAULT_ADMIN_ROLE, contracts.deployer, made.timelock);
    }

    function _deployGateway(ChainConfig memory chain, ChainContracts memory made, Contracts memory contracts)
        private
        returns (address gateway)
    {
        address admin = contracts.deployer;
        if (chain.service.kind == ServiceKind.Direct) {
            gateway = _proxy(
                address(new DirectGateway{ salt: _salt }()),
                abi.encodeCall(DirectGateway.initialize, (admin, contracts.arbitrator, made.rollup))
            );
            made.l1Gateway = gateway;
            return gateway;
        }
        if (chain.service.kind == ServiceKind.Linea) {
            gateway = _proxy(
                address(new LineaL2Gateway{ salt: _salt }()),
                abi.encodeCall(LineaL2Gateway.initialize, (admin, made.rollup, chain.service.l2Service))
            );
        } else {
            gateway = _proxy(
                address(new ZkSyncL2Gateway{ salt: _salt }()),
                abi.encodeCall(ZkSyncL2Gateway.initialize, (admin, made.rollup, chain.service.l2Service))
            );
        }
        IGateway(gateway).setRemoteGateway(made.l1Gateway);
    }

    function _deployL1Gateway(ChainConfig memory chain, Contracts memory contracts) private returns (address) {
        address admin = contracts.deployer;
        if (chain.service.kind == ServiceKind.Linea) {
            return _proxy(
                address(new LineaL1Gateway{ salt: _salt }()),
                abi.encodeCall(LineaL1Gateway.initialize, (admin, contracts.arbitrator, chain.service.l1Service))
            );
        }
        return _proxy(
            address(new ZkSyncL1Gateway{ salt: _salt }()),
            abi.encodeCall(
                ZkSyncL1Gateway.initialize,
                (admin, contracts.arbitrator, chain.service.l1Service, chain.chainId, chain.service.l2GasLimit)
            )
        );
    }

    function _wire(Contracts memory contracts) private {
        for (uint256 i = 0; i < contracts.chains.length; ++i) {
            ChainContracts memory made = contracts.chains[i];
            if (made.l1Gateway != made.gateway) {
                IGateway(made.l1Gateway).setRemoteGateway(made.gateway);
                _handOver(made.l1Gateway, DEFAULT_ADMIN_ROLE, contracts.deployer, contracts.arbitratorTimelock);
            }
            Arbitrator(contracts.arbitrator).setGateway(uint8(i), made.l1Gateway);
        }
        _handOver(contracts.arbitrator, DEFAULT_ADMIN_ROLE, contracts.deployer, contracts.arbitratorTimelock);
    }

    /// @dev The governor proposes, anyone executes what has waited long enough.
    function _deployTimelock(Config memory config) private returns (address) {
        address[] memory proposers = new address[](1);
        proposers[0] = config.governor;
        address[] memory anyone = new address[](1);
        return address(new TimelockController{ salt: _salt }(config.timelockDelay, proposers, anyone, address(0)));
    }

    function _proxy(address implementation, bytes memory initializeCall) private returns (address) {
        return address(new ERC1967Proxy{ salt: _salt }(implementation, initializeCall));
    }

    function _handOver(address contract_, bytes32 role, address from, address to) private {
        if (from == to) return;
        IAccessControl(contract_).grantRole(role, to);
        IAccessControl(contract_).renounceRole(role, from);
    }
}
