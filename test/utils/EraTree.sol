// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L2Log } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";

/// @notice Log tree of a zkSync batch: 2^14 leaves padded on the right with the hash of an empty log, joined with the aggregated root.
library EraTree {
    uint256 internal constant DEPTH = 14;
    address internal constant L1_MESSENGER = address(0x8008);
    address internal constant BOOTLOADER = address(0x8001);
    /// Version 1, 15 words of path, no batch path, final node.
    bytes32 internal constant METADATA = bytes32(bytes4(0x010f0001));

    function messageLog(uint16 txNumber, address sender, bytes memory message) internal pure returns (L2Log memory) {
        return L2Log(0, true, txNumber, L1_MESSENGER, bytes32(uint256(uint160(sender))), keccak256(message));
    }

    function priorityLog(uint16 txNumber, bytes32 canonicalTxHash, bool success) internal pure returns (L2Log memory) {
        return L2Log(0, true, txNumber, BOOTLOADER, canonicalTxHash, bytes32(uint256(success ? 1 : 0)));
    }

    function leaf(L2Log memory log) internal pure returns (bytes32) {
        return keccak256(
            abi.encodePacked(log.l2ShardId, log.isService, log.txNumberInBatch, log.sender, log.key, log.value)
        );
    }

    function defaultLeaf() internal pure returns (bytes32) {
        return keccak256(new bytes(88));
    }

    /// @notice The aggregated root of a chain on which no other chain settles.
    function aggregatedRoot(uint256 chainId) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(keccak256("zkSync:ChainIdLeaf"), bytes32(0), chainId));
    }

    function localRoot(L2Log[] memory logs) internal pure returns (bytes32 node) {
        (node,) = _climb(logs, 0);
    }

    /// @notice What a batch commits to.
    function batchRoot(L2Log[] memory logs, uint256 chainId) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(localRoot(logs), aggregatedRoot(chainId)));
    }

    /// @notice The 16 words: metadata, 14 siblings, aggregated root.
    function proof(L2Log[] memory logs, uint256 index, uint256 chainId) internal pure returns (bytes32[] memory words) {
        (, bytes32[] memory siblings) = _climb(logs, index);
        words = new bytes32[](DEPTH + 2);
        words[0] = METADATA;
        for (uint256 i = 0; i < DEPTH; ++i) {
            words[i + 1] = siblings[i];
        }
        words[DEPTH + 1] = aggregatedRoot(chainId);
    }

    /// @dev Only the part of the tree that is not padding is kept; `padding` is the padding's root at each level.
    function _climb(L2Log[] memory logs, uint256 index) private pure returns (bytes32 top, bytes32[] memory siblings) {
        bytes32[] memory level = new bytes32[](logs.length);
        for (uint256 i = 0; i < logs.length; ++i) {
            level[i] = leaf(logs[i]);
        }
        bytes32 padding = defaultLeaf();
        siblings = new bytes32[](DEPTH);
        for (uint256 l = 0; l < DEPTH; ++l) {
            uint256 sibling = (index >> l) ^ 1;
            siblings[l] = sibling < level.length ? level[sibling] : padding;
            bytes32[] memory next = new bytes32[]((level.length + 1) / 2);
            for (uint256 i = 0; i < next.length; ++i) {
                bytes32 right = 2 * i + 1 < level.length ? level[2 * i + 1] : padding;
                next[i] = keccak256(abi.encodePacked(level[2 * i], right));
            }
            level = next;
            padding = keccak256(abi.encodePacked(padding, padding));
        }
        top = level.length == 0 ? padding : level[0];
    }
}
