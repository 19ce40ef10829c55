// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import { IL1MessageService } from "../../../src/interfaces/external/linea/IL1MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { MessageService } from "./MessageService.sol";

/// @title Ethereum's end of Linea's message service
/// @notice For local chains only. Sending with rolling hashes, claiming with proofs against the roots that a finalization added.
abstract contract L1MessageService is MessageService, IL1MessageService {
    using BitMaps for BitMaps.BitMap;

    error LeafIndexOutOfBounds(uint32 leafIndex, uint32 maxAllowedIndex);
    error MessageDoesNotExistOrHasAlreadyBeenClaimed(bytes32 messageHash);

    uint8 public constant INBOX_STATUS_UNKNOWN = 0;
    uint8 public constant INBOX_STATUS_RECEIVED = 1;
    uint8 public constant OUTBOX_STATUS_UNKNOWN = 0;
    uint8 public constant OUTBOX_STATUS_SENT = 1;
    uint8 public constant OUTBOX_STATUS_RECEIVED = 2;

    uint256 private constant CLAIM_OVERHEAD = 48_252;

    /// @inheritdoc IL1MessageService
    mapping(uint256 messageNumber => bytes32 rollingHash) public rollingHashes;
    /// @inheritdoc IL1MessageService
    mapping(bytes32 merkleRoot => uint256 treeDepth) public l2MerkleRootsDepths;
    /// @notice Messages older than Merkle claiming; there are none on a local chain, but clients ask.
    mapping(bytes32 messageHash => uint256 messageStatus) public inboxL2L1MessageStatus;
    /// @notice Messages older than rolling hashes; there are none either.
    mapping(bytes32 messageHash => uint256 messageStatus) public outboxL1L2MessageStatus;
    /// @notice Block from which on messages are claimed with a proof: here all of them.
    uint256 public systemMigrationBlock;
    BitMaps.BitMap private _claimed;

    /// @inheritdoc IMessageService
    function sendMessage(address to, uint256 fee, bytes calldata data)
        external
        payable
        whenTypeAndGeneralNotPaused(PauseType.L1_L2)
    {
        require(to != address(0), ZeroAddressNotAllowed());
        require(fee <= msg.value, ValueSentTooLow());
        uint256 messageNumber = nextMessageNumber++;
        uint256 value = msg.value - fee;

        bytes32 messageHash = _hashMessage(msg.sender, to, fee, value, messageNumber, data);
        bytes32 rollingHash = _hashPair(rollingHashes[messageNumber - 1], messageHash);
        rollingHashes[messageNumber] = rollingHash;
        emit RollingHashUpdated(messageNumber, rollingHash, messageHash);
        emit MessageSent(msg.sender, to, fee, value, messageNumber, data, messageHash);
    }

    /// @notice Claims a message older than Merkle claiming. There are none on a local chain, so this refuses as it refuses any other message.
    function claimMessage(
        address from,
        address to,
        uint256 fee,
        uint256 value,
        address payable,
        bytes calldata data,
        uint256 nonce
    ) external nonReentrant whenTypeAndGeneralNotPaused(PauseType.L2_L1) {
        bytes32 messageHash = _hashMessage(from, to, fee, value, nonce, data);
        revert MessageDoesNotExistOrHasAlreadyBeenClaimed(messageHash);
    }

    /// @inheritdoc IL1MessageService
    function claimMessageWithProof(ClaimMessageWithProofParams calldata params) external nonReentrant {
        uint256 gasBefore = gasleft() + CLAIM_OVERHEAD;
        _requireNotPaused(PauseType.L2_L1);
        _requireNotPaused(PauseType.GENERAL);

        uint256 depth = l2MerkleRootsDepths[params.merkleRoot];
        require(depth != 0, L2MerkleRootDoesNotExist());
        require(depth == params.proof.length, ProofLengthDifferentThanMerkleDepth(depth, params.proof.length));
        require(!_claimed.get(params.messageNumber), MessageAlreadyClaimed(params.messageNumber));
        _claimed.set(params.messageNumber);
        _addUsedAmount(params.fee + params.value);

        bytes32 messageHash =
            _hashMessage(params.from, params.to, params.fee, params.value, params.messageNumber, params.data);
        require(_rootOf(messageHash, params.proof, params.leafIndex) == params.merkleRoot, InvalidMerkleProof());

        _deliver(params.from, params.to, params.value, params.data);
        emit MessageClaimed(messageHash);
        _distributeFee(params.fee, params.to, params.data.length, params.feeRecipient, gasBefore);
    }

    /// @inheritdoc IL1MessageService
    function isMessageClaimed(uint256 messageNumber) external view returns (bool isClaimed) {
        return _claimed.get(messageNumber);
    }

    function _addMerkleRoots(bytes32[] calldata roots, uint256 depth) internal {
        for (uint256 i; i < roots.length; ++i) {
            bytes32 root = roots[i];
            require(l2MerkleRootsDepths[root] == 0, L2MerkleRootAlreadyAnchored(root));
            l2MerkleRootsDepths[root] = depth;
            emit L2MerkleRootAdded(root, depth);
        }
    }

    /// @param offsets big-endian uint16 list: block number - `lastBlock`, for every L2 block with a message
    function _anchorMessagingBlocks(bytes calldata offsets, uint256 lastBlock) internal {
        require(offsets.length % 2 == 0, BytesLengthNotMultipleOfTwo(offsets.length));
        for (uint256 i; i < offsets.length; i += 2) {
            emit L2MessagingBlockAnchored(lastBlock + uint16(bytes2(offsets[i:i + 2])));
        }
    }

    function _rootOf(bytes32 leaf, bytes32[] calldata proof, uint32 leafIndex) private pure returns (bytes32 node) {
        uint32 maximum = uint32((1 << proof.length) - 1);
        require(leafIndex <= maximum, LeafIndexOutOfBounds(leafIndex, maximum));
        node = leaf;
        for (uint256 i; i < proof.length; ++i) {
            node = (leafIndex >> i) & 1 == 1 ? _hashPair(proof[i], node) : _hashPair(node, proof[i]);
        }
    }
}
