// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { MAX_TOKEN_ID } from "../../src/generated/Params.sol";
import { IGoverned } from "../../src/interfaces/IGoverned.sol";
import { IRollup } from "../../src/interfaces/IRollup.sol";
import { PriorityQueue } from "../../src/libraries/PriorityQueue.sol";
import { Pubdata } from "../../src/libraries/Pubdata.sol";
import { PrimaryBlock, SecondaryBlock, SegmentData } from "../../src/types/Block.sol";
import { Operations } from "../utils/Operations.sol";
import { TrapdoorRollupTest } from "../utils/TrapdoorRollupTest.sol";

/// @notice What operations on pools give somebody who attacks the contracts: shares that leave layer 2, public data that says something else than what was
/// proved, operations in a list where they do not belong.
contract PoolsAttack is TrapdoorRollupTest {
    /// Shares of pool 0 and of the last pool there can be, and the last id of all.
    uint32[3] private shareTokens = [MAX_TOKEN_ID + 1, MAX_TOKEN_ID + 2 ** 24, type(uint32).max];

    // ── shares ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Not even the governor can give shares a contract, so nothing below can ever change.
    function test_SharesAreNotRegistered() public {
        assertEq(MAX_TOKEN_ID, 2 ** 31 - 1, "shares of pool i are 2^31 + i");
        for (uint256 i = 0; i < shareTokens.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IGoverned.TokenIdOutOfRange.selector, NATIVE + 1, MAX_TOKEN_ID, shareTokens[i])
            );
            vm.prank(governor);
            secondary.registerToken(shareTokens[i], address(badToken));
            assertEq(secondary.tokenAddress(shareTokens[i]), address(0), "no contract");
        }
    }

    function test_SharesAreNotDeposited() public {
        for (uint256 i = 0; i < shareTokens.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, shareTokens[i]));
            vm.prank(alice);
            secondary.depositToken(shareTokens[i], 1, alice, KEY_X, KEY_Y);
        }
        (uint64 nextId,,) = secondary.priorityQueueState();
        assertEq(nextId, 0, "no request");
    }

    /// @notice A deposit of shares in a block, made up or in the place of a true one: the queue has none.
    function test_ADepositOfSharesInABlock() public {
        bytes memory honest = depositToken(secondary, TOKEN, alice, 5, 7);
        (bytes27 expected,) = secondary.priorityRequest(0);
        for (uint256 i = 0; i < shareTokens.length; ++i) {
            bytes memory forged = Operations.deposit(7, shareTokens[i], alice, 5, KEY_X, KEY_Y);
            bytes27 actual = bytes27(PriorityQueue.depositHash(shareTokens[i], alice, 5, KEY_X, KEY_Y));
            _expectSecondaryRevert(
                forged, abi.encodeWithSelector(PriorityQueue.WrongPriorityRequest.selector, 0, expected, actual)
            );
            _expectSecondaryRevert(
                bytes.concat(honest, forged), abi.encodeWithSelector(PriorityQueue.NoPriorityRequest.selector, 1)
            );
        }
    }

    /// @notice No circuit proves a withdrawal of shares. If one did, nobody would be paid anything for them, and the block would hold nobody up.
    function test_SharesAreNotPaid() public {
        bytes memory data = depositNative(secondary, alice, 1 ether, 1);
        for (uint256 i = 0; i < shareTokens.length; ++i) {
            data = bytes.concat(data, Operations.withdraw(2, shareTokens[i], bob, 5));
        }
        data = bytes.concat(data, Operations.withdraw(1, NATIVE, bob, 3));
        runSecondary(data);
        for (uint256 i = 0; i < shareTokens.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRollup.UnknownToken.selector, shareTokens[i]));
            secondary.withdrawPending(bob, shareTokens[i]);
        }
        secondary.withdrawPending(bob, NATIVE);
        assertEq(bob.balance, 3, "the others are");
    }

    /// @notice A full exit of a leaf of shares, or of a pool itself, is served and pays 0.
    function test_AFullExitOfSharesIsServed() public {
        runSecondary(requestFullExit(secondary, bob, 9, 0, 0));
        (,, uint64 nextToExecute) = secondary.priorityQueueState();
        assertEq(nextToExecute, 1, "served");
        vm.expectRevert(abi.encodeWithSelector(IRollup.NothingPending.selector, bob, 0));
        secondary.withdrawPending(bob, 0);
    }

    // ── public data ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Every byte of every kind that moves a pool is what was proved: another leaf, pool, peer, fee, amount or number of shares is refused.
    function test_EveryByteIsBound() public {
        bytes[8] memory operations = _operations();
        bytes memory data;
        for (uint256 i = 0; i < operations.length; ++i) {
            data = bytes.concat(data, operations[i]);
        }
        PrimaryBlock memory honest = primaryBlock(segments(segment(SECONDARY_INDEX, "", data)));
        uint256 start = 0;
        for (uint256 i = 0; i < operations.length; ++i) {
            for (uint256 j = 1; j < operations[i].length; ++j) {
                _expectBound(honest, start + j, 0x01);
            }
            start += operations[i].length;
        }
    }

    /// @notice Kinds of one length read the same bytes as something else: the first side as the second, add as remove, a transfer as a swap.
    function test_KindsAreBound() public {
        uint8[4] memory transfers = [5, 10, 11, 5];
        uint8[5] memory changes = [12, 13, 14, 15, 12];
        for (uint256 i = 0; i + 1 < transfers.length; ++i) {
            bytes memory data = bytes.concat(bytes1(transfers[i]), new bytes(13));
            PrimaryBlock memory honest = primaryBlock(segments(segment(SECONDARY_INDEX, "", data)));
            _expectBound(honest, 0, bytes1(transfers[i] ^ transfers[i + 1]));
        }
        for (uint256 i = 0; i + 1 < changes.length; ++i) {
            bytes memory data = bytes.concat(bytes1(changes[i]), new bytes(40));
            PrimaryBlock memory honest = primaryBlock(segments(segment(SECONDARY_INDEX, "", data)));
            _expectBound(honest, 0, bytes1(changes[i] ^ changes[i + 1]));
        }
    }

    /// @notice A credit belongs behind its change of liquidity: public data in another order, or without it, is not what was proved.
    function test_ACreditIsMovedOrLeftOut() public {
        bytes memory change = Operations.liquidityChange(12, 1, 2, 3, 4, 5);
        bytes memory credit = Operations.credit(6);
        bytes memory other = Operations.transfer(7, 8, 9);
        PrimaryBlock memory honest =
            primaryBlock(segments(segment(SECONDARY_INDEX, "", bytes.concat(change, credit, other))));
        bytes[5] memory wrong = [
            bytes.concat(change, other, credit),
            bytes.concat(credit, change, other),
            bytes.concat(change, other),
            bytes.concat(change, credit, credit, other),
            bytes.concat(change, credit, other, credit)
        ];
        for (uint256 i = 0; i < wrong.length; ++i) {
            PrimaryBlock memory forged = primaryBlock(segments(segment(SECONDARY_INDEX, "", wrong[i])));
            _expectInvalidProof(forged, honest, honest);
        }
    }

    /// @notice The public data of two segments of a chain changes places, or moves from one to the other.
    function test_OperationsMoveBetweenSegments() public {
        bytes memory a = Operations.swapOut(1, 2, 3);
        bytes memory b = Operations.swapOut(4, 5, 6);
        PrimaryBlock memory honest = primaryBlock(_two(a, b));
        _expectInvalidProof(primaryBlock(_two(b, a)), honest, honest);
        _expectInvalidProof(primaryBlock(_two(bytes.concat(a, b), "")), honest, honest);
        _expectInvalidProof(primaryBlock(_two("", bytes.concat(a, b))), honest, honest);
    }

    /// @notice Only bytes of the on-chain list are ever executed, and it has no operation on pools, on either side.
    function test_PoolOperationsAreNotInTheOnchainList() public {
        bytes[8] memory operations = _operations();
        for (uint256 i = 0; i < operations.length; ++i) {
            bytes memory sound = Operations.withdraw(1, NATIVE, bob, 1);
            bytes memory reason =
                abi.encodeWithSelector(Pubdata.UnknownOperation.selector, uint8(operations[i][0]), sound.length);
            bytes memory data = bytes.concat(sound, operations[i], sound);
            _expectSecondaryRevert(data, reason);
            for (uint8 chain = 0; chain < CHAIN_COUNT; ++chain) {
                PrimaryBlock memory block_ = primaryBlock(segments(segment(chain, data, "")));
                vm.expectRevert(reason);
                _commit(block_);
            }
        }
    }

    function _operations() private pure returns (bytes[8] memory) {
        return [
            Operations.openPool(0x010203, TOKEN, 2, 0x040506),
            Operations.swapIn(0x010203, 0x040506, 0x0708090a0b, 0x0c0d),
            Operations.swapOut(0x010203, 0x040506, 0x0708090a0b),
            Operations.liquidityChange(12, 0x010203, 0x040506, 0x0708, 1e18, 1e21),
            Operations.liquidityChange(13, 0x010203, 0x040506, 0, 1e18, 1e21),
            Operations.liquidityChange(14, 0x010203, 0x040506, 0x0708, 1e18, 1e21),
            Operations.liquidityChange(15, 0x010203, 0x040506, 0, 1e18, 1e21),
            Operations.credit(0x010203)
        ];
    }

    function _two(bytes memory a, bytes memory b) private pure returns (SegmentData[] memory list) {
        list = new SegmentData[](2);
        list[0] = segment(SECONDARY_INDEX, "", a);
        list[1] = segment(SECONDARY_INDEX, "", b);
    }

    /// @dev With one byte of its only segment's L2 list changed, the honest block's proofs are refused.
    function _expectBound(PrimaryBlock memory honest, uint256 offset, bytes1 change) private {
        PrimaryBlock memory forged = abi.decode(abi.encode(honest), (PrimaryBlock));
        forged.segments[0].l2Data[offset] ^= change;
        _expectInvalidProof(forged, honest, honest);
    }

    function _expectSecondaryRevert(bytes memory onchainData, bytes memory reason) private {
        SecondaryBlock[] memory blocks = new SecondaryBlock[](1);
        blocks[0] = secondaryBlock(onchainData);
        vm.expectRevert(reason);
        vm.prank(validator);
        secondary.commitBlocks(lastSecondary, blocks);
    }
}
