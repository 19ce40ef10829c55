// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { DataSubmission } from "./DataSubmission.sol";
import { IAddressFilter } from "./IAddressFilter.sol";
import { IPlonkVerifier } from "./IPlonkVerifier.sol";
import { IProvideShnarf } from "./IProvideShnarf.sol";

/// @title Finalization of Linea's blocks on Ethereum
/// @notice For local chains only. Entry point, checks with their order and errors, public input and effects are those of the deployed contract;
/// what the validity proof would bind is as right as the verifier of the proof's type: see OperatorVerifier.
abstract contract Finalization is DataSubmission {
    struct ShnarfData {
        bytes32 parentShnarf;
        bytes32 snarkHash;
        bytes32 finalStateRootHash;
        bytes32 dataEvaluationPoint;
        bytes32 dataEvaluationClaim;
    }

    /// @dev The dynamic fields come last because the deployed contract hashes ranges of the calldata.
    struct FinalizationDataV4 {
        bytes32 parentStateRootHash;
        uint256 endBlockNumber;
        ShnarfData shnarfData;
        uint256 lastFinalizedTimestamp;
        /// Must lie before the block that finalizes.
        uint256 finalTimestamp;
        bytes32 lastFinalizedL1RollingHash;
        /// L2MessageService.l1RollingHashes(lastAnchoredL1MessageNumber) at `endBlockNumber`; both 0 when nothing was anchored.
        bytes32 l1RollingHash;
        uint256 lastFinalizedL1RollingHashMessageNumber;
        uint256 l1RollingHashMessageNumber;
        uint256 l2MerkleTreesDepth;
        uint256 lastFinalizedForcedTransactionNumber;
        uint256 finalForcedTransactionNumber;
        bytes32 lastFinalizedForcedTransactionRollingHash;
        bytes32[] l2MerkleRoots;
        address[] filteredAddresses;
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
    event VerifierAddressChanged(
        address indexed verifierAddress,
        uint256 indexed proofType,
        address indexed verifierSetBy,
        address oldVerifierAddress
    );
    event AddressFilterChanged(address oldAddressFilter, address newAddressFilter);
    event ForcedTransactionFeeSet(uint256 forcedTransactionFeeInWei);

    error ProofIsEmpty();
    error InvalidProof();
    error InvalidProofOrProofVerificationRanOutOfGas(string errorReason);
    error InvalidProofType();
    error StartingRootHashDoesNotMatch();
    error FinalBlockStateEqualsZeroHash();
    error FinalizationInTheFuture(uint256 l2BlockTimestamp, uint256 currentBlockTimestamp);
    error FinalizationStateIncorrect(bytes32 expected, bytes32 value);
    error FinalShnarfNotSubmitted(bytes32 shnarf);
    error MissingMessageNumberForRollingHash(bytes32 rollingHash);
    error MissingRollingHashForMessageNumber(uint256 messageNumber);
    error MissingRollingHashForForcedTransactionNumber(uint256 forcedTransactionNumber);
    error L1RollingHashDoesNotExistOnL1(uint256 messageNumber, bytes32 rollingHash);
    error AddressIsNotFiltered(address addressNotFiltered);
    error ZeroValueNotAllowed();

    bytes32 public constant PAUSE_FINALIZATION_ROLE = keccak256("PAUSE_FINALIZATION_ROLE");
    bytes32 public constant UNPAUSE_FINALIZATION_ROLE = keccak256("UNPAUSE_FINALIZATION_ROLE");
    bytes32 public constant VERIFIER_SETTER_ROLE = keccak256("VERIFIER_SETTER_ROLE");
    bytes32 public constant VERIFIER_UNSETTER_ROLE = keccak256("VERIFIER_UNSETTER_ROLE");
    bytes32 public constant SET_ADDRESS_FILTER_ROLE = keccak256("SET_ADDRESS_FILTER_ROLE");
    bytes32 public constant FORCED_TRANSACTION_SENDER_ROLE = keccak256("FORCED_TRANSACTION_SENDER_ROLE");
    bytes32 public constant FORCED_TRANSACTION_FEE_SETTER_ROLE = keccak256("FORCED_TRANSACTION_FEE_SETTER_ROLE");

    /// @dev Public inputs are elements of the field of the proof's curve.
    uint256 private constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    mapping(uint256 blockNumber => bytes32 stateRootHash) public stateRootHashes;
    mapping(uint256 proofType => address verifierAddress) public verifiers;
    uint256 public currentL2BlockNumber;
    bytes32 public currentFinalizedShnarf;
    /// @notice Hash of what the last finalization said of Linea's last block; the next one must repeat it.
    bytes32 public currentFinalizedState;
    address public shnarfProvider;
    address public addressFilter;
    uint256 public nextForcedTransactionNumber;
    /// @notice Forced transactions: there are none on a local chain.
    mapping(uint256 forcedTransactionNumber => uint256 l2BlockNumber) public forcedTransactionL2BlockNumbers;
    mapping(uint256 forcedTransactionNumber => bytes32 rollingHash) public forcedTransactionRollingHashes;
    uint256 public forcedTransactionFeeInWei;

    /// @notice Finalizes Linea's blocks up to `data.endBlockNumber`, which makes their messages claimable.
    function finalizeBlocks(bytes calldata aggregatedProof, uint256 proofType, FinalizationDataV4 calldata data)
        external
        whenTypeAndGeneralNotPaused(PauseType.FINALIZATION)
        onlyRole(OPERATOR_ROLE)
    {
        require(aggregatedProof.length > 0, ProofIsEmpty());
        uint256 lastBlock = currentL2BlockNumber;
        require(stateRootHashes[lastBlock] == data.parentStateRootHash, StartingRootHashDoesNotMatch());
        bytes32 lastShnarf = currentFinalizedShnarf;
        address verifier = verifiers[proofType];
        require(verifier != address(0), InvalidProofType());
        uint256 forcedNumber = data.finalForcedTransactionNumber;
        bytes32 forcedHash = forcedTransactionRollingHashes[forcedNumber];
        require(
            forcedNumber == 0 || forcedHash != bytes32(0), MissingRollingHashForForcedTransactionNumber(forcedNumber)
        );

        bytes32 shnarf = _finalize(data, lastBlock, forcedHash);
        bytes memory input = bytes.concat(
            abi.encode(lastShnarf, shnarf, data.lastFinalizedTimestamp, data.finalTimestamp, lastBlock),
            _publicInput(data, forcedHash, verifier)
        );
        _verifyProof(uint256(keccak256(input)) % FIELD, verifier, aggregatedProof);
    }

    function setVerifierAddress(address newVerifierAddress, uint256 proofType) external onlyRole(VERIFIER_SETTER_ROLE) {
        require(newVerifierAddress != address(0), ZeroAddressNotAllowed());
        emit VerifierAddressChanged(newVerifierAddress, proofType, msg.sender, verifiers[proofType]);
        verifiers[proofType] = newVerifierAddress;
    }

    function unsetVerifierAddress(uint256 proofType) external onlyRole(VERIFIER_UNSETTER_ROLE) {
        emit VerifierAddressChanged(address(0), proofType, msg.sender, verifiers[proofType]);
        delete verifiers[proofType];
    }

    function setAddressFilter(address newAddressFilter) external onlyRole(SET_ADDRESS_FILTER_ROLE) {
        require(newAddressFilter != address(0), ZeroAddressNotAllowed());
        address previous = addressFilter;
        if (newAddressFilter == previous) return;
        addressFilter = newAddressFilter;
        emit AddressFilterChanged(previous, newAddressFilter);
    }

    function setForcedTransactionFee(uint256 fee) external onlyRole(FORCED_TRANSACTION_FEE_SETTER_ROLE) {
        require(fee > 0, ZeroValueNotAllowed());
        forcedTransactionFeeInWei = fee;
        emit ForcedTransactionFeeSet(fee);
    }

    function getRequiredForcedTransactionFields()
        external
        view
        returns (
            bytes32 finalizedState,
            bytes32 previousForcedTransactionRollingHash,
            uint256 previousForcedTransactionBlockDeadline,
            uint256 currentFinalizedL2BlockNumber,
            uint256 forcedTransactionFeeAmount
        )
    {
        uint256 previous = nextForcedTransactionNumber - 1;
        return (
            currentFinalizedState,
            forcedTransactionRollingHashes[previous],
            forcedTransactionL2BlockNumbers[previous],
            currentL2BlockNumber,
            forcedTransactionFeeInWei
        );
    }

    function _finalize(FinalizationDataV4 calldata data, uint256 lastBlock, bytes32 forcedHash)
        private
        returns (bytes32 shnarf)
    {
        _requireKnownRollingHash(data.l1RollingHashMessageNumber, data.l1RollingHash);
        for (uint256 i; i < data.filteredAddresses.length; ++i) {
            address filtered = data.filteredAddresses[i];
            require(IAddressFilter(addressFilter).addressIsFiltered(filtered), AddressIsNotFiltered(filtered));
        }
        _requireFinalizedState(
            data.lastFinalizedL1RollingHashMessageNumber,
            data.lastFinalizedL1RollingHash,
            data.lastFinalizedForcedTransactionNumber,
            data.lastFinalizedForcedTransactionRollingHash,
            data.lastFinalizedTimestamp
        );
        require(data.finalTimestamp < block.timestamp, FinalizationInTheFuture(data.finalTimestamp, block.timestamp));
        require(data.shnarfData.finalStateRootHash != bytes32(0), FinalBlockStateEqualsZeroHash());
        shnarf = _computeShnarf(
            data.shnarfData.parentShnarf,
            data.shnarfData.snarkHash,
            data.shnarfData.finalStateRootHash,
            data.shnarfData.dataEvaluationPoint,
            data.shnarfData.dataEvaluationClaim
        );
        require(IProvideShnarf(shnarfProvider).blobShnarfExists(shnarf) != 0, FinalShnarfNotSubmitted(shnarf));

        _addMerkleRoots(data.l2MerkleRoots, data.l2MerkleTreesDepth);
        _anchorMessagingBlocks(data.l2MessagingBlocksOffsets, lastBlock);
        stateRootHashes[data.endBlockNumber] = data.shnarfData.finalStateRootHash;
        currentL2BlockNumber = data.endBlockNumber;
        currentFinalizedShnarf = shnarf;
        currentFinalizedState = _hashState(
            data.l1RollingHashMessageNumber,
            data.l1RollingHash,
            data.finalForcedTransactionNumber,
            forcedHash,
            data.finalTimestamp
        );
        emit FinalizedStateUpdated(
            data.endBlockNumber, data.finalTimestamp, data.l1RollingHashMessageNumber, data.finalForcedTransactionNumber
        );
        emit DataFinalizedV3(
            lastBlock + 1, data.endBlockNumber, shnarf, data.parentStateRootHash, data.shnarfData.finalStateRootHash
        );
    }

    /// @dev A contract of before forced transactions hashed three words; the deployed one still takes that hash and names it when both are wrong.
    function _requireFinalizedState(
        uint256 messageNumber,
        bytes32 rollingHash,
        uint256 forcedNumber,
        bytes32 forcedHash,
        uint256 timestamp
    ) internal view {
        bytes32 expected = currentFinalizedState;
        if (_hashState(messageNumber, rollingHash, forcedNumber, forcedHash, timestamp) == expected) return;
        bytes32 older = keccak256(abi.encode(messageNumber, rollingHash, timestamp));
        require(older == expected, FinalizationStateIncorrect(expected, older));
    }

    function _hashState(
        uint256 messageNumber,
        bytes32 rollingHash,
        uint256 forcedNumber,
        bytes32 forcedHash,
        uint256 timestamp
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(messageNumber, rollingHash, forcedNumber, forcedHash, timestamp));
    }

    function _requireKnownRollingHash(uint256 messageNumber, bytes32 rollingHash) private view {
        if (messageNumber == 0) {
            require(rollingHash == bytes32(0), MissingMessageNumberForRollingHash(rollingHash));
            return;
        }
        require(rollingHash != bytes32(0), MissingRollingHashForMessageNumber(messageNumber));
        require(rollingHashes[messageNumber] == rollingHash, L1RollingHashDoesNotExistOnL1(messageNumber, rollingHash));
    }

    /// @dev All but the first words, which `finalizeBlocks` has.
    function _publicInput(FinalizationDataV4 calldata data, bytes32 forcedHash, address verifier)
        private
        view
        returns (bytes memory)
    {
        return bytes.concat(
            abi.encode(
                data.endBlockNumber,
                data.lastFinalizedL1RollingHash,
                data.l1RollingHash,
                data.lastFinalizedL1RollingHashMessageNumber,
                data.l1RollingHashMessageNumber,
                data.lastFinalizedForcedTransactionRollingHash,
                forcedHash
            ),
            abi.encode(
                data.lastFinalizedForcedTransactionNumber,
                data.finalForcedTransactionNumber,
                data.l2MerkleTreesDepth,
                keccak256(abi.encodePacked(data.l2MerkleRoots)),
                IPlonkVerifier(verifier).getChainConfiguration(),
                keccak256(abi.encodePacked(data.filteredAddresses))
            )
        );
    }

    /// @dev A verifier that reverts with a text is quoted: its error's selector is replaced by ours.
    function _verifyProof(uint256 publicInput, address verifier, bytes calldata proof) private {
        uint256[] memory inputs = new uint256[](1);
        inputs[0] = publicInput;
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = verifier.call(abi.encodeCall(IPlonkVerifier.Verify, (proof, inputs)));
        if (!success) {
            require(result.length > 0, InvalidProofOrProofVerificationRanOutOfGas("Unknown"));
            bytes4 selector = InvalidProofOrProofVerificationRanOutOfGas.selector;
            for (uint256 i; i < selector.length && i < result.length; ++i) {
                result[i] = selector[i];
            }
            assembly ("memory-safe") {
                revert(add(result, 0x20), mload(result))
            }
        }
        require(abi.decode(result, (bool)), InvalidProof());
    }
}
