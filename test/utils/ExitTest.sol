// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IExitMode } from "../../src/interfaces/IExitMode.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { BlockProof, PrimaryBlock, Proof, StoredBlock } from "../../src/types/Block.sol";
import { LeafExit } from "../../src/types/LeafExit.sol";
import { Mode } from "../../src/types/Mode.sol";
import { RollupTest } from "./RollupTest.sol";
import { GatewayDouble } from "./doubles/GatewayDouble.sol";

/// @notice The steps of exit mode on the chains of RollupTest. The gateway double stands for arbitrator and message service: it halts when it is told to.
abstract contract ExitTest is RollupTest {
    /// @dev Lets the oldest request of `rollup` expire.
    function expire(IRollup rollup) internal {
        (,, uint64 oldest) = rollup.priorityQueueState();
        (, uint40 expiresAt) = rollup.priorityRequest(oldest);
        require(expiresAt != 0, "no request waits");
        vm.warp(uint256(expiresAt) + 1);
    }

    /// @dev Lets the oldest request of `rollup` expire and stops it.
    function stop(IRollup rollup) internal {
        expire(rollup);
        vm.prank(anyone);
        rollup.triggerExitMode();
    }

    /// @dev What the arbitrator sends for `stored`, its last confirmed block.
    function halt(GatewayDouble gateway, StoredBlock memory stored) internal {
        if (stored.blockNumber == 0) gateway.halt(0, 0, 0);
        else gateway.halt(stored.blockNumber, stored.finalRoot, stored.syncHash);
    }

    /// @dev Runs a block with `onchainData` on the secondary and halts it there: exits are open.
    function openExits(bytes memory onchainData) internal returns (StoredBlock memory stored) {
        stored = runSecondary(onchainData);
        halt(secondaryGateway, stored);
        assertTrue(secondary.exitsOpen(), "exits are open");
    }

    /// @dev Commits, proves and syncs a block with `onchainData` on the primary.
    function syncPrimary(bytes memory onchainData) internal returns (StoredBlock memory stored) {
        PrimaryBlock memory block_ = primaryBlock(segments(segment(PRIMARY_INDEX, onchainData, "")));
        BlockProof[] memory proofs = new BlockProof[](1);
        proofs[0] = blockProof(lastPrimary.finalRoot, block_);
        stored = commitPrimary(block_.segments);
        bytes32[][] memory lists = new bytes32[][](1);
        lists[0] = lastSyncHashes;
        primary.proveBlocks(storedList(stored), lists, proofs);
        primary.syncBlock(stored, lastSyncHashes);
    }

    /// @dev An exit whose proof only the verifier double accepts; the proof tells the leaf, so that no two are equal.
    function leafExit(uint32 leafIndex, address owner, uint32 id, uint128 amount)
        internal
        pure
        returns (LeafExit memory)
    {
        Proof memory proof =
            Proof({ a: [uint256(1), leafIndex], b: [[uint256(2), 0], [uint256(3), 0]], c: [uint256(4), amount] });
        return LeafExit({ leafIndex: leafIndex, owner: owner, token: id, amount: amount, proof: proof });
    }

    function exitList(LeafExit memory only) internal pure returns (LeafExit[] memory list) {
        list = new LeafExit[](1);
        list[0] = only;
    }

    function expectExitsNotOpen(Mode mode, uint32 haltBlock, uint32 executed) internal {
        vm.expectRevert(abi.encodeWithSelector(IExitMode.ExitsNotOpen.selector, mode, haltBlock, executed));
    }
}
