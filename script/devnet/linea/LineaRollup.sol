// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { BitMaps } from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import { IL1MessageService } from "../../../src/interfaces/external/linea/IL1MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { MessageService } from "./MessageService.sol";

/// @title Linea's rollup contract on Ethereum, local version: message service and finalization
/// @notice For local chains only. The message service has the ABI, events, hashes, errors and their order of the deployed contract.
/// Finalization has the deployed contract's events and effects behind a shorter entry point, because there is no validity proof
/// to check: the OPERATOR_ROLE is trusted for what the proof would bind (roots of the L2 messages, timestamps, state roots).
/// Still checked on chain: the rolling hash that L2 anchored must exist here.
contract LineaRollup is MessageService, IL1MessageService {
    using BitMaps for BitMaps.BitMap;

    struct InitializationData {
        bytes32 initialStateRootHash;
        uint256 initialL2BlockNumber;
        uint256 genesisTimestamp;
        uint256 rateLimitPeriodInSeconds;
        uint256 rateLimitAmountInWei;
        address defaultAdmin;
        RoleAddress[] roleAddresses;
        PauseTypeRole[] pauseTypeRoles;
        PauseTypeRole[] unpauseTypeRoles;
    }

    struct FinalizationData {
        bytes32 parentStateRootHash;
        bytes32 finalStateRootHash;
        uint256 endBlockNumber;
        /// Must lie before the block that finalizes.
        uint256 finalTimestamp;
        /// L2MessageService.l1RollingHashes(lastAnchoredL1MessageNumber) at `endBlockNumber`; both 0 when nothing was anchored.
        bytes32 l1RollingHash;
        uint256 l1RollingHashMessageNumber;
        uint256 l2MerkleTreesDepth;
        bytes32[] l2MerkleRoots;
        /// Big-endian uint16 list: block number - last finalized block, for every L2 block with a message.
        bytes l2MessagingBlocksOffsets;
    }

    event DataFinalizedV3(
        uint256 indexed startBlockNumber,
        uint256 indexed endBlockNumber,
        bytes32 indexed shnarf,
        bytes32 parentStateRootHash,
        bytes32 finalStateRootHash
    );
    event FinalizedStateUpdated(
        uint256 indexed blockNumber, uint256 timestamp, uint256 messageNumber, uint256 forcedTransactionNumber
    );
    event FundingReceived(uint256 amount);

    error LeafIndexOutOfBounds(uint32 leafIndex, uint32 maxAllowedIndex);
    error NoEthSent();
    error StartingRootHashDoesNotMatch();
    error FinalBlockStateEqualsZeroHash();
    error FinalBlockNumberLessThanOrEqualToLastFinalizedBlock(uint256 finalBlockNumber, uint256 lastFinalizedBlock);
    error FinalizationInTheFuture(uint256 l2BlockTimestamp, uint256 currentBlockTimestamp);
    error MissingMessageNumberForRollingHash(bytes32 rollingHash);
    error MissingRollingHashForMessageNumber(uint256 messageNumber);
    error L1RollingHashDoesNotExistOnL1(uint256 messageNumber, bytes32 rollingHash);

    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
    bytes32 public constant PAUSE_FINALIZATION_ROLE = keccak256("PAUSE_FINALIZATION_ROLE");
    bytes32 public constant UNPAUSE_FINALIZATION_ROLE = keccak256("UNPAUSE_FINALIZATION_ROLE");
    string public constant CONTRACT_VERSION = "8.0";

    uint256 private constant CLAIM_OVERHEAD = 48_252;

    /// @inheritdoc IL1MessageService
    mapping(uint256 messageNumber => bytes32 rollingHash) public rollingHashes;
    /// @inheritdoc IL1MessageService
    mapping(bytes32 merkleRoot => uint256 treeDepth) public l2MerkleRootsDepths;
    /// @notice Messages older than Merkle claiming; there are none on a local chain, but clients ask.
    mapping(bytes32 messageHash => uint256 messageStatus) public inboxL2L1MessageStatus;
    mapping(uint256 blockNumber => bytes32 stateRootHash) public stateRootHashes;
    uint256 public currentL2BlockNumber;
    bytes32 public currentFinalizedShnarf;
    BitMaps.BitMap private _claimed;

    function initialize(InitializationData calldata data) external initializer {
        _initializeService(
            data.rateLimitPeriodInSeconds,
            data.rateLimitAmountInWei,
            data.defaultAdmin,
            data.roleAddresses,
            data.pauseTypeRoles,
            data.unpauseTypeRoles
        );
        currentL2BlockNumber = data.initialL2BlockNumber;
        stateRootHashes[data.initialL2BlockNumber] = data.initialStateRootHash;
        currentFinalizedShnarf = _computeShnarf(bytes32(0), data.initialStateRootHash);
        emit FinalizedStateUpdated(data.initialL2BlockNumber, data.genesisTimestamp, 0, 0);
    }

    /// @notice Gives ETH to the contract, from which messages of Linea are paid out.
    function fund() external payable {
        require(msg.value > 0, NoEthSent());
        emit FundingReceived(msg.value);
    }

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

    /// @notice Adds the Merkle roots of the L2 messages up to `endBlockNumber`, which makes them claimable.
    function finalizeBlocks(FinalizationData calldata data)
        external
        whenTypeAndGeneralNotPaused(PauseType.FINALIZATION)
        onlyRole(OPERATOR_ROLE)
    {
        uint256 last = currentL2BlockNumber;
        require(stateRootHashes[last] == data.parentStateRootHash, StartingRootHashDoesNotMatch());
        _requireKnownRollingHash(data.l1RollingHashMessageNumber, data.l1RollingHash);
        require(data.finalTimestamp < block.timestamp, FinalizationInTheFuture(data.finalTimestamp, block.timestamp));
        require(data.finalStateRootHash != bytes32(0), FinalBlockStateEqualsZeroHash());
        require(
            data.endBlockNumber > last, FinalBlockNumberLessThanOrEqualToLastFinalizedBlock(data.endBlockNumber, last)
        );

        for (uint256 i; i < data.l2MerkleRoots.length; ++i) {
            bytes32 root = data.l2MerkleRoots[i];
            require(l2MerkleRootsDepths[root] == 0, L2MerkleRootAlreadyAnchored(root));
            l2MerkleRootsDepths[root] = data.l2MerkleTreesDepth;
            emit L2MerkleRootAdded(root, data.l2MerkleTreesDepth);
        }
        bytes calldata offsets = data.l2MessagingBlocksOffsets;
        require(offsets.length % 2 == 0, BytesLengthNotMultipleOfTwo(offsets.length));
        for (uint256 i; i < offsets.length; i += 2) {
            emit L2MessagingBlockAnchored(last + uint16(bytes2(offsets[i:i + 2])));
        }

        bytes32 shnarf = _computeShnarf(currentFinalizedShnarf, data.finalStateRootHash);
        stateRootHashes[data.endBlockNumber] = data.finalStateRootHash;
        currentL2BlockNumber = data.endBlockNumber;
        currentFinalizedShnarf = shnarf;
        emit FinalizedStateUpdated(data.endBlockNumber, data.finalTimestamp, data.l1RollingHashMessageNumber, 0);
        emit DataFinalizedV3(last + 1, data.endBlockNumber, shnarf, data.parentStateRootHash, data.finalStateRootHash);
    }

    /// @inheritdoc IL1MessageService
    function isMessageClaimed(uint256 messageNumber) external view returns (bool isClaimed) {
        return _claimed.get(messageNumber);
    }

    function _requireKnownRollingHash(uint256 messageNumber, bytes32 rollingHash) private view {
        if (messageNumber == 0) {
            require(rollingHash == bytes32(0), MissingMessageNumberForRollingHash(rollingHash));
            return;
        }
        require(rollingHash != bytes32(0), MissingRollingHashForMessageNumber(messageNumber));
        require(rollingHashes[messageNumber] == rollingHash, L1RollingHashDoesNotExistOnL1(messageNumber, rollingHash));
    }

    function _rootOf(bytes32 leaf, bytes32[] calldata proof, uint32 leafIndex) private pure returns (bytes32 node) {
        uint32 maximum = uint32((1 << proof.length) - 1);
        require(leafIndex <= maximum, LeafIndexOutOfBounds(leafIndex, maximum));
        node = leaf;
        for (uint256 i; i < proof.length; ++i) {
            node = (leafIndex >> i) & 1 == 1 ? _hashPair(proof[i], node) : _hashPair(node, proof[i]);
        }
    }

    /// @dev The deployed contract mixes blob data in; without blobs those words are 0.
    function _computeShnarf(bytes32 parent, bytes32 stateRootHash) private pure returns (bytes32) {
        return keccak256(abi.encode(parent, bytes32(0), stateRootHash, bytes32(0), bytes32(0)));
    }
}
