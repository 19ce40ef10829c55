// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice Bytes of operations as src/FORMATS.md lays them out, for tests.
library Operations {
    function deposit(uint24 leafIndex, uint32 token, address owner, uint128 amount, uint256 keyX, uint256 keyY)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(1), leafIndex, token, owner, amount, keyX, keyY);
    }

    function fullExit(uint24 leafIndex, uint32 token, address owner, uint128 amount)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(2), leafIndex, token, owner, amount);
    }

    function withdraw(uint24 leafIndex, uint32 token, address to, uint128 amount) internal pure returns (bytes memory) {
        return withdraw(leafIndex, token, to, amount, 0);
    }

    function withdraw(uint24 leafIndex, uint32 token, address to, uint128 amount, uint16 fee)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(3), leafIndex, token, to, amount, fee);
    }

    function open(uint24 leafIndex, uint32 token, address owner, uint256 keyX, uint256 keyY)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(4), leafIndex, token, owner, keyX, keyY);
    }

    function transfer(uint24 from, uint24 to, uint40 amount) internal pure returns (bytes memory) {
        return transfer(from, to, amount, 0);
    }

    function transfer(uint24 from, uint24 to, uint40 amount, uint16 fee) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(5), from, to, amount, fee);
    }

    function changeKey(uint24 leafIndex, uint16 fee, uint256 keyX, uint256 keyY) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(6), leafIndex, fee, keyX, keyY);
    }

    function collectFees(uint24 leafIndex, uint128 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(7), leafIndex, amount);
    }

    function transferToNew(uint24 from, uint24 to, uint40 amount, uint16 fee, address owner, uint256 keyX, uint256 keyY)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(8), from, to, amount, fee, owner, keyX, keyY);
    }
}
