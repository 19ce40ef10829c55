// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IMessageService } from "./IMessageService.sol";

/// @title Linea's message service on Ethereum (a part of the LineaRollup contract)
/// @notice Messages from Linea are claimed with a Merkle proof against a root that a finalization has added.
interface IL1MessageService is IMessageService {
    struct ClaimMessageWithProofParams {
        bytes32[] proof;
        uint256 messageNumber;
        uint32 leafIndex;
        address from;
        address to;
        uint256 fee;
        uint256 value;
        address payable feeRecipient;
        bytes32 merkleRoot;
        bytes data;
    }

    event RollingHashUpdated(uint256 indexed messageNumber, bytes32 indexed rollingHash, bytes32 indexed messageHash);
    event L2MerkleRootAdded(bytes32 indexed l2MerkleRoot, uint256 indexed treeDepth);
    event L2MessagingBlockAnchored(uint256 indexed l2Block);

    error L2MerkleRootDoesNotExist();
    error InvalidMerkleProof();
    error ProofLengthDifferentThanMerkleDepth(uint256 actual, uint256 expected);
    error MessageAlreadyClaimed(uint256 messageIndex);
    error L2MerkleRootAlreadyAnchored(bytes32 merkleRoot);
    error BytesLengthNotMultipleOfTwo(uint256 bytesLength);

    /// @notice Delivers a message from Linea. Anyone may call; a reverting receiver leaves the message claimable.
    function claimMessageWithProof(ClaimMessageWithProofParams calldata _params) external;

    function isMessageClaimed(uint256 _messageNumber) external view returns (bool isClaimed);
    function l2MerkleRootsDepths(bytes32 _merkleRoot) external view returns (uint256 treeDepth);
    function rollingHashes(uint256 _messageNumber) external view returns (bytes32 rollingHash);
}
