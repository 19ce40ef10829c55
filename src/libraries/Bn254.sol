// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title The curve BN254 through its precompiles
/// @notice Points of G1 are (x, y), (0, 0) is the neutral element. G2 coordinates come with the imaginary part first, as the precompile takes them.
library Bn254 {
    /// @dev Order of the base field (coordinates), not of the groups.
    uint256 internal constant BASE_ORDER =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Words that one pairing takes in the precompile's input: a point of G1 and one of G2.
    uint256 internal constant PAIRING_WORDS = 6;

    /// @notice True when (x, y) is the canonical form of a point of G1, whose group is the whole curve.
    function isG1(uint256 x, uint256 y) internal pure returns (bool) {
        if (x >= BASE_ORDER || y >= BASE_ORDER) return false;
        if (x == 0 && y == 0) return true;
        uint256 right = addmod(mulmod(mulmod(x, x, BASE_ORDER), x, BASE_ORDER), 3, BASE_ORDER);
        return mulmod(y, y, BASE_ORDER) == right;
    }

    /// @dev `a + b` for points that isG1 accepts. Fails only for lack of gas, which ends the call.
    function add(uint256[2] memory a, uint256[2] memory b) internal view returns (uint256[2] memory sum) {
        assembly ("memory-safe") {
            // Scratch space and the free memory pointer's place are too small for four words: use what lies behind it.
            let buffer := mload(0x40)
            mcopy(buffer, a, 64)
            mcopy(add(buffer, 64), b, 64)
            if iszero(staticcall(gas(), 6, buffer, 128, sum, 64)) { revert(0, 0) }
        }
    }

    /// @dev `scalar · point` for a point that isG1 accepts. Fails only for lack of gas, which ends the call.
    function mul(uint256[2] memory point, uint256 scalar) internal view returns (uint256[2] memory product) {
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mcopy(buffer, point, 64)
            mstore(add(buffer, 64), scalar)
            if iszero(staticcall(gas(), 7, buffer, 96, product, 64)) { revert(0, 0) }
        }
    }

    /// @notice `-point`, for a point that isG1 accepts.
    function negate(uint256[2] memory point) internal pure returns (uint256[2] memory) {
        return [point[0], point[1] == 0 ? 0 : BASE_ORDER - point[1]];
    }

    /// @notice True when the product of the pairings in `terms` (PAIRING_WORDS words each) is one; false also when a point is not in its group.
    function pairingProductIsOne(uint256[] memory terms) internal view returns (bool) {
        uint256 success;
        uint256 result;
        assembly ("memory-safe") {
            success := staticcall(gas(), 8, add(terms, 32), shl(5, mload(terms)), 0, 32)
            result := mload(0)
        }
        return success == 1 && result == 1;
    }
}
