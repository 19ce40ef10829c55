// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test } from "forge-std/Test.sol";

import { GatewayMessage } from "../../../src/libraries/GatewayMessage.sol";

/// @notice The layouts of src/FORMATS.md, section "Gateway messages", byte by byte.
contract GatewayMessageTest is Test {
    function test_layouts() public pure {
        bytes32 hash = bytes32(uint256(0xaabb));
        assertEq(
            GatewayMessage.syncHash(0x01020304, hash),
            hex"0101020304000000000000000000000000000000000000000000000000000000000000aabb",
            "sync hash"
        );
        assertEq(
            GatewayMessage.confirmation(0x01020304, hash),
            hex"0301020304000000000000000000000000000000000000000000000000000000000000aabb",
            "confirmation"
        );
        assertEq(GatewayMessage.haltRequest(), hex"04", "halt request");
        assertEq(
            GatewayMessage.halt(0x01020304, 7, hash), bytes.concat(hex"0501020304", bytes32(uint256(7)), hash), "halt"
        );
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (hash, bytes32(uint256(0xcc)));
        assertEq(
            GatewayMessage.syncHashes(5, 7, hashes),
            bytes.concat(hex"0200000005", bytes32(uint256(7)), hashes[0], hashes[1]),
            "sync hashes"
        );
    }

    function testFuzz_decodeHash_isTheInverse(uint32 blockNumber, bytes32 hash) public view {
        (uint32 number, bytes32 decoded) = this.decodeHash(GatewayMessage.syncHash(blockNumber, hash));
        assertEq(number, blockNumber, "number");
        assertEq(decoded, hash, "hash");
    }

    function testFuzz_decodeHashes_isTheInverse(uint32 blockNumber, uint256 root, bytes32[] memory hashes) public view {
        bytes memory message = GatewayMessage.syncHashes(blockNumber, root, hashes);
        (uint32 number, uint256 decodedRoot, bytes32[] memory decoded) = this.decodeHashes(message);
        assertEq(number, blockNumber, "number");
        assertEq(decodedRoot, root, "root");
        assertEq(decoded, hashes, "hashes");
    }

    function testFuzz_decodeHalt_isTheInverse(uint32 blockNumber, uint256 root, bytes32 hash) public view {
        (uint32 number, uint256 decodedRoot, bytes32 decoded) =
            this.decodeHalt(GatewayMessage.halt(blockNumber, root, hash));
        assertEq(number, blockNumber, "number");
        assertEq(decodedRoot, root, "root");
        assertEq(decoded, hash, "hash");
    }

    function test_requireHaltRequest_takesTheKindAlone() public view {
        this.requireHaltRequest(GatewayMessage.haltRequest());
    }

    function test_kindOf_nothingIsNoKind() public view {
        assertEq(this.kindOf(""), 0, "empty");
        assertEq(this.kindOf(hex"03"), 3, "first byte");
    }

    function test_RevertWhen_LengthIsWrong() public {
        bytes memory message = GatewayMessage.syncHash(1, keccak256("x"));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 1, 37, 38));
        this.decodeHash(bytes.concat(message, hex"00"));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 0, 37, 0));
        this.decodeHash("");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 2, 37, 38));
        this.decodeHashes(bytes.concat(GatewayMessage.syncHashes(1, 2, new bytes32[](0)), hex"00"));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 2, 37, 1));
        this.decodeHashes(hex"02");
        message = GatewayMessage.halt(1, 2, keccak256("x"));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 5, 69, 70));
        this.decodeHalt(bytes.concat(message, hex"00"));
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 5, 69, 1));
        this.decodeHalt(hex"05");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 0, 69, 0));
        this.decodeHalt("");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 4, 1, 2));
        this.requireHaltRequest(hex"0400");
        vm.expectRevert(abi.encodeWithSelector(GatewayMessage.WrongMessageLength.selector, 0, 1, 0));
        this.requireHaltRequest("");
    }

    function kindOf(bytes calldata message) external pure returns (uint8) {
        return GatewayMessage.kindOf(message);
    }

    function decodeHash(bytes calldata message) external pure returns (uint32, bytes32) {
        return GatewayMessage.decodeHash(message);
    }

    function decodeHalt(bytes calldata message) external pure returns (uint32, uint256, bytes32) {
        return GatewayMessage.decodeHalt(message);
    }

    function requireHaltRequest(bytes calldata message) external pure {
        GatewayMessage.requireHaltRequest(message);
    }

    function decodeHashes(bytes calldata message) external pure returns (uint32, uint256, bytes32[] memory) {
        return GatewayMessage.decodeHashes(message);
    }
}
