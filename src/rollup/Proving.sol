// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IPrimaryRollup } from "../interfaces/IRollup.sol";
import { IVerifier } from "../interfaces/IVerifier.sol";
import { BlockProof, StoredBlock } from "../types/Block.sol";
import { KeyId, Statement } from "../types/Statement.sol";
import { PrimaryCommitting } from "./PrimaryCommitting.sol";

/// @title Prove: the proofs of committed blocks, on the primary
/// @notice Anyone may call. All proofs of all blocks of a call are checked in one pairing call.
abstract contract Proving is PrimaryCommitting {
    /// @inheritdoc IPrimaryRollup
    function proveBlocks(StoredBlock[] calldata blocks, bytes32[][] calldata syncHashes, BlockProof[] calldata proofs)
        external
    {
        if (blocks.length == 0) revert NoBlocks();
        if (syncHashes.length != blocks.length) revert WrongProofCount(blocks.length, syncHashes.length);
        if (proofs.length != blocks.length) revert WrongProofCount(blocks.length, proofs.length);

        uint32 proved = totalBlocksProved;
        uint256 statementCount = 0;
        for (uint256 i = 0; i < blocks.length; ++i) {
            ++proved;
            _requireProvable(blocks[i], proved, proofs[i]);
            _requireSyncHashes(blocks[i], syncHashes[i]);
            emit BlockProved(proved, blocks[i].finalRoot, syncHashes[i]);
            statementCount += proofs[i].segmentProofs.length + 1;
        }
        totalBlocksProved = proved;

        if (!IVerifier(verifier).verifyBatch(_statements(proofs, statementCount))) revert InvalidProof();
    }

    /// @dev `proof` may only speak about the public inputs that were fixed when `stored` was committed.
    function _requireProvable(StoredBlock calldata stored, uint32 expectedNumber, BlockProof calldata proof)
        private
        view
    {
        if (stored.blockNumber != expectedNumber) revert WrongBlockNumber(expectedNumber, stored.blockNumber);
        if (expectedNumber > totalBlocksCommitted) revert BlockNotCommitted(totalBlocksCommitted, expectedNumber);
        _requireStored(stored);
        if (proof.segmentProofs.length != proof.segmentInputs.length) {
            revert WrongProofCount(proof.segmentInputs.length, proof.segmentProofs.length);
        }
        bytes32 actual = _hashProofInputs(proof.segmentInputs, proof.joinInputs);
        if (actual != stored.proofInputsHash) {
            revert WrongProofInputs(expectedNumber, stored.proofInputsHash, actual);
        }
    }

    function _statements(BlockProof[] calldata proofs, uint256 count) private pure returns (Statement[] memory list) {
        list = new Statement[](count);
        uint256 k = 0;
        for (uint256 i = 0; i < proofs.length; ++i) {
            BlockProof calldata proof = proofs[i];
            for (uint256 j = 0; j < proof.segmentProofs.length; ++j) {
                uint256[] memory inputs = new uint256[](5);
                for (uint256 n = 0; n < 5; ++n) {
                    inputs[n] = proof.segmentInputs[j][n];
                }
                list[k++] = Statement({ key: KeyId.Segment, inputs: inputs, proof: proof.segmentProofs[j] });
            }
            uint256[] memory joinInputs = new uint256[](3);
            for (uint256 n = 0; n < 3; ++n) {
                joinInputs[n] = proof.joinInputs[n];
            }
            list[k++] = Statement({ key: KeyId.Join, inputs: joinInputs, proof: proof.joinProof });
        }
    }
}
