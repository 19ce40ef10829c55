// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Verifier } from "../../src/Verifier.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { StoredBlock } from "../../src/types/Block.sol";
import { InitializeParameters } from "../../src/types/InitializeParameters.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { KeyId } from "../../src/types/Statement.sol";
import { ExitTest } from "../utils/ExitTest.sol";
import { Trapdoor, TrapdoorVerifier } from "../utils/Trapdoor.sol";

/// @notice Exits before the real batch verifier, with keys whose trapdoor is known: a proof is worth what it was made for and nothing else.
contract ExitProofsTest is ExitTest {
    StoredBlock private first;
    StoredBlock private last;

    /// A secondary with the trapdoor's keys, halted at block 2.
    function setUp() public override {
        super.setUp();
        _deploy(address(new TrapdoorVerifier()));
    }

    function test_ATrueProofPays() public {
        secondary.exitLeaves(exitList(_honest()));
        assertEq(secondary.pendingBalance(alice, TOKEN), 5e18, "credited");
    }

    function test_TenTrueProofsPay() public {
        LeafExit[] memory exits = new LeafExit[](10);
        for (uint32 i = 0; i < 10; ++i) {
            exits[i] = _exit(i, bob, NATIVE, i + 1);
        }
        secondary.exitLeaves(exits);
        assertEq(secondary.pendingBalance(bob, NATIVE), 55, "credited");
    }

    function test_RevertWhen_TheOwnerIsAnother() public {
        LeafExit memory exit = _honest();
        exit.owner = bob;
        _expectInvalid(exit);
    }

    function test_RevertWhen_TheTokenIsAnother() public {
        LeafExit memory exit = _honest();
        exit.token = NATIVE;
        _expectInvalid(exit);
    }

    function test_RevertWhen_TheAmountIsAnother() public {
        LeafExit memory exit = _honest();
        exit.amount += 1;
        _expectInvalid(exit);
        exit.amount -= 2;
        _expectInvalid(exit);
    }

    function test_RevertWhen_TheLeafIsAnother() public {
        LeafExit memory exit = _honest();
        secondary.exitLeaves(exitList(exit));
        // The same proof under another index: the mark of the leaf is no way round.
        exit.leafIndex += 1;
        _expectInvalid(exit);
    }

    /// @notice An index that no leaf has, equal to the right one in its low 24 bits, even with a true proof.
    function test_RevertWhen_TheLeafIndexIsOutOfRange() public {
        LeafExit memory exit = _exit(7 + 2 ** 24, alice, TOKEN, 5e18);
        vm.expectRevert(abi.encodeWithSelector(IRollupState.LeafIndexOutOfRange.selector, 2 ** 24 - 1, 7 + 2 ** 24));
        secondary.exitLeaves(exitList(exit));
    }

    /// @notice Proofs against earlier blocks, and against the root that a forged halt named.
    function test_RevertWhen_TheRootIsAnother() public {
        uint256[3] memory roots = [first.finalRoot, 666, secondary.genesisBlock().finalRoot];
        for (uint256 i = 0; i < 3; ++i) {
            _expectInvalid(_exitOf(roots[i], SECONDARY_INDEX, 7, alice, TOKEN, 5e18));
        }
    }

    /// @notice Who holds the same leaf on another chain exits there.
    function test_RevertWhen_TheChainIsAnother() public {
        _expectInvalid(_exitOf(last.finalRoot, PRIMARY_INDEX, 7, alice, TOKEN, 5e18));
        _expectInvalid(_exitOf(last.finalRoot, SECONDARY_INDEX + 1, 7, alice, TOKEN, 5e18));
    }

    /// @notice A proof of another circuit, however true, is none of an exit.
    function test_RevertWhen_TheProofIsOfAnotherCircuit() public {
        LeafExit memory exit = _honest();
        uint256[] memory inputs = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) {
            inputs[i] = _inputs(last.finalRoot, SECONDARY_INDEX, exit)[i];
        }
        exit.proof = Trapdoor.prove(KeyId.Segment, inputs, 1000, 3).proof;
        _expectInvalid(exit);
    }

    /// @notice One false proof among true ones: nobody of the batch is paid or marked.
    function test_RevertWhen_OneOfABatchIsFalse() public {
        for (uint32 wrong = 0; wrong < 3; ++wrong) {
            LeafExit[] memory exits = new LeafExit[](3);
            for (uint32 i = 0; i < 3; ++i) {
                exits[i] = _exit(i, bob, NATIVE, 10);
            }
            exits[wrong].amount += 1;
            vm.expectRevert(IRollupState.InvalidProof.selector);
            secondary.exitLeaves(exits);
        }
        assertEq(secondary.pendingBalance(bob, NATIVE), 0, "nothing is credited");
    }

    /// @notice Two leaves' proofs, each at the other's place.
    function test_RevertWhen_ProofsAreExchanged() public {
        LeafExit[] memory exits = new LeafExit[](2);
        exits[0] = _exit(1, alice, NATIVE, 10);
        exits[1] = _exit(2, bob, NATIVE, 20);
        (exits[0].proof, exits[1].proof) = (exits[1].proof, exits[0].proof);
        vm.expectRevert(IRollupState.InvalidProof.selector);
        secondary.exitLeaves(exits);
    }

    /// @notice The rollup's own keys know nothing of this trapdoor.
    function test_RevertWhen_TheKeysAreTheRollups() public {
        _deploy(address(new Verifier(false)));
        _expectInvalid(_honest());
    }

    function _deploy(address verifier_) private {
        InitializeParameters memory own = parameters(SECONDARY_INDEX);
        own.verifier = verifier_;
        secondary = deploySecondary(own);
        secondaryGateway = wire(secondary);
        lastSecondary = secondary.genesisBlock();
        vm.prank(alice);
        token.approve(address(secondary), type(uint256).max);
        first = runSecondary(depositToken(secondary, TOKEN, alice, 5e18, 7));
        last = runSecondary("");
        secondaryGateway.halt(2, 666, last.syncHash);
    }

    function _honest() private view returns (LeafExit memory) {
        return _exit(7, alice, TOKEN, 5e18);
    }

    function _exit(uint32 leafIndex, address owner, uint32 id, uint128 amount) private view returns (LeafExit memory) {
        return _exitOf(last.finalRoot, SECONDARY_INDEX, leafIndex, owner, id, amount);
    }

    function _exitOf(uint256 root, uint8 chainIndex, uint32 leafIndex, address owner, uint32 id, uint128 amount)
        private
        view
        returns (LeafExit memory exit)
    {
        exit = leafExit(leafIndex, owner, id, amount);
        exit.proof = Trapdoor.prove(KeyId.Exit, _inputs(root, chainIndex, exit), 1000 + leafIndex, 3).proof;
    }

    function _inputs(uint256 root, uint8 chainIndex, LeafExit memory exit)
        private
        pure
        returns (uint256[] memory inputs)
    {
        inputs = new uint256[](6);
        inputs[0] = root;
        inputs[1] = chainIndex;
        inputs[2] = exit.leafIndex;
        inputs[3] = uint160(exit.owner);
        inputs[4] = exit.token;
        inputs[5] = exit.amount;
    }

    function _expectInvalid(LeafExit memory exit) private {
        vm.expectRevert(IRollupState.InvalidProof.selector);
        secondary.exitLeaves(exitList(exit));
    }
}
