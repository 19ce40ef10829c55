// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { ERC1967Proxy } from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import { Test } from "forge-std/Test.sol";

import { Arbitrator } from "../../src/Arbitrator.sol";
import { ArbitratorGatewayDouble } from "./doubles/ArbitratorGatewayDouble.sol";

/// @notice The arbitrator alone: three chains, chain 0 primary, gateways are doubles.
abstract contract ArbitratorBase is Test {
    uint256 internal constant GAS_PRICE = 2 gwei;
    uint256 internal constant ROOT = 777;
    bytes32 internal constant HASH_0 = keccak256("chain 0");
    bytes32 internal constant HASH_1 = keccak256("chain 1");
    bytes32 internal constant HASH_2 = keccak256("chain 2");

    address internal admin = makeAddr("admin");
    address internal anyone = makeAddr("anyone");
    Arbitrator internal arbitrator;
    ArbitratorGatewayDouble[3] internal gateways;

    function setUp() public {
        arbitrator = _deploy(admin, 3, 0);
        for (uint8 i = 0; i < 3; ++i) {
            gateways[i] = new ArbitratorGatewayDouble();
            vm.prank(admin);
            arbitrator.setGateway(i, address(gateways[i]));
        }
        vm.deal(anyone, 100 ether);
        vm.txGasPrice(GAS_PRICE);
    }

    function _deploy(address admin_, uint8 chains, uint8 primary) internal returns (Arbitrator) {
        bytes memory call = abi.encodeCall(Arbitrator.initialize, (admin_, chains, primary));
        return Arbitrator(address(new ERC1967Proxy(address(new Arbitrator()), call)));
    }

    function _list() internal pure returns (bytes32[] memory list) {
        list = new bytes32[](3);
        (list[0], list[1], list[2]) = (HASH_0, HASH_1, HASH_2);
    }

    function _deliver(uint8 chainIndex, uint32 blockNumber, bytes32 syncHash) internal {
        vm.prank(address(gateways[chainIndex]));
        arbitrator.receiveSyncHash(blockNumber, syncHash);
    }

    function _deliverList(uint32 blockNumber, uint256 finalRoot, bytes32[] memory list) internal {
        vm.prank(address(gateways[0]));
        arbitrator.receiveSyncHashes(blockNumber, finalRoot, list);
    }

    function _deliverAll(uint32 blockNumber) internal {
        _deliverList(blockNumber, ROOT, _list());
        _deliver(1, blockNumber, HASH_1);
        _deliver(2, blockNumber, HASH_2);
    }
}
