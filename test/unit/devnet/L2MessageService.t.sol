// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L2MessageService } from "../../../script/devnet/linea/L2MessageService.sol";
import { MessageService } from "../../../script/devnet/linea/MessageService.sol";
import { PauseManager } from "../../../script/devnet/linea/PauseManager.sol";
import { RateLimiter } from "../../../script/devnet/linea/RateLimiter.sol";
import { IL2MessageService } from "../../../src/interfaces/external/linea/IL2MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { LineaServices } from "../../utils/LineaServices.sol";
import { Receiver } from "../../utils/doubles/Receivers.sol";

/// @notice Linea's end: sending, anchoring, claiming; every check in the order of the deployed service.
contract L2MessageServiceTest is LineaServices {
    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");
    address private seenSender;

    function setUp() public {
        _deployLinea();
        vm.deal(alice, 100 ether);
        vm.deal(address(l2Service), 100 ether);
        vm.recordLogs();
    }

    // ── set-up ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_initialize_emitsWhatClientsLookFor() public {
        L2MessageService fresh = new L2MessageService();
        vm.expectEmit(address(fresh));
        emit IL2MessageService.MinimumFeeChanged(0, MINIMUM_FEE, address(this));
        vm.expectEmit(address(fresh));
        emit IL2MessageService.ServiceVersionMigrated(2);
        _initialize(fresh, RATE_PERIOD, RATE_LIMIT, alice);
        assertEq(fresh.nextMessageNumber(), 1, "numbers start at 1");
        assertEq(fresh.minimumFeeInWei(), MINIMUM_FEE, "fee");
        assertEq(fresh.CONTRACT_VERSION(), "1.0", "version");
    }

    function test_RevertWhen_InitializedBadly() public {
        L2MessageService fresh = new L2MessageService();
        vm.expectRevert(RateLimiter.PeriodIsZero.selector);
        this.initialize(fresh, 0, 1, alice);
        vm.expectRevert(RateLimiter.LimitIsZero.selector);
        this.initialize(fresh, 1, 0, alice);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        this.initialize(fresh, 1, 1, address(0));
        PauseManager.RoleAddress[] memory roles = new PauseManager.RoleAddress[](1);
        PauseManager.PauseTypeRole[] memory none = new PauseManager.PauseTypeRole[](0);
        roles[0] = PauseManager.RoleAddress(address(0), keccak256("X"));
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        fresh.initialize(1, 1, alice, roles, none, none);
        roles[0] = PauseManager.RoleAddress(alice, 0);
        vm.expectRevert(PauseManager.ZeroHashNotAllowed.selector);
        fresh.initialize(1, 1, alice, roles, none, none);
    }

    function test_inbox_liesAtSlot176() public {
        Message[] memory messages = _sendDown(alice, bob, 0, 0, "x");
        _anchor(messages);
        bytes32 slot = keccak256(abi.encode(messages[0].hash, uint256(176)));
        assertEq(vm.load(address(l2Service), slot), bytes32(uint256(1)), "anchored");
    }

    // ── send ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_sendMessage_hashesWhatItEmits() public {
        uint256 coinbaseBefore = block.coinbase.balance;
        bytes32 hash =
            keccak256(abi.encode(alice, bob, uint256(0.0009 ether), uint256(1 ether), uint256(1), bytes("hi")));
        vm.expectEmit(address(l2Service));
        emit IMessageService.MessageSent(alice, bob, 0.0009 ether, 1 ether, 1, "hi", hash);
        vm.prank(alice);
        l2Service.sendMessage{ value: 1.001 ether }(bob, 0.001 ether, "hi");
        assertEq(block.coinbase.balance, coinbaseBefore + MINIMUM_FEE, "the minimum fee goes to the coinbase");
        assertEq(l2Service.nextMessageNumber(), 2, "number");
    }

    function test_RevertWhen_SendingToNobodyOrForTooLittle() public {
        vm.startPrank(alice);
        vm.expectRevert(IMessageService.ZeroAddressNotAllowed.selector);
        l2Service.sendMessage{ value: 1 }(address(0), 2, "");
        vm.expectRevert(IMessageService.ValueSentTooLow.selector);
        l2Service.sendMessage{ value: 1 }(bob, 2, "");
        vm.expectRevert(IMessageService.FeeTooLow.selector);
        l2Service.sendMessage{ value: MINIMUM_FEE }(bob, MINIMUM_FEE - 1, "");
    }

    function test_RevertWhen_CoinbaseRefusesTheFee() public {
        Receiver coinbase = new Receiver();
        coinbase.setBehaviour(Receiver.Behaviour.Refuses);
        vm.coinbase(address(coinbase));
        vm.expectRevert(abi.encodeWithSelector(IMessageService.FeePaymentFailed.selector, address(coinbase)));
        vm.prank(alice);
        l2Service.sendMessage{ value: MINIMUM_FEE }(bob, MINIMUM_FEE, "");
    }

    function test_rateLimit_countsValueAndPostmanFeeOfASendOnly() public {
        vm.startPrank(alice);
        l2Service.sendMessage{ value: RATE_LIMIT + MINIMUM_FEE }(bob, MINIMUM_FEE, "");
        l2Service.sendMessage{ value: MINIMUM_FEE }(bob, MINIMUM_FEE, "data only is free");
        vm.expectRevert(RateLimiter.RateLimitExceeded.selector);
        l2Service.sendMessage{ value: MINIMUM_FEE + 1 }(bob, MINIMUM_FEE + 1, "");
        vm.warp(block.timestamp + RATE_PERIOD + 1);
        l2Service.sendMessage{ value: MINIMUM_FEE + 1 }(bob, MINIMUM_FEE + 1, "");
        assertEq(l2Service.currentPeriodAmountInWei(), 1, "a new period");
    }

    function test_setMinimumFee_needsItsRole() public {
        bytes32 role = l2Service.MINIMUM_FEE_SETTER_ROLE();
        vm.expectRevert(_missingRole(alice, role));
        vm.prank(alice);
        l2Service.setMinimumFee(5);
        vm.startPrank(serviceAdmin);
        l2Service.grantRole(role, alice);
        vm.stopPrank();
        vm.expectEmit(address(l2Service));
        emit IL2MessageService.MinimumFeeChanged(MINIMUM_FEE, 5, alice);
        vm.prank(alice);
        l2Service.setMinimumFee(5);
        assertEq(l2Service.minimumFeeInWei(), 5, "changed");
    }

    // ── anchor ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_anchor_followsTheRollingHashOfEthereum() public {
        Message[] memory messages = _sendMany(3);
        bytes32 rollingHash = lineaRollup.rollingHashes(3);
        vm.expectEmit(address(l2Service));
        emit IL2MessageService.L1L2MessageHashesAddedToInbox(_hashes(messages));
        vm.expectEmit(address(l2Service));
        emit IL2MessageService.RollingHashUpdated(3, rollingHash);
        _anchor(messages);
        assertEq(l2Service.lastAnchoredL1MessageNumber(), 3, "last");
        assertEq(l2Service.l1RollingHashes(3), rollingHash, "rolling hash");
        assertEq(l2Service.inboxL1L2MessageStatus(messages[1].hash), 1, "received");
    }

    function test_anchor_skipsHashesThatItKnows() public {
        Message[] memory first = _sendMany(2);
        _anchor(first);
        Message[] memory next = _sendMany(1);
        bytes32[] memory hashes = new bytes32[](2);
        (hashes[0], hashes[1]) = (first[1].hash, next[0].hash);
        bytes32 rollingHash = lineaRollup.rollingHashes(3);
        vm.startPrank(anchorer);
        l2Service.anchorL1L2MessageHashes(hashes, 3, 3, rollingHash);
        assertEq(l2Service.lastAnchoredL1MessageNumber(), 3, "one new message");
        vm.recordLogs();
        l2Service.anchorL1L2MessageHashes(hashes, 4, 3, rollingHash);
        assertEq(vm.getRecordedLogs().length, 0, "nothing new, no event");
    }

    function test_RevertWhen_AnchoringWithoutRole() public {
        vm.expectRevert(_missingRole(alice, keccak256("L1_L2_MESSAGE_SETTER_ROLE")));
        vm.prank(alice);
        l2Service.anchorL1L2MessageHashes(new bytes32[](1), 1, 1, bytes32(uint256(1)));
    }

    function test_RevertWhen_AnchoringWrongNumbersOrHashes() public {
        Message[] memory messages = _sendMany(2);
        bytes32[] memory hashes = _hashes(messages);
        bytes32 rollingHash = lineaRollup.rollingHashes(2);
        vm.startPrank(anchorer);
        vm.expectRevert(IL2MessageService.MessageHashesListLengthIsZero.selector);
        l2Service.anchorL1L2MessageHashes(new bytes32[](0), 1, 2, rollingHash);
        vm.expectRevert(
            abi.encodeWithSelector(IL2MessageService.MessageHashesListLengthHigherThanOneHundred.selector, 101)
        );
        l2Service.anchorL1L2MessageHashes(new bytes32[](101), 1, 2, rollingHash);
        vm.expectRevert(IL2MessageService.FinalRollingHashIsZero.selector);
        l2Service.anchorL1L2MessageHashes(hashes, 1, 2, 0);
        vm.expectRevert(abi.encodeWithSelector(IL2MessageService.L1MessageNumberSynchronizationWrong.selector, 1, 0));
        l2Service.anchorL1L2MessageHashes(hashes, 2, 2, rollingHash);
        vm.expectRevert(abi.encodeWithSelector(IL2MessageService.L1MessageNumberSynchronizationWrong.selector, 3, 2));
        l2Service.anchorL1L2MessageHashes(hashes, 1, 3, rollingHash);
        (hashes[0], hashes[1]) = (hashes[1], hashes[0]);
        bytes32 swapped = keccak256(abi.encodePacked(keccak256(abi.encodePacked(bytes32(0), hashes[0])), hashes[1]));
        vm.expectRevert(
            abi.encodeWithSelector(IL2MessageService.L1RollingHashSynchronizationWrong.selector, rollingHash, swapped)
        );
        l2Service.anchorL1L2MessageHashes(hashes, 1, 2, rollingHash);
    }

    function test_anchor_isStoppedByAGeneralPauseOnly() public {
        Message[] memory messages = _sendMany(1);
        vm.prank(pauser);
        l2Service.pauseByType(PauseManager.PauseType.GENERAL);
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.GENERAL));
        this.anchor(messages);
        vm.startPrank(pauser);
        l2Service.unPauseByType(PauseManager.PauseType.GENERAL);
        l2Service.pauseByType(PauseManager.PauseType.L1_L2);
        vm.stopPrank();
        _anchor(messages);
        assertEq(l2Service.inboxL1L2MessageStatus(messages[0].hash), 1, "anchored");
        vm.expectRevert(abi.encodeWithSelector(PauseManager.IsPaused.selector, PauseManager.PauseType.L1_L2));
        _claimOnLinea(messages[0]);
    }

    // ── claim ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_claim_deliversValueDataAndSender() public {
        Message[] memory messages = _sendDown(alice, address(this), 0, 2 ether, abi.encodeCall(this.note, ()));
        _anchor(messages);
        uint256 before = address(this).balance;
        vm.expectEmit(address(l2Service));
        emit IMessageService.MessageClaimed(messages[0].hash);
        _claimOnLinea(messages[0]);
        assertEq(address(this).balance, before + 2 ether, "value");
        assertEq(seenSender, alice, "sender during the delivery");
        assertEq(l2Service.sender(), address(0), "nobody afterwards");
        assertEq(l2Service.inboxL1L2MessageStatus(messages[0].hash), 2, "claimed");
    }

    function test_RevertWhen_ClaimingUnknownTamperedOrTwice() public {
        Message[] memory messages = _sendDown(alice, bob, 0, 1 ether, "");
        bytes memory refusal = abi.encodeWithSelector(
            IL2MessageService.MessageDoesNotExistOrHasAlreadyBeenClaimed.selector, messages[0].hash
        );
        vm.expectRevert(refusal);
        _claimOnLinea(messages[0]);
        _anchor(messages);
        Message memory more = abi.decode(abi.encode(messages[0]), (Message));
        more.value = 2 ether;
        vm.expectPartialRevert(IL2MessageService.MessageDoesNotExistOrHasAlreadyBeenClaimed.selector);
        _claimOnLinea(more);
        _claimOnLinea(messages[0]);
        vm.expectRevert(refusal);
        _claimOnLinea(messages[0]);
    }

    function test_RevertWhen_ReceiverReverts_messageStaysClaimable() public {
        Receiver receiver = new Receiver();
        receiver.setBehaviour(Receiver.Behaviour.Refuses);
        Message[] memory messages = _sendDown(alice, address(receiver), 0, 1 ether, "");
        _anchor(messages);
        vm.expectRevert(bytes("no"));
        _claimOnLinea(messages[0]);
        assertEq(l2Service.inboxL1L2MessageStatus(messages[0].hash), 1, "still received");
        receiver.setBehaviour(Receiver.Behaviour.Accepts);
        _claimOnLinea(messages[0]);
        assertEq(address(receiver).balance, 1 ether, "claimed later");
    }

    function test_RevertWhen_ReceiverRevertsSilently() public {
        Message[] memory messages = _sendDown(alice, address(this), 0, 0, abi.encodeCall(this.failSilently, ()));
        _anchor(messages);
        vm.expectRevert(abi.encodeWithSelector(IMessageService.MessageSendingFailed.selector, address(this)));
        _claimOnLinea(messages[0]);
    }

    function test_RevertWhen_ServiceCannotPayTheValue_laterItCan() public {
        Message[] memory messages = _sendDown(alice, bob, 0, 1 ether, "");
        _anchor(messages);
        vm.deal(address(l2Service), 0);
        vm.expectRevert(abi.encodeWithSelector(IMessageService.MessageSendingFailed.selector, bob));
        _claimOnLinea(messages[0]);
        (bool funded,) = address(l2Service).call{ value: 1 ether }("");
        assertTrue(funded, "anybody can fund it");
        _claimOnLinea(messages[0]);
        assertEq(bob.balance, 1 ether, "paid");
    }

    function test_RevertWhen_ClaimIsReentered() public {
        Receiver receiver = new Receiver();
        Message[] memory other = _sendDown(alice, bob, 0, 1 ether, "");
        Message[] memory messages = _sendDown(alice, address(receiver), 0, 1 ether, "");
        _anchor(other);
        _anchor(messages);
        receiver.setReentry(
            address(l2Service),
            abi.encodeCall(
                IL2MessageService.claimMessage, (alice, bob, 0, 1 ether, payable(0), bytes(""), other[0].number)
            )
        );
        vm.expectRevert(MessageService.ReentrantCall.selector);
        _claimOnLinea(messages[0]);
    }

    function test_claimFee_wholeFeeGoesToTheClaimerWhenThereIsData() public {
        Message[] memory messages = _sendDown(alice, address(this), 0.01 ether, 0, abi.encodeCall(this.note, ()));
        _anchor(messages);
        vm.prank(bob);
        _claimOnLinea(messages[0]);
        assertEq(bob.balance, 0.01 ether, "fee");
    }

    function test_claimFee_plainTransferCostsGasOnlyAndReturnsTheRest() public {
        vm.txGasPrice(1 gwei);
        Message[] memory messages = _sendDown(alice, bob, 0.01 ether, 1 ether, "");
        _anchor(messages);
        address claimer = makeAddr("claimer");
        vm.prank(claimer);
        _claimOnLinea(messages[0]);
        assertGt(claimer.balance, 44_596 * 1 gwei, "at least the overhead");
        assertLt(claimer.balance, 0.01 ether, "not all of it");
        assertEq(bob.balance + claimer.balance, 1.01 ether, "the rest goes to the receiver");
    }

    function test_claimFee_isCappedAtTheFeeAndPaidToTheNamedReceiver() public {
        vm.txGasPrice(1000 gwei);
        Message[] memory messages = _sendDown(alice, bob, 0.0001 ether, 1 ether, "");
        _anchor(messages);
        Message memory m = messages[0];
        address payable named = payable(makeAddr("named"));
        l2Service.claimMessage(m.from, m.to, m.fee, m.value, named, m.data, m.number);
        assertEq(named.balance, 0.0001 ether, "the whole fee");
        assertEq(bob.balance, 1 ether, "the value");
    }

    function test_RevertWhen_ClaimerRefusesTheFee() public {
        Receiver claimer = new Receiver();
        claimer.setBehaviour(Receiver.Behaviour.Refuses);
        Message[] memory messages = _sendDown(alice, address(this), 1, 0, abi.encodeCall(this.note, ()));
        _anchor(messages);
        vm.expectRevert(abi.encodeWithSelector(IMessageService.FeePaymentFailed.selector, address(claimer)));
        vm.prank(address(claimer));
        _claimOnLinea(messages[0]);
    }

    receive() external payable { }

    function note() external payable {
        seenSender = l2Service.sender();
    }

    function failSilently() external pure {
        assembly {
            revert(0, 0)
        }
    }

    function anchor(Message[] memory messages) external {
        _anchor(messages);
    }

    function initialize(L2MessageService service, uint256 period, uint256 limit, address admin) external {
        _initialize(service, period, limit, admin);
    }

    function _initialize(L2MessageService service, uint256 period, uint256 limit, address admin) private {
        PauseManager.RoleAddress[] memory roles = new PauseManager.RoleAddress[](0);
        PauseManager.PauseTypeRole[] memory none = new PauseManager.PauseTypeRole[](0);
        service.initialize(period, limit, admin, roles, none, none);
    }

    function _sendDown(address from, address to, uint256 fee, uint256 value, bytes memory data)
        private
        returns (Message[] memory)
    {
        vm.prank(from);
        lineaRollup.sendMessage{ value: fee + value }(to, fee, data);
        return _sentMessages(address(lineaRollup));
    }

    function _sendMany(uint256 count) private returns (Message[] memory) {
        for (uint256 i = 0; i < count; ++i) {
            vm.prank(alice);
            lineaRollup.sendMessage(bob, 0, abi.encode(i));
        }
        return _sentMessages(address(lineaRollup));
    }
}
