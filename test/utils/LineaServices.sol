// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Strings } from "@openzeppelin/contracts/utils/Strings.sol";
import { Test, Vm } from "forge-std/Test.sol";

import { AddressFilter } from "../../script/devnet/linea/AddressFilter.sol";
import { DataSubmission } from "../../script/devnet/linea/DataSubmission.sol";
import { Finalization } from "../../script/devnet/linea/Finalization.sol";
import { L2MessageService } from "../../script/devnet/linea/L2MessageService.sol";
import { LineaRollup } from "../../script/devnet/linea/LineaRollup.sol";
import { OperatorVerifier } from "../../script/devnet/linea/OperatorVerifier.sol";
import { PauseManager } from "../../script/devnet/linea/PauseManager.sol";
import { IL1MessageService } from "../../src/interfaces/external/linea/IL1MessageService.sol";
import { IMessageService } from "../../src/interfaces/external/linea/IMessageService.sol";
import { LineaTree } from "./LineaTree.sol";

/// @notice Both ends of Linea's message service in one EVM, with what the relayers do between them.
abstract contract LineaServices is Test {
    struct Message {
        address from;
        address to;
        uint256 fee;
        uint256 value;
        uint256 number;
        bytes data;
        bytes32 hash;
    }

    uint256 internal constant RATE_LIMIT = 10 ether;
    uint256 internal constant RATE_PERIOD = 1 days;
    uint256 internal constant MINIMUM_FEE = 0.0001 ether;

    address internal serviceAdmin = makeAddr("service admin");
    address internal anchorer = makeAddr("anchorer");
    address internal finalizer = makeAddr("finalizer");
    address internal pauser = makeAddr("pauser");
    address internal council = makeAddr("security council");

    /// @dev sha256 of the commitment to zeros, with the version in front.
    bytes32 internal constant VERSIONED_HASH = 0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014;
    uint256 internal constant FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    address internal livenessOperator = makeAddr("liveness recovery operator");
    address internal yieldManager = makeAddr("yield manager");
    OperatorVerifier internal lineaVerifier;
    uint256 private _finalizedTimestamp;
    uint256 private _finalizedMessage;

    LineaRollup internal lineaRollup;
    L2MessageService internal l2Service;

    /// @notice How the services refuse a caller without a role.
    function _missingRole(address account, bytes32 role) internal pure returns (bytes memory) {
        string memory text = string.concat(
            "AccessControl: account ",
            Strings.toHexString(account),
            " is missing role ",
            Strings.toHexString(uint256(role), 32)
        );
        return abi.encodeWithSignature("Error(string)", text);
    }

    function _deployLinea() internal {
        vm.warp(1_700_000_000);
        vm.coinbase(makeAddr("coinbase"));
        PauseManager.RoleAddress[] memory roles = new PauseManager.RoleAddress[](14);
        roles[0] = PauseManager.RoleAddress(anchorer, keccak256("L1_L2_MESSAGE_SETTER_ROLE"));
        roles[1] = PauseManager.RoleAddress(finalizer, keccak256("OPERATOR_ROLE"));
        roles[2] = PauseManager.RoleAddress(pauser, keccak256("PAUSE_ALL_ROLE"));
        roles[3] = PauseManager.RoleAddress(pauser, keccak256("UNPAUSE_ALL_ROLE"));
        roles[4] = PauseManager.RoleAddress(council, keccak256("PAUSE_ALL_ROLE"));
        roles[5] = PauseManager.RoleAddress(council, keccak256("UNPAUSE_ALL_ROLE"));
        roles[6] = PauseManager.RoleAddress(council, keccak256("SECURITY_COUNCIL_ROLE"));
        roles[7] = PauseManager.RoleAddress(serviceAdmin, keccak256("RATE_LIMIT_SETTER_ROLE"));
        roles[8] = PauseManager.RoleAddress(serviceAdmin, keccak256("USED_RATE_LIMIT_RESETTER_ROLE"));
        roles[9] = PauseManager.RoleAddress(serviceAdmin, keccak256("VERIFIER_SETTER_ROLE"));
        roles[10] = PauseManager.RoleAddress(serviceAdmin, keccak256("VERIFIER_UNSETTER_ROLE"));
        roles[11] = PauseManager.RoleAddress(serviceAdmin, keccak256("SET_ADDRESS_FILTER_ROLE"));
        roles[12] = PauseManager.RoleAddress(serviceAdmin, keccak256("FORCED_TRANSACTION_FEE_SETTER_ROLE"));
        roles[13] = PauseManager.RoleAddress(serviceAdmin, keccak256("SET_YIELD_MANAGER_ROLE"));
        PauseManager.PauseTypeRole[] memory pauses = _pauseRoles("PAUSE_ALL_ROLE");
        PauseManager.PauseTypeRole[] memory unpauses = _pauseRoles("UNPAUSE_ALL_ROLE");

        lineaRollup = new LineaRollup();
        OperatorVerifier.ChainConfigurationParameter[] memory configuration =
            new OperatorVerifier.ChainConfigurationParameter[](1);
        configuration[0] = OperatorVerifier.ChainConfigurationParameter(bytes32(block.chainid), "chainId");
        lineaVerifier = new OperatorVerifier(configuration);
        lineaRollup.initialize(
            LineaRollup.BaseInitializationData({
                initialStateRootHash: keccak256("state 0"),
                initialL2BlockNumber: 0,
                genesisTimestamp: block.timestamp,
                defaultVerifier: address(lineaVerifier),
                rateLimitPeriodInSeconds: RATE_PERIOD,
                rateLimitAmountInWei: RATE_LIMIT,
                roleAddresses: roles,
                pauseTypeRoles: pauses,
                unpauseTypeRoles: unpauses,
                defaultAdmin: serviceAdmin,
                shnarfProvider: address(0),
                addressFilter: address(new AddressFilter())
            }),
            livenessOperator,
            yieldManager
        );
        _finalizedTimestamp = block.timestamp;
        l2Service = new L2MessageService();
        l2Service.initialize(RATE_PERIOD, RATE_LIMIT, serviceAdmin, roles, pauses, unpauses);
        vm.label(address(lineaRollup), "LineaRollup");
        vm.label(address(l2Service), "L2MessageService");
        vm.warp(block.timestamp + 100);
    }

    /// @notice The messages that `service` sent since vm.recordLogs() or the last reading of the logs.
    function _sentMessages(address service) internal returns (Message[] memory messages) {
        return _messagesOf(vm.getRecordedLogs(), service);
    }

    function _messagesOf(Vm.Log[] memory logs, address service) internal pure returns (Message[] memory messages) {
        messages = new Message[](logs.length);
        uint256 count;
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != service || logs[i].topics[0] != IMessageService.MessageSent.selector) continue;
            Message memory message;
            message.from = address(uint160(uint256(logs[i].topics[1])));
            message.to = address(uint160(uint256(logs[i].topics[2])));
            message.hash = logs[i].topics[3];
            (message.fee, message.value, message.number, message.data) =
                abi.decode(logs[i].data, (uint256, uint256, uint256, bytes));
            messages[count++] = message;
        }
        assembly ("memory-safe") {
            mstore(messages, count)
        }
    }

    /// @notice The anchorer's work.
    function _anchor(Message[] memory messages) internal {
        uint256 last = messages[messages.length - 1].number;
        bytes32 rollingHash = lineaRollup.rollingHashes(last);
        vm.prank(anchorer);
        l2Service.anchorL1L2MessageHashes(_hashes(messages), messages[0].number, last, rollingHash);
    }

    function _claimOnLinea(Message memory m) internal {
        l2Service.claimMessage(m.from, m.to, m.fee, m.value, payable(0), m.data, m.number);
    }

    /// @notice The finalizer's data for `messages`, each in a block of its own after the last finalized one; brings the data in a blob.
    function _finalization(Message[] memory messages) internal returns (Finalization.FinalizationDataV4 memory data) {
        uint256 last = lineaRollup.currentL2BlockNumber();
        data.parentStateRootHash = lineaRollup.stateRootHashes(last);
        data.endBlockNumber = last + (messages.length == 0 ? 1 : messages.length);
        data.shnarfData = _submit(keccak256(abi.encode("state", data.endBlockNumber)));
        data.lastFinalizedTimestamp = _finalizedTimestamp;
        data.finalTimestamp = block.timestamp - 1;
        data.lastFinalizedL1RollingHash = lineaRollup.rollingHashes(_finalizedMessage);
        data.lastFinalizedL1RollingHashMessageNumber = _finalizedMessage;
        data.l1RollingHashMessageNumber = l2Service.lastAnchoredL1MessageNumber();
        data.l1RollingHash = l2Service.l1RollingHashes(data.l1RollingHashMessageNumber);
        data.l2MerkleTreesDepth = LineaTree.DEPTH;
        data.l2MerkleRoots = new bytes32[](messages.length == 0 ? 0 : 1);
        if (messages.length > 0) data.l2MerkleRoots[0] = LineaTree.root(_hashes(messages));
        for (uint16 i = 1; i <= messages.length; ++i) {
            data.l2MessagingBlocksOffsets = bytes.concat(data.l2MessagingBlocksOffsets, bytes2(i));
        }
    }

    /// @notice Submits a blob of zeros, whose commitment and proofs are the point at infinity.
    function _submit(bytes32 stateRootHash) internal returns (Finalization.ShnarfData memory shnarf) {
        DataSubmission.BlobSubmission[] memory blobs = _blob(stateRootHash);
        shnarf = _shnarf(stateRootHash);
        vm.prank(finalizer);
        lineaRollup.submitBlobs(blobs, shnarf.parentShnarf, _hash(shnarf));
    }

    function _shnarf(bytes32 stateRootHash) internal view returns (Finalization.ShnarfData memory shnarf) {
        shnarf.parentShnarf = lineaRollup.currentFinalizedShnarf();
        shnarf.snarkHash = keccak256("snark hash");
        shnarf.finalStateRootHash = stateRootHash;
        shnarf.dataEvaluationPoint = keccak256(abi.encodePacked(shnarf.snarkHash, VERSIONED_HASH));
    }

    function _blob(bytes32 stateRootHash) internal returns (DataSubmission.BlobSubmission[] memory blobs) {
        bytes32[] memory versionedHashes = new bytes32[](1);
        versionedHashes[0] = VERSIONED_HASH;
        vm.blobhashes(versionedHashes);
        bytes memory infinity = bytes.concat(hex"c0", new bytes(47));
        blobs = new DataSubmission.BlobSubmission[](1);
        blobs[0] = DataSubmission.BlobSubmission(0, infinity, infinity, stateRootHash, keccak256("snark hash"));
    }

    function _hash(Finalization.ShnarfData memory shnarf) internal pure returns (bytes32) {
        return keccak256(abi.encode(shnarf));
    }

    function _finalize(Message[] memory messages) internal {
        _finalize(_finalization(messages));
    }

    function _finalize(Finalization.FinalizationDataV4 memory data) internal {
        bytes memory proof = _proof(data);
        vm.prank(finalizer);
        lineaRollup.finalizeBlocks(proof, 0, data);
        _finalizedTimestamp = data.finalTimestamp;
        _finalizedMessage = data.l1RollingHashMessageNumber;
    }

    /// @notice The one proof that the verifier takes for `data`.
    function _proof(Finalization.FinalizationDataV4 memory data) internal view returns (bytes memory) {
        bytes memory input = abi.encode(
            lineaRollup.currentFinalizedShnarf(),
            _hash(data.shnarfData),
            data.lastFinalizedTimestamp,
            data.finalTimestamp,
            lineaRollup.currentL2BlockNumber(),
            data.endBlockNumber,
            data.lastFinalizedL1RollingHash,
            data.l1RollingHash
        );
        input = bytes.concat(
            input,
            abi.encode(
                data.lastFinalizedL1RollingHashMessageNumber,
                data.l1RollingHashMessageNumber,
                data.lastFinalizedForcedTransactionRollingHash,
                lineaRollup.forcedTransactionRollingHashes(data.finalForcedTransactionNumber),
                data.lastFinalizedForcedTransactionNumber,
                data.finalForcedTransactionNumber,
                data.l2MerkleTreesDepth
            )
        );
        input = bytes.concat(
            input,
            abi.encode(
                keccak256(abi.encodePacked(data.l2MerkleRoots)),
                lineaVerifier.getChainConfiguration(),
                keccak256(abi.encodePacked(data.filteredAddresses))
            )
        );
        return abi.encode(keccak256(abi.encodePacked("unproven", uint256(keccak256(input)) % FIELD)));
    }

    /// @notice The claim of the message at place `index` of the finalized `messages`.
    function _claimData(Message[] memory messages, uint256 index)
        internal
        pure
        returns (IL1MessageService.ClaimMessageWithProofParams memory params)
    {
        bytes32[] memory hashes = _hashes(messages);
        Message memory m = messages[index];
        params = IL1MessageService.ClaimMessageWithProofParams({
            proof: LineaTree.proof(hashes, index),
            messageNumber: m.number,
            leafIndex: uint32(index),
            from: m.from,
            to: m.to,
            fee: m.fee,
            value: m.value,
            feeRecipient: payable(0),
            merkleRoot: LineaTree.root(hashes),
            data: m.data
        });
    }

    function _hashes(Message[] memory messages) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](messages.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = messages[i].hash;
        }
    }

    function _pauseRoles(string memory role) private pure returns (PauseManager.PauseTypeRole[] memory roles) {
        roles = new PauseManager.PauseTypeRole[](5);
        roles[0] = PauseManager.PauseTypeRole(PauseManager.PauseType.GENERAL, keccak256(bytes(role)));
        roles[1] = PauseManager.PauseTypeRole(PauseManager.PauseType.L1_L2, keccak256(bytes(role)));
        roles[2] = PauseManager.PauseTypeRole(PauseManager.PauseType.L2_L1, keccak256(bytes(role)));
        roles[3] = PauseManager.PauseTypeRole(PauseManager.PauseType.FINALIZATION, keccak256(bytes(role)));
        roles[4] = PauseManager.PauseTypeRole(PauseManager.PauseType.STATE_DATA_SUBMISSION, keccak256(bytes(role)));
    }
}
