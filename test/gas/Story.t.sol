// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Story, StoryFixture } from "../utils/StoryFixture.sol";
import { StoryTest } from "../utils/StoryTest.sol";

/// @notice Gas of the real blocks of test/fixtures/story.json with their real proofs, over direct gateways → test/snapshots/Story.json.
/// Whole transactions, calldata included.
/// forge-config: default.isolate = true
contract StoryGasTest is StoryTest {
    string private constant GROUP = "Story";

    function test_ProveOneBlockAtATime() public {
        Story memory story = _committed();
        _prove(story, 0, 0);
        vm.snapshotGasLastCall(GROUP, "prove: 1 block of 3 segments");
        _prove(story, 1, 1);
        vm.snapshotGasLastCall(GROUP, "prove: 1 block of 2 segments");
        _prove(story, 2, 2);
    }

    function test_ProveThreeBlocks() public {
        Story memory story = _committed();
        assertEq(story.blocks[0].primary.segments.length, 3, "segments of block 1");
        assertEq(story.blocks[1].primary.segments.length, 2, "segments of block 2");
        assertEq(story.blocks[2].primary.segments.length, 3, "segments of block 3");
        _prove(story, 0, 2);
        vm.snapshotGasLastCall(GROUP, "prove: 3 blocks of 8 segments");
    }

    function test_SyncAndConfirm() public {
        Story memory story = _committed();
        _prove(story, 0, 2);
        for (uint256 i = 0; i < 3; ++i) {
            for (uint8 chain = 0; chain < rollups.length; ++chain) {
                if (chain != primaryIndex) continue;
                primary.syncBlock(story.blocks[i].stored[chain], story.blocks[i].syncHashes);
                // The second time, so that nothing is written for the first time that later blocks only change.
                if (i == 1) vm.snapshotGasLastCall(GROUP, "sync primary (direct gateway)");
            }
            for (uint8 chain = 0; chain < rollups.length; ++chain) {
                if (chain == primaryIndex) continue;
                rollups[chain].syncBlock(story.blocks[i].stored[chain]);
                if (i == 1) vm.snapshotGasLastCall(GROUP, "sync secondary (direct gateway)");
            }
            arbitrator.confirmBlock(uint32(i + 1));
            if (i == 1) vm.snapshotGasLastCall(GROUP, "confirmBlock: 3 chains (direct gateways)");
        }
    }

    function _committed() private returns (Story memory story) {
        story = StoryFixture.load();
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            _request(story.blocks[i]);
            _commitAll(story, i);
        }
    }
}
