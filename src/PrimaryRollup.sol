// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IRollupGateway } from "./interfaces/IGateway.sol";
import { IPrimaryRollup } from "./interfaces/IRollup.sol";
import { Deposits } from "./rollup/Deposits.sol";
import { Executing } from "./rollup/Executing.sol";
import { Extended } from "./rollup/Extended.sol";
import { Proving } from "./rollup/Proving.sol";
import { Syncing } from "./rollup/Syncing.sol";
import { Withdrawals } from "./rollup/Withdrawals.sol";
import { StoredBlock } from "./types/Block.sol";
import { InitializeParameters } from "./types/InitializeParameters.sol";

/// @title The rollup on the chain that verifies proofs
/// @notice Deposit, commit, prove, sync, confirm, execute, withdraw, in this order; each stage is a contract of its own in src/rollup. It trusts its
/// verifier for the state transition, its gateway for confirmations, and nobody for the rest.
contract PrimaryRollup is Deposits, Proving, Syncing, Executing, Withdrawals, Extended {
    /// @param extension_ the RollupExtension that has the code of rare calls
    constructor(address extension_) Extended(extension_) { }

    /// @notice Initializes the proxy.
    function initialize(InitializeParameters calldata parameters) external initializer {
        _initialize(parameters);
    }

    /// @inheritdoc IPrimaryRollup
    function syncBlock(StoredBlock calldata stored, bytes32[] calldata syncHashes) external payable nonReentrant {
        if (stored.blockNumber > totalBlocksProved) revert BlockNotProved(totalBlocksProved, stored.blockNumber);
        address gateway_ = _recordSync(stored);
        _requireSyncHashes(stored, syncHashes);
        IRollupGateway(gateway_).sendSyncHashes{ value: msg.value }(
            stored.blockNumber, stored.finalRoot, syncHashes, msg.sender
        );
    }
}
