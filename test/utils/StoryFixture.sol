// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BlockProof, PrimaryBlock, SecondaryBlock, StoredBlock } from "../../src/types/Block.sol";
import { Vm } from "forge-std/Vm.sol";

/// @notice A call that a user makes to a chain's rollup contract before a block is committed.
struct StoryRequest {
    uint8 chainIndex;
    bool isDeposit;
    address owner;
    uint32 token;
    uint128 amount;
    uint256 keyX;
    uint256 keyY;
    uint32 leafIndex;
}

/// @notice One block of the story; arrays of `secondary` and `stored` are by chain index.
struct StoryBlock {
    StoryRequest[] requests;
    PrimaryBlock primary;
    SecondaryBlock[] secondary;
    StoredBlock[] stored;
    bytes32[] syncHashes;
    BlockProof proof;
}

/// @notice Real blocks with real proofs, made by `npm run gen` (ts/fixtures).
struct Story {
    uint256 deploymentId;
    uint8 chainCount;
    uint8 primaryIndex;
    StoredBlock[] genesis;
    bytes32[] genesisSyncHashes;
    StoryBlock[] blocks;
}

/// @notice Reads test/fixtures/story.json and trade.json. Their payload is one ABI-encoded `Story`, so that no JSON parser has a say in it.
library StoryFixture {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function load() internal view returns (Story memory) {
        return _read("test/fixtures/story.json");
    }

    /// @notice Blocks with pools, swaps and liquidity over two chains.
    function loadTrade() internal view returns (Story memory) {
        return _read("test/fixtures/trade.json");
    }

    function _read(string memory path) private view returns (Story memory) {
        return abi.decode(VM.parseJsonBytes(VM.readFile(path), ".abi"), (Story));
    }
}
