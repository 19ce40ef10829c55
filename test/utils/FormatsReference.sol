// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER } from "../../src/generated/Params.sol";
import { PrimaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";

/// @notice src/FORMATS.md once more, written for reading and not for gas: what the contracts' libraries are compared with.
library FormatsReference {
    /// @notice The words of a list of whole, known operations.
    function words(bytes memory data) internal pure returns (uint256[] memory list) {
        list = new uint256[](data.length / 4 + 1);
        uint256 count = 0;
        uint256 offset = 0;
        while (offset < data.length) {
            uint256[] memory sizes = wordSizes(uint8(data[offset]));
            for (uint256 i = 0; i < sizes.length; ++i) {
                list[count++] = number(data, offset, sizes[i]);
                offset += sizes[i];
            }
        }
        assembly {
            mstore(list, count)
        }
    }

    function wordSizes(uint8 kind) internal pure returns (uint256[] memory sizes) {
        if (kind == 1) return list4(28, 16, 32, 32);
        if (kind == 2) return list4(28, 16, 16, 16);
        if (kind == 3) return list2(28, 18);
        if (kind == 4) return list3(28, 32, 32);
        if (kind == 5) return list1(14);
        if (kind == 6) return list3(6, 32, 32);
        if (kind == 7) return list1(20);
        if (kind == 8) return list4(14, 20, 32, 32);
        if (kind == 9) return list1(12);
        if (kind == 10 || kind == 11) return list1(14);
        if (kind >= 12 && kind <= 15) return list3(9, 16, 16);
        require(kind == 16, "reference: unknown kind");
        return list1(4);
    }

    /// @notice Big-endian integer of `size` bytes at `offset`.
    function number(bytes memory data, uint256 offset, uint256 size) internal pure returns (uint256 value) {
        for (uint256 i = 0; i < size; ++i) {
            value = (value << 8) | uint8(data[offset + i]);
        }
    }

    /// @notice Σ list_k · r^(first + k) mod p, every power computed anew.
    function evaluate(uint256[] memory list, uint256 r, uint256 first) internal pure returns (uint256 sum) {
        for (uint256 k = 0; k < list.length; ++k) {
            uint256 power = 1;
            for (uint256 n = 0; n < first + k; ++n) {
                power = mulmod(power, r, FIELD_ORDER);
            }
            sum = addmod(sum, mulmod(list[k], power, FIELD_ORDER), FIELD_ORDER);
        }
    }

    function segmentInputs(SegmentData memory segment, uint256 deploymentId, uint32 blockNumber, uint64 timestamp)
        internal
        pure
        returns (uint256[5] memory)
    {
        uint256[] memory onchain = words(segment.onchainData);
        uint256[] memory l2 = words(segment.l2Data);
        uint256[] memory header = new uint256[](7);
        header[0] = deploymentId;
        header[1] = uint256(
            bytes32(
                abi.encodePacked(
                    bytes18(0),
                    segment.chainIndex,
                    blockNumber,
                    uint40(timestamp),
                    uint16(onchain.length),
                    uint16(l2.length)
                )
            )
        );
        header[2] = segment.rootIn;
        header[3] = segment.rootOut;
        header[4] = segment.legsIn;
        header[5] = segment.legsOut;
        header[6] = segment.c2;
        uint256 r = uint256(
            keccak256(abi.encodePacked(segment.c1, header, keccak256(segment.onchainData), keccak256(segment.l2Data)))
        ) % FIELD_ORDER;
        uint256 y1 = addmod(evaluate(header, r, 0), evaluate(onchain, r, 7), FIELD_ORDER);
        return [segment.c1, segment.c2, r, y1, evaluate(l2, r, 0)];
    }

    function joinInputs(PrimaryBlock memory block_, uint256 deploymentId, uint256 finalRootIn)
        internal
        pure
        returns (uint256[3] memory)
    {
        uint256 m = block_.segments.length;
        uint256[] memory list = new uint256[](5 + 3 * m);
        list[0] = deploymentId;
        list[1] = uint256(block_.blockNumber) * 2 ** 16 + m;
        list[2] = finalRootIn;
        list[3] = block_.finalRoot;
        if (m != 0) list[4] = block_.segments[m - 1].legsOut;
        for (uint256 j = 0; j < m; ++j) {
            list[5 + 3 * j] = block_.segments[j].chainIndex;
            list[6 + 3 * j] = block_.segments[j].rootIn;
            list[7 + 3 * j] = block_.segments[j].rootOut;
        }
        uint256 r = uint256(keccak256(abi.encodePacked(block_.joinC1, list))) % FIELD_ORDER;
        return [block_.joinC1, r, evaluate(list, r, 0)];
    }

    function onchainBytes(PrimaryBlock memory block_, uint8 chainIndex) internal pure returns (bytes memory data) {
        for (uint256 i = 0; i < block_.segments.length; ++i) {
            if (block_.segments[i].chainIndex == chainIndex) {
                data = bytes.concat(data, block_.segments[i].onchainData);
            }
        }
    }

    /// @notice Deposits and full exits in an on-chain list.
    function countRequests(bytes memory data) internal pure returns (uint64 count) {
        uint256 offset = 0;
        while (offset < data.length) {
            uint8 kind = uint8(data[offset]);
            if (kind != 3) ++count;
            uint256[] memory sizes = wordSizes(kind);
            for (uint256 i = 0; i < sizes.length; ++i) {
                offset += sizes[i];
            }
        }
    }

    function syncHash(bytes32 previous, uint32 blockNumber, uint64 timestamp, uint256 finalRoot, bytes memory onchain)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(previous, blockNumber, timestamp, finalRoot, keccak256(onchain)));
    }

    function hash(StoredBlock memory stored) internal pure returns (bytes32) {
        return keccak256(abi.encode(stored));
    }

    function list1(uint256 a) private pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = a;
    }

    function list3(uint256 a, uint256 b, uint256 c) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        list[0] = a;
        list[1] = b;
        list[2] = c;
    }

    function list2(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](2);
        list[0] = a;
        list[1] = b;
    }

    function list4(uint256 a, uint256 b, uint256 c, uint256 d) private pure returns (uint256[] memory list) {
        list = new uint256[](4);
        list[0] = a;
        list[1] = b;
        list[2] = c;
        list[3] = d;
    }
}
