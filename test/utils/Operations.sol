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
        return abi.encodePacked(uint8(3), leafIndex, token, to, amount, uint16(0));
    }

    function open(uint24 leafIndex, uint32 token, address owner, uint256 keyX, uint256 keyY)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(4), leafIndex, token, owner, keyX, keyY);
    }

    function transfer(uint24 from, uint24 to, uint40 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(5), from, to, amount, uint16(0));
    }
}
