// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { L2Log } from "@matterlabs/zksync-contracts/contracts/l1-contracts/common/Messaging.sol";
import {
    IExecutor
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IExecutor.sol";
import {
    IMailboxImpl
} from "@matterlabs/zksync-contracts/contracts/l1-contracts/state-transition/chain-interfaces/IMailboxImpl.sol";
import { IL1Messenger } from "@matterlabs/zksync-contracts/contracts/system-contracts/interfaces/IL1Messenger.sol";
import { Test } from "forge-std/Test.sol";

import { Finalization } from "../../../script/devnet/linea/Finalization.sol";
import { LineaRollup } from "../../../script/devnet/linea/LineaRollup.sol";
import { MessageService } from "../../../script/devnet/linea/MessageService.sol";
import { PauseManager } from "../../../script/devnet/linea/PauseManager.sol";
import { Bridgehub } from "../../../script/devnet/zksync/Bridgehub.sol";
import { L1Messenger } from "../../../script/devnet/zksync/L1Messenger.sol";
import { ZkSyncMailbox } from "../../../script/devnet/zksync/ZkSyncMailbox.sol";
import { IL1MessageService } from "../../../src/interfaces/external/linea/IL1MessageService.sol";
import { IL2MessageService } from "../../../src/interfaces/external/linea/IL2MessageService.sol";
import { IMessageService } from "../../../src/interfaces/external/linea/IMessageService.sol";
import { EraTree } from "../../utils/EraTree.sol";

/// @notice Selectors, topics and roots against constants of the deployed services: real clients and gateways must find what they look for.
contract ServiceAbiTest is Test {
    function test_lineaSelectors() public pure {
        assertEq(IMessageService.sendMessage.selector, bytes4(0x9f3ce55a), "sendMessage");
        assertEq(IMessageService.sender.selector, bytes4(0x67e404ce), "sender");
        assertEq(IMessageService.nextMessageNumber.selector, bytes4(0xb837dbe9), "nextMessageNumber");
        assertEq(IL2MessageService.claimMessage.selector, bytes4(0x491e0936), "claimMessage");
        assertEq(IL2MessageService.anchorL1L2MessageHashes.selector, bytes4(0x3c362146), "anchorL1L2MessageHashes");
        assertEq(IL2MessageService.inboxL1L2MessageStatus.selector, bytes4(0x0f6893ca), "inboxL1L2MessageStatus");
        assertEq(IL2MessageService.minimumFeeInWei.selector, bytes4(0x89945883), "minimumFeeInWei");
        assertEq(
            IL2MessageService.lastAnchoredL1MessageNumber.selector, bytes4(0x9340a1d1), "lastAnchoredL1MessageNumber"
        );
        assertEq(IL1MessageService.claimMessageWithProof.selector, bytes4(0x6463fb2a), "claimMessageWithProof");
        assertEq(IL1MessageService.isMessageClaimed.selector, bytes4(0x9ee8b211), "isMessageClaimed");
        assertEq(IL1MessageService.l2MerkleRootsDepths.selector, bytes4(0x60e83cf3), "l2MerkleRootsDepths");
        assertEq(IL1MessageService.rollingHashes.selector, bytes4(0x914e57eb), "rollingHashes");
        assertEq(LineaRollup.fund.selector, bytes4(0xb60d4288), "fund");
    }

    function test_lineaErrors() public pure {
        assertEq(
            IL2MessageService.MessageDoesNotExistOrHasAlreadyBeenClaimed.selector, bytes4(0x992d87c3), "not claimable"
        );
        assertEq(IL1MessageService.MessageAlreadyClaimed.selector, bytes4(0x335a4a90), "claimed");
        assertEq(PauseManager.IsPaused.selector, bytes4(0xc0a71b58), "paused");
        assertEq(MessageService.ReentrantCall.selector, bytes4(0x37ed32e8), "reentrant");
    }

    function test_lineaTopics() public pure {
        assertEq(
            IMessageService.MessageSent.selector, 0xe856c2b8bd4eb0027ce32eeaf595c21b0b6b4644b326e5b7bd80a1cf8db72e6c
        );
        assertEq(
            IMessageService.MessageClaimed.selector, 0xa4c827e719e911e8f19393ccdb85b5102f08f0910604d340ba38390b7ff2ab0e
        );
        assertEq(
            IL1MessageService.RollingHashUpdated.selector,
            0xea3b023b4c8680d4b4824f0143132c95476359a2bb70a81d6c5a36f6918f6339
        );
        assertEq(
            IL1MessageService.L2MerkleRootAdded.selector,
            0x300e6f978eee6a4b0bba78dd8400dc64fd5652dbfc868a2258e16d0977be222b
        );
        assertEq(
            IL1MessageService.L2MessagingBlockAnchored.selector,
            0x3c116827db9db3a30c1a25db8b0ee4bab9d2b223560209cfd839601b621c726d
        );
        assertEq(
            IL2MessageService.RollingHashUpdated.selector,
            0x99b65a4301b38c09fb6a5f27052d73e8372bbe8f6779d678bfe8a41b66cce7ac
        );
        assertEq(
            IL2MessageService.L1L2MessageHashesAddedToInbox.selector,
            0x9995fb3da0c2de4012f2b814b6fc29ce7507571dcb20b8d0bd38621a842df1eb
        );
        assertEq(
            IL2MessageService.ServiceVersionMigrated.selector,
            0x6f4cd2683fd248db2513412cb2f25f767694689d6f083941f7437c8fe1f87964
        );
        assertEq(
            IL2MessageService.MinimumFeeChanged.selector,
            0x6d8040017e56a6d91bb242def14af5d7eae1eaff7475e45c678dac5d49d35498
        );
        assertEq(
            Finalization.DataFinalizedV3.selector, 0xa0262dc79e4ccb71ceac8574ae906311ae338aa4a2044fd4ec4b99fad5ab60cb
        );
        assertEq(
            Finalization.FinalizedStateUpdated.selector,
            0x32e016ccc5c33419c35caa94023fdeb75143da613fb2ac738ab736404c09fc5d
        );
    }

    function test_zkSyncSelectors() public pure {
        assertEq(L1Messenger.sendToL1.selector, bytes4(0x62f84b24), "sendToL1");
        assertEq(Bridgehub.requestL2TransactionDirect.selector, bytes4(0xd52471c1), "requestL2TransactionDirect");
        assertEq(Bridgehub.l2TransactionBaseCost.selector, bytes4(0x71623274), "hub l2TransactionBaseCost");
        assertEq(Bridgehub.proveL2MessageInclusion.selector, bytes4(0x99c16d1a), "hub proveL2MessageInclusion");
        assertEq(Bridgehub.proveL1ToL2TransactionStatus.selector, bytes4(0xb292f5f1), "hub proveL1ToL2Status");
        assertEq(ZkSyncMailbox.requestL2Transaction.selector, bytes4(0xeb672419), "requestL2Transaction");
        assertEq(ZkSyncMailbox.l2TransactionBaseCost.selector, bytes4(0xb473318e), "l2TransactionBaseCost");
        assertEq(ZkSyncMailbox.proveL2MessageInclusion.selector, bytes4(0xe4948f43), "proveL2MessageInclusion");
        assertEq(
            ZkSyncMailbox.proveL2LogInclusion.selector, IMailboxImpl.proveL2LogInclusion.selector, "proveL2LogInclusion"
        );
        assertEq(
            ZkSyncMailbox.bridgehubRequestL2Transaction.selector,
            IMailboxImpl.bridgehubRequestL2Transaction.selector,
            "bridgehubRequestL2Transaction"
        );
    }

    function test_zkSyncTopics() public pure {
        assertEq(
            IL1Messenger.L1MessageSent.selector, 0x3a36e47291f4201faf137fab081d92295bce2d53be2c6ca68ba82c7faa9ce241
        );
        assertEq(
            IL1Messenger.L2ToL1LogSent.selector, 0x27fe8c0b49f49507b9d4fe5968c9f49edfe5c9df277d433a07a0717ede97638d
        );
        assertEq(
            IMailboxImpl.NewPriorityRequest.selector, 0x4531cd5795773d7101c17bdeb9f5ab7f47d7056017506f937083be5d6e77a382
        );
        assertEq(
            ZkSyncMailbox.NewPriorityRequestId.selector,
            0x779f441679936c5441b671969f37400b8c3ed0071cb47444431bf985754560df
        );
        assertEq(bytes4(IExecutor.BlockCommit.selector), bytes4(0x8f2916b2), "BlockCommit");
        assertEq(bytes4(IExecutor.BlocksVerification.selector), bytes4(0x22c9005d), "BlocksVerification");
        assertEq(bytes4(IExecutor.BlockExecution.selector), bytes4(0x24023073), "BlockExecution");
    }

    function test_eraDefaultRoots() public pure {
        assertEq(EraTree.defaultLeaf(), 0x72abee45b59e344af8a6e520241c4744aff26ed411f4c4b00f8af09adada43ba, "empty log");
        assertEq(
            EraTree.localRoot(new L2Log[](0)),
            0x375a5bf909cb02143e3695ca658e0641e739aa590f0004dba93572c44cdb9d2d,
            "tree without logs"
        );
        assertEq(
            EraTree.aggregatedRoot(324),
            0x61f9014dca2a42d5c84750183d1eab288395ea56c40dba2a3dcbb8419a4a76d1,
            "aggregated root of Era"
        );
        assertEq(
            EraTree.aggregatedRoot(300),
            0xf7dee40f4d8b94f983076f3435067adec0f689c15b952eee60ccc7c5675f9b93,
            "aggregated root of Era's testnet"
        );
    }
}
