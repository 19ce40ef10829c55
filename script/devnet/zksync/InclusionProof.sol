// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2_L1_LOGS_TREE_DEFAULT_LEAF_HASH,
    SUPPORTED_PROOF_METADATA_VERSION
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Config.sol";
import {
    HashedLogIsDefault,
    InvalidProofLengthForFinalNode,
    MerkleIndexOutOfBounds,
    MerklePathEmpty,
    MerklePathOutOfBounds
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    UnsupportedProofMetadataVersion
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/L1StateTransitionErrors.sol";

/// @title Inclusion proofs of zkSync logs
/// @notice For local chains only. A proof is
///
/// | word | content |
/// |---|---|
/// | 0 | metadata: version (1 byte) 0x01, words of the log's path (1), words of the batch's path (1), final node (1), 28 zero bytes |
/// | 1 … 14 | siblings in the batch's tree of 2^14 logs, from the leaf up |
/// | 15 | aggregated root: the sibling that joins the batch's logs with those of chains that settle on this one |
///
/// or, older, the path alone without word 0. Words after the path are ignored when the node is final.
library InclusionProof {
    /// @param root what the path leads to
    /// @param finalNode false when the batch settled on another chain and more of the proof would have to be followed
    function rootOf(bytes32[] calldata proof, uint256 index, bytes32 leaf)
        internal
        pure
        returns (bytes32 root, bool finalNode)
    {
        require(proof.length > 0, MerklePathEmpty());
        require(leaf != L2_L1_LOGS_TREE_DEFAULT_LEAF_HASH, HashedLogIsDefault());

        uint256 first;
        uint256 length = proof.length;
        finalNode = true;
        // A path's first word is a hash, whose low 28 bytes are not all zero.
        if (uint256(proof[0]) << 32 == 0) {
            uint256 version = uint8(proof[0][0]);
            require(version == SUPPORTED_PROOF_METADATA_VERSION, UnsupportedProofMetadataVersion(version));
            first = 1;
            length = uint8(proof[0][1]);
            finalNode = proof[0][3] != 0;
            require(!finalNode || proof[0][2] == 0, InvalidProofLengthForFinalNode());
        }
        require(length < 256, MerklePathOutOfBounds());
        require(index < 1 << length, MerkleIndexOutOfBounds());

        root = leaf;
        for (uint256 i; i < length; ++i) {
            bytes32 sibling = proof[first + i];
            root = (index >> i) & 1 == 0
                ? keccak256(abi.encodePacked(root, sibling))
                : keccak256(abi.encodePacked(sibling, root));
        }
    }
}
