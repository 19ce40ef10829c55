// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { MAX_CHAINS, MAX_LEAF_INDEX, MAX_SEGMENTS } from "../../src/types/Params.sol";

/// @notice Numbers in src against circuits/params.json, their home.
contract ParamsTest is Test {
    string private json;

    function setUp() public {
        json = vm.readFile("circuits/params.json");
    }

    function test_SizesAreTheCircuits() public view {
        assertEq(MAX_CHAINS, vm.parseJsonUint(json, ".chains"), "chains");
        assertEq(MAX_SEGMENTS, vm.parseJsonUint(json, ".joinSegments"), "segments of a join");
        uint256 leaves = vm.parseJsonUint(json, ".arity") ** vm.parseJsonUint(json, ".depth");
        assertEq(MAX_LEAF_INDEX, leaves - 1, "largest leaf index");
    }

    function test_KindsAreTheCircuits() public view {
        assertEq(Pubdata.DEPOSIT, vm.parseJsonUint(json, ".opcodes.deposit"), "deposit");
        assertEq(Pubdata.FULL_EXIT, vm.parseJsonUint(json, ".opcodes.fullExit"), "full exit");
        assertEq(Pubdata.WITHDRAW, vm.parseJsonUint(json, ".opcodes.withdraw"), "withdraw");
        assertEq(Pubdata.OPEN, vm.parseJsonUint(json, ".opcodes.open"), "open");
        assertEq(Pubdata.TRANSFER, vm.parseJsonUint(json, ".opcodes.transfer"), "transfer");
    }
}
