// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @notice Merkle trees of Linea's messages to Ethereum: 32 leaves, keccak256, padded on the right with zero words.
library LineaTree {
    uint256 internal constant DEPTH = 5;

    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        return _levels(leaves)[DEPTH][0];
    }

    function proof(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[][] memory levels = _levels(leaves);
        siblings = new bytes32[](DEPTH);
        for (uint256 i = 0; i < DEPTH; ++i) {
            siblings[i] = levels[i][(index >> i) ^ 1];
        }
    }

    function _levels(bytes32[] memory leaves) private pure returns (bytes32[][] memory levels) {
        require(leaves.length <= 1 << DEPTH, "one tree holds 32 messages");
        levels = new bytes32[][](DEPTH + 1);
        levels[0] = new bytes32[](1 << DEPTH);
        for (uint256 i = 0; i < leaves.length; ++i) {
            levels[0][i] = leaves[i];
        }
        for (uint256 l = 1; l <= DEPTH; ++l) {
            levels[l] = new bytes32[](1 << (DEPTH - l));
            for (uint256 i = 0; i < levels[l].length; ++i) {
                levels[l][i] = keccak256(abi.encodePacked(levels[l - 1][2 * i], levels[l - 1][2 * i + 1]));
            }
        }
    }
}
