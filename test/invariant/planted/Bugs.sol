// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @dev What is planted. Each is one check that is missing, or one write that is missing or done twice.
enum Bug {
    /// A block below the executed ones is executed again.
    ExecuteTwice,
    /// executeBlocks does not look at what is confirmed.
    ExecuteUnconfirmed,
    /// Executed bytes are not compared with the block's.
    ExecuteOtherData,
    /// An executed full exit gives the bond back twice.
    BondTwice,
    /// A leaf that exits is not marked.
    SkippedNullifier,
    /// Exits pay who sends the transaction.
    ExitToSender,
    /// No proof is asked for at an exit.
    ExitUnproved,
    /// Exits and refunds do not wait for the execution of what is confirmed.
    ExitsTooEarly,
    /// A deposit that a block has consumed is refunded.
    RefundConsumed,
    /// A refunded request stays.
    RefundKept,
    /// Exits are proved against another root than that of the last executed block.
    ExitWrongRoot,
    /// receiveHalt asks nobody who he is.
    HaltFromNobody,
    /// The arbitrator halts below what it confirmed, and chains take it.
    HaltBelowConfirmed,
    /// The arbitrator confirms after its halt, and chains take it.
    ConfirmAboveHalt,
    /// triggerExitMode does not look at the expiry.
    TriggerUnexpired,
    /// Deposits and requests are taken when the chain has stopped.
    RequestWhenStopped,
    /// No bound of waiting requests.
    QueueUnbounded,
    /// The primary syncs blocks without proof.
    SyncUnproved,
    /// Blocks are proved by any proof.
    ProveAnything,
    /// Blocks that were synced are taken back.
    RevertSynced,
    /// A pending balance is paid and stays.
    WithdrawKept,
    /// The price of full exits does not rise with what waits.
    FlatPrice,
    /// What is paid above the price of a full exit is credited twice.
    SurplusTwice,
    /// The arbitrator does not compare the chains' hashes.
    ConfirmUnequal
}
