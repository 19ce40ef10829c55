// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @dev What can happen in a run, in the order of Tallies.names. First what must be possible, then attacks, which must be refused.
enum Did {
    DepositNative,
    DepositToken,
    RequestCoins,
    RequestShares,
    RequestOthers,
    RequestAtBond,
    RequestAtPrice,
    PaySurplus,
    WithdrawPending,
    ExitCoins,
    ExitShares,
    RefundDeposit,
    RefundBond,
    PlanBlock,
    ServeDeposit,
    ServeFullExit,
    Swap,
    AddLiquidity,
    RemoveLiquidity,
    CommitBlock,
    RevertBlocks,
    PlanFalse,
    PlanUnasked,
    Replan,
    Equivocate,
    ProveBlocks,
    SyncBlock,
    Deliver,
    Redeliver,
    LoseMessage,
    ConfirmBlock,
    SendConfirmation,
    ExecuteBlocks,
    TriggerExitMode,
    SendHaltRequest,
    SendHalt,
    Wait,
    WaitLong,
    ExitTwice,
    ExitWrongAmount,
    ExitWrongToken,
    ExitOthers,
    ExitPool,
    ExitEarly,
    ExitCatchingUp,
    RefundConsumed,
    RefundTwice,
    RefundWrongAmount,
    RefundEarly,
    RefundCatchingUp,
    ExecuteTwice,
    ExecuteUnconfirmed,
    ExecuteAboveHalt,
    ExecuteOtherData,
    ProveFalse,
    SyncUnproved,
    CommitUnasked,
    CommitByAnyone,
    RevertSynced,
    ConfirmUnequal,
    ConfirmAfterHalt,
    ForgeConfirmation,
    ForgeHalt,
    ForgeHaltRequest,
    ForgeSyncHash,
    TriggerEarly,
    DepositOverBound,
    RequestOverBound,
    RequestWithoutBond,
    RequestUnderPrice,
    RequestOverLastBound,
    RequestWhenStopped,
    CommitWhenStopped,
    SyncWhenStopped
}

uint256 constant DID_COUNT = 74;

/// @title Names of what can happen
library Tallies {
    // forgefmt: disable-next-item
    function names() internal pure returns (string[DID_COUNT] memory) {
        return [
            "deposit native", "deposit token", "request coins", "request shares", "request others",
            "request at price of the bond", "request in full queue", "pay more than the price", "withdraw pending", "exit coins", "exit shares",
            "refund deposit", "refund bond", "plan block", "serve deposit", "serve full exit", "swap", "add liquidity", "remove liquidity",
            "commit block", "revert blocks", "plan false block", "plan unasked request", "replan", "equivocate", "prove", "sync",
            "deliver", "deliver again", "lose message", "confirm", "send confirmation again", "execute", "trigger exit mode", "send halt request",
            "send halt", "wait", "wait long", "exit twice", "exit wrong amount", "exit wrong token", "exit others' leaf", "exit pool", "exit early", "exit while catching up",
            "refund consumed", "refund twice", "refund wrong amount", "refund early", "refund while catching up", "execute twice", "execute unconfirmed", "execute above halt",
            "execute other data", "prove false block", "sync unproved", "commit unasked", "commit by anyone", "revert synced", "confirm unequal",
            "confirm after halt", "forge confirmation", "forge halt", "forge halt request", "forge sync hash", "trigger early",
            "deposit over bound", "request over bound", "request without bond", "request under price",
            "request over last bound", "request when stopped", "commit when stopped", "sync when stopped"
        ];
    }
}

/// @title How often what happened
abstract contract Tally {
    uint256[DID_COUNT] private _counts;
    /// Attacks that were not refused.
    uint256 internal accepted;
    /// The first of them.
    Did internal firstAccepted;
    /// Everything that happened.
    uint256 internal done;

    function counts() external view returns (uint256[DID_COUNT] memory) {
        return _counts;
    }

    function _did(Did what) internal {
        ++_counts[uint256(what)];
        ++done;
    }

    /// @dev An attack that went through counts as one, too.
    function _attacked(Did what, bool success) internal {
        if (success && accepted++ == 0) firstAccepted = what;
        _did(what);
    }

    /// @dev Random numbers of one call.
    function _random(uint256 seed, uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i)));
    }
}
