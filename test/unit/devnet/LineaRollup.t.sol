// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { Finalization } from "../../../script/devnet/linea/Finalization.sol";
import { L1MessageService } from "../../../script/devnet/linea/L1MessageService.sol";
import { LineaRollup } from "../../../script/devnet/linea/LineaRollup.sol";
import { MessageService } from "../../../script/devnet/linea/MessageService.sol";
import { PauseManager } from "../../../script/devnet/linea/PauseManager.sol";
import { RateLimiter } from "../../../script/devnet/linea/RateLimiter.sol";
import { IL1MessageService } from "../../../src/interfaces/external/linea/IL1MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { LineaServices } from "../../utils/LineaServices.sol";
import { LineaTree } from "../../utils/LineaTree.sol";
import { Receiver } from "../../utils/doubles/Receivers.sol";

/// @notice Ethereum's end: sending with rolling hashes, finalization, claiming with proofs; every check in the order of the deployed contract.
contract LineaRollupTest is LineaServices {
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    address private seenSender;

    function setUp() public {
        _deployLinea();
        vm.deal(alice, 100 ether);
        vm.deal(address(lineaRollup), 100 ether);
        vm.recordLogs();
    }

    // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_sendMessage_chainsRollingHashes() public {
        bytes32 first = keccak256(abi.encode(alice, bob, uint256(0), uint256(0), uint256(1), bytes("a")));
        bytes32 second = keccak256(abi.encode(alice, bob, uint256(2), uint256(3), uint256(2), bytes("bc")));
        bytes32 rolling = keccak256(abi.encodePacked(bytes32(0), first));
        vm.startPrank(alice);
        vm.expectEmit(address(lineaRollup));
        emit IL1MessageService.RollingHashUpdated(1, rolling, first);
        vm.expectEmit(address(lineaRollup));
        emit IMessageService.MessageSent(alice, bob, 0, 0, 1, "a", first);
        lineaRollup.sendMessage(bob, 0, "a");
        rolling = keccak256(abi.encodePacked(rolling, second));
        vm.expectEmit(address(lineaRollup));
        emit IL1MessageService.RollingHashUpdated(2, rolling, second);
        lineaRollup.sendMessage{ value: 5 }(bob, 2, "bc");
        assertEq(lineaRollup.rollingHashes(2), rolling, "stored");
        assertEq(lineaRollup.nextMessageNumber(), 3, "number");
    }

    function test_RevertWhen_SendingToNobodyOrMoreFeeThanValueOrPaused() public {
        vm.startPrank(alice);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        lineaRollup.sendMessage(address(0), 0, "");
        vm.expectRevert(IMessageService.ValueSentTooLow.selector);
        lineaRollup.sendMessage{ value: 1 }(bob, 2, "");
        vm.stopPrank();
        vm.prank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.L1_L2);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L1_L2));
        lineaRollup.sendMessage(bob, 0, "");
    }

    function test_fund_isOpenToAll() public {
        vm.expectEmit(address(lineaRollup));
        emit LineaRollup.FundingReceived(1);
        vm.prank(alice);
        lineaRollup.fund{ value: 1 }();
        vm.expectRevert(LineaRollup.NoEthSent.selector);
        lineaRollup.fund();
    }

    // ── finalize ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_finalize_addsRootsAndAnchorsBlocks() public {
        Message[] memory messages = _sendUp(3);
        bytes32 root = LineaTree.root(_hashes(messages));
        Finalization.FinalizationDataV4 memory data = _finalization(messages);
        vm.expectEmit(address(lineaRollup));
        emit IL1MessageService.L2MerkleRootAdded(root, 5);
        for (uint256 i = 1; i <= 3; ++i) {
            vm.expectEmit(address(lineaRollup));
            emit IL1MessageService.L2MessagingBlockAnchored(i);
        }
        vm.expectEmit(address(lineaRollup));
        emit Finalization.FinalizedStateUpdated(3, block.timestamp - 1, 0, 0);
        vm.expectEmit(address(lineaRollup));
        emit Finalization.DataFinalizedV3(
            1, 3, _hash(data.shnarfData), keccak256("state 0"), keccak256(abi.encode("state", uint256(3)))
        );
        _finalize(data);
        assertEq(lineaRollup.currentL2BlockNumber(), 3, "block");
        assertEq(lineaRollup.l2MerkleRootsDepths(root), 5, "depth");
        assertEq(lineaRollup.CONTRACT_VERSION(), "8.0", "version");
        assertEq(lineaRollup.inboxL2L1MessageStatus(messages[0].hash), 0, "the old inbox is empty");
    }

    function test_finalize_continuesFromTheLastOne() public {
        _finalize(_sendUp(2));
        Finalization.FinalizationDataV4 memory data = _finalization(_sendUp(1));
        vm.expectEmit(address(lineaRollup));
        emit IL1MessageService.L2MessagingBlockAnchored(3);
        _finalize(data);
        bytes32 shnarf = lineaRollup.currentFinalizedShnarf();
        _finalize(new Message[](0));
        assertEq(lineaRollup.currentL2BlockNumber(), 4, "an empty finalization");
        assertNotEq(lineaRollup.currentFinalizedShnarf(), shnarf, "a new shnarf");
    }

    function test_finalize_comparesTheRollingHashThatLineaAnchored() public {
        vm.prank(alice);
        lineaRollup.sendMessage(bob, 0, "");
        _anchor(_sentMessages(address(lineaRollup)));
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        assertEq(data.l1RollingHashMessageNumber, 1, "anchored");
        bytes32 right = data.l1RollingHash;

        data.l1RollingHash = keccak256("forged");
        vm.expectRevert(
            abi.encodeWithSelector(Finalization.L1RollingHashDoesNotExistOnL1.selector, 1, data.l1RollingHash)
        );
        this.finalize(data);
        data.l1RollingHash = 0;
        vm.expectRevert(abi.encodeWithSelector(Finalization.MissingRollingHashForMessageNumber.selector, 1));
        this.finalize(data);
        (data.l1RollingHash, data.l1RollingHashMessageNumber) = (right, 0);
        vm.expectRevert(abi.encodeWithSelector(Finalization.MissingMessageNumberForRollingHash.selector, right));
        this.finalize(data);
        data.l1RollingHashMessageNumber = 1;
        this.finalize(data);
    }

    function test_RevertWhen_FinalizingWithoutRoleOrPaused() public {
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        vm.expectRevert(_missingRole(alice, keccak256("OPERATOR_ROLE")));
        vm.prank(alice);
        lineaRollup.finalizeBlocks("", 0, data);
        vm.prank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.FINALIZATION);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.FINALIZATION));
        this.finalize(data);
    }

    function test_RevertWhen_FinalizationDoesNotFit() public {
        Message[] memory messages = _sendUp(1);
        _finalize(messages);
        Finalization.FinalizationDataV4 memory data = _finalization(new Message[](0));
        Finalization.FinalizationDataV4 memory bad = _copy(data);
        bad.parentStateRootHash = 0;
        vm.expectRevert(Finalization.StartingRootHashDoesNotMatch.selector);
        this.finalize(bad);
        bad = _copy(data);
        bad.finalTimestamp = block.timestamp;
        vm.expectRevert(
            abi.encodeWithSelector(Finalization.FinalizationInTheFuture.selector, block.timestamp, block.timestamp)
        );
        this.finalize(bad);
        bad = _copy(data);
        bad.shnarfData.finalStateRootHash = 0;
        vm.expectRevert(Finalization.FinalBlockStateEqualsZeroHash.selector);
        this.finalize(bad);
        bad = _copy(data);
        bad.shnarfData.snarkHash = 0;
        vm.expectRevert(abi.encodeWithSelector(Finalization.FinalShnarfNotSubmitted.selector, _hash(bad.shnarfData)));
        this.finalize(bad);
        bad = _copy(data);
        bad.finalForcedTransactionNumber = 1;
        vm.expectRevert(abi.encodeWithSelector(Finalization.MissingRollingHashForForcedTransactionNumber.selector, 1));
        this.finalize(bad);
        bad = _copy(data);
        bad.filteredAddresses = new address[](1);
        bad.filteredAddresses[0] = bob;
        vm.expectRevert(abi.encodeWithSelector(Finalization.AddressIsNotFiltered.selector, bob));
        this.finalize(bad);
        bad = _copy(data);
        bad.l2MessagingBlocksOffsets = hex"000102";
        vm.expectRevert(abi.encodeWithSelector(IL1MessageService.BytesLengthNotMultipleOfTwo.selector, 3));
        this.finalize(bad);
        bad = _copy(data);
        bad.l2MerkleRoots = new bytes32[](1);
        bad.l2MerkleRoots[0] = LineaTree.root(_hashes(messages));
        vm.expectRevert(
            abi.encodeWithSelector(IL1MessageService.L2MerkleRootAlreadyAnchored.selector, bad.l2MerkleRoots[0])
        );
        this.finalize(bad);
    }

    // ── claim ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_claim_deliversEveryLeafOfATree() public {
        Message[] memory messages = _sendUp(32);
        _finalize(messages);
        for (uint256 i = 0; i < 32; ++i) {
            vm.expectEmit(address(lineaRollup));
            emit IMessageService.MessageClaimed(messages[i].hash);
            lineaRollup.claimMessageWithProof(_claimData(messages, i));
            assertTrue(lineaRollup.isMessageClaimed(messages[i].number), "claimed");
        }
    }

    function test_claim_deliversValueDataAndSender() public {
        Message[] memory messages = _sendOne(address(this), 1 ether, abi.encodeCall(this.note, ()));
        _finalize(messages);
        uint256 before = address(this).balance;
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(address(this).balance, before + 1 ether, "value");
        assertEq(seenSender, alice, "sender during the delivery");
        assertEq(lineaRollup.sender(), address(0), "nobody afterwards");
    }

    function test_claim_aReplyMayBeSentFromWithinADelivery() public {
        Message[] memory messages = _sendOne(address(this), 0, abi.encodeCall(this.reply, ()));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(lineaRollup.nextMessageNumber(), 2, "sent");
    }

    function test_RevertWhen_ClaimIsWrong_inTheServicesOrder() public {
        Message[] memory messages = _sendUp(2);
        IL1MessageService.ClaimMessageWithProofParams memory params = _claimData(messages, 1);
        vm.expectRevert(IL1MessageService.L2MerkleRootDoesNotExist.selector);
        lineaRollup.claimMessageWithProof(params);
        _finalize(messages);

        bytes32[] memory proof = params.proof;
        params.proof = new bytes32[](4);
        vm.expectRevert(abi.encodeWithSelector(IL1MessageService.ProofLengthDifferentThanMerkleDepth.selector, 5, 4));
        lineaRollup.claimMessageWithProof(params);
        params.proof = proof;
        params.leafIndex = 32;
        vm.expectRevert(abi.encodeWithSelector(L1MessageService.LeafIndexOutOfBounds.selector, 32, 31));
        lineaRollup.claimMessageWithProof(params);
        params.leafIndex = 0;
        vm.expectRevert(IL1MessageService.InvalidMerkleProof.selector);
        lineaRollup.claimMessageWithProof(params);
        params.leafIndex = 1;
        params.data = "tampered";
        vm.expectRevert(IL1MessageService.InvalidMerkleProof.selector);
        lineaRollup.claimMessageWithProof(params);
        params.data = messages[1].data;
        lineaRollup.claimMessageWithProof(params);
        vm.expectRevert(abi.encodeWithSelector(IL1MessageService.MessageAlreadyClaimed.selector, 2));
        lineaRollup.claimMessageWithProof(params);
    }

    function test_RevertWhen_ClaimIsPaused() public {
        Message[] memory messages = _sendUp(1);
        _finalize(messages);
        vm.startPrank(pauser);
        lineaRollup.pauseByType(PauseManager.PauseType.L2_L1);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L2_L1));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        lineaRollup.unPauseByType(PauseManager.PauseType.L2_L1);
        lineaRollup.pauseByType(PauseManager.PauseType.GENERAL);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.GENERAL));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
    }

    function test_RevertWhen_ReceiverReverts_messageStaysClaimable() public {
        Receiver receiver = new Receiver();
        receiver.setBehaviour(Receiver.Behaviour.Refuses);
        Message[] memory messages = _sendOne(address(receiver), 1 ether, "");
        _finalize(messages);
        vm.expectRevert(bytes("no"));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertFalse(lineaRollup.isMessageClaimed(1), "still open");
        receiver.setBehaviour(Receiver.Behaviour.Accepts);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(address(receiver).balance, 1 ether, "claimed later");
    }

    function test_RevertWhen_ContractCannotPay_laterItCan() public {
        Message[] memory messages = _sendOne(bob, 1 ether, "");
        _finalize(messages);
        vm.deal(address(lineaRollup), 0);
        vm.expectRevert(abi.encodeWithSelector(IMessageService.MessageSendingFailed.selector, bob));
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.prank(alice);
        lineaRollup.fund{ value: 1 ether }();
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        assertEq(bob.balance, 1 ether, "paid");
    }

    function test_RevertWhen_ClaimIsReentered() public {
        Receiver receiver = new Receiver();
        vm.startPrank(alice);
        l2Service.sendMessage{ value: MINIMUM_FEE }(bob, MINIMUM_FEE, "");
        l2Service.sendMessage{ value: MINIMUM_FEE }(address(receiver), MINIMUM_FEE, "");
        vm.stopPrank();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        receiver.setReentry(
            address(lineaRollup), abi.encodeCall(IL1MessageService.claimMessageWithProof, (_claimData(messages, 0)))
        );
        vm.expectRevert(MessageService.ReentrantCall.selector);
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
    }

    function test_rateLimit_countsWhatClaimsPay() public {
        vm.prank(serviceAdmin);
        lineaRollup.resetRateLimitAmount(1 ether);
        vm.startPrank(alice);
        l2Service.sendMessage{ value: 1 ether + MINIMUM_FEE }(bob, MINIMUM_FEE, "");
        l2Service.sendMessage{ value: 1 + MINIMUM_FEE }(bob, MINIMUM_FEE, "");
        vm.stopPrank();
        Message[] memory messages = _sentMessages(address(l2Service));
        _finalize(messages);
        lineaRollup.claimMessageWithProof(_claimData(messages, 0));
        vm.expectRevert(RateLimiter.RateLimitExceeded.selector);
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
        vm.prank(serviceAdmin);
        lineaRollup.resetAmountUsedInPeriod();
        lineaRollup.claimMessageWithProof(_claimData(messages, 1));
    }

    receive() external payable { }

    function note() external payable {
        seenSender = lineaRollup.sender();
    }

    function reply() external {
        lineaRollup.sendMessage(bob, 0, "reply");
    }

    function finalize(Finalization.FinalizationDataV4 memory data) external {
        _finalize(data);
    }

    function _copy(Finalization.FinalizationDataV4 memory data)
        private
        pure
        returns (Finalization.FinalizationDataV4 memory)
    {
        return abi.decode(abi.encode(data), (Finalization.FinalizationDataV4));
    }

    function _sendOne(address to, uint256 value, bytes memory data) private returns (Message[] memory) {
        vm.prank(alice);
        l2Service.sendMessage{ value: value + MINIMUM_FEE }(to, MINIMUM_FEE, data);
        return _sentMessages(address(l2Service));
    }

    function _sendUp(uint256 count) private returns (Message[] memory) {
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(alice);
            l2Service.sendMessage{ value: MINIMUM_FEE }(bob, MINIMUM_FEE, abi.encode(i));
        }
        return _sentMessages(address(l2Service));
    }
}
