// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { IGateway } from "../../src/interfaces/IGateway.sol";
import { ArbitratorGatewayDouble } from "./doubles/ArbitratorGatewayDouble.sol";
import { RollupDouble } from "./doubles/RollupDouble.sol";

/// @notice What surrounds the pair of gateways that is tested: an arbitrator of two chains, the other chain's gateway, and this chain's rollup.
abstract contract GatewayBase is Test {
    bytes32 internal constant HASH_0 = keccak256("chain 0");
    bytes32 internal constant HASH_1 = keccak256("chain 1");

    address internal admin = makeAddr("admin");
    address internal caller = makeAddr("caller");
    Arbitrator internal arbitrator;
    RollupDouble internal rollup = new RollupDouble();
    ArbitratorGatewayDouble internal otherGateway;

    function _deployArbitrator(uint8 primaryIndex) internal returns (Arbitrator) {
        bytes memory call = abi.encodeCall(Arbitrator.initialize, (admin, 2, primaryIndex));
        return Arbitrator(_proxy(address(new Arbitrator()), call));
    }

    /// @dev Tells the arbitrator and the two gateways of chain `index` of each other.
    function _wire(uint8 index, IGateway l1Gateway, IGateway l2Gateway) internal {
        otherGateway = new ArbitratorGatewayDouble();
        vm.startPrank(admin);
        arbitrator.setGateway(index, address(l1Gateway));
        arbitrator.setGateway(1 - index, address(otherGateway));
        vm.stopPrank();
        _pair(l1Gateway, l2Gateway);
    }

    function _pair(IGateway l1Gateway, IGateway l2Gateway) internal {
        vm.startPrank(admin);
        l1Gateway.setRemoteGateway(address(l2Gateway));
        l2Gateway.setRemoteGateway(address(l1Gateway));
        vm.stopPrank();
    }

    function _proxy(address implementation, bytes memory call) internal returns (address) {
        return address(new ERC1967Proxy(implementation, call));
    }

    function _list() internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (HASH_0, HASH_1);
    }
}
