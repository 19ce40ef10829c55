// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { KeyId, Statement } from "../../src/types/Statement.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Operations } from "../utils/Operations.sol";
import { VerifierDouble } from "../utils/doubles/VerifierDouble.sol";

/// @notice Exits of leaves. The verifier is a double that can be told which statements to expect; ExitProofs.t.sol has one that checks proofs.
contract ExitingTest is ExitTest {
    StoredBlock private last;

    /// The secondary holds 10 ETH and 10 TST of leaves and is halted at block 1.
    function setUp() public override {
        super.setUp();
        last = openExits(
            bytes.concat(depositNative(secondary, alice, 10 ether, 1), depositToken(secondary, TOKEN, alice, 10e18, 2))
        );
    }

    function test_AnExitIsCreditedOnceAndPaid() public {
        LeafExit[] memory exits = exitList(leafExit(1, alice, NATIVE, 10 ether));
        verifier.expectStatements(_statements(exits));
        assertFalse(secondary.hasExited(1), "not yet");
        vm.expectEmit(address(secondary));
        emit IRollupState.BalancePending(alice, NATIVE, 10 ether);
        vm.expectEmit(address(secondary));
        emit IExitMode.Exited(1, alice, NATIVE, 10 ether);
        vm.prank(anyone);
        secondary.exitLeaves(exits);
        assertTrue(secondary.hasExited(1), "marked");
        assertEq(secondary.pendingBalance(alice, NATIVE), 10 ether, "credited");

        uint256 before = alice.balance;
        vm.prank(anyone);
        secondary.withdrawPending(alice, NATIVE);
        assertEq(alice.balance - before, 10 ether, "paid");
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, 1));
        secondary.exitLeaves(exits);
    }

    function test_SeveralExitsInOneCall() public {
        LeafExit[] memory exits = new LeafExit[](4);
        exits[0] = leafExit(1, alice, NATIVE, 4 ether);
        exits[1] = leafExit(2 ** 24 - 1, bob, NATIVE, 6 ether);
        exits[2] = leafExit(0, bob, TOKEN, 7e18);
        exits[3] = leafExit(255, bob, TOKEN, 3e18);
        verifier.expectStatements(_statements(exits));
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectEmit(address(secondary));
            emit IExitMode.Exited(exits[i].leafIndex, exits[i].owner, exits[i].token, exits[i].amount);
        }
        secondary.exitLeaves(exits);
        assertEq(secondary.pendingBalance(alice, NATIVE), 4 ether, "alice");
        assertEq(secondary.pendingBalance(bob, NATIVE), 6 ether, "bob's coin");
        assertEq(secondary.pendingBalance(bob, TOKEN), 10e18, "bob's tokens");
        secondary.withdrawPending(alice, NATIVE);
        secondary.withdrawPending(bob, NATIVE);
        secondary.withdrawPending(bob, TOKEN);
        assertEq(address(secondary).balance, 0, "no coin is left");
        assertEq(token.balanceOf(address(secondary)), 0, "no token is left");
    }

    /// @notice Exits add to what blocks have left pending.
    function test_AnExitAddsToWhatIsPending() public {
        secondary.exitLeaves(exitList(leafExit(1, bob, NATIVE, 1)));
        secondary.exitLeaves(exitList(leafExit(3, bob, NATIVE, 2)));
        assertEq(secondary.pendingBalance(bob, NATIVE), 3, "both");
    }

    /// @notice One bit for each leaf: neighbours, and leaves whose indices differ in one bit, exit on their own.
    function test_EveryLeafHasItsOwnMark() public {
        uint32 leafIndex = 0x5a5a5a;
        secondary.exitLeaves(exitList(leafExit(leafIndex, bob, NATIVE, 1)));
        for (uint256 bit = 0; bit < 24; ++bit) {
            uint32 other = leafIndex ^ uint32(1 << bit);
            assertFalse(secondary.hasExited(other), "not marked");
            secondary.exitLeaves(exitList(leafExit(other, bob, NATIVE, 1)));
            assertTrue(secondary.hasExited(other), "marked");
            vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, other));
            secondary.exitLeaves(exitList(leafExit(other, bob, NATIVE, 1)));
        }
    }

    function test_RevertWhen_ALeafExitsTwiceInOneCall() public {
        LeafExit[] memory exits = new LeafExit[](3);
        exits[0] = leafExit(1, alice, NATIVE, 1 ether);
        exits[1] = leafExit(2, alice, TOKEN, 1);
        exits[2] = leafExit(1, alice, NATIVE, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, 1));
        secondary.exitLeaves(exits);
        // Nor with another owner or token.
        exits[2] = leafExit(1, bob, TOKEN, 5);
        vm.expectRevert(abi.encodeWithSelector(IExitMode.LeafAlreadyExited.selector, 1));
        secondary.exitLeaves(exits);
        assertFalse(secondary.hasExited(1), "nothing of it is kept");
        assertEq(secondary.pendingBalance(alice, NATIVE), 0, "nothing is credited");
    }

    function test_RevertWhen_TheProofsAreInvalid() public {
        verifier.setAnswer(false);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        secondary.exitLeaves(exitList(leafExit(1, bob, NATIVE, 10 ether)));
        assertFalse(secondary.hasExited(1), "not marked");
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "nothing is credited");
        verifier.setAnswer(true);
        secondary.exitLeaves(exitList(leafExit(1, alice, NATIVE, 10 ether)));
    }

    /// @notice The double takes nothing but the six public inputs of src/FORMATS.md, in their order, with this chain's index and own root.
    function test_RevertWhen_TheStatementIsAnother() public {
        LeafExit[] memory exits = exitList(leafExit(1, alice, NATIVE, 10 ether));
        for (uint256 i = 0; i < 6; ++i) {
            Statement[] memory statements = _statements(exits);
            statements[0].inputs[i] ^= 1;
            verifier.expectStatements(statements);
            vm.expectPartialRevert(VerifierDouble.UnexpectedStatements.selector);
            secondary.exitLeaves(exits);
        }
        Statement[] memory other = _statements(exits);
        other[0].key = KeyId.Join;
        verifier.expectStatements(other);
        vm.expectPartialRevert(VerifierDouble.UnexpectedStatements.selector);
        secondary.exitLeaves(exits);
    }

    function test_RevertWhen_ThereAreNoExits() public {
        vm.expectRevert(IExitMode.NoExits.selector);
        secondary.exitLeaves(new LeafExit[](0));
    }

    function test_RevertWhen_TheAmountIsZero() public {
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ZeroExitAmount.selector, 7));
        secondary.exitLeaves(exitList(leafExit(7, alice, NATIVE, 0)));
    }

    function test_RevertWhen_ExitsAreNotOpen() public {
        LeafExit[] memory exits = exitList(leafExit(1, alice, NATIVE, 1));
        secondary = deploySecondary(parameters(SECONDARY_INDEX));
        lastSecondary = secondary.genesisBlock();
        secondaryGateway = wire(secondary);
        StoredBlock memory one = runSecondary("");
        bytes memory withdrawal = Operations.withdraw(1, NATIVE, bob, 1);
        StoredBlock memory two = commitSecondary(withdrawal);
        secondary.syncBlock(two);
        requestFullExit(secondary, bob, 1, NATIVE, 0);

        expectExitsNotOpen(Mode.Running, 0, 1);
        secondary.exitLeaves(exits);
        stop(secondary);
        expectExitsNotOpen(Mode.Stopped, 0, 1);
        secondary.exitLeaves(exits);
        secondaryGateway.confirm(2, two.syncHash);
        expectExitsNotOpen(Mode.Stopped, 0, 1);
        secondary.exitLeaves(exits);
        halt(secondaryGateway, two);
        expectExitsNotOpen(Mode.Halted, 2, 1);
        secondary.exitLeaves(exits);
        secondary.executeBlocks(executeList(two, withdrawal));
        secondary.exitLeaves(exits);
        assertEq(one.blockNumber, 1, "block 1 was executed all along");
    }

    /// @notice Block 0 is executed from the start, but nobody halted there.
    function test_RevertWhen_ARunningChainHasNothingToExecute() public {
        expectExitsNotOpen(Mode.Running, 0, 0);
        primary.exitLeaves(exitList(leafExit(1, alice, NATIVE, 1)));
    }

    function test_ExitsOnThePrimary() public {
        StoredBlock memory stored = syncPrimary(depositNative(primary, alice, 5, 1));
        halt(primaryGateway, stored);
        primary.executeBlocks(executeList(stored, Operations.deposit(1, NATIVE, alice, 5, KEY_X, KEY_Y)));
        LeafExit[] memory exits = exitList(leafExit(1, alice, NATIVE, 5));
        Statement[] memory statements = _statements(exits);
        statements[0].inputs[0] = stored.finalRoot;
        statements[0].inputs[1] = PRIMARY_INDEX;
        verifier.expectStatements(statements);
        primary.exitLeaves(exits);
        assertEq(primary.pendingBalance(alice, NATIVE), 5, "credited");
        assertFalse(primary.hasExited(2), "each chain marks its own leaves");
    }

    /// @dev Public inputs by src/FORMATS.md, section "Exit".
    function _statements(LeafExit[] memory exits) private view returns (Statement[] memory list) {
        list = new Statement[](exits.length);
        for (uint256 i = 0; i < exits.length; ++i) {
            uint256[] memory inputs = new uint256[](6);
            inputs[0] = last.finalRoot;
            inputs[1] = SECONDARY_INDEX;
            inputs[2] = exits[i].leafIndex;
            inputs[3] = uint160(exits[i].owner);
            inputs[4] = exits[i].token;
            inputs[5] = exits[i].amount;
            list[i] = Statement(KeyId.Exit, inputs, exits[i].proof);
        }
    }
}
