// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { PrimaryBlock, Proof, SegmentData } from "../../src/types/Block.sol";
import { FormatsReference } from "../utils/FormatsReference.sol";
import { Story, StoryBlock, StoryFixture } from "../utils/StoryFixture.sol";
import { TamperTest } from "../utils/TamperTest.sol";

/// @notice Real blocks with pools over two chains (test/fixtures/trade.json): through all stages, and with anything changed through none. Block 1 opens a
/// pair, block 2 fills it, block 3 swaps both ways and takes liquidity out, in three segments of which two are of one chain, block 4 pays, also for the shares that are left.
contract TradeTest is TamperTest {
    uint8 private constant LINEA = 0;
    uint8 private constant ZKSYNC = 1;
    uint256 private constant LIQUIDITY = 1;
    uint256 private constant SWAPS = 2;

    function _fixture() internal view override returns (Story memory) {
        return StoryFixture.loadTrade();
    }

    // ── through all stages ──────────────────────────────────────────────────────────────────────────────────────────────

    function test_TradeBlockByBlock() public {
        Story memory story = _fixture();
        _runBlockByBlock(story);
        _requireMoney(story);
    }

    function test_OneProofCallCoversTheTrade() public {
        Story memory story = _fixture();
        _runInOneCall(story);
        _requireMoney(story);
    }

    function test_PublicInputsAreThoseOfTheFixture() public view {
        _requirePublicInputs(_fixture());
    }

    /// @dev The tests below show something only if the blocks are what they are said to be.
    function test_LegsOfTheBlocks() public view {
        Story memory story = _fixture();
        for (uint256 i = 0; i < story.blocks.length; ++i) {
            SegmentData[] memory segments = story.blocks[i].primary.segments;
            bool trades = i == LIQUIDITY || i == SWAPS;
            for (uint256 j = 0; j < segments.length; ++j) {
                assertEq(segments[j].legsIn, j == 0 ? 0 : segments[j - 1].legsOut, "legs go on");
                assertEq(
                    segments[j].legsIn != segments[j].legsOut, trades, "legs in every segment of a block that trades"
                );
            }
        }
        SegmentData[] memory three = story.blocks[SWAPS].primary.segments;
        assertEq(three.length, 3, "segments");
        assertEq(three[0].chainIndex, LINEA, "first");
        assertEq(three[1].chainIndex, LINEA, "second");
        assertEq(three[2].chainIndex, ZKSYNC, "third");
    }

    // ── with something changed ──────────────────────────────────────────────────────────────────────────────────────────

    /// @notice Another amount (by one unit of its last place, too), pool, leaf, fee or number of shares, in every byte of what is published.
    function test_RevertWhen_AnyByteOfTheL2DataIsTampered() public {
        Story memory story = _proveUntil(SWAPS);
        PrimaryBlock memory block_ = story.blocks[SWAPS].primary;
        for (uint256 j = 0; j < block_.segments.length; ++j) {
            bytes memory data = block_.segments[j].l2Data;
            uint256 next = 0;
            for (uint256 i = 0; i < data.length; ++i) {
                if (i == next) {
                    next += _size(uint8(data[i]));
                    continue;
                }
                data[i] ^= 0x01;
                _expectInvalidProof(story, SWAPS, block_);
                data[i] ^= 0x01;
            }
        }
        _expectValidProof(story, SWAPS, block_);
    }

    /// @notice The segment that pays in is left out, or the one that is paid out of, and the legs of the others mended.
    function test_RevertWhen_ASegmentIsDropped() public {
        Story memory story = _proveUntil(SWAPS);
        for (uint256 dropped = 0; dropped < 3; ++dropped) {
            Story memory copy = _copy(story);
            StoryBlock memory block_ = copy.blocks[SWAPS];
            SegmentData[] memory segments = new SegmentData[](2);
            Proof[] memory proofs = new Proof[](2);
            uint256 legs = 0;
            for (uint256 k = 0; k < 2; ++k) {
                uint256 from = k < dropped ? k : k + 1;
                segments[k] = block_.primary.segments[from];
                proofs[k] = block_.proof.segmentProofs[from];
                segments[k].legsIn = legs;
                legs = segments[k].legsOut;
            }
            block_.primary.segments = segments;
            block_.proof.segmentProofs = proofs;
            _expectInvalidProof(copy, SWAPS, block_.primary);
        }
    }

    function test_RevertWhen_SegmentsAreSwapped() public {
        Story memory story = _proveUntil(SWAPS);
        for (uint256 i = 0; i < 2; ++i) {
            Story memory copy = _copy(story);
            StoryBlock memory block_ = copy.blocks[SWAPS];
            SegmentData[] memory segments = block_.primary.segments;
            Proof[] memory proofs = block_.proof.segmentProofs;
            (segments[i], segments[i + 1]) = (segments[i + 1], segments[i]);
            (proofs[i], proofs[i + 1]) = (proofs[i + 1], proofs[i]);
            for (uint256 k = 0; k < 3; ++k) {
                segments[k].legsIn = k == 0 ? 0 : segments[k - 1].legsOut;
            }
            _expectInvalidProof(copy, SWAPS, block_.primary);
        }
    }

    /// @notice The header says that a segment, or all of them, had no legs, or others.
    function test_RevertWhen_LegsAreDenied() public {
        Story memory story = _proveUntil(SWAPS);
        for (uint256 which = 0; which < 4; ++which) {
            Story memory copy = _copy(story);
            PrimaryBlock memory block_ = copy.blocks[SWAPS].primary;
            for (uint256 k = 0; k < 3; ++k) {
                SegmentData memory segment = block_.segments[k];
                if (k > 0) segment.legsIn = block_.segments[k - 1].legsOut;
                if (which == 3) segment.legsOut = 0;
                else if (which == k) segment.legsOut = k == 1 ? segment.legsOut ^ 1 : segment.legsIn;
            }
            _expectInvalidProof(copy, SWAPS, block_);
        }
    }

    /// @notice The same orders once more in the next block, with the proofs of the first time.
    function test_RevertWhen_OrdersAreReplayed() public {
        Story memory story = _proveUntil(SWAPS);
        _commitAll(story, SWAPS);
        _prove(story, SWAPS, SWAPS);
        PrimaryBlock memory again = story.blocks[SWAPS].primary;
        PrimaryBlock memory next = story.blocks[SWAPS + 1].primary;
        (again.blockNumber, again.timestamp) = (next.blockNumber, next.timestamp);
        story.blocks[SWAPS + 1].proof = story.blocks[SWAPS].proof;
        _expectInvalidProof(story, SWAPS + 1, again);
    }

    /// @notice The join of the liquidity for the swaps: pairs of another block.
    function test_RevertWhen_TheJoinIsOfAnotherBlock() public {
        Story memory story = _proveUntil(SWAPS);
        PrimaryBlock memory block_ = story.blocks[SWAPS].primary;
        story.blocks[SWAPS].proof.joinProof = story.blocks[LIQUIDITY].proof.joinProof;
        _expectInvalidProof(story, SWAPS, block_);
        block_.joinC1 = story.blocks[LIQUIDITY].primary.joinC1;
        _expectInvalidProof(story, SWAPS, block_);
    }

    // ── helpers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// @dev Blocks below `index` are committed and proved.
    function _proveUntil(uint256 index) private returns (Story memory story) {
        story = _fixture();
        for (uint256 i = 0; i < index; ++i) {
            _request(story.blocks[i]);
            _commitAll(story, i);
        }
        _prove(story, 0, index - 1);
        _request(story.blocks[index]);
    }

    function _copy(Story memory story) private pure returns (Story memory) {
        return abi.decode(abi.encode(story), (Story));
    }

    function _size(uint8 kind) private pure returns (uint256) {
        uint256[] memory sizes = FormatsReference.wordSizes(kind);
        uint256 sum = 0;
        for (uint256 i = 0; i < sizes.length; ++i) {
            sum += sizes[i];
        }
        return sum;
    }

    /// @dev Alice left with more of one coin and less of the other than she brought, bob sold test tokens for ether without a bridge, and every coin is
    /// with its owner or in a rollup.
    function _requireMoney(Story memory story) private {
        address alice = story.blocks[0].requests[0].owner;
        address bob = story.blocks[0].requests[1].owner;
        uint256 aliceTst = _withdraw(LINEA, alice, TOKEN);
        uint256 aliceEth = _withdraw(ZKSYNC, alice, NATIVE);
        uint256 bobEth = _withdraw(ZKSYNC, bob, NATIVE);
        // carol's shares left by full exits: what they stand for, and the bonds of both. A request for a coin more was served first: it paid nothing, and she
        // lost its bond.
        address carol = story.blocks[0].requests[3].owner;
        uint256 carolTst = _withdraw(LINEA, carol, TOKEN);
        uint256 carolEth = _withdraw(ZKSYNC, carol, NATIVE) - EXIT_BOND;
        assertEq(_withdraw(LINEA, carol, NATIVE), EXIT_BOND, "the bond of an exit that paid tokens");
        assertEq(carol.balance, carolEth + 2 * EXIT_BOND, "carol's ETH");
        assertEq(tokens[LINEA].balanceOf(carol), carolTst, "carol's TST, who brought none");
        assertEq(tokens[LINEA].balanceOf(alice), aliceTst, "alice's TST");
        assertEq(alice.balance, aliceEth, "alice's ETH");
        assertEq(bob.balance, bobEth, "bob's ETH, who brought none");
        assertEq(bobEth, 0.2 ether, "as much as he asked for");
        assertGt(aliceTst * aliceEth, 400 ether * 2 ether, "alice's share grew by the fees");
        assertEq(
            tokens[LINEA].balanceOf(address(rollups[LINEA])),
            500 ether - aliceTst - carolTst,
            "the rest is in the vault"
        );
        assertEq(
            _withdraw(ZKSYNC, rollups[ZKSYNC].bondReceiver(), NATIVE),
            EXIT_BOND,
            "the bond of the exit that paid nothing"
        );
        assertEq(address(rollups[ZKSYNC]).balance, 3 ether - aliceEth - bobEth - carolEth, "the rest is in the vault");
        _requireQueuesServed();
    }

    function _withdraw(uint8 chain, address owner, uint32 token) private returns (uint256 amount) {
        amount = rollups[chain].pendingBalance(owner, token);
        assertGt(amount, 0, "pending");
        vm.prank(anyone);
        rollups[chain].withdrawPending(owner, token);
        assertEq(rollups[chain].pendingBalance(owner, token), 0, "paid");
    }
}
