// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { SecondaryRollup } from "../../src/SecondaryRollup.sol";
import { IPrimaryRollup, IRollup } from "../../src/interfaces/IRollup.sol";
import { IRollupState } from "../../src/interfaces/IRollupState.sol";
import { BlockProof, PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { RollupTest } from "../utils/RollupTest.sol";
import { GatewayDouble } from "../utils/doubles/GatewayDouble.sol";

contract SyncingTest is RollupTest {
    // ── sync on a secondary ─────────────────────────────────────────────────────────────────────────────────────────────

    function test_SyncSendsTheHashThroughTheGateway() public {
        commitSecondary("");
        StoredBlock memory stored = commitSecondary("");
        secondaryGateway.setSyncFee(3);
        vm.expectEmit(address(secondary));
        emit IRollup.BlockSynced(2, stored.syncHash);
        vm.prank(anyone);
        secondary.syncBlock{ value: 10 }(stored);
        assertEq(secondaryGateway.blockNumber(), 2, "block number sent");
        assertEq(secondaryGateway.syncHash(), stored.syncHash, "sync hash sent");
        assertEq(address(secondaryGateway).balance, 3, "fee");
        assertEq(anyone.balance, 1000 ether - 3, "the surplus goes back to the caller");
        assertEq(secondary.totalBlocksSynced(), 2, "synced");
        assertEq(secondary.syncHashSent(2), stored.syncHash, "kept");
        assertEq(secondary.syncHashSent(1), bytes32(0), "nothing was sent for block 1 itself");
    }

    /// @notice A later sync by anyone does not keep this chain from meeting the others at an earlier block.
    function test_ABlockBelowTheLastSyncedMayStillBeSynced() public {
        StoredBlock memory one = commitSecondary("");
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(two);
        secondary.syncBlock(one);
        assertEq(secondary.totalBlocksSynced(), 2, "synced stays");
        secondaryGateway.confirm(1, one.syncHash);
        assertEq(secondary.totalBlocksConfirmed(), 1, "confirmed");
    }

    function test_RevertWhen_SyncedTwice() public {
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockAlreadySynced.selector, 1, 1));
        secondary.syncBlock(stored);
    }

    function test_RevertWhen_SyncingAConfirmedBlock() public {
        StoredBlock memory genesis = lastSecondary;
        StoredBlock memory one = commitSecondary("");
        confirmSecondary(commitSecondary(""));
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockAlreadySynced.selector, 2, 1));
        secondary.syncBlock(one);
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockAlreadySynced.selector, 2, 0));
        secondary.syncBlock(genesis);
    }

    function test_RevertWhen_SyncingABlockThatIsNotCommitted() public {
        StoredBlock memory stored = commitSecondary("");
        stored.blockNumber = 2;
        vm.expectRevert(abi.encodeWithSelector(IRollup.BlockNotCommitted.selector, 1, 2));
        secondary.syncBlock(stored);
    }

    function test_RevertWhen_SyncingAWrongStoredBlock() public {
        StoredBlock memory stored = commitSecondary("");
        stored.syncHash ^= bytes32(uint256(1));
        vm.expectRevert(
            abi.encodeWithSelector(
                IRollupState.WrongStoredBlock.selector, 1, secondary.storedBlockHash(1), FormatsReference.hash(stored)
            )
        );
        secondary.syncBlock(stored);
    }

    function test_RevertWhen_TheFeeIsTooLow() public {
        StoredBlock memory stored = commitSecondary("");
        secondaryGateway.setSyncFee(3);
        vm.expectRevert(abi.encodeWithSelector(GatewayDouble.InsufficientFee.selector, 3, 2));
        secondary.syncBlock{ value: 2 }(stored);
        assertEq(secondary.totalBlocksSynced(), 0, "nothing is marked as sent");
    }

    function test_RevertWhen_ThereIsNoGateway() public {
        SecondaryRollup fresh = deploySecondary(parameters(SECONDARY_INDEX));
        StoredBlock memory genesis = fresh.genesisBlock();
        vm.expectRevert(IRollupState.GatewayNotSet.selector);
        fresh.syncBlock(genesis);
    }

    // ── sync on the primary ─────────────────────────────────────────────────────────────────────────────────────────────

    function test_PrimarySendsTheListOfAProvedBlock() public {
        StoredBlock memory stored = _provedPrimary();
        vm.expectEmit(address(primary));
        emit IRollup.BlockSynced(1, stored.syncHash);
        vm.prank(anyone);
        primary.syncBlock{ value: 1 ether }(stored, lastSyncHashes);
        assertEq(primaryGateway.blockNumber(), 1, "block number sent");
        assertEq(primaryGateway.finalRoot(), stored.finalRoot, "final root sent");
        for (uint256 i = 0; i < CHAIN_COUNT; ++i) {
            assertEq(primaryGateway.syncHashes(i), lastSyncHashes[i], "sync hash sent");
        }
        assertEq(anyone.balance, 1000 ether, "all of it was surplus");
        assertEq(primary.syncHashSent(1), stored.syncHash, "kept");
        assertEq(primary.totalBlocksSynced(), 1, "synced");
    }

    function test_RevertWhen_PrimarySyncsABlockThatIsNotProved() public {
        StoredBlock memory stored = commitPrimary("");
        vm.expectRevert(abi.encodeWithSelector(IPrimaryRollup.BlockNotProved.selector, 0, 1));
        primary.syncBlock(stored, lastSyncHashes);
    }

    function test_RevertWhen_PrimarySyncsAWrongList() public {
        StoredBlock memory stored = _provedPrimary();
        lastSyncHashes[1] ^= bytes32(uint256(1));
        bytes32[] memory wrong = lastSyncHashes;
        vm.expectRevert(
            abi.encodeWithSelector(
                IPrimaryRollup.WrongSyncHashes.selector, stored.syncHashesHash, keccak256(abi.encode(wrong))
            )
        );
        primary.syncBlock(stored, wrong);
    }

    function test_PrimaryConfirms() public {
        StoredBlock memory stored = _provedPrimary();
        primary.syncBlock(stored, lastSyncHashes);
        primaryGateway.confirm(1, stored.syncHash);
        assertEq(primary.totalBlocksConfirmed(), 1, "confirmed");
    }

    // ── confirm ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_ConfirmationCoversAllBlocksBelow() public {
        commitSecondary("");
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        vm.expectEmit(address(secondary));
        emit IRollupState.BlockConfirmed(2, stored.syncHash);
        secondaryGateway.confirm(2, stored.syncHash);
        assertEq(secondary.totalBlocksConfirmed(), 2, "confirmed");
    }

    function test_AConfirmationMayBeSentAgain() public {
        StoredBlock memory one = commitSecondary("");
        secondary.syncBlock(one);
        StoredBlock memory two = commitSecondary("");
        secondary.syncBlock(two);
        secondaryGateway.confirm(2, two.syncHash);
        vm.recordLogs();
        secondaryGateway.confirm(2, two.syncHash);
        secondaryGateway.confirm(1, one.syncHash);
        assertEq(vm.getRecordedLogs().length, 0, "nothing happens");
        assertEq(secondary.totalBlocksConfirmed(), 2, "confirmed stays");
    }

    function test_RevertWhen_ConfirmedByAnotherThanTheGateway() public {
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        address[4] memory callers = [anyone, validator, admin, address(primaryGateway)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRollupState.OnlyGateway.selector, address(secondaryGateway), callers[i])
            );
            vm.prank(callers[i]);
            secondary.receiveConfirmation(1, stored.syncHash);
        }
    }

    function test_RevertWhen_TheConfirmedHashIsNotWhatWasSent() public {
        StoredBlock memory stored = commitSecondary("");
        secondary.syncBlock(stored);
        bytes32 other = stored.syncHash ^ bytes32(uint256(1));
        bytes memory reason =
            abi.encodeWithSelector(IRollupState.ConfirmationMismatch.selector, 1, stored.syncHash, other);
        vm.expectRevert(reason);
        secondaryGateway.confirm(1, other);
        // Also when the block is confirmed already.
        secondaryGateway.confirm(1, stored.syncHash);
        vm.expectRevert(reason);
        secondaryGateway.confirm(1, other);
    }

    function test_RevertWhen_ConfirmingABlockThatWasNotSynced() public {
        StoredBlock memory one = commitSecondary("");
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 0, 1));
        secondaryGateway.confirm(1, one.syncHash);
        // A hash of zero is not what an unsynced block has sent.
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 0, 1));
        secondaryGateway.confirm(1, 0);
        secondary.syncBlock(commitSecondary(""));
        vm.expectRevert(abi.encodeWithSelector(IRollupState.BlockNotSynced.selector, 2, 1));
        secondaryGateway.confirm(1, one.syncHash);
    }

    function _provedPrimary() private returns (StoredBlock memory stored) {
        PrimaryBlock memory block_ = primaryBlock(new SegmentData[](0));
        BlockProof[] memory proofs = new BlockProof[](1);
        proofs[0] = blockProof(lastPrimary.finalRoot, block_);
        stored = commitPrimary(new SegmentData[](0));
        bytes32[][] memory hashes = new bytes32[][](1);
        hashes[0] = lastSyncHashes;
        primary.proveBlocks(storedList(stored), hashes, proofs);
    }
}
