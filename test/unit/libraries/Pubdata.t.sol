// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { FIELD_ORDER, MAX_ONCHAIN_BYTES } from "../../../src/generated/Params.sol";
import { OnchainData } from "../../../src/libraries/OnchainData.sol";
import { Pubdata } from "../../../src/libraries/Pubdata.sol";
import { SegmentData } from "../../../src/types/Block.sol";
import { FormatsReference } from "../../utils/FormatsReference.sol";
import { LibraryHarness } from "../../utils/LibraryHarness.sol";
import { Operations } from "../../utils/Operations.sol";

contract PubdataTest is Test {
    uint8 private constant LAST_KIND = 16;

    LibraryHarness private harness = new LibraryHarness();

    function testFuzz_OnchainWords(uint256 seed) public view {
        bytes memory data = _randomList(seed, seed % 9, true);
        assertEq(harness.onchainWords(data), FormatsReference.words(data), "words");
    }

    function testFuzz_L2Words(uint256 seed) public view {
        bytes memory data = _randomList(seed, seed % 9, false);
        assertEq(harness.l2Words(data), FormatsReference.words(data), "words");
    }

    function testFuzz_Fold(uint256 seed, uint256 r, uint256 sum) public view {
        r = bound(r, 0, FIELD_ORDER - 1);
        sum = bound(sum, 0, FIELD_ORDER - 1);
        uint256[] memory words = new uint256[](seed % 12);
        uint256 power = 1;
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = uint256(keccak256(abi.encode(seed, i))) % FIELD_ORDER;
            power = mulmod(power, r, FIELD_ORDER);
        }
        assertEq(
            harness.fold(words, r, sum),
            addmod(FormatsReference.evaluate(words, r, 0), mulmod(sum, power, FIELD_ORDER), FIELD_ORDER),
            "words at r"
        );
    }

    /// @notice Cut anywhere but between operations, a list is refused.
    function testFuzz_RevertWhen_ListIsCut(uint256 seed, uint256 cut) public {
        bool onchain = seed & 1 == 1;
        bytes memory data = _randomList(seed, 4, onchain);
        cut = bound(cut, 0, data.length);
        uint256 start = 0;
        uint256 end = 0;
        while (end < cut) {
            start = end;
            end += _size(uint8(data[start]));
        }
        uint8 kind = cut == 0 ? 0 : uint8(data[start]);
        assembly {
            mstore(data, cut)
        }
        if (end != cut) {
            vm.expectRevert(
                abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, kind, start, _size(kind), cut - start)
            );
        }
        onchain ? harness.onchainWords(data) : harness.l2Words(data);
    }

    function testFuzz_RevertWhen_KindIsUnknown(uint8 kind, bool onchain) public {
        bool known = onchain ? kind >= 1 && kind <= 3 : kind >= 4 && kind <= LAST_KIND;
        vm.assume(!known);
        bytes memory before = onchain ? Operations.withdraw(1, 1, address(1), 1) : Operations.transfer(1, 2, 3);
        bytes memory data = bytes.concat(before, bytes1(kind), new bytes(200));
        vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, before.length));
        onchain ? harness.onchainWords(data) : harness.l2Words(data);
        if (!onchain) return;
        vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, before.length));
        harness.onchainOperation(data, before.length);
    }

    /// @notice Every kind of the L2 list, every length that is too short, at the end of a list and after another operation.
    function test_RevertWhen_AnL2OperationIsTruncated() public {
        bytes memory before = Operations.transfer(1, 2, 3);
        for (uint8 kind = 4; kind <= LAST_KIND; ++kind) {
            uint256 size = _size(kind);
            for (uint256 length = 1; length < size; ++length) {
                bytes memory data = bytes.concat(before, bytes1(kind), new bytes(length - 1));
                vm.expectRevert(
                    abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, kind, before.length, size, length)
                );
                harness.l2Words(data);
            }
        }
    }

    /// @notice Every kind that is not of the L2 list, and those near by behind each of its kinds.
    function test_RevertWhen_AnL2KindIsUnknown() public {
        for (uint256 kind = 0; kind < 256; ++kind) {
            if (kind >= 4 && kind <= LAST_KIND) continue;
            bytes memory wrong = bytes.concat(bytes1(uint8(kind)), new bytes(120));
            vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, 0));
            harness.l2Words(wrong);
            for (uint8 first = 4; first <= LAST_KIND && kind < 32; ++first) {
                bytes memory data = bytes.concat(bytes1(first), new bytes(_size(first) - 1), wrong);
                vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, _size(first)));
                harness.l2Words(data);
            }
        }
    }

    /// @notice Operations on pools are in no on-chain list: neither commit nor execution takes one.
    function test_RevertWhen_APoolOperationIsInTheOnchainList() public {
        for (uint8 kind = 9; kind <= LAST_KIND; ++kind) {
            bytes memory data = bytes.concat(bytes1(kind), new bytes(_size(kind) - 1));
            vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, 0));
            harness.onchainWords(data);
            vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, 0));
            harness.onchainOperation(data, 0);
        }
    }

    /// @notice First words of two kinds never have the same value, so a list of words is the words of one list of operations only.
    function test_FirstWordsOfKindsAreApart() public pure {
        for (uint8 kind = 1; kind <= LAST_KIND; ++kind) {
            uint256 bits = 8 * (FormatsReference.wordSizes(kind)[0] - 1);
            for (uint8 other = kind + 1; other <= LAST_KIND; ++other) {
                uint256 otherBits = 8 * (FormatsReference.wordSizes(other)[0] - 1);
                (uint256 least, uint256 most) = (uint256(kind) << bits, ((uint256(kind) + 1) << bits) - 1);
                (uint256 otherLeast, uint256 otherMost) =
                    (uint256(other) << otherBits, ((uint256(other) + 1) << otherBits) - 1);
                assertTrue(most < otherLeast || otherMost < least, "apart");
            }
        }
    }

    function test_RevertWhen_OperationIsTruncated() public {
        bytes memory data = bytes.concat(Operations.withdraw(1, 1, address(1), 1), hex"0200");
        vm.expectRevert(abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, 2, 46, 76, 2));
        harness.onchainOperation(data, 46);
    }

    /// @notice A key word of p or more has a second form; it is refused wherever it stands.
    function testFuzz_RevertWhen_AWordIsNotInTheField(uint256 word, bool second, bool between) public {
        word = bound(word, FIELD_ORDER, type(uint256).max);
        (uint256 x, uint256 y) = second ? (uint256(1), word) : (word, uint256(1));
        _expectNotInField(true, Operations.deposit(1, 1, address(1), 1, x, y), word, between);
        _expectNotInField(false, Operations.open(1, 1, address(1), x, y), word, between);
        _expectNotInField(false, Operations.changeKey(1, 1, x, y), word, between);
        _expectNotInField(false, Operations.transferToNew(1, 2, 3, 4, address(1), x, y), word, between);
    }

    function test_LargestValues() public view {
        uint256 most = FIELD_ORDER - 1;
        bytes memory data = bytes.concat(
            Operations.changeKey(type(uint24).max, type(uint16).max, most, most),
            Operations.collectFees(type(uint24).max, type(uint128).max),
            Operations.transferToNew(
                type(uint24).max,
                type(uint24).max,
                type(uint40).max,
                type(uint16).max,
                address(type(uint160).max),
                most,
                most
            )
        );
        data = bytes.concat(
            data,
            Operations.openPool(type(uint24).max, type(uint32).max, type(uint8).max, type(uint24).max),
            Operations.swapIn(type(uint24).max, type(uint24).max, type(uint40).max, type(uint16).max),
            Operations.swapOut(type(uint24).max, type(uint24).max, type(uint40).max),
            Operations.liquidityChange(
                15, type(uint24).max, type(uint24).max, type(uint16).max, type(uint128).max, type(uint128).max
            ),
            Operations.credit(type(uint24).max)
        );
        uint256[] memory words = harness.l2Words(data);
        assertEq(words, FormatsReference.words(data), "words");
    }

    /// @notice The words of each kind, written down once by hand.
    function test_WordsOfKeysAndFees() public view {
        bytes memory data = bytes.concat(
            Operations.changeKey(0x010203, 0x0405, 6, 7),
            Operations.collectFees(0x08090a, 0x0b),
            Operations.transferToNew(0x0c0d0e, 0x0f1011, 0x1213141516, 0x1718, address(0x19), 26, 27)
        );
        assertEq(data.length, 70 + 20 + 98, "bytes");
        uint256[] memory words = harness.l2Words(data);
        assertEq(words.length, 3 + 1 + 4, "words");
        assertEq(words[0], 0x060102030405, "change key: kind, leaf, fee");
        assertEq(words[1], 6, "keyX");
        assertEq(words[2], 7, "keyY");
        assertEq(words[3], (0x0708090a << 128) | 0x0b, "collect fees");
        assertEq(words[4], 0x080c0d0e0f101112131415161718, "transfer to new: as a transfer");
        assertEq(words[5], 0x19, "owner");
        assertEq(words[6], 26, "keyX");
        assertEq(words[7], 27, "keyY");
    }

    function test_WordsOfPools() public view {
        bytes memory data = bytes.concat(
            Operations.openPool(0x010203, 0x04050607, 0x08, 0x090a0b),
            Operations.swapIn(0x0c0d0e, 0x0f1011, 0x1213141516, 0x1718),
            Operations.swapOut(0x191a1b, 0x1c1d1e, 0x1f20212223)
        );
        assertEq(data.length, 12 + 14 + 14, "bytes");
        uint256[] memory words = harness.l2Words(data);
        assertEq(words.length, 3, "words");
        assertEq(words[0], 0x0901020304050607_08090a0b, "open pool: kind, leaf, token, peer");
        assertEq(words[1], 0x0a0c0d0e0f101112131415161718, "swap in: as a transfer");
        assertEq(words[2], 0x0b191a1b1c1d1e1f202122230000, "swap out: as a transfer, no fee");
    }

    function test_WordsOfLiquidity() public view {
        for (uint8 kind = 12; kind <= 15; ++kind) {
            bytes memory data = bytes.concat(
                Operations.liquidityChange(kind, 0x010203, 0x040506, 0x0708, type(uint128).max - 9, 10),
                Operations.credit(0x0b0c0d)
            );
            assertEq(data.length, 41 + 4, "bytes");
            uint256[] memory words = harness.l2Words(data);
            assertEq(words.length, 4, "words");
            assertEq(words[0], (uint256(kind) << 64) | 0x0102030405060708, "kind, from, pool, fee");
            assertEq(words[1], type(uint128).max - 9, "amount");
            assertEq(words[2], 10, "shares");
            assertEq(words[3], 0x100b0c0d, "credit: kind, leaf");
        }
    }

    /// @notice A withdrawal's fee stays in the rollup: what is paid is the amount alone.
    function testFuzz_Payout(uint24 leaf, uint32 token, address receiver, uint128 amount, uint16 fee) public view {
        bytes memory data = bytes.concat(
            Operations.withdraw(leaf, token, receiver, amount, fee),
            Operations.fullExit(leaf, token, receiver, amount, fee, ~amount)
        );
        uint256 offset = 0;
        for (uint8 kind = 3; kind >= 2; --kind) {
            (uint8 actualKind, uint256 next) = harness.onchainOperation(data, offset);
            (uint32 t, address o, uint128 a) = harness.payout(data, offset);
            assertEq(actualKind, kind, "kind");
            assertEq(t, token, "token");
            assertEq(o, receiver, "receiver");
            assertEq(a, amount, "amount");
            offset = next;
        }
        assertEq(offset, data.length, "whole list");
    }

    function test_OnchainOpsHashJoinsAChainsSegments() public view {
        SegmentData[] memory list = new SegmentData[](4);
        list[0].onchainData = "abc";
        list[1].chainIndex = 1;
        list[1].onchainData = "xyz";
        list[2].onchainData = "";
        list[3].onchainData = "def";
        assertEq(harness.onchainOpsHash(list, 0), keccak256("abcdef"), "chain 0");
        assertEq(harness.onchainOpsHash(list, 1), keccak256("xyz"), "chain 1");
        assertEq(harness.onchainOpsHash(list, 2), keccak256(""), "chain 2");
    }

    /// @notice As many bytes as a block may have for one chain, over two segments, and one more.
    function test_RevertWhen_AChainHasTooManyOnchainBytes() public {
        SegmentData[] memory list = new SegmentData[](3);
        list[0].onchainData = new bytes(MAX_ONCHAIN_BYTES - 100);
        list[1].chainIndex = 1;
        list[1].onchainData = new bytes(200);
        list[2].onchainData = new bytes(100);
        assertEq(harness.onchainOpsHash(list, 0), keccak256(new bytes(MAX_ONCHAIN_BYTES)), "the most");
        list[2].onchainData = new bytes(101);
        vm.expectRevert(
            abi.encodeWithSelector(OnchainData.TooManyOnchainBytes.selector, MAX_ONCHAIN_BYTES, MAX_ONCHAIN_BYTES + 1)
        );
        harness.onchainOpsHash(list, 0);
    }

    /// @dev Alone, or with a sound operation on either side.
    function _expectNotInField(bool onchain, bytes memory data, uint256 word, bool between) private {
        bytes memory sound = onchain ? Operations.withdraw(1, 1, address(1), 1) : Operations.transfer(1, 2, 3);
        if (between) data = bytes.concat(sound, data, sound);
        vm.expectRevert(abi.encodeWithSelector(Pubdata.WordNotInField.selector, word));
        onchain ? harness.onchainWords(data) : harness.l2Words(data);
    }

    function _size(uint8 kind) private pure returns (uint256 size) {
        uint256[] memory sizes = FormatsReference.wordSizes(kind);
        for (uint256 i = 0; i < sizes.length; ++i) {
            size += sizes[i];
        }
    }

    function _randomList(uint256 seed, uint256 count, bool onchain) private pure returns (bytes memory data) {
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            uint24 leaf = uint24(random >> 8);
            address owner = address(uint160(random >> 32));
            uint256 keyX = uint256(keccak256(abi.encode(random))) % FIELD_ORDER;
            uint128 amount = uint128(random >> 128);
            uint256 kind = onchain ? 1 + random % 3 : 4 + random % (LAST_KIND - 3);
            if (kind == 1) data = bytes.concat(data, Operations.deposit(leaf, 2, owner, amount, keyX, random >> 3));
            if (kind == 2) {
                data = bytes.concat(data, Operations.fullExit(leaf, 2, owner, amount, ~amount, uint128(random)));
            }
            if (kind == 3) data = bytes.concat(data, Operations.withdraw(leaf, 2, owner, amount, uint16(random)));
            if (kind == 4) data = bytes.concat(data, Operations.open(leaf, 2, owner, keyX, random >> 3));
            if (kind == 5) data = bytes.concat(data, Operations.transfer(leaf, ~leaf, uint40(amount), uint16(random)));
            if (kind == 6) data = bytes.concat(data, Operations.changeKey(leaf, uint16(random), keyX, random >> 3));
            if (kind == 7) data = bytes.concat(data, Operations.collectFees(leaf, amount));
            if (kind == 8) {
                data = bytes.concat(
                    data,
                    Operations.transferToNew(leaf, ~leaf, uint40(amount), uint16(random), owner, keyX, random >> 3)
                );
            }
            if (kind > 8) data = bytes.concat(data, _poolOperation(uint8(kind), random));
        }
    }

    function _poolOperation(uint8 kind, uint256 random) private pure returns (bytes memory) {
        uint24 leaf = uint24(random >> 8);
        uint128 amount = uint128(random >> 128);
        if (kind == 9) return Operations.openPool(leaf, uint32(random >> 32), uint8(random >> 64), ~leaf);
        if (kind == 10) return Operations.swapIn(leaf, ~leaf, uint40(amount), uint16(random));
        if (kind == 11) return Operations.swapOut(leaf, ~leaf, uint40(amount));
        if (kind == 16) return Operations.credit(leaf);
        return Operations.liquidityChange(kind, leaf, ~leaf, uint16(random), amount, ~amount);
    }
}
