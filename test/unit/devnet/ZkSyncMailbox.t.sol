// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    L2TransactionRequestDirect
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridgehub/IBridgehub.sol";
import {
    AssetHandlerNotRegistered,
    BytecodeError,
    ChainIdAlreadyExists,
    GasPerPubdataMismatch,
    LengthIsNotDivisibleBy32,
    MalformedBytecode,
    MsgValueMismatch,
    MsgValueTooLow,
    PubdataGreaterThanLimit,
    TooManyFactoryDeps,
    TooMuchGas,
    TxnBodyGasLimitNotEnoughGas,
    Unauthorized,
    ValidateTxnNotEnoughGas,
    ZeroAddress
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/L1ContractErrors.sol";
import {
    BridgehubL2TransactionRequest,
    L2CanonicalTransaction
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { AddressAliasHelper } from "@matterlabs/zksync-contracts/contracts/l1-contracts/vendor/AddressAliasHelper.sol";
import {
    IL1Messenger,
    L2ToL1Log
} from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";

import { L1Messenger } from "../../../script/devnet/zksync/L1Messenger.sol";
import { PriorityTransaction } from "../../../script/devnet/zksync/PriorityTransaction.sol";
import { ZkSyncMailbox } from "../../../script/devnet/zksync/ZkSyncMailbox.sol";
import { EraServices } from "../../utils/EraServices.sol";

/// @notice Priority transactions through Bridgehub and chain contract: price, limits, hash, aliases; and the L1Messenger.
contract ZkSyncMailboxTest is EraServices {
    uint256 private constant GAS_LIMIT = 1_000_000;

    address private alice = makeAddr("alice");
    address private bob = makeAddr("bob");

    function setUp() public {
        _deployEra();
        vm.deal(alice, 100 ether);
        vm.txGasPrice(0);
        vm.recordLogs();
    }

    // ── price ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_baseCost_hasAFloorAndFollowsTheGasPrice() public view {
        assertEq(eraChain.l2TransactionBaseCost(0, 1, 800), 250_000_000, "floor");
        // 1 gwei: batch overhead 1e15 wei; over 8e7 gas: 12.5e6; pubdata 17e9 + 1e15/120000 = 25,333,333,333, over 800: 31,666,667.
        assertEq(eraChain.l2TransactionBaseCost(1 gwei, 1, 800), 262_500_000, "computation decides");
        assertEq(eraChain.l2TransactionBaseCost(1 gwei, 1, 1), 25_333_333_333, "pubdata decides");
        assertEq(eraChain.l2TransactionBaseCost(1 gwei, 1, 3), 8_444_444_445, "rounded up");
        // 30 gwei: computation 625e6; pubdata (510e9 + 250e9) / 800 = 950e6.
        assertEq(
            bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, 30 gwei, GAS_LIMIT, 800),
            950_000_000 * GAS_LIMIT,
            "the hub forwards"
        );
    }

    // ── canonical transaction ─────────────────────────────────────────────────────────────────────────────────────────────────

    function test_request_emitsTheCanonicalTransaction() public {
        L2TransactionRequestDirect memory request = _request(3 ether);
        vm.prank(alice, alice);
        bytes32 returned = bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        (bytes32 txHash, L2CanonicalTransaction memory transaction) = _requested();
        assertEq(returned, txHash, "returned");
        assertEq(txHash, keccak256(abi.encode(transaction)), "hash of the encoded tuple");
        assertEq(transaction.txType, 255, "type");
        assertEq(transaction.from, uint160(alice), "an account is not aliased");
        assertEq(transaction.to, uint160(bob), "to");
        assertEq(transaction.nonce, 0, "nonce is the id");
        assertEq(transaction.value, 1 ether, "value");
        assertEq(transaction.maxFeePerGas, 250_000_000, "price");
        assertEq(transaction.reserved[0], 3 ether, "minted");
        assertEq(transaction.reserved[1], uint160(alice), "refunds go to the sender by default");
        assertEq(transaction.data, "data", "data");
        assertEq(eraChain.getTotalPriorityTxs(), 1, "queued");
        assertEq(eraChain.getPriorityQueueSize(), 1, "not processed");
        assertEq(_keptForEra(), 3 ether, "kept for the chain");
        vm.expectEmit(true, false, false, false, address(eraChain));
        emit ZkSyncMailbox.NewPriorityRequestId(1, 0);
        vm.prank(alice, alice);
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
    }

    function test_request_aliasesContractsAsSenderAndAsRefundRecipient() public {
        L2TransactionRequestDirect memory request = _request(3 ether);
        vm.deal(address(this), 100 ether);
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        (, L2CanonicalTransaction memory transaction) = _requested();
        address aliased = AddressAliasHelper.applyL1ToL2Alias(address(this));
        assertEq(transaction.from, uint160(aliased), "sender");
        assertEq(transaction.reserved[1], uint160(aliased), "default refund recipient");
        request.refundRecipient = bob;
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        (, transaction) = _requested();
        assertEq(transaction.reserved[1], uint160(bob), "an account as given");
        request.refundRecipient = address(eraChain);
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        (, transaction) = _requested();
        aliased = AddressAliasHelper.applyL1ToL2Alias(address(eraChain));
        assertEq(transaction.reserved[1], uint160(aliased), "a contract aliased");
    }

    function test_request_hashesFactoryDependencies() public {
        L2TransactionRequestDirect memory request = _request(3 ether);
        request.factoryDeps = new bytes[](1);
        request.factoryDeps[0] = new bytes(32);
        vm.prank(alice, alice);
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        (, L2CanonicalTransaction memory transaction) = _requested();
        uint256 low = uint256(sha256(new bytes(32))) & type(uint224).max;
        assertEq(transaction.factoryDeps[0], low | (1 << 224) | (1 << 248), "version, words, sha256");
        request.factoryDeps[0] = new bytes(33);
        _expectRefusal(request, abi.encodeWithSelector(LengthIsNotDivisibleBy32.selector, 33));
        request.factoryDeps[0] = new bytes(64);
        _expectRefusal(request, abi.encodeWithSelector(MalformedBytecode.selector, BytecodeError.WordsMustBeOdd));
    }

    function test_RevertWhen_AFactoryDependencyIsTooLong() public {
        BridgehubL2TransactionRequest memory request;
        request.factoryDeps = new bytes[](1);
        request.factoryDeps[0] = new bytes(32 << 16);
        vm.expectRevert(abi.encodeWithSelector(MalformedBytecode.selector, BytecodeError.NumberOfWords));
        this.canonical(request);
    }

    function test_legacyRequest_mintsWhatIsSent() public {
        vm.prank(alice, alice);
        eraChain.requestL2Transaction{ value: 2 ether }(bob, 1 ether, "data", GAS_LIMIT, 800, new bytes[](0), bob);
        (, L2CanonicalTransaction memory transaction) = _requested();
        assertEq(transaction.reserved[0], 2 ether, "minted");
        assertEq(transaction.reserved[1], uint160(bob), "refunds");
        assertEq(_keptForEra(), 2 ether, "kept by the vault");
    }

    // ── refusals ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_RevertWhen_ValueIsNotWhatIsMinted() public {
        L2TransactionRequestDirect memory request = _request(3 ether);
        vm.expectRevert(abi.encodeWithSelector(MsgValueMismatch.selector, 3 ether, 2 ether));
        vm.prank(alice);
        bridgehub.requestL2TransactionDirect{ value: 2 ether }(request);
    }

    function test_RevertWhen_MintedIsBelowCostAndValue() public {
        uint256 required = 1 ether + 250_000_000 * GAS_LIMIT;
        _expectRefusal(_request(required - 1), abi.encodeWithSelector(MsgValueTooLow.selector, required, required - 1));
        vm.prank(alice);
        bridgehub.requestL2TransactionDirect{ value: required }(_request(required));
    }

    function test_RevertWhen_GasPriceRisesAfterTheQuote() public {
        uint256 quoted = 1 ether + bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, 1 gwei, GAS_LIMIT, 800);
        vm.txGasPrice(2 gwei);
        uint256 required = 1 ether + bridgehub.l2TransactionBaseCost(ERA_CHAIN_ID, 2 gwei, GAS_LIMIT, 800);
        _expectRefusal(_request(quoted), abi.encodeWithSelector(MsgValueTooLow.selector, required, quoted));
    }

    function test_RevertWhen_LimitsAreWrong() public {
        L2TransactionRequestDirect memory request = _request(3 ether);
        request.l2GasPerPubdataByteLimit = 801;
        _expectRefusal(request, abi.encodeWithSelector(GasPerPubdataMismatch.selector));
        request = _request(3 ether);
        request.factoryDeps = new bytes[](65);
        _expectRefusal(request, abi.encodeWithSelector(TooManyFactoryDeps.selector));
        request = _request(3 ether);
        request.l2GasLimit = 9_999;
        _expectRefusal(request, abi.encodeWithSelector(TxnBodyGasLimitNotEnoughGas.selector));
        // Least gas of the body: 173,484 (computation) + 70,400 (pubdata); overhead 10,000 for a short transaction.
        request.l2GasLimit = 253_883;
        _expectRefusal(request, abi.encodeWithSelector(ValidateTxnNotEnoughGas.selector));
        request.l2GasLimit = 253_884;
        vm.prank(alice);
        bridgehub.requestL2TransactionDirect{ value: 3 ether }(request);
        request.l2GasLimit = 72_010_001;
        _expectRefusal(request, abi.encodeWithSelector(TooMuchGas.selector));
    }

    function test_RevertWhen_PubdataWouldExceedABatch() public {
        // 800 gas a byte bounds it below the gas limit; a lower price is refused before, so the library is asked directly.
        BridgehubL2TransactionRequest memory request;
        request.l2GasLimit = 60_000_000;
        request.l2GasPerPubdataByteLimit = 600;
        uint256 pubdata = uint256(60_000_000 - 10_000) / 600;
        vm.expectRevert(abi.encodeWithSelector(PubdataGreaterThanLimit.selector, 99_000, pubdata));
        this.canonical(request);
    }

    function test_RevertWhen_HubIsPausedOrCalledWithoutRight() public {
        vm.prank(hubOwner);
        bridgehub.pause();
        _expectRefusal(_request(3 ether), "Pausable: paused");
        vm.prank(hubOwner);
        bridgehub.unpause();
        bytes memory refusal = "Ownable: caller is not the owner";
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        bridgehub.pause();
        vm.expectRevert(refusal);
        bridgehub.unpause();
        vm.expectRevert(refusal);
        bridgehub.registerAlreadyDeployedZKChain(1, alice);
        vm.expectRevert(abi.encodeWithSelector(Unauthorized.selector, alice));
        assetRouter.bridgehubDepositBaseToken{ value: 1 }(ERA_CHAIN_ID, 0, alice, 1);
        BridgehubL2TransactionRequest memory inner;
        vm.expectRevert(abi.encodeWithSelector(Unauthorized.selector, alice));
        eraChain.bridgehubRequestL2Transaction(inner);
    }

    function test_RevertWhen_ChainIsRegisteredTwiceOrZero() public {
        vm.startPrank(hubOwner);
        vm.expectRevert(ZeroAddress.selector);
        bridgehub.registerAlreadyDeployedZKChain(5, address(0));
        vm.expectRevert(ChainIdAlreadyExists.selector);
        bridgehub.registerAlreadyDeployedZKChain(ERA_CHAIN_ID, address(1));
        assertEq(bridgehub.getHyperchain(ERA_CHAIN_ID), address(eraChain), "older name");
        assertEq(bridgehub.baseToken(ERA_CHAIN_ID), address(1), "ETH");
        assertEq(eraChain.getBaseToken(), address(1), "ETH");
        vm.expectRevert(abi.encodeWithSelector(AssetHandlerNotRegistered.selector, bytes32(0)));
        bridgehub.baseToken(5);
    }

    /// @dev Of ETH, in the vault.
    function _keptForEra() private view returns (uint256) {
        return assetRouter.nativeTokenVault().chainBalance(ERA_CHAIN_ID, assetRouter.ETH_TOKEN_ASSET_ID());
    }

    // ── L1Messenger ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_messenger_emitsLogThenMessage() public {
        vm.expectEmit(MESSENGER);
        emit IL1Messenger.L2ToL1LogSent(L2ToL1Log(
                0, true, 0, MESSENGER, bytes32(uint256(uint160(alice))), keccak256("hello")
            ));
        vm.expectEmit(MESSENGER);
        emit IL1Messenger.L1MessageSent(alice, keccak256("hello"), "hello");
        vm.prank(alice);
        assertEq(L1Messenger(MESSENGER).sendToL1("hello"), keccak256("hello"), "hash");
    }

    function canonical(BridgehubL2TransactionRequest memory request) external pure {
        PriorityTransaction.canonical(request, 0, 1);
    }

    function _request(uint256 mintValue) private view returns (L2TransactionRequestDirect memory) {
        return L2TransactionRequestDirect({
            chainId: ERA_CHAIN_ID,
            mintValue: mintValue,
            l2Contract: bob,
            l2Value: 1 ether,
            l2Calldata: "data",
            l2GasLimit: GAS_LIMIT,
            l2GasPerPubdataByteLimit: 800,
            factoryDeps: new bytes[](0),
            refundRecipient: address(0)
        });
    }

    function _expectRefusal(L2TransactionRequestDirect memory request, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(alice);
        bridgehub.requestL2TransactionDirect{ value: request.mintValue }(request);
    }
}
