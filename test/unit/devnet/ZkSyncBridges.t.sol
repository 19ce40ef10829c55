// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {
    FinalizeL1DepositParams
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/bridge/interfaces/IL1Nullifier.sol";
import {
    L2CanonicalTransaction,
    L2Log
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import { IBaseToken } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IBaseToken.sol";

import { TestToken } from "../../../script/devnet/TestToken.sol";
import { BridgedToken } from "../../../script/devnet/zksync/bridge/BridgedToken.sol";
import { EraBridgeServices } from "../../utils/EraBridgeServices.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice ETH and tokens over zkSync's bridge, there and back, and back from a deposit that failed.
contract ZkSyncBridgesTest is EraBridgeServices {
    function setUp() public {
        _deployBridges();
    }

    // ── tokens ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_token_getsAStandInAndComesBack() public {
        BridgedToken standIn = BridgedToken(_deposited(300));
        assertEq(token.balanceOf(address(vault)), 300, "kept");
        assertEq(vault.chainBalance(ERA_CHAIN_ID, asset), 300, "counted");
        assertEq(standIn.balanceOf(bob), 300, "minted");
        assertEq(standIn.name(), "Test Token", "name");
        assertEq(standIn.symbol(), "TST", "symbol");
        assertEq(standIn.decimals(), 18, "decimals");
        assertEq(standIn.l1Address(), address(token), "origin");
        assertEq(L2_ROUTER.l1TokenAddress(address(standIn)), address(token), "found from the stand-in");

        _onEra();
        vm.prank(bob);
        L2_ROUTER.withdraw(alice, address(standIn), 100);
        assertEq(standIn.totalSupply(), 200, "burnt");
        FinalizeL1DepositParams memory withdrawal = _withdrawal();
        nullifier.finalizeDeposit(withdrawal);
        assertEq(token.balanceOf(alice), 800, "paid");
        assertEq(vault.chainBalance(ERA_CHAIN_ID, asset), 200, "counted down");
        assertTrue(assetRouter.isWithdrawalFinalized(ERA_CHAIN_ID, withdrawal.l2BatchNumber, 0), "remembered");
    }

    function test_token_theOlderFormAndAnAllowanceToTheRouterAreGood() public {
        vm.startPrank(alice);
        token.approve(address(vault), 0);
        token.approve(address(assetRouter), 50);
        vm.stopPrank();
        (, L2CanonicalTransaction memory transaction) = _deposit(abi.encode(address(token), uint256(50), bob));
        _onEra();
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(BridgedToken(L2_VAULT.l2TokenAddress(address(token))).balanceOf(bob), 50, "minted");
    }

    function test_token_thatNobodyRegisteredIsRegisteredByItsFirstDeposit() public {
        token = new TestToken();
        token.mint(alice, 10);
        vm.mockCallRevert(address(token), abi.encodeWithSignature("name()"), "");
        vm.mockCall(address(token), abi.encodeWithSignature("symbol()"), abi.encode(bytes32("TST")));
        vm.prank(alice);
        token.approve(address(vault), 10);
        asset = keccak256(abi.encode(l1ChainId, address(0x10004), address(token)));
        (, L2CanonicalTransaction memory transaction) = _deposit(10);
        _onEra();
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        BridgedToken standIn = BridgedToken(L2_VAULT.l2TokenAddress(address(token)));
        assertEq(standIn.balanceOf(bob), 10, "minted");
        assertEq(string.concat(standIn.name(), standIn.symbol()), "", "what the token does not say stays empty");
    }

    function test_token_ofZkSyncGoesToEthereumAndBack() public {
        _onEra();
        vm.startPrank(alice);
        token.approve(address(L2_VAULT), 40);
        bytes32 its = L2_VAULT.ensureTokenIsRegistered(address(token));
        L2_ROUTER.withdraw(its, abi.encode(uint256(40), bob, address(token)));
        vm.stopPrank();
        nullifier.finalizeDeposit(_withdrawal());
        BridgedToken standIn = BridgedToken(vault.tokenAddress(its));
        assertEq(standIn.balanceOf(bob), 40, "a stand-in on Ethereum");
        assertEq(vault.originChainId(its), ERA_CHAIN_ID, "its home");

        asset = its;
        vm.deal(bob, GAS_FEE);
        vm.prank(bob, bob);
        bridgehub.requestL2TransactionTwoBridges{ value: GAS_FEE }(
            _twoBridges(bytes.concat(bytes1(0x01), abi.encode(its, abi.encode(uint256(15), alice, address(standIn)))))
        );
        (, L2CanonicalTransaction memory transaction) = _requested();
        _onEra();
        (bool success,) = _runOnEra(transaction);
        assertTrue(success, "executed");
        assertEq(token.balanceOf(alice), 1_000 - 40 + 15, "back home");
        assertEq(standIn.totalSupply(), 25, "burnt on Ethereum");
    }

    function test_token_isGivenBackWhenItsDepositFailed() public {
        (bytes32 txHash,) = _deposit(300);
        assertEq(token.balanceOf(alice), 700, "taken");
        (uint256 batch, bytes32[] memory proof) = _failed(txHash);
        assetRouter.bridgeRecoverFailedTransfer(ERA_CHAIN_ID, alice, asset, _burnData(300), txHash, batch, 0, 0, proof);
        assertEq(token.balanceOf(alice), 1_000, "given back");
        assertEq(vault.chainBalance(ERA_CHAIN_ID, asset), 0, "counted down");
    }

    function test_token_isGivenBackInTheOlderForm() public {
        (bytes32 txHash,) = _deposit(abi.encode(address(token), uint256(300), bob));
        (uint256 batch, bytes32[] memory proof) = _failed(txHash);
        assetRouter.claimFailedDeposit(ERA_CHAIN_ID, alice, address(token), 300, txHash, batch, 0, 0, proof);
        assertEq(token.balanceOf(alice), 1_000, "given back");
    }

    // ── ETH ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_eth_isBurntAndPaid() public {
        _deposited(1);
        vm.deal(bob, 0.5 ether);
        _onEra();
        vm.expectEmit(address(BASE_TOKEN));
        emit IBaseToken.Withdrawal(bob, alice, 0.2 ether);
        vm.prank(bob);
        BASE_TOKEN.withdraw{ value: 0.2 ether }(alice);
        assertEq(address(BASE_TOKEN).balance, 0, "burnt");
        assertEq(BASE_TOKEN.balanceOf(uint256(uint160(bob))), 0.3 ether, "balance");
        uint256 before = alice.balance;
        (, bytes memory message) = _sentMessage();
        assertEq(message, abi.encodePacked(bytes4(0x6c0960f9), alice, uint256(0.2 ether)), "56 bytes");
        FinalizeL1DepositParams memory w = _withdrawal(address(BASE_TOKEN), message);
        eraChain.finalizeEthWithdrawal(w.l2BatchNumber, 0, 0, w.message, w.merkleProof);
        assertEq(alice.balance - before, 0.2 ether, "paid by the older entry point");
        assertFalse(eraChain.isEthWithdrawalFinalized(w.l2BatchNumber, 0), "it keeps no list of its own");
    }

    function test_eth_withAMessageSaysWhoSentIt() public {
        _deposited(1);
        vm.deal(bob, 1 ether);
        _onEra();
        vm.prank(bob);
        BASE_TOKEN.withdrawWithMessage{ value: 1 }(alice, "hello");
        (, bytes memory message) = _sentMessage();
        assertEq(message, abi.encodePacked(bytes4(0x6c0960f9), alice, uint256(1), bob, "hello"), "message");
        uint256 before = alice.balance;
        nullifier.finalizeDeposit(_withdrawal(address(BASE_TOKEN), message));
        assertEq(alice.balance - before, 1, "paid");
    }

    // ── what contracts say ────────────────────────────────────────────────────────────────────────────────────────────────────

    function test_hub_knowsItsChain() public view {
        assertEq(bridgehub.getAllZKChainChainIDs().length, 1, "ids");
        assertEq(bridgehub.getAllZKChains()[0], address(eraChain), "chains");
        assertEq(bridgehub.settlementLayer(ERA_CHAIN_ID), l1ChainId, "settles here");
        assertTrue(bridgehub.whitelistedSettlementLayers(l1ChainId), "where chains settle");
        assertTrue(bridgehub.assetIdIsRegistered(assetRouter.ETH_TOKEN_ASSET_ID()), "ETH pays for gas");
        assertFalse(bridgehub.assetIdIsRegistered(asset), "a token does not");
        assertEq(bridgehub.sharedBridge(), address(assetRouter), "older name");
        (, uint32 minor,) = eraChain.getSemverProtocolVersion();
        assertEq(minor, 29, "version");
        assertEq(eraChain.storedBlockHash(0), eraChain.storedBatchHash(0), "older name");
        assertEq(eraChain.getTotalBlocksCommitted() + eraChain.getTotalBlocksVerified(), 0, "older names");
    }

    function _failed(bytes32 txHash) private returns (uint256 batch, bytes32[] memory proof) {
        L2Log[] memory logs = _one(EraTree.priorityLog(0, txHash, false));
        bytes32[] memory hashes = new bytes32[](1);
        hashes[0] = txHash;
        return (_sealBatch(logs, hashes), EraTree.proof(logs, 0, ERA_CHAIN_ID));
    }
}
