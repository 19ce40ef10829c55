// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { FIELD_ORDER } from "../../../src/generated/Params.sol";
import { Pubdata } from "../../../src/libraries/Pubdata.sol";
import { SegmentData } from "../../../src/types/Block.sol";
import { FormatsReference } from "../../utils/FormatsReference.sol";
import { LibraryHarness } from "../../utils/LibraryHarness.sol";
import { Operations } from "../../utils/Operations.sol";

contract PubdataTest is Test {
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
        bool known = onchain ? kind >= 1 && kind <= 3 : kind == 4 || kind == 5;
        vm.assume(!known);
        bytes memory before = onchain ? Operations.withdraw(1, 1, address(1), 1) : Operations.transfer(1, 2, 3);
        bytes memory data = bytes.concat(before, bytes1(kind), new bytes(200));
        vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, before.length));
        onchain ? harness.onchainWords(data) : harness.l2Words(data);
        if (!onchain) return;
        vm.expectRevert(abi.encodeWithSelector(Pubdata.UnknownOperation.selector, kind, before.length));
        harness.onchainOperation(data, before.length);
    }

    function test_RevertWhen_OperationIsTruncated() public {
        bytes memory data = bytes.concat(Operations.withdraw(1, 1, address(1), 1), hex"0200");
        vm.expectRevert(abi.encodeWithSelector(Pubdata.TruncatedOperation.selector, 2, 46, 44, 2));
        harness.onchainOperation(data, 46);
    }

    /// @notice A key word of p or more has a second form; it is refused wherever it stands.
    function testFuzz_RevertWhen_AWordIsNotInTheField(uint256 word, bool second, bool onchain) public {
        word = bound(word, FIELD_ORDER, type(uint256).max);
        (uint256 x, uint256 y) = second ? (uint256(1), word) : (word, uint256(1));
        vm.expectRevert(abi.encodeWithSelector(Pubdata.WordNotInField.selector, word));
        if (onchain) harness.onchainWords(Operations.deposit(1, 1, address(1), 1, x, y));
        else harness.l2Words(Operations.open(1, 1, address(1), x, y));
    }

    function testFuzz_Payout(uint24 leaf, uint32 token, address receiver, uint128 amount) public view {
        bytes memory data = bytes.concat(
            Operations.withdraw(leaf, token, receiver, amount), Operations.fullExit(leaf, token, receiver, amount)
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
            uint256 kind = onchain ? 1 + random % 3 : 4 + random % 2;
            if (kind == 1) data = bytes.concat(data, Operations.deposit(leaf, 2, owner, amount, keyX, random >> 3));
            if (kind == 2) data = bytes.concat(data, Operations.fullExit(leaf, 2, owner, amount));
            if (kind == 3) data = bytes.concat(data, Operations.withdraw(leaf, 2, owner, amount));
            if (kind == 4) data = bytes.concat(data, Operations.open(leaf, 2, owner, keyX, random >> 3));
            if (kind == 5) data = bytes.concat(data, Operations.transfer(leaf, ~leaf, uint40(amount)));
        }
    }
}
