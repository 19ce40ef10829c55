// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Messages between the two gateways of a chain
/// @notice Layouts: src/FORMATS.md, section "Gateway messages".
library GatewayMessage {
    error UnknownMessage(uint8 kind);
    error WrongMessageLength(uint8 kind, uint256 expected, uint256 actual);

    uint8 internal constant SYNC_HASH = 1;
    uint8 internal constant SYNC_HASHES = 2;
    uint8 internal constant CONFIRMATION = 3;
    uint8 internal constant HALT_REQUEST = 4;
    uint8 internal constant HALT = 5;

    uint256 private constant HASH_MESSAGE_BYTES = 1 + 4 + 32;
    uint256 private constant LIST_HEAD_BYTES = 1 + 4 + 32;
    uint256 private constant HALT_REQUEST_BYTES = 1;
    uint256 private constant HALT_BYTES = 1 + 4 + 32 + 32;

    function syncHash(uint32 blockNumber, bytes32 syncHash_) internal pure returns (bytes memory) {
        return abi.encodePacked(SYNC_HASH, blockNumber, syncHash_);
    }

    function syncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] memory hashes)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(SYNC_HASHES, blockNumber, finalRoot, hashes);
    }

    function confirmation(uint32 blockNumber, bytes32 syncHash_) internal pure returns (bytes memory) {
        return abi.encodePacked(CONFIRMATION, blockNumber, syncHash_);
    }

    function haltRequest() internal pure returns (bytes memory) {
        return abi.encodePacked(HALT_REQUEST);
    }

    function halt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash_) internal pure returns (bytes memory) {
        return abi.encodePacked(HALT, blockNumber, finalRoot, syncHash_);
    }

    /// @notice First byte of a message; 0, which is no kind, for an empty one.
    function kindOf(bytes calldata message) internal pure returns (uint8) {
        return message.length == 0 ? 0 : uint8(message[0]);
    }

    /// @notice Content of a sync hash or a confirmation.
    function decodeHash(bytes calldata message) internal pure returns (uint32 blockNumber, bytes32 hash) {
        if (message.length != HASH_MESSAGE_BYTES) {
            revert WrongMessageLength(kindOf(message), HASH_MESSAGE_BYTES, message.length);
        }
        return (uint32(bytes4(message[1:5])), bytes32(message[5:37]));
    }

    /// @notice Content of a list of sync hashes.
    function decodeHashes(bytes calldata message)
        internal
        pure
        returns (uint32 blockNumber, uint256 finalRoot, bytes32[] memory hashes)
    {
        if (message.length < LIST_HEAD_BYTES || (message.length - LIST_HEAD_BYTES) % 32 != 0) {
            revert WrongMessageLength(kindOf(message), LIST_HEAD_BYTES, message.length);
        }
        blockNumber = uint32(bytes4(message[1:5]));
        finalRoot = uint256(bytes32(message[5:37]));
        hashes = new bytes32[]((message.length - LIST_HEAD_BYTES) / 32);
        for (uint256 i = 0; i < hashes.length; ++i) {
            uint256 start = LIST_HEAD_BYTES + 32 * i;
            hashes[i] = bytes32(message[start:start + 32]);
        }
    }

    /// @notice Reverts unless `message` is a halt request and nothing more.
    function requireHaltRequest(bytes calldata message) internal pure {
        if (message.length != HALT_REQUEST_BYTES) {
            revert WrongMessageLength(kindOf(message), HALT_REQUEST_BYTES, message.length);
        }
    }

    /// @notice Content of a halt.
    function decodeHalt(bytes calldata message)
        internal
        pure
        returns (uint32 blockNumber, uint256 finalRoot, bytes32 syncHash_)
    {
        if (message.length != HALT_BYTES) revert WrongMessageLength(kindOf(message), HALT_BYTES, message.length);
        return (uint32(bytes4(message[1:5])), uint256(bytes32(message[5:37])), bytes32(message[37:69]));
    }
}
