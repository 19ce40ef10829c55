// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";
import { Initializable } from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import { UUPSUpgradeable } from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

import { Contracts } from "../../script/Config.sol";
import { Arbitrator } from "../../src/Arbitrator.sol";
import { PrimaryRollup } from "../../src/PrimaryRollup.sol";
import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { DirectGateway } from "../../src/gateways/DirectGateway.sol";
import { LineaL1Gateway } from "../../src/gateways/linea/LineaL1Gateway.sol";
import { LineaL2Gateway } from "../../src/gateways/linea/LineaL2Gateway.sol";
import { ZkSyncL1Gateway } from "../../src/gateways/zksync/ZkSyncL1Gateway.sol";
import { ZkSyncL2Gateway } from "../../src/gateways/zksync/ZkSyncL2Gateway.sol";
import { IArbitrator } from "../../src/interfaces/IArbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { IGoverned } from "../../src/interfaces/IGoverned.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { DeployBase } from "../utils/DeployBase.sol";

/// @notice After a deployment by the script: everybody who has some right tries what is not his, on every contract.
contract AuthorityAttack is DeployBase {
    bytes32 private constant ADMIN_ROLE = 0;
    bytes32 private constant GOVERNOR_ROLE = keccak256("GOVERNOR_ROLE");
    bytes32 private constant VALIDATOR_ROLE = keccak256("VALIDATOR_ROLE");

    Contracts private contracts;
    address[] private proxies;
    address[] private strangers;

    function setUp() public override {
        super.setUp();
        Contracts memory made = _deploy(_config(), DEPLOYER);
        vm.stopPrank();
        contracts.arbitrator = made.arbitrator;
        contracts.arbitratorTimelock = made.arbitratorTimelock;
        proxies.push(made.arbitrator);
        for (uint256 i = 0; i < made.chains.length; ++i) {
            contracts.chains.push(made.chains[i]);
            proxies.push(made.chains[i].rollup);
            proxies.push(made.chains[i].gateway);
            if (made.chains[i].l1Gateway != made.chains[i].gateway) proxies.push(made.chains[i].l1Gateway);
        }
        strangers.push(DEPLOYER);
        strangers.push(GOVERNOR);
        strangers.push(_config().validator);
        strangers.push(makeAddr("anyone"));
    }

    /// @notice No contract can be upgraded but by its timelock, and no implementation by anyone.
    function test_Upgrading() public {
        address bad = address(new Backdoor());
        for (uint256 i = 0; i < proxies.length; ++i) {
            for (uint256 k = 0; k < strangers.length; ++k) {
                vm.prank(strangers[k]);
                vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                UUPSUpgradeable(proxies[i]).upgradeToAndCall(bad, "");
            }
        }
    }

    /// @notice Nobody gives himself or others a role, and nobody takes one away.
    function test_GrantingAndRevoking() public {
        bytes32[3] memory roles = [ADMIN_ROLE, GOVERNOR_ROLE, VALIDATOR_ROLE];
        for (uint256 i = 0; i < proxies.length; ++i) {
            for (uint256 k = 0; k < strangers.length; ++k) {
                for (uint256 r = 0; r < roles.length; ++r) {
                    vm.startPrank(strangers[k]);
                    vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                    IAccessControl(proxies[i]).grantRole(roles[r], strangers[k]);
                    vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                    IAccessControl(proxies[i]).revokeRole(roles[r], contracts.arbitratorTimelock);
                    vm.stopPrank();
                }
            }
        }
    }

    /// @notice Proxies are initialized, implementations cannot be.
    function test_InitializingAgain() public {
        for (uint256 i = 0; i < proxies.length; ++i) {
            address implementation = address(
                uint160(
                    uint256(vm.load(proxies[i], 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc))
                )
            );
            assertGt(implementation.code.length, 0, "there is one");
            address[2] memory targets = [proxies[i], implementation];
            bytes[] memory calls = _initializers();
            for (uint256 t = 0; t < 2; ++t) {
                uint256 known = 0;
                for (uint256 c = 0; c < calls.length; ++c) {
                    (bool success, bytes memory reason) = targets[t].call(calls[c]);
                    assertFalse(success, "initialized again");
                    if (reason.length == 4) {
                        assertEq(bytes4(reason), Initializable.InvalidInitialization.selector, "for being initialized");
                        ++known;
                    }
                }
                assertEq(known, 1, "one of the initializers is this contract's");
            }
        }
    }

    /// @notice What is named once stays, even for the timelock; and nobody else names anything.
    function test_RewiringGateways() public {
        address mallory = makeAddr("mallory");
        for (uint8 i = 0; i < contracts.chains.length; ++i) {
            IRollup rollup = IRollup(contracts.chains[i].rollup);
            IGateway gateway = IGateway(contracts.chains[i].gateway);
            for (uint256 k = 0; k < strangers.length; ++k) {
                vm.startPrank(strangers[k]);
                vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                rollup.setGateway(mallory);
                vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                gateway.setRemoteGateway(mallory);
                vm.expectRevert(_unauthorized(strangers[k], ADMIN_ROLE));
                Arbitrator(contracts.arbitrator).setGateway(i, mallory);
                vm.stopPrank();
            }
            vm.startPrank(contracts.chains[i].timelock);
            vm.expectRevert(abi.encodeWithSelector(IGoverned.GatewayAlreadySet.selector, address(gateway)));
            rollup.setGateway(mallory);
            vm.expectRevert(
                abi.encodeWithSelector(IGateway.RemoteGatewayAlreadySet.selector, contracts.chains[i].l1Gateway)
            );
            gateway.setRemoteGateway(mallory);
            vm.stopPrank();
            vm.prank(contracts.arbitratorTimelock);
            vm.expectRevert(
                abi.encodeWithSelector(IArbitrator.GatewayAlreadySet.selector, i, contracts.chains[i].l1Gateway)
            );
            Arbitrator(contracts.arbitrator).setGateway(i, mallory);
        }
    }

    /// @notice The governor neither commits nor reverts; the validator neither registers tokens nor moves time; neither sets an admin's numbers.
    function test_RolesDoNotOverlap() public {
        address validator = _config().validator;
        for (uint256 i = 0; i < contracts.chains.length; ++i) {
            IRollup rollup = IRollup(contracts.chains[i].rollup);
            StoredBlock memory genesis = rollup.genesisBlock();
            vm.prank(GOVERNOR);
            vm.expectRevert(_unauthorized(GOVERNOR, VALIDATOR_ROLE));
            rollup.revertBlocks(genesis);
            vm.startPrank(validator);
            vm.expectRevert(_unauthorized(validator, GOVERNOR_ROLE));
            rollup.registerToken(9, address(9));
            vm.expectRevert(_unauthorized(validator, GOVERNOR_ROLE));
            rollup.setTimestampTolerances(1, 1);
            vm.stopPrank();
        }
        vm.prank(GOVERNOR);
        vm.expectRevert(_unauthorized(GOVERNOR, ADMIN_ROLE));
        ZkSyncL1Gateway(contracts.chains[1].l1Gateway).setL2GasLimit(1);
    }

    function _initializers() private view returns (bytes[] memory calls) {
        address a = address(this);
        calls = new bytes[](4);
        calls[0] = abi.encodeCall(Arbitrator.initialize, (a, 3, 0));
        calls[1] = abi.encodeCall(PrimaryRollup.initialize, (_parameters()));
        calls[2] = abi.encodeCall(DirectGateway.initialize, (a, a, a));
        calls[3] = abi.encodeCall(ZkSyncL1Gateway.initialize, (a, a, a, 1, 1));
        // Others' are the same four bytes.
        assertEq(SecondaryRollup.initialize.selector, PrimaryRollup.initialize.selector);
        assertEq(LineaL1Gateway.initialize.selector, DirectGateway.initialize.selector);
        assertEq(LineaL2Gateway.initialize.selector, DirectGateway.initialize.selector);
        assertEq(ZkSyncL2Gateway.initialize.selector, DirectGateway.initialize.selector);
    }

    function _parameters() private view returns (InitializeParameters memory) {
        return InitializeParameters({
            deploymentId: 1,
            chainIndex: 0,
            chainCount: 1,
            admin: address(this),
            governor: address(this),
            validator: address(this),
            verifier: address(this),
            priorityExpiration: 1,
            maxOpenRequests: 1024,
            exitBond: 0.01 ether,
            bondReceiver: address(this),
            timestampPastTolerance: 1,
            timestampFutureTolerance: 1
        });
    }

    function _unauthorized(address account, bytes32 role) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role);
    }
}

/// @notice What an attacker would like a proxy to run.
contract Backdoor is UUPSUpgradeable {
    function take(address payable to) external {
        to.transfer(address(this).balance);
    }

    function _authorizeUpgrade(address) internal override { }
}
