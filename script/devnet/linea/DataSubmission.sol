// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L1MessageService } from "./L1MessageService.sol";

/// @title Linea's data on Ethereum
/// @notice For local chains only. The operator brings data in blobs before it finalizes. A chain of hashes ("shnarfs") says in which order; what
/// the data says, only the validity proof of a finalization binds.
abstract contract DataSubmission is L1MessageService {
    /// @param dataEvaluationClaim value of the blob's polynomial at keccak256(snarkHash ‖ versioned hash), which `kzgProof` shows
    /// @param snarkHash of the data, by a hash that circuits like
    struct BlobSubmission {
        uint256 dataEvaluationClaim;
        bytes kzgCommitment;
        bytes kzgProof;
        bytes32 finalStateRootHash;
        bytes32 snarkHash;
    }

    event DataSubmittedV3(bytes32 parentShnarf, bytes32 indexed shnarf, bytes32 finalStateRootHash);

    error BlobSubmissionDataIsMissing();
    error BlobSubmissionDataEmpty(uint256 emptyBlobIndex);
    error EmptyBlobDataAtIndex(uint256 index);
    error PointEvaluationFailed();
    error ParentShnarfNotSubmitted(bytes32 shnarf);
    error ShnarfAlreadySubmitted(bytes32 shnarf);
    error FinalShnarfWrong(bytes32 expected, bytes32 value);

    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
    bytes32 public constant PAUSE_STATE_DATA_SUBMISSION_ROLE = keccak256("PAUSE_STATE_DATA_SUBMISSION_ROLE");
    bytes32 public constant UNPAUSE_STATE_DATA_SUBMISSION_ROLE = keccak256("UNPAUSE_STATE_DATA_SUBMISSION_ROLE");

    uint256 private constant BLS_MODULUS =
        52435875175126190479447740508185965837690552500527637822603658699938581184513;
    address private constant POINT_EVALUATION = address(0x0a);

    /// @notice 1 for a shnarf that was submitted.
    mapping(bytes32 shnarf => uint256 exists) public blobShnarfExists;

    /// @notice Takes the data of blobs that come with the transaction.
    /// @param finalBlobShnarf the shnarf after the last of them
    function submitBlobs(BlobSubmission[] calldata blobSubmissions, bytes32 parentShnarf, bytes32 finalBlobShnarf)
        external
        whenTypeAndGeneralNotPaused(PauseType.STATE_DATA_SUBMISSION)
        onlyRole(OPERATOR_ROLE)
    {
        uint256 count = blobSubmissions.length;
        require(count > 0, BlobSubmissionDataIsMissing());
        require(blobhash(count) == bytes32(0), BlobSubmissionDataEmpty(count));

        bytes32 shnarf = parentShnarf;
        for (uint256 i; i < count; ++i) {
            shnarf = _shnarfOfBlob(shnarf, blobSubmissions[i], i);
        }
        require(blobShnarfExists[parentShnarf] != 0, ParentShnarfNotSubmitted(parentShnarf));
        require(blobShnarfExists[finalBlobShnarf] == 0, ShnarfAlreadySubmitted(finalBlobShnarf));
        require(finalBlobShnarf == shnarf, FinalShnarfWrong(finalBlobShnarf, shnarf));
        blobShnarfExists[shnarf] = 1;
        emit DataSubmittedV3(parentShnarf, shnarf, blobSubmissions[count - 1].finalStateRootHash);
    }

    function _computeShnarf(
        bytes32 parentShnarf,
        bytes32 snarkHash,
        bytes32 finalStateRootHash,
        bytes32 dataEvaluationPoint,
        bytes32 dataEvaluationClaim
    ) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(parentShnarf, snarkHash, finalStateRootHash, dataEvaluationPoint, dataEvaluationClaim)
        );
    }

    function _shnarfOfBlob(bytes32 parentShnarf, BlobSubmission calldata blob, uint256 index)
        private
        view
        returns (bytes32)
    {
        bytes32 versionedHash = blobhash(index);
        require(versionedHash != bytes32(0), EmptyBlobDataAtIndex(index));
        bytes32 point = _hashPair(blob.snarkHash, versionedHash);
        bytes memory evaluation = abi.encodePacked(
            versionedHash, uint256(point) % BLS_MODULUS, blob.dataEvaluationClaim, blob.kzgCommitment, blob.kzgProof
        );
        (bool success,) = POINT_EVALUATION.staticcall(evaluation);
        require(success, PointEvaluationFailed());
        return _computeShnarf(
            parentShnarf, blob.snarkHash, blob.finalStateRootHash, point, bytes32(blob.dataEvaluationClaim)
        );
    }
}
