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
        return fullExit(leafIndex, token, owner, amount, 0);
    }

    function fullExit(uint24 leafIndex, uint32 token, address owner, uint128 amount, uint128 shares)
        internal
        pure
        returns (bytes memory)
    {
        return fullExit(leafIndex, token, owner, amount, shares, 0);
    }

    function fullExit(uint24 leafIndex, uint32 token, address owner, uint128 amount, uint128 shares, uint128 least)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(2), leafIndex, token, owner, amount, shares, least);
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

    function openPool(uint24 leafIndex, uint32 token, uint8 peerChain, uint24 peerLeaf)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(9), leafIndex, token, peerChain, peerLeaf);
    }

    function swapIn(uint24 from, uint24 pool, uint40 amount, uint16 fee) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(10), from, pool, amount, fee);
    }

    function swapOut(uint24 pool, uint24 to, uint40 amount) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(11), pool, to, amount, uint16(0));
    }

    /// @dev Kinds 12 … 15: add and remove liquidity, first side and peer.
    function liquidityChange(uint8 kind, uint24 from, uint24 pool, uint16 fee, uint128 amount, uint128 shares)
        internal
        pure
        returns (bytes memory)
    {
        require(kind >= 12 && kind <= 15, "not a change of liquidity");
        return abi.encodePacked(kind, from, pool, fee, amount, shares);
    }

    function credit(uint24 leafIndex) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(16), leafIndex);
    }
}
