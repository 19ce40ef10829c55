// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Test, Vm } from "forge-std/Test.sol";

import { L2MessageService } from "../../script/devnet/linea/L2MessageService.sol";
import { LineaRollup } from "../../script/devnet/linea/LineaRollup.sol";
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

    LineaRollup internal lineaRollup;
    L2MessageService internal l2Service;

    function _deployLinea() internal {
        vm.warp(1_700_000_000);
        vm.coinbase(makeAddr("coinbase"));
        PauseManager.RoleAddress[] memory roles = new PauseManager.RoleAddress[](9);
        roles[0] = PauseManager.RoleAddress(anchorer, keccak256("L1_L2_MESSAGE_SETTER_ROLE"));
        roles[1] = PauseManager.RoleAddress(finalizer, keccak256("OPERATOR_ROLE"));
        roles[2] = PauseManager.RoleAddress(pauser, keccak256("PAUSE_ALL_ROLE"));
        roles[3] = PauseManager.RoleAddress(pauser, keccak256("UNPAUSE_ALL_ROLE"));
        roles[4] = PauseManager.RoleAddress(council, keccak256("PAUSE_ALL_ROLE"));
        roles[5] = PauseManager.RoleAddress(council, keccak256("UNPAUSE_ALL_ROLE"));
        roles[6] = PauseManager.RoleAddress(council, keccak256("SECURITY_COUNCIL_ROLE"));
        roles[7] = PauseManager.RoleAddress(serviceAdmin, keccak256("RATE_LIMIT_SETTER_ROLE"));
        roles[8] = PauseManager.RoleAddress(serviceAdmin, keccak256("USED_RATE_LIMIT_RESETTER_ROLE"));
        PauseManager.PauseTypeRole[] memory pauses = _pauseRoles("PAUSE_ALL_ROLE");
        PauseManager.PauseTypeRole[] memory unpauses = _pauseRoles("UNPAUSE_ALL_ROLE");

        lineaRollup = new LineaRollup();
        lineaRollup.initialize(
            LineaRollup.InitializationData({
                initialStateRootHash: keccak256("state 0"),
                initialL2BlockNumber: 0,
                genesisTimestamp: block.timestamp,
                rateLimitPeriodInSeconds: RATE_PERIOD,
                rateLimitAmountInWei: RATE_LIMIT,
                defaultAdmin: serviceAdmin,
                roleAddresses: roles,
                pauseTypeRoles: pauses,
                unpauseTypeRoles: unpauses
            })
        );
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

    /// @notice The finalizer's data for `messages`, each in a block of its own after the last finalized one.
    function _finalization(Message[] memory messages) internal view returns (LineaRollup.FinalizationData memory data) {
        uint256 last = lineaRollup.currentL2BlockNumber();
        data.parentStateRootHash = lineaRollup.stateRootHashes(last);
        data.endBlockNumber = last + (messages.length == 0 ? 1 : messages.length);
        data.finalStateRootHash = keccak256(abi.encode("state", data.endBlockNumber));
        data.finalTimestamp = block.timestamp - 1;
        data.l1RollingHashMessageNumber = l2Service.lastAnchoredL1MessageNumber();
        data.l1RollingHash = l2Service.l1RollingHashes(data.l1RollingHashMessageNumber);
        data.l2MerkleTreesDepth = LineaTree.DEPTH;
        data.l2MerkleRoots = new bytes32[](messages.length == 0 ? 0 : 1);
        if (messages.length > 0) data.l2MerkleRoots[0] = LineaTree.root(_hashes(messages));
        for (uint16 i = 1; i <= messages.length; ++i) {
            data.l2MessagingBlocksOffsets = bytes.concat(data.l2MessagingBlocksOffsets, bytes2(i));
        }
    }

    function _finalize(Message[] memory messages) internal {
        LineaRollup.FinalizationData memory data = _finalization(messages);
        vm.prank(finalizer);
        lineaRollup.finalizeBlocks(data);
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
        roles = new PauseManager.PauseTypeRole[](4);
        roles[0] = PauseManager.PauseTypeRole(PauseManager.PauseType.GENERAL, keccak256(bytes(role)));
        roles[1] = PauseManager.PauseTypeRole(PauseManager.PauseType.L1_L2, keccak256(bytes(role)));
        roles[2] = PauseManager.PauseTypeRole(PauseManager.PauseType.L2_L1, keccak256(bytes(role)));
        roles[3] = PauseManager.PauseTypeRole(PauseManager.PauseType.FINALIZATION, keccak256(bytes(role)));
    }
}
