// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "./interfaces/IGateway.sol";
import { ISecondaryRollup } from "./interfaces/IRollup.sol";
import { Deposits } from "./rollup/Deposits.sol";
import { Executing } from "./rollup/Executing.sol";
import { Extended } from "./rollup/Extended.sol";
import { SecondaryCommitting } from "./rollup/SecondaryCommitting.sol";
import { Syncing } from "./rollup/Syncing.sol";
import { Withdrawals } from "./rollup/Withdrawals.sol";
import { StoredBlock } from "./types/Block.sol";
import { InitializeParameters } from "./types/InitializeParameters.sol";

/// @title The rollup on every chain but the primary
/// @notice Deposit, commit, sync, confirm, execute, withdraw: the stages of the primary without the proof. It accepts a block when a confirmation with
/// its own sync hash comes back through its gateway, and trusts nobody for the rest.
contract SecondaryRollup is Deposits, SecondaryCommitting, Syncing, Executing, Withdrawals, Extended {
    /// @param extension_ the RollupExtension that has the code of rare calls
    constructor(address extension_) Extended(extension_) { }

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
