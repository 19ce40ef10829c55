// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { FIELD_ORDER, SEGMENT_SLOTS } from "../../src/generated/Params.sol";
import { SegmentData } from "../../src/types/Block.sol";
import { Operations } from "../utils/Operations.sol";
import { RollupTest } from "../utils/RollupTest.sol";

/// @notice Gas of committing one segment with 1 and with 7 operations of each kind → test/snapshots/CommitOperations.json. The difference is what
/// operations cost by themselves. Whole transactions, calldata included; all fields are as incompressible as real ones.
/// forge-config: default.isolate = true
contract CommitOperationsGasTest is RollupTest {
    string private constant GROUP = "CommitOperations";

    function setUp() public override {
        super.setUp();
        // The counters are in use.
        commitPrimary(new SegmentData[](0));
    }

    function test_CommitDeposits() public {
        _commitOwn(_deposits(1), "1 deposit");
        _commitOwn(_deposits(SEGMENT_SLOTS), "7 deposits");
    }

    function test_CommitFullExits() public {
        _commitOwn(_fullExits(1), "1 full exit");
        _commitOwn(_fullExits(SEGMENT_SLOTS), "7 full exits");
    }

    function test_CommitWithdraws() public {
        _commitOwn(_withdraws(1), "1 withdraw");
        _commitOwn(_withdraws(SEGMENT_SLOTS), "7 withdraws");
    }

    function test_CommitOpens() public {
        _commitL2(_opens(1), "1 open");
        _commitL2(_opens(SEGMENT_SLOTS), "7 opens");
    }

    function test_CommitTransfers() public {
        _commitL2(_transfers(1), "1 transfer");
        _commitL2(_transfers(SEGMENT_SLOTS), "7 transfers");
    }

    function test_CommitTransfersToNew() public {
        _commitL2(_transfersToNew(1), "1 transfer to new");
        _commitL2(_transfersToNew(SEGMENT_SLOTS), "7 transfers to new");
    }

    function test_CommitChangesOfKey() public {
        _commitL2(_changesOfKey(1), "1 change key");
        _commitL2(_changesOfKey(SEGMENT_SLOTS), "7 change keys");
    }

    function test_CommitCollectFees() public {
        _commitL2(_collectFees(1), "1 collect fees");
        _commitL2(_collectFees(SEGMENT_SLOTS), "7 collect fees");
    }

    function test_CommitOpenPools() public {
        _commitL2(_openPools(1), "1 open pool");
        _commitL2(_openPools(SEGMENT_SLOTS), "7 open pools");
    }

    function test_CommitSwapsIn() public {
        _commitL2(_swapsIn(1), "1 swap in");
        _commitL2(_swapsIn(SEGMENT_SLOTS), "7 swaps in");
    }

    function test_CommitSwapsOut() public {
        _commitL2(_swapsOut(1), "1 swap out");
        _commitL2(_swapsOut(SEGMENT_SLOTS), "7 swaps out");
    }

    /// @notice One side of adding or removing liquidity with its credit; all four kinds have the same bytes.
    function test_CommitLiquidity() public {
        _commitL2(_liquidityChanges(1), "1 liquidity change");
        _commitL2(_liquidityChanges(SEGMENT_SLOTS), "7 liquidity changes");
        _commitL2(_credits(1), "1 credit");
        _commitL2(_credits(SEGMENT_SLOTS), "7 credits");
    }

    /// @notice Whole swaps: the sides of three in one segment, and of seven in a segment of each of two chains.
    function test_CommitSwaps() public {
        _commitL2(bytes.concat(_swapsIn(1), _swapsOut(1)), "1 swap, one chain");
        _commitL2(bytes.concat(_swapsIn(3), _swapsOut(3)), "3 swaps, one chain");
        _commitSwaps(1);
        vm.snapshotGasLastCall(GROUP, "1 swap, two chains");
        _commitSwaps(SEGMENT_SLOTS);
        vm.snapshotGasLastCall(GROUP, "7 swaps, two chains");
    }

    /// @notice What a segment more costs beside its operations.
    function test_CommitSegments() public {
        SegmentData[] memory two = new SegmentData[](2);
        two[0] = _segment("", _transfers(1));
        two[1] = _segment("", _transfers(1));
        commitPrimary(two);
        vm.snapshotGasLastCall(GROUP, "2 segments of 1 transfer");
    }

    function _commitOwn(bytes memory onchainData, string memory name) private {
        commitPrimary(segments(_segment(onchainData, "")));
        vm.snapshotGasLastCall(GROUP, name);
    }

    function _commitL2(bytes memory l2Data, string memory name) private {
        commitPrimary(segments(_segment("", l2Data)));
        vm.snapshotGasLastCall(GROUP, name);
    }

    function _segment(bytes memory onchainData, bytes memory l2Data) private pure returns (SegmentData memory filled) {
        filled = segment(PRIMARY_INDEX, onchainData, l2Data);
        uint256 seed = uint256(keccak256(abi.encode(onchainData, l2Data)));
        filled.rootIn = _random(seed, 1) % FIELD_ORDER;
        filled.rootOut = _random(seed, 2) % FIELD_ORDER;
        filled.c1 = _random(seed, 3) % FIELD_ORDER;
        filled.c2 = _random(seed, 4) % FIELD_ORDER;
    }

    function _deposits(uint256 count) private returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint128 amount = 123_456_789_012_345_678;
            (uint256 keyX, uint256 keyY) = (_random(1, i) % FIELD_ORDER, _random(2, i) % FIELD_ORDER);
            vm.prank(alice);
            primary.depositNative{ value: amount }(bob, keyX, keyY);
            data = bytes.concat(data, Operations.deposit(uint24(_random(3, i)), NATIVE, bob, amount, keyX, keyY));
        }
    }

    function _fullExits(uint256 count) private returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            data = bytes.concat(
                data, requestFullExit(primary, bob, uint24(_random(4, i)), TOKEN, 123_456_789_012_345_678)
            );
        }
    }

    function _withdraws(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            address to = address(uint160(_random(5, i)));
            bytes memory one =
                Operations.withdraw(uint24(_random(6, i)), NATIVE, to, uint64(_random(7, i)), uint16(_random(15, i)));
            data = bytes.concat(data, one);
        }
    }

    function _opens(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            bytes memory one = Operations.open(
                uint24(_random(8, i)),
                TOKEN,
                address(uint160(_random(9, i))),
                _random(10, i) % FIELD_ORDER,
                _random(11, i) % FIELD_ORDER
            );
            data = bytes.concat(data, one);
        }
    }

    function _transfers(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(12, i);
            bytes memory one =
                Operations.transfer(uint24(random), uint24(random >> 24), uint40(random >> 48), uint16(random >> 88));
            data = bytes.concat(data, one);
        }
    }

    function _transfersToNew(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(16, i);
            bytes memory one = Operations.transferToNew(
                uint24(random),
                uint24(random >> 24),
                uint40(random >> 48),
                uint16(random >> 88),
                address(uint160(_random(17, i))),
                _random(18, i) % FIELD_ORDER,
                _random(19, i) % FIELD_ORDER
            );
            data = bytes.concat(data, one);
        }
    }

    function _changesOfKey(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(20, i);
            bytes memory one = Operations.changeKey(
                uint24(random), uint16(random >> 24), _random(21, i) % FIELD_ORDER, _random(22, i) % FIELD_ORDER
            );
            data = bytes.concat(data, one);
        }
    }

    function _collectFees(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            data = bytes.concat(data, Operations.collectFees(uint24(_random(13, i)), uint64(_random(14, i))));
        }
    }

    function _openPools(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(23, i);
            data = bytes.concat(data, Operations.openPool(uint24(random), TOKEN, SECONDARY_INDEX, uint24(random >> 24)));
        }
    }

    function _swapsIn(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(24, i);
            bytes memory one =
                Operations.swapIn(uint24(random), uint24(random >> 24), uint40(random >> 48), uint16(random >> 88));
            data = bytes.concat(data, one);
        }
    }

    function _swapsOut(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(25, i);
            data = bytes.concat(data, Operations.swapOut(uint24(random), uint24(random >> 24), uint40(random >> 48)));
        }
    }

    /// @dev Amounts and shares of coins with 18 decimals: 8 bytes of 16.
    function _liquidityChanges(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = _random(26, i);
            bytes memory one = Operations.liquidityChange(
                uint8(12 + i % 4),
                uint24(random),
                uint24(random >> 24),
                uint16(random >> 48),
                uint64(_random(27, i)),
                uint64(_random(28, i))
            );
            data = bytes.concat(data, one);
        }
    }

    function _credits(uint256 count) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            data = bytes.concat(data, Operations.credit(uint24(_random(29, i))));
        }
    }

    /// @dev `count` swaps from the primary to the secondary.
    function _commitSwaps(uint256 count) private {
        SegmentData[] memory two = new SegmentData[](2);
        two[0] = _segment("", _swapsIn(count));
        two[1] = _segment("", _swapsOut(count));
        two[1].chainIndex = SECONDARY_INDEX;
        two[0].legsOut = _random(30, count) % FIELD_ORDER;
        two[1].legsIn = two[0].legsOut;
        two[1].legsOut = _random(31, count) % FIELD_ORDER;
        commitPrimary(two);
    }

    function _random(uint256 seed, uint256 i) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i)));
    }
}
