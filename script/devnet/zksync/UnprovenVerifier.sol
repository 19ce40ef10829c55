// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title Verifier of zkSync's batches, local version: it verifies no proof
/// @notice For local chains only. It says yes to exactly one proof of each public input: the word `keccak256("unproven" ‖ public input)`. So a proof is
/// bound to its two batches, and nothing shows that the step between them is right: that is the word of who may prove (a validator).
contract UnprovenVerifier {
    /// @notice Whether `proof` is one for `publicInputs`.
    function verify(uint256[] calldata publicInputs, uint256[] calldata proof) external pure returns (bool) {
        if (publicInputs.length != 1 || proof.length != 1) return false;
        return proof[0] == uint256(keccak256(abi.encodePacked("unproven", publicInputs[0])));
    }

    /// @notice Names the circuits that are proved: none.
    function verificationKeyHash() external pure returns (bytes32 vkHash) {
        return keccak256("unproven");
    }
}
