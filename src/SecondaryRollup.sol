// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "./interfaces/IGateway.sol";
import { ISecondaryRollup } from "./interfaces/IRollup.sol";
import { Deposits } from "./rollup/Deposits.sol";
import { ExitMode } from "./rollup/ExitMode.sol";
import { Executing } from "./rollup/Executing.sol";
import { Reverting } from "./rollup/Reverting.sol";
import { SecondaryCommitting } from "./rollup/SecondaryCommitting.sol";
import { Syncing } from "./rollup/Syncing.sol";
import { Withdrawals } from "./rollup/Withdrawals.sol";
import { StoredBlock } from "./types/Block.sol";
import { InitializeParameters } from "./types/InitializeParameters.sol";

/// @title The rollup on every chain but the primary
/// @notice Deposit, commit, sync, confirm, execute, withdraw: the stages of the primary without the proof. It accepts a block when a confirmation with
/// its own sync hash comes back through its gateway, and trusts nobody for the rest.
contract SecondaryRollup is Deposits, SecondaryCommitting, Syncing, Executing, Withdrawals, Reverting, ExitMode {
    /// @param exits_ the Exits contract whose code exit mode runs
    constructor(address exits_) ExitMode(exits_) { }

    /// @notice Initializes the proxy.
    function initialize(InitializeParameters calldata parameters) external initializer {
        _initialize(parameters);
    }

    /// @inheritdoc ISecondaryRollup
    function syncBlock(StoredBlock calldata stored) external payable nonReentrant {
        address gateway_ = _recordSync(stored);
        IRollupGateway(gateway_).sendSyncHash{ value: msg.value }(stored.blockNumber, stored.syncHash, msg.sender);
    }
}
