// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IAccessControl } from "@openzeppelin/contracts/access/IAccessControl.sol";

import { IReverting } from "../../src/interfaces/IReverting.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { RollupTest } from "../utils/RollupTest.sol";

contract RevertingTest is RollupTest {
    function test_RevertDropsBlocksAndGivesRequestsBack() public {
        bytes memory first = depositNative(secondary, alice, 1 ether, 1);
        bytes memory second = depositNative(secondary, alice, 2 ether, 2);
        bytes memory third = requestFullExit(secondary, bob, 3, NATIVE, 0);
        StoredBlock memory one = commitSecondary(first);
        commitSecondary(second);
        commitSecondary(third);
        vm.expectEmit(address(secondary));
        emit IReverting.BlocksReverted(3, 1);
        vm.prank(validator);
        secondary.revertBlocks(one);
        assertEq(secondary.totalBlocksCommitted(), 1, "committed");
        assertEq(secondary.totalBlocksProved(), 1, "proved");
        assertEq(secondary.storedBlockHash(2), bytes32(0), "block 2 is gone");
        assertEq(secondary.storedBlockHash(3), bytes32(0), "block 3 is gone");
        (uint64 nextId, uint64 nextToCommit,) = secondary.priorityQueueState();
        assertEq(nextId, 3, "no request is lost");
        assertEq(nextToCommit, 1, "the dropped blocks' requests wait again");

        lastSecondary = one;
        StoredBlock memory again = commitSecondary(bytes.concat(second, third));
        assertEq(secondary.storedBlockHash(2), FormatsReference.hash(again), "committed anew");
    }

    function test_RevertToGenesis() public {
        StoredBlock memory genesis = lastSecondary;
        commitSecondary(depositNative(secondary, alice, 1 ether, 1));
        vm.prank(validator);
        secondary.revertBlocks(genesis);
        assertEq(secondary.totalBlocksCommitted(), 0, "committed");
        (, uint64 nextToCommit,) = secondary.priorityQueueState();
        assertEq(nextToCommit, 0, "next to commit");
    }

    function test_RevertToTheLastSynced() public {
        StoredBlock memory one = commitSecondary("");
        confirmSecondary(one);
        commitSecondary("");
        vm.prank(validator);
        secondary.revertBlocks(one);
        assertEq(secondary.totalBlocksCommitted(), 1, "committed");
    }

    function test_RevertDropsProofs() public {
        SegmentData[] memory none = new SegmentData[](0);
        BlockProof[] memory proofs = new BlockProof[](1);
        bytes32[][] memory hashes = new bytes32[][](1);
        StoredBlock memory genesis = lastPrimary;
        PrimaryBlock memory block_ = primaryBlock(none);
        proofs[0] = blockProof(lastPrimary.finalRoot, block_);
        StoredBlock memory one = commitPrimary(none);
        hashes[0] = lastSyncHashes;
        primary.proveBlocks(storedList(one), hashes, proofs);
        commitPrimary(none);

        vm.prank(validator);
        primary.revertBlocks(one);
        assertEq(primary.totalBlocksCommitted(), 1, "committed");
        assertEq(primary.totalBlocksProved(), 1, "block 1 stays proved");
        vm.prank(validator);
        primary.revertBlocks(genesis);
        assertEq(primary.totalBlocksProved(), 0, "its proof goes with block 1");
    }

    function test_RevertWhen_CallerIsNotTheValidator() public {
        StoredBlock memory genesis = lastSecondary;
        commitSecondary("");
        bytes32 role = secondary.VALIDATOR_ROLE();
        vm.prank(anyone);
        vm.expectRevert(abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, anyone, role));
        secondary.revertBlocks(genesis);
    }

    function test_RevertWhen_RevertingASyncedBlock() public {
        StoredBlock memory genesis = lastSecondary;
        StoredBlock memory one = commitSecondary("");
        secondary.syncBlock(one);
        commitSecondary("");
        _expectRevert(genesis, abi.encodeWithSelector(IReverting.CannotRevertSynced.selector, 1, 0));
        secondaryGateway.confirm(1, one.syncHash);
        _expectRevert(genesis, abi.encodeWithSelector(IReverting.CannotRevertSynced.selector, 1, 0));
    }

    function test_RevertWhen_RevertingAboveCommitted() public {
        StoredBlock memory one = commitSecondary("");
        one.blockNumber = 2;
        _expectRevert(one, abi.encodeWithSelector(IReverting.RevertAboveCommitted.selector, 1, 2));
    }

    function test_RevertWhen_ThereIsNothingToRevert() public {
        StoredBlock memory one = commitSecondary("");
        _expectRevert(one, abi.encodeWithSelector(IRollupState.NoBlocks.selector));
    }

    function test_RevertWhen_StoredBlockIsWrong() public {
        StoredBlock memory one = commitSecondary(depositNative(secondary, alice, 1 ether, 1));
        commitSecondary("");
        one.priorityRequestsTotal = 0;
        _expectRevert(
            one,
            abi.encodeWithSelector(
                IRollupState.WrongStoredBlock.selector, 1, secondary.storedBlockHash(1), FormatsReference.hash(one)
            )
        );
    }

    function _expectRevert(StoredBlock memory target, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(validator);
        secondary.revertBlocks(target);
    }
}
