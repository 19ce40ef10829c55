// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_ONCHAIN_BYTES, MAX_SEGMENTS, SEGMENT_SLOTS } from "../../src/generated/Params.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { OnchainData } from "../../src/libraries/OnchainData.sol";
import { ExecuteBlock, PrimaryBlock, SecondaryBlock, SegmentData, StoredBlock } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice Blocks, lists and numbers that are too large: what would make a call cost more than a transaction may, or a field run into its neighbour.
contract LimitsAttack is RollupTest {
    /// @dev What a transaction may use at most on Ethereum since Fusaka (EIP-7825).
    uint256 private constant TRANSACTION_GAS = 2 ** 24;
    /// @dev What OnchainData promises for a block of MAX_ONCHAIN_BYTES.
    uint256 private constant MOST_GAS = 12_000_000;
    /// @dev 21,000 and 16 for each byte of calldata that is not 0.
    uint256 private constant BASE_GAS = 21_000;

    // ── a block that cannot be executed ─────────────────────────────────────────────────────────────────────────────────

    /// @notice As many bytes as a block may have, of the kind that costs most for its bytes (full exits that pay a token, each to another owner, who gets the
    /// bond back in coin, popped from the queue), are executed in one transaction.
    function test_TheLargestBlockIsExecutable() public {
        bytes memory data;
        while (data.length + 76 <= MAX_ONCHAIN_BYTES) {
            address owner = address(uint160(uint256(keccak256(abi.encode(data.length)))));
            data = bytes.concat(data, requestFullExit(secondary, owner, 7, TOKEN, 1));
        }
        StoredBlock memory stored = commitSecondary(data);
        confirmSecondary(stored);
        ExecuteBlock[] memory list = executeList(stored, data);
        uint256 calldataGas = 16 * abi.encodeCall(IRollup.executeBlocks, (list)).length;
        vm.cool(address(secondary));
        uint256 before = gasleft();
        secondary.executeBlocks(list);
        uint256 used = BASE_GAS + calldataGas + before - gasleft();
        assertLt(used, MOST_GAS, "as much as libraries/OnchainData.sol says");
        assertLt(MOST_GAS, TRANSACTION_GAS * 3 / 4, "a quarter of a transaction to spare");
        (uint64 nextId,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, nextId, "all served");
        assertGt(nextId, 160, "it is a large block");
        emit log_named_uint("gas of a full exit", used / nextId);
    }

    /// @notice A full block of this circuit's size stays below the limit whatever its operations are, so no honest block is refused for it.
    function test_AFullBlockOfDepositsFits() public pure {
        assertLe(MAX_SEGMENTS * SEGMENT_SLOTS * 108, MAX_ONCHAIN_BYTES, "all slots of all segments deposits");
    }

    function test_TooManyBytesForASecondary() public {
        bytes memory data = _withdraws(MAX_ONCHAIN_BYTES / 46 + 1);
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock(data);
        vm.expectRevert(
            abi.encodeWithSelector(OnchainData.TooManyOnchainBytes.selector, MAX_ONCHAIN_BYTES, data.length)
        );
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
    }

    /// @notice The primary refuses for every chain, and counts all segments of a chain together; another chain's bytes are another sum.
    function test_TooManyBytesForAChainOfThePrimary() public {
        bytes memory half = _withdraws(MAX_ONCHAIN_BYTES / 46 / 2);
        bytes memory rest = _withdraws((MAX_ONCHAIN_BYTES - 2 * half.length) / 46 + 1);
        for (uint8 chain = 0; chain < CHAIN_COUNT; ++chain) {
            SegmentData[] memory list = new SegmentData[](3);
            list[0] = segment(chain, half, "");
            list[1] = segment((chain + 1) % CHAIN_COUNT, half, "");
            list[2] = segment(chain, bytes.concat(half, rest), "");
            PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
            blocks[0] = primaryBlock(list);
            vm.expectRevert(
                abi.encodeWithSelector(
                    OnchainData.TooManyOnchainBytes.selector, MAX_ONCHAIN_BYTES, 2 * half.length + rest.length
                )
            );
            vm.prank(validator);
            primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        }
        SegmentData[] memory fits = new SegmentData[](3);
        fits[0] = segment(1, half, "");
        fits[1] = segment(2, half, "");
        fits[2] = segment(1, half, "");
        commitPrimary(fits);
    }

    // ── numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice A governor who allows any time cannot make a timestamp run into the block number beside it in the segment's header word.
    function test_ATimestampOf41Bits() public {
        vm.prank(governor);
        primary.setTimestampTolerances(type(uint32).max, type(uint32).max);
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(new SegmentData[](0));
        uint64 largest = START + type(uint32).max;
        assertLt(largest, type(uint40).max, "fits the header word");
        blocks[0].timestamp = largest + 1;
        vm.expectRevert(abi.encodeWithSelector(IRollup.TimestampOutOfRange.selector, 0, largest, largest + 1));
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        blocks[0].timestamp = largest;
        vm.prank(validator);
        primary.commitBlocks(lastPrimary, lastSyncHashes, blocks);
        assertEq(primary.totalBlocksCommitted(), 1, "the largest time that the governor can allow");
    }

    /// @notice Time never runs backwards, whatever the tolerances are: a signature that has expired in one block stays expired.
    function test_TimeRunsBackwards() public {
        vm.prank(governor);
        secondary.setTimestampTolerances(type(uint32).max, 0);
        StoredBlock memory stored = commitSecondary("");
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock("");
        blocks[0].timestamp = stored.timestamp - 1;
        vm.expectRevert(
            abi.encodeWithSelector(
                IRollup.TimestampOutOfRange.selector, stored.timestamp, stored.timestamp, stored.timestamp - 1
            )
        );
        vm.prank(validator);
        secondary.commitBlocks(stored, blocks);
    }

    /// @notice More L2 words than the header's 16-bit count holds run into the neighbouring field. The contract takes such a segment; its public inputs
    /// are not those of the short list that a prover would have to pass it off as.
    function test_WordCountsBeyond16Bits() public view {
        bytes memory transfer = Operations.transfer(1, 2, 3);
        bytes memory data = new bytes(14 * 65_537);
        for (uint256 i = 0; i < data.length; ++i) {
            data[i] = transfer[i % 14];
        }
        PrimaryBlock memory block_ = primaryBlock(segments(segment(SECONDARY_INDEX, "", data)));
        (uint256[5][] memory inputs,) = primary.proofInputs(1, block_);
        block_.segments[0].l2Data = transfer;
        (uint256[5][] memory wrapped,) = primary.proofInputs(1, block_);
        assertNotEq(inputs[0][3], wrapped[0][3], "y1 tells the lists apart");
        assertNotEq(inputs[0][4], wrapped[0][4], "y2 tells the lists apart");
    }

    // ── calldata that lies ──────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Lengths and offsets far beyond the calldata are refused before any memory is taken for them.
    function test_LyingLengthsAreCheap() public {
        PrimaryBlock[] memory blocks = new PrimaryBlock[](1);
        blocks[0] = primaryBlock(segments(segment(PRIMARY_INDEX, "", Operations.transfer(1, 2, 3))));
        bytes memory honest = abi.encodeCall(primary.commitBlocks, (lastPrimary, lastSyncHashes, blocks));
        uint256 refused = 0;
        for (uint256 place = 4; place < honest.length; place += 32) {
            bytes memory lying = bytes.concat(honest);
            assembly {
                mstore(add(add(lying, 32), place), 0xffffffffffffffff)
            }
            uint256 snapshot = vm.snapshotState();
            vm.prank(validator);
            uint256 before = gasleft();
            (bool success,) = address(primary).call{ gas: 5_000_000 }(lying);
            assertLt(before - gasleft(), 200_000, "cheap, taken or refused");
            if (!success) ++refused;
            vm.revertToState(snapshot);
        }
        assertGt(refused, 20, "nearly every word of the call matters");
    }

    /// @notice Dirty bits above a small integer would be another encoding of the same block: refused.
    function test_DirtyBitsAreRefused() public {
        bytes memory honest = abi.encodeCall(secondary.executeBlocks, (executeList(commitSecondary(""), "")));
        // First field of the stored block: 4 + offset of the list + length + offset of the item.
        uint256 place = 4 + 32 + 32 + 32;
        assertEq(FormatsReference.number(honest, place, 32), 1, "the block number");
        honest[place] = 0x01;
        (bool success, bytes memory reason) = address(secondary).call(honest);
        assertFalse(success, "refused");
        assertEq(reason.length, 0, "by the decoder");
    }

    function _withdraws(uint256 count) private view returns (bytes memory data) {
        bytes memory one = Operations.withdraw(1, NATIVE, bob, 1);
        data = new bytes(46 * count);
        for (uint256 i = 0; i < data.length; ++i) {
            data[i] = one[i % 46];
        }
    }
}
