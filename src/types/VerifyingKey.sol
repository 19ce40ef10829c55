// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice A Groth16 verifying key over BN254 in the precompiles' order (G2 coordinates: imaginary part first).
/// @dev All keys of the rollup share alpha, beta and gamma (one phase 1); delta and ic are each circuit's own.
struct VerifyingKey {
    uint256[2] alpha;
    uint256[2][2] beta;
    uint256[2][2] gamma;
    uint256[2][2] delta;
    /// One point more than there are public inputs; ic[0] is the constant term.
    uint256[2][] ic;
}
