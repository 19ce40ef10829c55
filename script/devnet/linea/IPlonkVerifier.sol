// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title What LineaRollup asks a verifier of proofs
interface IPlonkVerifier {
    /// @notice Names what the proofs are about: the chain and its contracts.
    function getChainConfiguration() external view returns (bytes32 chainConfigurationHash);

    /// @notice Whether `proof` is one for `publicInputs`. May revert with a text when either is malformed.
    // The deployed verifier's name.
    // solhint-disable-next-line func-name-mixedcase
    function Verify(bytes calldata proof, uint256[] calldata publicInputs) external returns (bool success);
}
