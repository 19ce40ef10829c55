// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPlonkVerifier } from "./IPlonkVerifier.sol";

/// @title Verifier of Linea's finalizations, local version: it verifies no proof
/// @notice For local chains only. It says yes to exactly one proof of each public input: `keccak256("unproven" ‖ public input)`. So a call is
/// bound to its own public input, which LineaRollup computes as the deployed contract does, and nothing shows that the input is true: that is
/// the word of who may call (OPERATOR_ROLE).
contract OperatorVerifier is IPlonkVerifier {
    struct ChainConfigurationParameter {
        bytes32 value;
        string name;
    }

    event ChainConfigurationSet(bytes32 chainConfigurationHash, ChainConfigurationParameter[] parameters);

    error ChainConfigurationNotProvided();

    bytes32 private immutable _CHAIN_CONFIGURATION;

    constructor(ChainConfigurationParameter[] memory chainConfiguration) {
        require(chainConfiguration.length > 0, ChainConfigurationNotProvided());
        _CHAIN_CONFIGURATION = keccak256(abi.encode(chainConfiguration));
        emit ChainConfigurationSet(_CHAIN_CONFIGURATION, chainConfiguration);
    }

    /// @inheritdoc IPlonkVerifier
    function getChainConfiguration() external view returns (bytes32 chainConfigurationHash) {
        return _CHAIN_CONFIGURATION;
    }

    /// @inheritdoc IPlonkVerifier
    // solhint-disable-next-line func-name-mixedcase
    function Verify(bytes calldata proof, uint256[] calldata publicInputs) external pure returns (bool success) {
        // The deployed verifier refuses with texts.
        // solhint-disable-next-line gas-custom-errors
        require(publicInputs.length == 1, "wrong number of public inputs");
        // solhint-disable-next-line gas-custom-errors
        require(proof.length == 32, "wrong proof size");
        return bytes32(proof) == keccak256(abi.encodePacked("unproven", publicInputs[0]));
    }
}
