// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { Proof } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { Ending } from "./ExitFixture.sol";
import { StoryTest } from "./StoryTest.sol";

/// @notice Real blocks of a fixture, then exit mode through the arbitrator, then the fixture's real exit proofs.
abstract contract EndingTest is StoryTest {
    /// @dev Ten times what an exit takes. A point of G2 that is not on its curve makes the precompile take all that it gets.
    uint256 private constant EXIT_GAS = 4_000_000;

    /// @dev Lets the oldest request of a chain expire and stops that chain.
    function _trigger(uint8 chain) internal {
        (,, uint64 oldest) = rollups[chain].priorityQueueState();
        (, uint40 expiresAt) = rollups[chain].priorityRequest(oldest);
        require(expiresAt != 0, "no request waits");
        vm.warp(uint256(expiresAt) + 1);
        vm.prank(anyone);
        rollups[chain].triggerExitMode();
    }

    /// @dev Tells the arbitrator that a chain has stopped, and every chain that the rollup has halted.
    function _halt(uint8 chain, uint32 blockNumber) internal {
        vm.startPrank(anyone);
        rollups[chain].sendHaltRequest();
        for (uint8 i = 0; i < rollups.length; ++i) {
            arbitrator.sendHalt(i);
        }
        vm.stopPrank();
        for (uint8 i = 0; i < rollups.length; ++i) {
            assertEq(uint8(rollups[i].mode()), uint8(Mode.Halted), "halted");
            assertEq(rollups[i].haltBlock(), blockNumber, "at this block");
        }
    }

    /// @dev The same, where every chain has executed everything: exits are open against the root of the ending.
    function _openExits(uint8 chain, Ending memory ending) internal {
        _trigger(chain);
        _halt(chain, ending.blockNumber);
        for (uint8 i = 0; i < rollups.length; ++i) {
            assertTrue(rollups[i].exitsOpen(), "exits are open");
            assertEq(rollups[i].haltRoot(), ending.finalRoot, "one root on every chain");
        }
    }

    function _exitAll(Ending memory ending) internal {
        for (uint8 chain = 0; chain < rollups.length; ++chain) {
            if (ending.exits[chain].length == 0) continue;
            vm.prank(anyone);
            rollups[chain].exitLeaves(ending.exits[chain]);
        }
    }

    function _exit(uint8 chain, LeafExit memory exit) internal {
        LeafExit[] memory one = _list(exit);
        vm.prank(anyone);
        rollups[chain].exitLeaves{ gas: EXIT_GAS }(one);
    }

    function _expectInvalid(uint8 chain, LeafExit memory exit) internal {
        vm.expectRevert(IRollupState.InvalidProof.selector);
        _exit(chain, exit);
        assertFalse(rollups[chain].hasExited(exit.leafIndex), "not marked");
    }

    /// @dev Pays what is pending, which is exactly `amount`.
    function _pay(uint8 chain, address owner, uint32 token, uint256 amount) internal {
        assertEq(rollups[chain].pendingBalance(owner, token), amount, "pending");
        uint256 before = _balance(chain, owner, token);
        uint256 vault = _balance(chain, address(rollups[chain]), token);
        vm.prank(anyone);
        rollups[chain].withdrawPending(owner, token);
        assertEq(_balance(chain, owner, token) - before, amount, "paid");
        assertEq(vault - _balance(chain, address(rollups[chain]), token), amount, "by this chain's rollup");
        assertEq(rollups[chain].pendingBalance(owner, token), 0, "nothing is pending any more");
    }

    function _balance(uint8 chain, address owner, uint32 token) internal view returns (uint256) {
        return token == NATIVE ? owner.balance : tokens[chain].balanceOf(owner);
    }

    function _copy(LeafExit memory exit) internal pure returns (LeafExit memory) {
        return abi.decode(abi.encode(exit), (LeafExit));
    }

    function _list(LeafExit memory only) internal pure returns (LeafExit[] memory list) {
        list = new LeafExit[](1);
        list[0] = only;
    }

    function _words(Proof memory proof) internal pure returns (uint256[8] memory) {
        return abi.decode(abi.encode(proof), (uint256[8]));
    }

    function _proof(uint256[8] memory words) internal pure returns (Proof memory) {
        return abi.decode(abi.encode(words), (Proof));
    }
}
