// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import { IArbitrator } from "../interfaces/IArbitrator.sol";
import { IArbitratorGateway, IRollupGateway } from "../interfaces/IGateway.sol";
import { IRollup } from "../interfaces/IRollup.sol";
import { ArbitratorSide } from "./ArbitratorSide.sol";
import { RollupSide } from "./RollupSide.sol";

/// @title Ethereum's own gateway
/// @notice The rollup contract and the arbitrator live on one chain: both sides are this contract, and a message is a call in the same transaction.
contract DirectGateway is ArbitratorSide, RollupSide, IRollupGateway, IArbitratorGateway {
    /// @notice Initializes the proxy. The gateway is its own other side.
    function initialize(address admin, address arbitrator_, address rollup_) external initializer {
        _initializeGateway(admin);
        _initializeArbitratorSide(arbitrator_);
        _initializeRollupSide(rollup_);
        remoteGateway = address(this);
    }

    /// @inheritdoc IRollupGateway
    function sendSyncHash(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable onlyRollup {
        IArbitrator(arbitrator).receiveSyncHash(blockNumber, syncHash);
        _refundSurplus(0, refundTo);
    }

    /// @inheritdoc IRollupGateway
    function sendSyncHashes(uint32 blockNumber, uint256 finalRoot, bytes32[] calldata syncHashes, address refundTo)
        external
        payable
        onlyRollup
    {
        IArbitrator(arbitrator).receiveSyncHashes(blockNumber, finalRoot, syncHashes);
        _refundSurplus(0, refundTo);
    }

    /// @inheritdoc IArbitratorGateway
    function sendConfirmation(uint32 blockNumber, bytes32 syncHash, address refundTo) external payable onlyArbitrator {
        IRollup(rollup).receiveConfirmation(blockNumber, syncHash);
        _refundSurplus(0, refundTo);
    }

    /// @inheritdoc IRollupGateway
    function sendHaltRequest(address refundTo) external payable onlyRollup {
        IArbitrator(arbitrator).receiveHaltRequest();
        _refundSurplus(0, refundTo);
    }

    /// @inheritdoc IArbitratorGateway
    function sendHalt(uint32 blockNumber, uint256 finalRoot, bytes32 syncHash, address refundTo)
        external
        payable
        onlyArbitrator
    {
        IRollup(rollup).receiveHalt(blockNumber, finalRoot, syncHash);
        _refundSurplus(0, refundTo);
    }

    /// @inheritdoc IRollupGateway
    function syncFee() external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IArbitratorGateway
    function confirmationFee(uint256) external pure returns (uint256) {
        return 0;
    }
}
