// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { LeafExit } from "../../src/types/LeafExit.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice Every leaf that is worth something after block `blockNumber` of a fixture of StoryFixture; `exits` by chain index.
struct Ending {
    uint32 blockNumber;
    uint256 finalRoot;
    LeafExit[][] exits;
}

/// @notice Real exits with real proofs, made by `npm run gen` (ts/fixtures). Reads test/fixtures/exits.json.
library ExitFixture {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @notice Of story.json, after its last block.
    function loadStory() internal view returns (Ending memory story) {
        (story,) = _read();
    }

    /// @notice Of trade.json, before the block in which the last provider leaves by full exits.
    function loadTrade() internal view returns (Ending memory trade) {
        (, trade) = _read();
    }

    function _read() private view returns (Ending memory story, Ending memory trade) {
        return abi.decode(VM.parseJsonBytes(VM.readFile("test/fixtures/exits.json"), ".abi"), (Ending, Ending));
    }
}
