// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup, ISecondaryRollup } from "../../src/interfaces/IRollup.sol";
import { PrimaryBlock, SecondaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice A validator that publishes its blocks in a form that decoders refuse: every offset leads backwards. The contracts take it (Solidity follows any
/// offset), so whoever rebuilds the state must read calldata as they do: ts/recovery/contractCalldata.ts, whose tests read the same form.
contract CalldataAttack is RollupTest {
    /// Bytes of arguments, of which the head is written last.
    bytes private arguments;

    function test_APrimaryBlockWrittenBackwards() public {
        SegmentData[] memory list = new SegmentData[](2);
        list[0] = segment(PRIMARY_INDEX, depositNative(primary, alice, 1 ether, 1), "");
        list[1] = segment(SECONDARY_INDEX, "", "");
        PrimaryBlock memory block_ = primaryBlock(list);
        (StoredBlock memory stored,) = expectedPrimary(lastPrimary, lastSyncHashes, block_);

        arguments = new bytes(10 * 32);
        uint256[] memory places = new uint256[](2);
        for (uint256 i = 0; i < 2; ++i) {
            uint256 onchain = _bytes(list[i].onchainData);
            uint256 l2 = _bytes(list[i].l2Data);
            places[i] = arguments.length;
            arguments = bytes.concat(
                arguments,
                abi.encode(list[i].chainIndex, list[i].rootIn, list[i].rootOut, list[i].legsIn, list[i].legsOut),
                abi.encode(list[i].c1, list[i].c2, int256(onchain) - int256(places[i]), int256(l2) - int256(places[i]))
            );
        }
        uint256 segmentsAt = _array(places);
        places = new uint256[](1);
        places[0] = arguments.length;
        arguments = bytes.concat(
            arguments,
            abi.encode(block_.blockNumber, block_.timestamp, block_.finalRoot, block_.joinC1),
            abi.encode(int256(segmentsAt) - int256(places[0]))
        );
        uint256 blocksAt = _array(places);
        uint256 syncHashesAt = arguments.length;
        arguments = bytes.concat(arguments, abi.encode(lastSyncHashes.length), abi.encodePacked(lastSyncHashes));
        _commit(
            address(primary),
            IPrimaryRollup.commitBlocks.selector,
            bytes.concat(abi.encode(lastPrimary), abi.encode(syncHashesAt, blocksAt))
        );
        assertEq(primary.storedBlockHash(1), keccak256(abi.encode(stored)), "the very block");
    }

    function test_ASecondaryBlockWrittenBackwards() public {
        SecondaryBlock memory block_ = secondaryBlock(depositNative(secondary, alice, 1 ether, 1));
        StoredBlock memory stored = expectedSecondary(lastSecondary, block_);
        arguments = new bytes(9 * 32);
        uint256 onchain = _bytes(block_.onchainData);
        uint256[] memory places = new uint256[](1);
        places[0] = arguments.length;
        arguments = bytes.concat(
            arguments,
            abi.encode(block_.blockNumber, block_.timestamp, block_.finalRoot, int256(onchain) - int256(places[0]))
        );
        uint256 blocksAt = _array(places);
        _commit(
            address(secondary),
            ISecondaryRollup.commitBlocks.selector,
            bytes.concat(abi.encode(lastSecondary), abi.encode(blocksAt))
        );
        assertEq(secondary.storedBlockHash(1), keccak256(abi.encode(stored)), "the very block");
    }

    function _commit(address rollup, bytes4 selector, bytes memory head) private {
        vm.prank(validator);
        (bool success,) = rollup.call(_calldata(selector, head));
        assertTrue(success, "taken");
    }

    function _calldata(bytes4 selector, bytes memory head) private view returns (bytes memory) {
        bytes memory data = arguments;
        for (uint256 i = 0; i < head.length; ++i) {
            data[i] = head[i];
        }
        return bytes.concat(selector, data);
    }

    function _bytes(bytes memory data) private returns (uint256 place) {
        place = arguments.length;
        arguments = bytes.concat(arguments, abi.encode(data.length), data, new bytes((32 - data.length % 32) % 32));
    }

    /// @dev An array of dynamic elements that stand at `places`.
    function _array(uint256[] memory places) private returns (uint256 place) {
        place = arguments.length;
        bytes memory offsets;
        for (uint256 i = 0; i < places.length; ++i) {
            offsets = bytes.concat(offsets, abi.encode(int256(places[i]) - int256(place + 32)));
        }
        arguments = bytes.concat(arguments, abi.encode(places.length), offsets);
    }
}
